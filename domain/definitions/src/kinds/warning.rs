//! Warning rules: which metric of whom, how bad from where on, and what follows (INVENTORY C14,
//! Part 4; DISBURSEMENT.md, rule 18).
//!
//! A rule holds from the position at which its version was published. A draft is checked and can be
//! tried against the log, and raises nothing.
//!
//! **Invariant** levels and thresholds rise together; every level has a clock for each step that is
//! waited for and somebody to whom it is dispatched.

mod read;

use conditions::{Condition, Subject, Type, Window};

use super::tag::{Ids, Tag, declared, told, variable};
use super::{Critic, Definitions, Kind, Listed};
use crate::block::{Block, Name};
use crate::mistake::{Code, Fault};
use crate::word::words;

words! {
    /// The codes are those of a case.
    pub enum WarningLevel {
        /// 提示, below the three colours.
        Notice = "notice",
        Yellow = "yellow",
        Orange = "orange",
        Red = "red",
    }
}

words! {
    pub enum WarningClass {
        /// 资金发放.
        Disbursement = "disbursement",
        /// 基金运行.
        Funds = "funds",
        /// 资格认证.
        Certification = "certification",
        /// 数据交换.
        Exchange = "exchange",
        /// 失业监测.
        Unemployment = "unemployment",
        /// 减员.
        StaffReduction = "staff-reduction",
        /// 拖欠工资.
        WageArrears = "wage-arrears",
        /// 集访.
        GroupVisit = "group-visit",
        /// 使用童工.
        ChildLabour = "child-labour",
        /// 裁员.
        Layoffs = "layoffs",
        /// 未签劳动合同.
        NoContract = "no-contract",
        /// 未依法参保.
        NotInsured = "not-insured",
        /// 超规定加班加点.
        Overtime = "overtime",
        /// 生产经营不正常.
        AbnormalOperation = "abnormal-operation",
    }
}

words! {
    pub enum Standing {
        Active = "active",
        /// Tried only.
        Draft = "draft",
    }
}

words! {
    pub enum Direction {
        /// Bad is at the threshold or above.
        Above = "above",
        /// Bad is at the threshold or below.
        Below = "below",
    }
}

words! {
    /// Of what there is one open warning.
    pub enum Dedupe {
        Subject = "subject",
        SubjectAndPeriod = "subject-and-period",
    }
}

words! {
    pub enum WarningStep {
        Review = "review",
        Accept = "accept",
        Verify = "verify",
        Feedback = "feedback",
    }
}

words! {
    pub enum EscalationEffect {
        Notify = "notify",
        YellowMark = "yellow_mark",
        RedMark = "red_mark",
        RaiseLevel = "raise_level",
    }
}

words! {
    pub enum HandlingKind {
        WrittenReview = "written_review",
        Patrol = "patrol",
        SpecialCheck = "special_check",
        Filing = "filing",
        Interview = "interview",
        Symposium = "symposium",
        Other = "other",
    }
}

