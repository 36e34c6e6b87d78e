//! Over random histories with late facts and values set by hand: what is kept is what a rebuild makes,
//! and what a plain evaluation of the facts gives, day by day, in every store the same.

use std::collections::BTreeMap;

use conditions::{Outcome, Subject, Timeline, Type, Value, facts};
use definitions::kinds::tag::{Evaluator, Of, Part, Tag};
use definitions::{Catalogue, Source};
use projections::Scope;
use projections::tags::{self as view, NAME, TagFilter};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, proptest};
use registry::person::{DeathReport, DeathSource, Event as Lived};
use shared::Date;
use tags::assignment::{Event as Assigned, Manual};

use crate::house::{House, day, person};
use crate::stores::{On, same};
use crate::{born, draws, lived};

const PEOPLE: u8 = 3;
const ITEMS: [&str; 4] = ["A1", "A3", "A5", "C2"];
const OBSERVED: [&str; 3] = ["phone_sharers", "returns", "holds"];
const BY_HAND: [&str; 4] = ["payee", "shared-phone", "pensioner", "several-items"];

/// What stands by hand: tag of whom, from, until before, value.
type ByHand = BTreeMap<(u128, &'static str), Vec<(Date, Date, bool)>>;

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn incremental_is_rebuilt_is_evaluated_plainly(
        rolls in vec((0..7_u8, any::<[u8; 4]>()), 1..60),
    ) {
        let houses = On::BOTH.map(|on| law(on, &rolls));
        same(&[NAME], houses.each_ref().map(House::session));
    }
}

fn law(on: On, rolls: &[(u8, [u8; 4])]) -> House {
    let house = House::published_on(on);
    (1..=u128::from(PEOPLE)).for_each(|number| born(&house, number));
    let mut by_hand = ByHand::new();
    for (place, (kind, dice)) in (100..).zip(rolls) {
        happens(&house, place, *kind, *dice, &mut by_hand);
    }
    let catalogue = Catalogue::load(&Source::bundled()).unwrap();
    for number in 1..=u128::from(PEOPLE) {
        agrees(&house, &catalogue, number, &by_hand);
    }
    house.rebuilt_equals_live();
    house
}

fn happens(house: &House, place: u128, kind: u8, dice: [u8; 4], by_hand: &mut ByHand) {
    let number = 1 + u128::from(dice[0] % PEOPLE);
    let when = day(1 + (dice[1] % 6).cast_signed(), 1 + (dice[1] % 28).cast_signed());
    let chosen = usize::from(dice[2]);
    match kind {
        0 => {
            let month = format!("2026-{:02}", 1 + dice[1] % 6);
            draws(house, number, place, ITEMS[chosen % ITEMS.len()], &month);
        }
        1 | 2 => {
            let subject = person(number).to_string();
            let value = (dice[3] % 8).to_string();
            let fact = OBSERVED[chosen % OBSERVED.len()];
            house.said(("person", &subject), fact, when, &value);
        }
        3 => {
            let (died_on, source) = (when, DeathSource::CivilAffairs);
            let report = DeathReport {
                died_on,
                reported_on: house.today(),
                source,
                verify_by: house.today(),
            };
            lived(house, number, &Lived::DeathReported(report));
            let confirmed_on = house.today();
            lived(house, number, &Lived::DeathConfirmed { died_on, confirmed_on, source });
        }
        4 | 5 => {
            let tag = BY_HAND[chosen % BY_HAND.len()];
            let id = format!("person/{}/{tag}", person(number));
            let (on, spans) = (house.today(), by_hand.entry((number, tag)).or_default());
            spans.iter_mut().for_each(|(_, to, _)| *to = on.min(*to));
            spans.retain(|(from, to, _)| from < to);
            if kind == 5 && dice[3].is_multiple_of(2) {
                let ended = Assigned::Ended { by: "chen".to_owned(), on };
                house.happened("tag_assignment", id, &ended);
                return;
            }
            let until = on.checked_add(jiff::Span::new().days(i64::from(dice[3] % 90))).unwrap();
            let value = dice[1].is_multiple_of(2);
            spans.push((on, until.tomorrow().unwrap(), value));
            let manual = Manual {
                value: value.to_string(),
                reason: "核查".to_owned(),
                by: "chen".to_owned(),
                approver: "wu".to_owned(),
                on,
                until,
            };
            house.happened("tag_assignment", id, &Assigned::Overridden(manual));
        }
        _ => {
            let later = house.today().checked_add(jiff::Span::new().days(i64::from(dice[1] % 20)));
            house.on(later.unwrap());
        }
    }
}

