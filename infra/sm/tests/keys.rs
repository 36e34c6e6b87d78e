//! The key folder: what survives a crash, what is refused, what an erasure leaves.

use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sm::keys::Error;
use sm::{FileKeys, MasterKey, OsRandomness, SeededRandomness, Standing, SubjectKeys};
use tempfile::TempDir;
use uuid::Uuid;

/// Header and record of `subjects.keys` under the file-backed master key.
const HEADER: usize = 68;
const RECORD: usize = 100;

fn open(dir: &Path) -> Result<FileKeys, Error> {
    FileKeys::open_or_create(dir, Arc::new(OsRandomness))
}

fn subject(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn subjects(numbers: std::ops::Range<u128>) -> Vec<Uuid> {
    numbers.map(subject).collect()
}

fn keys_of(keys: &FileKeys, numbers: std::ops::Range<u128>) -> Vec<[u8; 16]> {
    numbers.map(|number| *keys.key(subject(number)).unwrap().1).collect()
}

/// A closed folder with keys for the subjects 0, 1 and 2, and those keys.
fn three() -> (TempDir, PathBuf, Vec<[u8; 16]>) {
    let dir = tempfile::tempdir().unwrap();
    let keys = open(dir.path()).unwrap();
    keys.ensure(&subjects(0..3)).unwrap();
    let made = keys_of(&keys, 0..3);
    let file = dir.path().join("subjects.keys");
    assert_eq!(fs::metadata(&file).unwrap().len() as usize, HEADER + 3 * RECORD);
    (dir, file, made)
}

fn edit(file: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(file).unwrap();
    change(&mut bytes);
    fs::write(file, bytes).unwrap();
}

#[test]
fn keys_stay_the_same_over_a_restart_and_are_made_once() {
    let (dir, file, made) = three();
    let keys = open(dir.path()).unwrap();
    assert_eq!(keys_of(&keys, 0..3), made);
    assert_eq!(keys.torn_bytes(), 0);
    keys.ensure(&[subject(1), subject(3), subject(3), subject(0)]).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().len() as usize, HEADER + 4 * RECORD);
    assert_eq!(keys_of(&keys, 0..3), made);
    assert_eq!(keys.standing(subject(3)), Standing::Live { version: 1 });
    assert_eq!(keys.standing(subject(4)), Standing::Absent);
    assert!(matches!(keys.key(subject(4)), Err(Error::Absent { .. })));
}

#[test]
fn twenty_thousand_subjects_are_made_at_once_and_read_back() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).unwrap().ensure(&subjects(0..20_000)).unwrap();
    let keys = open(dir.path()).unwrap();
    let mut all = keys_of(&keys, 0..20_000);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 20_000);
}

#[test]
fn threads_that_ensure_the_same_subjects_get_one_key_each() {
    let dir = tempfile::tempdir().unwrap();
    let keys = open(dir.path()).unwrap();
    let seen: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    keys.ensure(&subjects(0..200)).unwrap();
                    keys_of(&keys, 0..200)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(seen.iter().all(|made| *made == seen[0]));
    let length = fs::metadata(dir.path().join("subjects.keys")).unwrap().len() as usize;
    assert_eq!(length, HEADER + 200 * RECORD);
}

#[test]
fn a_torn_last_record_is_cut_and_the_rest_stays() {
    for kept in [1, 3, 4, 20, 60, RECORD - 1] {
        let (dir, file, made) = three();
        edit(&file, |bytes| bytes.truncate(HEADER + 2 * RECORD + kept));
        let keys = open(dir.path()).unwrap();
        assert_eq!(keys.torn_bytes() as usize, kept);
        assert_eq!(keys_of(&keys, 0..2), made[..2]);
        assert_eq!(keys.standing(subject(2)), Standing::Absent);
        keys.ensure(&subjects(2..4)).unwrap();
        drop(keys);
        assert_eq!(open(dir.path()).unwrap().torn_bytes(), 0);
    }
}

#[test]
fn an_end_that_the_disk_never_wrote_is_cut() {
    let (dir, file, _) = three();
    open(dir.path()).unwrap().ensure(&subjects(3..40)).unwrap();
    // The 5th record reaches over the border at 512: from there on the file had only grown.
    edit(&file, |bytes| bytes[512..].fill(0));
    let keys = open(dir.path()).unwrap();
    assert_eq!(keys.torn_bytes() as usize, 36 * RECORD);
    assert_eq!(keys.standing(subject(3)), Standing::Live { version: 1 });
    assert_eq!(keys.standing(subject(4)), Standing::Absent);
}

#[test]
fn damage_is_refused_wherever_a_bit_flips() {
    let (dir, file, made) = three();
    let whole = fs::read(&file).unwrap();
    for index in 0..whole.len() {
        edit(&file, |bytes| bytes[index] ^= 0x10);
        let error = open(dir.path()).err().unwrap();
        assert!(matches!(error, Error::Damaged { .. }), "byte {index}: {error}");
        assert!(error.to_string().contains("put it back from its backup"), "{error}");
        fs::write(&file, &whole).unwrap();
    }
    assert_eq!(keys_of(&open(dir.path()).unwrap(), 0..3), made);
}

