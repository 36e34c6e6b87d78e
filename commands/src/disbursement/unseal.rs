//! What a bank file needs in clear: each payee's number, account and name, for as long as it is made.

use std::num::NonZeroUsize;
use std::thread;

use disbursement::batch::Attempt;
use disbursement::part::Part;
use shared::Pii;

use super::Disbursement;
use super::ports::PayeeEnvelopes;
use crate::error::CommandError;

/// Payees whose envelopes are worth a thread.
const SHARE_MIN: usize = 256;

pub(super) struct Clear {
    pub(super) id_number: Pii<String>,
    pub(super) account: Pii<String>,
    pub(super) account_name: Pii<String>,
}

impl Disbursement {
    /// In order, on every processor: each envelope is a decryption of its own.
    pub(super) fn unseal_all(
        &self,
        part: &Part,
        attempts: &[Attempt],
        payees: &[Option<PayeeEnvelopes>],
    ) -> Result<Vec<Clear>, CommandError> {
        let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let share = payees.len().div_ceil(processors).max(SHARE_MIN);
        let open = |attempts: &[Attempt], payees: &[Option<PayeeEnvelopes>]| {
            let opened = attempts.iter().zip(payees).map(|(attempt, payee)| match payee {
                Some(payee) => self.unseal(payee),
                None => Err(CommandError::NotFound {
                    what: "pay address",
                    id: part.lines[attempt.line as usize].address.to_string(),
                }),
            });
            opened.collect::<Result<Vec<_>, _>>()
        };
        let open = &open;
        thread::scope(|threads| {
            let shares = attempts.chunks(share).zip(payees.chunks(share));
            let opening: Vec<_> = shares
                .map(|(attempts, payees)| threads.spawn(move || open(attempts, payees)))
                .collect();
            let mut clear = Vec::with_capacity(payees.len());
            for share in opening {
                clear.extend(share.join().expect("opening an envelope does not panic")?);
            }
            Ok(clear)
        })
    }

    fn unseal(&self, payee: &PayeeEnvelopes) -> Result<Clear, CommandError> {
        let keys = self.executor.keys();
        let open = |envelope: &str| keys.open(payee.subject, envelope).map_err(CommandError::fault);
        Ok(Clear {
            id_number: match &payee.id_number {
                // A foreign document is sealed as country and number; a bank wants the number.
                Some(envelope) => open(envelope)?.map(|number| match number.split_once('/') {
                    Some((_, number)) => number.to_owned(),
                    None => number,
                }),
                None => Pii::new(String::new()),
            },
            account: open(&payee.account)?,
            account_name: open(&payee.account_name)?,
        })
    }
}
