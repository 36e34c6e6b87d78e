//! A pay office without a world behind it: files in memory, a bank that writes what it is told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use definitions::Catalogue;
use disbursement::account::Account;
use disbursement::statement::Direction;
use kernel::Position;
use kernel::log::Answer;
use kernel::process::derived_id;
use shared::{
    AgencyCode, AreaCode, ArtefactId, BankCode, Date, FundCode, ItemId, Money, Month, PayAddressId,
    PersonId, ReturnReason,
};

use super::super::super::{
    AddressFacts, BankFiles, BookKey, ComposedFile, Disbursement, FactsFault, GrantFacts,
    Instruction, InstructionHeader, Life, ParsedReply, ParsedStatement, PayFacts, PayPorts,
    PayeeEnvelopes, Population, Rejected, ReplyRow, Rules, Signer, StatementRow, Usable,
};
use crate::fixture::{MemoryServers, World};
use crate::ports::{ArtefactFault, Artefacts, Incoming, Outgoing, StoredArtefact};
use crate::registry::tests::town::{county, registered, resident};
use crate::{CommandError, Envelope};

pub(crate) const PAID_ON: Date = Date::constant(2026, 2, 13);

/// Files by a digest that is as good as any for a test.
#[derive(Default, Clone)]
pub(crate) struct Shelf(Arc<Mutex<HashMap<ArtefactId, Vec<u8>>>>);

pub(crate) fn digest(bytes: &[u8]) -> ArtefactId {
    let mut digest = [0; 32];
    digest[..16].copy_from_slice(derived_id("shelf", &[bytes]).as_bytes());
    ArtefactId::from_digest(digest)
}

struct In(Shelf, Vec<u8>);
struct Out(Option<Vec<u8>>);

impl Artefacts for Shelf {
    fn begin(&self, _: u64) -> Answer<'_, Result<Box<dyn Incoming>, ArtefactFault>> {
        let incoming: Box<dyn Incoming> = Box::new(In(self.clone(), Vec::new()));
        Box::pin(std::future::ready(Ok(incoming)))
    }

    fn open(&self, id: ArtefactId) -> Answer<'_, Result<Box<dyn Outgoing>, ArtefactFault>> {
        let known = self.0.lock().unwrap().get(&id).cloned();
        let out = known.map(|bytes| Box::new(Out(Some(bytes))) as Box<dyn Outgoing>);
        Box::pin(std::future::ready(out.ok_or(ArtefactFault::Absent(id))))
    }

    fn size(&self, id: ArtefactId) -> Answer<'_, Result<Option<u64>, ArtefactFault>> {
        let size = self.0.lock().unwrap().get(&id).map(|bytes| bytes.len() as u64);
        Box::pin(std::future::ready(Ok(size)))
    }
}

impl Incoming for In {
    fn write<'a>(&'a mut self, piece: &'a [u8]) -> Answer<'a, Result<(), ArtefactFault>> {
        self.1.extend_from_slice(piece);
        Box::pin(std::future::ready(Ok(())))
    }

    fn finish(self: Box<Self>) -> Answer<'static, Result<StoredArtefact, ArtefactFault>> {
        let (id, bytes) = (digest(&self.1), self.1.len() as u64);
        self.0.0.lock().unwrap().insert(id, self.1);
        Box::pin(std::future::ready(Ok(StoredArtefact { id, bytes })))
    }
}

impl Outgoing for Out {
    fn next(&mut self) -> Answer<'_, Result<Option<Vec<u8>>, ArtefactFault>> {
        Box::pin(std::future::ready(Ok(self.0.take())))
    }
}

struct Bundled(Arc<Catalogue>);

impl Rules for Bundled {
    fn on(&self, _: Date) -> Result<Arc<Catalogue>, FactsFault> {
        Ok(self.0.clone())
    }
}

/// Everybody draws the same item.
struct Town {
    grants: Vec<GrantFacts>,
}

impl PayFacts for Town {
    fn population(
        &self,
        _: ItemId,
        _: FundCode,
        _: Month,
        _: AreaCode,
        at: Position,
    ) -> Answer<'_, Result<Population, FactsFault>> {
        let population = Population { at, grants: self.grants.clone() };
        Box::pin(std::future::ready(Ok(population)))
    }

    fn payees<'a>(
        &'a self,
        of: &'a [(PersonId, PayAddressId, u32)],
        _: Position,
    ) -> Answer<'a, Result<Vec<Option<PayeeEnvelopes>>, FactsFault>> {
        let envelopes = of.iter().map(|(person, _, _)| {
            let subject = person.uuid();
            let sealed = |text: &str| format!("plain|{subject}|x|y|{text}");
            Some(PayeeEnvelopes {
                subject,
                id_number: None,
                account: sealed("1"),
                account_name: sealed("c"),
            })
        });
        Box::pin(std::future::ready(Ok(envelopes.collect())))
    }

    fn addresses_of(
        &self,
        _: PersonId,
        _: Position,
    ) -> Answer<'_, Result<Vec<PayAddressId>, FactsFault>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    fn address_editors(
        &self,
        _: Month,
        _: Position,
    ) -> Answer<'_, Result<Vec<String>, FactsFault>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }
}