#[test]
fn a_record_given_to_another_subject_or_twice_is_refused() {
    let (dir, file, _) = three();
    edit(&file, |bytes| bytes.extend_from_within(HEADER..HEADER + RECORD));
    assert!(matches!(open(dir.path()), Err(Error::Damaged { .. })));
    // With a check made to fit, the record still does not unwrap for another subject.
    edit(&file, |bytes| {
        bytes.truncate(HEADER + 3 * RECORD);
        bytes[HEADER + 4..HEADER + 20].copy_from_slice(subject(9).as_bytes());
        let check = sm::sm3(&bytes[HEADER..HEADER + RECORD - 32]);
        bytes[HEADER + RECORD - 32..HEADER + RECORD].copy_from_slice(&check);
    });
    assert!(matches!(open(dir.path()).unwrap().key(subject(9)), Err(Error::Foreign)));
}

#[test]
fn an_erased_subject_stays_erased_and_its_key_leaves_the_file() {
    let (dir, file, made) = three();
    let wrapped = fs::read(&file).unwrap()[HEADER + RECORD + 24..][..44].to_vec();
    let keys = open(dir.path()).unwrap();
    keys.destroy(&[subject(1), subject(8), subject(1)]).unwrap();
    let check = |keys: &FileKeys| {
        for number in [1, 8] {
            assert_eq!(keys.standing(subject(number)), Standing::Erased);
            assert!(matches!(keys.key(subject(number)), Err(Error::Erased { .. })));
            let error = keys.ensure(&[subject(5), subject(number)]).err().unwrap();
            assert!(matches!(error, Error::Erased { subject: of } if of == subject(number)));
        }
        assert_eq!(keys.standing(subject(5)), Standing::Absent);
        assert_eq!([keys_of(keys, 0..1), keys_of(keys, 2..3)].concat(), [made[0], made[2]]);
    };
    check(&keys);
    let bytes = fs::read(&file).unwrap();
    assert!(!bytes.windows(44).any(|window| window == wrapped));
    keys.destroy(&[subject(1)]).unwrap();
    assert_eq!(fs::read(&file).unwrap(), bytes, "a second erasure writes nothing");
    drop(keys);
    check(&open(dir.path()).unwrap());
}

#[test]
fn an_erasure_that_died_before_or_amid_the_overwriting_is_finished() {
    let (dir, file, _) = three();
    let before = fs::read(&file).unwrap();
    open(dir.path()).unwrap().destroy(&[subject(1)]).unwrap();
    let wiped = fs::read(&file).unwrap();
    // How many of the record's bytes the overwriting had reached.
    for reached in [0, 30, 70, 90] {
        edit(&file, |bytes| {
            let record = HEADER + RECORD..HEADER + 2 * RECORD;
            bytes[record.clone()].copy_from_slice(&before[record.clone()]);
            bytes[record.clone()][..reached].copy_from_slice(&wiped[record][..reached]);
        });
        assert_eq!(open(dir.path()).unwrap().standing(subject(1)), Standing::Erased);
        assert_eq!(fs::read(&file).unwrap(), wiped, "{reached} bytes");
    }
    // Without its tombstone a blank key is damage, not an erasure.
    edit(&file, |bytes| bytes.truncate(HEADER + 3 * RECORD));
    assert!(matches!(open(dir.path()), Err(Error::Damaged { .. })));
}

#[test]
fn compaction_drops_what_is_dead_and_keeps_keys_and_tombstones() {
    let (dir, file, made) = three();
    let keys = open(dir.path()).unwrap();
    keys.destroy(&[subject(0)]).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().len() as usize, HEADER + 4 * RECORD);
    keys.compact().unwrap();
    assert_eq!(fs::metadata(&file).unwrap().len() as usize, HEADER + 3 * RECORD);
    keys.ensure(&[subject(7)]).unwrap();
    let seven = keys_of(&keys, 7..8);
    let check = |keys: &FileKeys| {
        assert_eq!(keys.standing(subject(0)), Standing::Erased);
        assert_eq!(keys_of(keys, 1..3), made[1..]);
        assert_eq!(keys_of(keys, 7..8), seven);
    };
    check(&keys);
    drop(keys);
    check(&open(dir.path()).unwrap());
    let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
}

#[test]
fn a_file_that_is_mostly_dead_is_compacted_on_opening() {
    let dir = tempfile::tempdir().unwrap();
    let keys = open(dir.path()).unwrap();
    keys.ensure(&subjects(0..1_500)).unwrap();
    keys.destroy(&subjects(0..1_500)).unwrap();
    drop(keys);
    let keys = open(dir.path()).unwrap();
    let length = fs::metadata(dir.path().join("subjects.keys")).unwrap().len() as usize;
    assert_eq!(length, HEADER + 1_500 * RECORD);
    assert_eq!(keys.standing(subject(1_499)), Standing::Erased);
}

