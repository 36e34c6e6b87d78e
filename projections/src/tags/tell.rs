//! Which event says what about whom.

mod pay;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use conditions::facts::{AGE_BANDS, UNIT_BANDS, find};
use conditions::timeline::EVER;
use conditions::{Origin, Subject, Timeline, Value};
use serde::Deserialize;
use shared::{Date, DivisionCode, EventId, Money, Month};

use super::Tags;
use super::rows::{Body, OwnerRow, SubjectRow};
use crate::engine::{FoldError, Happened, Store, StoreError};
use crate::facts::Fact;

/// Whose facts changed, and which.
pub(super) type Touched = BTreeMap<(Subject, String), BTreeSet<&'static str>>;

/// The one row of what is unanswered.
const PENDING: u32 = 0;

#[derive(Deserialize)]
struct DayOpened {
    date: Date,
}

pub(super) fn tell(
    tags: &mut Tags,
    happened: &Happened<'_>,
    store: &mut dyn Store,
) -> Result<Touched, FoldError> {
    let mut teller = Teller { tags, store, origin: happened.origin(), touched: Touched::new() };
    let today = happened.meta.business_date;
    match happened.fact {
        Fact::Person(event) => teller.person(happened.subject(), event, today)?,
        Fact::Employer(event) => teller.employer(happened.subject(), event)?,
        Fact::Card(event) => teller.card(happened.subject(), event)?,
        Fact::PayAddress(event) => teller.address(happened.subject(), event)?,
        Fact::Grant(event) => teller.grant(happened.id()?, event)?,
        Fact::Obligation(event) => teller.obligation(happened.id()?, event, today)?,
        Fact::Batch(event) => teller.batch(happened.subject(), event, today)?,
        Fact::Observation(event) => teller.observation(event)?,
        Fact::Unknown if happened.recorded.type_name == "calendar.day_opened.v1" => {
            let opened: Result<DayOpened, _> = serde_json::from_str(&happened.recorded.data);
            let opened = opened.map_err(|error| FoldError::refused(error.to_string()))?;
            teller.day(opened.date)?;
        }
        _ => {}
    }
    Ok(teller.touched)
}

impl Happened<'_> {
    /// The event, as what it says rests on it.
    pub(super) fn origin(&self) -> Arc<Origin> {
        Arc::new(Origin {
            event: EventId::from_uuid(self.recorded.id),
            position: self.position().0,
            source: self.recorded.type_name.clone(),
        })
    }
}

struct Teller<'a> {
    tags: &'a mut Tags,
    store: &'a mut dyn Store,
    origin: Arc<Origin>,
    touched: Touched,
}

