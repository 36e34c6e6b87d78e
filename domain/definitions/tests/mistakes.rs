//! Mistakes planted one by one in the bundled files: each is told with file, line, code, the
//! allowed words and the nearest one, in both languages.

use definitions::{Catalogue, Code, Mistake, Source};

/// What is written instead of what, in which file, and what must be told about it.
struct Planted {
    file: &'static str,
    right: &'static str,
    wrong: &'static str,
    code: Code,
    path: &'static str,
    suggestion: Option<&'static str>,
}

const fn planted(
    file: &'static str,
    (right, wrong): (&'static str, &'static str),
    code: Code,
    path: &'static str,
    suggestion: Option<&'static str>,
) -> Planted {
    Planted { file, right, wrong, code, path, suggestion }
}

const INSURED: &str = "items/social-insurance.toml";
const JSB: &str = "layouts/jsb.toml";
const STATUTORY: &str = "parameters/statutory.toml";
const CHAINS: &str = "chains/chains.toml";
const POSTING: &str = "posting/insurance.toml";
const TRUST: &str = "funds/trust.toml";

const TABLE: &[Planted] = &[
    planted(INSURED, ("id = \"A7\"", "id = \"A7"), Code::Syntax, "", None),
    planted(TRUST, ("[[fund]]", "[[funds]]"), Code::UnknownKind, "", Some("fund")),
    planted(INSURED, ("payees =", "payee ="), Code::UnknownKey, "payee", Some("payees")),
    planted(
        INSURED,
        (
            "bounds = { min = \"0.01\", max = \"5000.00\" }",
            "bounds = { min = \"0.01\", most = \"5\" }",
        ),
        Code::UnknownKey,
        "bounds.most",
        None,
    ),
    planted(
        INSURED,
        ("\"weekly-run\"", "\"weekly\""),
        Code::UnknownWord,
        "cycle",
        Some("weekly-run"),
    ),
    planted(INSURED, ("\"monthly\"", "\"mothly\""), Code::UnknownWord, "cycle", Some("monthly")),
    planted(
        INSURED,
        ("\"social_insurance\"", "\"social-insurance\""),
        Code::UnknownWord,
        "class",
        Some("social_insurance"),
    ),
    planted(INSURED, ("trust = false", "trust = \"no\""), Code::WrongType, "trust", None),
    planted(INSURED, ("\"30000.00\"", "30000.00"), Code::WrongType, "bounds.max", None),
    planted(INSURED, ("\"30000.00\"", "\"30000.005\""), Code::BadValue, "bounds.max", None),
    planted(INSURED, ("\"30000.00\"", "\"0.00\""), Code::Contradiction, "bounds.min", None),
    planted(INSURED, ("id = \"A7\"", "id = \"7A\""), Code::BadValue, "id", None),
    planted(INSURED, ("id = \"A7\"", "id = \"A6\""), Code::DuplicateId, "id", None),
    planted(INSURED, ("[\"injury\"]", "[\"injurys\"]"), Code::Dangling, "funds", Some("injury")),
    planted(
        INSURED,
        ("chain = \"usual\"", "chain = \"usaul\""),
        Code::Dangling,
        "chain",
        Some("usual"),
    ),
    planted(
        INSURED,
        ("normal = \"main-run\"", "regular = \"main-run\""),
        Code::UnknownKey,
        "chains",
        None,
    ),
    planted(
        INSURED,
        ("posting = \"insurance-expense-on-paid\"", "posting = \"trust-expense-on-paid\""),
        Code::Contradiction,
        "posting",
        None,
    ),
    planted(
        INSURED,
        ("\"5001.08\"", "\"1004.08\""),
        Code::Dangling,
        "component[1].expense_account",
        Some("5001.08"),
    ),
    planted(INSURED, ("day = 15", "day = 31"), Code::OutOfRange, "pay_day.day", None),
    planted(INSURED, ("months = [1, 2,", "months = [2, 1,"), Code::Contradiction, "months", None),
    planted(INSURED, ("[\"self\"]", "[\"self\", \"self\"]"), Code::Repeated, "payees", None),
    planted(INSURED, ("[\"self\"]", "[]"), Code::Empty, "payees", None),
    planted(JSB, ("\"gbk\"", "\"gb2312\""), Code::UnknownWord, "charset", None),
    planted(
        JSB,
        ("\"id_number\"", "\"id_nunber\""),
        Code::UnknownWord,
        "instruction.line",
        Some("id_number"),
    ),
    planted(
        JSB,
        ("\"amount\", \"attempt\"", "\"amount\""),
        Code::MissingField,
        "instruction.line",
        None,
    ),
    planted(JSB, ("\"ready-mark\"", "\"header\""), Code::Contradiction, "instruction.header", None),
    planted(
        JSB,
        ("{batch}_{agency}.pay", "{account}.pay"),
        Code::BadValue,
        "instruction.file",
        None,
    ),
    planted(
        JSB,
        ("\"3\" = \"R03\"", "\"3\" = \"R13\""),
        Code::UnknownWord,
        "reply.reasons",
        Some("R03"),
    ),
    planted(
        JSB,
        ("\"N\" = \"returned\"", "\"N\" = \"paid\""),
        Code::MissingField,
        "reply.results",
        None,
    ),
    planted(JSB, ("separator = \"^\"", "separator = \"^^\""), Code::BadValue, "separator", None),
    planted(
        STATUTORY,
        ("from = 2014-07-01", "from = 2009-09-01"),
        Code::DatesOutOfOrder,
        "values",
        None,
    ),
    planted(
        STATUTORY,
        ("from = 2014-07-01", "from = \"July\""),
        Code::BadValue,
        "values[2].from",
        None,
    ),
    planted(
        STATUTORY,
        ("value = \"55.00\"", "value = 55"),
        Code::WrongType,
        "values[1].value",
        None,
    ),
    planted(
        STATUTORY,
        ("type = \"months\"", "type = \"month\""),
        Code::UnknownWord,
        "type",
        Some("months"),
    ),
    planted(
        CHAINS,
        ("\"checker\"", "\"chekcer\""),
        Code::UnknownWord,
        "step[2].role",
        Some("checker"),
    ),
    planted(
        CHAINS,
        ("role = \"approver\", stage = \"review\"", "role = \"approver\", stage = \"key\""),
        Code::Contradiction,
        "step",
        None,
    ),
    planted(
        POSTING,
        ("account = \"1101.01\", amount = \"net\"", "account = \"1101.01\", amount = \"gross\""),
        Code::Unbalanced,
        "occurrence[10].legs",
        None,
    ),
    planted(
        POSTING,
        ("account = \"1003\"", "account = \"M1001\""),
        Code::Contradiction,
        "occurrence.appropriation_received",
        None,
    ),
    planted(TRUST, ("name = { zh = ", "title = { zh = "), Code::MissingKey, "name", None),
];