#[test]
fn files_that_others_can_read_are_refused_and_made_private() {
    let (dir, _, _) = three();
    open(dir.path()).unwrap().signing_key("log").unwrap();
    for name in ["master.key", "subjects.keys"] {
        let path = dir.path().join(name);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for mode in [0o640, 0o604] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let error = open(dir.path()).err().unwrap();
            assert!(matches!(error, Error::ReadableByOthers { mode: seen, .. } if seen == mode));
            assert!(error.to_string().contains("chmod 600"), "{error}");
        }
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    }
    let path = dir.path().join("signing-log.key");
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    let refused = open(dir.path()).unwrap().signing_key("log");
    assert!(matches!(refused, Err(Error::ReadableByOthers { .. })));
}

#[test]
fn a_damaged_or_missing_master_key_is_never_replaced() {
    let (dir, _, made) = three();
    let path = dir.path().join("master.key");
    let whole = fs::read(&path).unwrap();
    for index in 0..whole.len() {
        edit(&path, |bytes| bytes[index] ^= 1);
        let error = open(dir.path()).err().unwrap();
        let refused = matches!(error, Error::Damaged { .. } | Error::Io { action: "read", .. });
        assert!(refused, "byte {index}: {error}");
        fs::write(&path, &whole).unwrap();
    }
    fs::write(&path, b"").unwrap();
    assert!(matches!(open(dir.path()), Err(Error::Damaged { .. })));
    fs::remove_file(&path).unwrap();
    let error = open(dir.path()).err().unwrap();
    assert!(matches!(error, Error::MasterMissing { .. }), "{error}");
    assert!(!path.exists());
    fs::write(&path, &whole).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    assert_eq!(keys_of(&open(dir.path()).unwrap(), 0..3), made);
}

#[test]
fn the_subject_keys_of_another_installation_are_refused() {
    let ((ours, file, _), (_theirs, other, _)) = (three(), three());
    fs::copy(other, file).unwrap();
    assert!(matches!(open(ours.path()), Err(Error::OtherMaster { .. })));
}

#[test]
fn a_folder_serves_one_process_at_a_time() {
    let (dir, _, _) = three();
    let keys = open(dir.path()).unwrap();
    assert!(matches!(open(dir.path()), Err(Error::InUse { .. })));
    drop(keys);
    assert!(open(dir.path()).is_ok());
}

#[test]
fn a_signing_key_is_made_once_sealed_and_bound_to_its_name() {
    let (dir, _, _) = three();
    let keys = open(dir.path()).unwrap();
    let public = keys.signing_key("log").unwrap().verifying_key();
    assert_ne!(keys.signing_key("bank").unwrap().verifying_key(), public);
    drop(keys);
    let keys = open(dir.path()).unwrap();
    let key = keys.signing_key("log").unwrap();
    assert_eq!(key.verifying_key(), public);
    assert!(public.verify(b"root", &key.sign(b"root", &OsRandomness)).is_ok());
    assert!(matches!(keys.signing_key("../log"), Err(Error::Name)));

    let path = dir.path().join("signing-log.key");
    fs::copy(dir.path().join("signing-bank.key"), &path).unwrap();
    assert!(matches!(keys.signing_key("log"), Err(Error::Damaged { .. })));
    OpenOptions::new().append(true).open(&path).unwrap().write_all(b"x").unwrap();
    assert!(matches!(keys.signing_key("log"), Err(Error::Damaged { .. })));
}

#[test]
fn one_seed_gives_one_folder() {
    let read = |seed: &[u8]| {
        let dir = tempfile::tempdir().unwrap();
        let keys =
            FileKeys::open_or_create(dir.path(), Arc::new(SeededRandomness::new(seed))).unwrap();
        keys.ensure(&subjects(0..5)).unwrap();
        (fs::read(dir.path().join("subjects.keys")).unwrap(), keys.blind_hex("phone", "138"))
    };
    assert_eq!(read(b"demo"), read(b"demo"));
    assert_ne!(read(b"demo"), read(b"other"));
}

#[test]
fn subject_keys_work_under_a_master_key_kept_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let module: Arc<dyn MasterKey> = Arc::new(sm::MemoryKeys::new(Arc::new(OsRandomness)));
    let open = || FileKeys::open_with(dir.path(), Arc::clone(&module), Arc::new(OsRandomness));
    let keys = open().unwrap();
    keys.ensure(&[subject(1)]).unwrap();
    let made = keys_of(&keys, 1..2);
    drop(keys);
    assert_eq!(keys_of(&open().unwrap(), 1..2), made);
    assert!(!dir.path().join("master.key").exists());
}
