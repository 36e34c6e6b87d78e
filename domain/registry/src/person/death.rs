//! The rules of death: reported, confirmed, withdrawn.

use shared::{Date, Month};

use super::{DeathReport, DeathSource, DeathStage, Error, Event, Life, Record, given};

impl Record {
    pub(super) fn report_death(&self, report: DeathReport) -> Result<Vec<Event>, Error> {
        let DeathReport { died_on, reported_on, source: _, verify_by } = report;
        self.may_have_died(died_on, reported_on)?;
        if verify_by < reported_on {
            return Err(Error::DeadlineBeforeReport { verify_by, reported_on });
        }
        match &self.life {
            Life::Alive => Ok(vec![Event::DeathReported(report)]),
            // A second source that says the same is no news; one that differs waits for the first.
            Life::Reported(earlier) if earlier.died_on == died_on => Ok(vec![]),
            Life::Dead { died_on: earlier } if *earlier == died_on => Ok(vec![]),
            Life::Reported(earlier) => Err(Error::DeathReported { died_on: earlier.died_on }),
            Life::Dead { died_on } => Err(Error::DeathConfirmed { died_on: *died_on }),
        }
    }

    pub(super) fn confirm_death(
        &self,
        died_on: Date,
        confirmed_on: Date,
        source: DeathSource,
    ) -> Result<Vec<Event>, Error> {
        self.may_have_died(died_on, confirmed_on)?;
        match &self.life {
            Life::Alive => Err(Error::DeathNotReported),
            Life::Reported(_) => Ok(vec![Event::DeathConfirmed { died_on, confirmed_on, source }]),
            Life::Dead { died_on: earlier } if *earlier == died_on => Ok(vec![]),
            Life::Dead { died_on } => Err(Error::DeathConfirmed { died_on: *died_on }),
        }
    }

    pub(super) fn withdraw_death(
        &self,
        withdrawn_on: Date,
        reason: String,
        by: String,
        approver: Option<String>,
    ) -> Result<Vec<Event>, Error> {
        let reason = given(reason)?;
        let (died_on, stage) = match &self.life {
            Life::Alive => return Err(Error::DeathNotReported),
            Life::Reported(report) => (report.died_on, DeathStage::Reported),
            Life::Dead { died_on } => match &approver {
                None => return Err(Error::WithdrawalNotApproved { died_on: *died_on }),
                Some(approver) if *approver == by => {
                    return Err(Error::ApproverIsWithdrawer { by });
                }
                Some(_) => (*died_on, DeathStage::Confirmed),
            },
        };
        Ok(vec![Event::DeathReportWithdrawn { died_on, withdrawn_on, stage, reason, approver }])
    }

    /// Nobody dies before his birth, and nobody knows of a death before its day.
    fn may_have_died(&self, died_on: Date, known_on: Date) -> Result<(), Error> {
        if died_on > known_on {
            return Err(Error::DeathAhead { died_on, on: known_on });
        }
        born_by(self.birth, died_on)
    }
}

pub(super) fn born_by(birth: Month, died_on: Date) -> Result<(), Error> {
    if Month::of(died_on) < birth {
        return Err(Error::DiedBeforeBirth { died_on, birth });
    }
    Ok(())
}
