//! From a variant to the two columns.

use serde::ser::{self, Impossible, Serialize, SerializeStructVariant, Serializer};

use crate::event::Encoded;

/// Writes a variant's content as JSON and keeps its name apart.
pub(super) struct VariantWriter;

fn encoded(type_name: &'static str, json: Vec<u8>) -> Encoded {
    Encoded { type_name, data: String::from_utf8(json).expect("JSON is UTF-8") }
}

pub(super) struct Fields {
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
