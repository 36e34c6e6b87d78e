//! Over any history that the deciders allow, a read model filled again equals the live one, in every
//! store the same.

use benefits::grant::Grant;
use cards::address::{Account, Address, CardFact, Command as OfAddress, FreezeReason, Owner};
use cards::application::{Application, Command as OfApplication, Form};
use cards::card::{Account as Behind, Card, Command as OfCard, Made};
use projections::Scope;
use projections::cards as card_view;
use projections::pay_facts::Usable;
use projections::people::{self, Life as Shown};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, proptest};
use registry::employer::{Command as OfEmployer, Employer};
use registry::person::{
    Command as OfPerson, Contact, Correction, DeathReport, DeathSource, GroupId, Life, Person,
};
use shared::{BankCode, CardApplicationId, CreditCode, Date, OrganisationId, ReturnReason};
use uuid::Uuid;

use crate::house::{
    House, NAMES, address, card, day, division, employer, grant, month, person, sealed,
};
use crate::stores::{On, same};
use crate::{amounts, lists};

const EACH: usize = 3;

#[derive(Default)]
struct World {
    people: [Person; EACH],
    employers: [Employer; EACH],
    applications: [Application; EACH],
    cards: [Card; EACH],
    addresses: [Address; EACH],
    grants: [Grant; EACH],
}

proptest! {
    #![proptest_config(ProptestConfig { cases: kernel::conformance::times(16), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rebuilt_equals_live_and_the_states_are_the_deciders(
        steps in vec((0..6_u8, 0..EACH, any::<[u8; 4]>()), 1..400),
    ) {
        let houses = On::BOTH.map(|on| law(on, &steps));
        same(&NAMES, houses.each_ref().map(House::session));
    }
}

fn law(on: On, steps: &[(u8, usize, [u8; 4])]) -> House {
    let (house, mut world) = (House::on(on), World::default());
    for place in 0..EACH {
        world.step(&house, 0, place, [0; 4]);
    }
    for (which, place, roll) in steps {
        world.step(&house, *which, *place, *roll);
    }
    world.compare(&house);
    house.rebuilt_equals_live();
    world.compare(&house);
    house
}

impl World {
    fn step(&mut self, house: &House, which: u8, place: usize, roll: [u8; 4]) {
        let number = place as u128;
        match which {
            0 => self.person(house, place, roll),
            1 => {
                let command = of_employer(number, roll);
                house.asked(employer(number), &mut self.employers[place], command);
            }
            2 => {
                let id = CardApplicationId::from_uuid(Uuid::from_u128(number));
                let command = of_application(number, roll);
                house.asked(id, &mut self.applications[place], command);
            }
            3 => {
                house.asked(card(number), &mut self.cards[place], of_card(number, roll));
            }
            4 => {
                let command = of_address(number, roll);
                house.asked(address(number), &mut self.addresses[place], command);
            }
            _ => {
                let command = amounts::command(place, roll);
                house.asked(grant(number), &mut self.grants[place], command);
            }
        }
    }

    /// A merge is two events of two streams, so it is written here and not by one decider.
    fn person(&mut self, house: &House, place: usize, roll: [u8; 4]) {
        let (number, other) = (place as u128, (place + 1) % EACH);
        let (into, group) = (person(other as u128), GroupId::of(person(other as u128)));
        let reason = "一人多号".to_owned();
        match (&self.people[place], roll[0] % 12) {
            (Person::Registered(_), 10) => {
                let died_on = self.people[other].died_on();
                let absorb = OfPerson::Absorb { person: person(number), group };
                if self.people[other].decide_ok(&absorb) {
                    let merge = OfPerson::Merge { into, group, died_on, reason };
                    if house.asked(person(number), &mut self.people[place], merge) {
                        house.asked(into, &mut self.people[other], absorb);
                    }
                }
            }
            (Person::Merged { into, .. }, 11) => {
                let into = *into;
                house.asked(person(number), &mut self.people[place], OfPerson::Split { reason });
                let survivor = (0..EACH).find(|place| person(*place as u128) == into).unwrap();
                let separate = OfPerson::Separate { person: person(number) };
                house.asked(into, &mut self.people[survivor], separate);
            }
            _ => {
                let command = of_person(number, roll);
                house.asked(person(number), &mut self.people[place], command);
            }
        }
    }

