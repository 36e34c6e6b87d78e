//! Mistakes in indicators and dashboards: each is told with file, line, code and allowed words, in
//! both languages, and nothing of the file is applied.

use definitions::{Catalogue, Code, Indicator, Mistake, Source};

const SOUND: &str = r#"[[indicator]]
id = "x"
name = { zh = "甲", en = "x" }
question = { zh = "甲？", en = "x?" }
source = "[P]"
unit = "yuan"
by = ["county"]
measure = { kind = "sum", of = "pay-line", number = "amount" }
where = [{ dimension = "step", is = ["paid"] }]
example = [
    { period = "2026-01", value = "1.00", facts = [
        { day = "2026-01-15", step = "paid", amount = "1.00" },
    ] },
]
"#;

/// What is written instead of what, and what must be told: code, line, path, one allowed word.
type Planted = (&'static str, &'static str, Code, usize, &'static str, Option<&'static str>);

const TABLE: &[Planted] = &[
    ("\"sum\"", "\"summ\"", Code::UnknownWord, 8, "measure.kind", Some("sum")),
    ("\"pay-line\"", "\"wages\"", Code::UnknownWord, 8, "measure.of", Some("pay-line")),
    ("\"amount\"", "\"debit\"", Code::UnknownWord, 8, "measure.number", Some("amount")),
    ("\"yuan\"", "\"people\"", Code::Contradiction, 6, "unit", None),
    ("[\"county\"]", "[\"sex\"]", Code::UnknownWord, 7, "by", Some("county")),
    ("[\"county\"]", "\"county\"", Code::WrongType, 7, "by", None),
    ("[\"paid\"]", "[\"payed\"]", Code::UnknownWord, 9, "where", Some("paid")),
    ("\"step\"", "\"ledger\"", Code::UnknownWord, 9, "where", Some("step")),
    ("\"2026-01\"", "\"2026-13\"", Code::BadValue, 11, "example[1].period", None),
    ("value = \"1.00\"", "value = \"2.00\"", Code::Contradiction, 10, "example", None),
    ("value = \"1.00\", ", "", Code::Contradiction, 11, "example[1].value", None),
    ("amount = \"1.00\"", "amount = 1.5", Code::WrongType, 12, "example[1].facts[1].amount", None),
    (
        ", step = \"paid\"",
        ", stage = \"paid\"",
        Code::UnknownKey,
        12,
        "example[1].facts[1].stage",
        None,
    ),
    ("question = ", "asks = ", Code::UnknownKey, 4, "asks", None),
    ("unit = \"yuan\"\n", "", Code::MissingKey, 1, "unit", None),
];

#[test]
fn every_planted_mistake_is_told_where_it_stands() {
    assert!(load(SOUND).is_ok());
    for (right, wrong, code, line, path, allowed) in TABLE {
        assert!(SOUND.contains(right), "{right}");
        let text = SOUND.replacen(right, wrong, 1);
        let mistakes = load(&text).expect_err(wrong);
        let told = mistakes
            .iter()
            .find(|one| one.code == *code && one.path == *path)
            .unwrap_or_else(|| panic!("{wrong}: {mistakes:#?}"));
        assert_eq!((told.file.as_str(), told.line), ("mine.toml", *line), "{wrong}");
        assert!(!told.zh.is_empty() && !told.en.is_empty() && told.zh != told.en);
        if let Some(allowed) = allowed {
            assert!(told.allowed.iter().any(|word| word == allowed), "{wrong}: {told}");
        }
    }
}

#[test]
fn an_indicator_made_of_itself_is_a_mistake() {
    let one = |id: &str, over: &str| {
        format!(
            "[[indicator]]\nid = \"{id}\"\nname = {{ zh = \"甲\", en = \"x\" }}\n\
             question = {{ zh = \"甲\", en = \"x\" }}\nsource = \"[P]\"\nunit = \"basis-points\"\n\
             measure = {{ kind = \"ratio\", over = \"{over}\", under = \"x\" }}\n"
        )
    };
    let text = format!("{SOUND}{}{}", one("a", "b"), one("b", "a"));
    let mistakes = load(&text).unwrap_err();
    let circles: Vec<&str> = mistakes.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(circles, ["a", "b"], "{mistakes:#?}");
    let dangling = load(&one("a", "nobody")).unwrap_err();
    assert!(dangling.iter().any(|one| one.code == Code::Dangling));
}

