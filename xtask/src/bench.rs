//! Measures, each work beside the raw engine in the same run, and writes `benches/RESULTS.md`.

use anyhow::{Result, bail};
use clap::Args;

use crate::project::{self, Project};
use crate::results::{self, Measured};
use crate::setup;

#[derive(Debug, Args)]
pub struct Arguments {
    /// Which ones [default: all]
    names: Vec<String>,
    /// Handed to the one bench that is named, to make it shorter (`bench run -- 20000 1`): it is
    /// shown and not written down
    #[arg(last = true)]
    shorter: Vec<String>,
}

struct Bench {
    package: &'static str,
    name: &'static str,
    /// What is measured, beside what.
    what: &'static str,
}

/// A new bench is one line here.
const BENCHES: [Bench; 6] = [
    Bench {
        package: "event-log",
        name: "append",
        what: "Appending and scanning, durable, beside plain rusqlite with group commit that checks \
               nothing.",
    },
    Bench {
        package: "postgres",
        name: "postgres",
        what: "The same on PostgreSQL, beside plain statements on the same server.",
    },
    Bench {
        package: "views",
        name: "rebuild",
        what: "Folding a long log into a durable read model, beside raw rusqlite; and what a rebuild \
               does to live commits.",
    },
    Bench {
        package: "projections",
        name: "population",
        what: "Freezing the population of a plan of 100,000 grants, and finding what its bank files \
               need.",
    },
    Bench {
        package: "benches",
        name: "run",
        what: "A run of 100,000 lines from the freeze to the certificate, and every read model over \
               its log, folded and rebuilt; each beside plain rusqlite writing the same rows. Then the \
               same with log and read models in PostgreSQL.",
    },
    Bench {
        package: "benches",
        name: "rules",
        what: "All live indicators while their history is written and rebuilt, tags of changed \
               subjects and at a publication, a warning rule tried over the log, and a warning from \
               its fact to its reader; each beside the raw engine.",
    },
];

/// # Errors
/// When a name is unknown, a bench fails, or the results cannot be written.
pub fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    setup::for_building()?;
    setup::for_databases()?;
    let known = || BENCHES.map(|bench| bench.name).join(", ");
    for name in &arguments.names {
        if !BENCHES.iter().any(|bench| bench.name == name) {
            bail!("there is no bench {name}; there are: {}", known());
        }
    }
    let (all, shorter) = (arguments.names.is_empty(), &arguments.shorter);
    if !shorter.is_empty() && arguments.names.len() != 1 {
        bail!("name the one bench that these are for: {}", shorter.join(" "));
    }
    for bench in BENCHES {
        if all || arguments.names.iter().any(|name| name == bench.name) {
            let measured = measure(project, &bench, shorter)?;
            if shorter.is_empty() {
                results::replace(project, &measured)?;
            }
        }
    }
    Ok(())
}

fn measure(project: &Project, bench: &Bench, shorter: &[String]) -> Result<Measured> {
    let arguments = ["bench", "--locked", "--package", bench.package, "--bench", bench.name];
    // Built first, so that the compiler is not among the neighbours.
    project::run(project.cargo(arguments).arg("--no-run"))?;
    let before = results::load();
    let mut cargo = project.cargo(arguments);
    cargo.arg("--").args(shorter);
    let mut rows = String::new();
    project::lines(&mut cargo, |line| {
        rows.push_str(line);
        rows.push('\n');
    })?;
    Ok(Measured {
        name: bench.name.to_owned(),
        what: bench.what.to_owned(),
        circumstances: results::circumstances(project, &before),
        rows: rows.trim_end().to_owned(),
    })
}
