//! Feeds: runs that another system paid; and what was paid before the cut-over.

use async_graphql::{ComplexObject, Context, ID, Result, SimpleObject};
use projections::feeds::{FeedRow, FeedRunRow, Gap};
use projections::lists::Only;
use projections::payments::{OpeningRow, Served};

use super::words::{FeedRunState, OpeningStage, RunType};
use crate::connection::{self, By, Paging, connection};
use crate::global_id::Kind;
use crate::scalars::{Date, DateTime, Long, Money, YearMonth};
use crate::view::{int, view};

view! {
    /// 外部发放回流：一个来源、一个项目、一个统筹区 / Runs of one source, item and area, in their order.
    complex struct Feed of row: FeedRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Feed.id(&row.feed),
        /// 回流编号 / The id as people write it.
        code: String = row.feed.clone(),
        /// 来源 / Who pays and feeds back.
        source: String = row.source.clone(),
        /// 项目编号 / The pay item's id.
        item_code: String = row.item.to_string(),
        /// 统筹区 / The pooling area.
        area: String = row.area.to_string(),
        /// 首批序号 / The first run that counts here.
        first_sequence: i32 = int(row.first),
        /// 下一应入账序号 / The next run that may be entered.
        next_sequence: i32 = int(row.next),
        /// 已到批次数 / Runs that are here.
        received: i32 = int(row.received),
        /// 已入账批次数 / Runs that are entered.
        entered: i32 = int(row.entered),
        /// 缺号数 / Runs that are missing.
        missing: Long = Long(row.missing()),
        /// 缺口，最早在前 / What is missing, the first one first.
        gaps: Vec<FeedGap> = row.gaps.iter().map(FeedGap::from).collect(),
    }
}

/// 批次缺口 / Sequence numbers that are missing, both ends counted.
#[derive(Debug, Clone, SimpleObject)]
pub struct FeedGap {
    /// 起 / The first one.
    pub first: i32,
    /// 止 / The last one.
    pub last: i32,
    /// 发现日 / The day on which a later run arrived.
    pub found_on: Date,
}

impl From<&Gap> for FeedGap {
    fn from(gap: &Gap) -> Self {
        Self { first: int(gap.from), last: int(gap.to), found_on: gap.found_on.into() }
    }
}

/// 外部发放批次 / One external run.
#[derive(Debug, Clone, SimpleObject)]
pub struct FeedRun {
    /// 序号 / Its sequence number.
    pub sequence: i32,
    /// 状态 / How far it got.
    pub state: FeedRunState,
    /// 等待的缺号 / The missing run that it waits for.
    pub blocked_by: Option<i32>,
    /// 来源编号 / The source's own number of it.
    pub reference: String,
    /// 月份 / The month.
    pub month: YearMonth,
    /// 批次类型 / Why it was made.
    pub run: RunType,
    /// 基金 / The fund.
    pub fund: String,
    /// 经办机构 / The agency.
    pub agency: String,
    /// 发放日 / The day on which it was paid.
    pub paid_on: Date,
    /// 笔数 / Lines.
    pub line_count: i32,
    /// 金额 / Its net total.
    pub total: Money,
    /// 明细摘要（SM3），已核对 / The digest over its lines, which was compared.
    pub digest: String,
    /// 文件 / The file.
    pub artefact_id: ID,
    /// 到达时刻 / When it arrived.
    pub received_at: DateTime,
    /// 发放计划 / The plan that it became.
    pub plan_id: Option<ID>,
}

impl FeedRun {
    fn of(feed: &FeedRow, row: FeedRunRow) -> Self {
        let waits = row.state == "received";
        Self {
            sequence: int(row.sequence),
            state: FeedRunState::stored(&row.state),
            blocked_by: feed.blocks(row.sequence).filter(|_| waits).map(int),
            reference: row.reference,
            month: row.month.into(),
            run: RunType::stored(&row.run.to_string()),
            fund: row.fund.to_string(),
            agency: row.agency.to_string(),
            paid_on: row.paid_on.into(),
            line_count: int(row.lines),
            total: row.total.into(),
            digest: row.digest,
            artefact_id: Kind::Artefact.id(row.artefact),
            received_at: row.received_at.into(),
            plan_id: row.plan.map(|plan| Kind::Plan.id(plan)),
        }
    }
}

