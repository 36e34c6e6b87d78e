//! A plan's row: what each event makes of it, and who it waits for.

use disbursement::plan::{Event, Header, Step};
use kernel::Position;
use shared::Money;

use super::PlanRow;
use crate::engine::{FoldError, Happened};

/// An act, the role it was done in, and its reason.
type Act = (&'static str, Option<String>, Option<String>);

impl PlanRow {
    pub(super) fn opened(
        plan: String,
        header: &Header,
        happened: &Happened<'_>,
    ) -> Result<Self, FoldError> {
        let steps = serde_json::to_string(&header.chain)
            .map_err(|fault| FoldError::refused(fault.to_string()))?;
        Ok(Self {
            plan,
            period: format!("{}-{}-{}", header.item, header.month, header.area),
            item: header.item,
            month: header.month,
            area: header.area,
            fund: header.fund,
            agency: header.agency,
            run: header.run,
            number: header.number,
            pay_day: header.pay_day,
            stage: "open".to_owned(),
            waits_for: Some("freeze".to_owned()),
            chain: Vec::new(),
            frozen: 0,
            frozen_at: Position::START,
            lines: 0,
            gross: Money::ZERO,
            deductions: Money::ZERO,
            excluded: 0,
            reserved: Money::ZERO,
            account: None,
            instructed_lines: 0,
            instructed: Money::ZERO,
            held_lines: 0,
            held: Money::ZERO,
            steps,
            revision: happened.recorded.revision.0,
            position: happened.position(),
        })
    }

    #[must_use]
    pub fn net(&self) -> Money {
        self.gross - self.deductions
    }

    fn now(&mut self, stage: &str, waits_for: Option<&str>) {
        self.stage = stage.to_owned();
        self.waits_for = waits_for.map(str::to_owned);
    }

    /// `freed` is what the batch had instructed that this event takes back, if it takes one.
    pub(super) fn apply(&mut self, event: &Event, freed: (u32, Money)) -> Result<(), FoldError> {
        match event {
            Event::Opened(_) => {}
            Event::PopulationFrozen { at, grants, .. } => {
                (self.frozen_at, self.frozen) = (*at, *grants);
                self.now("frozen", Some("calculate"));
            }
            Event::PartCalculated { .. } => {}
            Event::Calculated { totals, excluded } => {
                (self.lines, self.gross) = (totals.lines, totals.gross);
                (self.deductions, self.excluded) = (totals.deductions, *excluded);
                self.now("calculated", Some("handler"));
            }
            Event::Submitted { .. } => {
                self.chain = self.levels()?;
                self.next_level();
            }
            Event::Reviewed { .. } => self.next_level(),
            Event::SentBack { .. } => {
                self.chain = Vec::new();
                self.now("calculated", Some("handler"));
            }
            Event::Approved { .. } | Event::ApprovedElsewhere { .. } => {
                self.now("approved", Some("reserve"));
            }
            Event::FundsReserved { account, amount } => {
                (self.account, self.reserved) = (Some(account.clone()), *amount);
                self.now("funded", Some("compose"));
            }
            Event::BatchComposed { lines, total, .. } => {
                self.instructed_lines += lines;
                self.instructed += *total;
            }
            Event::BatchFreed { .. } => {
                self.instructed_lines -= freed.0;
                self.instructed -= freed.1;
                self.now("funded", Some("compose"));
            }
            Event::Composed { instructed_lines, instructed, held_lines, held } => {
                (self.instructed_lines, self.instructed) = (*instructed_lines, *instructed);
                (self.held_lines, self.held) = (*held_lines, *held);
                self.now("composed", None);
            }
            Event::Cancelled { .. } => self.now("cancelled", None),
        }
        Ok(())
    }

    fn levels(&self) -> Result<Vec<String>, FoldError> {
        let steps: Vec<Step> = serde_json::from_str(&self.steps)
            .map_err(|fault| FoldError::refused(fault.to_string()))?;
        let net = self.net();
        Ok(steps
            .into_iter()
            .filter(|step| step.above.is_none_or(|above| net > above))
            .map(|step| step.role)
            .collect())
    }

    fn next_level(&mut self) {
        let next = if self.chain.is_empty() { None } else { Some(self.chain.remove(0)) };
        self.now("in_review", next.as_deref());
    }

    /// What a person did to a plan: the act, the role he did it in, and his reason.
    pub(super) fn act(event: &Event) -> Option<Act> {
        match event {
            Event::Opened(_) => Some(("opened", None, None)),
            Event::PopulationFrozen { .. } => Some(("frozen", None, None)),
            Event::Calculated { .. } => Some(("calculated", None, None)),
            Event::Submitted { .. } => Some(("submitted", Some("handler".to_owned()), None)),
            Event::Reviewed { role, .. } => Some(("reviewed", Some(role.clone()), None)),
            Event::SentBack { role, reason, .. } => {
                Some(("sent_back", Some(role.clone()), Some(reason.clone())))
            }
            Event::FundsReserved { .. } => Some(("funds_reserved", None, None)),
            Event::Composed { .. } => Some(("composed", None, None)),
            Event::Cancelled { reason, .. } => Some(("cancelled", None, Some(reason.clone()))),
            Event::PartCalculated { .. }
            | Event::Approved { .. }
            | Event::ApprovedElsewhere { .. }
            | Event::BatchComposed { .. }
            | Event::BatchFreed { .. } => None,
        }
    }
}