/// Reads and writes lines of words.
struct Words;

fn fault() -> Rejected {
    Rejected { faults: Vec::new() }
}

fn money(text: &str) -> Result<Money, Rejected> {
    Money::parse(text).map_err(|_| fault())
}

impl BankFiles for Words {
    fn instruction(
        &self,
        _: &Catalogue,
        header: &InstructionHeader,
        lines: &[Instruction],
    ) -> Result<ComposedFile, Rejected> {
        let rows: Vec<String> =
            lines.iter().map(|line| format!("{} {}", line.seq, line.amount)).collect();
        Ok(ComposedFile {
            name: format!("{}.txt", header.batch),
            bytes: format!("{}\n{}", header.batch, rows.join("\n")).into_bytes(),
            ready_name: format!("{}.ok", header.batch),
            ready_bytes: Vec::new(),
            layout: "words".to_owned(),
            layout_digest: String::new(),
        })
    }

    fn ready_mark(
        &self,
        _: &Catalogue,
        _: BankCode,
        name: &str,
        _: &[u8],
    ) -> Result<(String, Vec<u8>), Rejected> {
        Ok((format!("{name}.ok"), Vec::new()))
    }

    /// The batch, then `<seq> <amount> <serial, or a reason of R01…R99>`.
    fn reply(
        &self,
        _: &Catalogue,
        _: BankCode,
        _: &str,
        bytes: &[u8],
    ) -> Result<ParsedReply, Rejected> {
        let text = std::str::from_utf8(bytes).map_err(|_| fault())?;
        let mut lines = text.lines();
        let batch = lines.next().ok_or_else(fault)?.to_owned();
        let mut rows = Vec::new();
        for (row, line) in (1..).zip(lines) {
            let words: Vec<&str> = line.split(' ').collect();
            let said = match words[2] {
                "R03" => Err(ReturnReason::AccountClosed),
                serial => Ok(serial.to_owned()),
            };
            let (seq, amount) = (words[0].parse().ok(), money(words[1])?);
            rows.push(ReplyRow { row, attempt: None, seq, amount, said: Some(said) });
        }
        Ok(ParsedReply { batch, rows })
    }

    /// `<day> <opening>`, then `<serial> <in or out> <amount> <reference or ->`.
    fn statement(
        &self,
        _: &Catalogue,
        _: BankCode,
        _: &str,
        bytes: &[u8],
    ) -> Result<ParsedStatement, Rejected> {
        let text = std::str::from_utf8(bytes).map_err(|_| fault())?;
        let mut lines = text.lines();
        let head: Vec<&str> = lines.next().ok_or_else(fault)?.split(' ').collect();
        let opening = money(head[1])?;
        let (mut balance, mut rows) = (opening, Vec::new());
        for (row, line) in (1..).zip(lines) {
            let words: Vec<&str> = line.split(' ').collect();
            let amount = money(words[2])?;
            let direction = match words[1] {
                "in" => Direction::Credit,
                _ => Direction::Debit,
            };
            balance = match direction {
                Direction::Credit => balance + amount,
                Direction::Debit => balance - amount,
            };
            let reference = Some(words[3].to_owned()).filter(|word| word != "-");
            let serial = words[0].to_owned();
            rows.push(StatementRow { row, serial, direction, amount, reference, balance });
        }
        let on = head[0].parse().map_err(|_| fault())?;
        Ok(ParsedStatement { on, opening, closing: balance, rows })
    }
}

struct Seal;

impl Signer for Seal {
    fn sign(&self, message: &[u8]) -> Result<String, FactsFault> {
        Ok(derived_id("signed", &[message]).simple().to_string())
    }
}

/// A pay office with some people.
pub(crate) struct Desk {
    pub pay: Disbursement,
    pub people: Vec<PersonId>,
    step: u32,
}

pub(crate) fn yuan(text: &str) -> Money {
    Money::parse(text).unwrap()
}

