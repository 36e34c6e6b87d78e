//! Sealed fields: they open where they belong, nowhere else, and never after an erasure.

use std::num::NonZeroUsize;
use std::sync::Arc;

use sm::{
    Envelope, Error, FileKeys, MasterKey, MemoryKeys, OsRandomness, Randomness, Sealer, SubjectKeys,
};
use uuid::Uuid;

const LOG: Uuid = Uuid::from_u128(1);
const EVENT: Uuid = Uuid::from_u128(0xE0);
const WANG: Uuid = Uuid::from_u128(0xA1);
const LI: Uuid = Uuid::from_u128(0xA2);
const CLEAR: &str = "王小明 11010519491231002X";

fn keys() -> Arc<MemoryKeys> {
    let keys = MemoryKeys::new(Arc::new(OsRandomness));
    keys.ensure(&[WANG, LI]).unwrap();
    Arc::new(keys)
}

fn sealer(keys: Arc<dyn SubjectKeys>) -> Sealer {
    Sealer::new(LOG, keys, Arc::new(OsRandomness))
}

#[test]
fn a_field_opens_for_its_subject_and_goes_through_json() {
    let sealer = sealer(keys());
    for clear in ["", "x", CLEAR, &"长".repeat(5_000)] {
        let sealed = sealer.seal(WANG, EVENT, "person.name", clear).unwrap();
        let json = serde_json::to_string(&sealed).unwrap();
        let read: Envelope = serde_json::from_str(&json).unwrap();
        assert_eq!(sealer.open(WANG, &read).unwrap(), clear);
    }
    let twice = || sealer.seal(WANG, EVENT, "person.name", CLEAR).unwrap();
    assert_ne!(twice(), twice(), "each sealing has its own nonce");
}

#[test]
fn a_field_moved_to_another_subject_event_path_or_log_does_not_open() {
    let keys = keys();
    let here = sealer(Arc::clone(&keys) as _);
    let sealed = here.seal(WANG, EVENT, "person.name", CLEAR).unwrap();
    let refused = |sealer: &Sealer, subject, text: &str| {
        let envelope: Envelope = text.parse().unwrap();
        assert!(matches!(sealer.open(subject, &envelope), Err(Error::NotAuthentic { .. })));
    };
    refused(&here, LI, sealed.as_str());
    let event = EVENT.simple().to_string();
    let other_event = Uuid::from_u128(0xE1).simple().to_string();
    refused(&here, WANG, &sealed.as_str().replacen(&event, &other_event, 1));
    refused(&here, WANG, &sealed.as_str().replacen("person.name", "person.phone", 1));
    let elsewhere = Sealer::new(Uuid::from_u128(2), keys, Arc::new(OsRandomness));
    refused(&elsewhere, WANG, sealed.as_str());
}

#[test]
fn no_character_of_an_envelope_can_be_changed() {
    let sealer = sealer(keys());
    let sealed = sealer.seal(WANG, EVENT, "phone", "13800000000").unwrap();
    for index in 0..sealed.as_str().len() {
        for bit in 0..7 {
            let mut bytes = sealed.as_str().as_bytes().to_vec();
            bytes[index] ^= 1 << bit;
            let text = String::from_utf8(bytes).unwrap();
            if let Ok(envelope) = text.parse::<Envelope>() {
                assert!(sealer.open(WANG, &envelope).is_err(), "{text}");
            }
        }
    }
}

#[test]
fn a_key_version_that_is_not_held_is_named() {
    let sealer = sealer(keys());
    let sealed = sealer.seal(WANG, EVENT, "phone", "138").unwrap();
    let later: Envelope = sealed.as_str().replacen("v1.1.", "v1.2.", 1).parse().unwrap();
    let error = sealer.open(WANG, &later).err().unwrap();
    assert!(matches!(error, Error::KeyVersion { sealed_under: 2, held: 1, .. }), "{error}");
}

