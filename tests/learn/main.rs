//! Learning from a live database: what is learned is what was seeded, and no row is read for it.

#[path = "../common/mod.rs"]
mod common;

mod command;
mod learning;
mod odd;
mod privacy;
mod round_trip;
