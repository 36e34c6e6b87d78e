//! What is done on a day because of what happens in the city, through the commands that a clerk
//! uses. When and to whom stands in the tables of [`simulations::story`].
//!
//! | what | file |
//! |---|---|
//! | what was before the cut-over | [`opening`] |
//! | deaths, heirs, a false report | [`lives`] |
//! | grants: late, doubled, raised, stopped, keyed wrongly | [`pensions`] |
//! | accounts: renewed, returned, shared, unwritable | [`accounts`] |
//! | what was overpaid comes back | [`recoveries`] |
//! | movements that nobody can explain | [`strays`] |
//! | what the grid reports | [`grid`] |

pub mod accounts;
pub mod grid;
pub mod lives;
pub mod opening;
pub mod pensions;
pub mod recoveries;
pub mod strays;

use anyhow::Result;

use super::office::Office;

/// Everything that a morning brings, in the order in which the counters open.
pub async fn morning(office: &Office<'_>) -> Result<()> {
    lives::morning(office).await?;
    office.settle().await?;
    pensions::morning(office).await?;
    office.settle().await?;
    accounts::morning(office).await?;
    recoveries::morning(office).await?;
    grid::morning(office).await?;
    office.settle().await
}
