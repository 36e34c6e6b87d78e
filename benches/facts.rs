//! What is counted: a fact is one line of a chunk, or one single event.

use serde::Deserialize;
use serde::de::IgnoredAny;

#[derive(Deserialize)]
struct Lines {
    lines: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
struct Excluded {
    excluded: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
struct Settlement {
    settled: Settled,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Settled {
    paid: Vec<IgnoredAny>,
    returned: Vec<IgnoredAny>,
    duplicates: Vec<IgnoredAny>,
    contradictions: Vec<IgnoredAny>,
    strangers: Vec<IgnoredAny>,
}

/// The facts of one stored event.
///
/// # Errors
/// When its data does not have its shape.
pub fn of(type_name: &str, data: &str) -> serde_json::Result<u64> {
    let facts = match type_name {
        "part.lines-calculated.v1" | "part.lines-held.v1" | "batch.lines-composed.v1" => {
            serde_json::from_str::<Lines>(data)?.lines.len()
        }
        "part.grants-excluded.v1" => serde_json::from_str::<Excluded>(data)?.excluded.len(),
        "batch.lines-settled.v1" => {
            let Settlement { settled } = serde_json::from_str(data)?;
            let Settled { paid, returned, duplicates, contradictions, strangers } = settled;
            [paid, returned].iter().map(Vec::len).sum::<usize>()
                + [duplicates, contradictions, strangers].iter().map(Vec::len).sum::<usize>()
        }
        _ => 1,
    };
    Ok(facts as u64)
}
