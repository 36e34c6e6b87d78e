//! What a tag that asks is told by the read model of indicators.

use commands::disbursement::FactsFault;
use commands::tags::{Figures, QueryFacts};
use definitions::Catalogue;
use definitions::kinds::tag::Tag;
use kernel::Position;
use kernel::log::Answer;
use projections::engine::TrainHandle;
use projections::tags::asked::answers;
use projections::{indicators, tags};
use shared::Date;

use super::facts::{session, unavailable};

const VIEWS: &[&str] = &[tags::NAME, indicators::NAME];

pub struct ViewQueries(pub TrainHandle);

impl QueryFacts for ViewQueries {
    fn figures<'a>(
        &'a self,
        catalogue: &'a Catalogue,
        tag: &'a Tag,
        due: Date,
        at: Position,
    ) -> Answer<'a, Result<Option<Figures>, FactsFault>> {
        Box::pin(async move {
            let session = session(&self.0, VIEWS, at).await?;
            let rule = tags::in_force(&session, &tag.id).map_err(unavailable)?;
            if rule.is_none_or(|rule| rule.position > at) {
                return Ok(None);
            }
            answers(&session, catalogue, tag, due, Some(at)).map(Some).map_err(unavailable)
        })
    }
}
