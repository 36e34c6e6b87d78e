//! Screens: all panels of a dashboard at one position.

use async_graphql::{Context, Object, Result, SimpleObject};
use definitions::{Dashboard as Defined, Panel};
use projections::desk::{self, LayoutRow};
use projections::indicators::answer::asked_by;
use projections::indicators::read::StoredFacts;

use super::words::{Shown, Wording, shown};
use crate::fault::Fault;
use crate::request::request;
use crate::scalars::{Date, Position};

/// 屏 / A screen.
#[derive(Debug, Clone, SimpleObject)]
pub struct Dashboard {
    /// 编号 / Its id.
    code: String,
    /// 名称 / Its name.
    name: Wording,
    /// 截至日 / The day that it is seen from.
    day: Date,
    /// 覆盖到的日志位置 / The position that all its figures cover.
    position: Position,
    /// 面板 / Its panels, in their order.
    panels: Vec<DashboardPanel>,
}

/// 面板 / A panel of a screen.
#[derive(Debug, Clone, SimpleObject)]
pub struct DashboardPanel {
    /// 编号 / Its id within the screen.
    code: String,
    /// 名称 / Its name.
    name: Wording,
    /// 图形 / How it is drawn, like card, line or donut.
    chart: String,
    /// 大小 / small, medium or large.
    size: String,
    /// 等待什么 / What it awaits; then it has no figures.
    awaiting: Option<String>,
    /// 指标 / Its indicators.
    answers: Vec<Shown>,
}

/// 屏的名称 / A screen by name.
#[derive(Debug, Clone, SimpleObject)]
pub struct DashboardName {
    /// 编号 / Its id.
    code: String,
    /// 名称 / Its name.
    name: Wording,
}

/// The panels as their reader has arranged them; those that came later follow as they are defined.
fn arranged<'a>(
    panels: &'a [Panel],
    layout: Option<&'a LayoutRow>,
) -> Vec<(&'a Panel, Option<&'a str>)> {
    let placed = layout.map_or(&[][..], |layout| layout.panels.as_slice());
    let known = |id: &str| panels.iter().find(|panel| panel.id == id);
    let own = placed.iter().filter(|place| !place.hidden);
    let own = own.filter_map(|place| Some((known(&place.panel)?, place.size.as_deref())));
    let rest = panels.iter().filter(|panel| !placed.iter().any(|place| place.panel == panel.id));
    own.chain(rest.map(|panel| (panel, None))).collect()
}

#[derive(Default)]
pub struct DashboardQuery;

#[Object]
impl DashboardQuery {
    /// 所有屏 / Every screen.
    async fn dashboards(&self, ctx: &Context<'_>) -> Result<Vec<DashboardName>> {
        let request = request(ctx);
        let today = request.app().executor.today().map_err(Fault::from)?;
        let catalogue = request.app().rules.on(today).map_err(Fault::from)?;
        let named = catalogue.all::<Defined>().values();
        Ok(named
            .map(|one| DashboardName { code: one.id.clone(), name: (&one.name).into() })
            .collect())
    }

    /// 一块屏，所有数同一位置 / A screen: all its figures at one position.
    async fn dashboard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] code: String,
        #[graphql(desc = "截至日，默认为业务日 / Seen from this day; else the business day.")]
        day: Option<Date>,
        #[graphql(desc = "不用个人布局 / Not as the reader has arranged it.", default)]
        as_defined: bool,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Dashboard>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let app = request.app();
        let day = match day {
            Some(day) => day.0,
            None => app.executor.business_day().await.map_err(Fault::from)?,
        };
        let today = app.executor.today().map_err(Fault::from)?;
        let catalogue = app.rules.on(today).map_err(Fault::from)?;
        let Some(screen) = catalogue.all::<Defined>().get(&code) else { return Ok(None) };
        let facts = StoredFacts { session: &session, scope: &request.scope, as_of: None };
        let layout = if as_defined {
            None
        } else {
            desk::layout(&session, &request.scope, &code).map_err(Fault::from)?
        };
        let mut panels = Vec::with_capacity(screen.panels.len());
        for (panel, size) in arranged(&screen.panels, layout.as_ref()) {
            let asked = asked_by(panel, day);
            let mut answers = Vec::with_capacity(panel.indicators.len());
            for indicator in &panel.indicators {
                answers.push(shown(request, &facts, (&catalogue, None), indicator, &asked)?);
            }
            panels.push(DashboardPanel {
                code: panel.id.clone(),
                name: (&panel.name).into(),
                chart: panel.chart.word().to_owned(),
                size: size.unwrap_or(panel.size.word()).to_owned(),
                awaiting: panel.awaiting.clone(),
                answers,
            });
        }
        Ok(Some(Dashboard {
            code,
            name: (&screen.name).into(),
            day: day.into(),
            position: request.token(session.position()),
            panels,
        }))
    }
}
