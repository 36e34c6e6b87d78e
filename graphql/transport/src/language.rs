//! The language of messages to people: Chinese unless the caller prefers English.

use axum::http::{HeaderMap, header};

use crate::accept::quality;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    #[default]
    Zh,
    En,
}

impl Language {
    /// By the q-values of `Accept-Language`; a tie goes to the one named first.
    pub fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::ACCEPT_LANGUAGE).iter();
        Self::of_list(values.filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(',')))
    }

    /// By one `Accept-Language` text, such as a WebSocket's `connection_init` carries.
    pub fn of_text(text: &str) -> Self {
        Self::of_list(text.split(','))
    }

    fn of_list<'a>(ranges: impl Iterator<Item = &'a str>) -> Self {
        let mut best = (0, Self::Zh);
        for range in ranges {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
            let q = quality(parts);
            let language = match tag.split('-').next() {
                Some("zh") => Self::Zh,
                Some("en") => Self::En,
                _ => continue,
            };
            if q > best.0 {
                best = (q, language);
            }
        }
        best.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_follows_the_caller() {
        for (header, expected) in [
            ("", Language::Zh),
            ("fr", Language::Zh),
            ("en", Language::En),
            ("en-GB,en;q=0.9,zh;q=0.8", Language::En),
            ("zh-CN,zh;q=0.9,en;q=0.8", Language::Zh),
            ("en;q=0.2, zh-Hans;q=0.9", Language::Zh),
            ("zh;q=0, en;q=0.1", Language::En),
        ] {
            assert_eq!(Language::of_text(header), expected, "{header:?}");
        }
    }
}
