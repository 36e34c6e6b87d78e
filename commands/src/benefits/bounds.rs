//! What the definition of a pay item allows a grant to be.

use benefits::grant::ComponentAmount;
use definitions::{Catalogue, Item, Payee as Word};
use shared::{FundCode, ItemId, Money, Payee};

use crate::error::Refused;

/// # Errors
/// When no such item is defined.
pub(super) fn item(rules: &Catalogue, id: ItemId) -> Result<&Item, Refused> {
    rules.item(id).map_err(|_| {
        Refused::new(
            "GRANT_ITEM_UNDEFINED",
            format!("没有发放项目{id}的定义"),
            format!("pay item {id} is not defined"),
        )
        .field("item")
        .param("item", id)
    })
}

/// The fund that pays: the given one, which must be one of the item's, or its usual one.
///
/// # Errors
/// When the item is not paid from that fund.
pub(super) fn fund(item: &Item, given: Option<FundCode>) -> Result<FundCode, Refused> {
    let fund = given.unwrap_or_else(|| item.fund());
    if item.funds.contains(&fund) {
        return Ok(fund);
    }
    let allowed: Vec<&str> = item.funds.iter().map(FundCode::as_str).collect();
    let allowed = allowed.join(", ");
    Err(Refused::new(
        "GRANT_FUND_NOT_ITEMS",
        format!("项目{}不由{fund}支付，可用：{allowed}", item.id),
        format!("item {} is not paid from {fund}: {allowed}", item.id),
    )
    .field("fund")
    .param("allowed", allowed))
}

/// # Errors
/// When nobody of this kind may draw the item.
pub(super) fn payee(item: &Item, payee: Payee) -> Result<(), Refused> {
    let fits = |word: &Word| match payee {
        // Whatever his role, the beneficiary draws for himself.
        Payee::Person { .. } => {
            matches!(
                word,
                Word::Self_ | Word::Relative | Word::Dependant | Word::Student | Word::Intern
            )
        }
        Payee::Guardian { .. } => *word == Word::Guardian,
        Payee::Heir { .. } => *word == Word::Heir,
        Payee::Relative { .. } => *word == Word::Relative,
        Payee::Employer { .. } => *word == Word::Employer,
    };
    if item.payees.iter().chain(&item.stand_ins).any(fits) {
        return Ok(());
    }
    let allowed: Vec<String> =
        item.payees.iter().chain(&item.stand_ins).map(ToString::to_string).collect();
    let allowed = allowed.join(", ");
    let (zh, en) = (payee.zh(), payee.en());
    Err(Refused::new(
        "GRANT_PAYEE_NOT_ITEMS",
        format!("项目{}不能由{zh}领取", item.id),
        format!("item {} cannot be drawn by {en}", item.id),
    )
    .field("payee")
    .param("allowed", allowed))
}

/// The components are the item's own, and their total for a month lies within its bounds.
///
/// # Errors
/// With the bounds, in yuan.
pub(super) fn amounts(item: &Item, components: &[ComponentAmount]) -> Result<(), Refused> {
    for ComponentAmount { component, .. } in components {
        if item.expense_account(*component).is_none() {
            let known = item.components.iter().map(|part| part.component.as_str());
            let allowed = known.collect::<Vec<_>>().join(", ");
            return Err(Refused::new(
                "GRANT_COMPONENT_NOT_ITEMS",
                format!("项目{}没有组成项{component}，可用：{allowed}", item.id),
                format!("item {} has no component {component}: {allowed}", item.id),
            )
            .field("components")
            .param("allowed", allowed));
        }
    }
    // A sum for which there is no room is refused by the rule itself.
    let Some(total) = Money::try_sum(components.iter().map(|one| one.amount)) else {
        return Ok(());
    };
    let (min, max) = (item.bounds.min, item.bounds.max);
    if total.is_positive() && (total < min || total > max) {
        return Err(Refused::new(
            "GRANT_OUT_OF_BOUNDS",
            format!("项目{}的月金额{total}元超出{min}至{max}元的范围", item.id),
            format!("{total} yuan a month lies outside {min} to {max} of item {}", item.id),
        )
        .field("components")
        .param("amount", total)
        .param("min", min)
        .param("max", max));
    }
    Ok(())
}
