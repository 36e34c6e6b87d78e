//! Cards and pay addresses, as sentences.

use cards::address::{Address, FreezeReason, Owner};
use cards::card::{Account, Card};
use cards::claims;
use shared::{BankCode, CardId, Date, PersonId, ReturnReason};

use super::{
    AccountInput, ApplyForCard, CancelCard, CardStep, Cards, ChangeAddress, DecideApplication,
    DeliverCard, FailVerification, FreezeAddress, IssueCard, MakeCard, PrefixWarning,
    RegisterAddress, RejectApplication, ReplaceCard, UnfreezeAddress, VerifyAddress,
};
use crate::bulk::Row;
use crate::fixture::{Lagging, World};
use crate::registry::tests::town::{
    card_number, county, dies, envelope, everything, outlet, registered,
};
use crate::{CommandError, Done, Executor};

fn cards(executor: &Executor) -> Cards {
    Cards::new(executor.clone())
}

fn bank(code: &str) -> BankCode {
    BankCode::parse(code).unwrap()
}

fn form(person: PersonId) -> ApplyForCard {
    ApplyForCard {
        application: None,
        person,
        bank: bank("ABC"),
        county: county(),
        outlet: None,
        replaces: None,
        on: None,
    }
}

/// Applied for and accepted, and then made.
async fn made(
    executor: &Executor,
    name: &str,
    input: &ApplyForCard,
    number: u32,
) -> Result<Done<super::CardMade>, CommandError> {
    let cards = cards(executor);
    let asked = |step: &str| envelope(&format!("{name} {step}"));
    let application = cards.apply_for_card(&asked("apply"), input).await?.result;
    let accept = DecideApplication { application, on: None };
    cards.accept_application(&asked("accept"), &accept).await?;
    let make = MakeCard {
        card: None,
        application,
        number: card_number(number).into(),
        generation: 3,
        valid_until: None,
        account: Some(Account::Changed),
        on: None,
    };
    cards.make_card(&asked("make"), &make).await
}

fn step(card: CardId) -> CardStep {
    CardStep { card, on: None }
}

async fn valid(executor: &Executor, person: PersonId) -> Option<String> {
    let held = executor.log().claims(&[claims::valid_card(person)]).await.unwrap();
    held.into_iter().flatten().next().map(|held| held.holder)
}

fn row(person: PersonId, outlet: shared::OrganisationId, number: u32) -> IssueCard {
    IssueCard {
        person,
        bank: bank("ABC"),
        number: card_number(number).into(),
        name: "陈建国".into(),
        county: county(),
        outlet,
        generation: 3,
        on: None,
    }
}

#[tokio::test]
async fn a_card_goes_from_application_to_a_verified_pay_address() {
    let world = World::new();
    let executor = &world.executor;
    let (chen, counter) = (registered(executor, 1).await, outlet(executor).await);
    let card = made(executor, "a", &form(chen), 1).await.unwrap().result;
    assert_eq!(card.warning, None);
    let (id, cards) = (card.card, cards(executor));
    let deliver = DeliverCard { card: id, outlet: counter, on: None };
    cards.deliver_card(&envelope("d"), &deliver).await.unwrap();
    cards.issue_card(&envelope("i"), &step(id)).await.unwrap();
    let register = RegisterAddress {
        address: None,
        owner: Owner::Person { person: chen },
        account: AccountInput {
            number: card_number(1).into(),
            name: "陈建国".into(),
            bank: bank("ABC"),
            card: Some(id),
        },
        on: None,
    };
    let address = cards.register_address(&envelope("r"), &register).await.unwrap().result.address;
    let verify = VerifyAddress { address, version: 1, on: None };
    let error = cards.verify_address(&envelope("v"), &verify).await.unwrap_err();
    assert_eq!(error.code(), "ADDRESS_CARD_TAKES_NO_CREDITS");
    cards.activate_financial_account(&envelope("f"), &step(id)).await.unwrap();
    cards.activate_social_function(&envelope("s"), &step(id)).await.unwrap();
    cards.verify_address(&envelope("v"), &verify).await.unwrap();
    let error = cards.register_address(&envelope("r2"), &register).await.unwrap_err();
    assert_eq!(error.code(), "ADDRESS_ACCOUNT_REGISTERED");
    cards.report_card_lost(&envelope("l"), &step(id)).await.unwrap();
    cards.withdraw_card_loss(&envelope("w"), &step(id)).await.unwrap();
    let text = everything(&world, &[envelope("a make").command_id]).await;
    assert!(!text.contains(&card_number(1)) && !text.contains("陈建国"));
}

