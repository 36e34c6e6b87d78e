//! One person at a time.

use kernel::EventLog;
use registry::person::{self, DeathSource, Person};
use shared::{Date, DocumentKind, PersonId};
use uuid::Uuid;

use super::town::{dies, entry, envelope, everything, registered, resident, resident_15};
use crate::fixture::{Lagging, TODAY, World};
use crate::registry::{
    AssignGuardian, ChangeContact, ContactInput, CorrectPerson, MergePersons, NumberInput,
    Registry, ReportDeath, SplitPersons, WithdrawDeath,
};
use crate::{CommandError, Executor};

fn registry(executor: &Executor) -> Registry {
    Registry::new(executor.clone())
}

fn correction(person: PersonId) -> CorrectPerson {
    CorrectPerson {
        person,
        name: None,
        number: None,
        sex: None,
        birth: None,
        county: None,
        reason: "登记有误".to_owned(),
        second: None,
    }
}

fn holder(error: &CommandError) -> Option<String> {
    error.params().into_iter().find(|(name, _)| *name == "holder").map(|(_, value)| value)
}

#[tokio::test]
async fn a_number_registered_twice_is_refused_naming_the_holder() {
    let World { executor, log, .. } = World::new();
    let chen = registered(&executor, 1).await;
    let events = log.events().len();
    for asked in [envelope("again"), envelope("dry").dry_run()] {
        let again = registry(&executor).register_person(&asked, &entry("吴芳", resident(1))).await;
        let error = again.unwrap_err();
        assert_eq!((error.code(), error.field()), ("PERSON_NUMBER_REGISTERED", Some("number")));
        assert_eq!(holder(&error).unwrap(), format!("person-{chen}"));
    }
    assert_eq!(log.events().len(), events);
}

