//! A pay office on a log in memory: people with pensions, a bank that says what a test wants.

use std::future::ready;
use std::sync::{Arc, Mutex};

use benefits::grant::{ComponentAmount, Grant};
use cards::address::Owner;
use definitions::Catalogue;
use disbursement::batch::Batch;
use disbursement::obligation::Obligation;
use disbursement::part::Part;
use disbursement::plan::Plan;
use kernel::Position;
use kernel::log::Answer;
use kernel::process::derived_id;
use shared::{
    AgencyCode, AreaCode, BankCode, Component, Date, FundCode, GrantId, ItemId, Money, Month,
    ObligationId, PayAddressId, PersonId, ReturnReason, RunType,
};

use super::shelf::Shelf;
use crate::benefits::{Benefits, RegisterGrant};
use crate::cards::{AccountInput, Cards, ChangeAddress, RegisterAddress, VerifyAddress};
use crate::disbursement::whom::{address_of, life_of};
use crate::disbursement::*;
use crate::fixture::{MemoryServers, World};
use crate::registry::tests::town::{county, registered};
use crate::unit::Unit;
use crate::{CommandError, Envelope, Executor};

pub(super) const PENSION: &str = "3184.55";

pub(super) fn month(month: i8) -> Month {
    Month::new(2026, month).unwrap()
}

pub(super) fn item() -> ItemId {
    ItemId::parse("A1").unwrap()
}

fn area() -> AreaCode {
    AreaCode::parse("320600").unwrap()
}

fn agency() -> AgencyCode {
    AgencyCode::parse("NT01").unwrap()
}

pub(super) fn book() -> BookKey {
    let fund = FundCode::parse("employee-pension").unwrap();
    BookKey { fund, area: area(), agency: agency(), year: 2026 }
}

pub(super) struct Payee {
    pub person: PersonId,
    pub grant: GrantId,
    pub address: PayAddressId,
}

impl Payee {
    pub fn owed(&self, of: i8) -> ObligationId {
        ObligationId::new(item(), month(of), Component::whole(), self.person)
    }
}

pub(super) struct Office {
    /// Its log and clock live as long as the office.
    _world: World,
    pub executor: Executor,
    pub pay: Disbursement,
    pub benefits: Benefits,
    pub servers: MemoryServers,
    facts: Arc<Facts>,
    asked: Mutex<u32>,
}

impl Office {
    pub async fn new() -> Self {
        let world = World::new();
        let executor = world.executor.clone();
        let rules: Arc<dyn Rules> = Arc::new(Bundled(Arc::new(Catalogue::bundled().unwrap())));
        let facts = Arc::new(Facts { executor: executor.clone(), grants: Mutex::default() });
        let servers = MemoryServers::default();
        let ports = PayPorts {
            facts: facts.clone(),
            rules: rules.clone(),
            files: Arc::new(Lines),
            servers: Arc::new(servers.clone()),
            signer: Arc::new(Lines),
            artefacts: Arc::new(Shelf::default()),
        };
        let pay = Disbursement::new(executor.clone(), ports);
        let benefits = Benefits::new(executor.clone(), rules);
        let office = Self {
            _world: world,
            executor,
            pay,
            benefits,
            servers,
            facts,
            asked: Mutex::default(),
        };
        let opening = Money::parse("1000000.00").unwrap();
        office.pay.open_book(&office.by("kuai"), book(), opening).await.unwrap();
        office
    }

    /// Another command each time.
    pub fn by(&self, who: &str) -> Envelope {
        let mut asked = self.asked.lock().unwrap();
        *asked += 1;
        Envelope::new(derived_id("office", &[&asked.to_be_bytes()]), who)
    }

    /// Carries out a plan of the process of deaths and merges.
    pub async fn run(
        &self,
        plan: impl AsyncFn(&Unit) -> Result<(), CommandError>,
    ) -> Result<(), CommandError> {
        let by = self.by("process:lives");
        self.executor.run(&by, "test", &(), async |unit: Unit| plan(&unit).await).await.map(|_| ())
    }