words! {
    pub enum Route {
        /// The town or grid of the subject.
        Town = "town",
        /// The county team.
        County = "county",
        /// The city team.
        City = "city",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    pub id: String,
    pub name: Name,
    pub source: String,
    pub class: WarningClass,
    pub standing: Standing,
    pub subject: Subject,
    /// The facts and tags that the conditions read, beside the metric.
    pub inputs: Vec<String>,
    pub tags: Vec<String>,
    /// Whom it concerns; absent: everybody.
    pub scope: Option<String>,
    pub metric: Metric,
    pub levels: Vec<LevelAt>,
    /// When it is over; absent: when no level is reached.
    pub clear_when: Option<String>,
    pub dedupe: Dedupe,
    pub cooldown_days: i64,
    pub inhibited_by: Vec<String>,
    pub suppressible: bool,
    /// More than so many at activation must be confirmed.
    pub limit: i64,
    pub dispatch: Vec<DispatchTo>,
    pub clocks: Vec<ClockOf>,
    pub escalation: Vec<RungOf>,
    /// Empty: all seven.
    pub handling: Vec<HandlingKind>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    pub fact: String,
    pub window: Window,
    pub direction: Direction,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelAt {
    pub level: WarningLevel,
    /// Fen, basis points or a count; a flag is reached at 1.
    pub at: i64,
    /// For so many months in a row; 1 for what stands.
    pub sustain: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DispatchTo {
    pub level: WarningLevel,
    pub role: String,
    pub route: Route,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockOf {
    pub level: WarningLevel,
    pub step: WarningStep,
    pub term: ClockTerm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockTerm {
    WorkingDays(u32),
    Hours(u32),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RungOf {
    pub after_days: u32,
    pub to: String,
    pub effect: EscalationEffect,
}

impl Warning {
    /// Whether the metric is so bad for this level in one period.
    #[must_use]
    pub fn reaches(&self, value: i64, level: &LevelAt) -> bool {
        match self.metric.direction {
            Direction::Above => value >= level.at,
            Direction::Below => value <= level.at,
        }
    }

    /// The worst level whose threshold is reached: `values` are the metric's periods, the last one
    /// first, each the period before the one ahead of it.
    #[must_use]
    pub fn level(&self, values: &[i64]) -> Option<&LevelAt> {
        self.levels.iter().rev().find(|level| {
            let months = usize::try_from(level.sustain).unwrap_or(usize::MAX);
            values.len() >= months
                && values[..months].iter().all(|value| self.reaches(*value, level))
        })
    }

    #[must_use]
    pub fn is_active(&self) -> bool {
        self.standing == Standing::Active
    }

    /// Its facts that nothing records yet.
    #[must_use]
    pub fn awaiting(&self) -> Vec<&str> {
        let names = self.inputs.iter().chain([&self.metric.fact]);
        let awaiting = |name: &&String| {
            conditions::facts::find(self.subject, name)
                .is_some_and(conditions::Declared::is_awaiting)
        };
        names.filter(awaiting).map(String::as_str).collect()
    }

    /// The conditions, checked: whom it concerns, and when it is over.
    pub(crate) fn compiled<'a>(
        &self,
        tag_of: impl Fn(&str) -> Option<&'a Tag>,
        ids: Ids<'_>,
    ) -> Result<Conditions, Vec<(&'static str, Fault)>> {
        // A tag that is not there is told as a dangling reference, or by its own mistakes.
        if self.tags.iter().any(|id| tag_of(id).is_none()) {
            return Err(Vec::new());
        }
        let mut names = declared(self.subject, &self.inputs, ids)?;
        names.extend(
            self.tags
                .iter()
                .filter_map(|id| tag_of(id))
                .map(|tag| (variable(&tag.id), tag.value.clone())),
        );
        let mut faults = Vec::new();
        let mut unused: Vec<String> = names.iter().map(|(name, _)| name.clone()).collect();
        let mut compile = |key: &'static str, source: &Option<String>| {
            let source = source.as_ref()?;
            let word = |c: char| !(c.is_alphanumeric() || c == '_');
            let named = |name: &str| source.split(word).any(|part| part == name);
            let of: Vec<(String, Type)> =
                names.iter().filter(|(name, _)| named(name)).cloned().collect();
            unused.retain(|name| !named(name));
            match Condition::check(source, &of, &Type::Flag) {
                Ok(condition) => Some(condition),
                Err(told_of) => {
                    faults.extend(told_of.into_iter().map(|fault| (key, told(fault))));
                    None
                }
            }
        };
        let scope = compile("scope", &self.scope);
        let clear_when = compile("clear_when", &self.clear_when);
        for name in unused {
            let (zh, en) = (format!("声明了“{name}”却未用到"), format!("{name} is never used"));
            faults.push(("inputs", Fault::contradiction(zh, en)));
        }
        if faults.is_empty() { Ok(Conditions { scope, clear_when }) } else { Err(faults) }
    }

    /// The conditions of a rule of a checked catalogue.
    #[must_use]
    pub fn conditions<'a>(&self, tag_of: impl Fn(&str) -> Option<&'a Tag>) -> Option<Conditions> {
        // Which ids there are was checked when it was published.
        self.compiled(tag_of, &|_| Vec::new()).ok()
    }

    fn check_levels(&self, critic: &Critic<'_>) {
        let sign = match self.metric.direction {
            Direction::Above => 1,
            Direction::Below => -1,
        };
        for pair in self.levels.windows(2) {
            let (lower, higher) = (&pair[0], &pair[1]);
            let worse = (sign * lower.at, lower.sustain) < (sign * higher.at, higher.sustain)
                && sign * lower.at <= sign * higher.at;
            if lower.level >= higher.level || !worse {
                let (one, other) = (lower.level, higher.level);
                critic.note(
                    "level",
                    Fault::contradiction(
                        format!("{other} 的阈值须比 {one} 更严重，且级别由低到高"),
                        format!("{other} must be worse than {one}, and levels rise"),
                    ),
                );
            }
            if lower.sustain > higher.sustain && lower.at == higher.at {
                let zh = "同一阈值下，级别越高持续期数越多";
                let en = "at one threshold a higher level lasts longer";
                critic.note("level", Fault::contradiction(zh, en));
            }
        }
        if self.metric.window == Window::Standing
            && self.levels.iter().any(|level| level.sustain > 1)
        {
            let zh = "即时指标没有期数，sustain 只能为 1";
            let en = "a standing metric has no periods: sustain is 1";
            critic.note("level", Fault::contradiction(zh, en));
        }
    }

    fn check_steps(&self, critic: &Critic<'_>) {
        for level in &self.levels {
            let level = level.level;
            if !self.dispatch.iter().any(|to| to.level == level) {
                critic.note(
                    "dispatch",
                    Fault::new(
                        Code::MissingField,
                        format!("{level} 没有分派对象"),
                        format!("{level} is dispatched to nobody"),
                    ),
                );
            }
            for step in [
                WarningStep::Review,
                WarningStep::Accept,
                WarningStep::Verify,
                WarningStep::Feedback,
            ] {
                if !self.clocks.iter().any(|clock| clock.level == level && clock.step == step) {
                    critic.note(
                        "clock",
                        Fault::new(
                            Code::MissingField,
                            format!("{level} 的 {step} 没有时限"),
                            format!("{step} of {level} has no clock"),
                        ),
                    );
                }
            }
        }
    }
}

/// A rule's conditions, ready to be asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Conditions {
    pub scope: Option<Condition>,
    pub clear_when: Option<Condition>,
}

impl Kind for Warning {
    const WORD: &'static str = "warning";
    type Id = String;

    fn read(block: &Block<'_>) -> Option<(String, Self)> {
        read::warning(block)
    }

    fn check(&self, among: &Definitions, critic: &Critic<'_>) {
        match conditions::facts::find(self.subject, &self.metric.fact) {
            Some(fact) if fact.window != self.metric.window => {
                let fact = self.metric.fact.as_str();
                critic.note(
                    "metric",
                    Fault::contradiction(
                        format!("事实 {fact} 的统计窗口与 window 不符"),
                        format!("{fact} is not taken over this window"),
                    ),
                );
            }
            // One that is not there was told when it was read.
            Some(_) | None => {}
        }
        self.check_levels(critic);
        self.check_steps(critic);
        if self.inhibited_by.contains(&self.id) {
            let (zh, en) = ("规则不能抑制自身", "a rule cannot inhibit itself");
            critic.note("inhibited_by", Fault::contradiction(zh, en));
        }
        if let Err(faults) =
            self.compiled(|id| Tag::list(among).get(id), &|kind| critic.ids_of(kind))
        {
            faults.into_iter().for_each(|(key, fault)| critic.note(key, fault));
        }
    }
}