#[tokio::test]
async fn another_banks_prefix_is_a_warning_and_decides_nothing() {
    let World { executor, .. } = World::new();
    let chen = registered(&executor, 1).await;
    let input = ApplyForCard { bank: bank("BOC"), ..form(chen) };
    let card = made(&executor, "a", &input, 1).await.unwrap().result;
    assert_eq!(card.warning, Some(PrefixWarning::OtherBank));
}

#[tokio::test]
async fn a_person_has_one_open_application_until_it_is_rejected() {
    let World { executor, .. } = World::new();
    let (chen, cards) = (registered(&executor, 1).await, cards(&executor));
    let first = cards.apply_for_card(&envelope("a"), &form(chen)).await.unwrap().result;
    let error = cards.apply_for_card(&envelope("b"), &form(chen)).await.unwrap_err();
    assert_eq!(error.code(), "APPLICATION_OPEN");
    let reject =
        RejectApplication { application: first, on: None, reason: "材料不全".to_owned() };
    cards.reject_application(&envelope("r"), &reject).await.unwrap();
    cards.apply_for_card(&envelope("c"), &form(chen)).await.unwrap();
}

#[tokio::test]
async fn a_person_has_one_valid_card_whoever_is_faster() {
    let world = World::new();
    let executor = &world.executor;
    let (chen, counter) = (registered(executor, 1).await, outlet(executor).await);
    let (mine, other) = (Lagging::over(executor), world.other_node());
    let (a, b) = (envelope("a"), envelope("b"));
    let (one, two) = (row(chen, counter, 1), row(chen, counter, 2));
    let (cards_a, cards_b) = (cards(&mine), cards(&other));
    let (one, two) = tokio::join!(
        cards_a.issue_cards(&a, std::slice::from_ref(&one)),
        cards_b.issue_cards(&b, std::slice::from_ref(&two))
    );
    let rows = [one.unwrap().rows, two.unwrap().rows].concat();
    let refused: Vec<_> = rows
        .iter()
        .filter_map(|row| match row {
            Row::Refused(refused) => Some(refused.code.as_str()),
            Row::Done(_) => None,
        })
        .collect();
    assert_eq!(refused, ["CARD_VALID_HELD"]);
    let error = made(executor, "c", &form(chen), 3).await.unwrap_err();
    assert_eq!(error.code(), "APPLICATION_HAS_VALID_CARD");
}

#[tokio::test]
async fn a_replacement_ends_the_old_card_and_hands_its_claim_over() {
    let World { executor, .. } = World::new();
    let (chen, counter) = (registered(&executor, 1).await, outlet(&executor).await);
    let cards = cards(&executor);
    let issued = cards.issue_cards(&envelope("i"), &[row(chen, counter, 1)]).await.unwrap();
    let old = issued.done().next().unwrap().card;
    assert_eq!(valid(&executor, chen).await, Some(format!("card-{old}")));

    // Through an application of its own.
    let input = ApplyForCard { replaces: Some(old), ..form(chen) };
    let second = made(&executor, "second", &input, 2).await.unwrap().result.card;
    assert_eq!(valid(&executor, chen).await, Some(format!("card-{second}")));
    let (state, _) = executor.load::<Card>(old).await.unwrap();
    assert!(matches!(*state, Card::Replaced { by, .. } if by == second));

    // At the counter, in one step, under the same number.
    let deliver = DeliverCard { card: second, outlet: counter, on: None };
    cards.deliver_card(&envelope("d"), &deliver).await.unwrap();
    cards.issue_card(&envelope("s"), &step(second)).await.unwrap();
    let replace = ReplaceCard {
        card: second,
        by: None,
        number: card_number(2).into(),
        bank: None,
        county: county(),
        outlet: Some(counter),
        generation: 3,
        valid_until: None,
        account: Account::Kept,
        on: None,
    };
    let third = cards.replace_card(&envelope("r"), &replace).await.unwrap().result.card;
    assert_eq!(valid(&executor, chen).await, Some(format!("card-{third}")));
    let again = ReplaceCard { card: old, ..replace };
    let error = cards.replace_card(&envelope("t"), &again).await.unwrap_err();
    assert_eq!(error.code(), "CARD_REPLACED");

    let cancel = CancelCard { card: third, reason: "出国定居".to_owned(), on: None };
    cards.cancel_card(&envelope("x"), &cancel).await.unwrap();
    assert_eq!(valid(&executor, chen).await, None);
    made(&executor, "fourth", &form(chen), 4).await.unwrap();
}

