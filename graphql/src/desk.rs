//! Notes on figures: comments, and questions and instructions that a person answers; how each sees
//! his screens.

use async_graphql::{Context, ID, InputObject, Object, Result};
use commands::desk::{Desk, Write};
use desk::layout::Placed;
use projections::ReadSession;
use projections::desk::NoteRow;
use projections::lists;
use uuid::Uuid;

use crate::conditions::{filter, one_of};
use crate::connection::{self, By, Paging, connection};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::outcome::{inputs, mutations, payloads};
use crate::request::{Request, request};
use crate::scalars::{Date, Long, Position};
use crate::view::{coded, view};

connection!("批注", "notes": NoteConnection NoteEdge of Note);

coded! {
    /// 批注种类 / What sort of note.
    NoteKind {
        /// 评论 / A comment, for everybody.
        Comment "comment",
        /// 询问 / A question to a person.
        Question "question",
        /// 批示 / An instruction to a person.
        Instruction "instruction",
    }

    /// 批注对象 / Of what a note speaks.
    NoteSubject {
        /// 指标 / An indicator, by its id.
        Indicator "indicator",
        /// 面板 / A panel, by `<dashboard>/<panel>`.
        Panel "panel",
    }
}

view! {
    /// 批注 / A comment, question or instruction.
    struct Note of row: NoteRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Note.id(row.note),
        /// 种类 / What sort.
        kind: NoteKind = NoteKind::stored(&row.kind),
        /// 对象种类 / Of what it speaks.
        of: NoteSubject = NoteSubject::stored(&row.of_kind),
        /// 对象编号 / Its id.
        about: String = row.about,
        /// 期间 / The period.
        period: Option<String> = row.period,
        /// 接收人 / To whom it is put.
        to: Option<String> = row.addressee,
        /// 内容 / What it says.
        text: String = row.text,
        /// 填写人 / Who wrote it.
        written_by: String = row.written_by,
        /// 填写日 / When.
        written_on: Date = Date(row.written_on),
        /// 未结 / It waits for an answer, or is a comment that stands.
        open: bool = row.open,
        /// 已撤回 / Whether it was withdrawn.
        withdrawn: bool = row.withdrawn,
        /// 答复 / The answer.
        answer: Option<String> = row.answer,
        /// 答复日 / When.
        answered_on: Option<Date> = row.answered_on.map(Date),
        /// 版本，用于 ifRevision / Its revision, for `ifRevision`.
        revision: Long = Long(row.revision.0),
    }
}

filter! {
    /// 批注条件 / Which notes.
    NoteWhere {
        /// 种类 / Of one of these sorts.
        kind: Vec<NoteKind> => |kinds| one_of("kind", kinds.iter().map(|kind| kind.code())),
        /// 对象种类 / Of what they speak.
        of: NoteSubject => |of| Only::equal("of_kind", &of.code().to_owned()),
        /// 对象编号 / About this one.
        about: String => |about| Only::equal("about", about),
        /// 接收人 / Put to this person.
        to: String => |to| Only::equal("addressee", to),
        /// 填写人 / Written by this person.
        written_by: String => |by| Only::equal("written_by", by),
        /// 未结 / Open or over.
        open: bool => |open| Only::equal("open", open),
    }
}

#[derive(Default)]
pub struct DeskQuery;

#[Object]
impl DeskQuery {
    /// 批注，最近在前 / Notes that the reader may see, the newest first.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn notes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条件 / Which notes.")] r#where: Option<NoteWhere>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<NoteConnection>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let only = r#where.unwrap_or_default().only()?;
        let paging = Paging::new(first, after, last, before);
        let order = [By::down("position")];
        let page = connection::page::<NoteRow>(request, &session, &only, &order, &paging)?;
        let total = connection::total::<NoteRow>(request, session, only);
        Ok(Some(NoteConnection::new(page, total)))
    }
}

