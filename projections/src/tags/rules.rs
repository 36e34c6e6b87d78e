//! The tags and warning rules in force, compiled, in the order in which they read each other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use conditions::{Subject, Value, facts};
use definitions::kinds::tag::{Evaluator, Of, Tag};
use definitions::kinds::warning::{Conditions, Warning};
use definitions::{Catalogue, Source, to_toml};

use super::rows::RuleRow;
use super::said::Said;
use crate::engine::FoldError;

pub(super) struct Rules {
    /// Every tag after those that it reads.
    pub tags: Vec<Arc<TagRule>>,
    pub warnings: Vec<Arc<WarningRule>>,
}

pub(super) struct TagRule {
    pub tag: Tag,
    pub version: u32,
    pub evaluator: Evaluator,
    /// What each input is where nothing was recorded.
    pub absent: Vec<Option<&'static Value>>,
    pub said: Said,
    /// The facts on which it hangs, by way of other tags as well.
    pub facts: BTreeSet<String>,
    /// The tags that it reads, by way of others as well.
    pub tags: BTreeSet<String>,
}

pub(super) struct WarningRule {
    pub rule: Warning,
    pub version: u32,
    pub digest: String,
    pub author: String,
    pub conditions: Conditions,
    pub facts: BTreeSet<String>,
    pub tags: BTreeSet<String>,
}

impl Rules {
    pub fn of(rows: Vec<RuleRow>) -> Result<Self, FoldError> {
        let sources: Vec<Source> = rows
            .iter()
            .filter_map(|row| {
                let text = to_toml(&row.word, &row.body)?;
                Some(Source::new(format!("{}/{}", row.word, row.id), text))
            })
            .collect();
        let catalogue = Catalogue::load(&sources).map_err(|mistakes| {
            let first = mistakes.first().map(ToString::to_string).unwrap_or_default();
            FoldError::refused(format!("the published rules do not fit together: {first}"))
        })?;
        let published: BTreeMap<(&str, &str), &RuleRow> =
            rows.iter().map(|row| ((row.word.as_str(), row.id.as_str()), row)).collect();
        let version =
            |word: &str, id: &str| published.get(&(word, id)).map_or(0, |row| row.version);
        Ok(Self::compiled(&catalogue, version, |id| {
            published.get(&("warning", id)).map(|row| (row.digest.clone(), row.author.clone()))
        }))
    }

    /// Everything of a checked catalogue.
    pub fn compiled(
        catalogue: &Catalogue,
        version: impl Fn(&str, &str) -> u32,
        origin: impl Fn(&str) -> Option<(String, String)>,
    ) -> Self {
        let tags = catalogue.all::<Tag>();
        let mut rules = Self { tags: Vec::new(), warnings: Vec::new() };
        for id in tags.keys() {
            rules.add(tags, id, &version);
        }
        for rule in catalogue.all::<Warning>().values() {
            let Some(conditions) = rule.conditions(|id| tags.get(id)) else { continue };
            let (digest, author) = origin(&rule.id).unwrap_or_default();
            let mut facts: BTreeSet<String> = rule.inputs.iter().cloned().collect();
            facts.insert(rule.metric.fact.clone());
            let mut reads = BTreeSet::new();
            for other in rules.tags.iter().filter(|other| rule.tags.contains(&other.tag.id)) {
                facts.extend(other.facts.iter().cloned());
                reads.insert(other.tag.id.clone());
                reads.extend(other.tags.iter().cloned());
            }
            rules.warnings.push(Arc::new(WarningRule {
                rule: rule.clone(),
                version: version("warning", &rule.id),
                digest,
                author,
                conditions,
                facts,
                tags: reads,
            }));
        }
        rules
    }

    fn add(
        &mut self,
        tags: &BTreeMap<String, Tag>,
        id: &str,
        version: &impl Fn(&str, &str) -> u32,
    ) {
        let Some(tag) = tags.get(id) else { return };
        if self.tags.iter().any(|held| held.tag.id == id) {
            return;
        }
        let read: Vec<String> = tag.reads().map(str::to_owned).collect();
        for other in &read {
            self.add(tags, other, version);
        }
        let Some(evaluator) = Evaluator::checked(tag, |id| tags.get(id)) else { return };
        let mut hangs: BTreeSet<String> = evaluator
            .inputs
            .iter()
            .filter_map(|input| match &input.of {
                Of::Fact(name) => Some(name.clone()),
                Of::Tag(_) => None,
            })
            .collect();
        let mut reads = BTreeSet::new();
        for other in self.tags.iter().filter(|other| read.contains(&other.tag.id)) {
            hangs.extend(other.facts.iter().cloned());
            reads.insert(other.tag.id.clone());
            reads.extend(other.tags.iter().cloned());
        }
        let absent = evaluator.inputs.iter().map(|input| match &input.of {
            Of::Fact(name) => facts::find(tag.subject, name)?.absent.as_ref(),
            Of::Tag(_) => None,
        });
        let (version, absent) = (version("tag", id), absent.collect());
        let (tag, said) = (tag.clone(), Said::default());
        let rule = TagRule { tag, version, evaluator, absent, said, facts: hangs, tags: reads };
        self.tags.push(Arc::new(rule));
    }

    pub fn tags_on<'a>(
        &'a self,
        kind: Subject,
        facts: &'a BTreeSet<&'static str>,
    ) -> impl Iterator<Item = &'a Arc<TagRule>> {
        let hangs = |rule: &TagRule| facts.iter().any(|fact| rule.facts.contains(*fact));
        self.tags.iter().filter(move |rule| rule.tag.subject == kind && hangs(rule))
    }

    pub fn warnings_on<'a>(
        &'a self,
        kind: Subject,
        facts: &'a BTreeSet<&'static str>,
    ) -> impl Iterator<Item = &'a Arc<WarningRule>> {
        let hangs = |rule: &WarningRule| facts.iter().any(|fact| rule.facts.contains(*fact));
        self.warnings.iter().filter(move |rule| rule.rule.subject == kind && hangs(rule))
    }
}
