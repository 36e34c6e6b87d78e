//! What is wrong with a file: where, by which rule, and how it is mended, in Chinese and English.
//!
//! **Invariant** a message never repeats a field's content, but for a short code ([`shown`]).

use std::fmt;

use definitions::Field;
use serde::Serialize;

/// So many errors are told; of the others only the number.
pub const ERRORS_MAX: usize = 100;

/// One mistake of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileError {
    pub file: String,
    /// The line of the file, from 1, the header counted.
    pub row: Option<u32>,
    /// The field's word in the layout.
    pub field: Option<&'static str>,
    pub rule: Rule,
    pub zh: String,
    pub en: String,
}

macro_rules! rules {
    ($($variant:ident $code:literal $zh:literal $en:literal,)*) => {
        /// The rule that a file breaks; each comes with the way to mend it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $($variant,)* }

        impl Rule {
            pub const ALL: &'static [Rule] = &[$(Rule::$variant,)*];

            /// The stored form.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Rule::$variant => $code,)* }
            }

            /// How the mistake is mended.
            #[must_use]
            pub const fn mend(self) -> (&'static str, &'static str) {
                match self { $(Rule::$variant => ($zh, $en),)* }
            }
        }
    };
}

rules! {
    Encoding "encoding" "请按布局规定的字符集重新生成文件" "make the file again in the layout's charset",
    Character "character" "请由业务人员换成该银行字符集中的写法，或改用其他银行发放" "have an officer spell it within the bank's charset, or pay through another bank",
    Separator "separator" "请从该字段中去掉分隔符、换行和控制字符" "take separators, line ends and control characters out of the field",
    EmptyFile "empty-file" "请重新取得文件" "fetch the file again",
    Cut "cut" "文件不完整，请重新取得" "the file is not whole: fetch it again",
    Columns "columns" "请核对分隔符与布局的字段数" "compare the separators with the layout's number of fields",
    Mark "mark" "请核对银行与布局" "check the bank and its layout",
    MissingValue "missing-value" "请补填该字段" "fill in the field",
    NoLines "no-lines" "没有明细就不应出文件" "without lines there is no file to send",
    AmountForm "amount-form" "请按布局写金额：元两位小数，或整数分" "write the amount as the layout says: yuan with two decimals, or whole fen",
    AmountDecimals "amount-decimals" "金额最多到分" "an amount goes down to fen and no further",
    AmountNotPositive "amount-not-positive" "每笔金额必须大于零；净额为零的不报盘" "every line's amount is above zero; a line netted to zero is not sent",
    NumberForm "number-form" "请写不带符号和前导零的整数" "write a whole number without sign or leading zeros",
    DateForm "date-form" "请按布局的日期格式书写" "write the date in the layout's format",
    CodeForm "code-form" "请核对代码" "check the code",
    SeqOrder "seq-order" "序号必须从 1 起递增且不重复" "sequence numbers start at 1 or above and rise",
    DuplicateLine "duplicate-line" "每笔只能出现一次，请删除重复行" "a line stands once: remove the repetition",
    CountDiffers "count-differs" "声明笔数须等于明细行数，请核对文件是否完整" "the declared count must equal the lines: see whether the file is whole",
    TotalDiffers "total-differs" "声明金额须等于明细合计，请核对文件是否完整" "the declared total must equal the lines: see whether the file is whole",
    Overflow "overflow" "请拆分文件" "split the file",
    DigestForm "digest-form" "摘要是 64 位小写十六进制" "a digest is 64 lower-case hexadecimal digits",
    DigestDiffers "digest-differs" "文件在传送中被改动或损坏，请重新取得" "the file was changed or damaged on its way: fetch it again",
    ReadyMarkMissing "ready-mark-missing" "请等待就绪标志文件到达后再处理" "wait until the ready mark has come",
    FileName "file-name" "请核对文件名与文件头" "compare the file's name with its header",
    BankDiffers "bank-differs" "该文件属于另一家银行，请换用其布局" "the file is another bank's: use that bank's layout",
    Currency "currency" "只收人民币 CNY" "only CNY is taken",
    UnknownResult "unknown-result" "请核对银行结果词，或在布局中补登" "check the bank's word, or add it to the layout",
    UnknownReason "unknown-reason" "请核对银行退票原因码，或在布局中补登" "check the bank's reason code, or add it to the layout",
    Contradiction "contradiction" "请向银行核实该笔结果" "ask the bank what became of the line",
    UnknownDirection "unknown-direction" "请核对借贷标志，或在布局中补登" "check the direction's word, or add it to the layout",
    BalanceDiffers "balance-differs" "余额应等于上一行余额加减本行发生额，请核对是否缺行" "a balance is the one before it plus or minus the amount: see whether a line is missing",
    UnknownBatch "unknown-batch" "请核对批次号；未发出的批次不能有回盘" "check the batch: one that was never sent has no reply",
    LineWithoutBatch "line-without-batch" "请登记为不明款并指定专人核实" "book it as unidentified and give it an owner",
    MoreErrors "more-errors" "请先改正以上错误" "mend the errors above first",
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl Serialize for Rule {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(row) = self.row {
            write!(f, ":{row}")?;
        }
        if let Some(field) = self.field {
            write!(f, " {field}")?;
        }
        write!(f, " [{}] {} / {}", self.rule, self.zh, self.en)
    }
}

