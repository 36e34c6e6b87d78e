//! Tags with their evidence, who has one on which day as known at which position, what people say
//! against a rule, segments, trials of drafts, and observed facts.

mod catalogue;
mod mutation;
mod segment;
mod values;
mod words;

use async_graphql::MergedObject;

use self::catalogue::CatalogueQuery;
pub use self::mutation::TagMutation;
use self::segment::SegmentQuery;
use self::values::ValueQuery;
pub use self::words::SubjectKind;
use crate::fault::Fault;

/// More than this a page does not hold.
const PAGE_MAX: i32 = 100;

/// What can be asked of tags.
#[derive(MergedObject, Default)]
pub struct TagQuery(ValueQuery, CatalogueQuery, SegmentQuery);

pub(crate) fn page(first: i32) -> Result<u32, Fault> {
    let fits = (1..=PAGE_MAX).contains(&first);
    let limit = u32::try_from(first).ok().filter(|_| fits);
    limit.ok_or_else(|| Fault::bad_input("first 须在 1 至 100 之间 / first is from 1 to 100"))
}
