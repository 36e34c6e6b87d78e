//! The bytes that each bank gets and gives, for one small file of each kind.

use bank::BankFile;
use definitions::{Charset, Layout};

fn shown(layout: &Layout, file: &BankFile) -> String {
    let encoding = match layout.charset {
        Charset::Utf8 => encoding_rs::UTF_8,
        Charset::Gbk => encoding_rs::GBK,
        Charset::Gb18030 => encoding_rs::GB18030,
    };
    let text = encoding.decode_without_bom_handling(&file.bytes).0;
    let text = text.replace('\r', "\\r").replace('\t', "\\t");
    let ready = String::from_utf8(file.ready_bytes.clone()).unwrap().replace('\r', "\\r");
    // SM3 of the bytes stands in the ready mark: the charset is part of the contract.
    format!("{} ({} bytes)\n{text}{}\n{ready}", file.name, file.bytes.len(), file.ready_name)
}

#[test]
fn the_bytes_of_each_bank() {
    for layout in crate::common::layouts() {
        let files = [
            crate::common::instruction(&layout),
            crate::common::reply(&layout),
            crate::common::statement(&layout),
        ];
        let shown: Vec<String> = files.iter().map(|file| shown(&layout, file)).collect();
        insta::assert_snapshot!(layout.id.to_string(), shown.join("\n"));
    }
}

#[test]
fn the_rules_a_file_can_break() {
    let rules: Vec<String> = bank::Rule::ALL
        .iter()
        .map(|rule| format!("{rule:22} {} / {}", rule.mend().0, rule.mend().1))
        .collect();
    insta::assert_snapshot!("rules", rules.join("\n"));
}
