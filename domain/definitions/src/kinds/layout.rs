//! How one bank wants its files: the instruction, the reply and the statement (INVENTORY 3.2).
//!
//! The fields are those of the neutral form; a layout says which of them stand where, how sums
//! and dates are written, and what the bank's own words mean.

use std::collections::BTreeMap;

use serde::Serialize;
use shared::{BankCode, ReturnReason};

use super::Kind;
use crate::block::{Block, Name};
use crate::mistake::{Code, Fault};
use crate::word::{Word, words};

words! {
    /// The bank's character set. A name that does not fit is refused before sending.
    pub enum Charset {
        Utf8 = "utf-8",
        /// Without GB18030's four-byte forms: 「䶮」 cannot be written.
        Gbk = "gbk",
        Gb18030 = "gb18030",
    }
}

words! {
    pub enum LineEnd {
        Lf = "lf",
        CrLf = "crlf",
    }
}

words! {
    pub enum AmountFormat {
        /// Two places, such as `1234.50`.
        Yuan = "yuan",
        /// A whole number.
        Fen = "fen",
    }
}

words! {
    pub enum DateFormat {
        /// `20260131`.
        Compact = "yyyymmdd",
        /// `2026-01-31`.
        Dashed = "yyyy-mm-dd",
        /// `2026/01/31`.
        Slashed = "yyyy/mm/dd",
    }
}

words! {
    /// Where the file's SM3 digest stands.
    pub enum DigestPlace {
        /// In the header, over the lines after it.
        Header = "header",
        /// In the ready mark, over the whole file.
        ReadyMark = "ready-mark",
    }
}

words! {
    /// The neutral form's fields.
    pub enum Field {
        Type = "type",
        Batch = "batch",
        Agency = "agency",
        Division = "division",
        Insurance = "insurance",
        Item = "item",
        Period = "period",
        Bank = "bank",
        Count = "count",
        Total = "total",
        Currency = "currency",
        MadeAt = "made_at",
        Digest = "digest",
        Seq = "seq",
        Attempt = "attempt",
        Obligation = "obligation",
        Name = "name",
        IdNumber = "id_number",
        Account = "account",
        AccountName = "account_name",
        BankName = "bank_name",
        Amount = "amount",
        Month = "month",
        Memo = "memo",
        Result = "result",
        Reason = "reason",
        BankSerial = "bank_serial",
        PostedAt = "posted_at",
        /// Debit or credit, of a statement line.
        Direction = "direction",
        /// The other side's own reference: the batch, where the bank carries it through.
        Reference = "reference",
        Balance = "balance",
        /// How many lines of a reply were paid, and their sum.
        PaidCount = "paid_count",
        PaidTotal = "paid_total",
        ReturnedCount = "returned_count",
        ReturnedTotal = "returned_total",
    }
}

words! {
    pub enum LineResult {
        Paid = "paid",
        Returned = "returned",
        /// The bank does not know yet: the line stays open.
        Pending = "pending",
    }
}

words! {
    pub enum Direction {
        Debit = "debit",
        Credit = "credit",
    }
}

