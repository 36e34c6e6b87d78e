//! What was ever released of this context. A new decider is one word in this list.

use crate::account::Account;
use crate::batch::Batch;
use crate::comparison::Comparison;
use crate::deduction::Deduction;
use crate::feed::Feed;
use crate::heirs::Heirs;
use crate::obligation::Obligation;
use crate::opening::Opening;
use crate::part::Part;
use crate::period::Period;
use crate::plan::Plan;
use crate::recovery::Recovery;
use crate::restoration::Restoration;
use crate::return_case::ReturnCase;
use crate::statement::Statement;

::laws::history!("disbursement": Plan, Part, Batch, Obligation, ReturnCase, Heirs, Deduction, Comparison, Account, Statement, Period, Recovery, Opening, Feed, Restoration);
