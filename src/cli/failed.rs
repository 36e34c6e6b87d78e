//! How a sub-command that ended badly tells it, and its exit code.

use ::commands::CommandError;
use serde::Serialize;

use super::desk::Desk;
use super::voice::Unread;

/// The exit codes, as every help and the README tell them.
pub const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 refused by a rule, or a proof does not hold; 2 wrong command line; 3 the \
installation cannot be used; 4 a fault.";

pub const DONE: u8 = 0;
pub const FAULT: u8 = 4;

/// Why a command ended badly although no rule refused it.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub enum Unusable {
    #[error("the installation cannot be used")]
    Installation,
    #[error("the proof does not hold")]
    Refuted,
    /// Rows or files that a person handed in.
    #[error("what was handed in is refused, in part or whole")]
    Input,
    /// The command line names something that is not there.
    #[error("there is nothing of this name")]
    Asked,
}

impl Unusable {
    fn code(self) -> &'static str {
        match self {
            Self::Installation => "INSTALLATION_UNUSABLE",
            Self::Refuted => "PROOF_BROKEN",
            Self::Input => "INPUT_REFUSED",
            Self::Asked => "NO_SUCH_NAME",
        }
    }

    fn zh(self) -> &'static str {
        match self {
            Self::Installation => "安装目录无法使用",
            Self::Refuted => "证明不成立",
            Self::Input => "提交的内容有部分或全部未被接受",
            Self::Asked => "没有这个名称，请核对命令行",
        }
    }

    fn exit(self) -> u8 {
        match self {
            Self::Refuted | Self::Input => 1,
            Self::Asked => 2,
            Self::Installation => 3,
        }
    }
}

/// An error as people and programs read it.
#[derive(Debug, Serialize)]
struct Told {
    code: &'static str,
    zh: String,
    en: String,
    exit: u8,
    /// Where in a file: name, row, field and rule.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    places: Vec<String>,
}

/// Tells what came of a sub-command; the exit code.
pub fn exit(desk: &Desk, outcome: anyhow::Result<()>) -> u8 {
    let Err(error) = outcome else { return DONE };
    if error.downcast_ref::<Unread>().is_some() {
        return DONE;
    }
    let told = told(&error);
    // Nobody is left to hear that nobody listens; the exit code says it.
    let _unheard = tell(desk, &told);
    told.exit
}

fn tell(desk: &Desk, told: &Told) -> anyhow::Result<()> {
    if desk.json() {
        #[derive(Serialize)]
        struct Answer<'a> {
            error: &'a Told,
        }
        return desk.err(&serde_json::to_string(&Answer { error: told })?);
    }
    for text in desk.lang.pick(&told.zh, &told.en) {
        desk.err(&format!("{}: {text}", told.code))?;
    }
    told.places.iter().try_for_each(|place| desk.err(&format!("  {place}")))
}

fn told(error: &anyhow::Error) -> Told {
    if let Some(command) = error.downcast_ref::<CommandError>() {
        let params = command.params();
        let places = params.iter().filter(|(name, _)| *name == "fault");
        let mut places: Vec<String> = places.map(|(_, place)| place.clone()).collect();
        if let CommandError::Fault { what } = command {
            places.push(what.clone());
        }
        return Told {
            code: command.code(),
            zh: command.zh(),
            en: command.en(),
            exit: if command.is_refusal() { 1 } else { FAULT },
            places,
        };
    }
    let (code, zh, exit) = match error.downcast_ref::<Unusable>() {
        Some(unusable) => (unusable.code(), unusable.zh(), unusable.exit()),
        None => ("FAULT", "系统故障", FAULT),
    };
    // The chain is told in English; of a database its reason is told in Chinese, too.
    let zh = match error.downcast_ref::<postgres::OpenError>() {
        Some(why) => format!("{zh}：{}", why.zh()),
        None => zh.to_owned(),
    };
    Told { code, zh, en: format!("{error:#}"), exit, places: Vec::new() }
}