/// What is kept of a person beside the plain evaluation of his facts.
fn agrees(house: &House, catalogue: &Catalogue, number: u128, by_hand: &ByHand) {
    let (session, scope) = (house.session(), Scope::everything("test"));
    let subject = person(number).to_string();
    let known = view::facts_of(&session, &scope, Subject::Person, &subject).unwrap();
    let plain = Plain { catalogue, known: known.into_iter().collect(), number, by_hand };
    for on in [day(1, 1), day(1, 20), day(2, 14), day(3, 31), day(6, 30), day(12, 31)] {
        let times = TagFilter { valid_on: Some(on), known_at: None };
        let kept = view::tags_of(&session, &scope, (Subject::Person, &subject), times).unwrap();
        for tag in catalogue.all::<Tag>().values().filter(|tag| plain.judges(tag)) {
            let row = kept.iter().find(|row| row.tag == tag.id);
            let value = plain.value(tag, on).map(|value| value.to_string());
            let told = value.as_deref().filter(|value| *value != "false");
            match row {
                Some(row) => assert_eq!(row.value, value, "{} of {number} on {on}", tag.id),
                None if plain.moved(tag) => {
                    assert_eq!(told, None, "{} of {number} on {on}", tag.id);
                }
                // Nobody is asked before his facts move.
                None => {}
            }
        }
    }
}

/// The facts of one person, and what two others set by hand.
struct Plain<'a> {
    catalogue: &'a Catalogue,
    known: BTreeMap<String, Timeline>,
    number: u128,
    by_hand: &'a ByHand,
}

impl Plain<'_> {
    fn evaluator(&self, tag: &Tag) -> Option<Evaluator> {
        let tags = self.catalogue.all::<Tag>();
        Evaluator::checked(tag, |id| tags.get(id))
    }

    /// Whose rules read recorded facts only, and nothing that fades.
    fn judges(&self, tag: &Tag) -> bool {
        let tags = self.catalogue.all::<Tag>();
        tag.subject == Subject::Person
            && tag.awaiting().is_empty()
            && self.evaluator(tag).is_some_and(|evaluator| evaluator.decays().is_empty())
            && tag.reads().all(|other| tags.get(other).is_some_and(|other| self.judges(other)))
    }

    fn moved(&self, tag: &Tag) -> bool {
        let tags = self.catalogue.all::<Tag>();
        tag.inputs.iter().any(|fact| self.known.contains_key(fact))
            || tag.reads().any(|other| tags.get(other).is_some_and(|other| self.moved(other)))
    }

    fn value(&self, tag: &Tag, on: Date) -> Option<Value> {
        let spans = self
            .by_hand
            .iter()
            .find(|((number, id), _)| *number == self.number && *id == tag.id.as_str());
        let set = spans.and_then(|(_, spans)| {
            spans.iter().rev().find(|(from, to, _)| *from <= on && on < *to)
        });
        if let Some((_, _, value)) = set {
            return Some(Value::Flag(*value));
        }
        let evaluator = self.evaluator(tag)?;
        let tags = self.catalogue.all::<Tag>();
        let parts: Vec<Option<Value>> = evaluator
            .inputs
            .iter()
            .map(|input| match &input.of {
                Of::Fact(name) => match self.known.get(name).and_then(|line| line.at(on)) {
                    Some(step) => step.value.clone(),
                    None => facts::find(tag.subject, name).and_then(|fact| fact.absent.clone()),
                },
                Of::Tag(id) => {
                    let unset = (input.kind == Type::Flag).then_some(Value::Flag(false));
                    let other = &tags[id];
                    if self.moved(other) { self.value(other, on) } else { unset }
                }
            })
            .collect();
        let part = |place: usize| {
            parts[place].as_ref().map(|value| Part { value, since: conditions::timeline::EVER })
        };
        match evaluator.value(on, part) {
            Outcome::Known(value) => Some(value),
            Outcome::Unknown(_) | Outcome::Failed(_) => None,
        }
    }
}
