//! What warnings tell: one fact for each stage that a case comes into, one that it leaves the stage
//! before, and one for each day on which a step is late. The stock of a stage is the sum of changes.

use ::warnings::case::Event;
use ::warnings::{Channel, Stage};
use definitions::{Dimension, FactKind, Number};
use shared::Date;
use uuid::Uuid;

use super::Known;
use super::keeper::{Teller, Told};
use super::rows::WarningRow;
use crate::engine::FoldError;

/// By hand, without a rule.
const NO_RULE: &str = "";

pub(super) fn warning(
    teller: &mut Teller<'_>,
    known: &mut Known,
    event: &Event,
) -> Result<(), FoldError> {
    let warning: Uuid = teller.happened.id()?;
    let on = event.on();
    let before = known.warnings.get(&warning, teller.store)?.cloned();
    let after = match (&before, begun(warning, event)) {
        (_, Some(first)) => first,
        (Some(before), None) => moved(before, event),
        (None, None) => {
            return Err(FoldError::refused(format!("warning {warning} was never raised")));
        }
    };
    let revision = teller.happened.recorded.revision.0;
    let fact = |what: &str, row: &WarningRow, step: &str| {
        let name = format!("{warning}|{revision}|{what}");
        Told::new(FactKind::WarningStep, name, on)
            .of(warning)
            .with(Dimension::County, county(row))
            .with(Dimension::Level, row.level.code())
            .with(Dimension::Class, &row.class)
            .with(Dimension::Channel, row.channel.code())
            .with(Dimension::Rule, &row.rule)
            .with(Dimension::Status, row.stage.code())
            .with(Dimension::Step, step)
    };
    let step = step(event);
    let same = before
        .as_ref()
        .is_some_and(|before| (before.stage, before.level) == (after.stage, after.level));
    if !same {
        if let Some(before) = &before {
            teller.tell(fact("out", before, "").number(Number::Change, -1))?;
        }
        let mut told = fact("in", &after, step).number(Number::Change, 1);
        if !after.stage.is_open() {
            told = told.number(Number::Days, days(after.raised_on, on));
        }
        if let Event::Handled { how, .. } = event {
            told = told.with(Dimension::Kind, how.code());
        }
        teller.tell(told)?;
    } else if !step.is_empty() {
        let told = fact("at", &after, step);
        teller.tell(match event {
            Event::Handled { how, .. } => told.with(Dimension::Kind, how.code()),
            _ => told,
        })?;
    }
    known.warnings.put(after);
    Ok(())
}

/// What a case is when it begins.
fn begun(warning: Uuid, event: &Event) -> Option<WarningRow> {
    let (division, level, class, channel, rule, on) = match event {
        Event::Raised(raised) => (
            raised.division,
            raised.signal.level,
            &raised.class,
            Channel::Automatic,
            raised.rule.as_str(),
            event.on(),
        ),
        Event::Entered(entered) => {
            (entered.division, entered.level, &entered.class, entered.channel, NO_RULE, event.on())
        }
        _ => return None,
    };
    Some(WarningRow {
        warning,
        division,
        level,
        class: class.clone(),
        channel,
        rule: rule.to_owned(),
        stage: Stage::Raised,
        before_release: Stage::Raised,
        raised_on: on,
    })
}

fn moved(before: &WarningRow, event: &Event) -> WarningRow {
    let mut after = before.clone();
    if let Some(stage) = event.leads_to(before.before_release) {
        after.stage = stage;
    }
    match event {
        Event::LevelMoved { to, .. } => after.level = *to,
        Event::Reopened { signal, stamp, .. } => {
            after.raised_on = stamp.now.on;
            after.level = signal.as_ref().map_or(after.level, |signal| signal.level);
        }
        Event::Released { .. } => after.before_release = before.stage,
        _ => {}
    }
    after
}

/// As indicators call it; empty where nothing is counted.
fn step(event: &Event) -> &'static str {
    match event {
        Event::Raised(_) | Event::Entered(_) => "raised",
        Event::Confirmed { .. } => "confirmed",
        Event::Rejected { .. } => "rejected",
        Event::Merged { .. } => "merged",
        Event::Dispatched { .. } => "dispatched",
        Event::DispatchReturned { .. } => "dispatch-returned",
        Event::Reassigned { .. } => "reassigned",
        Event::Accepted { .. } => "accepted",
        Event::SiteVerified { .. } => "site-verified",
        Event::Handled { .. } => "handled",
        Event::FeedbackGiven { .. } => "feedback-given",
        Event::Released { .. } => "released",
        Event::ReleaseUndone { .. } => "release-undone",
        Event::PreFiled { .. } => "pre-filed",
        Event::Cleared { .. } => "cleared",
        Event::Lifted { .. } => "lifted",
        Event::Reopened { .. } => "reopened",
        Event::Archived { .. } => "archived",
        Event::LevelMoved { .. } => "level-moved",
        Event::Reminded { late: true, .. } => "late",
        Event::Reminded { late: false, .. }
        | Event::EvidenceAppended { .. }
        | Event::ClockStopped { .. }
        | Event::ClockResumed { .. }
        | Event::ClockExtended { .. }
        | Event::Escalated { .. } => "",
    }
}

fn county(row: &WarningRow) -> String {
    let county = row.division.map(|division| division.county().unwrap_or(division));
    county.map(|county| county.to_string()).unwrap_or_default()
}

fn days(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()).max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_know_the_words_of_a_case() {
        let words = |dimension| FactKind::WarningStep.words_of(dimension).unwrap();
        let stages: Vec<&str> = Stage::ALL.iter().map(|stage| stage.code()).collect();
        assert_eq!(words(Dimension::Status), stages);
        let levels: Vec<&str> = ::warnings::Level::ALL.iter().map(|level| level.code()).collect();
        assert_eq!(words(Dimension::Level), levels);
        let channels: Vec<&str> = Channel::ALL.iter().map(|channel| channel.code()).collect();
        assert_eq!(words(Dimension::Channel), channels);
        let ways: Vec<&str> = ::warnings::Handling::ALL.iter().map(|how| how.code()).collect();
        assert_eq!(words(Dimension::Kind), ways);
    }
}
