//! A place as the bureau lists it: towns and villages that the published tables do not have, and
//! the day from which a name holds.
//!
//! **Streams** `division-<code>`.
//! **Invariant** a division lies within its parent.

use kernel::{Entry, Register};
use serde::{Deserialize, Serialize};
use shared::{Date, DivisionCode};

use kernel::refusals;

pub type Divisions = Register<Division>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Division {
    pub code: DivisionCode,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<DivisionCode>,
    pub valid_from: Date,
}

refusals! {
    /// What is wrong with a division's entry.
    Invalid {
        NoName = "DIVISION_NAME_MISSING", "a division has a name", "行政区划名称不能为空";
        OutsideParent { code: DivisionCode, parent: DivisionCode } = "DIVISION_OUTSIDE_PARENT",
            "{code} does not lie within {parent}", "{code} 不属于 {parent}";
    }
}

impl Entry for Division {
    const CATEGORY: &'static str = "division";
    const TYPES: &'static [&'static str; 3] =
        &["division.registered.v1", "division.changed.v1", "division.closed.v1"];
    type Invalid = Invalid;

    fn check(&self) -> Result<(), Invalid> {
        if self.name.trim().is_empty() {
            return Err(Invalid::NoName);
        }
        match self.parent {
            Some(parent) if parent == self.code || !self.code.is_within(parent) => {
                Err(Invalid::OutsideParent { code: self.code, parent })
            }
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_division_lies_within_another_one_above_it() {
        let code = |text| DivisionCode::parse(text).unwrap();
        let town = |name: &str, parent| Division {
            code: code("320612001"),
            name: name.to_owned(),
            parent,
            valid_from: Date::constant(2026, 1, 1),
        };
        let outside = |parent| Err(Invalid::OutsideParent { code: code("320612001"), parent });
        let cases = [
            (town("金沙街道", Some(code("320612"))), Ok(())),
            (town("金沙街道", None), Ok(())),
            (town(" ", None), Err(Invalid::NoName)),
            (town("金沙街道", Some(code("320602"))), outside(code("320602"))),
            (town("金沙街道", Some(code("320612001"))), outside(code("320612001"))),
        ];
        for (division, expected) in cases {
            assert_eq!(division.check(), expected, "{division:?}");
        }
    }
}