impl std::error::Error for FileError {}

/// Where a mistake stands: a row, and a field of it.
pub(crate) type Place = (Option<u32>, Option<Field>);

/// What has been found in one file so far.
pub(crate) struct Findings {
    file: String,
    errors: Vec<FileError>,
    others: usize,
}

impl Findings {
    pub(crate) fn of(file: &str) -> Self {
        Self { file: file.to_owned(), errors: Vec::new(), others: 0 }
    }

    /// Notes what is wrong, in Chinese and English; the rule's way to mend it is put after it.
    pub(crate) fn note(
        &mut self,
        (row, field): Place,
        rule: Rule,
        (zh, en): (impl fmt::Display, impl fmt::Display),
    ) {
        if self.errors.len() == ERRORS_MAX {
            self.others += 1;
            return;
        }
        self.errors.push(error(&self.file, (row, field), rule, (zh, en)));
    }

    /// Takes over what was found before the file had a name.
    pub(crate) fn take(&mut self, earlier: Findings) {
        let file = &self.file;
        self.errors.extend(
            earlier.errors.into_iter().map(|error| FileError { file: file.clone(), ..error }),
        );
        self.others += earlier.others;
    }

    pub(crate) fn are_none(&self) -> bool {
        self.errors.is_empty()
    }

    /// The value, unless something was found.
    pub(crate) fn conclude<T>(self, value: Option<T>) -> Result<T, Vec<FileError>> {
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(self.into_errors()),
        }
    }

    pub(crate) fn into_errors(mut self) -> Vec<FileError> {
        if self.others > 0 {
            let others = self.others;
            let what = (format!("另有 {others} 处错误未列出"), format!("{others} more errors"));
            self.errors.push(error(&self.file, (None, None), Rule::MoreErrors, what));
        }
        self.errors
    }
}

pub(crate) fn error(
    file: &str,
    (row, field): Place,
    rule: Rule,
    (zh, en): (impl fmt::Display, impl fmt::Display),
) -> FileError {
    let (mend_zh, mend_en) = rule.mend();
    FileError {
        file: file.to_owned(),
        row,
        field: field.map(Field::word),
        rule,
        zh: format!("{zh};{mend_zh}"),
        en: format!("{en}; {mend_en}"),
    }
}

/// A bank's code as it may be shown. In a shifted row a name or account can stand in its place, so
/// only what is too short for either and plain is repeated.
pub(crate) fn shown(code: &str) -> String {
    const SHOWN_MAX: usize = 8;
    if !code.is_empty()
        && code.len() <= SHOWN_MAX
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
    {
        format!("`{code}`")
    } else {
        format!("({} chars)", code.chars().count())
    }
}
