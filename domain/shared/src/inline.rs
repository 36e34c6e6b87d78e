//! A short ASCII text held in place, so that codes and obligation ids are `Copy`: a run folds
//! millions of them and must not allocate for each.

/// At most `N` ASCII characters, none of them NUL; unused bytes are zero, so the derived order is
/// the order of the texts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Inline<const N: usize> {
    bytes: [u8; N],
    len: u8,
}

impl<const N: usize> Inline<N> {
    /// `None` when the text is longer than `N` or holds anything but printable ASCII.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let len = u8::try_from(text.len()).ok()?;
        if text.len() > N || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return None;
        }
        let mut bytes = [0; N];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Some(Self { bytes, len })
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)])
            .expect("an inline text is ASCII: `new` admits nothing else")
    }

    pub(crate) fn len(&self) -> usize {
        usize::from(self.len)
    }
}
