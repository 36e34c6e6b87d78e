//! The deciders' errors as refusals, and files that are not taken.

use disbursement::{
    account, batch, comparison, deduction, heirs, obligation, part, period, plan, return_case,
    statement,
};

use super::ports::FileFault;
use crate::error::Refused;

crate::refusal!(
    account::Error,
    batch::Error,
    comparison::Error,
    deduction::Error,
    heirs::Error,
    return_case::Error,
    obligation::Error,
    part::Error,
    period::Error,
    plan::Error,
    statement::Error,
    disbursement::feed::Error,
    disbursement::opening::Error,
    disbursement::restoration::Error,
    disbursement::recovery::Error,
);

/// How many faults of a file stand in one message; the report has them all.
const FAULTS_SHOWN: usize = 5;

impl Refused {
    /// A file with faults: the first ones in words, all of them as parameters.
    #[must_use]
    pub fn of_file(faults: &[FileFault]) -> Self {
        let join = |text: fn(&FileFault) -> &str, gap: &str| {
            let shown: Vec<&str> = faults.iter().take(FAULTS_SHOWN).map(text).collect();
            shown.join(gap)
        };
        let mut refused = Self::new(
            "FILE_REFUSED",
            format!("文件有{}处错误：{}", faults.len(), join(|fault| &fault.zh, "；")),
            match faults.len() {
                1 => format!("the file has a fault: {}", join(|fault| &fault.en, "; ")),
                count => format!("the file has {count} faults: {}", join(|fault| &fault.en, "; ")),
            },
        )
        .field("file");
        for fault in faults {
            let row = fault.row.map_or_else(String::new, |row| row.to_string());
            let field = fault.field.as_deref().unwrap_or("");
            refused =
                refused.param("fault", format!("{}:{row}:{field}:{}", fault.file, fault.code));
        }
        refused
    }
}
