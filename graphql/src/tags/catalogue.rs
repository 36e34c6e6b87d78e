//! The tags in force, and what a draft of one would say of everybody.

use async_graphql::{Context, Object, Result, SimpleObject};
use definitions::kinds::tag::Tag;
use projections::tags::asked::asked_now;
use projections::tags::{self as view, HIDE_BELOW, try_tag};

use crate::drafts;
use crate::fault::Fault;
use crate::indicators::Wording;
use crate::request::{Request, request};
use crate::scalars::{Date, Long, Position};
use crate::view::int;

/// 标签目录中的一项 / A tag in force.
#[derive(SimpleObject)]
pub struct TagInForce {
    /// 标签编号 / Its id.
    id: String,
    /// 名称 / Its name.
    name: Option<Wording>,
    /// 上级标签 / The folder that it lies in.
    parent: Option<String>,
    /// 敏感级别 / Who may see that a subject has it.
    sensitivity: Option<String>,
    /// 版本 / Its version.
    version: i32,
    /// 自此位置生效 / It holds from this position.
    position: Position,
    /// 各值人数；少于5的不显示 / How many subjects have each value; few are hidden.
    counts: Vec<TagCount>,
}

/// 一个值的对象数 / How many subjects have a value.
#[derive(SimpleObject)]
pub struct TagCount {
    /// 值；空即未知 / The value; absent: unknown.
    value: Option<String>,
    /// 对象数；空即过少不显示 / How many; absent where they are too few to show.
    subjects: Option<Long>,
}

/// 试算：规则若一直有效的结果 / What a rule would say of everybody, had it always held.
#[derive(SimpleObject)]
pub struct TagSimulation {
    /// 标签编号 / The tag.
    tag: String,
    /// 读到的日志位置 / The log was read up to here.
    position: Position,
    /// 日期 / On this date.
    on: Date,
    /// 各值对象数；过少的不显示 / How many subjects have each value; few are hidden.
    counts: Vec<TagCount>,
}

#[derive(Default)]
pub struct CatalogueQuery;

#[Object]
impl CatalogueQuery {
    /// 标签目录及人数 / The tags in force, with how many subjects have each value.
    async fn tag_catalogue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "日期，默认今日 / On this date; today unless given.")] on: Option<Date>,
    ) -> Result<Option<Vec<TagInForce>>> {
        let request = request(ctx);
        let on = day(request, on)?;
        let session = request.session(ctx).await?;
        let catalogue = request.app().rules.on(on).map_err(Fault::from)?;
        let known = catalogue.all::<Tag>();
        let read = view::catalogue(&session, &request.scope, on).map_err(Fault::from)?;
        let (rules, counted) = read;
        let in_force = rules.into_iter().map(|rule| {
            let tag = known.get(&rule.id);
            TagInForce {
                counts: counted
                    .iter()
                    .filter(|one| one.tag == rule.id)
                    .map(|one| TagCount {
                        value: one.value.clone(),
                        subjects: one.subjects.map(Long::from),
                    })
                    .collect(),
                name: tag.map(|tag| (&tag.name).into()),
                parent: tag.and_then(|tag| tag.parent.clone()),
                sensitivity: tag.map(|tag| tag.sensitivity.word().to_owned()),
                id: rule.id,
                version: int(rule.version),
                position: request.token(rule.position),
            }
        });
        Ok(Some(in_force.collect()))
    }

    /// 试算一个标签，可带未发布的草稿 / Tries a tag over the whole log; with a draft, as it would be.
    async fn tag_simulation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "标签编号 / The tag.")] tag: String,
        #[graphql(desc = "未发布的定义（TOML） / Definitions that are not published, as TOML.")]
        draft: Option<String>,
        #[graphql(desc = "日期，默认今日 / On this date; today unless given.")] on: Option<Date>,
    ) -> Result<Option<TagSimulation>> {
        let request = request(ctx);
        let on = day(request, on)?;
        let catalogue = drafts::catalogue(request, draft)?;
        let asking = catalogue.all::<Tag>().get(&tag).filter(|tag| tag.query().is_some());
        let (population, reached) = if let Some(asking) = asking {
            let session = request.session(ctx).await?;
            let found = asked_now(&session, &catalogue, asking, on).map_err(Fault::from)?;
            (found, session.position())
        } else {
            let trial = try_tag(&catalogue, &tag).map_err(Fault::from)?;
            let trial = drafts::over(request, trial).await?;
            (trial.population(on, &request.scope), trial.reached())
        };
        let counts = population.values.into_iter().map(|(value, number)| {
            let shown = i64::try_from(number).is_ok_and(|number| number >= HIDE_BELOW);
            let value = (value != "unknown").then_some(value);
            TagCount { value, subjects: shown.then_some(Long(number)) }
        });
        let position = request.token(reached);
        Ok(Some(TagSimulation { tag, position, on: Date(on), counts: counts.collect() }))
    }
}

fn day(request: &Request, on: Option<Date>) -> std::result::Result<shared::Date, Fault> {
    Ok(match on {
        Some(date) => date.0,
        None => request.app().executor.today()?,
    })
}
