//! A server of the small schema of the tests, for other people's clients to be held against.
//!
//! `cargo run -p transport --example demo_server -- 127.0.0.1:8090` listens there; with `--sdl`
//! it prints the schema and ends.

#[path = "../tests/endpoint/schema.rs"]
mod schema;

use schema::{Owner, schema};
use tokio::net::TcpListener;
use transport::{Limits, Transport};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let argument = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8090".to_owned());
    if argument == "--sdl" {
        println!("{}", schema().sdl());
        return Ok(());
    }
    let listener = TcpListener::bind(&argument).await?;
    println!("http://{}/graphql", listener.local_addr()?);
    let transport = Transport::new(schema(), Limits::default(), Owner);
    axum::serve(listener, transport.introspection(true).graphiql(true).router()).await
}