#[test]
fn every_planted_mistake_is_told_where_it_stands() {
    let mut told = Vec::new();
    for planted in TABLE {
        let (mistakes, line) = plant(planted);
        let Planted { file, wrong, code, path, suggestion, .. } = planted;
        let found = mistakes
            .iter()
            .find(|one| one.code == *code && one.path == *path)
            .unwrap_or_else(|| panic!("{wrong} gave {mistakes:#?}"));
        assert_eq!(found.file, format!("definitions/{file}"));
        assert_eq!(found.suggestion.as_deref(), *suggestion, "{wrong}");
        assert!(!found.zh.is_empty() && !found.zh.is_ascii(), "{wrong} is told in Chinese");
        if !matches!(code, Code::Syntax | Code::Contradiction | Code::MissingKey) {
            let near = found.line.abs_diff(line);
            assert!(near <= 8, "{wrong} stands in line {line}, told in {}", found.line);
        }
        if matches!(code, Code::UnknownKey | Code::UnknownWord | Code::UnknownKind | Code::Dangling)
        {
            assert_eq!(found.line, line, "{wrong}");
            assert!(!found.allowed.is_empty(), "{wrong}");
        }
        told.push(found.to_string());
    }
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn all_mistakes_of_all_files_are_told_at_once_and_nothing_is_applied() {
    let mut sources = Source::bundled();
    for (file, right, wrong) in [
        (INSURED, "\"weekly-run\"", "\"weekly\""),
        (JSB, "\"gbk\"", "\"gb2312\""),
        (TRUST, "pooling = \"city\"", "pooling = \"town\""),
    ] {
        let source = sources.iter_mut().find(|one| one.file.ends_with(file)).unwrap();
        source.text = source.text.replace(right, wrong);
    }
    let mistakes = Catalogue::load(&sources).unwrap_err();
    let files: Vec<&str> = mistakes.iter().map(|one| one.file.as_str()).collect();
    // Two weekly items, one charset, eight trust sources; no reference to them dangles.
    assert_eq!(files.iter().filter(|file| file.ends_with(TRUST)).count(), 8);
    assert_eq!(files.iter().filter(|file| file.ends_with(INSURED)).count(), 2);
    assert_eq!(mistakes.len(), 11);
    assert!(mistakes.iter().all(|one| one.code == Code::UnknownWord));
    assert!(mistakes.is_sorted_by_key(|one| (one.file.clone(), one.line)));
}

#[test]
fn one_definition_tells_all_its_mistakes() {
    let text = "[[chain]]\nid = \"-\"\nsource = 7\nstep = []\nextra = true\n";
    let mistakes = Catalogue::load(&[Source::new("chain.toml", text)]).unwrap_err();
    let told: Vec<(usize, Code)> = mistakes.iter().map(|one| (one.line, one.code)).collect();
    assert_eq!(
        told,
        [
            (1, Code::MissingKey),
            (2, Code::BadValue),
            (3, Code::WrongType),
            (4, Code::Empty),
            (5, Code::UnknownKey),
        ]
    );
    let unknown = &mistakes[4];
    assert_eq!(unknown.allowed, ["id", "name", "source", "step"]);
    assert_eq!((unknown.kind.as_str(), unknown.column), ("chain", 1));
}

#[test]
fn a_column_counts_characters() {
    let text = "[[account]]\nid = \"1\"\nname = { zh = \"甲乙丙\", en = 5 }\n";
    let mistakes = Catalogue::load(&[Source::new("a.toml", text)]).unwrap_err();
    let wrong = mistakes.iter().find(|one| one.path == "name.en").unwrap();
    assert_eq!((wrong.line, wrong.column), (3, 27));
}

#[test]
fn no_text_whatever_makes_the_loader_panic() {
    for text in
        ["", "\u{feff}", "item = 1", "[item]\nid = \"A1\"", "[[item]]", "[[item]]\nid = []", "甲"]
    {
        let outcome = Catalogue::load(&[Source::new("odd.toml", text)]);
        assert_eq!(outcome.is_ok(), text.trim_start_matches('\u{feff}').is_empty(), "{text:?}");
    }
}

/// Writes the wrong for the first right of the file; answers the mistakes and the line.
fn plant(planted: &Planted) -> (Vec<Mistake>, usize) {
    let Planted { file, right, wrong, .. } = planted;
    let mut sources = Source::bundled();
    let source = sources.iter_mut().find(|one| one.file.ends_with(file)).unwrap();
    let at = source.text.find(right).unwrap_or_else(|| panic!("{file} has no {right}"));
    let line = source.text[..at].matches('\n').count() + 1;
    source.text.replace_range(at..at + right.len(), wrong);
    let Err(mistakes) = Catalogue::load(&sources) else { panic!("{wrong} was let through") };
    (mistakes, line)
}
