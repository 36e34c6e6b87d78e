//! Tables of persons, employers, cards and grants: handed in, watched, and their reports fetched.

use async_graphql::{
    ComplexObject, Context, Enum, ID, InputObject, Object, Result, SimpleObject, Subscription,
};
use commands::Language;
use commands::imports::StartImport;
use futures_util::{Stream, StreamExt};
use projections::imports::ImportRow;
use projections::lists;
use uuid::Uuid;

use crate::conditions::filter;
use crate::connection::{self, By, Paging, connection};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::live::live;
use crate::outcome::{inputs, mutations, payloads};
use crate::registry::{of_word, word};
use crate::request::{Request, request};
use crate::scalars::{DateTime, Long, Position};
use crate::view::{coded, int, view};

coded! {
    /// 导入内容 / What a table lists.
    ImportKind {
        /// 人员 / Persons.
        Persons "persons",
        /// 单位 / Employers.
        Employers "employers",
        /// 社保卡 / Cards.
        Cards "cards",
        /// 待遇 / Grants.
        Grants "grants",
    }
    /// 文件格式 / How its bytes are read.
    ImportFormat {
        /// CSV（UTF-8） / CSV in UTF-8.
        Csv "csv",
        /// CSV（GB18030） / CSV in GB18030.
        CsvGb18030 "csv_gb18030",
        /// Excel 工作簿 / An XLSX workbook.
        Xlsx "xlsx",
    }
    /// 导入状态 / How far an import is.
    ImportStage {
        /// 导入中 / Rows are being taken.
        Taking "taking",
        /// 已完成 / Every row is told in the report.
        Finished "finished",
        /// 文件不合格 / No row could be read of the file.
        Refused "refused",
    }
}

/// 文件的一处错误 / One thing that is wrong with a file as a whole.
#[derive(Debug, Clone, PartialEq, SimpleObject)]
pub struct ImportFault {
    /// 行号，含表头 / The row, the header counted.
    row: Option<i32>,
    /// 规则 / The rule.
    rule: String,
    /// 说明，按调用者的语言 / What it says, in the caller's language.
    message: String,
}

view! {
    /// 一次导入 / A table on its way in.
    complex struct Import of row: ImportRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Import.id(row.import),
        /// 导入内容 / What it lists.
        kind: ImportKind = ImportKind::stored(&word(&row.kind)),
        /// 文件格式 / How it is read.
        format: ImportFormat = ImportFormat::stored(&word(&row.format)),
        /// 状态 / How far it is.
        stage: ImportStage = ImportStage::stored(row.state.code()),
        /// 经办人 / Who handed it in.
        by: String = row.by.clone(),
        /// 原文件 / The file; its link comes from `fileLink`.
        artefact_id: ID = Kind::Artefact.id(row.file),
        /// 逐行报告，完成后可下载 / The report of every row, once it is finished.
        report_id: Option<ID> = row.report.map(|report| Kind::Artefact.id(report)),
        /// 已处理行数 / Rows that are done.
        rows: Long = Long(row.rows_read),
        /// 已接收行数 / Rows that were taken.
        accepted: Long = Long(row.accepted),
        /// 重复行数 / Rows that were known before, or stand twice in the file.
        known: Long = Long(row.known),
        /// 被拒行数 / Rows that were refused.
        refused: Long = Long(row.refused),
        /// 开始时刻 / When it was handed in.
        started_at: DateTime = row.started_at.into(),
        /// 结束时刻 / When it ended.
        ended_at: Option<DateTime> = row.ended_at.map(Into::into),
    }
}

#[ComplexObject]
impl Import {
    /// 整个文件的错误 / What is wrong with the file as a whole.
    async fn faults(&self, ctx: &Context<'_>) -> Vec<ImportFault> {
        let zh = request(ctx).language == Language::Zh;
        let faults = self.row.faults.iter();
        faults
            .map(|fault| ImportFault {
                row: fault.row.map(int),
                rule: fault.rule.clone(),
                message: if zh { fault.zh.clone() } else { fault.en.clone() },
            })
            .collect()
    }
}

connection!("导入", "imports": ImportConnection ImportEdge of Import);

filter! {
    /// 导入条件 / Which imports.
    ImportWhere {
        /// 导入内容 / Of this sort.
        kind: ImportKind => |kind| Only::equal("kind", &kind.code().to_owned()),
        /// 状态 / In this stage.
        stage: ImportStage => |stage| Only::equal("state", &stage.code().to_owned()),
        /// 经办人 / Handed in by this person.
        by: String => |by| Only::equal("by", by),
    }
}

