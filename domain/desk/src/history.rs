//! What was ever released of this context.

use crate::layout::Layout;
use crate::note::Note;

::laws::history!("desk": Note, Layout);
