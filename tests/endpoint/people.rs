//! People, employers, lists, cards, pay addresses and grants: each command once, and what holds for
//! every command.

use serde_json::{Value, json};
use simulations::{City, Identity, Plan, Resident};
use uuid::Uuid;

use crate::house::{CLERK, House, all};

/// People whom the demo city does not know.
fn strangers() -> Vec<Resident> {
    let city = City::new(Plan { people: 600, seed: 99, ..Plan::default() }).unwrap();
    let citizens = city.residents().iter().filter(|resident| {
        matches!(resident.identity, Identity::Citizen(_))
            && resident.died.is_none()
            && resident.mark.is_none()
    });
    citizens.take(6).cloned().collect()
}

async fn register(house: &House, resident: &Resident) -> String {
    let input = json!({
        "name": resident.name, "number": { "text": resident.identity.recorded() },
        "county": resident.county.to_string(), "contact": { "phone": resident.phone.as_str() },
    });
    let told = house.done(CLERK, "personRegister", input, "person { id name }").await;
    assert_eq!(told["person"]["name"], json!(resident.name));
    told["person"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_registered_corrected_cared_for_merged_and_erased() {
    let house = House::new().await;
    let strangers = strangers();
    let (wang, li) = (register(&house, &strangers[0]).await, register(&house, &strangers[1]).await);
    let input = json!({ "personId": wang, "county": "320612", "reason": "户籍更正" });
    house.done(CLERK, "personCorrect", input, "person { county }").await;
    let contact = json!({ "phone": "13912345678" });
    let input = json!({ "personId": wang, "contact": contact });
    house.done(CLERK, "personChangeContact", input, "person { phone }").await;
    let input = json!({ "personId": wang, "guardianId": li, "basis": "监护证明" });
    house.done(CLERK, "personAssignGuardian", input, "person { guardianId }").await;
    let input = json!({ "personId": wang, "reason": "监护终止" });
    house.done(CLERK, "personReleaseGuardian", input, "").await;
    let input = json!({ "personId": li, "diedOn": "2026-02-01", "source": "FAMILY" });
    house.done(CLERK, "deathReport", input, "person { life }").await;
    let input = json!({ "personId": li, "reason": "误报" });
    house.done(CLERK, "deathWithdraw", input, "").await;
    let input = json!({ "intoId": wang, "fromId": li, "reason": "重复登记" });
    house.done(CLERK, "personMerge", input.clone(), "person { memberCount }").await;
    assert_eq!(house.refused(CLERK, "personMerge", input.clone()).await, "PERSON_MERGED");
    house.done(CLERK, "personSplit", json!({ "personId": li, "reason": "误并" }), "").await;
    house.done(CLERK, "personMerge", input, "").await;

    let erase =
        json!({ "personId": wang, "reason": "本人申请", "basis": "个人信息保护法第四十七条" });
    let told = house.done(CLERK, "personErase", erase.clone(), "personIds").await;
    assert_eq!(told["personIds"].as_array().unwrap().len(), 2);
    let position = told["position"].as_str().unwrap();
    let gone = house
        .ask(
            CLERK,
            &format!(
                "{{ person(id: \"{wang}\", atLeast: \"{position}\") {{ name number phone county }} \
                 personByNumber(number: \"{}\") {{ persons {{ id }} errors {{ rule }} }} }}",
                strangers[0].identity.recorded()
            ),
        )
        .await;
    assert_eq!(
        gone["person"],
        json!({ "name": null, "number": null, "phone": null, "county": "320612" })
    );
    assert_eq!(gone["personByNumber"], json!({ "persons": [], "errors": [] }));
    assert_eq!(house.refused(CLERK, "personErase", erase).await, "PERSON_ERASED");
    // The number is free again, and its new holder is another id.
    assert_ne!(register(&house, &strangers[0]).await, wang);

    // Rebuilt from the log, the read model is what it was.
    let hash = || house.node.train.session().unwrap().content_hash("people").unwrap();
    house.node.caught_up().await.unwrap();
    let live = hash();
    house.node.train.rebuild_and_replace("people").unwrap().finished().await;
    assert_eq!(hash(), live);

    // Whom the law keeps data about is not erased.
    let payee = house.ask(CLERK, "{ lines(first: 1) { edges { node { personId } } } }").await;
    let payee = all(&payee, "personId")[0];
    let input = json!({ "personId": payee, "reason": "本人申请", "basis": "个人信息保护法" });
    assert_eq!(house.refused(CLERK, "personErase", input).await, "PERSON_RETAINED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_tried_repeated_and_guarded() {
    let house = House::new().await;
    let strangers = strangers();
    let input = json!({
        "name": strangers[0].name, "number": { "text": strangers[0].identity.recorded() },
        "county": strangers[0].county.to_string(),
    });
    let mut dry = input.clone();
    dry["dryRun"] = json!(true);
    let told = house.tell(CLERK, "personRegister", dry, "person { id }").await;
    assert_eq!(told["errors"], json!([]));
    assert_eq!(told["person"], Value::Null);
    assert_eq!(told["planned"][0]["eventType"], json!("person.registered.v1"));
    let id = Uuid::from_u128(77);
    let more = "person { id revision }";
    let first = house.tell_as(CLERK, id, "personRegister", input.clone(), more).await;
    let again = house.tell_as(CLERK, id, "personRegister", input.clone(), more).await;
    assert_eq!((&first["replayed"], &again["replayed"]), (&json!(false), &json!(true)));
    assert_eq!(first["person"], again["person"]);
    let mut altered = input.clone();
    altered["county"] = json!("320681");
    let other = house.tell_as(CLERK, id, "personRegister", altered, "").await;
    assert!(!other["errors"].as_array().unwrap().is_empty(), "{other}");
    let person = first["person"]["id"].as_str().unwrap();
    let stale = json!({
        "personId": person, "county": "320612", "reason": "户籍更正", "ifRevision": "99",
    });
    let told = house.tell(CLERK, "personCorrect", stale, "").await;
    assert_eq!(told["position"], Value::Null);
    assert!(!told["errors"].as_array().unwrap().is_empty(), "{told}");
    let unknown = json!({ "personId": Uuid::nil().to_string(), "reason": "x" });
    assert_eq!(house.refused(CLERK, "personSplit", unknown).await, "PERSON_UNKNOWN");
    let dead = json!({ "personId": person, "diedOn": "2026-01-31", "source": "POLICE" });
    house.tell(CLERK, "deathConfirm", dead, "person { life diedOn }").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn employers_and_lists_are_kept() {
    let house = House::new().await;
    let details = json!({ "name": "南通试验有限公司", "kind": "ENTERPRISE", "county": "320602" });
    let input = json!({ "creditCode": "91320600MA1MYF7X1T", "details": details });
    house.tell(CLERK, "employerRegister", input, "employer { id }").await;
    let mut units = Vec::new();
    for purpose in ["代缴一", "代缴二"] {
        let input = json!({ "purpose": purpose, "details": details });
        let told = house.done(CLERK, "employerRegisterVirtual", input, "employer { id }").await;
        units.push(told["employer"]["id"].as_str().unwrap().to_owned());
    }
    let input = json!({ "employerId": units[0], "name": "南通试验集团" });
    house.done(CLERK, "employerChange", input, "employer { name }").await;
    let input = json!({ "intoId": units[0], "fromId": units[1], "reason": "合并" });
    house.done(CLERK, "employerMerge", input, "").await;
    let input = json!({ "employerId": units[0], "reason": "注销" });
    house.done(CLERK, "employerDeregister", input, "").await;

    let entry = |name: &str| json!({ "name": name, "county": "320602", "kind": "SCHOOL" });
    let input = json!({ "entry": entry("技校") });
    let told = house.done(CLERK, "organisationRegister", input, "organisation { id }").await;
    let school = told["organisation"]["id"].clone();
    let input = json!({ "organisationId": school, "entry": entry("技师学院") });
    house.done(CLERK, "organisationChange", input, "").await;
    let input = json!({ "organisationId": school, "reason": "撤销" });
    house.done(CLERK, "organisationClose", input, "").await;

    let division = json!({ "code": "320602099", "name": "新街道", "parent": "320602", "validFrom": "2026-01-01" });
    house.tell(CLERK, "divisionRegister", division.clone(), "").await;
    house.tell(CLERK, "divisionChange", division, "").await;
    let input = json!({ "code": "320602099", "reason": "撤并" });
    house.tell(CLERK, "divisionClose", input, "").await;

    let entry = json!({ "name": "一号网格", "division": "320602", "headName": "赵六", "headPhone": "13912345678" });
    let told =
        house.done(CLERK, "gridRegister", json!({ "entry": entry }), "grid { id headName }").await;
    assert_eq!(told["grid"]["headName"], json!("赵六"));
    let grid = told["grid"]["id"].clone();
    house.done(CLERK, "gridChange", json!({ "gridId": grid, "entry": entry }), "").await;
    house.done(CLERK, "gridClose", json!({ "gridId": grid, "reason": "调整" }), "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_an_account_and_a_grant_come_and_go() {
    let house = House::new().await;
    let resident = &strangers()[2];
    let person = register(&house, resident).await;
    let county = resident.county.to_string();
    let entry = json!({ "name": "中国银行网点", "county": county, "kind": "OUTLET" });
    let told =
        house.done(CLERK, "organisationRegister", json!({ "entry": entry }), "organisation { id }");
    let outlet = told.await["organisation"]["id"].clone();
    let bank = resident.card.bank.to_string();
    let apply = json!({ "personId": person, "bank": bank, "county": county, "outletId": outlet });
    let told = house.done(CLERK, "cardApply", apply.clone(), "applicationId").await;
    let first = json!({ "applicationId": told["applicationId"], "reason": "资料不全" });
    house.done(CLERK, "cardReject", first, "").await;
    let application =
        house.done(CLERK, "cardApply", apply, "applicationId").await["applicationId"].clone();
    house.done(CLERK, "cardAccept", json!({ "applicationId": application }), "").await;
    let data = json!({ "number": resident.card.number.as_str(), "generation": 3 });
    let input = json!({ "applicationId": application, "data": data });
    let told = house.done(CLERK, "cardMake", input, "card { id } warnings").await;
    let card = told["card"]["id"].clone();
    house.done(CLERK, "cardDeliver", json!({ "cardId": card, "outletId": outlet }), "").await;
    for step in [
        "cardIssue",
        "cardActivateSocial",
        "cardActivateFinancial",
        "cardReportLost",
        "cardWithdrawLoss",
    ] {
        house.done(CLERK, step, json!({ "cardId": card }), "card { stage }").await;
    }

    let account = json!({ "number": resident.card.number.as_str(), "name": resident.name, "bank": bank, "cardId": card });
    let input = json!({ "ownerId": person, "account": account });
    let told =
        house.done(CLERK, "payAddressRegister", input, "payAddress { id number state }").await;
    let address = told["payAddress"]["id"].clone();
    let input = json!({ "payAddressId": address, "version": 1, "reason": "NAME_MISMATCH" });
    house.done(CLERK, "payAddressFailVerification", input, "").await;
    let account = json!({ "number": "6222021111001234567", "name": resident.name, "bank": bank });
    let input = json!({ "payAddressId": address, "account": account, "reason": "更换账户" });
    house.done(CLERK, "payAddressChange", input, "payAddress { version }").await;
    house
        .done(CLERK, "payAddressVerify", json!({ "payAddressId": address, "version": 2 }), "")
        .await;
    let input = json!({ "payAddressId": address, "reason": "INVESTIGATION" });
    house.done(CLERK, "payAddressFreeze", input, "payAddress { frozen usable }").await;
    let input = json!({ "payAddressId": address, "reason": "调查结束" });
    house.done(CLERK, "payAddressUnfreeze", input, "").await;

    let grant = json!({
        "personId": person, "itemCode": "A1", "components": [{ "amount": "3000.00" }],
        "fromMonth": "2026-02", "area": "320000", "county": county, "payAddressId": address,
        "basis": "退休审批",
    });
    let told = house.done(CLERK, "grantRegister", grant, "grant { id amounts { amount } }").await;
    let grant = told["grant"]["id"].clone();
    let input = json!({
        "grantId": grant, "fromMonth": "2026-03", "components": [{ "amount": "3100.00" }],
        "reason": "年度调整",
    });
    house.done(CLERK, "grantAdjust", input, "").await;
    let input = json!({ "grantId": grant, "fromMonth": "2026-04", "reason": "missing" });
    house.done(CLERK, "grantSuspend", input, "").await;
    let input =
        json!({ "grantId": grant, "fromMonth": "2026-05", "owed": true, "reason": "已核实" });
    house.done(CLERK, "grantResume", input, "").await;
    let input = json!({ "grantId": grant, "lastMonth": "2026-06", "reason": "CONDITIONS_LOST" });
    house.done(CLERK, "grantEnd", input, "grant { lastMonth }").await;

    let data = json!({ "number": resident.card.number.as_str(), "generation": 3 });
    let input = json!({ "cardId": card, "data": data, "county": county });
    house.tell(CLERK, "cardReplace", input, "card { id }").await;
    house.tell(CLERK, "cardCancel", json!({ "cardId": card, "reason": "本人申请" }), "").await;
}
