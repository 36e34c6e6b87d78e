//! Pay items, funds and their names, as they were defined on a day.

use async_graphql::{Context, Object, Result, SimpleObject};
use shared::ItemId;

use crate::disbursement::PayClass;
use crate::fault::Fault;
use crate::request::{Request, request};
use crate::scalars::{Date, Money};
use crate::view::int;

/// 双语名称 / A name in both languages.
#[derive(Debug, Clone, SimpleObject)]
pub struct BilingualText {
    /// 中文 / Chinese.
    zh: String,
    /// 英文 / English.
    en: String,
}

impl From<&definitions::Name> for BilingualText {
    fn from(name: &definitions::Name) -> Self {
        Self { zh: name.zh.clone(), en: name.en.clone() }
    }
}

/// 发放项目 / A pay item.
#[derive(Debug, Clone, SimpleObject)]
pub struct Item {
    /// 项目编号 / Its id, like A1.
    code: String,
    /// 名称 / Its name.
    name: BilingualText,
    /// 大类 / Its class.
    class: PayClass,
    /// 付款基金 / The funds that may pay it.
    funds: Vec<Fund>,
    /// 组成项 / Its components.
    components: Vec<ItemPart>,
    /// 月金额下限 / The least amount a month.
    amount_min: Money,
    /// 月金额上限 / The largest amount a month.
    amount_max: Money,
    /// 发放月份 / The months in which it runs.
    months: Vec<i32>,
    /// 依据 / Where it is laid down.
    source: String,
}

/// 项目组成项 / A component of an item.
#[derive(Debug, Clone, SimpleObject)]
pub struct ItemPart {
    /// 代码 / Its id.
    code: String,
    /// 名称 / Its name.
    name: BilingualText,
    /// 支出科目 / The account of its expense.
    expense_account: String,
}

/// 基金 / A fund.
#[derive(Debug, Clone, SimpleObject)]
pub struct Fund {
    /// 代码 / Its id.
    code: String,
    /// 名称 / Its name.
    name: BilingualText,
    /// 依据 / Where it is laid down.
    source: String,
}

impl From<&definitions::Fund> for Fund {
    fn from(fund: &definitions::Fund) -> Self {
        Self { code: fund.id.to_string(), name: (&fund.name).into(), source: fund.source.clone() }
    }
}

impl Item {
    /// The item as it was defined on a day; none where it was not.
    ///
    /// # Errors
    /// When the definitions cannot be read.
    pub fn on(
        request: &Request,
        id: ItemId,
        day: shared::Date,
    ) -> std::result::Result<Option<Self>, Fault> {
        let rules = request.app().rules.on(day)?;
        Ok(rules.item(id).ok().map(|item| Self::of(&rules, item)))
    }

    fn of(rules: &definitions::Catalogue, item: &definitions::Item) -> Self {
        Self {
            code: item.id.to_string(),
            name: (&item.name).into(),
            class: PayClass::stored(item.class.code()),
            funds: item
                .funds
                .iter()
                .filter_map(|id| rules.fund(*id).ok())
                .map(Fund::from)
                .collect(),
            components: item
                .components
                .iter()
                .map(|part| ItemPart {
                    code: part.component.to_string(),
                    name: (&part.name).into(),
                    expense_account: part.expense_account.clone(),
                })
                .collect(),
            amount_min: item.bounds.min.into(),
            amount_max: item.bounds.max.into(),
            months: item.months.iter().copied().map(int).collect(),
            source: item.source.clone(),
        }
    }
}

#[derive(Default)]
pub struct ItemQuery;

#[Object]
impl ItemQuery {
    /// 发放项目 / Pay items.
    async fn items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "大类 / Of this class.")] class: Option<PayClass>,
        #[graphql(desc = "在此日有效，默认今天 / As defined on this day; today unless given.")]
        on: Option<Date>,
    ) -> Result<Option<Vec<Item>>> {
        let rules = on_day(request(ctx), on)?;
        let items = rules.items().values().map(|item| Item::of(&rules, item));
        Ok(Some(items.filter(|item| class.is_none_or(|class| item.class == class)).collect()))
    }

    /// 基金 / Funds.
    async fn funds(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "在此日有效，默认今天 / As defined on this day; today unless given.")]
        on: Option<Date>,
    ) -> Result<Option<Vec<Fund>>> {
        let rules = on_day(request(ctx), on)?;
        Ok(Some(rules.funds().values().map(Fund::from).collect()))
    }
}

/// The definitions of a day, today unless given.
///
/// # Errors
/// When they cannot be read.
pub fn on_day(
    request: &Request,
    on: Option<Date>,
) -> std::result::Result<std::sync::Arc<definitions::Catalogue>, Fault> {
    let day = match on {
        Some(day) => day.0,
        None => request.app().executor.today()?,
    };
    Ok(request.app().rules.on(day)?)
}
