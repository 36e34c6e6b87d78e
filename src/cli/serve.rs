//! `renshe serve`: the one endpoint.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::control::{Host, Service};
use super::desk::Desk;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  renshe serve
  renshe serve --data-dir /srv/renshe --listen 127.0.0.1:8080
It ends in good order on SIGINT and SIGTERM. Meanwhile the other sub-commands, given the same
--data-dir, go through it.")]
pub struct Serve {
    /// The address: loopback only until identity lands; port 0 takes a free one
    /// [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

impl Serve {
    pub async fn run(&self, desk: &Desk) -> Result<()> {
        let address = match self.listen {
            Some(address) => address,
            None => desk.config.listen.parse().context("`listen` is no address")?,
        };
        if !address.ip().is_loopback() {
            bail!(
                "{address} is not a loopback address: until identity lands, everybody who reaches \
                 the endpoint may do everything"
            );
        }
        tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::try_new(&desk.config.trace)?)
            .with_writer(std::io::stderr)
            .init();
        let node = desk.node().await?;
        let today = node.executor.today()?;
        commands::day::open_days(&node.executor, today).await?;
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}"))?;
        let address = format!("http://{}", listener.local_addr()?);
        let service =
            Service { node: node.clone(), config: desk.config.clone(), address: address.clone() };
        let host = Host::open(service).context("the control socket does not open")?;
        desk.out(&format!("listening on {address}"))?;
        let router = graphql::router(node.app(true), transport::Limits::default());
        let router = transport::Hosts::default().with(desk.config.hosts.clone()).guard(router);
        // Events record where a command came from.
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let failed = node.log_failed();
        let (end, ended) = watch::channel(false);
        let stopped = async move {
            interrupted().await;
            // The duties may have ended already.
            let _nobody = end.send(true);
        };
        let work = axum::serve(listener, service).with_graceful_shutdown(stopped);
        let ended_beside = ended.clone();
        let beside = async {
            host.serve(ended_beside).await;
            anyhow::Ok(())
        };
        let importing = async {
            node.imports(ended.clone()).await;
            anyhow::Ok(())
        };
        let duties = node.duties(ended.clone());
        tokio::select! {
            ended = async {
                tokio::try_join!(async { Ok(work.await?) }, duties, importing, beside)
            } => {
                ended?;
            }
            // An error on commit leaves it open what is durable: end, start again, verify the tail.
            reason = failed => bail!("the log takes no writes any more: {reason}"),
        }
        Ok(())
    }
}

/// Resolves on SIGINT and on SIGTERM, which is how containers and service managers say stop.
async fn interrupted() {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => terminate.recv().await,
            // Without a handler there is nothing to wait for: the default ends the process.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = terminated => {}
        asked = tokio::signal::ctrl_c() => if asked.is_err() { std::future::pending::<()>().await },
    }
}
