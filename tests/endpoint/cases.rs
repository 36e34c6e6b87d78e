//! What stands beside the runs: returns, overpayments, holds, heirs, deductions, stops, comparisons.

use serde_json::{Value, json};

use crate::house::{CLERK, House, all};

const CASE: &str = "id code stage reason amount county notices ageDays(on: \"2026-02-03\") \
                    ageBand(on: \"2026-02-03\") person { id } line { id returnCases { id } } \
                    payAddressId reissuePlanId outcome";

/// Lets the processes of the installation react to everything that happened.
async fn react(house: &House) {
    let head = house.node.caught_up().await.unwrap();
    house.node.processes().run_until(head).await.unwrap();
    house.node.caught_up().await.unwrap();
}

fn node(answer: &Value, root: &str, place: usize) -> Value {
    answer[root]["edges"][place]["node"].clone()
}

async fn lines(house: &House, state: &str, fields: &str) -> Value {
    let document = format!(
        "{{ lines(first: 20, where: {{ state: [{state}], itemCode: \"A1\" }}) {{ edges {{ node {{ \
         id {fields} }} }} }} }}"
    );
    house.ask(CLERK, &document).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_is_notified_and_goes_on_only_with_an_account_that_the_bank_did_not_refuse() {
    let house = House::new().await;
    let open = format!(
        "{{ returnSummary(on: \"2026-02-03\") {{ cases amount cells {{ reason age cases people amount }} \
         }} returnCases(first: 50, where: {{ open: true }}, orderBy: [{{ field: AMOUNT, descending: \
         true }}]) {{ totalCount edges {{ node {{ {CASE} }} }} }} inbox(role: \"handler\") {{ kind \
         subjectId }} }}"
    );
    let answer = house.ask(CLERK, &open).await;
    let cases = answer["returnCases"]["edges"].as_array().unwrap().clone();
    assert!(cases.len() > 2, "{} returns in the demo city", cases.len());
    assert_eq!(answer["returnSummary"]["cases"], answer["returnCases"]["totalCount"]);
    let waiting = all(&answer["inbox"], "subjectId");
    for case in &cases {
        let case = &case["node"];
        let id = case["id"].as_str().unwrap();
        assert!(waiting.contains(&id), "{id} waits for nobody");
        let days = case["ageDays"].as_i64().unwrap();
        let band = if days <= 7 { "UP_TO_7_DAYS" } else { "UP_TO_30_DAYS" };
        assert_eq!(case["ageBand"], json!(band), "{days} days");
        assert_eq!(case["line"]["returnCases"][0]["id"], case["id"]);
        let one = format!("{{ returnCase(id: \"{id}\") {{ id }} node(id: \"{id}\") {{ id }} }}");
        assert_eq!(house.ask(CLERK, &one).await["returnCase"]["id"], case["id"]);

        let notify = json!({ "returnCaseId": id, "channel": "sms" });
        let told = house.done(CLERK, "returnNotify", notify, "returnCase { stage notices }").await;
        assert_eq!(told["returnCase"], json!({ "stage": "NOTIFIED", "notices": 1 }));
        let address = case["payAddressId"].as_str().unwrap();
        let usable = format!("{{ payAddress(id: \"{address}\") {{ usable cardLost }} }}");
        let usable = house.ask(CLERK, &usable).await["payAddress"]["usable"] == json!(true);
        let correct = json!({ "returnCaseId": id, "payAddressId": address });
        let told = house.tell(CLERK, "returnCorrect", correct, "returnCase { stage }").await;
        // The very account that came back: it depends on what the bank said of it.
        let expected = match case["reason"].as_str().unwrap() {
            "PAYEE_DECEASED" => Some("RETURN_PAYEE_DECEASED"),
            _ if !usable => Some("RETURN_ADDRESS_NOT_VERIFIED"),
            "NAME_MISMATCH" | "NO_SUCH_ACCOUNT" | "ACCOUNT_CLOSED" | "ACCOUNT_FROZEN"
            | "ACCOUNT_LIMITED" => Some("RETURN_SAME_ACCOUNT"),
            _ => None,
        };
        match expected {
            Some(rule) => assert_eq!(told["errors"][0]["rule"], json!(rule), "{case}"),
            None => assert_eq!(told["returnCase"]["stage"], json!("CORRECTED"), "{case}"),
        }
    }
    let nobody = json!({ "returnCaseId": cases[0]["node"]["id"], "channel": " " });
    assert_eq!(house.refused(CLERK, "returnNotify", nobody).await, "RETURN_CHANNEL_MISSING");
    // A county sees its own, and together they are the whole.
    let mut sum = 0;
    let counties = all(&answer["returnCases"], "county").into_iter();
    for county in counties.collect::<std::collections::BTreeSet<_>>() {
        let clerk = [("x-renshe-actor", "demo.clerk"), ("x-renshe-divisions", county)];
        let own = "{ returnCases(first: 1, where: { open: true }) { totalCount } \
                   returnSummary(on: \"2026-02-03\") { cases } }";
        let own = house.ask(&clerk, own).await;
        assert_eq!(own["returnCases"]["totalCount"], own["returnSummary"]["cases"]);
        sum += own["returnSummary"]["cases"].as_str().unwrap().parse::<usize>().unwrap();
    }
    assert_eq!(sum, cases.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overpayment_is_recovered_until_nothing_is_owed() {
    let house = House::new().await;
    let paid = lines(&house, "PAID", "net personId fund month").await;
    let line = node(&paid, "lines", 0);
    let find = json!({ "lineId": line["id"], "amount": "100.00", "reason": "MISTAKE" });
    let told = house.done(CLERK, "overpaymentFind", find, "obligation { id stage amount }").await;
    assert_eq!(told["obligation"]["stage"], json!("OVERPAID"));
    let obligation = told["obligation"]["id"].as_str().unwrap();
    // Its recovery opens by itself, and waits for a written notice.
    react(&house).await;
    let found = format!(
        "{{ line(id: {}) {{ recovery {{ id stage owed fund }} obligation {{ id }} }} inbox(role: \
         \"handler\") {{ kind subjectId }} obligation(id: \"{obligation}\") {{ recovery {{ id }} }} \
         overpayments(first: 5) {{ edges {{ node {{ id notOwed }} }} }} obligationSummary {{ stage \
         count amount }} recoveries(first: 5, where: {{ open: true }}) {{ totalCount }} }}",
        line["id"]
    );
    let answer = house.ask(CLERK, &found).await;
    let recovery = answer["line"]["recovery"].clone();
    assert_eq!((&recovery["stage"], &recovery["owed"]), (&json!("FOUND"), &json!("100.00")));
    let id = recovery["id"].as_str().unwrap();
    assert!(all(&answer["inbox"], "subjectId").contains(&id));
    assert!(all(&answer["overpayments"], "id").contains(&obligation));
    let again = json!({ "lineId": line["id"] });
    assert_eq!(house.refused(CLERK, "recoveryOpen", again).await, "RECOVERY_ALREADY_OPEN");

    let with = |more: Value| {
        let mut input = json!({ "recoveryId": id });
        for (key, value) in more.as_object().unwrap() {
            input[key] = value.clone();
        }
        input
    };
    let court = with(json!({ "court": "法院", "courtCase": "1号" }));
    let early = house.refused(CLERK, "recoverySendToCourt", court.clone()).await;
    assert_eq!(early, "RECOVERY_NOT_DEMANDED");
    let demand = with(json!({ "notice": "通-1", "due": "2026-03-31" }));
    house.done(CLERK, "recoveryDemand", demand, "recovery { stage }").await;
    let part = |due: &str, amount: &str| json!({ "due": due, "amount": amount });
    let parts = json!([part("2026-02-03", "40.00"), part("2026-03-31", "60.00")]);
    let agree = with(json!({ "agreement": "协-1", "instalments": parts }));
    house.done(CLERK, "recoveryAgree", agree, "recovery { instalments { amount } }").await;
    let into = |account: &str, serial: &str| {
        with(json!({ "serial": serial, "amount": "30.00", "account": account }))
    };
    let wrong = house.refused(CLERK, "recoveryReceive", into("EXPENDITURE_ACCOUNT", "T-1")).await;
    assert_eq!(wrong, "RECOVERY_NEVER_EXPENDITURE");
    house.done(CLERK, "recoveryReceive", into("INCOME_ACCOUNT", "T-1"), "recovery { owed }").await;
    house.done(CLERK, "recoverySendToCourt", court, "recovery { inCourt }").await;
    let look = format!(
        "{{ recovery(id: \"{id}\") {{ owed overdueOn(on: \"2026-02-03\") before: owedOn(on: \
         \"2026-02-02\") now: owedOn(on: \"2026-02-03\") steps {{ kind amount account }} }} \
         recoverySummary(on: \"2026-02-03\") {{ owed funds {{ fund found moved owed }} }} }}"
    );
    let answer = house.ask(CLERK, &look).await;
    let shown = &answer["recovery"];
    assert_eq!((&shown["owed"], &shown["now"]), (&json!("70.00"), &json!("70.00")));
    // 40.00 was to come by today, and 30.00 came.
    assert_eq!((&shown["before"], &shown["overdueOn"]), (&json!("0.00"), &json!("10.00")));
    let kinds = ["OPENED", "DEMANDED", "AGREED", "RECEIVED", "SENT_TO_COURT"];
    assert_eq!(all(&shown["steps"], "kind"), kinds);
    let fund = recovery["fund"].as_str().unwrap();
    let funds = answer["recoverySummary"]["funds"].as_array().unwrap();
    let own = funds.iter().find(|one| one["fund"] == json!(fund)).unwrap();
    assert_eq!(own["owed"], json!("70.00"));

    let offset = with(json!({
        "deductionId": "none", "againstLineId": node(&paid, "lines", 1)["id"], "amount": "1.00",
    }));
    assert_eq!(house.refused(CLERK, "recoveryOffset", offset).await, "OFFSET_NOT_KEPT");
    let off = |approval: &str| {
        with(json!({ "approval": approval, "authority": "市局", "amount": "70.00" }))
    };
    let unapproved = house.refused(CLERK, "recoveryWriteOff", off(" ")).await;
    assert_eq!(unapproved, "RECOVERY_NO_APPROVAL");
    let told = house.done(CLERK, "recoveryWriteOff", off("批-1"), "recovery { stage owed }").await;
    assert_eq!(told["recovery"], json!({ "stage": "SETTLED", "owed": "0.00" }));

    // One that was found by mistake goes away whole; one from before the system is too late.
    let other = node(&paid, "lines", 1);
    let find = json!({ "lineId": other["id"], "reason": "DUPLICATE" });
    house.done(CLERK, "overpaymentFind", find, "").await;
    let open = json!({ "lineId": other["id"] });
    let told = house.done(CLERK, "recoveryOpen", open, "recovery { id owed }").await;
    assert_eq!(told["recovery"]["owed"], other["net"]);
    let withdraw = json!({ "recoveryId": told["recovery"]["id"], "reason": "误认定" });
    let told = house.done(CLERK, "recoveryWithdraw", withdraw, "recovery { stage owed }").await;
    assert_eq!(told["recovery"], json!({ "stage": "WITHDRAWN", "owed": "0.00" }));
    let book = house
        .ask(
            CLERK,
            "{ plans(first: 1, where: { itemCode: \"A1\" }) { edges { node { \
                                 bookId } } } }",
        )
        .await;
    let carry = json!({
        "lineId": node(&paid, "lines", 2)["id"], "bookId": all(&book, "bookId")[0], "fund": fund,
        "amount": "5.00", "reason": "MISTAKE", "foundOn": "2025-12-01",
    });
    assert_ne!(house.refused(CLERK, "recoveryCarry", carry).await, "carried out");
    let person = format!(
        "{{ person(id: {}) {{ recoveries {{ id stage }} returnCases {{ id }} stops {{ id }} heirsCase \
         {{ id }} }} }}",
        line["personId"]
    );
    assert_eq!(all(&house.ask(CLERK, &person).await, "stage"), ["SETTLED"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calculated_plan_is_compared_held_from_passed_on_and_cancelled() {
    let house = House::new().await;
    let january = "{ plans(first: 1, where: { itemCode: \"A1\" }) { edges { node { area agency fund } \
                   } } }";
    let january = house.ask(CLERK, january).await;
    let of = |key: &str| all(&january, key)[0].to_owned();
    let run = json!({
        "itemCode": "A1", "month": "2026-02", "area": of("area"), "run": "NORMAL",
        "agency": of("agency"), "fund": of("fund"),
    });
    let told = house.done(CLERK, "runOpen", run, "plan { id }").await;
    let plan = json!({ "planId": told["plan"]["id"] });
    house.done(CLERK, "planFreeze", plan.clone(), "").await;
    house.done(CLERK, "planCalculate", plan.clone(), "lineCount").await;
    let told = house
        .done(
            CLERK,
            "comparisonDraw",
            plan.clone(),
            "exceptions undecided comparison { \
                                                                  id unchanged }",
        )
        .await;
    let comparison = told["comparison"]["id"].as_str().unwrap();
    let list = format!(
        "{{ comparison(id: \"{comparison}\") {{ sealed previousPlanId unchanged entries(first: 5) {{ \
         totalCount edges {{ node {{ id place kind before now person {{ id }} grant {{ id }} }} }} }} \
         }} comparisons(first: 100) {{ edges {{ node {{ id plan {{ comparison {{ id }} }} }} }} }} }}"
    );
    house.node.caught_up().await.unwrap();
    let answer = house.ask(CLERK, &list).await;
    assert_eq!(answer["comparison"]["sealed"], json!(true));
    assert!(answer["comparison"]["unchanged"].as_i64().unwrap() > 10);
    assert!(all(&answer["comparisons"], "id").contains(&comparison));
    let mut decide = plan.clone();
    decide["places"] = json!([999_999]);
    decide["decision"] = json!("ACCEPTED");
    decide["reason"] = json!("核实无误");
    let refused = house.refused(CLERK, "comparisonDecide", decide).await;
    assert_eq!(refused, "COMPARISON_NO_EXCEPTION");

    let planned = lines(&house, "PLANNED", "personId payAddressId").await;
    let line = node(&planned, "lines", 0);
    let hold = json!({ "lineId": line["id"], "reason": "IN_DISPUTE", "verifyBy": "2026-02-01" });
    let told = house.done(
        CLERK,
        "lineHold",
        hold.clone(),
        "obligation { id stage holdReason \
                                                             deadlinePassed(on: \"2026-02-03\") }",
    );
    let told = told.await["obligation"].clone();
    assert_eq!((&told["stage"], &told["deadlinePassed"]), (&json!("HELD"), &json!(true)));
    let id = told["id"].as_str().unwrap().to_owned();
    let held = "{ holds(first: 5, where: { verifyTo: \"2026-02-02\" }) { edges { node { id line { id \
                obligation { stage } } } } } inbox(role: \"handler\") { kind subjectId } }";
    let answer = house.ask(CLERK, held).await;
    assert!(all(&answer["holds"], "id").contains(&id.as_str()));
    let late = answer["inbox"].as_array().unwrap().iter();
    let late = late.filter(|item| item["kind"] == json!("HOLD_OVERDUE"));
    assert!(late.into_iter().any(|item| item["subjectId"] == json!(id)));
    assert_eq!(house.refused(CLERK, "lineHold", hold).await, "PART_HELD_ALREADY");
    let release = json!({ "lineId": line["id"], "reason": "核实无误" });
    let told = house.done(CLERK, "lineRelease", release, "obligation { stage part }").await;
    assert_eq!(told["obligation"]["stage"], json!("TAKEN"));
    let over = "{ pastHolds(first: 5, where: { reason: [IN_DISPUTE] }) { edges { node { id \
                obligationId reason endReason became endedBy line { id } } } } }";
    house.node.caught_up().await.unwrap();
    let over = node(&house.ask(CLERK, over).await, "pastHolds", 0);
    let shown = ["obligationId", "endReason", "became"].map(|key| over[key].as_str().unwrap());
    assert_eq!(shown, [id.as_str(), "核实无误", "TAKEN"]);
    let one = format!("{{ pastHold(id: {0}) {{ amount }} node(id: {0}) {{ id }} }}", over["id"]);
    assert_eq!(house.ask(CLERK, &one).await["node"]["id"], over["id"]);

    // He dies in the month that is planned: his heir draws it.
    let (dead, heir) = (node(&planned, "lines", 1), node(&planned, "lines", 2));
    let died = json!({ "personId": dead["personId"], "diedOn": "2026-02-02", "source": "POLICE" });
    house.done(CLERK, "deathReport", died.clone(), "").await;
    house.done(CLERK, "deathConfirm", died, "").await;
    react(&house).await;
    let owed = format!(
        "{{ person(id: {}) {{ heirsCase {{ id owed dues {{ amount lineId obligation {{ stage waiting \
         }} }} }} }} heirsCases(first: 9, where: {{ named: false }}) {{ edges {{ node {{ id deceased \
         {{ id }} }} }} }} }}",
        dead["personId"]
    );
    let answer = house.ask(CLERK, &owed).await;
    let case = &answer["person"]["heirsCase"];
    assert!(all(&case["dues"], "stage").contains(&"DUE_TO_HEIRS"), "{answer}");
    let case_id = case["id"].as_str().unwrap();
    assert!(all(&answer["heirsCases"], "id").contains(&case_id));
    let name = json!({
        "deceasedId": dead["personId"], "heirId": heir["personId"],
        "payAddressId": heir["payAddressId"], "basis": "公证书", "approver": "demo.chief",
    });
    let told = house.done(CLERK, "heirName", name, "heirsCase { heir { id } namedBy }").await;
    assert_eq!(told["heirsCase"]["heir"]["id"], heir["personId"]);
    let one = format!("{{ heirsCase(id: \"{case_id}\") {{ heirId }} }}");
    assert_eq!(house.ask(CLERK, &one).await["heirsCase"]["heirId"], heir["personId"]);

    let mut cancel = plan.clone();
    cancel["reason"] = json!("月份错误");
    let told = house.done(CLERK, "planCancel", cancel, "plan { stage }").await;
    assert_eq!(told["plan"]["stage"], json!("CANCELLED"));
}

#[tokio::test(flavor = "multi_thread")]
async fn deductions_special_payments_and_stops_are_ordered_and_listed() {
    let house = House::new().await;
    let paid = lines(&house, "PAID", "personId month fund grantId payAddressId").await;
    let line = node(&paid, "lines", 0);
    let entry = json!({ "name": "职工互助会", "county": "320602", "kind": "OTHER" });
    let entry = json!({ "entry": entry });
    let told = house.done(CLERK, "organisationRegister", entry, "organisation { id }").await;
    let mut order = json!({
        "kind": "MUTUAL_AID", "itemCode": "A1", "personId": line["personId"],
        "thirdPartyId": told["organisation"]["id"], "perMonth": "50.00", "fromMonth": "2026-02",
        "basis": "互助协议", "approver": "demo.clerk",
    });
    let alone = house.refused(CLERK, "deductionOrder", order.clone()).await;
    assert_eq!(alone, "DEDUCTION_SAME_PERSON");
    order["approver"] = json!("demo.chief");
    let told = house.done(CLERK, "deductionOrder", order, "deduction { id kept }").await;
    let id = told["deduction"]["id"].as_str().unwrap();
    let areas =
        "{ plans(first: 1, where: { itemCode: \"A1\" }) { edges { node { area bookId } } } }";
    let areas = house.ask(CLERK, areas).await;
    let remit = json!({
        "deductionId": id, "bookId": all(&areas, "bookId")[0], "amount": "1.00", "reference": "F-1",
    });
    assert_eq!(house.refused(CLERK, "deductionRemit", remit).await, "DEDUCTION_NOT_KEPT");
    let list = format!(
        "{{ deductions(first: 5, where: {{ open: true }}) {{ edges {{ node {{ id kind person {{ id }} \
         owedToThirdParty parts {{ amount }} }} }} }} deduction(id: \"{id}\") {{ perMonth left }} }}"
    );
    let answer = house.ask(CLERK, &list).await;
    assert_eq!(node(&answer, "deductions", 0)["id"], json!(id));
    let end = json!({ "deductionId": id, "reason": "退会" });
    house.done(CLERK, "deductionEnd", end, "deduction { endedOn endReason }").await;

    let payment = json!({
        "itemCode": "A1", "personId": line["personId"], "month": line["month"], "amount": "12.34",
        "area": all(&areas, "area")[0], "fund": line["fund"], "reason": "漏发差额",
        "approver": "demo.chief",
    });
    let told = house
        .done(CLERK, "paymentOrder", payment, "obligation { id adjustment waiting orderReason }")
        .await;
    assert_eq!(told["obligation"]["waiting"], json!("12.34"));
    let ordered = "{ specialPayments(first: 5) { edges { node { id approver } } } obligations(first: \
                   5, where: { waiting: true, ordered: true }) { totalCount } unknownBatches(on: \
                   \"2026-02-03\", first: 5) { edges { node { batchId sentOn ageDays ageBand lineCount \
                   lines(first: 1) { edges { node { state } } } } } pageInfo { hasNextPage } } }";
    let answer = house.ask(CLERK, ordered).await;
    assert_eq!(all(&answer["specialPayments"], "approver"), ["demo.chief"]);
    assert_eq!(answer["obligations"]["totalCount"], json!("1"));
    assert!(all(&answer["unknownBatches"], "state").iter().all(|state| *state == "INSTRUCTED"));

    let stop = json!({
        "grantId": line["grantId"], "fromMonth": "2026-02", "reason": "qualification_expired",
    });
    house.done(CLERK, "grantSuspend", stop, "").await;
    house.node.caught_up().await.unwrap();
    let stops = format!(
        "{{ stops(first: 5, where: {{ open: true, reason: [\"qualification_expired\"], person: {} }}) {{ \
         edges {{ node {{ id reasonCode reason {{ name {{ zh }} months }} grant {{ id stopReasonCode stopReason {{ code }} }} \
         person {{ stops {{ id }} }} monthsKeptBack(through: \
         \"2026-04\") }} }} }} }}",
        line["personId"]
    );
    let answer = house.ask(CLERK, &stops).await;
    let stop = node(&answer, "stops", 0);
    assert_eq!(stop["monthsKeptBack"], json!(3));
    assert_eq!(stop["reasonCode"], json!("qualification_expired"));
    assert_eq!(stop["reason"]["months"], json!("OWED"));
    let reasons = house.ask(CLERK, "{ stopReasons { code name { zh en } months source } }").await;
    assert!(all(&reasons["stopReasons"], "code").contains(&"imprisoned"));
    assert_eq!(stop["grant"]["stopReasonCode"], stop["grant"]["stopReason"]["code"]);
    let resume = json!({
        "grantId": line["grantId"], "fromMonth": "2026-04", "owed": true, "reason": "已认证",
    });
    house.done(CLERK, "grantResume", resume, "").await;
    house.node.caught_up().await.unwrap();
    let lifted = format!("{{ stop(id: {}) {{ owed missedMonths liftedReason }} }}", stop["id"]);
    let lifted = house.ask(CLERK, &lifted).await;
    assert_eq!(lifted["stop"]["missedMonths"], json!(["2026-02", "2026-03"]));

    // Nobody draws for another without being his guardian, or where the item knows none.
    let other = node(&paid, "lines", 1);
    let payee = json!({ "kind": "GUARDIAN", "id": other["personId"] });
    let change = json!({
        "grantId": line["grantId"], "payee": payee, "payAddressId": other["payAddressId"],
        "basis": "监护证明",
    });
    let refused = house.refused(CLERK, "grantChangePayee", change).await;
    assert!(refused.starts_with("GRANT_"), "{refused}");
}
