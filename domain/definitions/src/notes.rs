//! What is noted while files are read: mistakes, and references that are looked up at the end.

use std::cell::RefCell;
use std::ops::Range;

use crate::mistake::{Fault, Mistake};
use crate::source::Source;

/// A word that names another definition; looked up when all files are read.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    pub to: (&'static str, String),
    pub place: Place,
}

/// Where something stands: the definition, the key and the bytes of the file.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub page: usize,
    pub kind: String,
    pub id: String,
    pub path: String,
    pub span: Range<usize>,
}

/// What is noted while the files are read.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub mistakes: RefCell<Vec<Mistake>>,
    pub references: RefCell<Vec<Reference>>,
}

impl Notes {
    pub fn note(&self, pages: &[Source], place: &Place, fault: Fault) {
        let page = &pages[place.page];
        let (line, column) = page.place(&place.span);
        let Fault { code, zh, en, allowed, suggestion } = fault;
        self.mistakes.borrow_mut().push(Mistake {
            file: page.file.clone(),
            line,
            column,
            kind: place.kind.clone(),
            id: place.id.clone(),
            path: place.path.clone(),
            code,
            zh,
            en,
            allowed,
            suggestion,
        });
    }
}