    /// Somebody with a pension from January, and a verified account.
    pub async fn payee(&self, sequence: u32) -> Payee {
        let person = registered(&self.executor, sequence).await;
        let address = self.address(person, sequence).await;
        let whole = Component::whole();
        let amount = Money::parse(PENSION).unwrap();
        let input = RegisterGrant {
            grant: None,
            person,
            arises_from: None,
            item: item(),
            components: vec![ComponentAmount { component: whole, amount }],
            from: month(1),
            to: None,
            payee: None,
            fund: None,
            area: area(),
            county: county(),
            address,
            basis: "通人社核2026-12".to_owned(),
        };
        let done = self.benefits.register_grant(&self.by("registrar"), &input).await.unwrap();
        self.facts.grants.lock().unwrap().push(done.result);
        Payee { person, grant: done.result, address }
    }

    pub async fn address(&self, person: PersonId, sequence: u32) -> PayAddressId {
        let cards = Cards::new(self.executor.clone());
        let owner = Owner::Person { person };
        let account = account(sequence);
        let input = RegisterAddress { address: None, owner, account, on: None };
        let made = cards.register_address(&self.by("registrar"), &input).await.unwrap().result;
        let verify = VerifyAddress { address: made.address, version: 1, on: None };
        cards.verify_address(&self.by("registrar"), &verify).await.unwrap();
        made.address
    }

    /// Another account, which the bank confirms.
    pub async fn repoint(&self, payee: &Payee, sequence: u32) {
        let cards = Cards::new(self.executor.clone());
        let (address, reason) = (payee.address, "换卡".to_owned());
        let change = ChangeAddress { address, account: account(sequence), reason, on: None };
        cards.change_address(&self.by("registrar"), &change).await.unwrap();
        let verify = VerifyAddress { address, version: 2, on: None };
        cards.verify_address(&self.by("registrar"), &verify).await.unwrap();
    }

    pub async fn open(&self, of: i8, run: RunType) -> String {
        let input = OpenRun {
            item: item(),
            month: month(of),
            area: area(),
            run,
            agency: agency(),
            fund: None,
            pay_day: Some(Date::constant(2026, of, 13)),
            exception: Some("测试".to_owned()),
        };
        self.pay.open_run(&self.by("hu"), &input).await.unwrap().result
    }

    pub async fn calculated(&self, of: i8, run: RunType) -> String {
        let plan = self.open(of, run).await;
        self.pay.freeze(&self.by("hu"), &plan).await.unwrap();
        self.pay.calculate(&self.by("hu"), &plan).await.unwrap();
        plan
    }

    pub async fn funded(&self, of: i8, run: RunType) -> String {
        let plan = self.calculated(of, run).await;
        self.fund(&plan).await;
        plan
    }

    pub async fn fund(&self, plan: &str) {
        self.pay.submit(&self.by("hu"), plan).await.unwrap();
        loop {
            let (state, _) = self.executor.load::<Plan>(plan).await.unwrap();
            let Some(role) = state.next_role().map(str::to_owned) else { break };
            self.pay.review(&self.by(&role), plan, &role).await.unwrap();
        }
        self.pay.reserve(&self.by("accountant"), plan).await.unwrap();
    }

    /// The one batch of a plan, at the bank and debited.
    pub async fn debited(&self, plan: &str) -> String {
        let by = self.by("accountant");
        let batch = self.pay.compose(&by, plan).await.unwrap().result.batches.remove(0);
        self.send(&batch).await;
        batch
    }

    pub async fn send(&self, batch: &str) {
        for role in ["accountant", "cashier"] {
            self.pay.sign(&self.by(role), batch, role).await.unwrap();
        }
        self.pay.send(&self.by("cashier"), batch).await.unwrap();
        let total = self.batch(batch).await.total.unwrap();
        let on = Date::constant(2026, 3, 2);
        self.pay.debit(&self.by("cashier"), batch, "HD-1", total, on).await.unwrap();
    }

