//! What the items pay: levels as one meets them in Jiangsu (ours), by whole fen only.

use shared::{Component, Money};

use crate::dice::Dice;

/// What an amount may depend on.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    /// Full years.
    pub(crate) age: u32,
    /// A survivor and not the injured worker; a resident's and not an employee's funeral.
    pub(crate) lesser: bool,
}

/// The components of one month, or of one grant for the one-off items.
pub(crate) fn components(dice: &mut Dice, item: &str, case: Case) -> Vec<(Component, Money)> {
    if item == "A3" {
        return vec![
            (component("basic-pension"), yuan(basic_pension(case.age))),
            (component("account-pension"), Money::from_fen(skewed(dice, 55, 120))),
        ];
    }
    vec![(Component::whole(), Money::from_fen(whole(dice, item, case)))]
}

fn whole(dice: &mut Dice, item: &str, case: Case) -> i64 {
    let one_of = |dice: &mut Dice, yuan: &[i64]| *dice.pick(yuan) * 100;
    match (item, case.lesser) {
        ("A1", _) => skewed(dice, 3_300, 106),
        ("A2", _) => skewed(dice, 6_300, 75),
        // Two months' income for the funeral, and one month for each year paid in, 24 at most
        // (人社部发〔2021〕18号).
        ("A4", false) => 494_300 * (2 + i64::from(dice.between(3, 24))),
        ("A4", true) => one_of(dice, &[2_000, 2_400, 3_000]),
        ("A5", _) => one_of(dice, &[1_892, 1_992, 2_116, 2_241]),
        ("A6", false) => skewed(dice, 4_300, 70),
        ("A6", true) => skewed(dice, 1_750, 30),
        // 30, 40 and 50 % of the average wage (工伤保险条例 art 34).
        ("A7", _) => one_of(dice, &[2_484, 3_312, 4_140]),
        ("A8", _) => skewed(dice, 62_000, 110),
        ("B1", _) => skewed(dice, 1_450, 80),
        ("B2", _) => one_of(dice, &[600, 900, 1_200, 1_800]),
        ("B3", _) => 100_000,
        ("B4", _) => 1_000_000,
        ("B5", _) => one_of(dice, &[2_086, 2_234]),
        ("B6", _) => one_of(dice, &[2_086, 2_234]),
        ("B7", _) => one_of(dice, &[1_660, 2_490]),
        ("B8", _) => 150_000,
        ("B9", _) => one_of(dice, &[1_494, 1_743]),
        ("B10", _) => one_of(dice, &[800, 1_200, 1_600, 2_200]),
        // 初级、中级、高级 (人社部发〔2024〕40号).
        ("B11", _) => one_of(dice, &[1_000, 1_500, 2_000]),
        ("C1", _) => skewed(dice, 1_150, 100),
        ("C2", _) => skewed(dice, 860, 60),
        ("C3", _) => one_of(dice, &[120, 200, 300, 500]),
        ("C4", _) => skewed(dice, 1_480, 90),
        ("C5", _) => one_of(dice, &[2_000, 3_000]),
        (other, _) => unreachable!("the city has no grants of {other}"),
    }
}

/// 基础养老金, whole yuan: one sum for all and an addition for the old.
fn basic_pension(age: u32) -> i64 {
    265 + match age {
        0..=69 => 0,
        70..=79 => 10,
        80..=89 => 30,
        _ => 50,
    }
}

/// An amount in fen around a middle of so many yuan, with a long tail upwards as incomes have:
/// twelve coins, each of which multiplies or divides by 1 + `step`/1000. A last throw of up to
/// `step`/1000 on either side fills the gaps between their outcomes.
fn skewed(dice: &mut Dice, middle_yuan: i64, step: u32) -> i64 {
    let mut fen = middle_yuan * 100;
    let factor = 1_000 + i64::from(step);
    for _ in 0..12 {
        fen = match dice.below(2) {
            0 => fen * 1_000 / factor,
            _ => fen * factor / 1_000,
        };
    }
    let millionths = i64::from(dice.below(2_000 * step + 1)) - 1_000 * i64::from(step);
    fen + fen * millionths / 1_000_000
}

fn yuan(whole: i64) -> Money {
    Money::from_fen(whole * 100)
}

fn component(text: &str) -> Component {
    Component::parse(text).expect("the components of this module")
}