impl Teller<'_> {
    /// Changes one fact of a subject; `change` says whether anything did.
    fn edit(
        &mut self,
        kind: Subject,
        id: &str,
        fact: &'static str,
        change: impl FnOnce(&mut Timeline, &Arc<Origin>) -> bool,
    ) -> Result<(), StoreError> {
        let (key, origin) = ((kind, id.to_owned()), &self.origin);
        let mut changed = false;
        let first =
            || SubjectRow { kind, subject: id.to_owned(), county: None, body: Body::default() };
        self.tags.subjects.update_or(&key, self.store, first, |row| {
            let known = row.body.facts.contains_key(fact);
            let line = row.body.facts.entry(fact.to_owned()).or_default();
            if !known && let Some(absent) = find(kind, fact).and_then(|fact| fact.absent.clone()) {
                line.set(EVER, Some(absent), origin);
            }
            changed = change(line, origin);
        })?;
        if changed {
            self.touched.entry(key).or_default().insert(fact);
        }
        Ok(())
    }

    fn set(
        &mut self,
        (kind, id): (Subject, &str),
        fact: &'static str,
        from: Date,
        value: Option<Value>,
    ) -> Result<(), StoreError> {
        self.edit(kind, id, fact, |line, origin| line.set(from, value, origin))
    }

    fn add(
        &mut self,
        (kind, id): (Subject, &str),
        fact: &'static str,
        from: Date,
        by: i64,
    ) -> Result<(), StoreError> {
        self.edit(kind, id, fact, |line, origin| line.add(from, by, origin))
    }

    fn at(&mut self, kind: Subject, id: &str, county: DivisionCode) -> Result<(), StoreError> {
        self.tags.subjects.update(&(kind, id.to_owned()), self.store, |row| {
            row.county = Some(county);
        })?;
        Ok(())
    }

    fn timeline(&mut self, kind: Subject, id: &str, fact: &str) -> Result<Timeline, StoreError> {
        let row = self.tags.subjects.get(&(kind, id.to_owned()), self.store)?;
        Ok(row.and_then(|row| row.body.facts.get(fact).cloned()).unwrap_or_default())
    }

    fn bands(
        &mut self,
        of: (Subject, &str),
        from: Date,
        bands: &[(i16, &str)],
    ) -> Result<(), StoreError> {
        let mut begin = EVER;
        for (years, band) in bands {
            if *years > 0 {
                let span = jiff::Span::new().years(*years);
                begin = from.checked_add(span).unwrap_or(Date::MAX);
            }
            self.set(of, "age_band", begin, Some(word(band)))?;
        }
        Ok(())
    }

    fn person(
        &mut self,
        id: &str,
        event: &registry::person::Event,
        today: Date,
    ) -> Result<(), FoldError> {
        use registry::person::Event;
        let of = (Subject::Person, id);
        match event {
            Event::Registered(as_is) => {
                self.set(of, "life", EVER, Some(word("alive")))?;
                self.set(of, "sex", EVER, Some(word(as_is.sex.code())))?;
                self.born(of, as_is.birth)?;
                self.county(of, as_is.county)?;
            }
            Event::DetailsCorrected(correction) => {
                if let Some(sex) = correction.sex {
                    self.set(of, "sex", EVER, Some(word(sex.code())))?;
                }
                if let Some(birth) = correction.birth {
                    self.born(of, birth)?;
                }
                if let Some(county) = correction.county {
                    self.county(of, county)?;
                }
                if correction.is_double() {
                    self.add(of, "double_corrections", today, 1)?;
                }
            }
            Event::GuardianAssigned { from, .. } => {
                self.set(of, "guarded", *from, Some(Value::Flag(true)))?;
            }
            Event::GuardianReleased { on, .. } => {
                self.set(of, "guarded", *on, Some(Value::Flag(false)))?;
            }
            Event::DeathReported(report) => {
                self.set(of, "life", report.died_on, Some(word("death_reported")))?;
                self.known_late(of, report.died_on, report.reported_on)?;
            }
            Event::DeathConfirmed { died_on, confirmed_on, .. } => {
                self.set(of, "life", EVER, Some(word("alive")))?;
                self.set(of, "life", *died_on, Some(word("dead")))?;
                self.set(of, "died_on", *died_on, Some(Value::Date(*died_on)))?;
                if self.timeline(Subject::Person, id, "death_late_days")?.is_empty() {
                    self.known_late(of, *died_on, *confirmed_on)?;
                }
                self.after_death(id, Some(*died_on), today)?;
            }
            Event::DeathReportWithdrawn { .. } => {
                self.set(of, "life", EVER, Some(word("alive")))?;
                self.set(of, "died_on", EVER, None)?;
                self.set(of, "death_late_days", EVER, None)?;
                self.after_death(id, None, today)?;
            }
            Event::Merged { .. } => self.set(of, "merged", today, Some(Value::Flag(true)))?,
            Event::Split { .. } => self.set(of, "merged", today, Some(Value::Flag(false)))?,
            // Contacts are sealed, and what others add later says nothing of a state.
            _ => {}
        }
        Ok(())
    }

    fn born(&mut self, of: (Subject, &str), birth: Month) -> Result<(), StoreError> {
        self.set(of, "born", EVER, Some(Value::Month(birth)))?;
        // The day is sealed: the month after the birthday is the first in which it is sure.
        self.bands(of, birth.next().first_day(), &AGE_BANDS)
    }

    fn county(&mut self, of: (Subject, &str), county: DivisionCode) -> Result<(), StoreError> {
        self.set(of, "county", EVER, Some(Value::Text(county.to_string())))?;
        self.at(of.0, of.1, county)
    }

    fn known_late(
        &mut self,
        of: (Subject, &str),
        died_on: Date,
        known_on: Date,
    ) -> Result<(), StoreError> {
        let days = died_on.until(known_on).map_or(0, |span| i64::from(span.get_days()));
        self.set(of, "death_late_days", known_on, Some(Value::Number(days.max(0))))
    }

    /// Months after the month of death for which something was instructed (劳社厅发〔2001〕8号).
    fn after_death(
        &mut self,
        id: &str,
        died_on: Option<Date>,
        today: Date,
    ) -> Result<(), StoreError> {
        let instructed = self.timeline(Subject::Person, id, "instructed")?;
        let Some(died_on) = died_on else {
            return self.set(
                (Subject::Person, id),
                "paid_after_death",
                today,
                Some(Value::Number(0)),
            );
        };
        let last = Month::of(died_on);
        let paid = instructed.steps().iter().filter(|step| {
            Month::of(step.from) > last
                && matches!(step.value, Some(Value::Money(sum)) if sum > Money::ZERO)
        });
        let months = i64::try_from(paid.count()).unwrap_or(i64::MAX);
        self.set((Subject::Person, id), "paid_after_death", today, Some(Value::Number(months)))
    }

    fn employer(&mut self, id: &str, event: &registry::employer::Event) -> Result<(), FoldError> {
        use registry::employer::Event;
        let of = (Subject::Employer, id);
        let (details, on) = match event {
            Event::Registered { details, on, .. } => {
                self.bands(of, *on, &UNIT_BANDS)?;
                (details, EVER)
            }
            Event::VirtualRegistered { details, on, .. } => {
                self.bands(of, *on, &UNIT_BANDS)?;
                self.set(of, "virtual", EVER, Some(Value::Flag(true)))?;
                (details, EVER)
            }
            Event::Changed { details, on, .. } => (details, *on),
            Event::Merged { on, .. } | Event::Deregistered { on, .. } => {
                self.set(of, "closed", *on, Some(Value::Flag(true)))?;
                return Ok(());
            }
            Event::Absorbed { .. } => return Ok(()),
        };
        let kind = serde_json::to_value(details.kind).ok();
        let kind = kind.as_ref().and_then(|kind| kind.as_str()).map(word);
        self.set(of, "kind", on, kind)?;
        self.set(of, "industry", on, details.industry.clone().map(Value::Text))?;
        self.set(of, "county", on, Some(Value::Text(details.county.to_string())))?;
        self.at(of.0, of.1, details.county)?;
        Ok(())
    }

    fn card(&mut self, id: &str, event: &cards::card::Event) -> Result<(), FoldError> {
        use cards::card::Event;
        let holder = |teller: &mut Self| -> Result<Option<String>, StoreError> {
            let key = format!("card/{id}");
            let row = teller.tags.owners.get(&key, teller.store)?;
            Ok(row.map(|row| row.person.to_string()))
        };
        if let Event::Made(made) = event {
            self.tags.owners.put(OwnerRow { thing: format!("card/{id}"), person: made.person });
            self.set(
                (Subject::Person, &made.person.to_string()),
                "card",
                made.on,
                Some(word("made")),
            )?;
            return Ok(());
        }
        let Some(person) = holder(self)? else { return Ok(()) };
        let of = (Subject::Person, person.as_str());
        let (state, on) = match event {
            Event::Made(_) => return Ok(()),
            Event::Delivered { on, .. } => ("delivered", *on),
            Event::Issued { on } | Event::LossWithdrawn { on } => ("issued", *on),
            Event::ReportedLost { on } => ("lost", *on),
            Event::Replaced { on, .. } => ("replaced", *on),
            Event::Cancelled { on, .. } => ("cancelled", *on),
            Event::FinancialAccountActivated { on } => {
                self.set(of, "card_pays", *on, Some(Value::Flag(true)))?;
                return Ok(());
            }
            Event::SocialFunctionActivated { .. } => return Ok(()),
        };
        self.set(of, "card", on, Some(word(state)))?;
        if matches!(state, "replaced" | "cancelled") {
            self.set(of, "card_pays", on, Some(Value::Flag(false)))?;
        }
        Ok(())
    }

    fn address(&mut self, id: &str, event: &cards::address::Event) -> Result<(), FoldError> {
        use cards::address::{Event, Owner};
        let key = format!("address/{id}");
        if let Event::Registered { owner: Owner::Person { person }, .. } = event {
            self.tags.owners.put(OwnerRow { thing: key, person: *person });
            return Ok(());
        }
        let owner = self.tags.owners.get(&key, self.store)?.map(|row| row.person.to_string());
        let Some(person) = owner else { return Ok(()) };
        let of = (Subject::Person, person.as_str());
        match event {
            Event::VerificationFailed { on, .. } => self.add(of, "accounts_failed", *on, 1)?,
            Event::Frozen { on, .. } => self.add(of, "accounts_frozen", *on, 1)?,
            Event::Unfrozen { on, .. } => self.add(of, "accounts_frozen", *on, -1)?,
            _ => {}
        }
        Ok(())
    }

    fn observation(&mut self, event: &tags::observation::Event) -> Result<(), FoldError> {
        use tags::observation::Event;
        let (Event::Recorded(tags::observation::Recorded { kind, subject, fact, from, .. })
        | Event::Withdrawn { kind, subject, fact, from, .. }) = event;
        let kind: Subject = kind.parse().map_err(|error: conditions::facts::NoSuchSubject| {
            FoldError::refused(error.to_string())
        })?;
        let Some(declared) = find(kind, fact) else {
            return Err(FoldError::refused(format!("{fact} is no fact of a {kind}")));
        };
        let value = match event {
            Event::Recorded(recorded) => {
                let value = declared.kind.read(&recorded.value);
                Some(value.ok_or_else(|| {
                    FoldError::refused(format!("{} is no value of {fact}", recorded.value))
                })?)
            }
            Event::Withdrawn { .. } => None,
        };
        self.edit(kind, subject, declared.name, |line, origin| match (declared.window, value) {
            (conditions::Window::Month, Some(value)) => line.put(*from, value, origin),
            (_, value) => line.set(*from, value, origin),
        })?;
        Ok(())
    }
}

fn word(text: impl AsRef<str>) -> Value {
    Value::Text(text.as_ref().to_owned())
}
