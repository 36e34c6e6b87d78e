//! Card, phone and document numbers, and names: what people type, and what it becomes.

use proptest::prelude::*;
use shared::{
    CardNumber, DocumentKind, ForeignDocument, NumberError, Phone, PrefixCheck, bank_name, name,
};

#[test]
fn a_foreign_document_has_the_form_of_its_kind() {
    use DocumentKind::*;
    for (kind, country, number, code) in [
        (Passport, "USA", "A1234567", "valid"),
        (Passport, "usa", "ａ1234567", "valid"),
        (Passport, "CHN", "E12345678", "NUMBER_COUNTRY"),
        (Passport, "US", "A1234567", "NUMBER_COUNTRY"),
        (Passport, "U5A", "A1234567", "NUMBER_COUNTRY"),
        (Passport, "USA", "A123", "NUMBER_LENGTH"),
        (Passport, "USA", "A1234-67", "NUMBER_CHARACTER"),
        (Passport, "USA", "", "NUMBER_EMPTY"),
        (HkMacaoPermit, "HKG", "H12345678", "valid"),
        (HkMacaoPermit, "MAC", "M1234567801", "valid"),
        (HkMacaoPermit, "HKG", "A12345678", "NUMBER_CHARACTER"),
        (HkMacaoPermit, "TWN", "H12345678", "NUMBER_COUNTRY"),
        (TaiwanPermit, "TWN", "12345678", "valid"),
        (TaiwanPermit, "TWN", "1234567890A", "valid"),
        (TaiwanPermit, "TWN", "1234567A", "NUMBER_CHARACTER"),
        (ForeignPermanentResident, "USA", "USA110085010112", "valid"),
        (ForeignPermanentResident, "USA", "FRA110085010112", "NUMBER_COUNTRY"),
        (ForeignPermanentResident, "USA", "USA11008501011A", "NUMBER_CHARACTER"),
    ] {
        let verdict = ForeignDocument::parse(kind, country, number);
        let found = verdict.as_ref().map_or_else(NumberError::code, |_| "valid");
        assert_eq!(found, code, "{kind:?} {country} {number}");
    }
}

#[test]
fn a_card_number_holds_its_check_digit_and_the_prefix_only_checks_the_bank() {
    let card = CardNumber::parse("6228 4804 0256 4890 018").unwrap();
    assert_eq!(card.as_str(), "6228480402564890018");
    assert_eq!(card.last_four(), "0018");
    assert_eq!(card.bin(), Some("622848"));
    assert_eq!(card.check_bank("ABC".parse().unwrap()), PrefixCheck::Agrees);
    assert_eq!(card.check_bank("BOC".parse().unwrap()), PrefixCheck::Differs);
    assert_eq!(bank_name("ABC".parse().unwrap()), Some("中国农业银行"));
    // Two banks share this prefix: both agree.
    let shared = CardNumber::parse(&with_luhn("622516000000001")).unwrap();
    for bank in ["SPDB", "GDB"] {
        assert_eq!(shared.check_bank(bank.parse().unwrap()), PrefixCheck::Agrees);
    }
    let unknown = CardNumber::parse(&with_luhn("110000000000000")).unwrap();
    assert_eq!(unknown.check_bank("BOC".parse().unwrap()), PrefixCheck::Unknown);
    for (text, code) in [
        ("", "NUMBER_EMPTY"),
        ("62284804025648", "NUMBER_LENGTH"),
        ("62284804025648900A8", "NUMBER_CHARACTER"),
        ("6228480402564890019", "NUMBER_CHECK_DIGIT"),
    ] {
        assert_eq!(CardNumber::parse(text).unwrap_err().code(), code, "{text}");
    }
}

#[test]
fn a_mobile_number_is_eleven_digits_of_the_mainland() {
    for typed in ["13812345678", "+86 138-1234-5678", "008613812345678", "１３８１２３４５６７８"]
    {
        assert_eq!(Phone::parse(typed).unwrap().as_str(), "13812345678", "{typed}");
    }
    for (text, code) in [
        ("", "NUMBER_EMPTY"),
        ("1381234567", "NUMBER_LENGTH"),
        ("12812345678", "NUMBER_CHARACTER"),
        ("0513-8512345", "NUMBER_CHARACTER"),
    ] {
        assert_eq!(Phone::parse(text).unwrap_err().code(), code, "{text}");
    }
}

#[test]
fn names_have_one_spelling() {
    for (typed, normal) in [
        ("张 三", "张三"),
        ("　张三\u{200B} ", "张三"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽．买买提", "阿依古丽·买买提"),
        ("阿依古丽 ・ 买买提", "阿依古丽·买买提"),
        ("阿依古丽‧买买提", "阿依古丽·买买提"),
        ("阿依古丽∙买买提", "阿依古丽·买买提"),
        ("王䶮", "王䶮"),
        ("ＪＯＨＮ　 SMITH ", "JOHN SMITH"),
        ("J. Smith", "J. Smith"),
        ("", ""),
    ] {
        assert_eq!(name::normalise(typed), normal, "{typed:?}");
    }
}

fn with_luhn(digits: &str) -> String {
    (0..10)
        .map(|check| format!("{digits}{check}"))
        .find(|number| CardNumber::parse(number).is_ok())
        .expect("one of ten check digits fits")
}

proptest! {
    #[test]
    fn a_changed_digit_of_a_card_is_refused(
        digits in "[1-9][0-9]{14,18}", place in 0..15_usize, by in 1..10_u8,
    ) {
        let number = with_luhn(&digits);
        prop_assert!(CardNumber::parse(&moved_on(&number, place, by)).is_err());
    }

    #[test]
    fn normalising_twice_changes_nothing(typed in "\\PC{0,12}|[张三·•. a\u{3000}．]{0,8}") {
        let once = name::normalise(&typed);
        prop_assert_eq!(name::normalise(&once), once);
    }
}

/// `number` with the digit at `place` moved on by 1 to 9.
fn moved_on(number: &str, place: usize, by: u8) -> String {
    let mut digits = number.as_bytes().to_vec();
    digits[place] = (digits[place] - b'0' + by) % 10 + b'0';
    String::from_utf8(digits).unwrap()
}
