//! One table on its way in: asked for, taken piece by piece, ended with a report for each row.
//!
//! **Streams** `import-<id>`.
//! **Invariant** an import ends once; its counts never shrink, and they add up to its rows.

use kernel::{Decider, refusals, stages};
use serde::{Deserialize, Serialize};
use shared::{ArtefactId, Date};

pub const FAULTS_MAX: usize = 20;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Import {
    pub stage: Stage,
    pub asked: Option<Asked>,
    pub counts: Counts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    #[default]
    Unknown,
    Taking,
    Finished,
    Refused,
}

stages!(Stage {
    Unknown = "unknown", "未登记";
    Taking = "taking", "导入中";
    Finished = "finished", "已完成";
    Refused = "refused", "文件不合格";
});

/// What a table lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Persons,
    Employers,
    Cards,
    Grants,
}

/// How its bytes are read. A file that calls itself CSV and is not UTF-8 may be GB18030 only where
/// the person says so: guessed wrongly, it would turn names into other names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Csv,
    CsvGb18030,
    Xlsx,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub kind: Kind,
    pub format: Format,
    pub file: ArtefactId,
    pub by: String,
    /// The business date of what the rows say.
    pub on: Date,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    pub rows: u64,
    pub accepted: u64,
    /// Known before, or an earlier row of the file.
    pub known: u64,
    pub refused: u64,
}

/// What is wrong with the file as a whole; never what a cell holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    pub rule: String,
    pub zh: String,
    pub en: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Start(Asked),
    /// So much is done. Said again after a restart it changes nothing.
    Advance(Counts),
    /// `broken` is the fault that ended the file before its end: what came before it is taken.
    Finish {
        counts: Counts,
        report: ArtefactId,
        broken: Option<Fault>,
    },
    /// No row could be read at all.
    Refuse(Vec<Fault>),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "import.started.v1")]
    Started(Asked),
    #[serde(rename = "import.advanced.v1")]
    Advanced(Counts),
    #[serde(rename = "import.finished.v1")]
    Finished {
        counts: Counts,
        report: ArtefactId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        broken: Option<Fault>,
    },
    #[serde(rename = "import.refused.v1")]
    Refused { faults: Vec<Fault> },
}

kernel::event!(Event);

refusals! {
    /// Why an import does not go on.
    Error {
        Started = "IMPORT_STARTED", "the import is started already", "该导入已登记";
        Unknown = "IMPORT_UNKNOWN", "there is no such import", "查无此导入";
        Over { is: Stage } = "IMPORT_OVER",
            "the import is {is:?} and takes no more rows", "该导入{is}，不再接收数据", is = is.zh();
        CountsDiffer { counts: u64, rows: u64 } = "IMPORT_COUNTS_DIFFER",
            "{counts} rows are told apart, {rows} were read", "各类行数合计 {counts}，读入 {rows}，两者不符";
        Shrunk { rows: u64, before: u64 } = "IMPORT_COUNTS_SHRUNK",
            "{rows} rows are fewer than the {before} that were done", "行数 {rows} 少于已处理的 {before}";
        NoFault = "IMPORT_FAULT_MISSING",
            "a file is refused for a reason", "退回文件须说明原因";
    }
}

impl Counts {
    fn check(self, before: Self) -> Result<Self, Error> {
        let counts = self.accepted + self.known + self.refused;
        if counts != self.rows {
            return Err(Error::CountsDiffer { counts, rows: self.rows });
        }
        if self.rows < before.rows {
            return Err(Error::Shrunk { rows: self.rows, before: before.rows });
        }
        Ok(self)
    }
}

impl Import {
    fn taking(&self) -> Result<(), Error> {
        match self.stage {
            Stage::Unknown => Err(Error::Unknown),
            Stage::Taking => Ok(()),
            is @ (Stage::Finished | Stage::Refused) => Err(Error::Over { is }),
        }
    }
}

