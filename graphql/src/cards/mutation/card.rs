//! A card is applied for, made, handed out, lost, replaced.

use async_graphql::{ID, InputObject};
use commands::cards::{
    ApplyForCard, CancelCard, CardMade, CardStep, DecideApplication, DeliverCard, MakeCard,
    RejectApplication, ReplaceCard,
};
use commands::personal::Clear;
use projections::{ReadSession, cards};
use shared::{CardApplicationId, CardId};

use crate::cards::Card;
use crate::cards::words::CardAccount;
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::outcome::{coded, inputs, mutations, payloads};
use crate::registry::of_word;
use crate::request::Request;
use crate::scalars::{Date, DivisionCode, YearMonth};

/// 卡片信息 / What the maker says of a card.
#[derive(Clone, InputObject)]
pub struct CardDataInput {
    /// 卡号 / Its number.
    number: String,
    /// 代次：1、2、3 / 1, 2 or 3.
    generation: i32,
    /// 有效期至 / Valid until.
    valid_until: Option<YearMonth>,
    /// 换卡对账户的影响 / What a replacement does to the account.
    account: Option<CardAccount>,
}

inputs! {
    /// 申请社保卡 / Applies for a card.
    CardApplyInput {
        /// 人员 / The person.
        person_id: ID,
        /// 银行 / The bank of the holder's choice.
        bank: String,
        /// 区县 / The county.
        county: DivisionCode,
        /// 受理网点 / The counter.
        outlet_id: Option<ID>,
        /// 被换的卡 / The card that it replaces.
        replaces_id: Option<ID>,
        /// 日期 / On this day.
        on: Option<Date>,
    }
    /// 受理申请 / Accepts an application.
    CardAcceptInput {
        /// 申请 / The application.
        application_id: ID,
        /// 日期 / On this day.
        on: Option<Date>,
    }
    /// 不予受理 / Rejects an application.
    CardRejectInput {
        /// 申请 / The application.
        application_id: ID,
        /// 原因 / Why.
        reason: String,
        /// 日期 / On this day.
        on: Option<Date>,
    }
    /// 制卡 / Makes the card of an application.
    CardMakeInput {
        /// 申请 / The application.
        application_id: ID,
        /// 卡片信息 / What the maker says of it.
        data: CardDataInput,
        /// 日期 / On this day.
        on: Option<Date>,
    }
    /// 送达网点 / A card reaches the counter.
    CardDeliverInput {
        /// 社保卡 / The card.
        card_id: ID,
        /// 网点 / The counter.
        outlet_id: ID,
        /// 日期 / On this day.
        on: Option<Date>,
    }
    /// 发放 / A card is handed out.
    CardIssueInput {
        /// 社保卡 / The card.
        card_id: ID,
        /// 日期 / On this day.
        on: Option<Date>,
    }
    /// 激活社保功能 / Switches a card's social function on.
    CardActivateSocialInput {
        /// 社保卡 / The card.
        card_id: ID,
        /// 日期 / On this day.
        on: Option<Date>,
    }
    /// 激活金融账户 / A card's financial account is active.
    CardActivateFinancialInput {
        /// 社保卡 / The card.
        card_id: ID,
        /// 日期 / On this day.
        on: Option<Date>,
    }
    /// 挂失 / A card is lost.
    CardReportLostInput {
        /// 社保卡 / The card.
        card_id: ID,
        /// 日期 / On this day.
        on: Option<Date>,
    }
    /// 解挂 / A card is found.
    CardWithdrawLossInput {
        /// 社保卡 / The card.
        card_id: ID,
        /// 日期 / On this day.
        on: Option<Date>,
    }
    /// 换卡 / A card takes another one's place.
    CardReplaceInput {
        /// 被换的卡 / The card that ends.
        card_id: ID,
        /// 卡片信息 / What the maker says of the new one.
        data: CardDataInput,
        /// 银行，默认不变 / The bank; the old card's unless given.
        bank: Option<String>,
        /// 区县 / The county.
        county: DivisionCode,
        /// 网点 / The counter.
        outlet_id: Option<ID>,
        /// 日期 / On this day.
        on: Option<Date>,
    }
    /// 注销 / Cancels a card.
    CardCancelInput {
        /// 社保卡 / The card.
        card_id: ID,
        /// 原因 / Why.
        reason: String,
        /// 日期 / On this day.
        on: Option<Date>,
    }
}

