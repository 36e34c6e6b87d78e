//! Accounts are re-pointed, returned payments corrected, names that a bank cannot write moved.

use anyhow::{Context as _, Result};
use cards::card::Account;
use commands::cards::{CardStep, DeliverCard, ReplaceCard};
use commands::disbursement::{CorrectReturn, NotifyReturn, ReleaseLine};
use commands::tags::{Observe, Tags};
use conditions::Subject;
use shared::{BankCode, CardId, Date, OrganisationId};
use simulations::story::accounts::{Mend, Returned};
use simulations::uuid;

use crate::demo::office::{Office, owed};

/// When the payees of a month are told that their money came back, by month.
const NOTIFIED: [(i8, Date); 3] = [
    (1, Date::constant(2026, 1, 16)),
    (2, Date::constant(2026, 2, 24)),
    (3, Date::constant(2026, 3, 16)),
];
/// Before the first month is frozen.
const SHARED: Date = Date::constant(2026, 1, 5);

pub async fn morning(office: &Office<'_>) -> Result<()> {
    let day = office.day.get();
    if day == SHARED {
        shared(office).await?;
    }
    for renewal in office.story.accounts.renewals.iter().filter(|one| one.on == day) {
        renew(office, renewal.who, &renewal.number).await?;
    }
    for returned in &office.story.accounts.returns {
        if NOTIFIED.contains(&(returned.month.month(), day)) {
            let (obligation, channel) = (obligation(office, returned)?, "sms".to_owned());
            let notify = NotifyReturn { obligation, attempt: 1, channel };
            let envelope = office.envelope("handler", "notify", returned.who)?;
            office.node.disbursement.notify_return(&envelope, &notify).await?;
        }
        if returned.corrected == Some(day) {
            correct(office, returned).await?;
        }
    }
    rare_name(office).await
}

/// What came back.
pub fn obligation(office: &Office<'_>, returned: &Returned) -> Result<shared::ObligationId> {
    let grant = office.grant_of(returned.who)?;
    Ok(owed(grant.item, returned.month, grant.person))
}

async fn correct(office: &Office<'_>, returned: &Returned) -> Result<()> {
    let resident = office.resident(returned.who);
    let bank = resident.card.bank;
    match &returned.mend {
        // The holder activates it at his bank.
        Mend::Activated => {}
        Mend::Renewed(number) => renew(office, returned.who, number).await?,
        Mend::Account(number) => {
            office.repoint(returned.who, (bank, number, &resident.name), None).await?;
        }
        Mend::Name(name) => {
            let number = resident.card.number.as_str();
            office.repoint(returned.who, (bank, number, name), None).await?;
        }
    }
    let (obligation, address) = (obligation(office, returned)?, office.address(returned.who)?);
    let correct = CorrectReturn { obligation, attempt: 1, address };
    let envelope = office.envelope("handler", "correct", returned.who)?;
    office.node.disbursement.correct_return(&envelope, &correct).await?;
    Ok(())
}

/// A renewed card has another account: it is handed out, and the pay address follows.
async fn renew(office: &Office<'_>, who: u32, number: &str) -> Result<()> {
    let cards = &office.node.cards;
    let resident = office.resident(who);
    let outlet = OrganisationId::from_uuid(uuid(office.city.plan(), "organisation", 1));
    let held = office.addresses.card(who);
    let held = held.with_context(|| format!("resident {who} has no card"))?;
    let new = CardId::from_uuid(uuid(office.city.plan(), "renewed-card", who));
    let replace = ReplaceCard {
        card: held,
        by: Some(new),
        number: number.into(),
        bank: None,
        county: resident.county,
        outlet: Some(outlet),
        generation: 3,
        valid_until: None,
        account: Account::Changed,
        on: None,
    };
    let envelope = |what: &str| office.envelope("registrar", what, who);
    cards.replace_card(&envelope("renew")?, &replace).await?;
    let deliver = DeliverCard { card: new, outlet, on: None };
    cards.deliver_card(&envelope("renewed-delivered")?, &deliver).await?;
    let step = CardStep { card: new, on: None };
    cards.issue_card(&envelope("renewed-issued")?, &step).await?;
    cards.activate_social_function(&envelope("renewed-social")?, &step).await?;
    cards.activate_financial_account(&envelope("renewed-financial")?, &step).await?;
    office.repoint(who, (resident.card.bank, number, &resident.name), Some(new)).await
}

/// One account for three people, and one phone on seven: a comparison by whoever may open accounts
/// and contacts says so.
async fn shared(office: &Office<'_>) -> Result<()> {
    let accounts = &office.story.accounts;
    let (of, others) = accounts.shared.split_first().expect("three people share an account");
    let first = office.resident(*of);
    for who in others {
        let name = &office.resident(*who).name;
        let account = (first.card.bank, first.card.number.as_str(), name.as_str());
        office.repoint(*who, account, None).await?;
    }
    let day = office.day.get();
    let one = |fact: &str, who: u32, sharers: usize| Observe {
        kind: Subject::Person,
        subject: office.person(who).to_string(),
        fact: fact.to_owned(),
        from: day,
        value: sharers.to_string(),
        source: "发放账户与联系电话比对".to_owned(),
    };
    let on_account = accounts.shared.iter();
    let on_account = on_account.map(|who| one("account_sharers", *who, accounts.shared.len()));
    let on_phone = accounts.one_phone.iter();
    let on_phone = on_phone.map(|who| one("phone_sharers", *who, accounts.one_phone.len()));
    let observed: Vec<Observe> = on_account.chain(on_phone).collect();
    let envelope = office.envelope("analyst", "observe", "sharers")?;
    Tags::new(office.node.executor.clone(), office.node.rules.clone())
        .observe(&envelope, &observed)
        .await?;
    Ok(())
}

/// 「䶮」 is not in the bank's charset: the line was held, the payee is paid elsewhere from now on.
async fn rare_name(office: &Office<'_>) -> Result<()> {
    let Some(rare) = &office.story.accounts.rare else { return Ok(()) };
    if office.day.get() != rare.moved {
        return Ok(());
    }
    let bank = BankCode::parse("BOC").map_err(|fault| anyhow::anyhow!("{fault}"))?;
    let name = &office.resident(rare.who).name;
    office.repoint(rare.who, (bank, &rare.account, name), None).await?;
    let grant = office.grant_of(rare.who)?;
    let obligation = owed(grant.item, office.city.plan().month, grant.person);
    let reason = "已改为可书写该姓名的银行".to_owned();
    let release = ReleaseLine { obligation, reason };
    let envelope = office.envelope("handler", "release-rare", rare.who)?;
    office.node.disbursement.release_line(&envelope, &release).await?;
    Ok(())
}
