//! Between a serde enum and the two columns `type` and `data`.
//!
//! The variant's name is the type, its content the data, so an event is written and read without
//! a wrapper object: `{"type": "card.issued.v1", "data": {…}}` is how exports spell it.

mod read;
mod write;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::read::{NamesOnly, VariantReader};
use self::write::VariantWriter;
use crate::event::{DecodeError, Encoded, Event, Recorded, Upcaster};

/// # Panics
/// When `event` is not an enum, or a map key in it is no string: both show in the first test.
pub fn encode<E: Serialize>(event: &E) -> Encoded {
    event.serialize(VariantWriter).expect("events serialise: they are plain data")
}

/// # Errors
/// When no variant or upcaster has this name, or the data does not fit.
pub fn decode<E: DeserializeOwned>(
    type_name: &str,
    data: &str,
    upcasters: &[Upcaster],
) -> Result<E, DecodeError> {
    let shape = |source| DecodeError::Shape { type_name: type_name.to_owned(), source };
    if variants::<E>().contains(&type_name) {
        return E::deserialize(VariantReader { type_name, data }).map_err(shape);
    }
    let mut name = type_name;
    let mut value: Option<Value> = None;
    while let Some(upcaster) = upcasters.iter().find(|upcaster| upcaster.from == name) {
        let older = match value.take() {
            Some(value) => value,
            None => serde_json::from_str(data).map_err(shape)?,
        };
        value = Some((upcaster.lift)(older));
        name = upcaster.to;
    }
    match value {
        Some(value) if variants::<E>().contains(&name) => {
            E::deserialize(VariantReader { type_name: name, data: &value.to_string() })
                .map_err(shape)
        }
        _ => Err(DecodeError::UnknownType(type_name.to_owned())),
    }
}

/// The names of an enum's variants, as serde knows them.
#[must_use]
pub fn variants<'de, E: Deserialize<'de>>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    // The deserializer notes the names and then refuses: there is nothing to read.
    let _refused = E::deserialize(NamesOnly(&mut names));
    names
}

/// One line of an export or of `tests/history`: `{"type": …, "data": …}`.
#[must_use]
pub fn to_line(recorded: &Recorded) -> String {
    format!(r#"{{"type":"{}","data":{}}}"#, recorded.type_name, recorded.data)
}

/// Passes an event through its stored form, as the log would.
///
/// # Errors
/// As [`Event::decode`].
pub fn through<E: Event>(event: &E) -> Result<E, DecodeError> {
    let Encoded { type_name, data } = event.encode();
    E::decode(type_name, &data)
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    enum Fine {
        #[serde(rename = "fine.assessed.v2")]
        Assessed { fen: i64, article: Option<String> },
        #[serde(rename = "fine.paid.v1")]
        Paid(Receipt),
        #[serde(rename = "fine.lapsed.v1")]
        Lapsed,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Receipt {
        serial: String,
    }

    fn fen_from_yuan(mut data: Value) -> Value {
        // v1 held the amount in whole yuan.
        let yuan = data["yuan"].as_i64().unwrap();
        data.as_object_mut().unwrap().remove("yuan");
        data["fen"] = json!(yuan * 100);
        data
    }

    const UPCASTERS: &[Upcaster] =
        &[Upcaster { from: "fine.assessed.v1", to: "fine.assessed.v2", lift: fen_from_yuan }];
    crate::event!(Fine, upcasters: UPCASTERS);

    #[test]
    fn the_variant_is_the_type_and_its_content_the_data() {
        let event = Fine::Assessed { fen: 3500, article: Some("第5条 \"一\"".to_owned()) };
        let Encoded { type_name, data } = event.encode();
        assert_eq!(type_name, "fine.assessed.v2");
        assert_eq!(data, r#"{"fen":3500,"article":"第5条 \"一\""}"#);
        assert_eq!(Fine::decode(type_name, &data).unwrap(), event);
    }

    #[test]
    fn every_shape_of_variant_passes_through() {
        for event in [Fine::Lapsed, Fine::Paid(Receipt { serial: "7".to_owned() })] {
            assert_eq!(through(&event).unwrap(), event);
        }
        assert_eq!(Fine::types(), ["fine.assessed.v2", "fine.paid.v1", "fine.lapsed.v1"]);
    }

    #[test]
    fn an_older_version_is_lifted() {
        let lifted = Fine::decode("fine.assessed.v1", r#"{"yuan":35}"#).unwrap();
        assert_eq!(lifted, Fine::Assessed { fen: 3500, article: None });
        assert!(Fine::knows("fine.assessed.v1") && !Fine::knows("fine.assessed.v0"));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(matches!(Fine::decode("fine.x.v1", "{}"), Err(DecodeError::UnknownType(_))));
        for data in ["{}", r#"{"fen":1} x"#, "", "[]"] {
            let refused = Fine::decode("fine.assessed.v2", data);
            assert!(matches!(refused, Err(DecodeError::Shape { .. })), "{data}");
        }
    }
}
