//! A bureau with every real adapter behind it, a clock that moves when told, and people who do the
//! steps of a month.

use std::cell::Cell;
use std::sync::Arc;

use benefits::grant::ComponentAmount;
use commands::benefits::RegisterGrant;
use commands::cards::IssueCard;
use commands::disbursement::{BankServers, BookKey, Composed, OpenRun};
use commands::registry::{ContactInput, NumberInput, PutOrganisation, RegisterPerson, ReportDeath};
use commands::{CommandError, Done, Envelope};
use disbursement::batch::Batch;
use disbursement::part::Part;
use disbursement::plan::{Plan, Stage};
use kernel::Micros;
use kernel::ports::FixedClock;
use registry::organisation::{Kind, Organisation};
use registry::person::DeathSource;
use renshe::node::{DiskServers, Node, World};
use shared::{
    AgencyCode, AreaCode, BankCode, Component, Date, FundCode, GrantId, ItemId, Money, Month,
    OrganisationId, PayAddressId, PersonId, RunType,
};
use simulations::bank::{AccountBook, Habits, Instruction, Mischief, Reply, SimulatedBank};
use simulations::{CardState, City, Identity, Resident};
use uuid::Uuid;

use crate::place::Place;

pub struct Bureau {
    pub place: Place,
    pub node: Node,
    next: Cell<u128>,
    day: Cell<Date>,
    outlet: OrganisationId,
}

/// Somebody who draws A1.
#[derive(Debug, Clone)]
pub struct Payee {
    pub person: PersonId,
    pub address: PayAddressId,
    pub grant: GrantId,
    pub bank: BankCode,
}

/// A bank's answer to one batch.
pub struct Answered {
    pub slip: simulations::bank::DebitSlip,
    pub replies: Vec<Reply>,
    /// The reply that comes when the bank is asked again.
    pub late: Reply,
}

pub const JANUARY: &str = "2026-01";
pub const PERIOD: &str = "A1-2026-01-320000";
pub const PENSION: Money = Money::from_fen(312_345);

/// A city to take people from: the same one for every journey.
pub fn city() -> City {
    let plan = simulations::Plan { people: 600, hard_names: true, ..simulations::Plan::default() };
    City::new(plan).unwrap()
}

/// Living citizens with a card that takes credits at `bank`.
pub fn at_bank<'a>(city: &'a City, bank: &str) -> impl Iterator<Item = &'a Resident> {
    let bank = BankCode::parse(bank).unwrap();
    city.residents().iter().filter(move |resident| {
        resident.card.bank == bank
            && resident.card.state == CardState::Active
            && resident.died.is_none()
            && resident.mark.is_none()
            && matches!(resident.identity, Identity::Citizen(_))
    })
}

pub fn month(text: &str) -> Month {
    Month::parse(text).unwrap()
}

fn agency() -> AgencyCode {
    AgencyCode::parse("320600-SI").unwrap()
}

pub fn area() -> AreaCode {
    AreaCode::parse("320000").unwrap()
}

/// The code of a refusal; a success shows as such.
pub fn code<T>(outcome: Result<Done<T>, CommandError>) -> String {
    match outcome {
        Ok(_) => "done".to_owned(),
        Err(error) => {
            assert!(!error.zh().is_empty() && !error.en().is_empty());
            error.code().to_owned()
        }
    }
}