#[tokio::test]
async fn a_death_that_comes_while_a_card_is_issued_stops_it() {
    let World { executor, .. } = World::new();
    let (chen, counter) = (registered(&executor, 1).await, outlet(&executor).await);
    let card = made(&executor, "a", &form(chen), 1).await.unwrap().result.card;
    let deliver = DeliverCard { card, outlet: counter, on: None };
    cards(&executor).deliver_card(&envelope("d"), &deliver).await.unwrap();
    let (slow, asked, input) = (cards(&Lagging::over(&executor)), envelope("i"), step(card));
    let (issued, ()) = tokio::join!(
        slow.issue_card(&asked, &input),
        dies(&executor, chen, Date::constant(2026, 3, 1))
    );
    assert_eq!(issued.unwrap_err().code(), "CARD_HOLDER_DEAD");
}

#[tokio::test]
async fn bad_rows_of_an_import_of_cards_are_reported_and_leave_nothing() {
    let world = World::new();
    let executor = &world.executor;
    let counter = outlet(executor).await;
    let mut people = Vec::new();
    for sequence in 1..=4 {
        people.push(registered(executor, sequence).await);
    }
    dies(executor, people[3], Date::constant(2026, 3, 1)).await;
    let nobody = PersonId::from_uuid(uuid::Uuid::from_u128(5));
    let mut rows: Vec<_> =
        people.iter().chain([&nobody]).zip(1..).map(|(id, it)| row(*id, counter, it)).collect();
    rows.push(row(people[0], counter, 9));
    rows[2].number = "6228480".into();
    rows[1].number = rows[0].number.clone();
    let events = world.log.events().len();
    let asked = envelope("i");
    let bulk = cards(executor).issue_cards(&asked, &rows).await.unwrap();
    let codes: Vec<_> = bulk.refused().map(|(place, row)| (place, row.code.as_str())).collect();
    let expected = [
        (1, "CARD_NUMBER_REGISTERED"),
        (2, "NUMBER_LENGTH"),
        (3, "APPLICATION_PERSON_DEAD"),
        (4, "PERSON_UNKNOWN"),
        (5, "CARD_VALID_HELD"),
    ];
    assert_eq!(codes, expected);
    assert_eq!(world.log.events().len() - events, 9);
    let address = bulk.done().next().unwrap().address;
    let (state, _) = executor.load::<Address>(address).await.unwrap();
    assert_eq!(state.usable(cards::address::CardFact::TakesCredits), Ok(1));
    // What is sealed names the very event that it stands in.
    for event in world.log.events().iter().skip(events) {
        for sealed in event.data.split("plain|").skip(1) {
            assert_eq!(sealed.split('|').nth(1), Some(event.id.to_string().as_str()));
        }
    }
}

#[tokio::test]
async fn a_changed_account_gives_the_old_one_free_and_is_verified_again() {
    let World { executor, .. } = World::new();
    let (chen, cards) = (registered(&executor, 1).await, cards(&executor));
    let account = |number: &str| AccountInput {
        number: number.into(),
        name: "陈建国".into(),
        bank: bank("ABC"),
        card: None,
    };
    let register = RegisterAddress {
        address: None,
        owner: Owner::Person { person: chen },
        account: account("1011 0001-2345"),
        on: None,
    };
    let address = cards.register_address(&envelope("a"), &register).await.unwrap().result.address;
    let fail =
        FailVerification { address, version: 1, reason: ReturnReason::NameMismatch, on: None };
    cards.fail_verification(&envelope("f"), &fail).await.unwrap();
    let change = ChangeAddress {
        address,
        account: account("2022000267890"),
        reason: "更换银行".to_owned(),
        on: None,
    };
    let done = cards.change_address(&envelope("c"), &change).await.unwrap();
    assert_eq!(done.result.version, 2);
    let stale = VerifyAddress { address, version: 1, on: None };
    let error = cards.verify_address(&envelope("v"), &stale).await.unwrap_err();
    assert_eq!(error.code(), "ADDRESS_STALE_VERSION");
    // The first account may be registered again, spelled in any way.
    let again = RegisterAddress { account: account("101100012345"), ..register.clone() };
    cards.register_address(&envelope("b"), &again).await.unwrap();
    let freeze = FreezeAddress { address, reason: FreezeReason::Investigation, on: None };
    cards.freeze_address(&envelope("z"), &freeze).await.unwrap();
    let unfreeze = UnfreezeAddress { address, reason: "查无问题".to_owned(), on: None };
    cards.unfreeze_address(&envelope("u"), &unfreeze).await.unwrap();
    let bad = RegisterAddress { account: account("12-AB"), ..register };
    let error = cards.register_address(&envelope("x"), &bad).await.unwrap_err();
    assert_eq!((error.code(), error.field()), ("ACCOUNT_NUMBER_FORM", Some("account.number")));
}
