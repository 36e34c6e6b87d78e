//! A place to pay to.

use async_graphql::{ComplexObject, Context, ID, Object, Result};
use projections::cards::AddressRow;
use shared::PayAddressId;
use uuid::Uuid;

use super::words::{AddressState, FreezeReason};
use crate::batches::load;
use crate::disbursement::ReturnReason;
use crate::disbursement::cases::CardLost;
use crate::fault::Fault;
use crate::global_id::{Kind, split};
use crate::personal::{Mask, shown};
use crate::reads::AddressesOf;
use crate::registry::word;
use crate::request::request;
use crate::scalars::{Date, Long, Position};
use crate::view::{int, view};

view! {
    /// 发放账户 / A place to pay to.
    complex struct PayAddress of row: AddressRow {
        /// 全局编号 / The global id.
        id: ID = Kind::PayAddress.id(row.address),
        /// 所有人：人员或单位 / Whose it is: a person's or an employer's.
        owner_id: ID = match row.owner {
            cards::address::Owner::Person { person } => Kind::Person.id(person),
            cards::address::Owner::Employer { employer } => Kind::Employer.id(employer),
        },
        /// 银行 / The bank.
        bank: String = row.bank.to_string(),
        /// 社保卡 / The card whose account it is.
        card_id: Option<ID> = row.card.map(|card| Kind::Card.id(card)),
        /// 账户版本 / Its version, from 1.
        version: i32 = int(row.version),
        /// 验证状态 / How sure we are of it.
        state: AddressState = AddressState::stored(row.state.code()),
        /// 验证失败原因 / Why its verification failed.
        failed_reason: Option<ReturnReason> =
            row.failed_reason.and_then(|reason| ReturnReason::of(reason.code())),
        /// 验证日期 / When it was verified.
        verified_on: Option<Date> = row.verified_on.map(Date),
        /// 是否冻结 / Whether it is frozen.
        frozen: bool = row.frozen,
        /// 冻结日期 / Since when.
        frozen_since: Option<Date> = row.frozen_since.map(Date),
        /// 冻结原因 / Why.
        freeze_reason: Option<FreezeReason> =
            row.freeze_reason.as_ref().and_then(|reason| FreezeReason::of(&word(reason))),
        /// 是否可发放 / Whether money may go there now.
        usable: bool = row.is_usable(),
        /// 登记日期 / When it was registered.
        registered_on: Date = row.registered_on.into(),
        /// 版本 / Its revision, for `ifRevision`.
        revision: Long = Long(row.revision.0),
    }
}

#[ComplexObject]
impl PayAddress {
    /// 账号；无权时为掩码 / The account number; masked without the right to it.
    async fn number(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let subject = self.row.owner_id;
        Ok(shown(ctx, subject, &self.row.number, "account.number", Mask::Account).await?)
    }

    /// 账户所属社保卡是否挂失；挂失不暂扣 / Whether its card is reported lost: a flag, no hold.
    async fn card_lost(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(load(ctx, CardLost(self.row.address)).await?)
    }

    /// 户名；无权时为掩码 / The holder's name; masked without the right to it.
    async fn account_name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let subject = self.row.owner_id;
        Ok(shown(ctx, subject, &self.row.account_name, "account.name", Mask::Name).await?)
    }
}

#[derive(Default)]
pub struct AddressQuery;

#[Object]
impl AddressQuery {
    /// 发放账户 / A pay address.
    async fn pay_address(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] id: ID,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<PayAddress>> {
        let _ = at_least;
        let id: PayAddressId = Kind::PayAddress.parse(&id)?;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let row = projections::cards::address(&session, &request.scope, id).map_err(Fault::from)?;
        Ok(row.map(PayAddress::from))
    }

    /// 某人或某单位的发放账户 / The pay addresses of a person or employer.
    async fn pay_addresses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "所有人 / Whose.")] owner_id: ID,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<PayAddress>>> {
        let _ = at_least;
        let local = match split(&owner_id) {
            Some((Kind::Person | Kind::Employer, local)) => local,
            Some(_) | None => owner_id.0.clone(),
        };
        let owner = Uuid::try_parse(&local).map_err(|_| {
            Fault::bad_input("不是人员或单位编号 / not a person's or employer's id")
        })?;
        Ok(Some(addresses_of(ctx, owner).await?))
    }
}

/// The pay addresses of one owner.
///
/// # Errors
/// When the read model cannot be read.
pub async fn addresses_of(
    ctx: &Context<'_>,
    owner: Uuid,
) -> std::result::Result<Vec<PayAddress>, Fault> {
    let rows = load(ctx, AddressesOf(owner)).await?;
    Ok(rows.into_iter().map(PayAddress::from).collect())
}
