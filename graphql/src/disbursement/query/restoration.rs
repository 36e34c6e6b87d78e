//! Whether files may go to the banks, after a restoration.

use async_graphql::{Context, Object, Result};

use crate::disbursement::restoration::Restoration;
use crate::fault::Fault;
use crate::request::request;
use crate::scalars::Position;

#[derive(Default)]
pub struct RestorationQuery;

#[Object]
impl RestorationQuery {
    /// 从备份恢复后的核对；未曾恢复时为空 / How the last restoration stands; none where the log was never
    /// restored, or the reader sees a part of the city.
    async fn restoration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Restoration>> {
        let _ = at_least;
        let request = request(ctx);
        if request.scope.divisions.is_some() || request.scope.organisations.is_some() {
            return Ok(None);
        }
        let standing = request.app().disbursement.restoration().await.map_err(Fault::from)?;
        Ok(standing.map(|(epoch, standing)| Restoration::of(epoch, standing)))
    }
}
