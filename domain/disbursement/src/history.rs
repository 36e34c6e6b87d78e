//! What was ever released of this context. A new decider is one word in this list.

use crate::account::Account;
use crate::batch::Batch;
use crate::obligation::Obligation;
use crate::part::Part;
use crate::period::Period;
use crate::plan::Plan;
use crate::statement::Statement;

::laws::history!("disbursement": Plan, Part, Batch, Obligation, Account, Statement, Period);
