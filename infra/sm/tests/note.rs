//! Signed checkpoints: their form, and what makes one false.

use sm::note::{Checkpoint, Error, SignedNote, read_verifier_key, verifier_key};
use sm::{SeededRandomness, SigningKey};

const NAME: &str = "bureau.example/log";

fn random() -> SeededRandomness {
    SeededRandomness::new(b"note")
}

fn key() -> SigningKey {
    SigningKey::generate(&random())
}

fn checkpoint() -> Checkpoint {
    Checkpoint { origin: "renshe/log/1".to_owned(), size: 1_048_576, root: [7; 32] }
}

fn note() -> SignedNote {
    SignedNote::sign(checkpoint(), NAME, &key(), &random()).unwrap()
}

#[test]
fn a_note_prints_in_the_form_of_the_specification_and_reads_back() {
    let text = note().to_string();
    let lines: Vec<_> = text.split('\n').collect();
    assert_eq!(
        lines[..4],
        ["renshe/log/1", "1048576", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=", ""]
    );
    assert!(lines[4].starts_with("— bureau.example/log "));
    assert_eq!(lines[5..], [""]);
    let read: SignedNote = text.parse().unwrap();
    assert_eq!(read.to_string(), text);
    assert_eq!(read.verify(NAME, &key().verifying_key()), Ok(&checkpoint()));
}

#[test]
fn another_size_root_origin_or_signature_is_false() {
    let text = note().to_string();
    let public = key().verifying_key();
    for (from, to) in [("1048576", "1048577"), ("BwcH", "BwcI"), ("renshe/log/1", "renshe/log/2")] {
        let altered: SignedNote = text.replacen(from, to, 1).parse().unwrap();
        assert!(matches!(altered.verify(NAME, &public), Err(Error::False { .. })), "{to}");
    }
    // Deep inside the signature: the key id before it stays.
    let mut bytes = text.clone().into_bytes();
    let index = bytes.len() - 20;
    bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
    let altered: SignedNote = String::from_utf8(bytes).unwrap().parse().unwrap();
    assert!(matches!(altered.verify(NAME, &public), Err(Error::False { .. })));
}

#[test]
fn only_the_expected_name_and_key_count() {
    let other = SigningKey::generate(&SeededRandomness::new(b"other"));
    let mut note = note();
    assert!(matches!(note.verify(NAME, &other.verifying_key()), Err(Error::Unsigned { .. })));
    assert!(matches!(
        note.verify("bureau.example/copy", &key().verifying_key()),
        Err(Error::Unsigned { .. })
    ));
    note.cosign("witness.example", &other, &random()).unwrap();
    let read: SignedNote = note.to_string().parse().unwrap();
    assert!(read.verify(NAME, &key().verifying_key()).is_ok());
    assert!(read.verify("witness.example", &other.verifying_key()).is_ok());
}

#[test]
fn malformed_notes_are_refused_with_the_line() {
    let text = note().to_string();
    let signature = text.lines().last().unwrap();
    let cases = [
        (1, text.trim_end().to_owned()),
        (1, text.replacen("renshe/log/1", "", 1)),
        (1, text.replacen("renshe", "ren\tshe", 1)),
        (2, text.replacen("1048576", "01048576", 1)),
        (2, text.replacen("1048576", "+1048576", 1)),
        (3, text.replacen("BwcH", "", 1)),
        (4, text.replacen("\n\n", "\nextension\n\n", 1)),
        (5, text.replacen(signature, "— name", 1)),
        (5, text.replacen(signature, "- name AAAAAAAA", 1)),
        (6, text.clone() + "\n"),
    ];
    for (expected, text) in cases {
        match text.parse::<SignedNote>() {
            Err(Error::Malformed { line, .. }) => assert_eq!(line, expected, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    let many = text.clone() + &format!("{signature}\n").repeat(64);
    assert_eq!(many.parse::<SignedNote>(), Err(Error::TooManySignatures));
    assert_eq!(SignedNote::sign(checkpoint(), "a b", &key(), &random()), Err(Error::Name));
    let origin = "two\nlines".to_owned();
    let two_lines = Checkpoint { origin, ..checkpoint() };
    assert_eq!(SignedNote::sign(two_lines, NAME, &key(), &random()), Err(Error::Origin));
}

#[test]
fn a_verifier_key_reads_back_and_guards_against_a_wrong_name() {
    let public = key().verifying_key();
    let text = verifier_key(NAME, &public).unwrap();
    assert_eq!(read_verifier_key(&text), Ok((NAME.to_owned(), public)));
    let renamed = text.replacen("bureau", "office", 1);
    assert_eq!(read_verifier_key(&renamed), Err(Error::VerifierKey));
}
