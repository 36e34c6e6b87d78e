//! The same installation with its log and its read models in PostgreSQL, where the environment names
//! a server.

use benches::node::{Address, Databases, World};

/// Set for the processes that measure on a server.
pub const URL: &str = "BENCH_DATABASE";

pub fn is_named() -> bool {
    std::env::var_os(URL).is_some()
}

pub fn placed(world: World) -> World {
    match std::env::var(URL) {
        Ok(url) => {
            let address = || Some(Address::from(url.as_str()));
            world.on(Databases { log: address(), views: address() })
        }
        Err(_) => world,
    }
}
