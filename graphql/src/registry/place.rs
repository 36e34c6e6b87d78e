//! Divisions: the published tables, and what the bureau has registered beside them.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use projections::employers::{self, DivisionRow};
use shared::{DivisionLevel, Divisions};

use crate::fault::Fault;
use crate::global_id::Kind;
use crate::request::request;
use crate::scalars::{Date, DivisionCode, Position};

/// 行政区划 / An administrative division.
#[derive(Debug, Clone, SimpleObject)]
pub struct Division {
    /// 全局编号 / The global id.
    pub id: ID,
    /// 代码 / Its code.
    pub code: DivisionCode,
    /// 名称 / Its name on that day.
    pub name: String,
    /// 全称 / Its name with those above it.
    pub full_name: Option<String>,
    /// 上级 / The division above it.
    pub parent: Option<DivisionCode>,
}

impl Division {
    /// Of the published tables.
    pub fn published(code: shared::DivisionCode, on: shared::Date) -> Option<Self> {
        let tables = Divisions::bundled();
        Some(Self {
            id: Kind::Division.id(code),
            code: code.into(),
            name: tables.name(code, on)?.to_owned(),
            full_name: tables.full_name(code, on),
            parent: tables.parent(code).map(DivisionCode),
        })
    }

    fn registered(row: &DivisionRow) -> Self {
        Self {
            id: Kind::Division.id(row.code),
            code: row.code.into(),
            name: row.name.clone(),
            full_name: None,
            parent: row.parent.map(DivisionCode),
        }
    }
}

/// More than any place has below it.
const DIVISIONS_MAX: u32 = 2_000;

#[derive(Default)]
pub struct DivisionQuery;

#[Object]
impl DivisionQuery {
    /// 某区划的下级区划 / The divisions directly below one, as they were on a day.
    async fn divisions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "上级代码 / Below this code.")] below: DivisionCode,
        #[graphql(desc = "日期，默认今天 / On this day; today unless given.")] on: Option<Date>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<Division>>> {
        let _ = at_least;
        let request = request(ctx);
        let on = match on {
            Some(day) => day.0,
            None => request.app().executor.today().map_err(Fault::from)?,
        };
        let tables = Divisions::bundled();
        let area = below.0;
        let mut found: Vec<Division> = match area.level() {
            DivisionLevel::Province | DivisionLevel::City => tables
                .counties_of(area, on)
                .into_iter()
                .filter_map(|code| Division::published(code, on))
                .collect(),
            DivisionLevel::County | DivisionLevel::Town | DivisionLevel::Village => tables
                .towns_of(area)
                .into_iter()
                .map(|(code, name)| Division {
                    id: Kind::Division.id(code),
                    code: code.into(),
                    name: name.to_owned(),
                    full_name: None,
                    parent: Some(below),
                })
                .collect(),
        };
        let session = request.session(ctx).await?;
        let rows = employers::divisions(&session, &request.scope, Some(area), None, DIVISIONS_MAX)
            .map_err(Fault::from)?;
        let holds = |row: &DivisionRow| row.open && row.valid_from <= on;
        // What the bureau registered itself is later knowledge than the tables.
        for row in rows.into_iter().filter(holds) {
            found.retain(|known| known.code.0 != row.code);
            found.push(Division::registered(&row));
        }
        found.sort_unstable_by_key(|division| division.code.0);
        Ok(Some(found))
    }
}
