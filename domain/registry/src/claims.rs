//! How the keys are spelled that the log makes unique (DESIGN, section 2). Whoever writes takes and
//! releases them; a decider never sees one.

use shared::{AgencyCode, BankCode, CreditCode, DivisionCode, PersonId};

/// One registration per identity number; `blind` is the number's blind index. A corrected number
/// releases the old key. A death and a merge keep it: the number is never free for somebody else.
#[must_use]
pub fn person_no(blind: &str) -> String {
    format!("person-no:{blind}")
}

/// Where the links of merged ids stand, by survivor.
pub const GROUPS: &str = "person-group:";

/// An id that was merged into another one, until it is split off again: not for uniqueness, but so
/// that everybody who claims for a human finds all of his ids.
#[must_use]
pub fn group_member(into: PersonId, from: PersonId) -> String {
    format!("{GROUPS}{into}/{from}")
}

/// One open employer per unified social credit code; released when it is deregistered or merged.
#[must_use]
pub fn employer_code(code: &CreditCode) -> String {
    format!("employer-code:{}", code.as_str())
}

/// One open agency per code.
#[must_use]
pub fn agency(code: AgencyCode) -> String {
    format!("agency:{code}")
}

/// One open organisation that is this bank.
#[must_use]
pub fn bank(code: BankCode) -> String {
    format!("bank:{code}")
}

/// One open entry per division.
#[must_use]
pub fn division(code: DivisionCode) -> String {
    format!("division:{code}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_spelled_as_the_log_holds_them() {
        let code = CreditCode::parse("91350100M000100Y43").unwrap();
        assert_eq!(person_no("ab12"), "person-no:ab12");
        assert_eq!(employer_code(&code), "employer-code:91350100M000100Y43");
        assert_eq!(agency(AgencyCode::parse("32060001").unwrap()), "agency:32060001");
        assert_eq!(bank(BankCode::parse("BOC").unwrap()), "bank:BOC");
        assert_eq!(division(DivisionCode::parse("320612").unwrap()), "division:320612");
    }
}