impl Bureau {
    /// On 2 January 2026, with nobody registered.
    async fn with_servers(servers: Option<Arc<dyn BankServers>>) -> Self {
        let place = Place::new();
        let clock = Arc::new(FixedClock::default());
        let day = Date::constant(2026, 1, 2);
        let nine = day.at(9, 0, 0, 0).to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)));
        clock.set(Micros(nine.unwrap().timestamp().as_microsecond()));
        let node = place.node(World { servers, ..World::seeded(clock, 1) }).await;
        commands::day::open_days(&node.executor, day).await.unwrap();
        let outlet = OrganisationId::from_uuid(Uuid::from_u128(7));
        let bureau = Self { place, node, next: Cell::new(1), day: Cell::new(day), outlet };
        let bank = BankCode::parse("BOC").unwrap();
        let entry = Organisation {
            name: "中国银行南通分行".to_owned(),
            county: "320600".parse().unwrap(),
            kind: Kind::Bank { bank },
        };
        let input = PutOrganisation { organisation: Some(outlet), entry };
        let by = bureau.by("registrar");
        bureau.node.registry.register_organisation(&by, &input).await.unwrap();
        bureau
    }

    /// A bureau in which `count` people of `bank` draw A1.
    pub async fn with_payees(bank: &str, count: usize) -> (Self, Vec<Payee>) {
        Self::with_payees_and_servers(bank, count, None).await
    }

    /// The same beside file servers of the journey's choice.
    pub async fn with_payees_and_servers(
        bank: &str,
        count: usize,
        servers: Option<Arc<dyn BankServers>>,
    ) -> (Self, Vec<Payee>) {
        let (bureau, city) = (Self::with_servers(servers).await, city());
        let mut payees = Vec::new();
        for resident in at_bank(&city, bank).take(count) {
            payees.push(bureau.payee(resident).await);
        }
        assert_eq!(payees.len(), count);
        (bureau, payees)
    }

    /// A command of its own id by `who`.
    pub fn by(&self, who: &str) -> Envelope {
        let id = self.next.get();
        self.next.set(id + 1);
        Envelope::new(Uuid::from_u128(0xA000_0000 + id), who).on(self.day.get())
    }

    /// Registers somebody with card, pay address and a pension.
    pub async fn payee(&self, resident: &Resident) -> Payee {
        let person = RegisterPerson {
            person: Some(resident.id),
            name: resident.name.clone().into(),
            number: NumberInput::resident(resident.identity.recorded()),
            sex: None,
            birth: None,
            county: resident.county,
            contact: ContactInput {
                phone: Some(resident.phone.as_str().into()),
                ..ContactInput::default()
            },
        };
        let (by, rows) = (self.by("registrar"), [person]);
        let done = self.node.registry.register_persons(&by, &rows).await.unwrap();
        assert_eq!(done.refused().count(), 0, "{:?}", done.rows);
        let card = IssueCard {
            person: resident.id,
            bank: resident.card.bank,
            number: resident.card.number.as_str().into(),
            name: resident.name.clone().into(),
            county: resident.county,
            outlet: self.outlet,
            generation: 3,
            on: None,
        };
        let issued = self.node.cards.issue_cards(&self.by("registrar"), &[card]).await.unwrap();
        assert_eq!(issued.refused().count(), 0, "{:?}", issued.rows);
        let issued = *issued.done().next().unwrap();
        let grant = RegisterGrant {
            grant: None,
            person: resident.id,
            arises_from: None,
            item: ItemId::parse("A1").unwrap(),
            components: vec![ComponentAmount { component: Component::whole(), amount: PENSION }],
            from: month(JANUARY),
            to: None,
            payee: None,
            fund: None,
            area: area(),
            county: resident.county,
            address: issued.address,
            basis: "退休审批".to_owned(),
        };
        let by = self.by("registrar");
        let done = self.node.benefits.register_grants(&by, &[grant]).await.unwrap();
        assert_eq!(done.refused().count(), 0, "{:?}", done.rows);
        let grant = *done.done().next().unwrap();
        let bank = resident.card.bank;
        Payee { person: resident.id, address: issued.address, grant, bank }
    }

    pub async fn report_death(&self, payee: &Payee) {
        let report = ReportDeath {
            person: payee.person,
            died_on: self.day.get(),
            reported_on: None,
            source: DeathSource::CivilAffairs,
            verify_by: None,
        };
        self.node.registry.report_death(&self.by("registrar"), &report).await.unwrap();
    }

    pub fn run(&self, month: Month, run: RunType) -> OpenRun {
        OpenRun {
            item: ItemId::parse("A1").unwrap(),
            month,
            area: area(),
            run,
            agency: agency(),
            fund: None,
            pay_day: None,
            exception: None,
        }
    }

    /// A normal run of `of`, calculated and submitted.
    pub async fn submitted(&self, of: Month) -> String {
        let pay = &self.node.disbursement;
        let run = self.run(of, RunType::Normal);
        let plan = pay.open_run(&self.by("handler"), &run).await.unwrap().result;
        pay.freeze(&self.by("handler"), &plan).await.unwrap();
        pay.calculate(&self.by("handler"), &plan).await.unwrap();
        pay.submit(&self.by("handler"), &plan).await.unwrap();
        plan
    }

    /// The role that reviews `plan` next.
    pub async fn next_role(&self, plan: &str) -> Option<String> {
        let (state, _) = self.node.executor.load::<Plan>(plan).await.unwrap();
        let role = state.next_role().filter(|_| state.stage == Stage::InReview);
        role.map(ToString::to_string)
    }

    pub fn book(&self) -> BookKey {
        let fund = FundCode::parse("employee-pension").unwrap();
        BookKey { fund, area: area(), agency: agency(), year: 2026 }
    }

    /// January's run, reviewed by everybody and funded in full: ready to compose.
    pub async fn funded(&self) -> String {
        let plan = self.submitted(month(JANUARY)).await;
        self.fund(&plan).await;
        plan
    }

    pub async fn fund(&self, plan: &str) {
        let pay = &self.node.disbursement;
        let (state, _) = self.node.executor.load::<Plan>(plan).await.unwrap();
        let by = self.by("treasurer");
        // Open already where the month is the second one.
        let opened = pay.open_book(&by, self.book(), Money::ZERO).await;
        assert!(opened.is_ok() || code(opened) == "BOOK_ALREADY_OPEN");
        while let Some(role) = self.next_role(plan).await {
            pay.review(&self.by(&format!("the {role}")), plan, &role).await.unwrap();
        }
        let (by, net) = (self.by("treasurer"), state.totals.net());
        pay.receive_appropriation(&by, self.book(), net, &format!("BK-{plan}")).await.unwrap();
        pay.reserve(&self.by("treasurer"), plan).await.unwrap();
    }

    pub async fn compose(&self, plan: &str) -> Composed {
        self.node.disbursement.compose(&self.by("treasurer"), plan).await.unwrap().result
    }

    pub async fn part(&self, plan: &str) -> Arc<Part> {
        self.node.executor.load::<Part>(format!("{plan}-1")).await.unwrap().0
    }

    pub async fn batch(&self, batch: &str) -> Arc<Batch> {
        self.node.executor.load::<Batch>(batch).await.unwrap().0
    }

    /// Under both keys.
    pub async fn sign(&self, batch: &str) {
        let pay = &self.node.disbursement;
        pay.sign(&self.by("key holder one"), batch, "accountant").await.unwrap();
        pay.sign(&self.by("key holder two"), batch, "cashier").await.unwrap();
    }

    pub async fn send(&self, batch: &str) -> Result<Done, CommandError> {
        self.node.disbursement.send(&self.by("key holder two"), batch).await
    }

    /// Composed, signed and sent: the only batch of `plan`.
    pub async fn sent(&self, plan: &str) -> String {
        let composed = self.compose(plan).await;
        let [batch] = composed.batches.as_slice() else { panic!("{composed:?}") };
        self.sign(batch).await;
        self.send(batch).await.unwrap();
        batch.clone()
    }

    pub fn layout(&self, bank: BankCode) -> definitions::Layout {
        let rules = self.node.rules.on(Date::constant(2026, 12, 31)).unwrap();
        rules.layout(bank).unwrap().clone()
    }

    /// The file as the bank finds it.
    pub fn taken(&self, bank: BankCode, batch: &str) -> bank::Instruction {
        let dir = DiskServers::outbox(&self.place.data().join("banks"), bank);
        let layout = self.layout(bank);
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if name.contains(batch) && !name.ends_with(&layout.ready_mark) {
                let ready = path.with_file_name(format!("{name}{}", layout.ready_mark));
                let (bytes, ready) = (std::fs::read(&path).unwrap(), std::fs::read(ready).unwrap());
                return bank::parse_instruction(&layout, name, &bytes, Some(&ready)).ok().unwrap();
            }
        }
        panic!("bank {bank} finds no file of {batch}")
    }

    /// What the bank does with a batch, with habits and mischief of the journey's choice.
    pub fn answer(&self, batch: &str, habits: Habits, mischief: Mischief) -> Answered {
        let code = BankCode::parse(batch.rsplit('-').nth(1).unwrap()).unwrap();
        let taken = Instruction::from(&self.taken(code, batch));
        let bank = SimulatedBank::new(code, 3).with_habits(habits).with_mischief(mischief);
        let day = self.day.get();
        Answered {
            slip: bank.debit(&taken, day).unwrap(),
            replies: bank.replies(&taken, day),
            late: bank.late_reply(&taken, day),
        }
    }

    pub async fn debit(&self, answered: &Answered) -> Result<Done, CommandError> {
        let slip = &answered.slip;
        let by = self.by("treasurer");
        self.node.disbursement.debit(&by, &slip.batch, &slip.serial, slip.amount, slip.on).await
    }

    /// The bank's file of a reply: name and bytes.
    pub fn file(&self, reply: &Reply) -> (BankCode, String, Vec<u8>) {
        let bank = BankCode::parse(reply.batch.rsplit('-').nth(1).unwrap()).unwrap();
        let taken = self.taken(bank, &reply.batch);
        let header = bank::Header { made_on: Some(self.day.get()), ..taken.header };
        let file = bank::write_reply(&self.layout(bank), &header, &reply.to_rows()).unwrap();
        (bank, file.name, file.bytes)
    }

    /// The statement of the book's account with one debit, imported: its id.
    pub async fn statement(&self, answered: &Answered) -> String {
        let slip = &answered.slip;
        let bank = BankCode::parse(slip.batch.rsplit('-').nth(1).unwrap()).unwrap();
        let mut account = AccountBook::new("A-1", slip.amount);
        account.debit(slip).unwrap();
        let day = account.statement(slip.on);
        let header = bank::Header {
            agency: Some(agency()),
            made_on: Some(slip.on),
            ..bank::Header::default()
        };
        let layout = self.layout(bank);
        let file = bank::write_statement(&layout, &header, &day.to_rows()).unwrap();
        let pay = &self.node.disbursement;
        let by = self.by("treasurer");
        let book = self.book();
        let matched = pay.import_statement(&by, bank, book, &file.name, &file.bytes).await;
        let matched = matched.unwrap().result;
        assert_eq!((matched.matched, matched.differences), (1, 0));
        matched.statement
    }

    /// Everything that a later process needs is written: the node ends.
    pub fn leave(self) -> Place {
        self.node.stop();
        self.place
    }
}

/// A bank that pays every line and mentions it.
pub fn perfect() -> Habits {
    Habits { returned_per_10k: 0, unmentioned_per_10k: 0, ..Habits::default() }
}
