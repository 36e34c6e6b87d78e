//! Names brought to one spelling, for blind indexes and for comparison with a bank's records.

/// One spelling of a name: full-width characters narrowed, ends trimmed, invisible characters
/// dropped, every separator dot written `·`. A name with a Han character has no inner blanks; any
/// other name keeps single ones. Letters keep their case.
///
/// Applying it twice changes nothing.
pub fn normalise(name: &str) -> String {
    let narrowed = || name.chars().filter(|c| !is_invisible(*c)).map(narrow);
    let chinese = narrowed().any(is_han);
    let mut result = String::with_capacity(name.len());
    let mut blank = false;
    for c in narrowed() {
        if c.is_whitespace() {
            blank = true;
            continue;
        }
        if blank && !chinese && !result.is_empty() {
            result.push(' ');
        }
        blank = false;
        // A full stop is a separator only between Han characters: `J. Smith` keeps his.
        let separator = is_dot(c) || (chinese && c == '.');
        result.push(if separator { '·' } else { c });
    }
    result
}

/// The half-width form of a full-width character, as typed by an input method in full-width mode.
pub(crate) fn narrow(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => {
            char::from_u32(u32::from(c) - 0xFEE0).expect("full-width forms map onto ASCII")
        }
        _ => c,
    }
}

/// A Chinese character of any Unicode block, so that a rare one counts like a common one.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3007}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

fn is_dot(c: char) -> bool {
    matches!(c, '·' | '•' | '・' | '･' | '‧' | '∙' | '⋅' | '․' | '\u{0387}' | '\u{16EB}')
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}')
}
