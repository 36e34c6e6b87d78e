//! The pages that teach an analyst: their blocks load as they stand.

use definitions::kinds::tag::Tag;
use definitions::kinds::warning::Warning;
use definitions::{Catalogue, Source};

/// The first block of TOML on a page.
fn block(page: &str) -> Source {
    let path = format!("{}/../../docs/{page}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let (_, rest) = text.split_once("```toml\n").unwrap();
    let (toml, _) = rest.split_once("```").unwrap();
    Source::new(page, toml)
}

#[test]
fn a_reader_who_follows_the_pages_gets_a_tag_and_a_warning() {
    let tag = block("tags.md");
    let bundled = Catalogue::bundled().unwrap();
    let told = |mistakes: Vec<definitions::Mistake>| {
        mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let with_tag = bundled.amended(&tag).map_err(told).unwrap();
    assert!(with_tag.all::<Tag>().contains_key("two-returns"));
    let with_both = with_tag.amended(&block("warnings.md")).map_err(told).unwrap();
    assert!(with_both.all::<Warning>()["held-often"].is_active());
}

#[test]
fn the_pages_name_every_key_of_their_tables() {
    for (page, keys) in [
        ("tags.md", &["inputs", "tags", "when", "case", "score", "function", "example"][..]),
        (
            "warnings.md",
            &[
                "scope",
                "metric",
                "level",
                "clear_when",
                "dedupe",
                "cooldown_days",
                "inhibited_by",
                "suppressible",
                "limit",
                "dispatch",
                "clock",
                "escalate",
                "handling",
            ][..],
        ),
    ] {
        let path = format!("{}/../../docs/{page}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        for key in keys {
            assert!(text.contains(&format!("`{key}`")), "{page} does not explain {key}");
        }
    }
}
