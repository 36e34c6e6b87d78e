//! A bank's character set, taken strictly in both directions.
//!
//! A bank's GBK is CP936. `encoding_rs` follows the WHATWG, whose GBK also writes the additions of
//! GB18030 in two bytes (「䶮」 as FE 9F, the private use area, the euro sign as 80) and reads
//! four-byte codes: a bank's machine prints something else for them, and the name no longer
//! matches the account. Both are refused here.

use std::borrow::Cow;
use std::sync::LazyLock;

use definitions::Charset;
use encoding_rs::{Encoding, GB18030, GBK};

/// Appends `text` in the charset, or gives the first character that it cannot hold. Then some of
/// the text may have been appended already.
pub(crate) fn encode(charset: Charset, text: &str, out: &mut Vec<u8>) -> Result<(), char> {
    if text.is_ascii() {
        out.extend_from_slice(text.as_bytes());
        return Ok(());
    }
    // What a decoder puts in the place of what it could not read: the name is lost already.
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return Err(char::REPLACEMENT_CHARACTER);
    }
    let two_bytes = |c: char| CODES.get(u32::from(c) as usize).copied().unwrap_or(0);
    match charset {
        Charset::Utf8 => out.extend_from_slice(text.as_bytes()),
        Charset::Gbk => {
            for c in text.chars() {
                match two_bytes(c) {
                    _ if c.is_ascii() => out.push(c as u8),
                    0 => return Err(c),
                    _ if is_added_to_cp936(c) => return Err(c),
                    code => out.extend_from_slice(&code.to_be_bytes()),
                }
            }
        }
        Charset::Gb18030 => {
            for c in text.chars() {
                match two_bytes(c) {
                    _ if c.is_ascii() => out.push(c as u8),
                    0 => four_bytes(c, out)?,
                    code => out.extend_from_slice(&code.to_be_bytes()),
                }
            }
        }
    }
    Ok(())
}

/// The text, or the place of the first byte that is not in the charset, from 0.
pub(crate) fn decode(charset: Charset, bytes: &[u8]) -> Result<Cow<'_, str>, usize> {
    match charset {
        Charset::Utf8 => match str::from_utf8(bytes) {
            Ok(text) if text.starts_with('\u{FEFF}') => Err(0),
            Ok(text) => Ok(Cow::Borrowed(text)),
            Err(error) => Err(error.valid_up_to()),
        },
        Charset::Gbk => {
            let text = decode_in(GBK, bytes)?;
            same_again(&text, bytes).map(|()| text)
        }
        Charset::Gb18030 => decode_in(GB18030, bytes),
    }
}

/// The two-byte code of each character of the basic plane; 0: it has none. `encoding_rs` finds a
/// code by a linear search, which costs a batch of 100,000 lines a second.
static CODES: LazyLock<Box<[u16]>> = LazyLock::new(|| {
    let mut codes = vec![0; 0x1_0000].into_boxed_slice();
    let trails = || (0x40..=0xFE_u8).filter(|trail| *trail != 0x7F);
    for pair in (0x81..=0xFE_u8).flat_map(|lead| trails().map(move |trail| [lead, trail])) {
        let text = GB18030.decode_without_bom_handling_and_without_replacement(&pair);
        if let Some(c) = text.and_then(|text| text.chars().next()) {
            codes[u32::from(c) as usize] = u16::from_be_bytes(pair);
        }
    }
    codes
});

fn four_bytes(c: char, out: &mut Vec<u8>) -> Result<(), char> {
    let mut utf8 = [0; 4];
    let (bytes, _, unmapped) = GB18030.encode(c.encode_utf8(&mut utf8));
    if unmapped {
        return Err(c);
    }
    out.extend_from_slice(&bytes);
    Ok(())
}

fn decode_in<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Result<Cow<'a, str>, usize> {
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .ok_or_else(|| first_malformed(encoding, bytes))
}

fn first_malformed(encoding: &'static Encoding, bytes: &[u8]) -> usize {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(bytes.len() * 3 + 16);
    let (_, read) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    read.saturating_sub(1)
}

