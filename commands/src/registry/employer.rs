//! Employing units (单位), one or many at a time.

use kernel::{Decider, Revision, StreamName};
use registry::claims;
use registry::employer::{Command, Details, Employer, Kind, Record};
use serde::{Deserialize, Serialize};
use shared::{CreditCode, Date, DivisionCode, EmployerId, Sealed};

use super::Registry;
use super::refusal::county;
use crate::bulk::{self, Bulk, Claims, Row};
use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::execute::Done;
use crate::personal::{Clear, number_refused, seal};
use crate::taken;
use crate::unit::Unit;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterEmployer {
    /// Given by the caller, or made from the command.
    pub employer: Option<EmployerId>,
    /// The unified social credit code as typed.
    pub code: String,
    pub details: EmployerDetails,
    /// Absent: the business date.
    pub on: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterVirtualEmployer {
    pub employer: Option<EmployerId>,
    pub details: EmployerDetails,
    pub purpose: String,
    pub on: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmployerDetails {
    pub name: String,
    pub kind: Kind,
    pub county: DivisionCode,
    /// The class of GB/T 4754, like `C3411`.
    pub industry: Option<String>,
    pub address: Option<String>,
    pub legal_representative: Option<Clear>,
    pub contact: Option<Clear>,
}

/// What is absent stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeEmployer {
    pub employer: EmployerId,
    pub code: Option<String>,
    pub name: Option<String>,
    pub kind: Option<Kind>,
    pub county: Option<DivisionCode>,
    pub industry: Option<String>,
    pub address: Option<String>,
    pub legal_representative: Option<Clear>,
    pub contact: Option<Clear>,
    pub on: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeEmployers {
    /// The unit that stays.
    pub into: EmployerId,
    /// The unit that is given up.
    pub from: EmployerId,
    pub on: Option<Date>,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeregisterEmployer {
    pub employer: EmployerId,
    pub on: Option<Date>,
    pub reason: String,
}

impl Registry {
    /// # Errors
    /// What is wrong with the credit code; a code that is registered already, with its holder.
    pub async fn register_employer(
        &self,
        envelope: &Envelope,
        input: &RegisterEmployer,
    ) -> Result<Done<EmployerId>, CommandError> {
        let done = self.executor.run(envelope, "employer.register", input, async |unit: Unit| {
            let (employer, code) = checked(&unit, input, 0)?;
            unit.keys().ensure(&[employer.uuid()]).await?;
            let register = command(&unit, input, employer, code)?;
            unit.decide::<Employer>(employer, register).await?;
            let holder = StreamName::new(Employer::CATEGORY, employer);
            unit.take(claims::employer_code(&code), holder.as_str());
            Ok(employer)
        });
        done.await.map_err(taken::explained)
    }

    /// Registers every row that can be, as [`Registry::register_persons`] does.
    ///
    /// # Errors
    /// A fault of the log or the keys.
    pub async fn register_employers(
        &self,
        envelope: &Envelope,
        rows: &[RegisterEmployer],
    ) -> Result<Bulk<EmployerId>, CommandError> {
        bulk::in_pieces(
            &self.executor,
            envelope,
            "employer.register-many",
            rows,
            async |unit: Unit, piece: &[RegisterEmployer]| register(&unit, piece).await,
        )
        .await
    }

    /// # Errors
    /// What the rule says.
    pub async fn register_virtual_employer(
        &self,
        envelope: &Envelope,
        input: &RegisterVirtualEmployer,
    ) -> Result<Done<EmployerId>, CommandError> {
        self.executor
            .run(envelope, "employer.register-virtual", input, async |unit: Unit| {
                let employer = given_or_made(&unit, input.employer, 0);
                county(input.details.county, "county")?;
                unit.keys().ensure(&[employer.uuid()]).await?;
                let register = Command::RegisterVirtual {
                    employer,
                    details: input.details.sealed(&unit, employer)?,
                    purpose: input.purpose.clone(),
                    on: input.on.unwrap_or(unit.business_date()),
                };
                unit.decide::<Employer>(employer, register).await?;
                Ok(employer)
            })
            .await
    }

    /// Another credit code gives the old one free.
    ///
    /// # Errors
    /// As [`Registry::register_employer`]; a unit that is not open.
    pub async fn change_employer(
        &self,
        envelope: &Envelope,
        input: &ChangeEmployer,
    ) -> Result<Done<EmployerId>, CommandError> {
        let done = self.executor.run(envelope, "employer.change", input, async |unit: Unit| {
            change(&unit, input).await?;
            Ok(input.employer)
        });
        done.await.map_err(taken::explained)
    }

    /// The unit that is given up gives its credit code free.
    ///
    /// # Errors
    /// When one of the two is not open.
    pub async fn merge_employers(
        &self,
        envelope: &Envelope,
        input: &MergeEmployers,
    ) -> Result<Done<EmployerId>, CommandError> {
        let MergeEmployers { into, from, .. } = *input;
        self.executor
            .run(envelope, "employer.merge", input, async |unit: Unit| {
                let on = input.on.unwrap_or(unit.business_date());
                let reason = input.reason.clone();
                give_up(&unit, from, Command::Merge { into, on, reason }).await?;
                unit.decide::<Employer>(into, Command::Absorb { employer: from, on }).await?;
                Ok(into)
            })
            .await
    }

    /// # Errors
    /// When it is not open.
    pub async fn deregister_employer(
        &self,
        envelope: &Envelope,
        input: &DeregisterEmployer,
    ) -> Result<Done<EmployerId>, CommandError> {
        self.executor
            .run(envelope, "employer.deregister", input, async |unit: Unit| {
                let on = input.on.unwrap_or(unit.business_date());
                let deregister = Command::Deregister { on, reason: input.reason.clone() };
                give_up(&unit, input.employer, deregister).await?;
                Ok(input.employer)
            })
            .await
    }
}

impl EmployerDetails {
    /// As part of the next event.
    fn sealed(&self, unit: &Unit, employer: EmployerId) -> Result<Details, CommandError> {
        Ok(Details {
            name: shared::name::normalise(&self.name),
            kind: self.kind,
            county: self.county,
            industry: self.industry.clone(),
            address: self.address.clone(),
            legal_representative: sealed(
                unit,
                employer,
                "details.legal_representative",
                self.legal_representative.as_ref(),
            )?,
            contact: sealed(unit, employer, "details.contact", self.contact.as_ref())?,
        })
    }
}

fn sealed(
    unit: &Unit,
    employer: EmployerId,
    path: &str,
    clear: Option<&Clear>,
) -> Result<Option<Sealed>, CommandError> {
    clear.map(|clear| seal(unit, employer.uuid(), 0, path, clear.expose().trim())).transpose()
}

fn given_or_made(unit: &Unit, given: Option<EmployerId>, index: u32) -> EmployerId {
    given.unwrap_or_else(|| EmployerId::from_uuid(unit.new_id("employer", index)))
}

fn code_of(text: &str) -> Result<CreditCode, CommandError> {
    CreditCode::parse(text).map_err(|error| number_refused(&error, "code").into())
}

fn checked(
    unit: &Unit,
    input: &RegisterEmployer,
    index: u32,
) -> Result<(EmployerId, CreditCode), CommandError> {
    county(input.details.county, "county")?;
    Ok((given_or_made(unit, input.employer, index), code_of(&input.code)?))
}

fn command(
    unit: &Unit,
    input: &RegisterEmployer,
    employer: EmployerId,
    code: CreditCode,
) -> Result<Command, CommandError> {
    let details = input.details.sealed(unit, employer)?;
    let on = input.on.unwrap_or(unit.business_date());
    Ok(Command::Register { employer, code, details, on })
}

async fn register(
    unit: &Unit,
    piece: &[RegisterEmployer],
) -> Result<Vec<Row<EmployerId>>, CommandError> {
    let entries: Vec<_> =
        (0..).zip(piece).map(|(index, input)| checked(unit, input, index)).collect();
    let ok = || entries.iter().flatten();
    let keys = ok().map(|(_, code)| claims::employer_code(code)).collect();
    let mut claims = Claims::look_up(unit, keys).await?;
    let subjects: Vec<_> = ok().map(|(employer, _)| employer.uuid()).collect();
    unit.keys().ensure(&subjects).await?;
    let mut rows = Vec::with_capacity(piece.len());
    for (input, entry) in piece.iter().zip(entries) {
        let outcome = match entry {
            Ok((employer, code)) => admit(unit, &mut claims, input, employer, code).await,
            Err(error) => Err(error),
        };
        rows.push(bulk::row(outcome)?);
    }
    Ok(rows)
}

async fn admit(
    unit: &Unit,
    claims: &mut Claims,
    input: &RegisterEmployer,
    employer: EmployerId,
    code: CreditCode,
) -> Result<EmployerId, CommandError> {
    let keys = vec![claims::employer_code(&code)];
    claims.free(&keys)?;
    let register = command(unit, input, employer, code)?;
    let stream = StreamName::new(Employer::CATEGORY, employer);
    if input.employer.is_some() {
        unit.decide::<Employer>(employer, register).await?;
    } else {
        let events = Employer::default().decide(register)?;
        unit.write(stream.clone(), Revision::NONE, &events)?;
    }
    claims.take(unit, keys, stream.as_str());
    Ok(employer)
}

async fn change(unit: &Unit, input: &ChangeEmployer) -> Result<(), CommandError> {
    let employer = input.employer;
    let on = input.on.unwrap_or(unit.business_date());
    let old = super::facts::employer_record(unit, employer).await?;
    let code = input.code.as_deref().map(code_of).transpose()?;
    if let Some(code) = input.county {
        county(code, "county")?;
    }
    let now = old.details.clone();
    let kept = |path: &str, clear: Option<&Clear>, old: Option<Sealed>| match (clear, old) {
        (None, old) => Ok(old),
        // Sealed anew the same text would look like a change.
        (Some(clear), Some(old)) if same(unit, employer, clear, &old)? => Ok(Some(old)),
        (Some(clear), _) => sealed(unit, employer, path, Some(clear)),
    };
    let details = Details {
        name: input.name.as_deref().map_or(now.name, shared::name::normalise),
        kind: input.kind.unwrap_or(now.kind),
        county: input.county.unwrap_or(now.county),
        industry: input.industry.clone().or(now.industry),
        address: input.address.clone().or(now.address),
        legal_representative: kept(
            "details.legal_representative",
            input.legal_representative.as_ref(),
            now.legal_representative,
        )?,
        contact: kept("details.contact", input.contact.as_ref(), now.contact)?,
    };
    unit.decide::<Employer>(employer, Command::Change { code, details, on }).await?;
    if let Some(code) = code.filter(|code| Some(*code) != old.code) {
        let holder = StreamName::new(Employer::CATEGORY, employer);
        free_code(unit, &old).await?;
        unit.take(claims::employer_code(&code), holder.as_str());
    }
    Ok(())
}

fn same(
    unit: &Unit,
    employer: EmployerId,
    clear: &Clear,
    old: &Sealed,
) -> Result<bool, CommandError> {
    let old = unit.keys().open(employer.uuid(), &old.0)?;
    Ok(old.expose() == clear.expose().trim())
}

/// Ends a unit; its credit code is free from then on.
async fn give_up(unit: &Unit, employer: EmployerId, command: Command) -> Result<(), CommandError> {
    let (before, _) = unit.guard::<Employer>(employer).await?;
    let before = Employer::clone(&before);
    unit.decide::<Employer>(employer, command).await?;
    match before {
        Employer::Open(record) => free_code(unit, &record).await,
        Employer::Unknown | Employer::Merged { .. } | Employer::Deregistered { .. } => Ok(()),
    }
}

async fn free_code(unit: &Unit, record: &Record) -> Result<(), CommandError> {
    let holder = StreamName::new(Employer::CATEGORY, record.employer);
    let keys = record.code.iter().map(claims::employer_code).collect();
    for key in taken::held_by(unit.log(), keys, holder.as_str()).await? {
        unit.release(key, holder.as_str());
    }
    Ok(())
}
