//! XLSX, cell by cell. Runs in the child process only.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use zip::ZipArchive;

use crate::error::{RowError, Rule};
use crate::limits::Limits;
use crate::number::decimal;
use crate::raw::{RawCell, RawRow, check, check_row, too_large};

/// Why a workbook is given up.
pub(crate) enum Stop {
    Refused(RowError),
    /// Whom the rows were for went away.
    Output(io::Error),
}

impl From<RowError> for Stop {
    fn from(error: RowError) -> Self {
        Stop::Refused(error)
    }
}

/// Gives every row of the first visible worksheet to `take`, and their number.
pub(crate) fn rows(
    mut file: File,
    limits: &Limits,
    mut take: impl FnMut(RawRow) -> io::Result<()>,
) -> Result<u32, Stop> {
    measure(&mut file, limits)?;
    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(file)).map_err(|error| refusal(&error))?;
    let from_1904 = book.has_1904_epoch();
    let sheet = book
        .sheets_metadata()
        .iter()
        .find(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .ok_or_else(|| not_a_workbook("没有可见的工作表", "there is no visible worksheet"))?;
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(|error| refusal(&error))?;
    let mut count = 0;
    let mut current = RawRow { row: 0, cells: Vec::new(), exact: false, from_1904 };
    let mut give = |row: RawRow| {
        if row.row > 0 && !row.is_blank() {
            count += 1;
            take(row).map_err(Stop::Output)?;
        }
        Ok::<(), Stop>(())
    };
    while let Some(cell) = cells.next_cell().map_err(|error| refusal(&error))? {
        let (row, column) = cell.get_position();
        let (row, column) = (row.saturating_add(1), column as usize);
        let value = raw(cell.get_value());
        // A sheet may carry formats far beyond its data; what is empty is not there.
        if value.is_blank() {
            continue;
        }
        let text = match &value {
            RawCell::Text(text) => text.as_str(),
            RawCell::Empty | RawCell::Number(_) | RawCell::Date(_) | RawCell::Error => "",
        };
        check(limits, row, column, text)?;
        if row != current.row {
            check_row(limits, row)?;
            let next = RawRow { row, cells: Vec::new(), exact: false, from_1904 };
            if row < current.row {
                return Err(out_of_order(row).into());
            }
            give(std::mem::replace(&mut current, next))?;
        }
        if column < current.cells.len() {
            return Err(out_of_order(row).into());
        }
        current.cells.resize(column, RawCell::Empty);
        current.cells.push(value);
    }
    give(current)?;
    Ok(count)
}

/// Unpacks every part to nowhere and counts: what the archive says of its parts' sizes is a claim.
fn measure(file: &mut File, limits: &Limits) -> Result<(), RowError> {
    let packed = file.seek(io::SeekFrom::End(0)).map_err(|_| unreadable())?;
    if packed > limits.file_bytes_max {
        return Err(too_large(limits.file_bytes_max));
    }
    let mut signature = [0; 4];
    file.rewind().map_err(|_| unreadable())?;
    let is_zip = file.read_exact(&mut signature).is_ok() && signature == *b"PK\x03\x04";
    if !is_zip {
        return Err(if signature == *b"\xD0\xCF\x11\xE0" {
            let what = (
                "旧版或加密的工作簿，请另存为不带密码的 .xlsx",
                "the workbook is of the old kind or encrypted: save it as .xlsx without password",
            );
            RowError::of_file(Rule::NotReadable, what)
        } else {
            not_a_workbook("文件不是 .xlsx 工作簿", "the file is not an .xlsx workbook")
        });
    }
    file.rewind().map_err(|_| unreadable())?;
    let broken = |_| not_a_workbook("工作簿已损坏", "the workbook is damaged");
    let mut archive = ZipArchive::new(BufReader::new(&mut *file)).map_err(broken)?;
    if archive.len() > limits.parts_max {
        return Err(bomb());
    }
    let ceiling = limits
        .unpacked_bytes_max
        .min(packed.saturating_mul(limits.ratio_max).max(Limits::RATIO_FROM_BYTES));
    let mut left = ceiling;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(broken)?;
        if part.size() > left {
            return Err(bomb());
        }
        let unpacked = io::copy(&mut part.take(left + 1), &mut io::sink())
            .map_err(|_| not_a_workbook("工作簿已损坏", "the workbook is damaged"))?;
        left = left.checked_sub(unpacked).ok_or_else(bomb)?;
    }
    drop(archive);
    file.rewind().map_err(|_| unreadable())
}

fn raw(value: &DataRef<'_>) -> RawCell {
    match value {
        DataRef::Empty => RawCell::Empty,
        DataRef::String(text) => RawCell::Text(text.clone()),
        DataRef::SharedString(text) => RawCell::Text((*text).to_owned()),
        DataRef::Int(number) => RawCell::Number(number.to_string()),
        DataRef::Float(number) => RawCell::Number(decimal(*number)),
        DataRef::Bool(truth) => RawCell::Text(if *truth { "TRUE" } else { "FALSE" }.to_owned()),
        DataRef::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            let date = format!("{year:04}-{month:02}-{day:02}");
            RawCell::Date(match (hour, minute, second) {
                (0, 0, 0) => date,
                _ => format!("{date}T{hour:02}:{minute:02}:{second:02}"),
            })
        }
        DataRef::DateTime(span) => RawCell::Number(decimal(span.as_f64())),
        DataRef::DateTimeIso(text) => RawCell::Date(text.clone()),
        DataRef::DurationIso(text) => RawCell::Text(text.clone()),
        DataRef::Error(_) => RawCell::Error,
    }
}

/// The reader's own words can repeat what a cell holds, so only the kind of error is told.
fn refusal(error: &XlsxError) -> RowError {
    match error {
        XlsxError::Password => {
            let what = ("工作簿有密码，请去掉密码", "the workbook has a password: remove it");
            RowError::of_file(Rule::NotReadable, what)
        }
        XlsxError::ColumnNumberOverflow | XlsxError::RowNumberOverflow => {
            let what = ("单元格位置超出工作表", "a cell lies outside the sheet");
            RowError::of_file(Rule::TooManyRows, what)
        }
        _ => not_a_workbook("工作簿已损坏或格式不对", "the workbook is damaged or malformed"),
    }
}

fn not_a_workbook(zh: &str, en: &str) -> RowError {
    RowError::of_file(Rule::NotAWorkbook, (zh, en))
}

fn out_of_order(row: u32) -> RowError {
    let what = ("单元格次序混乱", "cells stand out of order");
    RowError::at_row(row, Rule::RowsOutOfOrder, what)
}

fn unreadable() -> RowError {
    RowError::of_file(Rule::Reader, ("文件读取失败", "the file could not be read"))
}

/// The archive or sheet wants more than a table of people needs.
pub(crate) fn bomb() -> RowError {
    let what = (
        "工作簿解压后过大或占用过多内存、时间，已拒绝；请另存为新的工作簿或 CSV",
        "the workbook unpacks to too much, or asks for too much memory or time; \
         save it as a new workbook or as CSV",
    );
    RowError::of_file(Rule::Bomb, what)
}