/// Whether the text is written with exactly these bytes in CP936: else it was read from codes that
/// are not in it.
fn same_again(text: &str, bytes: &[u8]) -> Result<(), usize> {
    let held = text.find(is_added_to_cp936).unwrap_or(text.len());
    let mut again = Vec::with_capacity(bytes.len());
    let whole = encode(Charset::Gbk, &text[..held], &mut again);
    match again.iter().zip(bytes).position(|(one, other)| one != other) {
        Some(place) => Err(place),
        None if whole.is_ok() && again.len() == bytes.len() => Ok(()),
        None => Err(again.len()),
    }
}

/// What the WHATWG's GBK has in one or two bytes and CP936 has not; compared with another
/// implementation of CP936 over all of Unicode.
fn is_added_to_cp936(c: char) -> bool {
    matches!(c,
        '\u{20AC}' | '\u{01F9}' | '\u{1E3F}' | '\u{303E}' | '\u{2FF0}'..='\u{2FFB}'
        | '\u{2E80}'..='\u{2EFF}' | '\u{3400}'..='\u{4DBF}' | '\u{9FB4}'..='\u{9FBB}'
        | '\u{E000}'..='\u{F8FF}' | '\u{FE10}'..='\u{FE19}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(charset: Charset, text: &str) -> Result<Vec<u8>, char> {
        let mut out = Vec::new();
        encode(charset, text, &mut out).map(|()| out)
    }

    #[test]
    fn cp936_holds_21791_characters_beyond_ascii() {
        let held = ('\u{80}'..=char::MAX)
            .filter(|c| encoded(Charset::Gbk, c.encode_utf8(&mut [0; 4])).is_ok());
        assert_eq!(held.count(), 21_791);
    }

    #[test]
    fn gbk_takes_common_names_and_refuses_what_only_gb18030_has() {
        let taken = ["张三", "阿卜杜拉·买买提", "喆", "李", "镕", "—", "Ａ１"];
        for name in taken {
            let bytes = encoded(Charset::Gbk, name).unwrap();
            assert_eq!(decode(Charset::Gbk, &bytes).unwrap(), name);
        }
        assert_eq!(encoded(Charset::Gbk, "张三").unwrap(), [0xD5, 0xC5, 0xC8, 0xFD]);
        for refused in ['䶮', '㐱', '𠮷', '€', '\u{E000}', '\u{9FB4}', '\u{FFFD}', 'é', 'ḿ']
        {
            let text = format!("张{refused}");
            let result = encoded(Charset::Gbk, &text);
            // é is in GBK (A8A6); the row shows that accents are not refused as such.
            assert_eq!(result.is_ok(), refused == 'é', "{:04X}", u32::from(refused));
            if let Err(named) = result {
                assert_eq!(named, refused);
            }
        }
        for name in ["䶮", "㐱", "𠮷"] {
            let bytes = encoded(Charset::Gb18030, name).unwrap();
            assert_eq!(decode(Charset::Gb18030, &bytes).unwrap(), name);
        }
    }

    #[test]
    fn bytes_outside_the_charset_are_refused_with_their_place() {
        let rows: &[(Charset, &[u8], usize)] = &[
            (Charset::Utf8, b"ab\xFF", 2),
            (Charset::Utf8, b"\xEF\xBB\xBFab", 0),
            (Charset::Gbk, b"ab\xFE\x9F", 2), // 䶮 in the two bytes of GB18030
            (Charset::Gbk, b"a\x81\x30\x81\x30", 1), // a four-byte code
            (Charset::Gbk, b"abc\x80", 3),    // the euro sign of a later code page
            (Charset::Gbk, b"\xD5\xC5\xC8", 2), // cut in the middle of a character
            (Charset::Gb18030, b"\xD5\xC5\xFF", 2),
        ];
        for (charset, bytes, place) in rows {
            assert_eq!(decode(*charset, bytes), Err(*place), "{charset} {bytes:02X?}");
        }
    }
}