/// 导入排序字段 / What imports are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ImportOrderField {
    /// 开始时刻 / When they were handed in.
    StartedAt,
    /// 行数 / Their rows.
    Rows,
}

/// 排序 / One column of an order.
#[derive(Debug, Clone, Copy, InputObject)]
pub struct ImportOrderInput {
    /// 字段 / By what.
    pub field: ImportOrderField,
    /// 降序 / From the largest down.
    #[graphql(default)]
    pub descending: bool,
}

/// 导入的变化 / An import as it stands now.
#[derive(SimpleObject)]
pub struct ImportChange {
    /// 到此位置 / At this position.
    position: Position,
    /// 导入 / The import.
    import: Option<Import>,
}

fn one(
    request: &Request,
    session: &projections::ReadSession,
    import: &Uuid,
) -> std::result::Result<Option<ImportRow>, Fault> {
    Ok(lists::one::<ImportRow>(session, &request.scope, import)?)
}

#[derive(Default)]
pub struct ImportQuery;

#[Object]
impl ImportQuery {
    /// 一次导入 / An import.
    async fn import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] id: ID,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Import>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let import = Kind::Import.parse(&id)?;
        Ok(one(request, &session, &import)?.map(Import::from))
    }

    /// 各次导入，最近的在前 / Imports, the newest first.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn imports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条件 / Which imports.")] r#where: Option<ImportWhere>,
        #[graphql(desc = "排序 / In which order.")] order_by: Option<Vec<ImportOrderInput>>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<ImportConnection>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let only = r#where.unwrap_or_default().only()?;
        let newest =
            vec![ImportOrderInput { field: ImportOrderField::StartedAt, descending: true }];
        let asked = order_by.unwrap_or(newest);
        let mut order: Vec<By> = asked
            .iter()
            .map(|each| {
                let column = match each.field {
                    ImportOrderField::StartedAt => "started_at",
                    ImportOrderField::Rows => "rows_read",
                };
                By { column, descending: each.descending }
            })
            .collect();
        order.push(By::up("import"));
        let paging = Paging::new(first, after, last, before);
        let page = connection::page::<ImportRow>(request, &session, &only, &order, &paging)?;
        let total = connection::total::<ImportRow>(request, session, only);
        Ok(Some(ImportConnection::new(page, total)))
    }
}

inputs! {
    /// 导入表格 / Hands in a table.
    ImportStartInput {
        /// 导入内容 / What it lists.
        kind: ImportKind,
        /// 文件格式 / How its bytes are read.
        format: ImportFormat,
        /// 已上传文件的编号 / The id that `POST /files` answered.
        artefact_id: ID,
    }
}

fn started(
    request: &Request,
    session: &projections::ReadSession,
    import: &Uuid,
) -> std::result::Result<Option<Import>, Fault> {
    Ok(one(request, session, import)?.map(Import::from))
}

payloads! {
    /// 导入表格的结果 / What came of handing in a table.
    ImportStartPayload(Uuid) {
        /// 导入，逐行办理在后台进行 / The import; its rows are taken behind this answer.
        import: Import = started,
    }
}

mutations! { ImportMutation {
    /// 导入表格：逐行办理，不合格的行不影响其他行 / Hands in a table: row by row, and a refused row blocks no other.
    import_start(ImportStartInput) -> ImportStartPayload = |app, envelope, input| {
        let order = StartImport {
            kind: of_word(input.kind.code())?,
            format: of_word(input.format.code())?,
            file: Kind::Artefact.parse(&input.artefact_id)?,
        };
        app.imports.start(envelope, &*app.artefacts, &order).await
    },
} }

#[derive(Default)]
pub struct ImportSubscription;

#[Subscription]
impl ImportSubscription {
    /// 导入的进度 / An import, whenever it gets on.
    async fn import_changed<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "编号 / Its id.")] id: ID,
        #[graphql(desc = "在此位置之后 / From behind this position.")] after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<ImportChange>> + use<'a>> {
        let import: Uuid = Kind::Import.parse(&id)?;
        let rows = live(ctx, after, move |request, session| one(request, session, &import))?;
        Ok(rows.map(|row| {
            row.map(|(position, row)| ImportChange { position, import: row.map(Import::from) })
        }))
    }
}
