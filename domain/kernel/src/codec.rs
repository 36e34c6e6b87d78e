//! Between a serde enum and the two columns `type` and `data`.
//!
//! The variant's name is the type, its content the data, so an event is written and read without
//! a wrapper object: `{"type": "card.issued.v1", "data": {…}}` is how exports spell it.

use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Visitor};
use serde::ser::{self, Impossible, Serialize, SerializeStructVariant, Serializer};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::Value;

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

struct VariantReader<'de> {
    type_name: &'de str,
    data: &'de str,
}

impl<'de> Deserializer<'de> for VariantReader<'de> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("an event is an enum"))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for VariantReader<'de> {
    type Error = serde_json::Error;
    type Variant = Content<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Content<'de>), Self::Error> {
        let name: StrDeserializer<'de, Self::Error> =
            de::IntoDeserializer::into_deserializer(self.type_name);
        Ok((seed.deserialize(name)?, Content(self.data)))
    }
}

struct Content<'de>(&'de str);

impl<'de> de::VariantAccess<'de> for Content<'de> {
    type Error = serde_json::Error;

    fn unit_variant(self) -> Result<(), Self::Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, Self::Error> {
        let mut json = serde_json::Deserializer::from_str(self.0);
        let value = seed.deserialize(&mut json)?;
        json.end()?;
        Ok(value)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("an event's content has named fields"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        let mut json = serde_json::Deserializer::from_str(self.0);
        let value = json.deserialize_struct("", fields, visitor)?;
        json.end()?;
        Ok(value)
    }
}

/// Notes the variants that serde would accept, then refuses.
struct NamesOnly<'n>(&'n mut &'static [&'static str]);

impl<'de> Deserializer<'de> for NamesOnly<'_> {
    type Error = de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("an event is an enum"))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = variants;
        Err(de::Error::custom("only the names were asked for"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// Writes a variant's content as JSON and keeps its name apart.
struct VariantWriter;

fn encoded(type_name: &'static str, json: Vec<u8>) -> Encoded {
    Encoded { type_name, data: String::from_utf8(json).expect("JSON is UTF-8") }
}

struct Fields {
    type_name: &'static str,
    json: Vec<u8>,
}

impl SerializeStructVariant for Fields {
    type Ok = Encoded;
    type Error = serde_json::Error;

    fn serialize_field<T: ?Sized + Serialize>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Self::Error> {
        self.json.push(if self.json.is_empty() { b'{' } else { b',' });
        serde_json::to_writer(&mut self.json, key)?;
        self.json.push(b':');
        serde_json::to_writer(&mut self.json, value)
    }

    fn end(mut self) -> Result<Encoded, Self::Error> {
        if self.json.is_empty() {
            self.json.push(b'{');
        }
        self.json.push(b'}');
        Ok(encoded(self.type_name, self.json))
    }
}

fn no_enum<T>() -> Result<T, serde_json::Error> {
    Err(ser::Error::custom("an event is an enum whose variants have named fields"))
}

macro_rules! refuse {
    ($($method:ident: $value:ty,)*) => {
        $(fn $method(self, _: $value) -> Result<Encoded, Self::Error> {
            no_enum()
        })*
    };
}

impl Serializer for VariantWriter {
    type Ok = Encoded;
    type Error = serde_json::Error;
    type SerializeSeq = Impossible<Encoded, Self::Error>;
    type SerializeTuple = Impossible<Encoded, Self::Error>;
    type SerializeTupleStruct = Impossible<Encoded, Self::Error>;
    type SerializeTupleVariant = Impossible<Encoded, Self::Error>;
    type SerializeMap = Impossible<Encoded, Self::Error>;
    type SerializeStruct = Impossible<Encoded, Self::Error>;
    type SerializeStructVariant = Fields;

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Encoded, Self::Error> {
        Ok(encoded(variant, b"{}".to_vec()))
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Encoded, Self::Error> {
        Ok(encoded(variant, serde_json::to_vec(value)?))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields, Self::Error> {
        Ok(Fields { type_name: variant, json: Vec::with_capacity(256) })
    }

    refuse! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_f32: f32,
        serialize_f64: f64,
        serialize_char: char,
        serialize_str: &str,
        serialize_bytes: &[u8],
    }

    fn serialize_none(self) -> Result<Encoded, Self::Error> {
        no_enum()
    }

    fn serialize_some<T: ?Sized + Serialize>(self, _: &T) -> Result<Encoded, Self::Error> {
        no_enum()
    }

    fn serialize_unit(self) -> Result<Encoded, Self::Error> {
        no_enum()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Encoded, Self::Error> {
        no_enum()
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: &T,
    ) -> Result<Encoded, Self::Error> {
        no_enum()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Self::Error> {
        no_enum()
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Self::Error> {
        no_enum()
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Self::Error> {
        no_enum()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Self::Error> {
        no_enum()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Self::Error> {
        no_enum()
    }

    fn serialize_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStruct, Self::Error> {
        no_enum()
    }
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
