//! A cell of the grid (网格): the street or block that one head looks after.
//!
//! **Streams** `grid-<id>`.
//! **Invariant** a cell is not its own parent.

use kernel::{Entry, Register};
use serde::{Deserialize, Serialize};
use shared::{DivisionCode, GridId, OrganisationId, Sealed};

use kernel::refusals;

pub type Grids = Register<Grid>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grid {
    pub grid: GridId,
    pub name: String,
    pub division: DivisionCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<GridId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<OrganisationId>,
    /// Name and phone of who looks after it, sealed under the cell's own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Head>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub name: Sealed,
    pub phone: Sealed,
}

refusals! {
    /// What is wrong with a cell's entry.
    Invalid {
        NoName = "GRID_NAME_MISSING", "a grid cell has a name", "网格名称不能为空";
        OwnParent = "GRID_OWN_PARENT", "a grid cell is not its own parent", "网格不能以自身为上级";
    }
}

impl Entry for Grid {
    const CATEGORY: &'static str = "grid";
    const TYPES: &'static [&'static str; 3] =
        &["grid.registered.v1", "grid.changed.v1", "grid.closed.v1"];
    type Invalid = Invalid;

    fn check(&self) -> Result<(), Invalid> {
        if self.name.trim().is_empty() {
            return Err(Invalid::NoName);
        }
        if self.parent == Some(self.grid) {
            return Err(Invalid::OwnParent);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use kernel::given;
    use kernel::register::{Changed, Command, Refused};
    use uuid::Uuid;

    use super::*;

    fn cell(name: &str, parent: Option<u128>) -> Grid {
        Grid {
            grid: GridId::from_uuid(Uuid::from_u128(1)),
            name: name.to_owned(),
            division: DivisionCode::parse("320612001").unwrap(),
            parent: parent.map(|id| GridId::from_uuid(Uuid::from_u128(id))),
            organisation: None,
            head: None,
        }
    }

    #[test]
    fn a_cell_has_a_name_and_another_cell_above_it() {
        let fine = cell("金沙第三网格", Some(2));
        given::<Grids>([])
            .when(Command::Register(fine.clone()))
            .then([Changed::Registered(fine.clone())])
            .when(Command::Change(fine))
            .then_nothing();
        let cases =
            [(cell(" ", None), Invalid::NoName), (cell("网格", Some(1)), Invalid::OwnParent)];
        for (cell, invalid) in cases {
            given::<Grids>([])
                .when(Command::Register(cell))
                .then_refused(Refused::Invalid(invalid));
        }
    }
}
