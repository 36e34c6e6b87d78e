//! Names of people who do not exist. Source: `data/SOURCE.md`.

use std::sync::OnceLock;

use shared::Sex;

use crate::dice::Dice;
use crate::table::rows;

/// The surnames and given names of the table, by kind.
struct Names {
    surnames: Vec<(&'static str, u32)>,
    double_surnames: Vec<&'static str>,
    men: Given,
    women: Given,
}

#[derive(Default)]
struct Given {
    single: Vec<&'static str>,
    pairs: Vec<&'static str>,
}

/// Names of minority people, whose parts are joined by a dot, with the nationality (GB/T 3304)
/// (ours).
const DOTTED: &[(&str, Sex, &str)] = &[
    ("阿不都热合曼·买买提", Sex::Male, "05"),
    ("艾力·吐尔逊", Sex::Male, "05"),
    ("买买提江·依明", Sex::Male, "05"),
    ("巴特尔·孟克", Sex::Male, "02"),
    ("扎西·次仁", Sex::Male, "04"),
    ("吐尔洪·艾山", Sex::Male, "05"),
    ("古丽娜尔·阿不都拉", Sex::Female, "05"),
    ("热依拉·买买提", Sex::Female, "05"),
    ("阿依努尔·吐尔逊", Sex::Female, "05"),
    ("帕提古丽·依明", Sex::Female, "05"),
    ("卓玛·央金", Sex::Female, "04"),
    ("其其格·娜仁", Sex::Female, "02"),
];
pub(crate) const DOTTED_PEOPLE: u32 = 12;

/// Five foreigners: name as in the passport, sex, country (ours).
const FOREIGN: [(&str, Sex, &str); 5] = [
    ("HANS MUELLER", Sex::Male, "DEU"),
    ("ANNA KOWALSKA", Sex::Female, "POL"),
    ("JAMES CARTER", Sex::Male, "GBR"),
    ("YUKI TANAKA", Sex::Female, "JPN"),
    ("MINH NGUYEN", Sex::Male, "VNM"),
];

/// 「䶮」 is in GB18030 and not in GBK.
pub(crate) const RARE_CHARACTER: char = '䶮';

/// A surname, and one or two characters; one person in 250 has a double surname.
pub(crate) fn chinese(dice: &mut Dice, sex: Sex) -> String {
    let names = names();
    let surname = if dice.chance(40) {
        *dice.pick(&names.double_surnames)
    } else {
        *dice.weighted(&names.surnames)
    };
    let given = match sex {
        Sex::Male => &names.men,
        Sex::Female => &names.women,
    };
    match dice.below(10) {
        0 | 1 => format!("{surname}{}", dice.pick(&given.single)),
        2 => format!("{surname}{}", dice.pick(&given.pairs)),
        _ => format!("{surname}{}{}", dice.pick(&given.single), dice.pick(&given.single)),
    }
}

/// The `turn`th of the names with a dot: name, sex, nationality.
pub(crate) fn dotted(turn: u32) -> (&'static str, Sex, &'static str) {
    DOTTED[turn as usize % DOTTED.len()]
}

/// The `turn`th foreigner: name, sex, country.
pub(crate) fn foreign(turn: u32) -> (&'static str, Sex, &'static str) {
    FOREIGN[turn as usize % FOREIGN.len()]
}

/// The two characters of a firm's own name.
pub(crate) fn firm(dice: &mut Dice) -> String {
    const FIRST: &[&str] = &[
        "通", "江", "海", "华", "恒", "永", "金", "瑞", "鑫", "宏", "天", "中", "东", "盛", "润",
        "博", "嘉", "振", "泰", "新",
    ];
    const SECOND: &[&str] = &[
        "达", "源", "盛", "丰", "隆", "兴", "泽", "诚", "顺", "康", "辉", "联", "信", "茂", "升",
        "邦", "洋", "宇", "和", "安",
    ];
    format!("{}{}", dice.pick(FIRST), dice.pick(SECOND))
}

fn names() -> &'static Names {
    static NAMES: OnceLock<Names> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut names = Names {
            surnames: Vec::new(),
            double_surnames: Vec::new(),
            men: Given::default(),
            women: Given::default(),
        };
        for [kind, text, weight] in rows(include_str!("../data/names.csv")) {
            match kind {
                "surname" => {
                    let weight = weight.parse().expect("the committed table holds weights");
                    names.surnames.push((text, weight));
                }
                "compound" => names.double_surnames.push(text),
                "male" => names.men.single.push(text),
                "female" => names.women.single.push(text),
                "male2" => names.men.pairs.push(text),
                "female2" => names.women.pairs.push(text),
                _ => unreachable!("the committed table has no kind {kind}"),
            }
        }
        names
    })
}
