//! Lists of warnings, tags and segments.

use super::super::{Cell, Column, List, ListOf, Narrowing};
use crate::lists::{By, Only};
use crate::tags::{DisputeRow, SnapshotRow, TagRow};
use crate::warnings::{MessageRow, StepRow, WarningRow};

lists! {
    "warnings" "预警" "warnings": WarningRow, by ["raised_on", "warning"], within [Rule "rule"] => {
        "预警" "warning" = |row| row.warning,
        "发生日" "raised on" = |row| row.raised_on,
        "渠道" "channel" = |row| row.channel,
        "规则" "rule" = |row| row.rule.clone(),
        "规则版本" "rule version" = |row| row.version,
        "类别" "class" = |row| &row.class,
        "级别" "level" = |row| row.level,
        "对象种类" "kind of subject" = |row| &row.about_kind,
        "对象" "subject" = |row| &row.about,
        "区划" "division" = |row| row.division,
        "阶段" "stage" = |row| row.stage,
        "待办环节" "waits for" = |row| row.step,
        "时限日" "due on" = |row| row.due_on,
        "时限时刻" "due at" = |row| row.due_at,
        "已超期" "late" = |row| row.late,
        "升级次数" "escalations" = |row| row.escalated,
        "承办岗位" "assigned role" = |row| row.assigned_role.clone(),
        "承办区划" "assigned division" = |row| row.assigned_division,
        "承办人" "assigned person" = |row| row.assigned_person.clone(),
        "处置方式" "handled by" = |row| words(&row.handled),
        "信号数" "signals" = |row| row.signals,
        "重开次数" "reopened" = |row| row.reopened,
        "了结日" "closed on" = |row| row.closed_on,
    }
    "warning-steps" "预警处置记录" "steps of warnings": StepRow,
    by ["warning", "place"], within [] => {
        "预警" "warning" = |row| row.warning,
        "序号" "place" = |row| row.place,
        "动作" "what" = |row| &row.what,
        "经办人" "by" = |row| &row.by,
        "日期" "on" = |row| row.on_day,
        "时刻" "at" = |row| row.at,
    }
    "warning-messages" "预警消息" "messages of warnings": MessageRow,
    by ["sent_on", "message"], within [] => {
        "消息" "message" = |row| row.message,
        "预警" "warning" = |row| row.warning,
        "发送日" "sent on" = |row| row.sent_on,
        "途径" "through" = |row| row.through,
        "事由" "notice" = |row| row.notice,
        "级别" "level" = |row| row.level,
        "岗位" "role" = |row| &row.role,
        "区划" "division" = |row| row.division,
        "收件人" "person" = |row| row.person.clone(),
        "内容" "text" = |row| &row.text,
        "已阅" "seen" = |row| row.seen,
        "阅知人" "seen by" = |row| row.seen_by.clone(),
        "阅知日" "seen on" = |row| row.seen_on,
    }
    "tag-subjects" "标签对象" "subjects of tags": TagRow,
    by ["kind", "subject", "tag", "place"], within [Tag "tag"],
    only Only::Null("known_to", true).and(Only::Null("value", false)) => {
        "标签" "tag" = |row| &row.tag,
        "对象种类" "kind of subject" = |row| row.kind,
        "对象" "subject" = |row| &row.subject,
        "区划" "county" = |row| row.county,
        "取值" "value" = |row| row.value.clone(),
        "起" "from" = |row| row.valid_from,
        "止" "until before" = |row| row.valid_to,
        "规则版本" "rule version" = |row| row.version,
        "人工" "by hand" = |row| row.by_hand,
    }
    "tag-disputes" "标签异议" "objections to tags": DisputeRow,
    by ["kind", "subject", "tag", "place"], within [Tag "tag"] => {
        "标签" "tag" = |row| &row.tag,
        "对象种类" "kind of subject" = |row| row.kind,
        "对象" "subject" = |row| &row.subject,
        "提出人" "disputed by" = |row| &row.disputed_by,
        "提出日" "disputed on" = |row| row.disputed_on,
        "未答复" "open" = |row| row.open,
        "成立" "upheld" = |row| row.upheld,
        "答复人" "answered by" = |row| row.answered_by.clone(),
        "答复日" "answered on" = |row| row.answered_on,
    }
    "segments" "人群快照" "segment snapshots": SnapshotRow,
    by ["frozen_on", "snapshot"], within [Tag "segment"] => {
        "快照" "snapshot" = |row| row.snapshot,
        "标签" "tag" = |row| &row.segment,
        "取值" "value" = |row| &row.value,
        "规则版本" "rule version" = |row| row.version,
        "所属日" "valid on" = |row| row.valid_on,
        "已知位点" "known at" = |row| row.known_at.0,
        "人数" "members" = |row| row.members,
        "文件摘要" "file" = |row| row.file,
        "用途" "purpose" = |row| &row.purpose,
        "冻结人" "frozen by" = |row| &row.frozen_by,
        "冻结日" "frozen on" = |row| row.frozen_on,
    }
}

fn words(handled: &[warnings::Handling]) -> String {
    handled.iter().map(|how| how.code()).collect::<Vec<_>>().join(" ")
}
