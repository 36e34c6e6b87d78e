//! A first look at a document before it is parsed.
//!
//! The parser recurses once per bracket and its time grows with the tokens, so both are bounded
//! here, in one pass over the bytes that allocates nothing.

use crate::{code::Code, fault::Fault, limits::Limits};

/// Refuses a text that is too long, has too many tokens or nests too deeply. What is not a
/// token of GraphQL is left to the parser.
pub(crate) fn check(text: &str, limits: &Limits) -> Result<(), Fault> {
    let bytes = text.as_bytes();
    if bytes.len() > limits.document_bytes_max {
        return Err(too_large("bytes", bytes.len(), limits.document_bytes_max));
    }
    let (mut tokens, mut nesting, mut at) = (0_usize, 0_usize, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        at = match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at = skip(bytes, at, |byte| byte != b'\n' && byte != b'\r');
                continue;
            }
            b'"' => string_end(bytes, at),
            b'.' => skip(bytes, at, |byte| byte == b'.'),
            b'_' | b'-' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                skip(bytes, at + 1, |byte| byte == b'_' || byte.is_ascii_alphanumeric())
            }
            b'{' | b'[' | b'(' => {
                nesting += 1;
                if nesting > limits.document_nesting_max {
                    return Err(too_large("open brackets", nesting, limits.document_nesting_max));
                }
                at + 1
            }
            b'}' | b']' | b')' => {
                nesting = nesting.saturating_sub(1);
                at + 1
            }
            _ => at + 1,
        };
        tokens += 1;
        if tokens > limits.document_tokens_max {
            return Err(too_large("tokens", tokens, limits.document_tokens_max));
        }
    }
    Ok(())
}

fn too_large(unit: &str, found: usize, max: usize) -> Fault {
    Fault::new(Code::DocumentTooLarge, format!("{found} {unit} > {max}"))
}

fn skip(bytes: &[u8], from: usize, wanted: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|byte| !wanted(*byte)).unwrap_or(rest.len())
}

/// The place after the string that opens at `at`; the end of the text if it never closes.
fn string_end(bytes: &[u8], at: usize) -> usize {
    if bytes[at..].starts_with(b"\"\"\"") {
        let mut from = at + 3;
        while from < bytes.len() {
            if bytes[from..].starts_with(b"\\\"\"\"") {
                from += 4;
            } else if bytes[from..].starts_with(b"\"\"\"") {
                return from + 3;
            } else {
                from += 1;
            }
        }
        return from;
    }
    let mut from = at + 1;
    while let Some(&byte) = bytes.get(from) {
        match byte {
            b'\\' => from += 2,
            b'"' => return from + 1,
            b'\n' | b'\r' => return from,
            _ => from += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_tokens_and_nesting_are_bounded_before_parsing() {
        let limits = Limits {
            document_bytes_max: 1_000,
            document_tokens_max: 20,
            document_nesting_max: 4,
            ..Limits::default()
        };
        for (text, refused) in [
            ("{ a }".to_owned(), None),
            ("{ a(b: \"{{{{{{{{\") }".to_owned(), None),
            ("{ a(b: \"\\\"{{{{{{{{\") }".to_owned(), None),
            ("{ a(b: \"\"\"{{{{ \\\"\"\" {{{{\"\"\") }".to_owned(), None),
            ("# {{{{{{{{\n{ a }".to_owned(), None),
            ("{ a(b: \"open".to_owned(), None),
            ("{ a(b: \"open\\".to_owned(), None),
            ("{a{a{a{a{a}}}}}".to_owned(), Some("open brackets")),
            ("{a(b:[[[[1]]]])}".to_owned(), Some("open brackets")),
            (format!("{{{}}}", "a ".repeat(19)), Some("tokens")),
            (format!("{{{}}}", "a ".repeat(18)), None),
            (format!("{{a}}{}", " ".repeat(1_000)), Some("bytes")),
            ("文".repeat(5), None),
        ] {
            let found = check(&text, &limits).err().map(|fault| fault.detail);
            match refused {
                None => assert_eq!(found, None, "{text:?}"),
                Some(unit) => assert!(
                    found.as_deref().is_some_and(|d| d.contains(unit)),
                    "{text:?}: {found:?}"
                ),
            }
        }
    }
}