    fn compare(&self, house: &House) {
        let (session, scope) = (house.session(), Scope::everything("test"));
        for (place, state) in self.people.iter().enumerate() {
            let (Person::Registered(record) | Person::Merged { record, .. }) = state else {
                continue;
            };
            let row = people::person(&session, &scope, person(place as u128)).unwrap().unwrap();
            let shown = match &record.life {
                Life::Alive => (Shown::Alive, None),
                Life::Reported(report) => (Shown::DeathReported, Some(report.died_on)),
                Life::Dead { died_on } => (Shown::Dead, Some(*died_on)),
            };
            assert_eq!((row.life, row.died_on), shown);
            assert_eq!((row.sex, row.birth, row.county), (record.sex, record.birth, record.county));
            assert_eq!(
                (row.guardian, row.members as usize),
                (record.guardian, record.members.len())
            );
            let merged = matches!(state, Person::Merged { .. });
            assert_eq!(row.merged_into.is_some(), merged);
        }
        for (place, state) in self.cards.iter().enumerate() {
            let row = card_view::card(&session, &scope, card(place as u128)).unwrap();
            assert_eq!(row.is_some_and(|row| row.takes_credits()), state.takes_credits());
        }
        for fact in amounts::population(&session, month(3)) {
            let place = (0..EACH).find(|place| grant(*place as u128) == fact.grant).unwrap();
            let behind = match &self.addresses[place] {
                Address::Registered(record) if record.card.is_some() => {
                    if self.cards[place].takes_credits() {
                        CardFact::TakesCredits
                    } else {
                        CardFact::TakesNone
                    }
                }
                Address::Unknown | Address::Registered(_) => CardFact::None,
            };
            let usable = self.addresses[place].usable(behind).ok();
            let told = fact.address.filter(|address| address.usable == Usable::Yes);
            assert_eq!(told.map(|address| address.version), usable);
        }
    }
}

trait DecideOk {
    fn decide_ok(&self, command: &OfPerson) -> bool;
}

impl DecideOk for Person {
    fn decide_ok(&self, command: &OfPerson) -> bool {
        kernel::Decider::decide(self, command.clone()).is_ok()
    }
}

fn date(roll: u8) -> Date {
    day(i8::try_from(roll % 5).unwrap() + 20)
}

fn county(roll: u8) -> shared::DivisionCode {
    division(if roll.is_multiple_of(2) { "320602" } else { "320612" })
}

fn of_person(number: u128, [which, what, ..]: [u8; 4]) -> OfPerson {
    let reason = "更正".to_owned();
    match which % 12 {
        0 => {
            let county = county(what);
            OfPerson::Register(crate::people::registration(person(number), county.as_str()))
        }
        1 | 2 => OfPerson::Correct(Correction {
            name: (what.is_multiple_of(3)).then(|| sealed("other name")),
            number: None,
            sex: None,
            birth: None,
            county: Some(county(what)),
            reason,
            by: "wu".to_owned(),
            second: None,
        }),
        3 => OfPerson::ChangeContact(Contact {
            phone: Some(sealed(if what.is_multiple_of(2) { "phone" } else { "other phone" })),
            ..Contact::default()
        }),
        4 => OfPerson::AssignGuardian {
            guardian: person((number + 1) % EACH as u128),
            died_on: None,
            from: date(what),
            basis: reason,
        },
        5 => OfPerson::ReleaseGuardian { on: date(what), reason },
        6 | 7 => OfPerson::ReportDeath(DeathReport {
            died_on: Date::constant(2026, 5, 1),
            reported_on: Date::constant(2026, 5, 2),
            source: DeathSource::Police,
            verify_by: Date::constant(2026, 5, 9),
        }),
        8 => OfPerson::ConfirmDeath {
            died_on: Date::constant(2026, 5, 1),
            confirmed_on: Date::constant(2026, 5, 3),
            source: DeathSource::Health,
        },
        _ => OfPerson::WithdrawDeath {
            on: Date::constant(2026, 5, 4),
            reason,
            by: "chen".to_owned(),
            approver: Some("wu".to_owned()),
        },
    }
}

