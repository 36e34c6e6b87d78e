//! What was ever released of this context.

use crate::address::Address;
use crate::application::Application;
use crate::card::Card;

::laws::history!("cards": Application, Card, Address);
