//! The schema: the roots of all contexts together, and `node`.

use async_graphql::{
    Context, ID, Interface, MergedObject, MergedSubscription, Object, Result, Schema,
};
use kernel::StreamName;
use projections::{books, cards, cases, employers, feeds, grants, lists, payments, people, runs};

use crate::access::{AccessQuery, AccessRecord, record_by_id};
use crate::audit::{
    Event, EventQuery, InboxMutation, InboxQuery, InboxSubscription, StatusQuery,
    StatusSubscription, event_by_id,
};
use crate::benefits::{Grant, GrantMutation, GrantQuery, StopReasonQuery};
use crate::calls::Calls;
use crate::cards::{AddressMutation, AddressQuery, Card, CardMutation, CardQuery, PayAddress};
use crate::definitions::{Definition, DefinitionMutation, DefinitionQuery, ItemQuery};
use crate::desk::{DeskMutation, DeskQuery, Note};
use crate::disbursement::cases::{
    Comparison, ComparisonEntry, Deduction, HeirsCase, Obligation, PastHold, Recovery, ReturnCase,
    Stop, entry_key, hold_key, stop_key,
};
use crate::disbursement::{
    Batch, BatchMutation, Book, BookMutation, DifferenceMutation, DisbursementQuery,
    DisbursementSubscription, ExchangeMutation, Exclusion, Feed, FeedMutation, Line, MoneyMutation,
    Opening, OpeningMutation, PayCaseMutation, Period, PeriodMutation, Plan, PlanMutation, Reply,
    ReplyMutation, RestorationMutation, Statement, Voucher,
};
use crate::exports::{ExportMutation, ExportQuery};
use crate::fault::{Fault, Words};
use crate::files::FileLink;
use crate::global_id::{Kind, split};
use crate::imports::{Import, ImportMutation, ImportQuery, ImportSubscription};
use crate::indicators::{DashboardQuery, IndicatorQuery, IndicatorSubscription};
use crate::registry::{
    DeathListMutation, DeathMutation, Division, DivisionQuery, Employer, EmployerMutation,
    EmployerQuery, Grid, ListMutation, ListQuery, Organisation, Person, PersonMutation,
    PersonQuery,
};
use crate::request::request;
use crate::scalars::Position;
use crate::tags::{TagMutation, TagQuery};
use crate::warnings::{Warning, WarningMutation, WarningQuery, WarningSubscription};

/// 有全局编号的对象 / Anything with a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "&ID", desc = "全局编号 / The global id."))]
pub enum Node {
    Person(Person),
    Employer(Employer),
    Organisation(Organisation),
    Division(Division),
    Grid(Grid),
    Card(Card),
    PayAddress(PayAddress),
    Grant(Grant),
    Definition(Definition),
    Period(Period),
    Plan(Plan),
    Exclusion(Exclusion),
    Line(Line),
    Batch(Batch),
    Reply(Reply),
    Book(Book),
    Voucher(Voucher),
    Statement(Statement),
    Feed(Feed),
    Opening(Opening),
    Event(Event),
    AccessRecord(AccessRecord),
    ReturnCase(ReturnCase),
    Obligation(Obligation),
    HeirsCase(HeirsCase),
    Recovery(Recovery),
    Deduction(Deduction),
    Comparison(Comparison),
    ComparisonEntry(ComparisonEntry),
    Stop(Stop),
    PastHold(PastHold),
    Import(Import),
    Warning(Warning),
    Note(Note),
}

#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// 按全局编号取任何对象 / Anything by its global id.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "全局编号 / The global id.")] id: ID,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Node>> {
        let _ = at_least;
        let (kind, local) =
            split(&id).ok_or_else(|| Fault::bad_input("不是全局编号 / not a global id"))?;
        Ok(node(ctx, kind, &local, &id).await?)
    }
}

