//! Canonical texts, digests, differences and amendments of whole catalogues.

use definitions::{Alteration, Catalogue, Change, Source};

#[test]
fn the_canonical_text_of_every_definition_reads_back_as_itself() {
    let catalogue = Catalogue::bundled().unwrap();
    let sources: Vec<Source> =
        catalogue.definitions().map(|one| Source::new(one.file.clone(), one.toml())).collect();
    let again = Catalogue::load(&sources).unwrap();
    assert_eq!(catalogue.diff(&again), []);
    assert_eq!(catalogue.items(), again.items());
    insta::assert_snapshot!(catalogue.definition("fund", "ex-officer").unwrap().toml());
}

#[test]
fn a_diff_names_what_was_added_removed_and_changed() {
    let old = Catalogue::bundled().unwrap();
    let mut sources = Source::bundled();
    let funds = sources.iter_mut().find(|one| one.file.ends_with("funds/trust.toml")).unwrap();
    funds.text = funds.text.replace("劳模津贴资金", "劳动模范津贴资金");
    let chain = "[[chain]]\nid = \"short\"\nname = { zh = \"短\", en = \"Short\" }\nsource = \"x\"\n\
        step = [{ role = \"handler\", stage = \"submit\" }, { role = \"checker\", stage = \"review\" },\n\
        { role = \"approver\", stage = \"review\" }, { role = \"accountant\", stage = \"finance\" },\n\
        { role = \"cashier\", stage = \"key\" }]\n";
    sources.push(Source::new("extra.toml", chain));
    let new = Catalogue::load(&sources).unwrap();
    let added =
        Change { kind: "chain".to_owned(), id: "short".to_owned(), alteration: Alteration::Added };
    let changed = Change {
        kind: "fund".to_owned(),
        id: "model-worker".to_owned(),
        alteration: Alteration::Changed { fields: vec!["name".to_owned()] },
    };
    assert_eq!(old.diff(&new), [added.clone(), changed.clone()]);
    assert_eq!(new.diff(&old)[0].alteration, Alteration::Removed);
    assert_eq!(old.diff(&old), []);
}

#[test]
fn comments_and_the_order_of_keys_do_not_change_a_digest() {
    let one = "[[account]]\nid = \"9\"\nname = { zh = \"甲\", en = \"A\" }\nsource = \"s\"\n\
        ledger = \"M\"\nside = \"debit\"\ndetails = []\n";
    let two = "# a note\n[[account]]\nside = \"debit\"\ndetails = [ ]\nledger = \"M\"\n\
        source = \"s\"\nid = \"9\"\n[account.name]\nen = \"A\"\nzh = \"甲\"\n";
    let digest = |text: &str| {
        let catalogue = Catalogue::load(&[Source::new("x.toml", text)]).unwrap();
        catalogue.definition("account", "9").unwrap().digest.clone()
    };
    assert_eq!(digest(one), digest(two));
}

#[test]
fn who_uses_a_definition_is_known() {
    let catalogue = Catalogue::bundled().unwrap();
    let users: Vec<&str> = catalogue.used_by("fund", "injury").map(|(_, id)| id.as_str()).collect();
    assert_eq!(users, ["A6", "A7", "A8"]);
    assert_eq!(catalogue.used_by("item", "B2").count(), 0);
}

#[test]
fn an_amendment_is_checked_beside_everything_else() {
    let catalogue = Catalogue::bundled().unwrap();
    let cadres = catalogue.definition("fund", "retired-cadres").unwrap().toml();
    let amended = cadres.replace("离休干部慰问资金", "离休干部慰问金");
    let after = catalogue.amended(&Source::new("new.toml", amended)).unwrap();
    assert_eq!(catalogue.diff(&after).len(), 1);

    let insured = cadres.replace("\"trust\"", "\"insurance\"");
    let mistakes = catalogue.amended(&Source::new("new.toml", insured)).unwrap_err();
    let told: Vec<(&str, &str)> =
        mistakes.iter().map(|one| (one.kind.as_str(), one.path.as_str())).collect();
    assert_eq!(told, [("item", "trust"), ("fund", "provider")]);
}
