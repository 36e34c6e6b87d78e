//! How values are written: money, dates, months, divisions, positions, and whole numbers that do
//! not fit in 32 bits are strings, because JavaScript has no number that holds them.

use std::str::FromStr;

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use jiff::{Timestamp, tz};
use kernel::{Micros, Token};

macro_rules! text_scalars {
    ($($(#[$meta:meta])* $name:ident $graphql:literal ($inner:ty) $parse:expr;)*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name(pub $inner);

        $(#[$meta])*
        #[Scalar(name = $graphql)]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                let Value::String(text) = &value else {
                    return Err(InputValueError::expected_type(value));
                };
                let parse: fn(&str) -> Result<$inner, String> = $parse;
                // What was given may be personal: only the rule is told.
                parse(text).map(Self).map_err(InputValueError::custom)
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.to_string())
            }
        }

        impl From<$inner> for $name {
            fn from(value: $inner) -> Self {
                Self(value)
            }
        }
    )*};
}

text_scalars! {
    /// 金额，单位元，两位小数的字符串 / An amount in yuan: a string with two decimals.
    Money "Money" (shared::Money) |text| shared::Money::parse(text).map_err(|no| no.to_string());
    /// 小数，字符串 / A decimal number as a string.
    Decimal "Decimal" (rust_decimal::Decimal)
        |text| text.parse().map_err(|_| "a decimal number is expected".to_owned());
    /// 日期，yyyy-mm-dd / A calendar date, yyyy-mm-dd.
    Date "Date" (shared::Date)
        |text| text.parse().map_err(|_| "a date is written yyyy-mm-dd".to_owned());
    /// 年月，yyyy-mm / A month, yyyy-mm.
    YearMonth "YearMonth" (shared::Month)
        |text| shared::Month::parse(text).map_err(|no| no.to_string());
    /// 行政区划代码，2、4、6、9 或 12 位数字 / A division code of 2, 4, 6, 9 or 12 digits.
    DivisionCode "DivisionCode" (shared::DivisionCode)
        |text| shared::DivisionCode::parse(text)
            .map_err(|_| "a division code has 2, 4, 6, 9 or 12 digits".to_owned());
    /// 日志位置令牌，不透明 / A place in the log: an opaque token of the form log id, epoch, number.
    Position "Position" (Token) |text| Token::from_str(text).map_err(|no| no.to_string());
    /// 64 位整数，字符串 / A whole number of 64 bits, as a string.
    Long "Long" (u64) |text| text.parse().map_err(|_| "digits are expected".to_owned());
}

/// A moment on the clock of the log, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime(pub Micros);

/// 时刻，RFC 3339，东八区 / A moment, RFC 3339 with the offset +08:00.
#[Scalar(name = "DateTime")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        match text.parse::<Timestamp>() {
            Ok(moment) => Ok(Self(Micros(moment.as_microsecond()))),
            Err(_) => Err(InputValueError::custom("a moment is written as RFC 3339 says")),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(moment(self.0))
    }
}

impl From<Micros> for DateTime {
    fn from(micros: Micros) -> Self {
        Self(micros)
    }
}

/// China has had one zone without summer time since 1991: no table of zones is needed.
fn moment(micros: Micros) -> String {
    match Timestamp::from_microsecond(micros.0) {
        Ok(at) => format!("{:.6}+08:00", tz::Offset::constant(8).to_datetime(at)),
        Err(_) => micros.to_string(),
    }
}
