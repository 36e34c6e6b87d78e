//! One byte string for one request, however its fields were ordered: JSON with sorted keys.

use serde::Serialize;
use serde_json::Value;

/// The bytes over which the digest of a request is taken.
///
/// # Errors
/// When `input` is not JSON (a map with keys that are no strings).
pub(crate) fn bytes(operation: &str, input: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut out = head(operation);
    write(&serde_json::to_value(input)?, &mut out)?;
    Ok(out)
}

/// As [`bytes`], for lists of plain structs whose fields always come in their declared order:
/// sorting a thousand lines would cost as much as deciding them.
pub(crate) fn bytes_as_declared(
    operation: &str,
    input: &impl Serialize,
) -> serde_json::Result<Vec<u8>> {
    let mut out = head(operation);
    serde_json::to_writer(&mut out, input)?;
    Ok(out)
}

fn head(operation: &str) -> Vec<u8> {
    let mut out = b"renshe command v1\0".to_vec();
    out.extend_from_slice(operation.as_bytes());
    out.push(0);
    out
}

fn write(value: &Value, out: &mut Vec<u8>) -> serde_json::Result<()> {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            out.push(b'{');
            for (index, (key, value)) in entries.into_iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                serde_json::to_writer(&mut *out, key)?;
                out.push(b':');
                write(value, out)?;
            }
            out.push(b'}');
        }
        Value::Array(values) => {
            out.push(b'[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(value, out)?;
            }
            out.push(b']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            serde_json::to_writer(out, value)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_keys_does_not_matter_and_everything_else_does() {
        let text = |json: &str| {
            let value: Value = serde_json::from_str(json).unwrap();
            bytes("x", &value).unwrap()
        };
        assert_eq!(
            text(r#"{"a":[1,{"c":2,"b":3}],"d":""}"#),
            text(r#"{"d":"","a":[1,{"b":3,"c":2}]}"#)
        );
        assert_ne!(text(r#"{"a":[1,2]}"#), text(r#"{"a":[2,1]}"#));
        assert_ne!(bytes("x", &1).unwrap(), bytes("y", &1).unwrap());
    }
}
