//! A pay address is registered, verified, changed, frozen.

use async_graphql::{ID, InputObject};
use cards::address::Owner;
use commands::cards::{
    AccountInput, AddressMade, ChangeAddress, FailVerification, FreezeAddress, RegisterAddress,
    UnfreezeAddress, VerifyAddress,
};
use commands::personal::Clear;
use projections::ReadSession;
use shared::PayAddressId;

use crate::cards::PayAddress;
use crate::cards::words::FreezeReason;
use crate::disbursement::ReturnReason;
use crate::fault::Fault;
use crate::global_id::{Kind, split};
use crate::outcome::{coded, inputs, mutations, payloads};
use crate::registry::of_word;
use crate::request::Request;
use crate::scalars::Date;

/// 银行账户 / An account at a bank.
#[derive(Clone, InputObject)]
pub struct BankAccountInput {
    /// 账号 / Its number.
    number: String,
    /// 户名 / The holder's name as the bank has it.
    name: String,
    /// 银行 / The bank.
    bank: String,
    /// 社保卡 / The card whose account it is.
    card_id: Option<ID>,
}

impl BankAccountInput {
    fn account(self) -> Result<AccountInput, Fault> {
        Ok(AccountInput {
            number: Clear::from(self.number),
            name: Clear::from(self.name),
            bank: coded(&self.bank, "银行代码", "the code of a bank")?,
            card: self.card_id.map(|id| Kind::Card.parse(&id)).transpose()?,
        })
    }
}

inputs! {
    /// 登记发放账户 / Registers a pay address.
    PayAddressRegisterInput {
        /// 所有人：人员或单位的全局编号 / Whose: a person's or an employer's global id.
        owner_id: ID,
        /// 账户 / The account.
        account: BankAccountInput,
        /// 日期 / On this day.
        on: Option<Date>,
    }
    /// 登记验证通过 / The bank confirmed a pay address.
    PayAddressVerifyInput {
        /// 发放账户 / The pay address.
        pay_address_id: ID,
        /// 账户版本 / Which version.
        version: i32,
        /// 日期 / On this day.
        on: Option<Date>,
    }
    /// 登记验证失败 / The bank does not know a pay address so.
    PayAddressFailVerificationInput {
        /// 发放账户 / The pay address.
        pay_address_id: ID,
        /// 账户版本 / Which version.
        version: i32,
        /// 原因 / Why.
        reason: ReturnReason,
        /// 日期 / On this day.
        on: Option<Date>,
    }
    /// 变更账户 / Changes the account of a pay address.
    PayAddressChangeInput {
        /// 发放账户 / The pay address.
        pay_address_id: ID,
        /// 账户 / The account.
        account: BankAccountInput,
        /// 原因 / Why.
        reason: String,
        /// 日期 / On this day.
        on: Option<Date>,
    }
    /// 冻结 / Freezes a pay address.
    PayAddressFreezeInput {
        /// 发放账户 / The pay address.
        pay_address_id: ID,
        /// 原因 / Why.
        reason: FreezeReason,
        /// 日期 / On this day.
        on: Option<Date>,
    }
    /// 解冻 / Lifts the freeze of a pay address.
    PayAddressUnfreezeInput {
        /// 发放账户 / The pay address.
        pay_address_id: ID,
        /// 原因 / Why.
        reason: String,
        /// 日期 / On this day.
        on: Option<Date>,
    }
}

fn address(
    request: &Request,
    session: &ReadSession,
    id: &PayAddressId,
) -> Result<Option<PayAddress>, Fault> {
    let row = projections::cards::address(session, &request.scope, *id)?;
    Ok(row.map(PayAddress::from))
}

fn made(
    request: &Request,
    session: &ReadSession,
    made: &AddressMade,
) -> Result<Option<PayAddress>, Fault> {
    address(request, session, &made.address)
}

fn warning(made: &AddressMade) -> Vec<String> {
    made.warning.iter().map(|warning| format!("{} / {}", warning.zh(), warning.en())).collect()
}

