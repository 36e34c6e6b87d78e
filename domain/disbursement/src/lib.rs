//! Card disbursement 社保卡资金发放: from a frozen population to a certified ledger.
//!
//! | stream | what it is | rule file |
//! |---|---|---|
//! | `period-<item>-<month>-<area>` | an item-period 账期: its runs, certificate, close | [`period`] |
//! | `plan-<item>-<month>-<area>-<n>` | one run 发放计划: population, totals, reviews, funds | [`plan`] |
//! | `part-<plan>-<k>` | at most 50,000 lines of a plan | [`part`] |
//! | `batch-<part>-<bank>` | what one bank is told 报盘, and what it answers 回盘 | [`batch`] |
//! | `obligation-<obligation id>` | what happens to one line alone | [`obligation`] |
//! | `return-<obligation>#<attempt>` | one returned attempt 退票 until it is paid | [`return_case`] |
//! | `heirs-<deceased>` | what the dead were still owed, and who draws it | [`heirs`] |
//! | `deduction-<id>` | what is kept back from a person's pay 扣款 | [`deduction`] |
//! | `comparison-<plan>` | a plan beside the month before 比对清单 | [`comparison`] |
//! | `account-<fund>-<area>-<agency>-<year>` | one book, two ledgers | [`account`] |
//! | `statement-<bank>-<account>-<date>` | one day of a bank account 对账单 | [`statement`] |
//! | `recovery-<obligation id>` | an overpayment until nothing is owed 追回 | [`recovery`] |
//! | `opening-<item>-<area>` | what was before the first run 期初 | [`opening`] |
//! | `restoration-<epoch>` | what banks received since the backup 恢复后核对 | [`restoration`] |
//! | `feed-<source>-<item>-<area>` | runs that another system paid 回流 | [`feed`] |
//!
//! **Obligation** 应付义务 is what is owed and never changes its id; **attempt** 发放尝试 is one try
//! to pay it. An obligation has at most one attempt that is open, unknown or paid.

#![deny(clippy::wildcard_enum_match_arm)]

pub mod account;
pub mod batch;
pub mod certificate;
pub mod comparison;
pub mod deduction;
mod faults;
pub mod feed;
pub mod heirs;
pub mod journal;
pub mod ledger;
pub mod line;
pub mod obligation;
pub mod opening;
pub mod part;
pub mod period;
pub mod plan;
pub mod reconcile;
pub mod recovery;
pub mod restoration;
pub mod return_case;
pub mod statement;

#[cfg(test)]
mod city;
#[cfg(test)]
mod coverage;
#[cfg(test)]
mod history;
#[cfg(test)]
mod treasury;
#[cfg(test)]
mod walk;

pub use certificate::{BookBridge, Certificate, ItemBridge};
pub use ledger::{Entry, Ledger, Voucher};
pub use line::{Excluded, Exclusion, Line, Totals, Workings};
