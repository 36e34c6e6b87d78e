//! How the keys are spelled that the log makes unique.

use kernel::process::derived_id;
use uuid::Uuid;

/// One open warning for each of these: the same rule on the same subject, in the same period where
/// the rule says so.
#[must_use]
pub fn fingerprint(rule: &str, subject: (&str, &str), period: Option<&str>) -> Uuid {
    let (kind, id) = subject;
    let period = period.unwrap_or_default();
    derived_id("warning", &[rule, kind, id, period].map(str::as_bytes))
}

/// The case that a signal at a position opens.
#[must_use]
pub fn case_of(fingerprint: Uuid, position: u64) -> Uuid {
    derived_id("warning-case", &[fingerprint.as_bytes(), &position.to_be_bytes()])
}

/// Taken when a case opens, released when it closes; the holder is the case.
#[must_use]
pub fn open(fingerprint: Uuid) -> String {
    format!("warning-open:{fingerprint}")
}

/// Taken when a case is released or cleared, released when its fingerprint opens again; the holder
/// is that case, so that a signal within the cooldown finds it.
#[must_use]
pub fn last(fingerprint: Uuid) -> String {
    format!("warning-last:{fingerprint}")
}

/// Taken while a rule is muted for a subject, or for all (`subject` is `*`); the holder is the
/// suppression.
#[must_use]
pub fn muted(rule: &str, subject: &str) -> String {
    format!("warning-muted:{rule}/{subject}")
}

/// Taken when a rule version was tried against the log; without it the version raises nothing. The
/// holder is the trial.
#[must_use]
pub fn tried(digest: &str) -> String {
    format!("warning-tried:{digest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_the_rule_the_subject_and_the_period() {
        let one = fingerprint("return-rate", ("bank", "BOC"), None);
        assert_eq!(one, fingerprint("return-rate", ("bank", "BOC"), None));
        assert_ne!(one, fingerprint("return-rate", ("bank", "BOC"), Some("2026-02")));
        assert_ne!(one, fingerprint("return-rate", ("bank", "CMB"), None));
        assert_ne!(case_of(one, 3), case_of(one, 4));
        assert_eq!(open(one), format!("warning-open:{one}"));
        assert_eq!(muted("return-rate", "*"), "warning-muted:return-rate/*");
    }
}