async fn node(
    ctx: &Context<'_>,
    kind: Kind,
    local: &str,
    id: &ID,
) -> std::result::Result<Option<Node>, Fault> {
    let request = request(ctx);
    let session = request.session(ctx).await?;
    let session = &*session;
    let (text, scope) = (local.to_owned(), &request.scope);
    macro_rules! by_key {
        ($row:ty, $node:ident, $key:expr) => {
            lists::one::<$row>(session, scope, &$key)?.map(|row| Node::$node(row.into()))
        };
    }
    Ok(match kind {
        Kind::Person => by_key!(people::PersonRow, Person, kind.parse(id)?),
        Kind::Employer => by_key!(employers::EmployerRow, Employer, kind.parse(id)?),
        Kind::Organisation => {
            by_key!(employers::OrganisationRow, Organisation, kind.parse(id)?)
        }
        Kind::Division => {
            let today = request.app().executor.today()?;
            Division::published(kind.parse(id)?, today).map(Node::Division)
        }
        Kind::Grid => by_key!(employers::GridRow, Grid, kind.parse(id)?),
        Kind::Card => by_key!(cards::CardRow, Card, kind.parse(id)?),
        Kind::PayAddress => {
            cards::address(session, scope, kind.parse(id)?)?.map(|row| Node::PayAddress(row.into()))
        }
        Kind::Grant => by_key!(grants::GrantRow, Grant, kind.parse(id)?),
        Kind::Definition => {
            let mut parts = local.rsplitn(2, '/');
            let (Some(version), Some(rest)) = (parts.next(), parts.next()) else {
                return Ok(None);
            };
            let Some((sort, code)) = rest.split_once('/') else { return Ok(None) };
            let Ok(version) = version.parse::<u32>() else { return Ok(None) };
            let key = (sort.to_owned(), code.to_owned(), version);
            by_key!(projections::rulebook::DefinitionRow, Definition, key)
        }
        Kind::Period => by_key!(runs::PeriodRow, Period, text),
        Kind::Plan => by_key!(runs::PlanRow, Plan, text),
        Kind::Exclusion => {
            let Some((plan, grant)) = local.rsplit_once('/') else { return Ok(None) };
            let Ok(grant) = grant.parse::<shared::GrantId>() else { return Ok(None) };
            let asked = lists::Page {
                only: &lists::Only::equal("grant_id", &grant),
                order: &[lists::By::up("grant_id")],
                after: None,
                before: None,
                backward: false,
                limit: 1,
            };
            let found = payments::excluded(session, scope, plan, &asked)?;
            found.into_iter().next().map(|row| Node::Exclusion(row.into()))
        }
        Kind::Line => by_key!(payments::LineRow, Line, kind.parse(id)?),
        Kind::Batch => by_key!(runs::BatchRow, Batch, text),
        Kind::Reply => by_key!(runs::ReplyRow, Reply, kind.parse(id)?),
        Kind::Book => by_key!(books::BookRow, Book, text),
        Kind::Voucher => {
            let Some((book, number)) = local.rsplit_once('/') else { return Ok(None) };
            let Ok(number) = number.parse::<u64>() else { return Ok(None) };
            by_key!(books::VoucherRow, Voucher, (book.to_owned(), number))
        }
        Kind::Statement => by_key!(books::StatementRow, Statement, text),
        Kind::Feed => by_key!(feeds::FeedRow, Feed, text),
        Kind::Opening => by_key!(payments::OpeningRow, Opening, text),
        Kind::Event => event_by_id(ctx, kind.parse(id)?).await?.map(Node::Event),
        Kind::AccessRecord => record_by_id(request, local).await?.map(Node::AccessRecord),
        Kind::ReturnCase => by_key!(cases::ReturnRow, ReturnCase, kind.parse(id)?),
        Kind::Obligation => by_key!(cases::ObligationRow, Obligation, kind.parse(id)?),
        Kind::HeirsCase => by_key!(cases::HeirsRow, HeirsCase, kind.parse(id)?),
        Kind::Recovery => by_key!(cases::RecoveryRow, Recovery, kind.parse(id)?),
        Kind::Deduction => by_key!(cases::DeductionRow, Deduction, text),
        Kind::Comparison => by_key!(cases::ComparisonRow, Comparison, text),
        Kind::ComparisonEntry => {
            by_key!(cases::ComparisonEntryRow, ComparisonEntry, entry_key(local)?)
        }
        Kind::Stop => by_key!(grants::GrantStopRow, Stop, stop_key(local)?),
        Kind::PastHold => by_key!(cases::HoldRow, PastHold, hold_key(local)?),
        Kind::Import => by_key!(projections::imports::ImportRow, Import, kind.parse(id)?),
        Kind::Warning => {
            by_key!(projections::warnings::WarningRow, Warning, kind.parse(id)?)
        }
        Kind::Note => by_key!(projections::desk::NoteRow, Note, kind.parse(id)?),
        Kind::CardApplication | Kind::Artefact => None,
    })
}

