//! The contract with every front-end, and what can be told without read models.

use commands::fixture::PlainKeys;
use commands::{CommandError, Language, Refused};
use kernel::{Epoch, Identity, LogId, Position};
use projections::Value;
use uuid::Uuid;

use crate::cursor::Cursors;
use crate::outcome::DomainError;

const HERE: Identity = Identity { log_id: LogId(Uuid::from_u128(7)), epoch: Epoch(2) };

fn cursors<'a>(keys: &'a PlainKeys, here: Identity, sort: &str) -> Cursors<'a> {
    Cursors { keys, here, sort: sort.to_owned() }
}

fn code(fault: crate::fault::Fault) -> String {
    let error = async_graphql::Error::from(fault);
    let code = error.extensions.and_then(|values| values.get("code").cloned()).unwrap();
    code.into_json().unwrap().as_str().unwrap().to_owned()
}

#[test]
fn the_schema_is_a_contract() {
    insta::assert_snapshot!(crate::sdl());
}

#[test]
fn a_cursor_reads_back_as_it_was_given() {
    let keys = PlainKeys::default();
    let here = cursors(&keys, HERE, "plan+plan");
    let key = [Value::from("A1-2026-01-320600-1"), Value::Int(3), Value::Null];
    let cursor = here.write(&key, Position(9)).unwrap();
    assert_eq!(here.read(&cursor, 3).unwrap(), key);
}

#[test]
fn whoever_changes_a_cursor_is_told() {
    let keys = PlainKeys::default();
    let here = cursors(&keys, HERE, "plan+plan");
    let cursor = here.write(&[Value::Int(1)], Position(9)).unwrap();
    let mut changed = cursor.clone().into_bytes();
    changed[4] = if changed[4] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).unwrap();
    for bad in [changed.as_str(), "", "AAAA", "not a cursor", &cursor[..cursor.len() - 4]] {
        assert_eq!(code(here.read(bad, 1).unwrap_err()), "BAD_CURSOR", "{bad}");
    }
    let other = cursors(&keys, HERE, "plan-plan");
    assert_eq!(code(other.read(&cursor, 1).unwrap_err()), "BAD_CURSOR");
    let restored = cursors(&keys, Identity { epoch: Epoch(3), ..HERE }, "plan+plan");
    assert_eq!(code(restored.read(&cursor, 1).unwrap_err()), "POSITION_OF_OTHER_EPOCH");
}

#[test]
fn a_refusal_speaks_the_callers_language() {
    let refused = Refused::new("PLAN_SAME_PERSON", "须由不同人员办理", "another person is needed")
        .field("role")
        .param("by", "demo.clerk");
    let error = CommandError::from(refused);
    for (language, message) in
        [(Language::Zh, "须由不同人员办理"), (Language::En, "another person is needed")]
    {
        let shown = DomainError::of(&error, language);
        assert_eq!((shown.message.as_str(), shown.rule.as_str()), (message, "PLAN_SAME_PERSON"));
        assert_eq!(shown.field.unwrap(), ["input", "role"]);
        assert_eq!(shown.params[0].value, "demo.clerk");
        assert!(!shown.action.is_empty());
    }
}
