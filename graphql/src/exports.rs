//! Lists that leave as tables: made as an artefact, taken once by a link, and on the access log.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use commands::artefacts::{Artefact, Command, Kind as Sort, Receipt};
use commands::{Artefacts, CommandError, Done, Envelope, Executor, Language, Refused};
use projections::exports::{self, ExportError, Format, List, Narrow, Tables};
use projections::{ReadSession, Scope, TrainHandle};
use serde::{Deserialize, Serialize};
use shared::ArtefactId;
use tokio::sync::mpsc;

use crate::files::FileLink;
use crate::global_id::Kind;
use crate::outcome::{Outcome, coded, inputs, payloads};
use crate::request::Request;
use crate::scalars::{Long, YearMonth};

/// A million rows of half a kilobyte.
const BYTES_MAX: u64 = 512 * 1024 * 1024;
/// What is handed to the store at once, and how many of them wait for it.
const PIECE_BYTES: usize = 64 * 1024;
const PIECES_MAX: usize = 4;

/// What makes tables of lists.
#[derive(Clone)]
pub struct Exporter {
    pub executor: Executor,
    pub train: TrainHandle,
    pub artefacts: Arc<dyn Artefacts>,
    pub tables: Arc<dyn Tables>,
}

/// A list on its way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub list: String,
    pub format: Format,
    pub narrow: Narrow,
    /// Whether the titles are Chinese.
    pub chinese: bool,
}

/// A table that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    pub artefact: ArtefactId,
    pub file_name: String,
    pub rows: u64,
    pub bytes: u64,
}

impl Exporter {
    /// Makes a table of what the scope shows and puts it among the artefacts. It leaves when
    /// somebody takes it, and that is recorded.
    ///
    /// # Errors
    /// A list that there is not, that cannot be narrowed so, or that is too large.
    pub async fn make(
        &self,
        envelope: &Envelope,
        scope: Scope,
        asked: &Asked,
    ) -> std::result::Result<Done<Made>, CommandError> {
        let list = exports::list(&asked.list).ok_or_else(|| no_list(&asked.list))?;
        if let Some(refused) = list.refuses(&asked.narrow) {
            return Err(not_made(refused));
        }
        let (rows, stored) = self.write(list, scope, asked.clone()).await?;
        let file_name = format!("{}.{}", asked.list, asked.format.extension());
        let (artefact, bytes) = (stored.id, stored.bytes);
        let made = Made { artefact, file_name, rows, bytes };
        self.executor
            .run(envelope, "export.make", asked, async |unit| {
                let receipt = Receipt {
                    id: made.artefact,
                    kind: Sort::Export,
                    bytes: made.bytes,
                    name_hint: Some(made.file_name.clone()),
                    by: unit.envelope().actor.clone(),
                };
                unit.decide::<Artefact>(made.artefact, Command::Receive(receipt)).await?;
                Ok(made.clone())
            })
            .await
    }

    /// Rows are read on a thread that may block, and go to the store piece by piece.
    async fn write(
        &self,
        list: &'static dyn List,
        scope: Scope,
        asked: Asked,
    ) -> std::result::Result<(u64, commands::StoredArtefact), CommandError> {
        let (out, mut pieces) = mpsc::channel(PIECES_MAX);
        let (train, tables) = (self.train.clone(), Arc::clone(&self.tables));
        let reading = tokio::task::spawn_blocking(move || {
            let session = train.session().map_err(ExportError::View).map_err(Unwritten::List)?;
            rows(&session, &scope, &*tables, list, &asked, Pieces { out, piece: Vec::new() })
        });
        let mut incoming = self.artefacts.begin(BYTES_MAX).await?;
        while let Some(piece) = pieces.recv().await {
            let piece: Vec<u8> = piece;
            incoming.write(&piece).await?;
        }
        let rows = reading.await.map_err(|fault| broken(&fault))?;
        let rows = rows.map_err(|unwritten| match unwritten {
            Unwritten::List(fault) => not_made(fault),
            Unwritten::Out(fault) => broken(&fault),
        })?;
        Ok((rows, incoming.finish().await?))
    }
}

