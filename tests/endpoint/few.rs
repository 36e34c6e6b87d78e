//! How many statements an answer takes: a page of fifty no more than a page of five.

use serde_json::Value;

use crate::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn no_query_is_made_per_row() {
    let house = House::new().await;
    let masked = [("x-renshe-actor", "demo.clerk"), ("x-renshe-fields", "none")];
    let mut many = Vec::new();
    for document in [
        "{ persons(first: N) { edges { node { name cards { number } payAddresses { number } grants { \
         amounts { amount } stops { reasonCode } person { id } } } } } }",
        "{ grants(first: N) { edges { node { amounts { amount } stops { reasonCode } person { cards { id \
         } } } } } }",
        "{ lines(first: N) { edges { node { person { name cards { id } } } } } }",
        "{ plans(first: N) { edges { node { item { code } acts { act } parts { net } batches { acts { \
         act } replies { id } plan { acts { act } } } } } } }",
        "{ batches(first: N) { edges { node { plan { acts { act } } replies { id } acts { act } } } } }",
        "{ persons(first: N) { edges { node { lines(first: 2) { totalCount totals { people net } edges \
         { node { id } } } } } } }",
        "{ plans(first: N) { edges { node { lines(first: 3) { totalCount edges { node { net } } } \
         exclusions(last: 2) { totalCount edges { node { reason } } } } } } }",
        "{ batches(first: N) { edges { node { lines(first: 2) { edges { node { net } } } } } } }",
        "{ employers(first: N) { edges { node { payAddresses { id } } } } }",
        "{ returnCases(first: N) { edges { node { person { id } line { id } } } } }",
        "{ lines(first: N) { edges { node { returnCases { id } obligation { id } recovery { id } cardLost } \
         } } }",
        "{ statements(first: N) { edges { node { lines { serial } } } } }",
    ] {
        let mut took = Vec::new();
        for size in ["5", "50"] {
            let answer = house.answer(&masked, &document.replace('N', size), Value::Null).await;
            assert!(answer.get("errors").is_none(), "{document}\n{answer:#}");
            took.push(answer["extensions"]["statements"].as_u64().unwrap());
        }
        // Four hundred keys go into four statements of a hundred, fifty pages into two; on a busy
        // machine a loader may set out before the last keys have come. Per row it would be forty-five.
        if took[1] > took[0] + 15 || took[0] == 0 || took[0] > 20 {
            many.push((took, document));
        }
    }
    assert!(many.is_empty(), "{many:#?}");
}
