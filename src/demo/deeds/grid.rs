//! What the grid enters, and what the team on duty makes of it (DISBURSEMENT 4.14).

use anyhow::Result;
use commands::warnings::{Enter, Warnings};
use shared::Date;
use simulations::story::grid::{Colour, Course, GridCase, UNPAID_WORKERS, WAGES_PAID};
use simulations::uuid;
use uuid::Uuid;
use warnings::case::{About, Act, Assignment};
use warnings::{Channel, Handling, Level};

use crate::demo::office::{Office, after};

/// Who does a step.
const GRID: &str = "grid";
const DUTY: &str = "duty";
const TEAM: &str = "team";
/// Hours by which the last step waits for the day on which the wages were promised.
const PROMISED_HOURS: u32 = 24 * 9;

pub async fn morning(office: &Office<'_>) -> Result<()> {
    for case in &office.story.grid {
        if case.entered == office.day.get() {
            enter(office, case).await?;
        }
        for (place, (on, by, act)) in steps(office, case)?.into_iter().enumerate() {
            if on != office.day.get() {
                continue;
            }
            let envelope = office.envelope(by, "warning", format!("{} {place}", case.index))?;
            warnings(office).act(&envelope, id(office, case), None, act).await?;
        }
    }
    Ok(())
}

fn warnings(office: &Office<'_>) -> Warnings {
    Warnings::new(office.node.executor.clone(), office.node.rules.clone())
}

/// The warning of a case.
pub fn id(office: &Office<'_>, case: &GridCase) -> Uuid {
    uuid(office.city.plan(), "grid-case", case.index)
}

async fn enter(office: &Office<'_>, case: &GridCase) -> Result<()> {
    let employer = &office.city.employers()[case.employer as usize];
    let content = match case.course {
        Course::WagesPaid => format!("工地{UNPAID_WORKERS}名工人被拖欠工资"),
        Course::Filed => "发现使用未满十六周岁人员".to_owned(),
        _ => "网格巡查发现".to_owned(),
    };
    let input = Enter {
        warning: id(office, case),
        channel: Channel::Grid,
        rule: case.rule.to_owned(),
        level: match case.colour {
            Colour::Yellow => Level::Yellow,
            Colour::Orange => Level::Orange,
            Colour::Red => Level::Red,
        },
        about: About { kind: "employer".to_owned(), id: employer.id.to_string() },
        division: Some(employer.county),
        content,
    };
    let envelope = office.envelope(GRID, "warning-entered", case.index)?;
    warnings(office).enter(&envelope, &input).await?;
    Ok(())
}

/// What is done with a case, on which day and by whom.
fn steps(office: &Office<'_>, case: &GridCase) -> Result<Vec<(Date, &'static str, Act)>> {
    let day = |later: u32| after(case.entered, later);
    let employer = &office.city.employers()[case.employer as usize];
    let to = Assignment {
        role: "county-team".to_owned(),
        division: Some(employer.county),
        organisation: None,
        person: None,
    };
    let text = |text: &str| text.to_owned();
    let registered = |complaint: Option<&str>, order: Option<&str>| Act::Confirm {
        complaint: complaint.map(text),
        work_order: order.map(text),
    };
    let handled = |how: Handling, note: &str| Act::Handle { how, note: text(note) };
    let fed_back = |words: &str| Act::GiveFeedback { text: text(words), done: true };
    let released = |reason: &str| Act::Release { reason: text(reason), batch: None };
    let visited = |finding: &str| Act::Verify { finding: text(finding) };
    Ok(match case.course {
        Course::Released => vec![
            (day(0)?, DUTY, registered(None, None)),
            (day(0)?, DUTY, Act::Dispatch { to }),
            (day(1)?, TEAM, Act::Accept),
            (day(1)?, TEAM, visited("现场核实属实")),
            (day(2)?, TEAM, handled(Handling::Interview, "约谈负责人")),
            (day(2)?, TEAM, fed_back("已整改")),
            (day(3)?, DUTY, released("整改到位")),
        ],
        Course::WagesPaid => vec![
            (day(0)?, DUTY, registered(Some("投诉登记〔2026〕31号"), None)),
            (day(0)?, DUTY, Act::Dispatch { to }),
            (day(0)?, TEAM, Act::Accept),
            (day(0)?, TEAM, visited("31名工人12月工资未付")),
            (day(1)?, TEAM, handled(Handling::Interview, "约谈负责人，承诺2月12日前付清")),
            (
                day(1)?,
                DUTY,
                Act::ExtendClock {
                    by: PROMISED_HOURS,
                    approver: text("demo.director"),
                    reason: text("企业承诺2月12日发放"),
                },
            ),
            (WAGES_PAID, TEAM, fed_back("31名工人工资已付清")),
            (WAGES_PAID, DUTY, released("工资已付清")),
        ],
        Course::Filed => vec![
            (day(0)?, DUTY, registered(Some("投诉登记〔2026〕77号"), Some("交办单〔2026〕19号"))),
            (day(0)?, DUTY, Act::Dispatch { to }),
            (day(0)?, TEAM, Act::Accept),
            (day(0)?, TEAM, visited("核实1人未满十六周岁")),
            (day(1)?, TEAM, handled(Handling::Filing, "劳动监察立案")),
            (day(1)?, TEAM, fed_back("已送返并立案处罚")),
            (day(2)?, DUTY, released("已立案处理")),
        ],
        Course::PreFiled => vec![
            (day(0)?, DUTY, registered(None, None)),
            (day(0)?, DUTY, Act::Dispatch { to }),
            (day(0)?, TEAM, Act::Accept),
            (day(0)?, TEAM, visited("负责人失联")),
            (day(1)?, DUTY, Act::PreFile { case_number: text("预立案〔2026〕3号") }),
        ],
        Course::Lifted => vec![(day(1)?, GRID, Act::Lift { reason: text("误录，非本网格企业") })],
        Course::Waiting => vec![(day(0)?, DUTY, registered(None, None))],
        Course::Overdue | Course::Escalated => Vec::new(),
    })
}
