//! How long a frozen population takes: `cargo bench -p projections --bench population [grants]`.
//!
//! Everybody has a card and an address, one in a hundred has a death reported, and twice as many
//! people as grants are known.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ::cards::address::{Account, Event as Addressed, Owner};
use ::cards::card::{Event as Carded, Made};
use benefits::grant::{ComponentAmount, Event as Granted, Registration};
use kernel::memory::MemoryLog;
use kernel::ports::{FixedClock, SeededIds};
use kernel::{
    Append, Decider, Event, EventLog, Ids, Meta, Micros, NewEvent, Revision, StreamName, Write,
};
use projections::cards::Cards;
use projections::engine::{Projection, Train};
use projections::grants::Grants;
use projections::pay_facts;
use projections::people::People;
use registry::person::{
    DeathReport, DeathSource, Event as Lived, IdentityKind, IdentityNumber, Person,
    Registration as Registered,
};
use shared::{
    AreaCode, BankCode, CardApplicationId, CardId, Component, Date, DivisionCode, FundCode,
    GrantId, ItemId, Money, Month, OrganisationId, PayAddressId, Payee, PersonId, Sealed, Sex,
};
use tokio::runtime::Runtime;
use uuid::Uuid;

const GRANTS: usize = 100_000;

struct City {
    ids: SeededIds,
    item: ItemId,
    area: AreaCode,
    county: DivisionCode,
    bank: BankCode,
    fund: FundCode,
    month: Month,
    day: Date,
}

fn main() {
    let grants = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(GRANTS);
    let clock = Arc::new(FixedClock::at(Micros(1_000_000)));
    let log = Arc::new(MemoryLog::new(Uuid::from_u128(7), clock));
    let dir = tempfile::tempdir().expect("a folder for the views");
    let runtime = Runtime::new().expect("a runtime");
    let city = City::new();
    for person in 0..2 * grants {
        let append = city.life(person as u128, person < grants);
        runtime.block_on(log.append(append)).expect("the memory log takes it");
    }
    let stores = views::SqliteViews::open(dir.path()).expect("the views open");
    let models: Vec<Box<dyn Projection>> =
        vec![Box::<People>::default(), Box::<Cards>::default(), Box::<Grants>::default()];
    let began = Instant::now();
    let train = Train::start(log.clone(), Arc::new(stores), models).expect("the train starts");
    let deadline = tokio::time::Instant::now() + Duration::from_secs(600);
    let reached = runtime.block_on(train.wait_for(log.head(), deadline)).expect("it catches up");
    println!("{} events folded in {:?}", reached, began.elapsed());
    for _ in 0..5 {
        let session = train.views().session_of(pay_facts::VIEWS).expect("a session");
        let began = Instant::now();
        let City { item, fund, month, area, .. } = city;
        let asked = pay_facts::Asked { item, fund, month, area };
        let facts: Vec<_> = pay_facts::population(&session, asked, pay_facts::PAGE)
            .collect::<Result<_, _>>()
            .expect("a population");
        println!("{} grants frozen in {:?}", facts.len(), began.elapsed());
        let lines: Vec<_> =
            facts.iter().filter_map(|fact| Some((fact.person, fact.address?.address, 1))).collect();
        let began = Instant::now();
        let payees = pay_facts::payees(&session, &lines).expect("payees");
        println!("{} payees found in {:?}", payees.iter().flatten().count(), began.elapsed());
    }
}

impl City {
    fn new() -> Self {
        let plain = "a constant of this program parses";
        Self {
            ids: SeededIds::new(1),
            item: ItemId::parse("A1").expect(plain),
            area: AreaCode::parse("320600").expect(plain),
            county: DivisionCode::parse("320602").expect(plain),
            bank: BankCode::parse("BOC").expect(plain),
            fund: FundCode::parse("employee-pension").expect(plain),
            month: Month::new(2026, 1).expect(plain),
            day: Date::constant(2026, 1, 5),
        }
    }

    /// One person and, if he is entitled, his card, address and grant.
    fn life(&self, number: u128, entitled: bool) -> Append {
        let [person, card, address, grant] = [0, 1, 2, 3].map(|_| self.ids.next());
        let (person, sealed) = (PersonId::from_uuid(person), Sealed("x".repeat(150)));
        let mut append = Append::new(Meta::of("system", self.day, self.ids.next()));
        let registered = Lived::Registered(Registered {
            person,
            name: sealed.clone(),
            number: IdentityNumber { kind: IdentityKind::ResidentId, sealed: sealed.clone() },
            sex: Sex::Female,
            birth: Month::MIN,
            county: self.county,
        });
        let mut lived = vec![registered];
        if number.is_multiple_of(100) {
            lived.push(Lived::DeathReported(DeathReport {
                died_on: self.day,
                reported_on: self.day,
                source: DeathSource::Police,
                verify_by: self.day,
            }));
        }
        append.writes.push(self.write::<Person>(person.uuid(), &lived));
        if entitled {
            let card = CardId::from_uuid(card);
            append
                .writes
                .push(self.write::<::cards::card::Card>(card.uuid(), &self.card(card, person)));
            let address = PayAddressId::from_uuid(address);
            let account =
                Account { number: sealed.clone(), name: sealed, bank: self.bank, card: Some(card) };
            let owner = Owner::Person { person };
            let addressed = [
                Addressed::Registered { address, owner, account, on: self.day },
                Addressed::Verified { version: 1, on: self.day },
            ];
            let write = self.write::<::cards::address::Address>(address.uuid(), &addressed);
            append.writes.push(write);
            let granted = [self.granted(GrantId::from_uuid(grant), person, address)];
            append.writes.push(self.write::<benefits::grant::Grant>(grant, &granted));
        }
        append
    }

    fn card(&self, card: CardId, person: PersonId) -> [Carded; 4] {
        let on = self.day;
        [
            Carded::Made(Made {
                card,
                application: CardApplicationId::from_uuid(self.ids.next()),
                person,
                bank: self.bank,
                number: Sealed("x".repeat(150)),
                generation: 3,
                valid_until: None,
                on,
            }),
            Carded::Delivered { outlet: OrganisationId::from_uuid(self.ids.next()), on },
            Carded::Issued { on },
            Carded::FinancialAccountActivated { on },
        ]
    }

    fn granted(&self, grant: GrantId, person: PersonId, address: PayAddressId) -> Granted {
        let component = Component::whole();
        let components = vec![ComponentAmount { component, amount: Money::from_fen(300_000) }];
        Granted::Registered(Registration {
            grant,
            person,
            arises_from: None,
            item: self.item,
            components,
            from: self.month,
            to: None,
            payee: Payee::Person { person },
            fund: self.fund,
            area: self.area,
            county: self.county,
            address,
            basis: "苏人社〔2026〕1号".to_owned(),
        })
    }

    fn write<D: Decider>(&self, id: Uuid, events: &[D::Event]) -> Write {
        let encoded =
            events.iter().map(|event| NewEvent::encoded(self.ids.next(), event.encode())).collect();
        let stream = StreamName::new(D::CATEGORY, id);
        Write { stream, expected: Revision::NONE, events: encoded }
    }
}