fn card(request: &Request, session: &ReadSession, id: &CardId) -> Result<Option<Card>, Fault> {
    Ok(cards::card(session, &request.scope, *id)?.map(Card::from))
}

fn made(request: &Request, session: &ReadSession, made: &CardMade) -> Result<Option<Card>, Fault> {
    card(request, session, &made.card)
}

fn warning(made: &CardMade) -> Vec<String> {
    made.warning.iter().map(|warning| format!("{} / {}", warning.zh(), warning.en())).collect()
}

payloads! {
    /// 申请的结果 / What came of an application.
    CardApplyPayload(CardApplicationId) {
        ;
        /// 申请 / The application.
        application_id: ID => |id| Kind::CardApplication.id(id),
    }
    /// 受理的结果 / What came of accepting.
    CardAcceptPayload(CardApplicationId) {
        ;
        /// 申请 / The application.
        application_id: ID => |id| Kind::CardApplication.id(id),
    }
    /// 不予受理的结果 / What came of rejecting.
    CardRejectPayload(CardApplicationId) {
        ;
        /// 申请 / The application.
        application_id: ID => |id| Kind::CardApplication.id(id),
    }
    /// 制卡的结果 / What came of making.
    CardMakePayload(CardMade) {
        /// 社保卡 / The card.
        card: Card = made,
        ;
        /// 提示 / What may be wrong with its number.
        warnings: Vec<String> => warning,
    }
    /// 送达的结果 / What came of a delivery.
    CardDeliverPayload(CardId) {
        /// 社保卡 / The card.
        card: Card = card,
    }
    /// 发放的结果 / What came of handing out.
    CardIssuePayload(CardId) {
        /// 社保卡 / The card.
        card: Card = card,
    }
    /// 激活社保功能的结果 / What came of switching on.
    CardActivateSocialPayload(CardId) {
        /// 社保卡 / The card.
        card: Card = card,
    }
    /// 激活金融账户的结果 / What came of activating.
    CardActivateFinancialPayload(CardId) {
        /// 社保卡 / The card.
        card: Card = card,
    }
    /// 挂失的结果 / What came of a report of loss.
    CardReportLostPayload(CardId) {
        /// 社保卡 / The card.
        card: Card = card,
    }
    /// 解挂的结果 / What came of finding it.
    CardWithdrawLossPayload(CardId) {
        /// 社保卡 / The card.
        card: Card = card,
    }
    /// 换卡的结果 / What came of a replacement.
    CardReplacePayload(CardMade) {
        /// 新卡 / The new card.
        card: Card = made,
        ;
        /// 提示 / What may be wrong with its number.
        warnings: Vec<String> => warning,
    }
    /// 注销的结果 / What came of cancelling.
    CardCancelPayload(CardId) {
        /// 社保卡 / The card.
        card: Card = card,
    }
}

impl CardDataInput {
    fn generation(&self) -> Result<u8, Fault> {
        u8::try_from(self.generation)
            .map_err(|_| Fault::bad_input("代次为 1、2、3 / a generation is 1, 2 or 3"))
    }
}

fn outlet<T: std::str::FromStr>(id: Option<ID>) -> Result<Option<T>, Fault> {
    id.map(|id| Kind::Organisation.parse(&id)).transpose()
}

fn step(id: &ID, on: Option<Date>) -> Result<CardStep, Fault> {
    Ok(CardStep { card: Kind::Card.parse(id)?, on: on.map(|day| day.0) })
}

