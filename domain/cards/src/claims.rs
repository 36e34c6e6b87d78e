//! How the keys are spelled that the log makes unique (DESIGN, section 2). Whoever writes takes and
//! releases them; a decider never sees one.

use shared::PersonId;

/// One card per card number; `blind` is the number's blind index.
#[must_use]
pub fn card(blind: &str) -> String {
    format!("card:{blind}")
}

/// One valid card per person: taken when a card is made, released when it is replaced (the new card
/// takes it in the same append) or cancelled.
#[must_use]
pub fn valid_card(person: PersonId) -> String {
    format!("valid-card:{person}")
}

/// One open application per person: taken when it is made, released when it is rejected and when the
/// card is made.
#[must_use]
pub fn open_application(person: PersonId) -> String {
    format!("open-application:{person}")
}

/// One pay address per owner and account; a changed account releases the old key. `owner` is the
/// uuid of a person or an employer, `blind` the account number's blind index.
#[must_use]
pub fn pay_address(owner: uuid::Uuid, blind: &str) -> String {
    format!("pay-address:{owner}/{blind}")
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn keys_are_spelled_as_the_log_holds_them() {
        let person = PersonId::from_uuid(Uuid::from_u128(1));
        let id = "00000000-0000-0000-0000-000000000001";
        assert_eq!(card("ab12"), "card:ab12");
        assert_eq!(valid_card(person), format!("valid-card:{id}"));
        assert_eq!(open_application(person), format!("open-application:{id}"));
        assert_eq!(pay_address(person.uuid(), "ab12"), format!("pay-address:{id}/ab12"));
    }
}