enum Unwritten {
    List(ExportError),
    Out(io::Error),
}

fn rows(
    session: &ReadSession,
    scope: &Scope,
    tables: &dyn Tables,
    list: &dyn List,
    asked: &Asked,
    out: Pieces,
) -> std::result::Result<u64, Unwritten> {
    let titles: Vec<&str> =
        list.titles().into_iter().map(|(zh, en)| if asked.chinese { zh } else { en }).collect();
    let writer = tables.begin(asked.format, &titles, Box::new(out));
    let mut writer = writer.map_err(Unwritten::Out)?;
    let mut broken = None;
    let count = list
        .rows(session, scope, &asked.narrow, &mut |cells| match writer.row(cells) {
            Ok(()) => ControlFlow::Continue(()),
            Err(fault) => {
                broken = Some(fault);
                ControlFlow::Break(())
            }
        })
        .map_err(Unwritten::List)?;
    if let Some(fault) = broken {
        return Err(Unwritten::Out(fault));
    }
    writer.finish().map_err(Unwritten::Out)?;
    Ok(count)
}

/// Hands pieces of a fixed size to whoever stores them; what is left goes when it is dropped.
struct Pieces {
    out: mpsc::Sender<Vec<u8>>,
    piece: Vec<u8>,
}

impl Pieces {
    fn hand_over(&mut self) -> io::Result<()> {
        let piece = std::mem::take(&mut self.piece);
        if piece.is_empty() {
            return Ok(());
        }
        self.out.blocking_send(piece).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.hand_over()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hand_over()
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        // Nobody stores it any more: whoever waits for the rows is told by them.
        let _unheard = self.hand_over();
    }
}

fn broken(fault: &impl ToString) -> CommandError {
    CommandError::Fault { what: fault.to_string() }
}

fn no_list(name: &str) -> CommandError {
    Refused::new(
        "EXPORT_LIST_UNKNOWN",
        format!("没有名为 {name} 的清单，可导出的清单见 exportLists"),
        format!("there is no list {name}: exportLists names those that may leave"),
    )
    .field("list")
    .into()
}

fn not_made(fault: ExportError) -> CommandError {
    match fault {
        ExportError::NotNarrowed { list, by } => Refused::new(
            "EXPORT_NOT_NARROWED",
            format!("清单 {list} 不能按 {by} 筛选，请去掉该条件"),
            format!("the list {list} cannot be narrowed by {by}: leave that out"),
        )
        .field("narrow")
        .into(),
        ExportError::TooLarge => Refused::new(
            "EXPORT_TOO_LARGE",
            format!("清单超过 {} 行，请按 exportLists 所列条件筛选后分次导出", exports::ROWS_MAX),
            format!("the list has more than {} rows: narrow it", exports::ROWS_MAX),
        )
        .field("narrow")
        .into(),
        ExportError::View(fault) => {
            CommandError::Unavailable { what: fault.to_string(), retryable: true }
        }
    }
}

/// 导出格式 / How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ExportFormat {
    /// CSV，UTF-8 / Values with commas, UTF-8.
    Csv,
    /// Excel 工作簿 / A workbook.
    Xlsx,
}

/// 可导出的清单 / A list that may leave.
#[derive(Debug, Clone, SimpleObject)]
pub struct ExportList {
    /// 名称，导出时填写 / The word to ask for it.
    pub name: String,
    /// 中文名 / What it is called in Chinese.
    pub name_zh: String,
    /// 英文名 / What it is called in English.
    pub name_en: String,
    /// 各列标题 / The titles of its columns, in the caller's language.
    pub columns: Vec<String>,
    /// 可用的筛选 / By what it may be narrowed.
    pub narrowed_by: Vec<String>,
}

