//! Reasons of a stop, as the definitions list them.

use async_graphql::{Context, Object, Result, SimpleObject};
use definitions::kinds::stop::{Months, Stop};

use crate::definitions::{BilingualText, on_day};
use crate::fault::Fault;
use crate::request::{Request, request};
use crate::scalars::Date;
use crate::view::coded;

coded! {
    /// 停发月份如何处理 / What becomes of the months of a stop.
    StopMonths {
        /// 应予补发 / Each is owed.
        Owed "owed",
        /// 不予补发 / None is owed.
        Forfeited "forfeited",
        /// 由续发时确定 / Whoever lifts it decides.
        Decided "decided",
    }
}

/// 暂停原因 / Why a grant can be stopped.
#[derive(Debug, Clone, SimpleObject)]
pub struct StopReason {
    /// 代码 / Its code.
    code: String,
    /// 名称 / Its name.
    name: BilingualText,
    /// 停发月份如何处理 / What becomes of the months.
    months: StopMonths,
    /// 依据 / Where it is laid down.
    source: String,
}

impl From<&Stop> for StopReason {
    fn from(stop: &Stop) -> Self {
        Self {
            code: stop.id.to_string(),
            name: (&stop.name).into(),
            months: match stop.months {
                Months::Owed => StopMonths::Owed,
                Months::Forfeited => StopMonths::Forfeited,
                Months::Decided => StopMonths::Decided,
            },
            source: stop.source.clone(),
        }
    }
}

impl StopReason {
    /// As it is defined today; none where it is no more.
    ///
    /// # Errors
    /// When the definitions cannot be read.
    pub fn today(
        request: &Request,
        code: shared::StopReason,
    ) -> std::result::Result<Option<Self>, Fault> {
        let rules = on_day(request, None)?;
        Ok(rules.all::<Stop>().get(&code).map(Self::from))
    }
}

#[derive(Default)]
pub struct StopReasonQuery;

#[Object]
impl StopReasonQuery {
    /// 暂停原因 / Reasons of a stop.
    async fn stop_reasons(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "在此日有效，默认今天 / As defined on this day; today unless given.")]
        on: Option<Date>,
    ) -> Result<Option<Vec<StopReason>>> {
        let rules = on_day(request(ctx), on)?;
        Ok(Some(rules.all::<Stop>().values().map(StopReason::from).collect()))
    }
}