/// 面板的位置 / Where a panel stands on somebody's screen.
#[derive(Clone, InputObject)]
pub struct PanelPlaceInput {
    /// 面板 / The panel.
    panel: String,
    /// 大小：small、medium、large / Its size; as defined unless given.
    size: Option<String>,
    /// 隐藏 / Whether it is hidden.
    #[graphql(default)]
    hidden: bool,
}

inputs! {
    /// 填写批注 / Writes a note.
    NoteWriteInput {
        /// 批注编号（UUID），由调用者给出 / Its id, a UUID that the caller makes.
        note_id: ID,
        /// 种类 / What sort.
        kind: NoteKind,
        /// 对象种类 / Of what it speaks.
        of: NoteSubject,
        /// 对象编号 / Its id; of a panel `<dashboard>/<panel>`.
        about: String,
        /// 期间 / The period.
        period: Option<String>,
        /// 接收人；评论则无 / To whom it is put; a comment goes to everybody.
        to: Option<String>,
        /// 内容，不含姓名号码 / What it says, without names and numbers of people.
        text: String,
    }
    /// 答复批注 / Answers a note.
    NoteAnswerInput {
        /// 批注 / The note.
        note_id: ID,
        /// 答复 / The answer.
        text: String,
    }
    /// 撤回批注 / Withdraws a note.
    NoteWithdrawInput {
        /// 批注 / The note.
        note_id: ID,
    }
    /// 个人布局 / Arranges a screen for the acting person.
    DashboardArrangeInput {
        /// 屏 / The screen.
        dashboard: String,
        /// 面板，按此顺序；不给则恢复定义 / The panels in their order; absent: as it is defined.
        panels: Option<Vec<PanelPlaceInput>>,
    }
}

payloads! {
    /// 批注办理的结果 / What came of it.
    NotePayload(Uuid) {
        /// 批注 / The note.
        note: Note = loaded,
    }
    /// 个人布局的结果 / What came of it.
    DashboardArrangePayload(()) {}
}

fn loaded(
    request: &Request,
    session: &ReadSession,
    id: &Uuid,
) -> std::result::Result<Option<Note>, Fault> {
    Ok(lists::one::<NoteRow>(session, &request.scope, id)?.map(Note::from))
}

fn desk(app: &crate::App) -> Desk {
    Desk::new(app.executor.clone(), app.rules.clone())
}

mutations! { DeskMutation {
    /// 填写批注 / Writes a comment, question or instruction.
    note_write(NoteWriteInput) -> NotePayload = |app, envelope, input| {
        let written = Write {
            note: Kind::Note.parse(&input.note_id)?,
            kind: match input.kind {
                NoteKind::Comment => desk::note::Kind::Comment,
                NoteKind::Question => desk::note::Kind::Question,
                NoteKind::Instruction => desk::note::Kind::Instruction,
            },
            of: match input.of {
                NoteSubject::Indicator => desk::note::Of::Indicator,
                NoteSubject::Panel => desk::note::Of::Panel,
            },
            about: input.about,
            period: input.period,
            to: input.to,
            text: input.text,
        };
        self::desk(app).write(envelope, &written).await
    },
    /// 答复批注 / Answers a question or an instruction.
    note_answer(NoteAnswerInput) -> NotePayload = |app, envelope, input| {
        self::desk(app).answer(envelope, Kind::Note.parse(&input.note_id)?, &input.text).await
    },
    /// 撤回批注 / Withdraws a note.
    note_withdraw(NoteWithdrawInput) -> NotePayload = |app, envelope, input| {
        self::desk(app).withdraw(envelope, Kind::Note.parse(&input.note_id)?).await
    },
    /// 个人布局 / Arranges a screen for the acting person.
    dashboard_arrange(DashboardArrangeInput) -> DashboardArrangePayload
        = |app, envelope, input| {
        let placed = |place: PanelPlaceInput| {
            let PanelPlaceInput { panel, size, hidden } = place;
            Placed { panel, size, hidden }
        };
        let panels = input.panels.map(|panels| panels.into_iter().map(placed).collect());
        self::desk(app).arrange(envelope, &input.dashboard, panels).await
    },
} }
