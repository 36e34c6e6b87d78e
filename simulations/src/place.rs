//! The counties of Nantong, as of 2026 and as they were.

use shared::{Date, DivisionCode, Divisions};

use crate::dice::Dice;

/// A county with its share of the people and the codes that it had, oldest first. The shares
/// follow the census of 2020, rounded; the development zone counts with 崇川.
struct County {
    code: &'static str,
    share: u32,
    codes: &'static [&'static str],
}

/// Codes and years: `shared`'s table of divisions.
const COUNTIES: &[County] = &[
    County { code: "320613", share: 195, codes: &["320602", "320611", "320613"] },
    County { code: "320614", share: 126, codes: &["320625", "320684", "320614"] },
    County { code: "320612", share: 145, codes: &["320624", "320683", "320612"] },
    County { code: "320623", share: 114, codes: &["320623"] },
    County { code: "320681", share: 125, codes: &["320626", "320681"] },
    County { code: "320682", share: 160, codes: &["320622", "320682"] },
    County { code: "320685", share: 113, codes: &["320621", "320685"] },
];

/// The codes of the seven counties in force.
#[must_use]
pub fn counties() -> Vec<DivisionCode> {
    COUNTIES.iter().map(|county| parse(county.code)).collect()
}

pub(crate) fn county(dice: &mut Dice) -> DivisionCode {
    let shares: Vec<(&str, u32)> = COUNTIES.iter().map(|one| (one.code, one.share)).collect();
    parse(dice.weighted::<&str>(&shares))
}

/// A town of the county, where the table knows any.
pub(crate) fn town(dice: &mut Dice, towns: &[DivisionCode]) -> Option<DivisionCode> {
    (!towns.is_empty()).then(|| *dice.pick(towns))
}

/// The towns of each county, looked up once.
pub(crate) fn towns() -> Vec<(DivisionCode, Vec<DivisionCode>)> {
    let of = |county| Divisions::bundled().towns_of(county).into_iter().map(|(town, _)| town);
    counties().into_iter().map(|county| (county, of(county).collect())).collect()
}

/// The code that a number given out to somebody born in `birth_year` begins with: the county's
/// own in that year, or in 1984, the first year of numbers. Two districts became 崇川, so chance
/// decides between them.
pub(crate) fn code_when_numbered(
    dice: &mut Dice,
    county: DivisionCode,
    birth_year: i16,
) -> DivisionCode {
    let given = birth_year.max(1984);
    let divisions = Divisions::bundled();
    let codes = COUNTIES
        .iter()
        .find(|one| one.code == county.as_str())
        .map_or(&[] as &[&str], |one| one.codes);
    let on = Date::constant(given, 7, 1);
    let standing: Vec<DivisionCode> =
        codes.iter().map(|code| parse(code)).filter(|code| divisions.valid_on(*code, on)).collect();
    if standing.is_empty() {
        // The table has gaps of a year or two between an old code and its successor: the
        // successor was used.
        let later = |code: &DivisionCode| divisions.valid_ever_since(*code, given + 1);
        return codes.iter().map(|code| parse(code)).find(later).unwrap_or(county);
    }
    *dice.pick(&standing)
}

fn parse(code: &str) -> DivisionCode {
    DivisionCode::parse(code).expect("the codes of this module are divisions")
}

#[cfg(test)]
mod tests {
    use super::{COUNTIES, code_when_numbered, counties, parse, towns};
    use crate::dice::Dice;
    use shared::{Date, Divisions};

    #[test]
    fn the_counties_are_those_in_force() {
        let divisions = Divisions::bundled();
        let mut ours = counties();
        ours.sort();
        assert_eq!(ours, divisions.counties_of("320600", Date::constant(2026, 1, 1)));
        assert!(towns().iter().all(|(_, towns)| !towns.is_empty()));
    }

    #[test]
    fn a_codes_successor_is_the_next_in_its_row() {
        let divisions = Divisions::bundled();
        for county in COUNTIES {
            for old in county.codes {
                for (new, _) in divisions.successors(parse(old)) {
                    assert_eq!(new.as_str(), county.code, "{old}");
                }
            }
        }
    }

    #[test]
    fn older_people_have_older_codes() {
        let mut dice = Dice::new(1, "test", 0);
        let mut code = |county, year| code_when_numbered(&mut dice, parse(county), year);
        assert_eq!(code("320685", 1950).as_str(), "320621");
        assert_eq!(code("320685", 2019).as_str(), "320685");
        assert_eq!(code("320614", 1960).as_str(), "320625");
        assert_eq!(code("320614", 2000).as_str(), "320684");
        assert_eq!(code("320681", 1991).as_str(), "320681");
        assert!(["320602", "320611"].contains(&code("320613", 1999).as_str()));
        assert_eq!(code("320613", 2021).as_str(), "320613");
    }
}
