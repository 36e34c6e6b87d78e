//! Administrative divisions through time (GB/T 2260): which code meant what in which year.
//!
//! The source knows years, not days. In the year of a change it lists the new code only, although
//! the old one was used until the decision: [`Divisions::valid_ever_since`] allows for that.

use std::sync::OnceLock;

use jiff::civil::Date;

use crate::code::{DivisionCode, DivisionLevel};

/// The divisions of provinces, cities and counties with their years, towns of Nantong, and the
/// successors of the codes that our region gave up. Sources: `data/SOURCE.md`.
pub struct Divisions {
    /// Sorted by code and first year.
    terms: Vec<Term>,
    /// Sorted by code.
    towns: Vec<(&'static str, &'static str)>,
    successions: Vec<Succession>,
}

struct Term {
    code: &'static str,
    /// 0 when older than the standard (1980).
    first_year: i16,
    /// `i16::MAX` while in force.
    last_year: i16,
    name: &'static str,
}

struct Succession {
    old: &'static str,
    new: DivisionCode,
    year: i16,
}

impl Divisions {
    /// The embedded table.
    pub fn bundled() -> &'static Divisions {
        static BUNDLED: OnceLock<Divisions> = OnceLock::new();
        BUNDLED.get_or_init(|| Divisions {
            terms: rows(include_str!("../data/divisions.csv")).map(term).collect(),
            towns: rows(include_str!("../data/nantong_towns.csv"))
                .map(|[code, name]| (code, name))
                .collect(),
            successions: rows(include_str!("../data/division_successors.csv"))
                .map(|[old, new, year, _]| Succession {
                    old,
                    new: DivisionCode::parse(new).expect("the committed table holds divisions"),
                    year: year.parse().expect("the committed table holds years"),
                })
                .collect(),
        })
    }

    /// What the division was called in the year of `on`. Towns are known for Nantong only, as of
    /// 2023, for every date. Shorter codes stand for their six-digit form.
    pub fn name(&self, code: DivisionCode, on: Date) -> Option<&'static str> {
        if code.level() >= DivisionLevel::Town {
            let found = self.towns.binary_search_by_key(&code.as_str(), |(code, _)| code).ok()?;
            return Some(self.towns[found].1);
        }
        self.terms_of(code).find(|term| term.covers(on.year())).map(|term| term.name)
    }

    /// Province, city and county joined, as `江苏省南通市崇川区`; the parts known on that date.
    pub fn full_name(&self, code: DivisionCode, on: Date) -> Option<String> {
        let own = self.name(code, on)?;
        let mut names = vec![own];
        let mut at = code;
        while let Some(parent) = self.parent(at) {
            names.extend(self.name(parent, on));
            at = parent;
        }
        names.reverse();
        Some(names.concat())
    }

    /// Whether the code was in force in the year of `on`.
    pub fn valid_on(&self, code: DivisionCode, on: Date) -> bool {
        self.terms_of(code).any(|term| term.covers(on.year()))
    }

    /// Whether a person born in `birth_year` can carry the code: it was in force in that year or at
    /// any time since (numbers were given from 1984 on, with the code of the year of issue). A code
    /// still counts for births in the year in which it was given up. The `市辖区` codes (`…01`
    /// under a city), which the source leaves out, count as long as the city does.
    pub fn valid_ever_since(&self, code: DivisionCode, birth_year: i16) -> bool {
        self.terms_of(code).any(|term| term.last_year.saturating_add(1) >= birth_year)
            || self.undivided(code).any(|term| term.last_year.saturating_add(1) >= birth_year)
    }

    /// Whether the code, or the `市辖区` it stands for, ever was a division.
    pub fn known(&self, code: DivisionCode) -> bool {
        self.terms_of(code).next().is_some() || self.undivided(code).next().is_some()
    }

    /// Whether it first came into force in or before `year`.
    pub fn in_force_by(&self, code: DivisionCode, year: i16) -> bool {
        self.terms_of(code).chain(self.undivided(code)).any(|term| term.first_year <= year)
    }

    /// The division above: a town's county, a county's city, a city's province. A county directly
    /// under its province (Beijing's districts, 济源) has the province.
    pub fn parent(&self, code: DivisionCode) -> Option<DivisionCode> {
        match code.level() {
            DivisionLevel::Province => None,
            DivisionLevel::City => Some(code.province()),
            DivisionLevel::County => code
                .city()
                .filter(|city| self.terms_of(*city).next().is_some())
                .or_else(|| Some(code.province())),
            DivisionLevel::Town => code.county(),
            DivisionLevel::Village => DivisionCode::parse(&code.as_str()[..9]).ok(),
        }
    }

    /// The codes that took this one's place, each with the year; empty when it still stands or its
    /// successor is not in our table.
    pub fn successors(&self, code: DivisionCode) -> impl Iterator<Item = (DivisionCode, i16)> {
        self.successions
            .iter()
            .filter(move |row| row.old == code.as_str())
            .map(|row| (row.new, row.year))
    }

    /// The codes whose place this one took, each with the year.
    pub fn predecessors(&self, code: DivisionCode) -> impl Iterator<Item = (DivisionCode, i16)> {
        self.successions.iter().filter(move |row| row.new == code).map(|row| {
            (DivisionCode::parse(row.old).expect("the committed table holds divisions"), row.year)
        })
    }

    /// The counties of a city, or of a whole province, in force in the year of `on`, by code.
    /// `area` is `320600`, or any [`DivisionCode`] or [`crate::AreaCode`]; a text that is no
    /// division has none.
    pub fn counties_of(&self, area: impl AsRef<str>, on: Date) -> Vec<DivisionCode> {
        let Ok(area) = DivisionCode::parse(area.as_ref()) else {
            return Vec::new();
        };
        self.terms
            .iter()
            .filter(|term| term.covers(on.year()))
            .filter_map(|term| DivisionCode::parse(term.code).ok())
            .filter(|code| code.level() == DivisionLevel::County && code.is_within(area))
            .collect()
    }

    /// The towns that we know of a county or city, with their names, by code.
    pub fn towns_of(&self, area: DivisionCode) -> Vec<(DivisionCode, &'static str)> {
        self.towns
            .iter()
            .filter_map(|(code, name)| Some((DivisionCode::parse(code).ok()?, *name)))
            .filter(|(code, _)| code.is_within(area))
            .collect()
    }

    fn terms_of(&self, code: DivisionCode) -> impl Iterator<Item = &Term> {
        let key = format!("{:0<6}", code.as_str());
        let start = self.terms.partition_point(|term| term.code < key.as_str());
        self.terms[start..].iter().take_while(move |term| term.code == key)
    }

    /// The terms of the city whose `市辖区` this is; none for any other code.
    fn undivided(&self, code: DivisionCode) -> impl Iterator<Item = &Term> {
        let city = code
            .city()
            .filter(|_| code.level() == DivisionLevel::County && code.as_str().ends_with("01"));
        city.into_iter().flat_map(|city| self.terms_of(city))
    }
}

impl Term {
    fn covers(&self, year: i16) -> bool {
        (self.first_year..=self.last_year).contains(&year)
    }
}

fn term([code, first, last, name]: [&'static str; 4]) -> Term {
    let year = |text: &str, open| match text {
        "" => open,
        _ => text.parse().expect("the committed table holds years"),
    };
    Term { code, first_year: year(first, 0), last_year: year(last, i16::MAX), name }
}

/// The rows of a committed table without quotes, after its header.
pub(crate) fn rows<const N: usize>(csv: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    csv.lines().skip(1).map(|line| {
        let mut cells = line.splitn(N, ',');
        [(); N].map(|()| cells.next().expect("a committed table has all its columns"))
    })
}
