//! An item-period: one pay item in one month in one pooling area.

use async_graphql::{ComplexObject, Context, ID, Result};
use projections::runs::{CertificateRow, PeriodRow, ReopeningRow};

use super::certificate::Certificate;
use super::plan::Plan;
use super::words::PeriodStage;
use crate::batches::load;
use crate::definitions::Item;
use crate::global_id::Kind;
use crate::reads::{CertificatesOf, PlansOf, ReopeningsOf};
use crate::request::request;
use crate::scalars::{DateTime, YearMonth};
use crate::view::{Viewed, int, view};

view! {
    /// 项目账期：一个项目在一个统筹区的一个月 / One pay item in one month in one pooling area.
    complex struct Period of row: PeriodRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Period.id(&row.period),
        /// 账期编号 / The id as people write it.
        code: String = row.period.clone(),
        /// 项目编号 / The pay item's id.
        item_code: String = row.item.to_string(),
        /// 月份 / The month.
        month: YearMonth = row.month.into(),
        /// 统筹区 / The pooling area.
        area: String = row.area.to_string(),
        /// 状态 / How it stands.
        stage: PeriodStage = PeriodStage::stored(&row.stage),
        /// 上月未关而开启的原因 / Why it opened although the month before was open.
        exception: Option<String> = row.exception.clone(),
        /// 关闭人 / Who closed it.
        closed_by: Option<String> = row.closed_by.clone(),
        /// 最近一份核证表的序号 / The number of its last certificate.
        certificate_number: Option<i32> = row.certificate.map(int),
    }
}

view! {
    /// 账期重开：一人申请，另一人批准 / A closed item-period that one person asks to reopen, and another reopens.
    struct Reopening of row: ReopeningRow {
        /// 序号 / Its number, from 1.
        number: i32 = int(row.number),
        /// 申请人 / Who asked.
        asked_by: String = row.asked_by.clone(),
        /// 申请时刻 / When.
        asked_at: DateTime = row.asked_at.into(),
        /// 原因 / Why.
        reason: String = row.reason.clone(),
        /// 批准人；未批准为空 / Who reopened it; none while it waits.
        reopened_by: Option<String> = row.reopened_by.clone(),
        /// 批准时刻 / When.
        reopened_at: Option<DateTime> = row.reopened_at.map(DateTime),
        /// 原核证表序号 / The certificate that it had been closed on.
        certificate_number: Option<i32> = row.certificate.map(int),
    }
}

#[ComplexObject]
impl Period {
    /// 项目定义 / The pay item as it was defined in that month.
    async fn item(&self, ctx: &Context<'_>) -> Result<Option<Item>> {
        Ok(Item::on(request(ctx), self.row.item, self.row.month.last_day())?)
    }

    /// 发放计划 / Its plans.
    async fn plans(&self, ctx: &Context<'_>) -> Result<Vec<Plan>> {
        self.present_only(request(ctx))?;
        let rows = load(ctx, PlansOf(self.row.period.clone())).await?;
        Ok(rows.into_iter().map(Plan::from).collect())
    }

    /// 重开申请与批准 / Who asked to reopen it, and who did.
    async fn reopenings(&self, ctx: &Context<'_>) -> Result<Vec<Reopening>> {
        let rows: Vec<ReopeningRow> = match &self.ahead.past {
            Some(past) => past.all()?,
            None => load(ctx, ReopeningsOf(self.row.period.clone())).await?,
        };
        Ok(rows.into_iter().map(Reopening::from).collect())
    }

    /// 核证表 / Its certificates, the first one first; a reopening leaves them readable.
    async fn certificates(&self, ctx: &Context<'_>) -> Result<Vec<Certificate>> {
        let rows: Vec<CertificateRow> = match &self.ahead.past {
            Some(past) => past.all()?,
            None => load(ctx, CertificatesOf(self.row.period.clone())).await?,
        };
        rows.into_iter().map(|row| Ok(Certificate::read(row)?)).collect()
    }
}
