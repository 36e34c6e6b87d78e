//! A cut-over: what was paid before, and what must never be paid again.

use async_graphql::{ID, InputObject};
use commands::disbursement::EnterOpening;
use disbursement::opening::Settled;
use shared::{AreaCode, ArtefactId, ItemId, PersonId};

use super::about;
use crate::disbursement::feed::Opening;
use crate::disbursement::steps::{self, Of};
use crate::disbursement::words::ReturnReason;
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::outcome::{coded, inputs, mutations, payloads};
use crate::scalars::{Date, Long, Money, YearMonth};
use crate::view::int;

/// 上线前已列入计划的应付 / An obligation that was planned before the cut-over.
#[derive(Debug, Clone, InputObject)]
pub struct SettledObligationInput {
    /// 人员 / The beneficiary.
    pub person_id: ID,
    /// 待遇月份 / The month that it was owed for.
    pub month: YearMonth,
    /// 待遇构成，默认整项 / The component; the whole item unless given.
    pub component: Option<String>,
    /// 调整序号，默认0 / The adjustment's number; 0 unless given.
    pub adjustment: Option<i32>,
    /// 金额 / How much.
    pub amount: Money,
    /// 退票原因；给出即待重发 / Why its bank returned it: given, it waits for its second attempt.
    pub returned: Option<ReturnReason>,
}

inputs! {
    /// 录入期初累计 / Enters the cumulative figures before the first run.
    OpeningEnterInput {
        /// 项目编号 / The pay item's id.
        item_code: String,
        /// 统筹区 / The pooling area.
        area: String,
        /// 截止日 / Up to this day.
        as_of: Date,
        /// 累计人数，去重 / Distinct people.
        people: i32,
        /// 累计人次 / Payments.
        payments: Long,
        /// 累计金额 / Money.
        money: Money,
        /// 佐证清单，已上传文件的编号 / The list that proves it: the id that `POST /files` answered.
        artefact_id: ID,
    }

    /// 录入已结清应付 / Enters obligations that are settled, or were returned and wait.
    OpeningSettleInput {
        /// 期初 / The opening.
        opening_id: ID,
        /// 各笔应付 / The obligations.
        obligations: Vec<SettledObligationInput>,
    }

    /// 封存期初 / Seals an opening: payments may begin.
    OpeningSealInput {
        /// 期初 / The opening.
        opening_id: ID,
        /// 清单笔数 / How many obligations the list names.
        declared: i32,
    }
}

payloads! {
    /// 录入期初的结果 / What came of entering an opening.
    OpeningEnterPayload(Of<()>) {
        /// 期初 / The opening.
        opening: Opening = steps::opening,
    }
    /// 录入已结清应付的结果 / What came of entering obligations.
    OpeningSettlePayload(Of<u32>) {
        /// 期初 / The opening.
        opening: Opening = steps::opening,
        ;
        /// 录入笔数 / How many were entered.
        entered: i32 => |of| int(of.told),
    }
    /// 封存期初的结果 / What came of sealing.
    OpeningSealPayload(Of<()>) {
        /// 期初 / The opening.
        opening: Opening = steps::opening,
    }
}

/// `A1-320600`: the item and the pooling area.
fn parts(id: &ID) -> Result<(String, ItemId, AreaCode), Fault> {
    let code = Kind::Opening.local(id)?;
    let wrong = || Fault::bad_input("期初编号不正确 / not the id of an opening");
    let (item, area) = code.split_once('-').ok_or_else(wrong)?;
    let (item, area) = (item.parse().map_err(|_| wrong())?, area.parse().map_err(|_| wrong())?);
    Ok((code, item, area))
}

fn settled(input: &SettledObligationInput) -> Result<Settled, Fault> {
    let person: PersonId = Kind::Person.parse(&input.person_id)?;
    let component = input.component.as_deref();
    Ok(Settled {
        person,
        month: input.month.0,
        component: component
            .map(|component| coded(component, "待遇构成", "a component"))
            .transpose()?
            .unwrap_or_else(shared::Component::whole),
        adjustment: count(input.adjustment.unwrap_or_default(), "调整序号", "an adjustment")?,
        amount: input.amount.0,
        returned: input
            .returned
            .map(|reason| coded(reason.code(), "退票原因", "a reason"))
            .transpose()?,
    })
}

fn count<T: TryFrom<i32>>(number: i32, zh: &str, en: &str) -> Result<T, Fault> {
    T::try_from(number).map_err(|_| Fault::bad_input(format!("{zh}不正确 / not {en}")))
}

mutations! { OpeningMutation {
    /// 录入期初累计 / Enters people, payments and money before the first run.
    opening_enter(OpeningEnterInput) -> OpeningEnterPayload = |app, envelope, input| {
        let item: ItemId = coded(&input.item_code, "项目编号", "the id of a pay item")?;
        let area: AreaCode = coded(&input.area, "统筹区", "a pooling area")?;
        let artefact: ArtefactId = Kind::Artefact.parse(&input.artefact_id)?;
        let asked = EnterOpening {
            item,
            area,
            as_of: input.as_of.0,
            people: count(input.people, "人数", "a number of people")?,
            payments: input.payments.0,
            money: input.money.0,
            artefact,
        };
        let done = app.disbursement.enter_opening(envelope, &asked).await;
        about(&format!("{item}-{area}"), done)
    },
    /// 录入已结清应付，不再发放 / Enters obligations that no run plans again.
    opening_settle(OpeningSettleInput) -> OpeningSettlePayload = |app, envelope, input| {
        let (code, item, area) = parts(&input.opening_id)?;
        let all = input.obligations.iter().map(settled).collect::<Result<Vec<_>, _>>()?;
        about(&code, app.disbursement.settle_opening(envelope, item, area, &all).await)
    },
    /// 封存期初 / Seals an opening, if as many obligations were entered as its list names.
    opening_seal(OpeningSealInput) -> OpeningSealPayload = |app, envelope, input| {
        let (code, item, area) = parts(&input.opening_id)?;
        let declared = count(input.declared, "笔数", "a number of obligations")?;
        about(&code, app.disbursement.seal_opening(envelope, item, area, declared).await)
    },
} }
