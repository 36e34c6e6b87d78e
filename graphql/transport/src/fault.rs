//! Errors on their way to the caller: one shape, one set of codes, and no internal text.

use async_graphql::{ErrorExtensionValues, PathSegment, Pos, ServerError};

use crate::{
    code::{Code, Row},
    context::Refusal,
    cost::Cost,
    language::Language,
};

/// A request that is refused before it runs.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) row: &'static Row,
    pub(crate) detail: String,
    pub(crate) locations: Vec<Pos>,
    pub(crate) cost: Option<Cost>,
    /// The methods to name in `Allow`.
    pub(crate) allow: Option<&'static str>,
}

impl Fault {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            row: code.row(),
            detail: detail.into(),
            locations: Vec::new(),
            cost: None,
            allow: None,
        }
    }

    pub(crate) fn at(mut self, locations: Vec<Pos>) -> Self {
        self.locations = locations;
        self
    }

    pub(crate) fn to_error(&self, language: Language, trace_id: &str) -> ServerError {
        let text = self.row.text(language);
        let message = match (self.detail.is_empty(), language) {
            (true, _) => text.to_owned(),
            (false, Language::Zh) => format!("{text}：{}", self.detail),
            (false, Language::En) => format!("{text}: {}", self.detail),
        };
        let mut error = ServerError::new(message, None);
        error.locations.clone_from(&self.locations);
        stamp(&mut error, self.row, trace_id);
        error
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let Refusal { row, detail } = refusal;
        Self { row, detail, locations: Vec::new(), cost: None, allow: None }
    }
}

/// Gives an error of the executor its code, and takes away any text that is not meant for callers.
///
/// Kept as they are: errors whose code is published, and complaints about the document or its
/// values, which repeat nothing but schema and request. All else becomes `INTERNAL`.
pub(crate) fn published(
    mut error: ServerError,
    executed: bool,
    own: &'static [Row],
    language: Language,
    trace_id: &str,
) -> (ServerError, &'static Row) {
    if let Some(row) = code_of(&error, own) {
        stamp(&mut error, row, trace_id);
        return (error, row);
    }
    let code = match error.extensions.as_ref().and_then(|values| values.get("code")) {
        None if is_input_complaint(&error.message) => Code::BadInput,
        None if !executed && error.path.is_empty() => Code::InvalidDocument,
        None | Some(_) => Code::Internal,
    };
    if code == Code::Internal {
        tracing::error!(
            trace_id,
            path = path_text(&error.path),
            error = redacted(&error.message),
            "a resolver failed"
        );
        error.message = code.row().text(language).to_owned();
    }
    error.source = None;
    error.extensions = None;
    stamp(&mut error, code.row(), trace_id);
    (error, code.row())
}

fn code_of(error: &ServerError, own: &'static [Row]) -> Option<&'static Row> {
    let async_graphql::Value::String(code) = error.extensions.as_ref()?.get("code")? else {
        return None;
    };
    Code::TABLE.iter().chain(own).find(|row| row.code == code)
}

fn stamp(error: &mut ServerError, row: &'static Row, trace_id: &str) {
    let values = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
    values.set("code", row.code);
    if values.get("retryable").is_none() {
        values.set("retryable", row.retryable);
    }
    values.set("traceId", trace_id);
}

/// async-graphql builds every message about a value that does not fit its type with one of these
/// openings; scalars of the schema add only what they said about the value.
fn is_input_complaint(message: &str) -> bool {
    ["Failed to parse \"", "Expected input type \"", "Invalid value for argument "]
        .iter()
        .any(|opening| message.starts_with(opening))
}

fn path_text(path: &[PathSegment]) -> String {
    let mut text = String::new();
    for segment in path {
        if !text.is_empty() {
            text.push('.');
        }
        match segment {
            PathSegment::Field(name) => text.push_str(name),
            PathSegment::Index(index) => text.push_str(&index.to_string()),
        }
    }
    text
}

/// Internal text for the log: anything that could be a name or a number of a person is cut out,
/// that is all outside ASCII, all in quotes, and digits beyond three in a row.
fn redacted(message: &str) -> String {
    let mut text = String::with_capacity(message.len().min(400));
    let mut quote = None;
    let mut digits = 0;
    for char in message.chars().take(400) {
        if let Some(open) = quote {
            if char == open {
                quote = None;
                text.push(char);
            }
            continue;
        }
        digits = if char.is_ascii_digit() { digits + 1 } else { 0 };
        match char {
            '"' | '`' => {
                quote = Some(char);
                text.push(char);
            }
            _ if !char.is_ascii() || digits > 3 => {
                if !text.ends_with('~') {
                    text.push('~');
                }
            }
            _ => text.push(char),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coded(code: &str, message: &str) -> ServerError {
        let mut error = ServerError::new(message, None);
        error.path = vec![PathSegment::Field("a".into())];
        error.extensions.get_or_insert_default().set("code", code);
        error
    }

    #[test]
    fn only_published_text_reaches_the_caller() {
        static OWN: &[Row] = &[Row { code: "BAD_CURSOR", ..Code::TABLE[0] }];
        let mut plain = ServerError::new("no such table: persons", None);
        plain.path = vec![PathSegment::Field("a".into())];
        let mut input = ServerError::new("Failed to parse \"Date\": not a day", None);
        input.path = vec![PathSegment::Field("a".into())];
        for (error, executed, code, message) in [
            (coded("BAD_CURSOR", "the cursor is bad"), true, "BAD_CURSOR", "the cursor is bad"),
            (coded("TIMEOUT", "too slow"), true, "TIMEOUT", "too slow"),
            (coded("SECRET", "dsn=…"), true, "INTERNAL", "an internal error occurred"),
            (plain, true, "INTERNAL", "an internal error occurred"),
            (input, true, "BAD_INPUT", "Failed to parse \"Date\": not a day"),
            (
                ServerError::new("Unknown field \"x\"", None),
                false,
                "INVALID_DOCUMENT",
                "Unknown field \"x\"",
            ),
        ] {
            let (error, row) = published(error, executed, OWN, Language::En, "t");
            assert_eq!((row.code, error.message.as_str()), (code, message));
            let values = error.extensions.unwrap();
            assert_eq!(values.get("code"), Some(&code.into()));
            assert_eq!(values.get("traceId"), Some(&"t".into()));
            assert!(values.get("retryable").is_some());
        }
    }

    #[test]
    fn what_could_be_personal_is_cut_out_of_the_log() {
        assert_eq!(redacted("no row for 11010519491231002X"), "no row for 110~X");
        assert_eq!(redacted("姓名 张三 unknown"), "~ ~ unknown");
        assert_eq!(redacted("value \"Zhang San\" in line 12"), "value \"\" in line 12");
    }
}
