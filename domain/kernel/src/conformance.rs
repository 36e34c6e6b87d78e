//! The promises of [`crate::EventLog`] as tests that every backend runs.