#[derive(Default)]
pub struct ExportQuery;

#[Object]
impl ExportQuery {
    /// 可导出为 CSV 或 XLSX 的清单 / The lists that may leave as CSV or XLSX.
    async fn export_lists(&self, ctx: &Context<'_>) -> Result<Vec<ExportList>> {
        let chinese = crate::request::request(ctx).language == Language::Zh;
        let listed = |list: &'static dyn List| {
            let (zh, en) = list.called();
            let titles = list.titles().into_iter();
            ExportList {
                name: list.name().to_owned(),
                name_zh: zh.to_owned(),
                name_en: en.to_owned(),
                columns: titles
                    .map(|(zh, en)| (if chinese { zh } else { en }).to_owned())
                    .collect(),
                narrowed_by: list.narrowed_by().into_iter().map(str::to_owned).collect(),
            }
        };
        Ok(exports::all().map(listed).collect())
    }
}

inputs! {
    /// 导出清单 / Makes a table of a list.
    ExportMakeInput {
        /// 清单名称，见 exportLists / The list's name: exportLists tells them.
        list: String,
        /// 格式 / How it is written.
        format: ExportFormat,
        /// 仅此月份 / Of this month.
        month: Option<YearMonth>,
        /// 仅此项目 / Of this pay item.
        item_code: Option<String>,
        /// 仅此银行 / Of this bank.
        bank: Option<String>,
        /// 仅此账套 / Of this book.
        book_id: Option<ID>,
        /// 仅此标签 / Of this tag.
        tag: Option<String>,
        /// 仅此预警规则 / Raised by this warning rule.
        rule: Option<String>,
    }
}

payloads! {
    /// 导出的结果 / What came of an export.
    ExportMakePayload(Made) {
        /// 一次性下载链接，下载即登记 / A link that gives the file once; taking it is recorded.
        link: FileLink = link,
        ;
        /// 文件编号 / The file's id.
        artefact_id: ID => |made| Kind::Artefact.id(made.artefact),
        /// 文件名 / A name for it.
        file_name: String => |made| made.file_name.clone(),
        /// 行数，不含标题 / Rows, without the titles.
        rows: Long => |made| Long(made.rows),
        /// 字节数 / Bytes.
        bytes: Long => |made| Long(made.bytes),
    }
}

fn link(
    request: &Request,
    _: &ReadSession,
    made: &Made,
) -> std::result::Result<Option<FileLink>, crate::fault::Fault> {
    Ok(Some(request.state.tickets.issue(request, made.artefact)))
}

#[derive(Default)]
pub struct ExportMutation;

#[Object]
impl ExportMutation {
    /// 导出清单为 CSV 或 XLSX / Makes a table of a list, within what the acting person may see.
    async fn export_make(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: ExportMakeInput,
    ) -> Result<ExportMakePayload> {
        let request = crate::request::request(ctx);
        let envelope = input.command.envelope(request)?;
        let item = input.item_code.map(|item| coded(&item, "项目编号", "the id of a pay item"));
        let bank = input.bank.map(|bank| coded(&bank, "银行", "a bank"));
        let narrow = Narrow {
            month: input.month.map(|month| month.0),
            item: item.transpose()?,
            bank: bank.transpose()?,
            book: input.book_id.map(|book| Kind::Book.local(&book)).transpose()?,
            tag: input.tag,
            rule: input.rule,
        };
        let format = match input.format {
            ExportFormat::Csv => Format::Csv,
            ExportFormat::Xlsx => Format::Xlsx,
        };
        let chinese = envelope.language == Language::Zh;
        let asked = Asked { list: input.list, format, narrow, chinese };
        let exporter = request.app().exporter();
        let done = exporter.make(&envelope, request.scope.clone(), &asked).await;
        Ok(ExportMakePayload(Outcome::of(request, done)?))
    }
}
