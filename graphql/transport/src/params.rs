//! The parameters of a request, from JSON, from a query string or from a WebSocket message.

use async_graphql::Variables;
use axum::{extract::Query, http::Uri};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{code::Code, fault::Fault};

/// What a caller sends. Unknown keys are ignored; a known key of the wrong type is an error.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Params {
    pub(crate) query: Option<String>,
    pub(crate) operation_name: Option<String>,
    #[serde(default)]
    pub(crate) variables: Variables,
    pub(crate) extensions: Option<Map<String, Value>>,
    pub(crate) document_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueryString {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
    document_id: Option<String>,
}

impl Params {
    pub(crate) fn from_json(body: &[u8]) -> Result<Self, Fault> {
        // serde would read a struct from an array; here an array is a batch.
        match body.trim_ascii_start().first() {
            Some(b'[') => return Err(Fault::new(Code::BatchRefused, "")),
            Some(b'{') => {}
            _ => {
                return Err(Fault::new(Code::BadRequest, "the body is not a JSON object"));
            }
        }
        serde_json::from_slice::<Self>(body).map_err(bad)?.complete()
    }

    pub(crate) fn from_uri(uri: &Uri) -> Result<Self, Fault> {
        let Query(text) = Query::<QueryString>::try_from_uri(uri)
            .map_err(|error| Fault::new(Code::BadRequest, error.body_text()))?;
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let variables = match given(text.variables) {
            Some(text) => serde_json::from_str(&text).map_err(bad)?,
            None => Variables::default(),
        };
        let extensions = match given(text.extensions) {
            Some(text) => serde_json::from_str(&text).map_err(bad)?,
            None => None,
        };
        let (query, operation_name) = (text.query, given(text.operation_name));
        let document_id = given(text.document_id);
        Self { query, operation_name, variables, extensions, document_id }.complete()
    }

    /// Refuses parameters that name no document at all.
    pub(crate) fn complete(self) -> Result<Self, Fault> {
        if self.query.is_none() && self.document_digest().is_none() {
            return Err(Fault::new(Code::BadRequest, "query is missing"));
        }
        Ok(self)
    }

    /// The digest of a trusted document, as `documentId` or as
    /// `extensions.persistedQuery.sha256Hash`.
    pub(crate) fn document_digest(&self) -> Option<&str> {
        self.document_id.as_deref().or_else(|| {
            let persisted = self.extensions.as_ref()?.get("persistedQuery")?;
            persisted.get("sha256Hash")?.as_str()
        })
    }
}

/// Line and column of the mistake; never the text around it.
fn bad(error: serde_json::Error) -> Fault {
    Fault::new(Code::BadRequest, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_of_a_body_are_checked() {
        for (body, code) in [
            (r#"{"query":"{a}"}"#, None),
            (" \n{\"query\":\"{a}\",\"unknown\":[1]}", None),
            (r#"{"query":"{a}","variables":null,"operationName":null,"extensions":null}"#, None),
            (r#"{"documentId":"00"}"#, None),
            (r#"{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"00"}}}"#, None),
            (r#"[{"query":"{a}"}]"#, Some("BATCH_REFUSED")),
            ("", Some("BAD_REQUEST")),
            ("null", Some("BAD_REQUEST")),
            ("\"{a}\"", Some("BAD_REQUEST")),
            ("{", Some("BAD_REQUEST")),
            ("{}", Some("BAD_REQUEST")),
            (r#"{"query":null}"#, Some("BAD_REQUEST")),
            (r#"{"query":1}"#, Some("BAD_REQUEST")),
            (r#"{"query":"{a}","query":"{b}"}"#, Some("BAD_REQUEST")),
            (r#"{"query":"{a}","operationName":{}}"#, Some("BAD_REQUEST")),
            (r#"{"query":"{a}","variables":[]}"#, Some("BAD_REQUEST")),
            (r#"{"query":"{a}","variables":"x"}"#, Some("BAD_REQUEST")),
            (r#"{"query":"{a}","extensions":[]}"#, Some("BAD_REQUEST")),
        ] {
            let found = Params::from_json(body.as_bytes()).err().map(|fault| fault.row.code);
            assert_eq!(found, code, "{body}");
        }
        let deep = format!(
            r#"{{"query":"{{a}}","variables":{{"x":{}1{}}}}}"#,
            "[".repeat(500),
            "]".repeat(500)
        );
        assert!(Params::from_json(deep.as_bytes()).is_err());
    }
}