    /// The words of a reply: of each line, by its sequence, that it is paid or why it is not.
    pub async fn reply(&self, batch: &str, said: &[(u32, Option<ReturnReason>)]) -> String {
        let state = self.batch(batch).await;
        let mut text = format!("{batch}\n{}\n", state.replies.len());
        for (seq, reason) in said {
            let amount = state.line(*seq).unwrap().attempt.amount;
            let word = reason.map_or("P", ReturnReason::code);
            text.push_str(&format!("{seq}|{amount}|{word}\n"));
        }
        text
    }

    /// The bank puts a file on its server, then its mark.
    pub fn bank_leaves(&self, path: &str, bytes: &[u8]) {
        let server = self.servers.server(bank());
        let (_, mark) = Lines::mark(path, bytes);
        server.put(path, bytes);
        server.put(&format!("{path}.ok"), &mark);
    }

    /// The bank says so.
    pub async fn answer(
        &self,
        batch: &str,
        said: &[(u32, Option<ReturnReason>)],
    ) -> Result<ReplyApplied, CommandError> {
        let text = self.reply(batch, said).await;
        let by = self.by("cashier");
        let receipt = self.pay.receive_reply(&by, bank(), "HP.txt", text.as_bytes()).await?.result;
        let applied = self.pay.apply_reply(&self.by("cashier"), batch, receipt.reply).await?;
        Ok(applied.result)
    }

    /// The sequence of somebody's line in a batch.
    pub async fn seq(&self, batch: &str, payee: &Payee) -> u32 {
        let state = self.batch(batch).await;
        let found = state.lines.iter().position(|sent| sent.attempt.person == payee.person);
        u32::try_from(found.unwrap()).unwrap() + 1
    }

    pub async fn batch(&self, id: &str) -> Arc<Batch> {
        self.executor.load::<Batch>(id).await.unwrap().0
    }

    pub async fn part(&self, plan: &str) -> Arc<Part> {
        self.executor.load::<Part>(ids::part(plan, 1)).await.unwrap().0
    }

    pub async fn obligation(&self, id: ObligationId) -> Arc<Obligation> {
        self.executor.load::<Obligation>(id).await.unwrap().0
    }
}

pub(super) fn bank() -> BankCode {
    BankCode::parse("BOC").unwrap()
}

fn account(sequence: u32) -> AccountInput {
    let number = format!("4563510{sequence:09}");
    AccountInput { number: number.into(), name: "陈建国".into(), bank: bank(), card: None }
}

struct Bundled(Arc<Catalogue>);

impl Rules for Bundled {
    fn on(&self, _: Date) -> Result<Arc<Catalogue>, FactsFault> {
        Ok(self.0.clone())
    }
}

/// What the read models would say, from the streams themselves.
struct Facts {
    executor: Executor,
    grants: Mutex<Vec<GrantId>>,
}

