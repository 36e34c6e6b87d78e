//! The 91 real pension settlement sheets: a marked sample group of item A1, no pensioners of
//! Nantong. Source and licence: `data/SOURCE.md`.

use std::sync::OnceLock;

use shared::{Money, Month, Sex};

use crate::table::rows;

/// One sheet, as the authority settled it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PensionSheet {
    /// Province and number, like `jiangsu/3`.
    pub id: &'static str,
    pub province: &'static str,
    pub birth: Month,
    pub retired: Month,
    pub sex: Sex,
    /// 基础养老金; absent where the sheet gives the total only, as the other parts are.
    pub basic: Option<Money>,
    /// 个人账户养老金
    pub personal: Option<Money>,
    /// 过渡性养老金
    pub transitional: Option<Money>,
    /// 其他: adjustment funds and supplements of the province.
    pub extra: Option<Money>,
    /// Each month, as settled. The parts need not sum to it.
    pub official_total: Money,
    /// What the sheet left out and was derived, like `sex`.
    pub derived: &'static str,
}

impl PensionSheet {
    /// All 91, by province.
    #[must_use]
    pub fn all() -> &'static [PensionSheet] {
        static ALL: OnceLock<Vec<PensionSheet>> = OnceLock::new();
        ALL.get_or_init(|| {
            rows(include_str!("../data/pension_sheets.csv")).map(PensionSheet::read).collect()
        })
    }

    fn read(cells: [&'static str; 11]) -> Self {
        let [
            id,
            province,
            birth,
            retired,
            sex,
            basic,
            personal,
            transitional,
            extra,
            total,
            derived,
        ] = cells;
        let month = |text| Month::parse(text).expect("the committed table holds months");
        let money = |text| Money::parse(text).expect("the committed table holds amounts");
        let part = |text: &'static str| (!text.is_empty()).then(|| money(text));
        Self {
            id,
            province,
            birth: month(birth),
            retired: month(retired),
            sex: sex.parse().expect("the committed table holds sexes"),
            basic: part(basic),
            personal: part(personal),
            transitional: part(transitional),
            extra: part(extra),
            official_total: money(total),
            derived,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::PensionSheet;
    use shared::Money;

    #[test]
    fn the_sheets_are_those_of_the_source() {
        let sheets = PensionSheet::all();
        assert_eq!(sheets.len(), 91);
        let ids: BTreeSet<_> = sheets.iter().map(|sheet| sheet.id).collect();
        assert_eq!(ids.len(), 91);
        let provinces: BTreeSet<_> = sheets.iter().map(|sheet| sheet.province).collect();
        assert_eq!(provinces.len(), 30);
        assert_eq!(sheets.iter().filter(|sheet| sheet.province == "jiangsu").count(), 7);
        // The sum of the source's column `official_total`.
        let total = Money::try_sum(sheets.iter().map(|sheet| sheet.official_total));
        assert_eq!(total, Some(Money::parse("382380.12").unwrap()));
        assert!(sheets.iter().all(|sheet| sheet.birth < sheet.retired));
    }

    #[test]
    fn where_a_sheet_has_all_parts_few_totals_differ_from_their_sum() {
        let sums = PensionSheet::all().iter().filter_map(|sheet| {
            let parts = [sheet.basic?, sheet.personal?, sheet.transitional?];
            let extra = sheet.extra.unwrap_or_default();
            Some(Money::try_sum(parts.into_iter().chain([extra]))? == sheet.official_total)
        });
        let equal = sums.filter(|equal| *equal).count();
        assert!(equal > 60, "{equal}");
    }
}