#[tokio::test]
async fn both_forms_of_one_number_collide_and_find_the_same_person() {
    for (first, second) in [
        (resident(7), resident_15(7)),
        (resident_15(7), resident(7)),
        (resident_15(7), resident_15(7)),
    ] {
        let World { executor, .. } = World::new();
        let registry = registry(&executor);
        let done = registry.register_person(&envelope("a"), &entry("陈建国", first)).await.unwrap();
        let error =
            registry.register_person(&envelope("b"), &entry("陈建国", second)).await.unwrap_err();
        assert_eq!(error.code(), "PERSON_NUMBER_REGISTERED");
        for form in [resident(7), resident_15(7)] {
            let found = registry.people_by_number(&NumberInput::resident(form)).await.unwrap();
            assert_eq!(found, [done.result]);
        }
        let found = registry.people_by_name(&"陈 建国".into()).await.unwrap();
        assert_eq!(found, [done.result]);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_registration_is_said_with_its_field() {
    let World { executor, log, .. } = World::new();
    let registry = registry(&executor);
    let base = || entry("陈建国", resident(1));
    let passport = NumberInput::Foreign {
        document: DocumentKind::Passport,
        country: "USA".to_owned(),
        text: "123456789".into(),
    };
    let mut wrong_check = resident(1);
    wrong_check.replace_range(17.., if wrong_check.ends_with('1') { "2" } else { "1" });
    let mut cases = vec![
        (entry("陈建国", wrong_check), "NUMBER_CHECK_DIGIT", "number"),
        (entry("陈建国", "320602"), "NUMBER_LENGTH", "number"),
        (entry("  ", resident(1)), "NAME_MISSING", "name"),
    ];
    let mut other_birth = base();
    other_birth.birth = Some(Date::constant(1961, 1, 1));
    cases.push((other_birth, "NUMBER_BIRTH_DIFFERS", "birth"));
    let mut other_sex = base();
    other_sex.sex = Some(shared::Sex::Female);
    cases.push((other_sex, "NUMBER_SEX_DIFFERS", "sex"));
    let mut foreign = base();
    foreign.number = passport.clone();
    foreign.sex = Some(shared::Sex::Female);
    cases.push((foreign, "PERSON_BIRTH_MISSING", "birth"));
    let mut phone = base();
    phone.contact.phone = Some("1380013800".into());
    cases.push((phone, "NUMBER_LENGTH", "phone"));
    let mut town = base();
    town.county = shared::DivisionCode::parse("320612001").unwrap();
    cases.push((town, "NOT_A_COUNTY", "county"));
    for (index, (input, code, field)) in cases.into_iter().enumerate() {
        let asked = envelope(&index.to_string());
        let error = registry.register_person(&asked, &input).await.unwrap_err();
        assert_eq!((error.code(), error.field()), (code, Some(field)), "{index}");
        assert!(!error.zh().is_empty());
    }
    assert!(log.events().is_empty());
}

#[tokio::test]
async fn correcting_a_number_gives_the_old_one_free() {
    let World { executor, .. } = World::new();
    let registry = registry(&executor);
    let input = entry("陈建国", resident_15(1));
    let chen = registry.register_person(&envelope("a"), &input).await.unwrap().result;
    let number = Some(NumberInput::resident(resident(3)));
    let correct = CorrectPerson { number, ..correction(chen) };
    registry.correct_person(&envelope("b"), &correct).await.unwrap();
    let find = async |number: String| {
        registry.people_by_number(&NumberInput::resident(number)).await.unwrap()
    };
    assert_eq!((find(resident(1)).await, find(resident(3)).await), (vec![], vec![chen]));
    let error =
        registry.register_person(&envelope("c"), &entry("吴芳", resident(3))).await.unwrap_err();
    assert_eq!(error.code(), "PERSON_NUMBER_REGISTERED");
    let wu = registry.register_person(&envelope("d"), &entry("吴芳", resident(1))).await.unwrap();
    assert_eq!(find(resident_15(1)).await, [wu.result]);
    // As it stands already: nothing is written.
    let number = Some(NumberInput::resident(resident(3)));
    let again = CorrectPerson { number, ..correction(chen) };
    assert!(registry.correct_person(&envelope("e"), &again).await.unwrap().planned.is_empty());
}

#[tokio::test]
async fn name_and_number_in_one_step_need_a_second_person() {
    let World { executor, .. } = World::new();
    let chen = registered(&executor, 1).await;
    let number = Some(NumberInput::resident(resident(3)));
    let mut correct = CorrectPerson { name: Some("陈国".into()), number, ..correction(chen) };
    let error = registry(&executor).correct_person(&envelope("b"), &correct).await.unwrap_err();
    assert_eq!(error.code(), "PERSON_SECOND_MISSING");
    correct.second = Some("lead".to_owned());
    registry(&executor).correct_person(&envelope("b"), &correct).await.unwrap();
    let found = registry(&executor).people_by_name(&"陈建国".into()).await.unwrap();
    assert!(found.is_empty(), "the old name no longer finds him");
}

#[tokio::test]
async fn a_new_phone_number_takes_the_place_of_the_old_one() {
    let World { executor, .. } = World::new();
    let registry = registry(&executor);
    let mut input = entry("陈建国", resident(1));
    input.contact.phone = Some("13800138000".into());
    let chen = registry.register_person(&envelope("a"), &input).await.unwrap().result;
    let contact = ContactInput { phone: Some("+86 139 0013 9000".into()), ..Default::default() };
    let change = ChangeContact { person: chen, contact };
    registry.change_contact(&envelope("b"), &change).await.unwrap();
    let find = async |phone: &str| registry.people_by_phone(&phone.into()).await.unwrap();
    assert_eq!((find("13800138000").await, find("13900139000").await), (vec![], vec![chen]));
    let nobody = PersonId::from_uuid(Uuid::from_u128(9));
    let change = ChangeContact { person: nobody, ..change };
    let error = registry.change_contact(&envelope("c"), &change).await.unwrap_err();
    assert_eq!(error.code(), "PERSON_UNKNOWN");
}

#[tokio::test]
async fn a_guardian_who_dies_while_he_is_assigned_is_refused() {
    let World { executor, .. } = World::new();
    let (child, guardian) = (registered(&executor, 1).await, registered(&executor, 2).await);
    let input =
        AssignGuardian { person: child, guardian, from: None, basis: "通民监2026-3".to_owned() };
    let slow = registry(&Lagging::over(&executor));
    let assign = envelope("assign");
    let (assigned, ()) = tokio::join!(
        slow.assign_guardian(&assign, &input),
        dies(&executor, guardian, Date::constant(2026, 3, 1))
    );
    assert_eq!(assigned.unwrap_err().code(), "PERSON_GUARDIAN_DEAD");
    let (state, _) = executor.load::<Person>(child).await.unwrap();
    assert!(matches!(&*state, Person::Registered(record) if record.guardian.is_none()));
}

#[tokio::test]
async fn a_confirmed_death_is_withdrawn_with_somebody_elses_approval() {
    let World { executor, .. } = World::new();
    let chen = registered(&executor, 1).await;
    dies(&executor, chen, Date::constant(2026, 3, 1)).await;
    let mut input =
        WithdrawDeath { person: chen, on: None, reason: "误报".to_owned(), approver: None };
    for (approver, code) in
        [(None, "DEATH_WITHDRAWAL_NOT_APPROVED"), (Some("clerk"), "DEATH_APPROVER_IS_WITHDRAWER")]
    {
        input.approver = approver.map(str::to_owned);
        let error = registry(&executor).withdraw_death(&envelope("w"), &input).await.unwrap_err();
        assert_eq!(error.code(), code);
    }
    input.approver = Some("lead".to_owned());
    registry(&executor).withdraw_death(&envelope("w"), &input).await.unwrap();
    let report = ReportDeath {
        person: chen,
        died_on: TODAY,
        reported_on: None,
        source: DeathSource::Family,
        verify_by: None,
    };
    registry(&executor).report_death(&envelope("r"), &report).await.unwrap();
    let (state, _) = executor.load::<Person>(chen).await.unwrap();
    let Person::Registered(record) = &*state else { panic!("he is registered") };
    let person::Life::Reported(report) = &record.life else { panic!("it is reported") };
    assert_eq!(report.verify_by, Date::constant(2026, 3, 17));
}

#[tokio::test]
async fn two_ids_are_merged_in_one_append_keep_their_claims_and_split() {
    let World { executor, log, .. } = World::new();
    let (chen, old) = (registered(&executor, 1).await, registered(&executor, 3).await);
    let claims = log.claims_from("person-no:", "", 9).await.unwrap();
    let merge = MergePersons { into: chen, from: old, reason: "同一人".to_owned() };
    let done = registry(&executor).merge_persons(&envelope("m"), &merge).await.unwrap();
    assert_eq!(done.result, person::GroupId::of(chen));
    let written: Vec<_> = done.planned.iter().map(|planned| planned.type_name).collect();
    assert_eq!(written.len(), 2);
    assert!(written.contains(&"person.merged.v1") && written.contains(&"person.absorbed.v1"));
    assert_eq!(log.claims_from("person-no:", "", 9).await.unwrap(), claims);
    let contact = ChangeContact { person: old, contact: ContactInput::default() };
    let error = registry(&executor).change_contact(&envelope("c"), &contact).await.unwrap_err();
    assert_eq!(error.code(), "PERSON_MERGED");
    let split = SplitPersons { person: old, reason: "不是同一人".to_owned() };
    assert_eq!(
        registry(&executor).split_persons(&envelope("s"), &split).await.unwrap().result,
        chen
    );
    assert_eq!(
        registry(&executor).split_persons(&envelope("t"), &split).await.unwrap_err().code(),
        "PERSON_NOT_MERGED"
    );
}

#[tokio::test]
async fn a_command_that_is_asked_again_has_its_first_result() {
    let World { executor, log, .. } = World::new();
    let first = registered(&executor, 1).await;
    let events = log.events().len();
    assert_eq!(registered(&executor, 1).await, first);
    assert_eq!(log.events().len(), events);
    let other = registry(&executor)
        .register_person(&envelope("register 1"), &entry("吴芳", resident(3)))
        .await;
    assert!(matches!(other, Err(CommandError::CommandAltered { .. })));
}

#[tokio::test]
async fn no_clear_text_stands_in_the_log_or_an_error() {
    let world = World::new();
    let registry = registry(&world.executor);
    let mut input = entry("欧阳建国", resident(1));
    input.contact = ContactInput {
        phone: Some("13800138000".into()),
        registered_address: Some("金沙街道建设路1号".into()),
        usual_address: Some("兴东街道平安里2号".into()),
        usual_county: None,
    };
    let a = envelope("a");
    let chen = registry.register_person(&a, &input).await.unwrap().result;
    let b = envelope("b");
    let correct = CorrectPerson {
        name: Some("欧阳建业".into()),
        number: Some(NumberInput::resident(resident(3))),
        second: Some("lead".to_owned()),
        ..correction(chen)
    };
    registry.correct_person(&b, &correct).await.unwrap();
    let error =
        registry.register_person(&envelope("c"), &entry("x", resident(3))).await.unwrap_err();
    let text = everything(&world, &[a.command_id, b.command_id]).await
        + &format!("{error:?} {error} {} {input:?} {correct:?}", error.zh());
    let (one, three) = (resident(1), resident(3));
    for clear in
        ["欧阳建国", "欧阳建业", "13800138000", "建设路", "平安里", &one, &three, &one[6..17]]
    {
        assert!(!text.contains(clear), "{clear} stands in clear");
    }
}

#[test]
fn commands_may_cross_threads() {
    fn crosses<T: Send>(_: T) {}
    let World { executor, .. } = World::new();
    let (registry, asked, input) = (registry(&executor), envelope("a"), entry("陈", "1"));
    crosses(registry.register_person(&asked, &input));
    crosses(registry.register_persons(&asked, std::slice::from_ref(&input)));
    let person = PersonId::from_uuid(Uuid::from_u128(1));
    let correct = correction(person);
    crosses(registry.correct_person(&asked, &correct));
    let merge = MergePersons { into: person, from: person, reason: String::new() };
    crosses(registry.merge_persons(&asked, &merge));
}

#[tokio::test]
async fn a_list_of_deaths_is_matched_row_by_row_and_only_exact_rows_are_reported() {
    use crate::registry::{DeathList, DeathRow, Matched};
    use registry::person::{DeathSource, Life, Person};
    let world = crate::fixture::World::new();
    let executor = &world.executor;
    let chen = super::town::registered(executor, 1).await;
    let row = |name: &str, number: String| DeathRow {
        name: name.into(),
        number: number.into(),
        died_on: shared::Date::constant(2026, 2, 12),
    };
    let list = DeathList {
        source: DeathSource::Police,
        reported_on: Some(crate::fixture::TODAY),
        verify_by: None,
        rows: vec![
            row("陈建国", super::town::resident(1)),
            row("陈建国", super::town::resident_15(1)),
            row("吴秀英", super::town::resident(1)),
            row("陈建国", super::town::resident(7)),
            row("吴秀英", super::town::resident(7)),
            row("陈建国", "320602".to_owned()),
        ],
    };
    let registry = crate::registry::Registry::new(executor.clone());
    for _ in 0..2 {
        let report = registry.import_deaths(&super::town::envelope("list"), &list).await.unwrap();
        let exact = Matched::Exact { person: chen };
        assert_eq!(report.rows[..2], [exact.clone(), exact]);
        assert_eq!(report.rows[2], Matched::NameDiffers { person: chen });
        assert_eq!(report.rows[3], Matched::NumberDiffers { persons: vec![chen] });
        assert_eq!(report.rows[4], Matched::None);
        assert!(matches!(report.rows[5], Matched::BadNumber { .. }));
        assert_eq!((report.exact, report.none, report.bad_numbers), (2, 1, 1));
    }
    let (state, _) = executor.load::<Person>(chen).await.unwrap();
    let Person::Registered(record) = &*state else { panic!("not registered") };
    assert!(matches!(record.life, Life::Reported(_)));
    let reported = |event: &&kernel::Recorded| event.type_name == "death.reported.v1";
    assert_eq!(world.log.events().iter().filter(reported).count(), 1);
}
