//! The tables that can be imported: their columns, and what a row asks for.

use anyhow::Result;
use benefits::grant::ComponentAmount;
use commands::Envelope;
use commands::benefits::RegisterGrant;
use commands::bulk::RowRefused;
use commands::cards::IssueCard;
use commands::registry::{
    ContactInput, EmployerDetails, NumberInput, RegisterEmployer, RegisterPerson,
};
use imports::import::Kind;
use registry::employer::Kind as EmployerKind;
use shared::{AreaCode, BankCode, Component, DivisionCode, ItemId, PersonId, Sex};
use sheets::{Cells, Column, Columns, Kind as Cell};

use super::outcomes;
use crate::node::Node;

const fn column(
    key: &'static str,
    names: &'static [&'static str],
    kind: Cell,
    required: bool,
) -> Column {
    Column { key, names, kind, required }
}

const PERSONS: &[Column] = &[
    column("number", &["证件号码", "身份证号", "number"], Cell::Text, true),
    column("name", &["姓名", "name"], Cell::Text, true),
    column("county", &["户籍区划", "county"], Cell::Text, true),
    column("sex", &["性别", "sex"], Cell::Text, false),
    column("birth", &["出生日期", "birth"], Cell::Date, false),
    column("phone", &["手机号码", "phone"], Cell::Text, false),
];
const EMPLOYERS: &[Column] = &[
    column("code", &["统一社会信用代码", "credit code"], Cell::Text, true),
    column("name", &["单位名称", "name"], Cell::Text, true),
    column("county", &["区划", "county"], Cell::Text, true),
    column("industry", &["行业代码", "industry"], Cell::Text, false),
    column("address", &["地址", "address"], Cell::Text, false),
];
const CARDS: &[Column] = &[
    column("person", &["人员编号", "person"], Cell::Text, true),
    column("bank", &["银行", "bank"], Cell::Text, true),
    column("number", &["卡号", "card number"], Cell::Text, true),
    column("name", &["户名", "account name"], Cell::Text, true),
    column("county", &["区划", "county"], Cell::Text, true),
    column("outlet", &["发卡网点", "outlet"], Cell::Text, true),
    column("generation", &["卡代", "generation"], Cell::Integer, false),
];
const GRANTS: &[Column] = &[
    column("person", &["人员编号", "person"], Cell::Text, true),
    column("item", &["待遇项目", "item"], Cell::Text, true),
    column("component", &["待遇构成", "component"], Cell::Text, false),
    column("amount", &["月标准", "amount"], Cell::Money, true),
    column("from", &["起始月", "from"], Cell::Month, true),
    column("to", &["终止月", "to"], Cell::Month, false),
    column("area", &["统筹区", "pooling area"], Cell::Text, true),
    column("county", &["区划", "county"], Cell::Text, true),
    column("address", &["发放账户", "pay address"], Cell::Text, true),
    column("basis", &["依据", "basis"], Cell::Text, true),
];

pub fn columns(kind: Kind) -> Columns {
    let key: &[&'static str] = match kind {
        Kind::Persons | Kind::Cards => &["number"],
        Kind::Employers => &["code"],
        Kind::Grants => &["person", "item", "component", "from"],
    };
    Columns::new(listed(kind).iter().cloned()).unique_by(key.iter().copied())
}

/// What people call the column behind a field.
pub fn title(kind: Kind, field: &str) -> Option<&'static str> {
    let column = listed(kind).iter().find(|column| column.key == field)?;
    column.names.first().copied()
}

fn listed(kind: Kind) -> &'static [Column] {
    match kind {
        Kind::Persons => PERSONS,
        Kind::Employers => EMPLOYERS,
        Kind::Cards => CARDS,
        Kind::Grants => GRANTS,
    }
}

/// Rows of one kind on their way into one bulk command.
pub enum Rows {
    Persons(Vec<RegisterPerson>),
    Employers(Vec<RegisterEmployer>),
    Cards(Vec<IssueCard>),
    Grants(Vec<RegisterGrant>),
}

impl Rows {
    pub fn of(kind: Kind) -> Self {
        match kind {
            Kind::Persons => Self::Persons(Vec::new()),
            Kind::Employers => Self::Employers(Vec::new()),
            Kind::Cards => Self::Cards(Vec::new()),
            Kind::Grants => Self::Grants(Vec::new()),
        }
    }