payloads! {
    /// 登记发放账户的结果 / What came of a registration.
    PayAddressRegisterPayload(AddressMade) {
        /// 发放账户 / The pay address.
        pay_address: PayAddress = made,
        ;
        /// 提示 / What may be wrong with its number.
        warnings: Vec<String> => warning,
    }
    /// 验证通过的结果 / What came of a verification.
    PayAddressVerifyPayload(PayAddressId) {
        /// 发放账户 / The pay address.
        pay_address: PayAddress = address,
    }
    /// 验证失败的结果 / What came of a failed verification.
    PayAddressFailVerificationPayload(PayAddressId) {
        /// 发放账户 / The pay address.
        pay_address: PayAddress = address,
    }
    /// 变更账户的结果 / What came of a change.
    PayAddressChangePayload(AddressMade) {
        /// 发放账户 / The pay address.
        pay_address: PayAddress = made,
        ;
        /// 提示 / What may be wrong with its number.
        warnings: Vec<String> => warning,
    }
    /// 冻结的结果 / What came of a freeze.
    PayAddressFreezePayload(PayAddressId) {
        /// 发放账户 / The pay address.
        pay_address: PayAddress = address,
    }
    /// 解冻的结果 / What came of lifting a freeze.
    PayAddressUnfreezePayload(PayAddressId) {
        /// 发放账户 / The pay address.
        pay_address: PayAddress = address,
    }
}

fn owner(id: &ID) -> Result<Owner, Fault> {
    match split(id) {
        Some((Kind::Person, _)) => Ok(Owner::Person { person: Kind::Person.parse(id)? }),
        Some((Kind::Employer, _)) => Ok(Owner::Employer { employer: Kind::Employer.parse(id)? }),
        Some(_) | None => Err(Fault::bad_input(
            "须为人员或单位的全局编号 / the global id of a person or an employer",
        )),
    }
}

fn version(version: i32) -> Result<u32, Fault> {
    u32::try_from(version).map_err(|_| Fault::bad_input("版本从 1 起 / a version is 1 or more"))
}

mutations! { AddressMutation {
    /// 登记发放账户 / Registers a pay address.
    pay_address_register(PayAddressRegisterInput) -> PayAddressRegisterPayload
        = |app, envelope, input| {
        let asked = RegisterAddress {
            address: None,
            owner: owner(&input.owner_id)?,
            account: input.account.account()?,
            on: input.on.map(|day| day.0),
        };
        app.cards.register_address(envelope, &asked).await
    },
    /// 登记验证通过 / The bank confirmed a pay address.
    pay_address_verify(PayAddressVerifyInput) -> PayAddressVerifyPayload
        = |app, envelope, input| {
        let asked = VerifyAddress {
            address: Kind::PayAddress.parse(&input.pay_address_id)?,
            version: version(input.version)?,
            on: input.on.map(|day| day.0),
        };
        app.cards.verify_address(envelope, &asked).await
    },
    /// 登记验证失败 / The bank does not know a pay address so.
    pay_address_fail_verification(PayAddressFailVerificationInput)
        -> PayAddressFailVerificationPayload = |app, envelope, input| {
        let asked = FailVerification {
            address: Kind::PayAddress.parse(&input.pay_address_id)?,
            version: version(input.version)?,
            reason: coded(input.reason.code(), "退票原因", "a return reason")?,
            on: input.on.map(|day| day.0),
        };
        app.cards.fail_verification(envelope, &asked).await
    },
    /// 变更账户 / Changes the account of a pay address.
    pay_address_change(PayAddressChangeInput) -> PayAddressChangePayload
        = |app, envelope, input| {
        let asked = ChangeAddress {
            address: Kind::PayAddress.parse(&input.pay_address_id)?,
            account: input.account.account()?,
            reason: input.reason,
            on: input.on.map(|day| day.0),
        };
        app.cards.change_address(envelope, &asked).await
    },
    /// 冻结 / Freezes a pay address.
    pay_address_freeze(PayAddressFreezeInput) -> PayAddressFreezePayload
        = |app, envelope, input| {
        let asked = FreezeAddress {
            address: Kind::PayAddress.parse(&input.pay_address_id)?,
            reason: of_word(input.reason.code())?,
            on: input.on.map(|day| day.0),
        };
        app.cards.freeze_address(envelope, &asked).await
    },
    /// 解冻 / Lifts the freeze of a pay address.
    pay_address_unfreeze(PayAddressUnfreezeInput) -> PayAddressUnfreezePayload
        = |app, envelope, input| {
        let asked = UnfreezeAddress {
            address: Kind::PayAddress.parse(&input.pay_address_id)?,
            reason: input.reason,
            on: input.on.map(|day| day.0),
        };
        app.cards.unfreeze_address(envelope, &asked).await
    },
} }