pub(crate) fn item() -> ItemId {
    ItemId::parse("A1").unwrap()
}

pub(crate) fn area() -> AreaCode {
    AreaCode::parse("320600").unwrap()
}

pub(crate) fn bank(code: &str) -> BankCode {
    BankCode::parse(code).unwrap()
}

pub(crate) fn month(number: i8) -> Month {
    Month::new(2026, number).unwrap()
}

pub(crate) fn key() -> BookKey {
    BookKey {
        fund: FundCode::parse("employee-pension").unwrap(),
        area: area(),
        agency: AgencyCode::parse("NT01").unwrap(),
        year: 2026,
    }
}

/// Where the n-th person is paid: the first two at one bank, the others at another.
pub(crate) fn bank_of(index: usize) -> BankCode {
    bank(if index < 2 { "BOC" } else { "JSBANK" })
}

impl Desk {
    /// An office with `people` and a book of 100,000.00.
    pub(crate) async fn open(people: u32) -> Self {
        let world = World::new();
        let mut all = Vec::new();
        for sequence in 1..=people {
            all.push(registered(&world.executor, sequence).await);
        }
        let grants = all.iter().enumerate().map(|(index, person)| GrantFacts {
            grant: derived_id("external-grant", &[person.uuid().as_bytes(), b"A1"]).into(),
            revision: 1,
            person: *person,
            payee: None,
            life: Life::Alive,
            payee_life: None,
            suspended: false,
            components: vec![(shared::Component::whole(), yuan("1000.00"), month(1))],
            address: Some(AddressFacts {
                address: derived_id("address", &[person.uuid().as_bytes()]).into(),
                version: 1,
                bank: bank_of(index),
                usable: Usable::Yes,
            }),
            county: county(),
            due: Vec::new(),
            also: Vec::new(),
            competing: None,
            deductions: Vec::new(),
        });
        let ports = PayPorts {
            facts: Arc::new(Town { grants: grants.collect() }),
            rules: Arc::new(Bundled(Arc::new(Catalogue::bundled().unwrap()))),
            files: Arc::new(Words),
            servers: Arc::new(MemoryServers::default()),
            signer: Arc::new(Seal),
            artefacts: Arc::new(Shelf::default()),
        };
        let pay = Disbursement::new(world.executor.clone(), ports);
        let mut desk = Self { pay, people: all, step: 0 };
        let asked = desk.asks("kuai");
        desk.pay.open_book(&asked, key(), yuan("100000.00")).await.unwrap();
        desk
    }

    /// The next command of somebody, on the pay day.
    pub(crate) fn asks(&mut self, actor: &str) -> Envelope {
        self.step += 1;
        let id = derived_id("desk", &[&self.step.to_be_bytes()]);
        Envelope::new(id, actor).on(PAID_ON)
    }

    pub(crate) async fn book(&self) -> Arc<Account> {
        self.pay.executor().load::<Account>(key()).await.unwrap().0
    }

    /// The file of run `sequence`: everybody is owed 1,000.00, and this is what became of it.
    pub(crate) fn run(&self, sequence: u32, of: Month, results: &[&str]) -> String {
        let mut lines = String::new();
        for (index, result) in results.iter().enumerate() {
            let number = resident(u32::try_from(index).unwrap() + 1);
            let bank = bank_of(index);
            lines += &format!(
                "L|{}|{number}|{bank}|320602|whole||0|1|1000.00|0.00|{result}\n",
                index + 1
            );
        }
        let count = results.len();
        let digest = digest(lines.as_bytes());
        format!(
            "H|province|A1|320600|{sequence}|S{sequence}|{of}|normal|employee-pension|NT01|\
             {PAID_ON}|{count}|{count}000.00|{digest}|\n{lines}"
        )
    }

    pub(crate) async fn mirrors(&mut self, text: &str) -> Result<super::Mirrored, CommandError> {
        let asked = self.asks("feed");
        let done = self.pay.import_external_run(&asked, "run.txt", text.as_bytes()).await?;
        Ok(done.result)
    }

    pub(crate) async fn opens_feed(&mut self) {
        let asked = self.asks("feed");
        self.pay.open_feed(&asked, "province", item(), area(), 1).await.unwrap();
    }

    pub(crate) async fn states(
        &mut self,
        bank: &str,
        text: &str,
    ) -> Result<super::super::super::StatementMatched, CommandError> {
        let asked = self.asks("kuai");
        let at = super::desk::bank(bank);
        let done = self.pay.import_statement(&asked, at, key(), "DZ.txt", text.as_bytes()).await?;
        Ok(done.result)
    }
}
