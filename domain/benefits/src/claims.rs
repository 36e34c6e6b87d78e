//! How the keys are spelled that the log makes unique (DESIGN, section 2). Whoever writes takes and
//! releases them; a decider never sees one.

use shared::{ItemId, PersonId};

/// One open grant per item, person and, for survivors' items, the person it arises from; released
/// when the grant has ended. The item comes first, as in an obligation's key.
#[must_use]
pub fn open_grant(item: ItemId, person: PersonId, arises_from: Option<PersonId>) -> String {
    match arises_from {
        Some(origin) => format!("open-grant:{item}/{person}/{origin}"),
        None => format!("open-grant:{item}/{person}"),
    }
}

/// One funeral grant per deceased, whichever insurance pays it (DISBURSEMENT.md, rule 4).
#[must_use]
pub fn funeral(deceased: PersonId) -> String {
    format!("funeral:{deceased}")
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn keys_are_spelled_as_the_log_holds_them() {
        let item = ItemId::parse("A6").unwrap();
        let [person, origin] = [1, 2].map(|id| PersonId::from_uuid(Uuid::from_u128(id)));
        let id = "00000000-0000-0000-0000-00000000000";
        assert_eq!(open_grant(item, person, None), format!("open-grant:A6/{id}1"));
        assert_eq!(open_grant(item, person, Some(origin)), format!("open-grant:A6/{id}1/{id}2"));
        assert_eq!(funeral(origin), format!("funeral:{id}2"));
    }
}
