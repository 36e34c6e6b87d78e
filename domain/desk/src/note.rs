//! A comment on an indicator or a panel, or a question or instruction to a person, who answers it.
//!
//! **Streams** `note-<id>`.
//! **Invariant** what is asked of a person is answered by him or withdrawn by who wrote it, once.

use kernel::{Decider, refusals, stages};
use serde::{Deserialize, Serialize};
use shared::Date;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Note {
    #[default]
    Unwritten,
    Standing(Box<Written>),
    Over,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Comment,
    Question,
    Instruction,
}

stages!(Kind {
    Comment = "comment", "评论";
    Question = "question", "询问";
    Instruction = "instruction", "批示";
});

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Of {
    Indicator,
    Panel,
}

stages!(Of {
    Indicator = "indicator", "指标";
    Panel = "panel", "面板";
});

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Write(Written),
    Answer { by: String, on: Date, text: String },
    Withdraw { by: String, on: Date },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    #[serde(rename = "note.written.v1")]
    Written(Written),
    #[serde(rename = "note.answered.v1")]
    Answered { by: String, on: Date, text: String },
    #[serde(rename = "note.withdrawn.v1")]
    Withdrawn { by: String, on: Date },
}

kernel::event!(Event);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    pub kind: Kind,
    pub of: Of,
    /// The id of the indicator, or `<dashboard>/<panel>`.
    pub about: String,
    /// The period that it speaks of, as an indicator is asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// To whom a question or an instruction goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Without names and numbers of people.
    pub text: String,
    pub by: String,
    pub on: Date,
}

refusals! {
    /// Why a note is refused.
    Error {
        NoText = "NOTE_TEXT_MISSING", "a note says something", "须填写内容";
        ToNobody = "NOTE_TO_NOBODY",
            "a question or an instruction goes to another person", "询问和批示须指定另一接收人";
        CommentToSomebody = "NOTE_COMMENT_TO_SOMEBODY",
            "a comment goes to everybody", "评论不指定接收人";
        Known = "NOTE_ALREADY_WRITTEN", "the note was written already", "该批注已登记";
        Unknown = "NOTE_UNKNOWN", "there is no such note", "查无此批注";
        Over = "NOTE_OVER", "the note was answered or withdrawn", "该批注已答复或撤回";
        NoAnswer = "NOTE_WANTS_NO_ANSWER", "a comment is not answered", "评论无须答复";
        NotToHim { to: String } = "NOTE_NOT_TO_HIM",
            "it was put to {to}, who answers it", "应由 {to} 答复";
        NotHis { writer: String } = "NOTE_NOT_HIS",
            "it was written by {writer}, who withdraws it", "只能由 {writer} 撤回";
    }
}

impl Decider for Note {
    const CATEGORY: &'static str = "note";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Error> {
        match (self, command) {
            (Self::Unwritten, Command::Write(written)) => {
                written.fits()?;
                Ok(vec![Event::Written(written)])
            }
            (Self::Standing(_) | Self::Over, Command::Write(_)) => Err(Error::Known),
            (Self::Unwritten, Command::Answer { .. } | Command::Withdraw { .. }) => {
                Err(Error::Unknown)
            }
            (Self::Over, Command::Answer { .. } | Command::Withdraw { .. }) => Err(Error::Over),
            (Self::Standing(written), Command::Answer { by, on, text }) => match &written.to {
                None => Err(Error::NoAnswer),
                Some(to) if *to != by => Err(Error::NotToHim { to: to.clone() }),
                Some(_) if text.trim().is_empty() => Err(Error::NoText),
                Some(_) => Ok(vec![Event::Answered { by, on, text }]),
            },
            (Self::Standing(written), Command::Withdraw { by, .. }) if written.by != by => {
                Err(Error::NotHis { writer: written.by.clone() })
            }
            (Self::Standing(_), Command::Withdraw { by, on }) => {
                Ok(vec![Event::Withdrawn { by, on }])
            }
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Written(written) => Self::Standing(Box::new(written.clone())),
            Event::Answered { .. } | Event::Withdrawn { .. } => Self::Over,
        }
    }
}

impl Written {
    fn fits(&self) -> Result<(), Error> {
        if self.text.trim().is_empty() {
            return Err(Error::NoText);
        }
        match (self.kind, &self.to) {
            (Kind::Comment, None) => Ok(()),
            (Kind::Comment, Some(_)) => Err(Error::CommentToSomebody),
            (Kind::Question | Kind::Instruction, Some(to))
                if !to.trim().is_empty() && *to != self.by =>
            {
                Ok(())
            }
            (Kind::Question | Kind::Instruction, _) => Err(Error::ToNobody),
        }
    }
}

#[cfg(test)]
mod tests {
    use ::laws::{Dice, hold};
    use kernel::given;

    use super::*;

    const ON: Date = Date::constant(2026, 2, 3);

    fn written(kind: Kind, to: Option<&str>, text: &str) -> Written {
        Written {
            kind,
            of: Of::Indicator,
            about: "amount-paid".to_owned(),
            period: Some("2026-01".to_owned()),
            to: to.map(str::to_owned),
            text: text.to_owned(),
            by: "leader".to_owned(),
            on: ON,
        }
    }

    fn answer(by: &str, text: &str) -> Command {
        Command::Answer { by: by.to_owned(), on: ON, text: text.to_owned() }
    }

    #[test]
    fn a_question_is_answered_by_whom_it_was_put_to() {
        let question = written(Kind::Question, Some("wu"), "为何下降？");
        let not_his = Error::NotToHim { to: "wu".to_owned() };
        given::<Note>([Event::Written(question.clone())])
            .when(answer("chen", "补发在下月"))
            .then_refused(not_his);
        given::<Note>([Event::Written(question)])
            .when(answer("wu", "补发在下月"))
            .then([Event::Answered {
                by: "wu".to_owned(), on: ON, text: "补发在下月".to_owned()
            }])
            .when(answer("wu", "再次"))
            .then_refused(Error::Over);
        for (note, refusal) in [
            (written(Kind::Question, None, "？"), Error::ToNobody),
            (written(Kind::Instruction, Some("leader"), "请核查"), Error::ToNobody),
            (written(Kind::Comment, Some("wu"), "好"), Error::CommentToSomebody),
            (written(Kind::Comment, None, " "), Error::NoText),
        ] {
            given::<Note>([]).when(Command::Write(note)).then_refused(refusal);
        }
    }

    #[test]
    fn a_note_ends_once() {
        fn next(_: &Note, dice: &mut Dice) -> Command {
            match dice.below(4) {
                0 => answer(dice.one_of(&["wu", "wu", "chen"]), dice.one_of(&["已核", "已核", ""])),
                1 => Command::Withdraw { by: dice.one_of(&["leader", "wu"]).to_owned(), on: ON },
                _ => {
                    let kind = dice.one_of(Kind::ALL);
                    let to = dice.one_of(&[None, Some("wu"), Some("wu"), Some("leader")]);
                    Command::Write(written(kind, to, dice.one_of(&["看", "看", " "])))
                }
            }
        }
        fn law(history: &[Event], state: &Note) {
            assert!(history.len() <= 2);
            assert_eq!(history.len() == 2, *state == Note::Over);
            if let [Event::Written(written), Event::Answered { by, .. }] = history {
                assert_eq!(written.to.as_ref(), Some(by));
            }
        }
        hold::<Note>(next, law, Error::code, Error::CODES);
    }
}
