//! What becomes of an item-period: its certificates, its close, and how it was reopened.

use disbursement::certificate::message;
use disbursement::period::Event;
use sm3::{Digest, Sm3};

use super::{CertificateRow, PeriodRow, ReopeningRow, Runs};
use crate::engine::{FoldError, Happened, Store};

impl Runs {
    pub(super) fn period(
        &mut self,
        happened: &Happened<'_>,
        event: &Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let id = happened.subject().to_owned();
        let at = happened.recorded.recorded_at;
        match event {
            Event::Opened { item, month, area, exception } => {
                self.periods.put(PeriodRow {
                    period: id.clone(),
                    item: *item,
                    month: *month,
                    area: *area,
                    stage: "open".to_owned(),
                    exception: exception.clone(),
                    closed_by: None,
                    certificate: None,
                    reopenings: 0,
                    position: happened.position(),
                });
            }
            // The plan's own event in the same append makes its row.
            Event::RunAdded { .. } => {}
            Event::Certified { number, certificate } => {
                let body = serde_json::to_string(certificate)
                    .map_err(|fault| FoldError::refused(fault.to_string()))?;
                let digest = Sm3::digest(message(&id, *number, &body).as_bytes());
                self.certificates.put(CertificateRow {
                    period: id.clone(),
                    number: *number,
                    body,
                    digest: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
                    by: happened.meta.actor.clone(),
                    at,
                    signature: None,
                    signed_by: None,
                    closed_by: None,
                    closed_at: None,
                    position: happened.position(),
                });
                self.periods.update(&id, store, |row| row.certificate = Some(*number))?;
            }
            Event::CertificateSigned(signed) => {
                self.certificates.update(&(id.clone(), signed.certificate), store, |row| {
                    row.signature = Some(signed.signature.clone());
                    row.signed_by = Some(signed.by.clone());
                })?;
            }
            Event::Closed { by, certificate } => {
                self.certificates.update(&(id.clone(), *certificate), store, |row| {
                    (row.closed_by, row.closed_at) = (Some(by.clone()), Some(at));
                })?;
                self.periods.update(&id, store, |row| {
                    "closed".clone_into(&mut row.stage);
                    row.closed_by = Some(by.clone());
                })?;
            }
            Event::ReopeningAsked { by, reason } => {
                let (mut number, mut certificate) = (0, None);
                self.periods.update(&id, store, |row| {
                    row.reopenings += 1;
                    (number, certificate) = (row.reopenings, row.certificate);
                })?;
                self.reopenings.put(ReopeningRow {
                    period: id.clone(),
                    number,
                    asked_by: by.clone(),
                    asked_at: at,
                    reason: reason.clone(),
                    reopened_by: None,
                    reopened_at: None,
                    certificate,
                });
            }
            Event::Reopened { by, .. } => {
                let mut number = 0;
                self.periods.update(&id, store, |row| {
                    "open".clone_into(&mut row.stage);
                    (row.closed_by, number) = (None, row.reopenings);
                })?;
                self.reopenings.update(&(id.clone(), number), store, |row| {
                    (row.reopened_by, row.reopened_at) = (Some(by.clone()), Some(at));
                })?;
            }
        }
        let position = happened.position();
        if self.periods.update(&id, store, |row| row.position = position)? {
            return Ok(());
        }
        Err(FoldError::refused(format!("item-period {id} was never opened")))
    }
}
