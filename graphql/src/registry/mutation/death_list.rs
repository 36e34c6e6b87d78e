//! A list of deaths from the police, civil affairs or a crematorium, with its matching report.

use async_graphql::{ID, InputObject, SimpleObject};
use commands::Done;
use commands::personal::Clear;
use commands::registry::{
    DeathList, DeathReport as DeathMatchReport, DeathRow, Matched as DeathMatched,
};

use crate::global_id::Kind;
use crate::outcome::{inputs, mutations, payloads};
use crate::registry::words::{DeathSource, of_word};
use crate::scalars::Date;
use crate::view::{coded, int};

/// 名单的一行 / One row of a list of deaths.
#[derive(Clone, InputObject)]
pub struct DeathListRowInput {
    /// 姓名 / The name.
    name: String,
    /// 居民身份证号码，15 或 18 位 / A resident number of 15 or 18 characters.
    number: String,
    /// 死亡日期 / When he died.
    died_on: Date,
}

inputs! {
    /// 导入死亡名单 / Imports a list of deaths.
    DeathListImportInput {
        /// 来源 / Whose list it is.
        source: DeathSource,
        /// 报告日期，默认业务日期 / When it was reported; the business date unless given.
        reported_on: Option<Date>,
        /// 核实期限，默认十五天 / The last day to verify each; fifteen days unless given.
        verify_by: Option<Date>,
        /// 各行 / The rows.
        rows: Vec<DeathListRowInput>,
    }
}

coded! {
    /// 比对结果 / What a row came to.
    DeathMatchKind {
        /// 姓名号码均一致，已报告 / Number and name: the death is reported.
        Exact "exact",
        /// 一致，但规则不允许报告 / Number and name, and a rule refused the report.
        Refused "refused",
        /// 号码一致，姓名不同 / The number is this person's, under another name.
        NameDiffers "name_differs",
        /// 姓名一致，号码不同 / Only the name is known.
        NumberDiffers "number_differs",
        /// 均无 / Neither is known.
        None "none",
        /// 号码无效 / The number cannot be one.
        BadNumber "bad_number",
    }
}

/// 名单一行的比对结果 / What one row came to, without what stood in it.
#[derive(Clone, SimpleObject)]
pub struct DeathMatch {
    /// 行号，从 1 起 / Which row, from 1.
    row: i32,
    /// 结果 / What it came to.
    kind: DeathMatchKind,
    /// 涉及人员，至多十人 / Whom it concerns, ten at most.
    person_ids: Vec<ID>,
    /// 规则代码 / The rule's code.
    rule: Option<String>,
    /// 规则说明 / What the rule says, in Chinese.
    message: Option<String>,
}

fn shown(place: usize, matched: &DeathMatched) -> DeathMatch {
    let row = int(place + 1);
    let bare = |kind| DeathMatch { row, kind, person_ids: vec![], rule: None, message: None };
    let of = |kind, person| DeathMatch { person_ids: vec![Kind::Person.id(person)], ..bare(kind) };
    match matched {
        DeathMatched::Exact { person } => of(DeathMatchKind::Exact, *person),
        DeathMatched::Refused { person, code, zh, .. } => DeathMatch {
            rule: Some(code.clone()),
            message: Some(zh.clone()),
            ..of(DeathMatchKind::Refused, *person)
        },
        DeathMatched::NameDiffers { person } => of(DeathMatchKind::NameDiffers, *person),
        DeathMatched::NumberDiffers { persons } => DeathMatch {
            person_ids: persons.iter().map(|person| Kind::Person.id(*person)).collect(),
            ..bare(DeathMatchKind::NumberDiffers)
        },
        DeathMatched::None => bare(DeathMatchKind::None),
        DeathMatched::BadNumber { code } => {
            DeathMatch { rule: Some(code.clone()), ..bare(DeathMatchKind::BadNumber) }
        }
    }
}

payloads! {
    /// 导入死亡名单的结果：比对报告 / The matching report.
    DeathListImportPayload(DeathMatchReport) {
        ;
        /// 一致 / Number and name.
        exact: i32 => |report| int(report.exact),
        /// 规则不允许 / Refused by a rule.
        refused: i32 => |report| int(report.refused),
        /// 姓名不同 / Another name.
        name_differs: i32 => |report| int(report.name_differs),
        /// 号码不同 / Another number.
        number_differs: i32 => |report| int(report.number_differs),
        /// 均无 / Not known here.
        none: i32 => |report| int(report.none),
        /// 号码无效 / No number.
        bad_numbers: i32 => |report| int(report.bad_numbers),
        /// 逐行结果 / Row by row.
        rows: Vec<DeathMatch> => |report| {
            report.rows.iter().enumerate().map(|(place, row)| shown(place, row)).collect()
        },
    }
}

mutations! { DeathListMutation {
    /// 导入死亡名单：一致者报告死亡，其余供核查 / Reports what matches exactly; the rest is for a clerk.
    death_list_import(DeathListImportInput) -> DeathListImportPayload = |app, envelope, input| {
        let row = |row: DeathListRowInput| DeathRow {
            name: Clear::from(row.name),
            number: Clear::from(row.number),
            died_on: row.died_on.0,
        };
        let list = DeathList {
            source: of_word(input.source.code())?,
            reported_on: input.reported_on.map(|day| day.0),
            verify_by: input.verify_by.map(|day| day.0),
            rows: input.rows.into_iter().map(row).collect(),
        };
        let report = app.registry.import_deaths(envelope, &list).await;
        report.map(|result| Done {
            position: app.executor.log().head(),
            result,
            replayed: false,
            dry_run: envelope.dry_run,
            revision: None,
            planned: Vec::new(),
        })
    },
} }
