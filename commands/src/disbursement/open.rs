//! An item-period opens with a run: what it is about, and the rules that it pins.

use definitions::Catalogue;
use definitions::kinds::item::{Item, PayDay, Weekday};
use disbursement::period::{self, Period};
use disbursement::plan::{self, Header, Pinned, Plan, Step};
use serde::{Deserialize, Serialize};
use shared::{AgencyCode, AreaCode, Date, FundCode, ItemId, Month, RunType, WorkingDays};

use super::opening::begin_runs;
use super::{Disbursement, ids};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;

/// Opens a run, and its item-period if it is the first one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenRun {
    pub item: ItemId,
    pub month: Month,
    pub area: AreaCode,
    pub run: RunType,
    pub agency: AgencyCode,
    /// Which of the item's funds pays; absent: the usual one.
    pub fund: Option<FundCode>,
    /// Where the calendar has no pay day for it.
    pub pay_day: Option<Date>,
    /// Why it opens although the month before is open.
    pub exception: Option<String>,
}

impl Disbursement {
    /// The id of the plan.
    ///
    /// # Errors
    /// An unknown item, a month in which it does not run, the month before still open.
    pub async fn open_run(
        &self,
        envelope: &Envelope,
        input: &OpenRun,
    ) -> Result<Done<String>, CommandError> {
        let OpenRun { item, month, area, run, .. } = *input;
        let rules = self.rules(month.last_day())?;
        let definition = rules.item(item).map_err(not_defined)?;
        if run == RunType::Normal && !definition.runs_in(month.month()) {
            return Err(Refused::new(
                "ITEM_DOES_NOT_RUN",
                format!("项目{item}在{month}不发放，请改用零星或补发批次"),
                format!("item {item} does not run in {month}: use a sporadic or back-pay run"),
            )
            .field("month")
            .into());
        }
        let fund = input.fund.unwrap_or_else(|| definition.fund());
        if !definition.funds.contains(&fund) {
            return Err(Refused::new(
                "FUND_NOT_OF_ITEM",
                format!("项目{item}不由基金{fund}支付"),
                format!("fund {fund} does not pay item {item}"),
            )
            .field("fund")
            .into());
        }
        let pay_day = match input.pay_day {
            Some(day) => day,
            None => {
                let on = match envelope.business_date {
                    Some(on) => on,
                    None => self.executor.business_day().await?,
                };
                pay_day(definition, month, on, &rules)?
            }
        };
        let chain = rules.chain(definition.chain_id(run)).map_err(not_defined)?;
        let pin = |kind: &str, id: &str| {
            let digest = rules.definition(kind, id).map(|definition| definition.digest.clone());
            digest.map(|digest| Pinned { definition: format!("{kind}/{id}"), digest })
        };
        let pinned = [
            pin("item", item.as_str()),
            pin("chain", definition.chain_id(run)),
            pin("posting", &definition.posting),
        ];
        let steps = chain.steps.iter().filter(|step| is_review(step.stage));
        let header = |number: u16| Header {
            item,
            month,
            area,
            run,
            number,
            fund,
            agency: input.agency,
            pay_day,
            chain: steps
                .clone()
                .map(|step| Step { role: step.role.to_string(), above: step.above })
                .collect(),
            amount_min: definition.bounds.min,
            amount_max: definition.bounds.max,
            pinned: pinned.iter().flatten().cloned().collect(),
        };
        let id = ids::period(item, month, area);
        self.executor
            .run(envelope, "run.open", input, async |unit| {
                let (period, _) = unit.load::<Period>(&id).await?;
                if period.stage == period::Stage::Unopened {
                    let before = ids::period(item, month.previous(), area);
                    let (last, _) = unit.guard::<Period>(&before).await?;
                    let before = match last.stage {
                        period::Stage::Unopened => period::Before::NeverOpened,
                        period::Stage::Open => period::Before::Open,
                        period::Stage::Closed => period::Before::Closed,
                    };
                    let exception = input.exception.clone();
                    let open = period::Command::Open { item, month, area, before, exception };
                    unit.decide::<Period>(&id, open).await?;
                    begin_runs(&unit, item, area).await?;
                }
                let number = u16::try_from(period.plans.len() + 1).map_err(CommandError::fault)?;
                let plan = ids::plan(item, month, area, number);
                let add = period::Command::AddRun { plan: plan.clone() };
                unit.decide::<Period>(&id, add).await?;
                unit.decide::<Plan>(&plan, plan::Command::Open(header(number))).await?;
                Ok(plan)
            })
            .await
    }
}

/// The day on which the item is paid in `month`: a day off moves it earlier (DISBURSEMENT 2.6). A
/// weekly item takes the next such weekday from the business date.
fn pay_day(item: &Item, month: Month, on: Date, rules: &Catalogue) -> Result<Date, CommandError> {
    let calendar = WorkingDays::bundled();
    let found = match &item.pay_day {
        PayDay::DayOfMonth { day } => calendar.pay_day(month, *day).map_err(|no| no.to_string()),
        PayDay::DayOfWeek { weekday } => {
            // Several runs a month: each has the next such weekday, the last one of the month at most.
            let first = if month.contains(on) { on } else { month.first_day() };
            let wanted = iso_weekday(*weekday);
            let ahead = (wanted - first.weekday().to_monday_one_offset()).rem_euclid(7);
            let next = first.day() + ahead;
            let last = month.last_day().day();
            let next = if next > last { next - 7 } else { next };
            calendar.pay_day(month, next).map_err(|no| no.to_string())
        }
        PayDay::Dated { parameter } => dated(parameter, month, rules),
    };
    found.map_err(|text| {
        Refused::new("NO_PAY_DAY", format!("无法确定{month}的发放日：{text}"), text)
            .field("payDay")
            .into()
    })
}

fn dated(parameter: &str, month: Month, rules: &Catalogue) -> Result<Date, String> {
    let parameter = rules.parameter(parameter).map_err(|missing| missing.to_string())?;
    let date = parameter.date_on(month.last_day()).map_err(|missing| missing.to_string())?;
    if month.contains(date) {
        return Ok(date);
    }
    Err(format!("{} is {date}, not in {month}", parameter.id))
}

fn iso_weekday(weekday: Weekday) -> i8 {
    match weekday {
        Weekday::Monday => 1,
        Weekday::Tuesday => 2,
        Weekday::Wednesday => 3,
        Weekday::Thursday => 4,
        Weekday::Friday => 5,
    }
}

/// Submission comes before the chain, keys come with the bank file.
fn is_review(stage: definitions::kinds::chain::Stage) -> bool {
    use definitions::kinds::chain::Stage;
    match stage {
        Stage::Review | Stage::Finance => true,
        Stage::Submit | Stage::Key => false,
    }
}

pub(super) fn not_defined(missing: definitions::NoSuchDefinition) -> CommandError {
    CommandError::NotFound { what: missing.kind, id: missing.id }
}