impl PayFacts for Facts {
    fn population(
        &self,
        _: ItemId,
        _: FundCode,
        month: Month,
        _: AreaCode,
        at_least: Position,
    ) -> Answer<'_, Result<Population, FactsFault>> {
        Box::pin(async move {
            let envelope = Envelope::new(uuid::Uuid::nil(), "facts");
            let unit = Unit::new(self.executor.clone(), &envelope, month.last_day());
            let mut grants = self.grants.lock().unwrap().clone();
            grants.sort();
            let mut found = Vec::new();
            for id in grants {
                let (grant, revision) = unit.load::<Grant>(id).await.unwrap();
                let record = grant.record().unwrap();
                if month < record.from || record.last.is_some_and(|last| month > last) {
                    continue;
                }
                let amounts = grant.amounts_for(month).unwrap_or(&[]);
                found.push(GrantFacts {
                    grant: id,
                    revision: revision.0,
                    person: record.person,
                    payee: None,
                    life: life_of(&unit, record.person).await.unwrap(),
                    payee_life: None,
                    suspended: amounts.is_empty(),
                    components: amounts
                        .iter()
                        .map(|one| (one.component, one.amount, record.from))
                        .collect(),
                    address: address_of(&unit, record.address).await.unwrap(),
                    county: record.county,
                    due: Vec::new(),
                    also: Vec::new(),
                    competing: None,
                    deductions: Vec::new(),
                });
            }
            Ok(Population { at: at_least, grants: found })
        })
    }

    fn payees<'a>(
        &'a self,
        of: &'a [(PersonId, PayAddressId, u32)],
        _: Position,
    ) -> Answer<'a, Result<Vec<Option<PayeeEnvelopes>>, FactsFault>> {
        let sealed = |subject: uuid::Uuid| format!("plain|{subject}|e|p|1234");
        let envelopes = of.iter().map(|(person, _, version)| {
            let subject = person.uuid();
            Some(PayeeEnvelopes {
                subject,
                id_number: Some(sealed(subject)),
                account: format!("{}{version}", sealed(subject)),
                account_name: sealed(subject),
            })
        });
        Box::pin(ready(Ok(envelopes.collect())))
    }

    fn addresses_of(
        &self,
        _: PersonId,
        _: Position,
    ) -> Answer<'_, Result<Vec<PayAddressId>, FactsFault>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    fn address_editors(
        &self,
        _: Month,
        _: Position,
    ) -> Answer<'_, Result<Vec<String>, FactsFault>> {
        Box::pin(ready(Ok(Vec::new())))
    }
}

/// Files of plain lines, a signer who signs anything.
struct Lines;

impl BankFiles for Lines {
    fn instruction(
        &self,
        _: &Catalogue,
        header: &InstructionHeader,
        lines: &[Instruction],
    ) -> Result<ComposedFile, Rejected> {
        let rows: Vec<String> = lines
            .iter()
            .map(|line| format!("{}|{}|{}", line.seq, line.attempt, line.amount))
            .collect();
        Ok(ComposedFile {
            name: format!("{}.txt", header.batch),
            bytes: format!("{}\n{}", header.batch, rows.join("\n")).into_bytes(),
            ready_name: format!("{}.txt.ok", header.batch),
            ready_bytes: Vec::new(),
            layout: "plain".to_owned(),
            layout_digest: String::new(),
        })
    }

    fn ready_mark(
        &self,
        _: &Catalogue,
        _: BankCode,
        name: &str,
        bytes: &[u8],
    ) -> Result<(String, Vec<u8>), Rejected> {
        Ok(Self::mark(name, bytes))
    }

    fn reply(
        &self,
        _: &Catalogue,
        _: BankCode,
        _: &str,
        bytes: &[u8],
    ) -> Result<ParsedReply, Rejected> {
        let text = str::from_utf8(bytes).unwrap();
        let batch = text.lines().next().unwrap().to_owned();
        let rows = (1..).zip(text.lines().skip(2)).map(|(row, line)| {
            let parts: Vec<&str> = line.split('|').collect();
            let said = match parts[2] {
                "P" => Ok(format!("serial-{row}")),
                code => Err(code.parse().unwrap()),
            };
            let (seq, amount) = (parts[0].parse().ok(), Money::parse(parts[1]).unwrap());
            ReplyRow { row, attempt: None, seq, amount, said: Some(said) }
        });
        Ok(ParsedReply { batch, rows: rows.collect() })
    }

    fn statement(
        &self,
        _: &Catalogue,
        _: BankCode,
        _: &str,
        _: &[u8],
    ) -> Result<ParsedStatement, Rejected> {
        Err(Rejected { faults: Vec::new() })
    }
}

impl Lines {
    fn mark(name: &str, bytes: &[u8]) -> (String, Vec<u8>) {
        let digest = derived_id("mark", &[bytes]).simple().to_string();
        (format!("{name}.ok"), digest.into_bytes())
    }
}

impl Signer for Lines {
    fn sign(&self, _: &[u8]) -> Result<String, FactsFault> {
        Ok("3045".to_owned())
    }
}
