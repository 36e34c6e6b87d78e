//! Tags that ask: on each opened day, the queries that are due. After downtime every missed day is
//! asked in order, because each was opened by an event of its own, and each is told what was known
//! at that event.

use std::sync::Arc;

use definitions::Catalogue;
use definitions::kinds::tag::{Query, Tag};
use kernel::Position;
use kernel::log::Answer;
use shared::Date;
use tags::query::{Command, Figure, Query as Asked, Run};

use crate::day;
use crate::disbursement::{FactsFault, Rules};
use crate::error::{CommandError, Refused};
use crate::processes::{Issued, Process, Reaction};
use crate::unit::Unit;

/// Subjects with their figures, in the indicator's unit.
pub type Figures = Vec<(String, i64)>;

/// What an indicator gives each subject; an adapter stands in the binary.
pub trait QueryFacts: Send + Sync + 'static {
    /// The figures as they were known at `at`; `None`: the tag was not in force there.
    fn figures<'a>(
        &'a self,
        catalogue: &'a Catalogue,
        tag: &'a Tag,
        due: Date,
        at: Position,
    ) -> Answer<'a, Result<Option<Figures>, FactsFault>>;
}

pub struct TagQueries {
    rules: Arc<dyn Rules>,
    facts: Arc<dyn QueryFacts>,
}

impl TagQueries {
    #[must_use]
    pub fn new(rules: Arc<dyn Rules>, facts: Arc<dyn QueryFacts>) -> Self {
        Self { rules, facts }
    }

    async fn ask(
        &self,
        reaction: &mut Reaction,
        catalogue: &Catalogue,
        (tag, query): (&Tag, &Query),
        due: Date,
    ) -> Result<(), CommandError> {
        let at = reaction.event().position;
        let figures = self.facts.figures(catalogue, tag, due, at).await?;
        let Some(figures) = figures else { return Ok(()) };
        let digest = |kind: &str, id: &str| {
            catalogue.definition(kind, id).map(|one| one.digest.clone()).unwrap_or_default()
        };
        let figure = |(subject, value)| Figure { subject, value: Some(value) };
        let run = Run {
            tag: tag.id.clone(),
            digest: digest("tag", &tag.id),
            indicator: query.indicator.clone(),
            indicator_digest: digest("indicator", &query.indicator),
            due,
            span: query.span(due).to_string(),
            known_at: at.0,
            kind: tag.subject.code().to_owned(),
            figures: figures.into_iter().map(figure).collect(),
        };
        let _: Issued<()> = reaction
            .issue("tags.query", &(&tag.id, due), async |unit: Unit| {
                unit.decide::<Asked>(&tag.id, Command::Ran(run.clone())).await?;
                Ok(())
            })
            .await?;
        Ok(())
    }
}

impl Process for TagQueries {
    fn name(&self) -> &'static str {
        "tag-queries"
    }

    fn interested(&self, type_name: &str) -> bool {
        type_name.starts_with("calendar.day_opened.")
    }

    fn react<'a>(&'a self, reaction: &'a mut Reaction) -> Answer<'a, Result<(), CommandError>> {
        Box::pin(async move {
            let day::Event::Opened { date, .. } = reaction.event().decode()?;
            let catalogue = self.rules.on(date)?;
            let asking = catalogue.all::<Tag>().values();
            for (tag, query) in asking.filter_map(|tag| Some((tag, tag.query()?))) {
                match query.is_due(date) {
                    Ok(true) => self.ask(reaction, &catalogue, (tag, query), date).await?,
                    Ok(false) => {}
                    Err(unpublished) if query.begins(date) => {
                        let (id, why) = (&tag.id, unpublished.zh());
                        let refused = Refused::new(
                            "TAG_QUERY_DAYS_UNPUBLISHED",
                            format!("{why}，不知道标签 {id} 何时查询"),
                            format!("{unpublished}: nobody can say when tag {id} is due"),
                        );
                        reaction.refuse("tags.query", refused).await?;
                    }
                    // Said once for each period.
                    Err(_) => {}
                }
            }
            Ok(())
        })
    }
}
