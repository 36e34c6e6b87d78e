//! A file's text, and where in it something stands.

use std::ops::Range;

/// One file of definitions: its name for mistakes, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub file: String,
    pub text: String,
}

impl Source {
    #[must_use]
    pub fn new(file: impl Into<String>, text: impl Into<String>) -> Self {
        Self { file: file.into(), text: text.into() }
    }

    /// The files that stand in the project's `definitions/` folder when the program is built.
    #[must_use]
    pub fn bundled() -> Vec<Self> {
        const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/bundled.rs"));
        FILES.iter().map(|(file, text)| Self::new(*file, *text)).collect()
    }

    /// Line and column of a byte, both from 1; the column counts characters.
    pub(crate) fn place(&self, span: &Range<usize>) -> (usize, usize) {
        let start = self.text.floor_char_boundary(span.start.min(self.text.len()));
        let before = &self.text[..start];
        let line = before.matches('\n').count() + 1;
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (line, before[line_start..].chars().count() + 1)
    }
}