#[derive(Default)]
pub struct FileMutation;

#[Object]
impl FileMutation {
    /// 申请一次性下载链接 / Asks for a link that gives a file once, to the acting person only.
    async fn file_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "文件编号或摘要 / The file's id or digest.")] artefact_id: ID,
    ) -> Result<FileLink> {
        let request = request(ctx);
        let artefact: shared::ArtefactId = Kind::Artefact.parse(&artefact_id)?;
        // Only what the log knows of may leave.
        let stream = StreamName::new("artefact", artefact);
        let log = request.app().executor.log();
        let known =
            log.read_stream(&stream, kernel::Revision::NONE, kernel::Limit::events(1)).await;
        let size = request.app().artefacts.size(artefact).await.map_err(Fault::from)?;
        if known.map_err(Fault::from)?.is_empty() && size.is_none() {
            return Err(Fault::new("ARTEFACT_ABSENT", artefact.to_string()).into());
        }
        Ok(request.state.tickets.issue(request, artefact))
    }
}

// Merged objects nest one into the next: a root of groups is less deep than a root of all.

/// 查询 / What can be asked.
#[derive(MergedObject, Default)]
pub struct Query(NodeQuery, RegisterQuery, DisbursementQuery, FigureQuery, OfficeQuery, AuditQuery);

#[derive(MergedObject, Default)]
struct RegisterQuery(
    PersonQuery,
    EmployerQuery,
    ListQuery,
    DivisionQuery,
    CardQuery,
    AddressQuery,
    GrantQuery,
    ItemQuery,
    StopReasonQuery,
    DefinitionQuery,
);

#[derive(MergedObject, Default)]
struct FigureQuery(IndicatorQuery, DashboardQuery, TagQuery, WarningQuery);

#[derive(MergedObject, Default)]
struct OfficeQuery(InboxQuery, ImportQuery, ExportQuery, DeskQuery);

#[derive(MergedObject, Default)]
struct AuditQuery(EventQuery, StatusQuery, AccessQuery);

/// 办理 / What can be done.
#[derive(MergedObject, Default)]
pub struct Mutation(RegisterMutation, PayMutation, MoneySideMutation, RuleMutation, OfficeMutation);

#[derive(MergedObject, Default)]
struct RegisterMutation(
    PersonMutation,
    DeathMutation,
    DeathListMutation,
    EmployerMutation,
    ListMutation,
    CardMutation,
    AddressMutation,
    GrantMutation,
);

#[derive(MergedObject, Default)]
struct PayMutation(
    PlanMutation,
    BatchMutation,
    ExchangeMutation,
    ReplyMutation,
    PeriodMutation,
    PayCaseMutation,
);

#[derive(MergedObject, Default)]
struct MoneySideMutation(
    BookMutation,
    DifferenceMutation,
    MoneyMutation,
    FeedMutation,
    OpeningMutation,
    RestorationMutation,
);

#[derive(MergedObject, Default)]
struct RuleMutation(DefinitionMutation, TagMutation, WarningMutation);

#[derive(MergedObject, Default)]
struct OfficeMutation(InboxMutation, FileMutation, ImportMutation, ExportMutation, DeskMutation);

/// 订阅 / What can be watched.
#[derive(MergedSubscription, Default)]
pub struct Subscription(
    DisbursementSubscription,
    InboxSubscription,
    StatusSubscription,
    IndicatorSubscription,
    WarningSubscription,
    ImportSubscription,
);

/// Without any data: every operation brings its own.
pub fn schema() -> Schema<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .extension(Calls)
        .extension(Words)
        .finish()
}