    /// Reads a row's words; its numbers are checked by the command.
    pub fn push(&mut self, cells: &Cells) -> Result<(), RowRefused> {
        match self {
            Self::Persons(rows) => rows.push(person(cells)?),
            Self::Employers(rows) => rows.push(employer(cells)?),
            Self::Cards(rows) => rows.push(card(cells)?),
            Self::Grants(rows) => rows.push(grant(cells)?),
        }
        Ok(())
    }

    pub async fn send(
        self,
        node: &Node,
        envelope: &Envelope,
    ) -> Result<Vec<Result<(), RowRefused>>> {
        Ok(match self {
            Self::Persons(rows) => outcomes(node.registry.register_persons(envelope, &rows).await?),
            Self::Employers(rows) => {
                outcomes(node.registry.register_employers(envelope, &rows).await?)
            }
            Self::Cards(rows) => outcomes(node.cards.issue_cards(envelope, &rows).await?),
            Self::Grants(rows) => outcomes(node.benefits.register_grants(envelope, &rows).await?),
        })
    }
}

fn person(cells: &Cells) -> Result<RegisterPerson, RowRefused> {
    Ok(RegisterPerson {
        person: None,
        name: text(cells, "name").into(),
        number: NumberInput::resident(text(cells, "number")),
        sex: sex(cells)?,
        birth: cells.date("birth"),
        county: word(cells, "county")?,
        contact: ContactInput {
            phone: cells.text("phone").map(Into::into),
            ..ContactInput::default()
        },
    })
}

fn sex(cells: &Cells) -> Result<Option<Sex>, RowRefused> {
    match cells.text("sex") {
        None => Ok(None),
        Some(said) => Sex::ALL
            .iter()
            .copied()
            .find(|sex| [sex.zh(), sex.en(), sex.code()].contains(&said))
            .map(Some)
            .ok_or_else(|| unread("sex", "男、女、male or female")),
    }
}

fn employer(cells: &Cells) -> Result<RegisterEmployer, RowRefused> {
    Ok(RegisterEmployer {
        employer: None,
        code: text(cells, "code"),
        details: EmployerDetails {
            name: text(cells, "name"),
            kind: EmployerKind::Enterprise,
            county: word(cells, "county")?,
            industry: cells.text("industry").map(str::to_owned),
            address: cells.text("address").map(str::to_owned),
            legal_representative: None,
            contact: None,
        },
        on: None,
    })
}

fn card(cells: &Cells) -> Result<IssueCard, RowRefused> {
    Ok(IssueCard {
        person: word(cells, "person")?,
        bank: word::<BankCode>(cells, "bank")?,
        number: text(cells, "number").into(),
        name: text(cells, "name").into(),
        county: word(cells, "county")?,
        outlet: word(cells, "outlet")?,
        generation: cells.integer("generation").and_then(|n| n.try_into().ok()).unwrap_or(3),
        on: None,
    })
}

fn grant(cells: &Cells) -> Result<RegisterGrant, RowRefused> {
    let item: ItemId = word(cells, "item")?;
    let from = cells.month("from").ok_or_else(|| unread("from", "2026-01"))?;
    let component = match cells.text("component") {
        None => Component::whole(),
        Some(_) => word(cells, "component")?,
    };
    let amount = cells.money("amount").ok_or_else(|| unread("amount", "1234.50"))?;
    let person: PersonId = word(cells, "person")?;
    Ok(RegisterGrant {
        grant: None,
        person,
        arises_from: None,
        item,
        components: vec![ComponentAmount { component, amount }],
        from,
        to: cells.month("to"),
        payee: None,
        fund: None,
        area: word::<AreaCode>(cells, "area")?,
        county: word::<DivisionCode>(cells, "county")?,
        address: word(cells, "address")?,
        basis: text(cells, "basis"),
    })
}

/// A required cell: the reader has refused the row if it is blank.
fn text(cells: &Cells, key: &'static str) -> String {
    cells.text(key).unwrap_or_default().to_owned()
}

fn word<T: std::str::FromStr>(cells: &Cells, key: &'static str) -> Result<T, RowRefused> {
    text(cells, key).parse().map_err(|_| unread(key, "the code as the platform shows it"))
}

fn unread(field: &'static str, wanted: &str) -> RowRefused {
    RowRefused {
        code: "WORD_UNKNOWN".to_owned(),
        zh: format!("无法识别，应填：{wanted}"),
        en: format!("not understood, wanted: {wanted}"),
        field: Some(field.to_owned()),
        params: Vec::new(),
    }
}
