//! Reads one workbook on standard input; what the binary's hidden sub-command does.

fn main() -> std::io::Result<()> {
    sheets::child::serve()
}
