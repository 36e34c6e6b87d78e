//! Cards, applications and addresses as they are shown.

use cards::address::{Account, Event as Addressed, Owner};
use cards::application::{Event as Asked, Form};
use cards::card::{Event, Made};
use projections::Scope;
use projections::cards::{
    self as view, AddressFilter, AddressState, ApplicationFilter, ApplicationState, CardFilter,
    CardStage,
};
use registry::person::Event as Lived;
use shared::{BankCode, CardApplicationId, OrganisationId};
use uuid::Uuid;

use crate::house::{House, address, card, day, division, person, sealed};
use crate::people;

fn bank() -> BankCode {
    BankCode::parse("BOC").unwrap()
}

fn application(number: u128) -> CardApplicationId {
    CardApplicationId::from_uuid(Uuid::from_u128(0x6000 + number))
}

fn applied(house: &House, number: u128, county: &str) {
    let form = Form {
        person: person(number),
        bank: bank(),
        county: division(county),
        outlet: None,
        replaces: None,
        on: day(1),
    };
    house.happened("application", application(number), &Asked::Applied(form));
}

fn made(number: u128) -> Event {
    Event::Made(Made {
        card: card(number),
        application: application(number),
        person: person(number),
        bank: bank(),
        number: sealed("card number"),
        generation: 3,
        valid_until: None,
        on: day(2),
    })
}

fn within(area: &str) -> Scope {
    Scope { divisions: Some(vec![division(area)]), ..Scope::everything("test") }
}

#[test]
fn cards_are_counted_where_they_stand() {
    let house = House::new();
    let outlet = OrganisationId::from_uuid(Uuid::from_u128(3));
    for (number, county) in [(1, "320602"), (2, "320602"), (3, "320612")] {
        applied(&house, number, county);
        house.happened("application", application(number), &Asked::Accepted { on: day(2) });
        house.happened("card", card(number), &made(number));
    }
    // Nobody knows where it was applied for.
    house.happened("card", card(4), &made(4));
    let on = day(3);
    let steps = [
        Event::Delivered { outlet, on },
        Event::Issued { on },
        Event::SocialFunctionActivated { on },
        Event::FinancialAccountActivated { on },
    ];
    for event in steps {
        house.happened("card", card(1), &event);
    }
    house.happened("card", card(3), &Event::Cancelled { on, reason: "制卡错误".to_owned() });
    let (session, all) = (house.session(), Scope::everything("test"));
    let counted = |scope: &Scope| {
        let rows = view::counts(&session, scope).unwrap();
        rows.into_iter()
            .map(|row| (row.county, row.stage, row.cards, row.social, row.financial))
            .collect::<Vec<_>>()
    };
    let of = |county: &str, stage, active| (county.to_owned(), stage, 1, active, active);
    assert_eq!(
        counted(&all),
        [
            of("", CardStage::Made, 0),
            of("320602", CardStage::Issued, 1),
            of("320602", CardStage::Made, 0),
            of("320612", CardStage::Cancelled, 0),
        ]
    );
    assert_eq!(counted(&within("320612")), [of("320612", CardStage::Cancelled, 0)]);
    let row = view::card(&session, &all, card(1)).unwrap().unwrap();
    assert!(row.social && row.takes_credits());
    assert_eq!((row.outlet, row.issued_on, row.since), (Some(outlet), Some(on), on));
    assert_eq!(view::card(&session, &within("320612"), card(1)).unwrap(), None);
    assert_eq!(view::card(&session, &within("320612"), card(4)).unwrap(), None);
    let issued = CardFilter { stage: Some(CardStage::Issued), ..CardFilter::default() };
    let page = view::cards(&session, &all, &issued, None, 10).unwrap();
    assert_eq!(view::cards_of(&session, &all, &[person(1), person(9)]).unwrap(), page);
    assert_eq!(page, [row]);
    let open = ApplicationFilter {
        state: Some(ApplicationState::Accepted),
        county: Some(division("320612")),
        ..ApplicationFilter::default()
    };
    let found = view::applications(&session, &all, &open, None, 10).unwrap();
    assert_eq!(found.iter().map(|row| row.application).collect::<Vec<_>>(), [application(3)]);
    house.rebuilt_equals_live();
}

#[test]
fn an_address_is_seen_where_its_owner_is() {
    let house = House::new();
    for number in 1..=250 {
        let county = if number % 50 == 0 { "320612" } else { "320602" };
        let registered = Lived::Registered(people::registration(person(number), county));
        house.happened("person", person(number), &registered);
        let account =
            Account { number: sealed("number"), name: sealed("name"), bank: bank(), card: None };
        let owner = Owner::Person { person: person(number) };
        let registered =
            Addressed::Registered { address: address(number), owner, account, on: day(5) };
        house.happened("address", address(number), &registered);
    }
    house.happened("address", address(50), &Addressed::Verified { version: 1, on: day(6) });
    let (session, narrow) = (house.session(), within("320612"));
    let page = |after, limit| {
        let filter = AddressFilter::default();
        let rows = view::addresses(&session, &narrow, &filter, after, limit).unwrap();
        rows.into_iter().map(|row| row.address).collect::<Vec<_>>()
    };
    assert_eq!(page(None, 3), [50, 100, 150].map(address));
    assert_eq!(page(Some(address(150)), 3), [200, 250].map(address));
    let owner = |number| Owner::Person { person: person(number) };
    let of = view::addresses_of(&session, &narrow, &[owner(49), owner(50)]).unwrap();
    assert_eq!(of.len(), 1);
    assert_eq!((of[0].state, of[0].verified_on), (AddressState::Verified, Some(day(6))));
    assert_eq!(view::address(&session, &narrow, address(49)).unwrap(), None);
    let versions =
        view::versions(&session, &narrow, &[(address(49), 1), (address(50), 2)]).unwrap();
    assert_eq!(versions.iter().map(|row| row.address).collect::<Vec<_>>(), [address(49)]);
}