mutations! { CardMutation {
    /// 申请社保卡 / Applies for a card.
    card_apply(CardApplyInput) -> CardApplyPayload = |app, envelope, input| {
        let asked = ApplyForCard {
            application: None,
            person: Kind::Person.parse(&input.person_id)?,
            bank: coded(&input.bank, "银行代码", "the code of a bank")?,
            county: input.county.0,
            outlet: outlet(input.outlet_id)?,
            replaces: input.replaces_id.map(|id| Kind::Card.parse(&id)).transpose()?,
            on: input.on.map(|day| day.0),
        };
        app.cards.apply_for_card(envelope, &asked).await
    },
    /// 受理申请 / Accepts an application.
    card_accept(CardAcceptInput) -> CardAcceptPayload = |app, envelope, input| {
        let application = Kind::CardApplication.parse(&input.application_id)?;
        let asked = DecideApplication { application, on: input.on.map(|day| day.0) };
        app.cards.accept_application(envelope, &asked).await
    },
    /// 不予受理 / Rejects an application.
    card_reject(CardRejectInput) -> CardRejectPayload = |app, envelope, input| {
        let application = Kind::CardApplication.parse(&input.application_id)?;
        let on = input.on.map(|day| day.0);
        let asked = RejectApplication { application, on, reason: input.reason };
        app.cards.reject_application(envelope, &asked).await
    },
    /// 制卡 / Makes the card of an application.
    card_make(CardMakeInput) -> CardMakePayload = |app, envelope, input| {
        let asked = MakeCard {
            card: None,
            application: Kind::CardApplication.parse(&input.application_id)?,
            generation: input.data.generation()?,
            number: Clear::from(input.data.number),
            valid_until: input.data.valid_until.map(|month| month.0),
            account: input.data.account.map(|account| of_word(account.code())).transpose()?,
            on: input.on.map(|day| day.0),
        };
        app.cards.make_card(envelope, &asked).await
    },
    /// 送达网点 / A card reaches the counter.
    card_deliver(CardDeliverInput) -> CardDeliverPayload = |app, envelope, input| {
        let asked = DeliverCard {
            card: Kind::Card.parse(&input.card_id)?,
            outlet: Kind::Organisation.parse(&input.outlet_id)?,
            on: input.on.map(|day| day.0),
        };
        app.cards.deliver_card(envelope, &asked).await
    },
    /// 发放 / A card is handed out.
    card_issue(CardIssueInput) -> CardIssuePayload = |app, envelope, input| {
        app.cards.issue_card(envelope, &step(&input.card_id, input.on)?).await
    },
    /// 激活社保功能 / Switches a card's social function on.
    card_activate_social(CardActivateSocialInput) -> CardActivateSocialPayload
        = |app, envelope, input| {
        let asked = step(&input.card_id, input.on)?;
        app.cards.activate_social_function(envelope, &asked).await
    },
    /// 激活金融账户 / A card's financial account is active.
    card_activate_financial(CardActivateFinancialInput) -> CardActivateFinancialPayload
        = |app, envelope, input| {
        let asked = step(&input.card_id, input.on)?;
        app.cards.activate_financial_account(envelope, &asked).await
    },
    /// 挂失 / A card is lost.
    card_report_lost(CardReportLostInput) -> CardReportLostPayload = |app, envelope, input| {
        app.cards.report_card_lost(envelope, &step(&input.card_id, input.on)?).await
    },
    /// 解挂 / A card is found.
    card_withdraw_loss(CardWithdrawLossInput) -> CardWithdrawLossPayload
        = |app, envelope, input| {
        app.cards.withdraw_card_loss(envelope, &step(&input.card_id, input.on)?).await
    },
    /// 换卡 / A card takes another one's place.
    card_replace(CardReplaceInput) -> CardReplacePayload = |app, envelope, input| {
        let account = input.data.account.unwrap_or(CardAccount::Kept);
        let asked = ReplaceCard {
            card: Kind::Card.parse(&input.card_id)?,
            by: None,
            generation: input.data.generation()?,
            number: Clear::from(input.data.number),
            bank: input
                .bank
                .map(|bank| coded(&bank, "银行代码", "the code of a bank"))
                .transpose()?,
            county: input.county.0,
            outlet: outlet(input.outlet_id)?,
            valid_until: input.data.valid_until.map(|month| month.0),
            account: of_word(account.code())?,
            on: input.on.map(|day| day.0),
        };
        app.cards.replace_card(envelope, &asked).await
    },
    /// 注销 / Cancels a card.
    card_cancel(CardCancelInput) -> CardCancelPayload = |app, envelope, input| {
        let asked = CancelCard {
            card: Kind::Card.parse(&input.card_id)?,
            reason: input.reason,
            on: input.on.map(|day| day.0),
        };
        app.cards.cancel_card(envelope, &asked).await
    },
} }
