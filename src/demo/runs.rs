//! One run of an item-period: opened, frozen, calculated, compared, reviewed, funded, instructed and
//! answered, each step by the person whose step it is.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use commands::benefits::AdjustGrant;
use commands::disbursement::{BookKey, Calculated, DecideExceptions, OpenRun, ids};
use disbursement::batch::Batch;
use disbursement::comparison::{Comparison, Decision, Kind};
use disbursement::part::Part;
use disbursement::plan::{Plan, Stage};
use shared::{BankCode, Component, Money, RunType};
use simulations::story::pensions::Keyed;

use super::banks::{Answered, Banks};
use super::calendar::Scheduled;
use super::office::{Office, agency};

/// A run on its way.
pub struct Run {
    pub on: Scheduled,
    pub plan: String,
    pub book: BookKey,
    net: Money,
    pub batches: Vec<(String, BankCode, Money)>,
}

impl Run {
    /// From opening to approval; nothing where nobody is owed anything.
    pub async fn prepare(office: &Office<'_>, on: &Scheduled) -> Result<Option<Self>> {
        let keyed = &office.story.keyed;
        let mut wrong = false;
        if !office.plain {
            let of_keyed = office.grant(keyed.grant);
            wrong = on.run == RunType::Normal
                && on.month == keyed.month
                && on.item == of_keyed.item
                && on.area == office.area(of_keyed)?;
        }
        if wrong {
            sent_back(office, on, keyed).await?;
        }
        let (plan, calculated) = calculated(office, on, if wrong { "again" } else { "" }).await?;
        if calculated.lines == 0 {
            let envelope = office.envelope("handler", "cancel", &plan)?;
            office.node.disbursement.cancel_plan(&envelope, &plan, "本批次无应发人员").await?;
            return Ok(None);
        }
        accept_exceptions(office, &plan).await?;
        let pay = &office.node.disbursement;
        pay.submit(&office.envelope("handler", "submit", &plan)?, &plan).await?;
        loop {
            let (state, _) = office.node.executor.load::<Plan>(&plan).await?;
            let Some(role) = state.next_role().filter(|_| state.stage == Stage::InReview) else {
                break;
            };
            let envelope = office.envelope(role, "review", format!("{plan} {role}"))?;
            pay.review(&envelope, &plan, role).await?;
        }
        let (fund, area, year) = (on.fund, on.area, on.month.year());
        let book = BookKey { fund, area, agency: agency()?, year };
        let (net, batches) = (calculated.net, Vec::new());
        Ok(Some(Self { on: on.clone(), plan, book, net, batches }))
    }

    /// The money of the run comes, to the account at each bank that pays of it.
    pub async fn fund(&self, office: &Office<'_>, banks: &mut Banks) -> Result<()> {
        let pay = &office.node.disbursement;
        for (bank, amount) in self.by_bank(office).await? {
            let reference = format!("BK-{}-{bank}", self.plan);
            let envelope = office.envelope("accountant", "appropriate", &reference)?;
            pay.receive_appropriation(&envelope, self.book, amount, &reference).await?;
            banks.appropriate(self.book, bank, amount, &reference, office.day.get())?;
        }
        let envelope = office.envelope("accountant", "reserve", &self.plan)?;
        pay.reserve(&envelope, &self.plan).await?;
        Ok(())
    }

    /// Bank files, two keys, and out.
    pub async fn send(&mut self, office: &Office<'_>) -> Result<()> {
        let pay = &office.node.disbursement;
        let envelope = office.envelope("accountant", "compose", &self.plan)?;
        let composed = pay.compose(&envelope, &self.plan).await?.result;
        if composed.instructed + composed.held != self.net {
            bail!("plan {} is not composed whole", self.plan);
        }
        for batch in composed.batches {
            for role in ["accountant", "cashier"] {
                let envelope = office.envelope(role, "sign", format!("{batch} {role}"))?;
                pay.sign(&envelope, &batch, role).await?;
            }
            pay.send(&office.envelope("cashier", "send", &batch)?, &batch).await?;
            let (state, _) = office.node.executor.load::<Batch>(&batch).await?;
            let header = state.header.as_ref().context("a composed batch has a header")?;
            self.batches.push((batch, header.bank, state.total.unwrap_or(Money::ZERO)));
        }
        Ok(())
    }

    /// The banks take the files, debit them and reply; of one that gives no answer nobody knows
    /// anything.
    pub async fn pay(&self, office: &Office<'_>, banks: &mut Banks) -> Result<()> {
        let pay = &office.node.disbursement;
        let day = office.day.get();
        for (batch, bank, _) in &self.batches {
            let Some(answered) = banks.answer(office, &self.on, *bank, batch, self.book)? else {
                let envelope = office.envelope("cashier", "lose", batch)?;
                pay.lose_outcome(&envelope, batch, "银行系统超时").await?;
                let envelope = office.envelope("cashier", "ask", batch)?;
                let unknown = disbursement::batch::Answer::Unknown;
                pay.query_batch(&envelope, batch, &unknown).await?;
                continue;
            };
            let Answered { reference, slip, amount, replies } = answered;
            let envelope = office.envelope("cashier", "acknowledge", batch)?;
            pay.acknowledge(&envelope, batch, &reference).await?;
            let accountant = office.envelope("accountant", "debit", batch)?;
            pay.debit(&accountant, batch, &slip, amount, day).await?;
            for (place, (name, bytes)) in replies.iter().enumerate() {
                reply(office, *bank, batch, (place, name, bytes)).await?;
            }
        }
        Ok(())
    }

