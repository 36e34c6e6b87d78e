//! The tables of units, organisations, divisions and the grid.

use kernel::{Micros, Position, Revision};
use registry::employer::Kind;
use shared::{
    AgencyCode, BankCode, CreditCode, Date, DivisionCode, EmployerId, GridId, OrganisationId,
    Sealed,
};

use crate::record;
use crate::words::{word_columns, words};

words! {
    EmployerState {
        Open "open",
        Merged "merged",
        Deregistered "deregistered",
    }

    OrganisationSort {
        Agency "agency",
        Bank "bank",
        Outlet "outlet",
        School "school",
        Training "training",
        Hospital "hospital",
        Other "other",
    }
}

word_columns!(Kind);

record! {
    pub struct EmployerRow in "employer" key(employer: EmployerId)
        index("county", "employer") index("code") index("state", "employer")
    {
        /// None for a virtual unit 虚拟单位.
        pub code: Option<CreditCode>,
        /// What a virtual unit is for; none for a real one.
        pub purpose: Option<String>,
        pub name: String,
        pub kind: Kind,
        pub county: DivisionCode,
        pub industry: Option<String>,
        pub address: Option<String>,
        pub legal_representative: Option<Sealed>,
        pub contact: Option<Sealed>,
        pub state: EmployerState,
        pub merged_into: Option<EmployerId>,
        /// How many units it has absorbed.
        pub absorbed: u32,
        pub registered_on: Date,
        /// When it was merged or deregistered, and why.
        pub ended_on: Option<Date>,
        pub end_reason: Option<String>,
        pub revision: Revision,
        pub position: Position,
    }

    pub struct OrganisationRow in "organisation" key(organisation: OrganisationId)
        index("sort", "organisation") index("bank") index("agency")
    {
        pub name: String,
        pub county: DivisionCode,
        pub sort: OrganisationSort,
        pub agency: Option<AgencyCode>,
        pub bank: Option<BankCode>,
        pub open: bool,
        pub close_reason: Option<String>,
        pub registered_at: Micros,
        pub revision: Revision,
        pub position: Position,
    }

    pub struct DivisionRow in "division" key(code: DivisionCode) index("parent", "code") {
        pub name: String,
        pub parent: Option<DivisionCode>,
        pub valid_from: Date,
        pub open: bool,
        pub close_reason: Option<String>,
        pub revision: Revision,
        pub position: Position,
    }

    pub struct GridRow in "grid" key(grid: GridId) index("division", "grid") index("parent") {
        pub name: String,
        pub division: DivisionCode,
        pub parent: Option<GridId>,
        pub organisation: Option<OrganisationId>,
        pub head_name: Option<Sealed>,
        pub head_phone: Option<Sealed>,
        pub open: bool,
        pub close_reason: Option<String>,
        pub revision: Revision,
        pub position: Position,
    }
}
