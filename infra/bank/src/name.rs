//! File names: a pattern with `{field}` placeholders, written and read again.

use definitions::{Field, Word};

use crate::error::{Findings, Rule};

enum Part<'a> {
    Text(&'a str),
    Field(Field),
}

/// The name, with `value` for every placeholder. What is missing or unsafe in a name is noted and
/// left out.
pub(crate) fn render(
    pattern: &str,
    value: impl Fn(Field) -> Option<String>,
    findings: &mut Findings,
) -> String {
    let mut name = String::with_capacity(pattern.len() + 32);
    for part in parts(pattern) {
        match part {
            Part::Text(text) => name.push_str(text),
            Part::Field(field) => match value(field) {
                Some(value) if is_safe(&value) => name.push_str(&value),
                Some(_) => {
                    let what = (
                        "该字段用于文件名，含有不允许的字符",
                        "the field stands in the file's name and holds a character that cannot",
                    );
                    findings.note((None, Some(field)), Rule::FileName, what);
                }
                None => {
                    let what = (
                        "文件名需要该字段，但没有值",
                        "the file's name needs the field, which has no value",
                    );
                    findings.note((None, Some(field)), Rule::MissingValue, what);
                }
            },
        }
    }
    name
}

/// The values of the placeholders that `known` has no value for, if the name fits the pattern.
pub(crate) fn fit<'n>(
    pattern: &str,
    known: impl Fn(Field) -> Option<String>,
    name: &'n str,
) -> Option<Vec<(Field, &'n str)>> {
    let mut found = Vec::new();
    let parts: Vec<Part<'_>> = parts(pattern);
    fits(&parts, &known, name, &mut found).then_some(found)
}

fn fits<'n>(
    parts: &[Part<'_>],
    known: &impl Fn(Field) -> Option<String>,
    name: &'n str,
    found: &mut Vec<(Field, &'n str)>,
) -> bool {
    let Some((first, rest)) = parts.split_first() else { return name.is_empty() };
    let field = match first {
        Part::Text(text) => {
            return name.strip_prefix(text).is_some_and(|name| fits(rest, known, name, found));
        }
        Part::Field(field) => *field,
    };
    if let Some(value) = known(field) {
        return name.strip_prefix(&*value).is_some_and(|name| fits(rest, known, name, found));
    }
    // The shortest value first. Patterns have a handful of placeholders and names are short.
    for end in name.char_indices().map(|(index, c)| index + c.len_utf8()) {
        let (value, after) = name.split_at(end);
        let before = found.len();
        found.push((field, value));
        if is_safe(value) && fits(rest, known, after, found) {
            return true;
        }
        found.truncate(before);
    }
    false
}

fn parts(pattern: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = pattern;
    while let Some((text, after)) = rest.split_once('{') {
        let Some((word, after)) = after.split_once('}') else { break };
        parts.push(Part::Text(text));
        // The catalogue admits only fields as placeholders.
        parts.extend(Field::from_word(word).map(Part::Field));
        rest = after;
    }
    parts.push(Part::Text(rest));
    parts
}

fn is_safe(value: &str) -> bool {
    !value.is_empty()
        && !value.starts_with('.')
        && value.bytes().all(|byte| byte.is_ascii_graphic() && !b"/\\:*?\"<>|{}".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_gives_back_the_fields_that_are_not_known_otherwise() {
        let known = |field| (field == Field::Batch).then(|| "B-1".to_owned());
        let found = fit("HP_{agency}_{batch}.txt", known, "HP_320600-01_B-1.txt");
        assert_eq!(found, Some(vec![(Field::Agency, "320600-01")]));
        for wrong in
            ["HP_320600-01_B-2.txt", "HP__B-1.txt", "HP_1_B-1.txt.exe", "", "HP_../_B-1.txt"]
        {
            assert_eq!(fit("HP_{agency}_{batch}.txt", known, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn nothing_leaves_the_folder_through_a_name() {
        for value in ["..", "a/b", "a\\b", "", "张", "a b", "a\0b"] {
            let mut findings = Findings::of("");
            render("{batch}.txt", |_| Some(value.to_owned()), &mut findings);
            assert!(!findings.are_none(), "{value}");
        }
    }
}
