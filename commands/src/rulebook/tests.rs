//! Publishing, as sentences.

use definitions::{Alteration, Source};
use kernel::process::derived_id;
use shared::{Date, ItemId};

use super::{InForce, Publish, PublishError, Retire, Rulebook};
use crate::disbursement::Rules;
use crate::fixture::{TODAY, World};
use crate::{CommandError, Envelope};

fn envelope(name: &str) -> Envelope {
    Envelope::new(derived_id("test", &[name.as_bytes()]), "author")
}

/// One of the bundled files with the given replacement.
fn file(name: &str, old: &str, new: &str) -> String {
    let bundled = Source::bundled();
    let source = bundled.iter().find(|source| source.file.ends_with(name)).unwrap();
    assert!(source.text.contains(old), "{old} is in {name}");
    source.text.replacen(old, new, 1)
}

fn publish(text: String) -> Publish {
    Publish {
        file: "agency-items.toml".to_owned(),
        text,
        from: TODAY,
        approver: "lead".to_owned(),
        reason: None,
    }
}

/// C1's upper bound, with other words around it.
fn c1(max: &str) -> String {
    file("agency-items.toml", "max = \"10000.00\"", &format!("max = \"{max}\""))
}

async fn started() -> (World, Rulebook) {
    let world = World::new();
    let rulebook = Rulebook::new(world.executor.clone());
    rulebook.first_start().await.unwrap();
    (world, rulebook)
}

#[tokio::test]
async fn what_is_built_in_is_published_once() {
    let (world, rulebook) = started().await;
    let events = world.log.events().len();
    let again = Rulebook::new(world.other_node()).first_start().await.unwrap();
    assert!(again.replayed && again.result == events);
    assert_eq!(world.log.events().len(), events);
    assert!(rulebook.offered(TODAY).await.unwrap().is_empty());
    let catalogue = rulebook.published().await.unwrap().on(TODAY).unwrap();
    assert_eq!(catalogue.items().len(), 24);
}

#[tokio::test]
async fn publishing_writes_one_version_for_each_definition_that_changed() {
    let (world, rulebook) = started().await;
    let before = world.log.events().len();
    let input = publish(c1("12000.00"));
    let changes = rulebook.check(&Source::new(&input.file, &input.text), TODAY).await.unwrap();
    assert_eq!(changes.len(), 1);
    assert!(
        matches!(&changes[0].alteration, Alteration::Changed { fields } if fields == &["bounds"])
    );
    let done = rulebook.publish(&envelope("p"), &input).await.unwrap();
    let version = &done.result[0];
    assert_eq!((version.kind.as_str(), version.id.as_str(), version.version), ("item", "C1", 2));
    assert_eq!((done.result.len(), world.log.events().len()), (1, before + 1));
    let again = rulebook.publish(&envelope("p"), &input).await.unwrap();
    assert!(again.replayed && again.result == done.result);
    // The same file under another id changes nothing.
    assert!(rulebook.publish(&envelope("q"), &input).await.unwrap().result.is_empty());
    assert_eq!(rulebook.offered(TODAY).await.unwrap().len(), 1);

    let rules = InForce::default();
    assert!(rules.on(TODAY).is_err());
    rules.refresh(&rulebook).await.unwrap();
    let max = |on: Date| {
        let item = ItemId::parse("C1").unwrap();
        rules.on(on).unwrap().item(item).unwrap().bounds.max.to_string()
    };
    assert_eq!(max(TODAY), "12000.00");
    assert_eq!(max(TODAY.yesterday().unwrap()), "10000.00");
}

#[tokio::test]
async fn a_file_with_mistakes_applies_nothing_and_names_them_all() {
    let (world, rulebook) = started().await;
    let before = world.log.events().len();
    let text = c1("12000.00").replacen("cycle = \"monthly\"", "cycle = \"montly\"", 1);
    let text = text.replacen("chain = \"trust\"", "chain = \"nobody\"", 1);
    let input = publish(text);
    let error = rulebook.publish(&envelope("p"), &input).await.unwrap_err();
    let PublishError::Faulty(mistakes) = &error else { panic!("it is faulty: {error}") };
    assert_eq!(mistakes.len(), 2);
    for mistake in mistakes {
        assert!(mistake.file == "agency-items.toml" && mistake.line > 1);
        assert!(!mistake.allowed.is_empty());
    }
    assert_eq!(world.log.events().len(), before);
    let error = CommandError::from(error);
    assert_eq!((error.code(), error.params().len()), ("DEFINITIONS_FAULTY", 2));
}

#[tokio::test]
async fn nobody_approves_what_he_wrote() {
    let (_, rulebook) = started().await;
    let input = Publish { approver: "author".to_owned(), ..publish(c1("12000.00")) };
    let error = CommandError::from(rulebook.publish(&envelope("p"), &input).await.unwrap_err());
    assert_eq!((error.code(), error.field()), ("DEFINITION_APPROVED_BY_AUTHOR", Some("approver")));
}

#[tokio::test]
async fn a_definition_in_use_is_not_retired_and_an_unused_one_is() {
    let (_, rulebook) = started().await;
    let retire = |kind: &str, id: &str| Retire {
        kind: kind.to_owned(),
        id: id.to_owned(),
        from: TODAY,
        approver: "lead".to_owned(),
        reason: "不再使用".to_owned(),
    };
    let used = retire("fund", "institution-gap");
    let error = rulebook.retire(&envelope("r"), &used).await.unwrap_err();
    assert!(matches!(error, PublishError::Faulty(_)), "{error}");
    rulebook.retire(&envelope("s"), &retire("item", "C1")).await.unwrap();
    rulebook.retire(&envelope("t"), &used).await.unwrap();
    let published = rulebook.published().await.unwrap();
    assert_eq!(published.on(TODAY).unwrap().items().len(), 23);
    assert_eq!(published.on(TODAY.yesterday().unwrap()).unwrap().items().len(), 24);
    let unknown = retire("item", "Z9");
    let error = CommandError::from(rulebook.retire(&envelope("u"), &unknown).await.unwrap_err());
    assert_eq!(error.code(), "DEFINITION_NOT_PUBLISHED");
}

#[tokio::test]
async fn a_check_is_made_anew_when_somebody_published_meanwhile() {
    let (world, rulebook) = started().await;
    // The one uses the fund that the other one retires.
    let late = Rulebook::new(crate::fixture::Lagging::over(&world.executor));
    let c1 = publish(c1("12000.00"));
    let retire = Retire {
        kind: "item".to_owned(),
        id: "B2".to_owned(),
        from: TODAY,
        approver: "lead".to_owned(),
        reason: "不再使用".to_owned(),
    };
    let (a, b) = (envelope("a"), envelope("b"));
    let (one, two) = tokio::join!(late.publish(&a, &c1), rulebook.retire(&b, &retire));
    // Whoever came second was checked against what the first one left.
    assert!(two.is_ok());
    let one = one.unwrap().result;
    assert!(one.iter().any(|version| version.id == "C1" && version.version == 2));
    let catalogue = rulebook.published().await.unwrap().on(TODAY).unwrap();
    assert!(catalogue.items().len() >= 23);
}
