//! Feeds, openings, cumulative figures, and how well banks and the office did.

use async_graphql::{Context, ID, Object, Result};
use projections::feeds::{self, FeedRow};
use projections::payments::{self, OpeningRow};
use projections::{lists, quality};

use crate::disbursement::feed::{Cumulative, Feed, Opening};
use crate::disbursement::quality::{BankQuality, Promptness};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::request::request;
use crate::scalars::{Position, YearMonth};

#[derive(Default)]
pub struct FeedQuery;

#[Object]
impl FeedQuery {
    /// 外部发放回流 / A feed.
    async fn feed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] id: ID,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Feed>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let id = Kind::Feed.local(&id)?;
        let row = lists::one::<FeedRow>(&session, &request.scope, &id).map_err(Fault::from)?;
        Ok(row.map(Feed::from))
    }

    /// 各回流及缺口 / Feeds and what is missing in them.
    async fn feeds(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<Feed>>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let rows = feeds::feeds(&session, &request.scope).map_err(Fault::from)?;
        Ok(Some(rows.into_iter().map(Feed::from).collect()))
    }

    /// 期初 / An opening.
    async fn opening(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] id: ID,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Opening>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let id = Kind::Opening.local(&id)?;
        let row = lists::one::<OpeningRow>(&session, &request.scope, &id).map_err(Fault::from)?;
        Ok(row.map(Opening::from))
    }

    /// 各项目期初 / Openings.
    async fn openings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<Opening>>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let rows = payments::openings(&session, &request.scope).map_err(Fault::from)?;
        Ok(Some(rows.into_iter().map(Opening::from).collect()))
    }

    /// 累计服务人数、人次和金额：首行为合计，其后各项目 / What was ever paid: all items first, then each.
    async fn cumulative(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<Cumulative>>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let all = payments::served(&session, &request.scope).map_err(Fault::from)?;
        let items = payments::served_by_item(&session, &request.scope).map_err(Fault::from)?;
        let items = items.iter().map(|(item, served)| Cumulative::of(Some(*item), served));
        Ok(Some(std::iter::once(Cumulative::of(None, &all)).chain(items).collect()))
    }

    /// 银行代发质量，按月和银行 / How banks did, by month and bank.
    async fn bank_quality(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "起始月 / From this month.")] from: YearMonth,
        #[graphql(desc = "终止月 / To this month.")] to: YearMonth,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<BankQuality>>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let rows = quality::banks(&session, &request.scope, from.0, to.0).map_err(Fault::from)?;
        Ok(Some(rows.iter().map(BankQuality::from).collect()))
    }

    /// 按时足额发放，按月和项目 / What was paid in full by its pay day, by month and item.
    async fn promptness(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "起始月 / From this month.")] from: YearMonth,
        #[graphql(desc = "终止月 / To this month.")] to: YearMonth,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<Promptness>>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let rows = quality::promptness(&session, &request.scope, from.0, to.0);
        let rows = rows.map_err(Fault::from)?;
        Ok(Some(rows.iter().map(Promptness::from).collect()))
    }
}