/// One file: its name, what stands before the header line, and the fields in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// With placeholders `{field}` of the header's vocabulary.
    pub file: String,
    /// What the header line begins with; empty: nothing marks it, it is the first line.
    pub header_mark: String,
    pub header: Vec<Field>,
    pub line: Vec<Field>,
    /// What the trailer line begins with, and its fields; both empty: there is none.
    pub trailer_mark: String,
    pub trailer: Vec<Field>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reply {
    pub record: Record,
    /// The bank's word to its meaning.
    pub results: BTreeMap<String, LineResult>,
    /// The bank's code to ours; a code that is not listed is [`ReturnReason::Other`].
    pub reasons: BTreeMap<String, ReturnReason>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    pub record: Record,
    pub directions: BTreeMap<String, Direction>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Layout {
    pub id: BankCode,
    pub name: Name,
    pub source: String,
    /// The bank's code in the table of card number prefixes ([`shared::PrefixCheck`]), where the
    /// same bank may have another one.
    pub prefix_bank: BankCode,
    pub charset: Charset,
    /// Exactly one ASCII character.
    pub separator: char,
    pub line_end: LineEnd,
    pub amount: AmountFormat,
    pub date: DateFormat,
    pub digest: DigestPlace,
    /// Put after the file's name for the mark that says it is complete.
    pub ready_mark: String,
    pub instruction: Record,
    pub reply: Reply,
    pub statement: Statement,
}

impl Kind for Layout {
    const WORD: &'static str = "layout";
    type Id = BankCode;

    fn read(block: &Block<'_>) -> Option<(BankCode, Self)> {
        let (id, name, source) = block.head(|text| text.parse::<BankCode>().ok());
        let prefix_bank = block.parsed("prefix_bank", BANK, known_bank);
        let charset = block.word("charset");
        let separator = block.parsed("separator", SEPARATOR, one_mark);
        let line_end = block.word("line_end");
        let amount = block.word("amount");
        let date = block.word("date");
        let digest = block.word("digest");
        let ready_mark = block.text("ready_mark");
        let instruction = block.table("instruction", |file| {
            read_record(file, INSTRUCTION_HEADER, INSTRUCTION_LINE, digest)
        });
        let reply = block.table("reply", read_reply);
        let statement = block.table("statement", read_statement);
        let id = id?;
        Some((
            id,
            Self {
                id,
                name: name?,
                source: source?,
                prefix_bank: prefix_bank?,
                charset: charset?,
                separator: separator?,
                line_end: line_end?,
                amount: amount?,
                date: date?,
                digest: digest?,
                ready_mark: ready_mark?,
                instruction: instruction?,
                reply: reply?,
                statement: statement?,
            },
        ))
    }
}

const BANK: (&str, &str) =
    ("卡号前缀表中的银行代码", "the code of a bank in the table of card number prefixes");

fn known_bank(text: &str) -> Option<BankCode> {
    let bank = BankCode::parse(text).ok()?;
    shared::bank_name(bank).map(|_| bank)
}

const SEPARATOR: (&str, &str) = (
    "单个 ASCII 分隔符(不能是字母、数字、点或引号)",
    "one ASCII separator (no letter, digit, point or quote)",
);

/// The envelope must be declared before its lines (INVENTORY 3.1), and a line must be found again.
const INSTRUCTION_HEADER: &[Field] = &[Field::Batch, Field::Count, Field::Total];
const INSTRUCTION_LINE: &[Field] =
    &[Field::Attempt, Field::Account, Field::AccountName, Field::Amount];
const REPLY_HEADER: &[Field] = &[Field::Batch];
const REPLY_LINE: &[Field] = &[Field::Attempt, Field::Amount, Field::Result, Field::Reason];
const STATEMENT_LINE: &[Field] =
    &[Field::BankSerial, Field::PostedAt, Field::Direction, Field::Amount, Field::Reference];

fn read_reply(block: &Block<'_>) -> Option<Reply> {
    let record = read_record(block, REPLY_HEADER, REPLY_LINE, None);
    let results = block.meanings::<LineResult>("results");
    let reasons = block.meanings("reasons");
    let results = results.and_then(|results| {
        let lacks = |wanted| !results.values().any(|meaning| *meaning == wanted);
        for wanted in [LineResult::Paid, LineResult::Returned] {
            if lacks(wanted) {
                return block.refuse(
                    "results",
                    Fault::new(
                        Code::MissingField,
                        format!("没有表示 {wanted} 的结果词"),
                        format!("no word of the bank means {wanted}"),
                    ),
                );
            }
        }
        Some(results)
    });
    Some(Reply { record: record?, results: results?, reasons: reasons? })
}

fn read_statement(block: &Block<'_>) -> Option<Statement> {
    let record = read_record(block, &[], STATEMENT_LINE, None);
    let directions = block.meanings("directions");
    Some(Statement { record: record?, directions: directions? })
}

fn read_record(
    block: &Block<'_>,
    in_header: &[Field],
    in_line: &[Field],
    digest: Option<DigestPlace>,
) -> Option<Record> {
    let file = block.parsed("file", FILE, file_pattern);
    let header_mark = block.text_or_empty("header_mark");
    let header = block.words_or_none::<Field>("header");
    let line = block.words::<Field>("line");
    let trailer_mark = block.text_or_empty("trailer_mark");
    let trailer = block.words_or_none_if_any::<Field>("trailer");
    let header = header.and_then(|fields| holding(block, "header", fields, in_header));
    let line = line.and_then(|fields| holding(block, "line", fields, in_line));
    if let (Some(header), Some(place)) = (&header, digest)
        && header.contains(&Field::Digest) != (place == DigestPlace::Header)
    {
        return block.refuse(
            "header",
            Fault::contradiction(
                format!("摘要应放在 {place},与文件头字段不符"),
                format!("the digest belongs in the {place}, which the header's fields deny"),
            ),
        );
    }
    Some(Record {
        file: file?,
        header_mark: header_mark?,
        header: header?,
        line: line?,
        trailer_mark: trailer_mark?,
        trailer: trailer?,
    })
}

fn holding(
    block: &Block<'_>,
    key: &'static str,
    fields: Vec<Field>,
    wanted: &[Field],
) -> Option<Vec<Field>> {
    let mut sound = true;
    for field in wanted.iter().filter(|field| !fields.contains(field)) {
        sound = false;
        block.refuse::<()>(
            key,
            Fault::new(
                Code::MissingField,
                format!("缺少字段 {field}"),
                format!("the field {field} is missing"),
            ),
        );
    }
    sound.then_some(fields)
}

fn one_mark(text: &str) -> Option<char> {
    let mut characters = text.chars();
    let (Some(mark), None) = (characters.next(), characters.next()) else {
        return None;
    };
    let sound = mark.is_ascii() && !mark.is_ascii_alphanumeric() && !".-\"' \r\n".contains(mark);
    sound.then_some(mark)
}

const FILE: (&str, &str) = (
    "文件名样式(占位符须是文件头字段,如 {batch})",
    "a file name whose placeholders are header fields, such as {batch}",
);

/// Fields that are known before the lines are, and safe in a file's name.
const IN_FILE_NAME: &[Field] = &[
    Field::Type,
    Field::Batch,
    Field::Agency,
    Field::Division,
    Field::Item,
    Field::Period,
    Field::Bank,
    Field::MadeAt,
];

fn file_pattern(text: &str) -> Option<String> {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (placeholder, after) = after.split_once('}')?;
        let field = Field::from_word(placeholder)?;
        if before.contains(['/', '\\', '}']) || !IN_FILE_NAME.contains(&field) {
            return None;
        }
        rest = after;
    }
    (!rest.contains(['/', '\\', '}'])).then(|| text.to_owned())
}
