//! Numbers of a sheet. It keeps doubles but shows and promises 15 digits, so 1234.56 comes back as
//! `1234.56` whatever the double's tail is. Nothing is computed with the double.

/// The number with 15 significant digits, without exponent and trailing zeros. A number beyond
/// 10^21 keeps its exponent: no kind of column takes it.
pub(crate) fn decimal(number: f64) -> String {
    let scientific = format!("{number:.14e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let Ok(exponent) = exponent.parse::<i32>() else { return scientific };
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(mantissa) => ("-", mantissa),
        None => ("", mantissa),
    };
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return "0".to_owned();
    }
    let plain = match exponent {
        0..=20 => {
            let whole = exponent.unsigned_abs() as usize + 1;
            if digits.len() <= whole {
                format!("{digits:0<whole$}")
            } else {
                format!("{}.{}", &digits[..whole], &digits[whole..])
            }
        }
        -20..=-1 => format!("0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1)),
        _ => return scientific,
    };
    format!("{sign}{plain}")
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn a_number_is_what_the_sheet_shows() {
        let rows = [
            (0.0, "0"),
            (-0.0, "0"),
            (1280.0, "1280"),
            (1280.5, "1280.5"),
            (0.1 + 0.2, "0.3"),
            (1234.56, "1234.56"),
            (1_234.560_000_000_000_1, "1234.56"),
            (-0.05, "-0.05"),
            (0.005, "0.005"),
            (46_053.0, "46053"),
            (999_999_999_999_999.0, "999999999999999"),
            (320_600_195_001_010_000.0, "320600195001010000"),
            (f64::INFINITY, "inf"),
        ];
        for (number, text) in rows {
            assert_eq!(decimal(number), text);
        }
    }
}
