//! Tags and warning rules: the bundled ones, and mistakes planted in them.

use definitions::kinds::tag::Tag;
use definitions::kinds::warning::Warning;
use definitions::{Catalogue, Code, Source};

fn bundled() -> Catalogue {
    Catalogue::bundled().unwrap_or_else(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"))
    })
}

#[test]
fn forty_tags_and_every_class_of_warning_are_shipped() {
    let catalogue = bundled();
    let tags = catalogue.all::<Tag>();
    let rules: Vec<&Tag> = tags.values().filter(|tag| !tag.is_folder()).collect();
    assert!(rules.len() >= 40, "{}", rules.len());
    let recorded = rules.iter().filter(|tag| tag.awaiting().is_empty()).count();
    assert!(recorded >= 12, "{recorded}");
    assert!(rules.iter().all(|tag| !tag.examples.is_empty()), "each is shown at work");
    assert!(rules.iter().all(|tag| tag.parent.is_some()), "each has its place");
    let warnings = catalogue.all::<Warning>();
    let active = warnings.values().filter(|rule| rule.is_active() && rule.awaiting().is_empty());
    assert!(active.count() >= 12);
    let awaiting = warnings.values().filter(|rule| !rule.awaiting().is_empty());
    assert!(awaiting.into_iter().all(|rule| !rule.is_active()), "what is awaiting is a draft");
    let classes: std::collections::BTreeSet<_> = warnings.values().map(|rule| rule.class).collect();
    assert!(classes.len() >= 12, "{classes:?}");
}

/// What is told of a file in which `right` was replaced by `wrong`.
fn told(file: &str, right: &str, wrong: &str) -> Vec<definitions::Mistake> {
    let mut sources = Source::bundled();
    let source = sources.iter_mut().find(|source| source.file.ends_with(file)).unwrap();
    assert!(source.text.contains(right), "{file} holds {right}");
    source.text = source.text.replacen(right, wrong, 1);
    let Err(mistakes) = Catalogue::load(&sources) else { panic!("{wrong} is accepted") };
    assert!(mistakes.iter().all(|one| one.file.ends_with(file) && one.line > 1), "{mistakes:?}");
    assert!(mistakes.iter().all(|one| !one.zh.is_empty() && !one.en.is_empty()));
    mistakes
}

#[test]
fn planted_mistakes_are_told_with_their_place_and_the_allowed_words() {
    const PAYEE: &str = "tags/payee.toml";
    const RISK: &str = "tags/payee-risk.toml";
    const BANK: &str = "tags/bank.toml";
    const RULES: &str = "warnings/disbursement.toml";
    let table = [
        (PAYEE, "inputs = [\"holds\"]", "inputs = [\"hodls\"]", Code::UnknownWord, "inputs"),
        (PAYEE, "when = 'holds > 0'", "when = 'holds > 0.5'", Code::BadValue, "when"),
        (PAYEE, "when = 'holds > 0'", "when = 'holds'", Code::WrongType, "when"),
        (PAYEE, "when = 'holds > 0'", "when = 'returns > 0'", Code::UnknownWord, "when"),
        (PAYEE, "when = 'holds > 0'", "when = 'holds >'", Code::Syntax, "when"),
        (PAYEE, "when = '\"A3\" in items'", "when = '\"A9\" in items'", Code::UnknownWord, "when"),
        (
            PAYEE,
            "given = [\"holds = 1\"]",
            "given = [\"holds = 0\"]",
            Code::Contradiction,
            "example[1]",
        ),
        (PAYEE, "subject = \"person\"", "subject = \"people\"", Code::BadValue, "subject"),
        (
            PAYEE,
            "function = \"item-count\"",
            "function = \"item-sum\"",
            Code::UnknownWord,
            "function",
        ),
        (
            RISK,
            "tags = [\"unemployment-payee\", \"pensioner\"]",
            "tags = [\"unemployment-payee\", \"pensioners\"]",
            Code::Dangling,
            "tags",
        ),
        (
            RISK,
            "tags = [\"unemployment-payee\", \"pensioner\"]\nwhen = 'unemployment_payee && pensioner'",
            "tags = [\"unemployment-payee\", \"unemployed-and-retired\"]\nwhen = 'unemployment_payee && unemployed_and_retired'",
            Code::Contradiction,
            "tags",
        ),
        (
            RULES,
            "level = \"yellow\"\nat = \"150\"",
            "level = \"yellow\"\nat = \"250\"",
            Code::Contradiction,
            "level",
        ),
        (RULES, "at = \"150\"", "at = \"1.5\"", Code::BadValue, "level[1].at"),
        (RULES, "fact = \"return_rate\"", "fact = \"return_rates\"", Code::UnknownWord, "metric"),
        (RULES, "window = \"month\"", "window = \"standing\"", Code::Contradiction, "metric"),
        (
            RULES,
            "[[warning.dispatch]]\nlevel = \"yellow\"",
            "[[warning.dispatch]]\nlevel = \"notice\"",
            Code::MissingField,
            "dispatch",
        ),
        (
            RULES,
            "[[warning.clock]]\nlevel = \"yellow\"",
            "[[warning.clock]]\nlevel = \"notice\"",
            Code::MissingField,
            "clock",
        ),
        (
            RULES,
            "scope = 'answered >= 20'",
            "scope = 'answered >= yuan(\"20\")'",
            Code::WrongType,
            "scope",
        ),
        (
            BANK,
            "indicator = \"return-rate\"",
            "indicator = \"return-rates\"",
            Code::Dangling,
            "query.indicator",
        ),
        (
            BANK,
            "indicator = \"return-rate\"",
            "indicator = \"static-months\"",
            Code::Contradiction,
            "query",
        ),
        (BANK, "unit = \"basis-points\"", "unit = \"payments\"", Code::Contradiction, "query"),
        (BANK, "every = \"month\"", "every = \"fortnight\"", Code::UnknownWord, "query.every"),
        (BANK, "above = \"150\"", "above = \"1.5\"", Code::BadValue, "query.above"),
        (
            BANK,
            "above = \"150\"",
            "above = \"150\"\nbelow = \"9\"",
            Code::Contradiction,
            "query.below",
        ),
        (BANK, "above = \"150\"\n", "", Code::Contradiction, "query"),
        (
            BANK,
            "given = [\"return-rate = 210\"]",
            "given = [\"return-rate = 140\"]",
            Code::Contradiction,
            "example[1]",
        ),
        (RULES, "class = \"disbursement\"", "class = \"payments\"", Code::UnknownWord, "class"),
    ];
    for (file, right, wrong, code, path) in table {
        let mistakes = told(file, right, wrong);
        let found = mistakes.iter().any(|one| one.code == code && one.path == path);
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        assert!(found, "{wrong} is told as {code} at {path}: {}", lines.join("\n"));
        if code == Code::UnknownWord {
            assert!(mistakes.iter().any(|one| !one.allowed.is_empty()), "{wrong}");
        }
    }
}