#[test]
fn what_awaits_facts_cannot_be_part_of_another() {
    let awaiting = SOUND
        .split("measure")
        .next()
        .map(|head| format!("{head}status = \"awaiting\"\nawaiting = \"C07\"\n"))
        .unwrap();
    let catalogue = load(&awaiting).unwrap();
    assert!(!catalogue.all::<Indicator>()["x"].is_live());
    let share = SOUND
        .split("measure")
        .next()
        .map(|head| {
            let head = head.replace("id = \"x\"", "id = \"s\"").replace("yuan", "basis-points");
            format!("{head}measure = {{ kind = \"share\", of = \"x\", among = \"county\" }}\n")
        })
        .unwrap();
    let mistakes = load(&format!("{awaiting}{share}")).unwrap_err();
    assert_eq!(mistakes.len(), 1, "{mistakes:#?}");
    assert_eq!((mistakes[0].id.as_str(), mistakes[0].path.as_str()), ("s", "measure"));
}

#[test]
fn a_panel_asks_only_what_its_indicators_can_answer() {
    let screen = |panel: &str| {
        format!(
            "{SOUND}[[dashboard]]\nid = \"d\"\nname = {{ zh = \"屏\", en = \"d\" }}\nsource = \"[P]\"\n\
             panel = [{{ id = \"p\", name = {{ zh = \"块\", en = \"p\" }}, {panel} }}]\n"
        )
    };
    assert!(load(&screen("chart = \"card\", indicators = [\"x\"], by = [\"city\"]")).is_ok());
    for (panel, code) in [
        ("chart = \"card\", indicators = [\"x\"], by = [\"bank\"]", Code::UnknownWord),
        ("chart = \"card\", indicators = [\"y\"]", Code::Dangling),
        ("chart = \"spiral\", indicators = [\"x\"]", Code::UnknownWord),
        ("chart = \"card\"", Code::Contradiction),
        ("chart = \"card\", indicators = [\"x\"], awaiting = \"C12\"", Code::Contradiction),
    ] {
        let mistakes = load(&screen(panel)).expect_err(panel);
        assert!(mistakes.iter().any(|one| one.code == code), "{panel}: {mistakes:#?}");
    }
}

fn load(text: &str) -> Result<Catalogue, Vec<Mistake>> {
    Catalogue::load(&[Source::new("mine.toml", text)])
}

#[test]
fn each_number_of_the_catalogue_stands_in_exactly_one_indicator() {
    let catalogue = Catalogue::bundled().unwrap();
    let listed = catalogue.all::<Indicator>().values().flat_map(|one| one.numbers.iter().copied());
    let mut listed: Vec<i64> = listed.collect();
    listed.sort_unstable();
    assert_eq!(listed, (1..=318).collect::<Vec<i64>>());
}

/// A number whose facts come to be recorded leaves the awaiting ones here, in the open.
#[test]
fn so_many_numbers_are_live_and_the_others_name_their_context() {
    let catalogue = Catalogue::bundled().unwrap();
    let numbered = catalogue.all::<Indicator>().values().filter(|one| !one.numbers.is_empty());
    let (live, awaiting): (Vec<&Indicator>, Vec<&Indicator>) =
        numbered.partition(|one| one.is_live());
    let count = |of: &[&Indicator]| of.iter().map(|one| one.numbers.len()).sum::<usize>();
    assert_eq!((count(&live), count(&awaiting)), (47, 271));
    assert!(live.iter().chain(&awaiting).all(|one| one.source.contains('S')), "each has its seed");
    for one in awaiting {
        let context = one.awaiting.as_deref().unwrap();
        let number = context.strip_prefix('C').and_then(|number| number.get(..2)?.parse().ok());
        assert!(
            number.is_some_and(|number: u8| (1..=30).contains(&number)),
            "{}: {context}",
            one.id
        );
        // Every number of a block is told in its question, in words of the seed.
        for number in &one.numbers {
            let told =
                one.question.zh.split('；').any(|part| part.starts_with(&format!("{number} ")));
            assert!(told, "{} does not say what {number} is", one.id);
        }
    }
}

/// The page that teaches analysts is followed literally: its blocks are taken one after another.
#[test]
fn the_page_for_analysts_can_be_followed() {
    let page = include_str!("../../../docs/indicators.md");
    let blocks: Vec<&str> =
        page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 3, "an indicator, one with a mistake, a card");
    let bundled = Catalogue::bundled().unwrap();
    let with = bundled.amended(&Source::new("mine.toml", blocks[0])).unwrap();
    assert!(with.all::<Indicator>().contains_key("returns-by-bank"));
    let mistakes = bundled.amended(&Source::new("mine.toml", blocks[1])).unwrap_err();
    let told = mistakes.first().map(ToString::to_string).unwrap();
    assert!(page.contains(&told), "the page shows what is told: {told}");
    let screen = with.amended(&Source::new("screen.toml", blocks[2])).unwrap();
    assert!(screen.definition("dashboard", "mine").is_some());
    assert!(screen.used_by("indicator", "returns-by-bank").any(|user| user.1 == "mine"));
}