fn of_employer(number: u128, [which, what, ..]: [u8; 4]) -> OfEmployer {
    let (employer, on) = (employer(number), date(9));
    let details =
        lists::details(if what.is_multiple_of(2) { "甲" } else { "乙" }, county(what).as_str());
    match which % 8 {
        0 | 1 => {
            let code = CreditCode::parse("91350100M000100Y43").unwrap();
            OfEmployer::Register { employer, code, details, on }
        }
        2 => {
            let purpose = "灵活就业人员".to_owned();
            OfEmployer::RegisterVirtual { employer, details, purpose, on }
        }
        7 => OfEmployer::Deregister { on, reason: "注销".to_owned() },
        _ => OfEmployer::Change { code: None, details, on },
    }
}

fn of_application(number: u128, [which, what, ..]: [u8; 4]) -> OfApplication {
    let on = date(9);
    match which % 4 {
        0 | 1 => {
            let form = Form {
                person: person(number),
                bank: BankCode::parse("BOC").unwrap(),
                county: county(what),
                outlet: None,
                replaces: None,
                on: day(20),
            };
            OfApplication::Apply { form, valid: None, died_on: None }
        }
        2 => OfApplication::Accept { on, died_on: None },
        _ => OfApplication::Reject { on, reason: "照片不合格".to_owned() },
    }
}

fn of_card(number: u128, [which, what, ..]: [u8; 4]) -> OfCard {
    let on = day(20);
    match which % 12 {
        0 | 1 => OfCard::Make(Made {
            card: card(number),
            application: CardApplicationId::from_uuid(Uuid::from_u128(number)),
            person: person(number),
            bank: BankCode::parse("BOC").unwrap(),
            number: sealed("card number"),
            generation: 3,
            valid_until: None,
            on,
        }),
        2 | 3 => OfCard::Deliver { outlet: OrganisationId::from_uuid(Uuid::from_u128(3)), on },
        4 | 5 => OfCard::Issue { on, died_on: None },
        6 => OfCard::ActivateSocialFunction { on },
        7 | 8 => OfCard::ActivateFinancialAccount { on },
        9 => OfCard::ReportLost { on },
        10 => OfCard::WithdrawLoss { on },
        _ if what.is_multiple_of(3) => OfCard::Cancel { on, reason: "停用".to_owned() },
        _ => OfCard::Replace { by: card(number + 100), account: Behind::Changed, on },
    }
}

fn of_address(number: u128, [which, what, version, _]: [u8; 4]) -> OfAddress {
    let (on, version) = (day(20), u32::from(version % 3) + 1);
    let account = Account {
        number: sealed(if what.is_multiple_of(2) { "number" } else { "other number" }),
        name: sealed("name"),
        bank: BankCode::parse(if what.is_multiple_of(2) { "BOC" } else { "JSBANK" }).unwrap(),
        card: (what.is_multiple_of(3)).then(|| card(number)),
    };
    match which % 12 {
        0..=2 => OfAddress::Register {
            address: address(number),
            owner: Owner::Person { person: person(number) },
            account,
            on,
        },
        3..=6 => OfAddress::Verify { version, card: CardFact::TakesCredits, on },
        7 => OfAddress::FailVerification { version, reason: ReturnReason::NameMismatch, on },
        8 => OfAddress::Change { account, reason: "换卡".to_owned(), on },
        9 => OfAddress::Freeze { reason: FreezeReason::Returned, on },
        _ => OfAddress::Unfreeze { reason: "误冻".to_owned(), on },
    }
}