#[test]
fn an_erased_subject_never_opens_again_even_where_its_key_was_cached() {
    let keys = keys();
    let sealer = sealer(Arc::clone(&keys) as _);
    let sealed = [WANG, LI].map(|id| sealer.seal(id, EVENT, "name", CLEAR).unwrap());
    assert_eq!(sealer.open(WANG, &sealed[0]).unwrap(), CLEAR);
    keys.destroy(&[WANG]).unwrap();
    assert!(matches!(sealer.open(WANG, &sealed[0]), Err(Error::Erased { subject: WANG })));
    assert!(matches!(sealer.seal(WANG, EVENT, "name", "x"), Err(Error::Erased { .. })));
    assert_eq!(sealer.open(LI, &sealed[1]).unwrap(), CLEAR);
    sealer.erase(&[LI]).unwrap();
    assert!(matches!(sealer.open(LI, &sealed[1]), Err(Error::Erased { subject: LI })));
}

#[test]
fn nothing_is_sealed_without_a_key_or_under_a_path_that_is_none() {
    let sealer = sealer(keys());
    let nobody = Uuid::from_u128(0xFF);
    assert!(matches!(sealer.seal(nobody, EVENT, "name", "x"), Err(Error::Absent { .. })));
    for path in ["", "a b", "姓名", "a\n", &"p".repeat(129)] {
        assert!(matches!(sealer.seal(WANG, EVENT, path, "x"), Err(Error::Path { .. })), "{path}");
    }
}

#[test]
fn many_open_in_order_and_one_failure_touches_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let random: Arc<dyn Randomness> = Arc::new(OsRandomness);
    let keys = Arc::new(FileKeys::open_or_create(dir.path(), Arc::clone(&random)).unwrap());
    let subjects: Vec<_> = (0..2_000).map(Uuid::from_u128).collect();
    keys.ensure(&subjects).unwrap();
    // A cache much smaller than the work: keys leave it and come back.
    let small = NonZeroUsize::new(64).unwrap();
    let sealer = Sealer::with_cached_keys(small, LOG, Arc::clone(&keys) as _, random);
    let sealed: Vec<_> = subjects
        .iter()
        .map(|subject| {
            (*subject, sealer.seal(*subject, EVENT, "no", &subject.to_string()).unwrap())
        })
        .collect();
    sealer.erase(&subjects[7..8]).unwrap();
    let asked: Vec<_> = sealed.iter().map(|(subject, envelope)| (*subject, envelope)).collect();
    let halves = asked.split_at(1_000);
    let opened: Vec<_> = std::thread::scope(|scope| {
        let first = scope.spawn(|| sealer.open_many(halves.0));
        let second = scope.spawn(|| sealer.open_many(halves.1));
        [first.join().unwrap(), second.join().unwrap()].into_iter().flatten().collect()
    });
    assert_eq!(opened.len(), 2_000);
    for (index, (subject, result)) in subjects.iter().zip(&opened).enumerate() {
        match result {
            Ok(clear) => assert_eq!(*clear, subject.to_string()),
            Err(error) => assert!(index == 7 && matches!(error, Error::Erased { .. }), "{error}"),
        }
    }
}

#[test]
fn nothing_clear_is_in_debug_text_errors_or_stored_text() {
    let sealer = sealer(keys());
    let sealed = sealer.seal(WANG, EVENT, "person.no", "11010519491231002X").unwrap();
    let error = sealer.open(LI, &sealed).err().unwrap();
    let ciphertext = sealed.as_str().rsplit('.').next().unwrap();
    for shown in [format!("{sealed:?}"), format!("{error:?}"), error.to_string()] {
        assert!(!shown.contains("110105") && !shown.contains(ciphertext), "{shown}");
    }
    assert!(!sealed.as_str().contains("110105"));
}

#[test]
fn the_shared_parts_cross_threads() {
    fn crosses<T: Send + Sync>() {}
    crosses::<Sealer>();
    crosses::<FileKeys>();
    crosses::<MemoryKeys>();
    crosses::<Arc<dyn MasterKey>>();
    crosses::<Arc<dyn SubjectKeys>>();
}
