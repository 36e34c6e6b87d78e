//! The port of exported tables: what a cell shows, into CSV and workbooks by `sheets`.

use std::io::{self, Write};

use projections::exports::{Cell, Format, TableWriter, Tables};
use sheets::write::{CsvWriter, Out, XlsxWriter};

pub struct SheetTables;

impl Tables for SheetTables {
    fn begin<'a>(
        &self,
        format: Format,
        titles: &[&str],
        out: Box<dyn Write + 'a>,
    ) -> io::Result<Box<dyn TableWriter + 'a>> {
        Ok(match format {
            Format::Csv => Box::new(Csv(CsvWriter::new(out, titles)?)),
            Format::Xlsx => Box::new(Xlsx(XlsxWriter::new(out, titles)?)),
        })
    }
}

struct Csv<W: Write>(CsvWriter<W>);
struct Xlsx<W: Write>(XlsxWriter<W>);

impl<W: Write> TableWriter for Csv<W> {
    fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        let digits = digits(cells);
        self.0.row(shown(cells, &digits))
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.0.finish()?.flush()
    }
}

impl<W: Write> TableWriter for Xlsx<W> {
    fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        let digits = digits(cells);
        self.0.row(shown(cells, &digits))
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.0.finish()?.flush()
    }
}

/// The digits of what is a number, by place.
fn digits(cells: &[Cell]) -> Vec<String> {
    let digits = |cell: &Cell| match cell {
        Cell::Money(money) => money.to_string(),
        Cell::Count(count) => count.to_string(),
        Cell::Blank | Cell::Text(_) => String::new(),
    };
    cells.iter().map(digits).collect()
}

fn shown<'a>(cells: &'a [Cell], digits: &'a [String]) -> impl Iterator<Item = Out<'a>> {
    cells.iter().zip(digits).map(|(cell, digits)| match cell {
        Cell::Blank => Out::Blank,
        Cell::Text(text) => Out::Text(text),
        Cell::Money(_) | Cell::Count(_) => Out::Number(digits),
    })
}
