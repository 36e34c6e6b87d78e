//! A contested claim in words: what is taken already, and by whom.

use kernel::append::Held;
use kernel::{ClaimConflict, EventLog};

use crate::error::{CommandError, Refused};

/// By the first part of a key: code, Chinese, English, field of the input.
const WORDS: &[(&str, &str, &str, &str, &str)] = &[
    (
        "person-no",
        "PERSON_NUMBER_REGISTERED",
        "该证件号码已登记",
        "the number is registered already",
        "number",
    ),
    (
        "employer-code",
        "EMPLOYER_CODE_REGISTERED",
        "该统一社会信用代码已登记",
        "the credit code is registered already",
        "code",
    ),
    (
        "agency",
        "AGENCY_REGISTERED",
        "该经办机构代码已登记",
        "the agency is registered already",
        "kind",
    ),
    ("bank", "BANK_REGISTERED", "该银行已登记", "the bank is registered already", "kind"),
    (
        "division",
        "DIVISION_REGISTERED",
        "该行政区划已登记",
        "the division is registered already",
        "code",
    ),
    (
        "card",
        "CARD_NUMBER_REGISTERED",
        "该卡号已登记",
        "the card number is registered already",
        "number",
    ),
    (
        "valid-card",
        "CARD_VALID_HELD",
        "该人员已持有有效社保卡",
        "the person holds a valid card already",
        "person",
    ),
    (
        "open-application",
        "APPLICATION_OPEN",
        "该人员已有在办的社保卡申请",
        "the person has an open application already",
        "person",
    ),
    (
        "pay-address",
        "ADDRESS_ACCOUNT_REGISTERED",
        "该账户已登记为发放账户",
        "the account is registered already as a pay address of this owner",
        "number",
    ),
    (
        "open-grant",
        "GRANT_OPEN",
        "该人员该项目已有未终止的待遇",
        "the person has an open grant of this item already",
        "item",
    ),
    (
        "funeral",
        "FUNERAL_GRANTED",
        "该死亡人员的丧葬待遇已核定",
        "a funeral grant for this deceased exists already",
        "arisesFrom",
    ),
];

/// Says which key is held by whom. Conflicts about moved streams or events stay as they are.
pub(crate) fn explained(error: CommandError) -> CommandError {
    let CommandError::Conflict(conflicts) = &error else { return error };
    if !conflicts.revisions.is_empty() || !conflicts.since.is_empty() {
        return error;
    }
    match conflicts.claims.iter().find_map(refused) {
        Some(refused) => refused.into(),
        None => error,
    }
}

/// The first of `keys` that somebody else than `holder` holds is refused: what bulk work asks
/// before it decides, so that one row does not spoil the others.
pub(crate) async fn free(
    log: &dyn EventLog,
    keys: &[String],
    holder: &str,
) -> Result<(), CommandError> {
    for (key, held) in keys.iter().zip(log.claims(keys).await?) {
        if let Some(held) = held
            && held.holder != holder
        {
            return Err(by(key, &held).into());
        }
    }
    Ok(())
}

/// Those of `keys` that `holder` holds now.
pub(crate) async fn held_by(
    log: &dyn EventLog,
    keys: Vec<String>,
    holder: &str,
) -> Result<Vec<String>, CommandError> {
    let held = log.claims(&keys).await?;
    let own = |held: &Option<Held>| held.as_ref().is_some_and(|held| held.holder == holder);
    Ok(keys.into_iter().zip(held).filter(|(_, held)| own(held)).map(|(key, _)| key).collect())
}

/// `holder` is a stream name; the key itself is not shown.
pub(crate) fn by(key: &str, held: &Held) -> Refused {
    let prefix = key.split(':').next().unwrap_or_default();
    let (code, zh, en, field) = match WORDS.iter().find(|word| word.0 == prefix) {
        Some((_, code, zh, en, field)) => (*code, *zh, *en, Some(*field)),
        None => ("CLAIMED_ALREADY", "已被占用", "it is claimed already", None),
    };
    let holder = &held.holder;
    let refused = Refused::new(code, format!("{zh}（{holder}）"), format!("{en}: {holder}"))
        .param("holder", holder)
        .param("position", held.position);
    match field {
        Some(field) => refused.field(field),
        None => refused,
    }
}

fn refused(conflict: &ClaimConflict) -> Option<Refused> {
    Some(by(&conflict.key, conflict.held.as_ref()?))
}