impl Decider for Import {
    const CATEGORY: &'static str = "import";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match command {
            Command::Start(_) if self.stage != Stage::Unknown => Err(Error::Started),
            Command::Start(asked) => Ok(vec![Event::Started(asked)]),
            Command::Advance(counts) => {
                self.taking()?;
                // A run that goes on after a restart counts from the first row again.
                if counts.rows <= self.counts.rows {
                    return Ok(vec![]);
                }
                Ok(vec![Event::Advanced(counts.check(self.counts)?)])
            }
            Command::Finish { counts, report, broken } => {
                self.taking()?;
                let counts = counts.check(self.counts)?;
                Ok(vec![Event::Finished { counts, report, broken }])
            }
            Command::Refuse(faults) => {
                self.taking()?;
                if faults.is_empty() {
                    return Err(Error::NoFault);
                }
                let faults = faults.into_iter().take(FAULTS_MAX).collect();
                Ok(vec![Event::Refused { faults }])
            }
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Started(asked) => {
                Self { stage: Stage::Taking, asked: Some(asked.clone()), counts: Counts::default() }
            }
            Event::Advanced(counts) => Self { counts: *counts, ..self },
            Event::Finished { counts, .. } => {
                Self { stage: Stage::Finished, counts: *counts, ..self }
            }
            Event::Refused { .. } => Self { stage: Stage::Refused, ..self },
        }
    }
}

#[cfg(test)]
mod tests {
    use ::laws::{Dice, hold};
    use kernel::given;

    use super::*;

    ::laws::history!("imports": Import);

    fn asked() -> Asked {
        Asked {
            kind: Kind::Persons,
            format: Format::Csv,
            file: "5e".repeat(32).parse().unwrap(),
            by: "chen".to_owned(),
            on: Date::constant(2026, 1, 5),
        }
    }

    fn counts(accepted: u64, known: u64, refused: u64) -> Counts {
        Counts { rows: accepted + known + refused, accepted, known, refused }
    }

    fn finish(counts: Counts) -> Command {
        Command::Finish { counts, report: "ab".repeat(32).parse().unwrap(), broken: None }
    }

    #[test]
    fn a_run_that_goes_on_says_nothing_twice() {
        given::<Import>([Event::Started(asked()), Event::Advanced(counts(1_990, 4, 6))])
            .when(Command::Advance(counts(1_990, 4, 6)))
            .then_nothing();
        given::<Import>([Event::Started(asked()), Event::Advanced(counts(1_990, 4, 6))])
            .when(Command::Advance(counts(3_980, 9, 11)))
            .then([Event::Advanced(counts(3_980, 9, 11))]);
    }

    #[test]
    fn a_file_that_no_row_could_be_read_of_is_refused_with_its_faults() {
        let fault = Fault {
            row: Some(1),
            rule: "missing-column".to_owned(),
            zh: "缺少列：姓名".to_owned(),
            en: "the column 姓名 is missing".to_owned(),
        };
        given::<Import>([Event::Started(asked())])
            .when(Command::Refuse(vec![fault.clone(); 30]))
            .then([Event::Refused { faults: vec![fault; FAULTS_MAX] }])
            .when(finish(counts(1, 0, 0)))
            .then_refused(Error::Over { is: Stage::Refused });
    }

    #[test]
    fn counts_add_up_and_never_shrink() {
        fn next(state: &Import, dice: &mut Dice) -> Command {
            let done = state.counts;
            let more = dice.below(3) as u64;
            let mut counts = counts(done.accepted + more, done.known, done.refused + more);
            match dice.below(10) {
                0 => counts.rows += 1,
                1 => counts = self::counts(0, 0, 0),
                _ => {}
            }
            match dice.below(12) {
                0..=2 => Command::Start(asked()),
                3..=7 => Command::Advance(counts),
                8 | 9 => finish(counts),
                10 => Command::Refuse(vec![]),
                _ => Command::Refuse(vec![Fault {
                    row: None,
                    rule: "encoding".to_owned(),
                    zh: "编码".to_owned(),
                    en: "encoding".to_owned(),
                }]),
            }
        }
        fn law(history: &[Event], state: &Import) {
            let mut rows = 0;
            for event in history {
                match event {
                    Event::Advanced(counts) | Event::Finished { counts, .. } => {
                        assert_eq!(counts.rows, counts.accepted + counts.known + counts.refused);
                        assert!(rows <= counts.rows);
                        rows = counts.rows;
                    }
                    Event::Started(_) | Event::Refused { .. } => {}
                }
            }
            let ends =
                |event: &&Event| matches!(event, Event::Finished { .. } | Event::Refused { .. });
            assert!(history.iter().filter(ends).count() <= 1);
            assert_eq!(state.counts.rows, rows);
        }
        hold::<Import>(next, law, Error::code, Error::CODES);
    }
}
