//! A card, and those of a person.

use async_graphql::{ComplexObject, Context, ID, Object, Result};
use projections::cards::CardRow;
use shared::PersonId;

use super::words::CardStage;
use crate::batches::load;
use crate::global_id::Kind;
use crate::personal::{Mask, shown};
use crate::reads::CardsOf;
use crate::scalars::{Date, Long, Position, YearMonth};
use crate::scratch::{AsOfInput, entity};
use crate::view::view;

view! {
    /// 社会保障卡 / A social-security card.
    complex struct Card of row: CardRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Card.id(row.card),
        /// 持卡人 / The holder.
        person_id: ID = Kind::Person.id(row.person),
        /// 申请 / The application behind it.
        application_id: ID = Kind::CardApplication.id(row.application),
        /// 银行 / The bank.
        bank: String = row.bank.to_string(),
        /// 代次 / 1, 2 or 3.
        generation: i32 = i32::from(row.generation),
        /// 有效期至 / Valid until.
        valid_until: Option<YearMonth> = row.valid_until.map(YearMonth),
        /// 状态 / How it stands.
        stage: CardStage = CardStage::stored(row.stage.code()),
        /// 社保功能已激活 / Whether its social function is on.
        social: bool = row.social,
        /// 金融账户已激活 / Whether its financial account is active.
        financial: bool = row.financial,
        /// 制卡日期 / When it was made.
        made_on: Date = row.made_on.into(),
        /// 发放日期 / When it was handed out.
        issued_on: Option<Date> = row.issued_on.map(Date),
        /// 挂失日期 / Since when it is lost.
        lost_on: Option<Date> = row.lost_on.map(Date),
        /// 已换为 / The card that replaced it.
        replaced_by_id: Option<ID> = row.replaced_by.map(|by| Kind::Card.id(by)),
        /// 终止日期 / When it ended.
        ended_on: Option<Date> = row.ended_on.map(Date),
        /// 终止原因 / Why it ended.
        end_reason: Option<String> = row.end_reason.clone(),
        /// 版本 / Its revision, for `ifRevision`.
        revision: Long = Long(row.revision.0),
    }
}

#[ComplexObject]
impl Card {
    /// 卡号；无权时为掩码 / Its number; masked without the right to it.
    async fn number(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let subject = self.row.person.uuid();
        Ok(shown(ctx, subject, &self.row.number, "card.number", Mask::Account).await?)
    }
}

#[derive(Default)]
pub struct CardQuery;

#[Object]
impl CardQuery {
    /// 社保卡 / A card.
    async fn card(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] id: ID,
        #[graphql(desc = "历史时点 / As it stood then.")] as_of: Option<AsOfInput>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Card>> {
        let _ = at_least;
        entity!(ctx, CardRow, Card, projections::cards::Cards, Kind::Card, "card", id, as_of)
    }

    /// 某人的社保卡 / The cards of a person.
    async fn cards_of(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "人员 / The person.")] person_id: ID,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<Card>>> {
        let _ = at_least;
        let person: PersonId = Kind::Person.parse(&person_id)?;
        Ok(Some(load(ctx, CardsOf(person)).await?.into_iter().map(Card::from).collect()))
    }
}
