//! The endpoint of a running server, held against other people's clients and audits.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::project::{Project, run};
use crate::server::Server;
use crate::setup::{self, Node};

/// What the clients ask. The subscription must send something at once, whatever the data.
const QUERY: &str = "{ status { head reached views { name position } } }";
const SUBSCRIPTION: &str = "subscription { statusChanged { position status { head } } }";

/// Holds the SDL that `renshe schema` prints against the linter.
///
/// # Errors
/// When the schema cannot be printed or breaks a rule.
pub fn lint_schema(project: &Project, renshe: &Path) -> Result<String> {
    let node = setup::for_clients(project)?;
    let output = Command::new(renshe).arg("schema").output().context("renshe cannot be started")?;
    anyhow::ensure!(output.status.success(), "renshe schema: {}", output.status);
    let file = project.emptied("schema")?.join("schema.graphql");
    fs::write(&file, output.stdout)?;
    script(&node, "lint-schema.mjs").arg(file).run()?;
    Ok(String::new())
}

/// Serves `data_dir` and runs every client against it.
///
/// # Errors
/// When the server or a client fails.
pub fn audit(project: &Project, renshe: &Path, data_dir: &Path) -> Result<String> {
    let node = setup::for_clients(project)?;
    let server = Server::start(renshe, data_dir)?;
    let url = format!("{}/graphql", server.address);
    script(&node, "audit-http.mjs").arg(&url).run()?;
    for client in ["client-ws.mjs", "client-sse.mjs"] {
        script(&node, client).arg(&url).arg(QUERY).arg(SUBSCRIPTION).run()?;
    }
    server.stop()?;
    Ok("http audits, graphql-ws, graphql-sse".to_owned())
}

struct Script(Command);

fn script(node: &Node, name: &str) -> Script {
    let mut command = Command::new(&node.node);
    command.current_dir(&node.scripts).arg(name);
    Script(command)
}

impl Script {
    fn arg(mut self, argument: impl AsRef<std::ffi::OsStr>) -> Self {
        self.0.arg(argument);
        self
    }

    fn run(mut self) -> Result<()> {
        run(&mut self.0)
    }
}