    /// What its lines come to at each bank.
    async fn by_bank(&self, office: &Office<'_>) -> Result<BTreeMap<BankCode, Money>> {
        let (plan, _) = office.node.executor.load::<Plan>(&self.plan).await?;
        let mut sums: BTreeMap<BankCode, Money> = BTreeMap::new();
        for part in &plan.parts {
            let id = ids::part(&self.plan, part.part);
            let (part, _) = office.node.executor.load::<Part>(id).await?;
            for line in &part.lines {
                *sums.entry(line.bank).or_insert(Money::ZERO) += line.net();
            }
        }
        sums.retain(|_, sum| sum.is_positive());
        Ok(sums)
    }
}

/// A reply file is kept and applied.
pub async fn reply(
    office: &Office<'_>,
    bank: BankCode,
    batch: &str,
    (place, name, bytes): (usize, &str, &[u8]),
) -> Result<()> {
    let pay = &office.node.disbursement;
    let of = format!("{batch} {place} {name} {}", office.day.get());
    let envelope = office.envelope("cashier", "receive", &of)?;
    let receipt = pay.receive_reply(&envelope, bank, name, bytes).await?.result;
    if !receipt.before {
        let envelope = office.envelope("cashier", "apply", &of)?;
        pay.apply_reply(&envelope, batch, receipt.reply).await?;
    }
    Ok(())
}

/// Opened, frozen and calculated. `turn` tells two runs of one day apart.
async fn calculated(
    office: &Office<'_>,
    on: &Scheduled,
    turn: &str,
) -> Result<(String, Calculated)> {
    let pay = &office.node.disbursement;
    let Scheduled { item, month, area, fund, run, paid, .. } = *on;
    // A month's own run follows the calendar, though its money comes late.
    let own = office.node.rules.on(month.last_day())?;
    let weekly = matches!(own.item(item)?.pay_day, definitions::PayDay::DayOfWeek { .. });
    let pay_day = (run != RunType::Normal || weekly).then_some(paid);
    let (agency, fund, exception) = (agency()?, Some(fund), None);
    let open = OpenRun { item, month, area, run, agency, fund, pay_day, exception };
    let handler = |what| office.envelope("handler", what, format!("{}{turn}", on.key()));
    let plan = pay.open_run(&handler("open")?, &open).await?.result;
    pay.freeze_with(&handler("freeze")?, &plan, &on.back).await?;
    let calculated = pay.calculate(&handler("calculate")?, &plan).await?.result;
    Ok((plan, calculated))
}

/// The list of the comparison: whoever calculated the plan looks at each exception.
async fn accept_exceptions(office: &Office<'_>, plan: &str) -> Result<()> {
    let pay = &office.node.disbursement;
    pay.compare(&office.envelope("handler", "compare", plan)?, plan).await?;
    let (list, _) = office.node.executor.load::<Comparison>(plan).await?;
    let exceptions = (0_u32..).zip(&list.entries);
    let exceptions = exceptions.filter(|(_, entry)| entry.kind == Kind::Exception);
    let entries: Vec<u32> = exceptions.map(|(place, _)| place).collect();
    if !entries.is_empty() {
        let (decision, reason) = (Decision::Accepted, "与核定表一致".to_owned());
        let decide = DecideExceptions { entries, decision, reason };
        let envelope = office.envelope("handler", "decide-exceptions", plan)?;
        pay.decide_exceptions(&envelope, plan, &decide).await?;
    }
    Ok(())
}

/// Twelve months keyed into one: the handler lets it pass, the checker does not, and the run is made
/// anew (DISBURSEMENT 4.11).
async fn sent_back(office: &Office<'_>, on: &Scheduled, keyed: &Keyed) -> Result<()> {
    let pay = &office.node.disbursement;
    let (plan, _) = calculated(office, on, "").await?;
    accept_exceptions(office, &plan).await?;
    pay.submit(&office.envelope("handler", "submit", &plan)?, &plan).await?;
    let envelope = office.envelope("checker", "send-back", &plan)?;
    pay.send_back(&envelope, &plan, "checker", "12个月金额录入为1个月").await?;
    let envelope = office.envelope("handler", "cancel", &plan)?;
    pay.cancel_plan(&envelope, &plan, "金额录入错误，更正后重新核算").await?;
    let (component, amount) = (Component::whole(), keyed.right);
    let right = AdjustGrant {
        grant: office.grant(keyed.grant).id,
        from: keyed.month,
        components: vec![benefits::grant::ComponentAmount { component, amount }],
        reason: "更正录入错误".to_owned(),
    };
    let envelope = office.envelope("registrar", "key-right", keyed.grant)?;
    office.node.benefits.adjust_grant(&envelope, &right).await?;
    Ok(())
}
