//! Movements on a statement that no batch explains get an owner, wait in a suspense account, and are
//! cleared when the bank takes them back (DISBURSEMENT 4.10).

use anyhow::Result;
use commands::disbursement::BookKey;
use disbursement::statement::Counter;
use shared::BankCode;
use simulations::story::banks::{STRAYS, Stray};

use crate::demo::office::Office;

pub async fn evening(office: &Office<'_>, book: BookKey, main: BankCode) -> Result<()> {
    let pay = &office.node.disbursement;
    let statement = |stray: &Stray| format!("{main}-{book}-{}", stray.on);
    for stray in STRAYS.iter().filter(|stray| stray.on == office.day.get()) {
        let (own, serial) = (statement(stray), stray.serial);
        let envelope = office.envelope("accountant", "assign", serial)?;
        pay.assign_difference(&envelope, &own, serial, "demo.cashier").await?;
        let taken_back = stray.clears.and_then(|of| STRAYS.iter().find(|one| one.serial == of));
        match taken_back {
            None => {
                let envelope = office.envelope("accountant", "suspend", serial)?;
                pay.book_difference(&envelope, &own, serial).await?;
            }
            Some(first) => {
                let first =
                    Counter { statement: statement(first), serial: first.serial.to_owned() };
                let second = Counter { statement: own, serial: serial.to_owned() };
                let envelope = office.envelope("accountant", "clear", serial)?;
                pay.clear_difference(&envelope, &first, &second).await?;
            }
        }
    }
    Ok(())
}