#[test]
fn a_long_condition_is_over_the_budget() {
    let each = vec!["item == \"A1\""; 40].join(" || ");
    let wrong = format!("when = 'items.exists(item, {each})'");
    let mistakes = told("tags/payee.toml", "when = 'size(items) > 0'", &wrong);
    assert_eq!(mistakes[0].code, Code::OutOfRange);
}

#[test]
fn the_worst_level_that_is_sustained_counts() {
    let catalogue = bundled();
    let deficit = &catalogue.all::<Warning>()["fund-deficit"];
    let level = |values: &[i64]| deficit.level(values).map(|level| level.level.to_string());
    assert_eq!(level(&[5, -3]), None);
    assert_eq!(level(&[-3]).as_deref(), Some("notice"));
    assert_eq!(level(&[-3, 5]).as_deref(), Some("notice"));
    assert_eq!(level(&[-3, -1]).as_deref(), Some("yellow"));
    assert_eq!(level(&[-1_200_000_000_000, -1_000_000_000_000]).as_deref(), Some("orange"));
}

#[test]
fn a_reason_that_a_bureau_adds_can_be_named_in_a_rule() {
    let reason = "[[stop]]\nid = \"hospital\"\nname = { zh = \"住院\", en = \"In hospital\" }\n\
        source = \"test\"\nmonths = \"owed\"\n";
    let tag = |named: &str| {
        format!(
            "[[tag]]\nid = \"in-hospital\"\nname = {{ zh = \"住院\", en = \"In hospital\" }}\n\
             source = \"test\"\nsubject = \"person\"\ntype = \"flag\"\n\
             sensitivity = \"internal\"\npurpose = {{ zh = \"测试\", en = \"test\" }}\n\
             inputs = [\"stops\"]\nwhen = '\"{named}\" in stops'\n"
        )
    };
    let with = |pages: &[(&str, String)]| {
        let mut sources = Source::bundled();
        sources.extend(pages.iter().map(|(file, text)| Source::new(*file, text.clone())));
        Catalogue::load(&sources)
    };
    let added = ("stops-own.toml", reason.to_owned());
    let whole = with(&[added.clone(), ("tag.toml", tag("hospital"))]);
    assert!(whole.is_ok(), "{:?}", whole.err());
    let mistakes = with(&[("tag.toml", tag("hospital"))]).unwrap_err();
    assert_eq!(mistakes[0].code, Code::UnknownWord);
    assert!(mistakes[0].allowed.iter().any(|word| word == "imprisoned"), "{mistakes:?}");
    assert!(with(&[added, ("tag.toml", tag("hospitl"))]).is_err());
}