connection!("外部发放批次", "external runs": FeedRunConnection FeedRunEdge of FeedRun);

#[ComplexObject]
impl Feed {
    /// 已到批次，按序号 / The runs that are here, in their order.
    async fn runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
    ) -> Result<FeedRunConnection> {
        let only = Only::equal("feed", &self.row.feed);
        let order = [By::up("sequence")];
        let paging = Paging::new(first, after, last, before);
        let page = connection::page_among::<FeedRunRow>(ctx, &only, &order, &paging).await?;
        let page = page.map(|row| FeedRun::of(&self.row, row));
        let total = connection::total_among::<FeedRunRow>(only);
        Ok(FeedRunConnection::new(page, total))
    }
}

view! {
    /// 期初：一个项目在一个统筹区上线前的累计 / What an item had paid in an area before its first run here.
    struct Opening of row: OpeningRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Opening.id(&row.opening),
        /// 期初编号 / The id as people write it.
        code: String = row.opening.clone(),
        /// 项目编号 / The pay item's id.
        item_code: String = row.item.to_string(),
        /// 统筹区 / The pooling area.
        area: String = row.area.to_string(),
        /// 截止日 / Up to this day.
        as_of: Date = row.as_of.into(),
        /// 累计人数 / Distinct people.
        people: i32 = int(row.people),
        /// 累计人次 / Payments.
        payments: Long = Long(row.payments),
        /// 累计金额 / Money.
        money: Money = row.money.into(),
        /// 佐证文件 / The list that proves it.
        artefact_id: ID = Kind::Artefact.id(row.artefact),
        /// 录入人 / Who entered it.
        entered_by: String = row.entered_by.clone(),
        /// 状态 / How it stands.
        stage: OpeningStage = OpeningStage::stored(&row.stage),
        /// 已结清应付笔数，不再发放 / Obligations that were settled: no run plans them again.
        settled: i32 = int(row.settled),
        /// 已结清应付金额 / Their money.
        settled_money: Money = row.settled_money.into(),
        /// 退票待重发笔数 / Obligations that had come back and wait.
        returned: i32 = int(row.returned),
        /// 退票待重发金额 / Their money.
        returned_money: Money = row.returned_money.into(),
    }
}

/// 累计人数、人次、金额 / People, payments and money.
#[derive(Debug, Clone, SimpleObject)]
pub struct Tally {
    /// 人数，去重 / Distinct people.
    pub people: Long,
    /// 人次 / Payments.
    pub payments: Long,
    /// 金额 / Money.
    pub money: Money,
}

impl From<(u64, u64, shared::Money)> for Tally {
    fn from((people, payments, money): (u64, u64, shared::Money)) -> Self {
        Self { people: Long(people), payments: Long(payments), money: money.into() }
    }
}

/// 累计服务：期初与上线后合计 / What was ever paid: before the cut-over and since.
#[derive(Debug, Clone, SimpleObject)]
pub struct Cumulative {
    /// 项目编号；合计行为空 / The pay item's id; none for all of them.
    pub item_code: Option<String>,
    /// 期初 / Before the cut-over, as the openings say.
    pub before: Tally,
    /// 上线后；期初已列明的人不再计 / Since; whom an opening names is not counted anew.
    pub since: Tally,
    /// 累计 / Together.
    pub total: Tally,
}

impl Cumulative {
    pub fn of(item: Option<shared::ItemId>, served: &Served) -> Self {
        Self {
            item_code: item.map(|item| item.to_string()),
            before: served.before.into(),
            since: served.since.into(),
            total: (served.people(), served.payments(), served.money()).into(),
        }
    }
}
