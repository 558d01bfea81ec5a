//! Endpoints, called for real and timed.
//!
//! A [`workload::Workload`] is the scenario's endpoints with their parameters bound to the server's types; a
//! [`session::Session`] runs calls of it on one database and commits them; [`solo`] times every endpoint on one database,
//! [`paired`] on two in turn, with the same parameters. Nothing here knows what the SQL means.

pub mod analysis;
mod bind_condition;
mod binder;
pub mod classes;
pub mod compare;
pub mod condition;
pub mod draw;
mod effect;
pub mod error;
pub mod live;
pub mod load;
pub mod merge;
pub mod paired;
pub mod placement;
pub mod promises;
pub mod recorder;
pub mod rounds;
pub mod server_side;
pub mod session;
pub mod shard;
pub mod slo;
pub mod solo;
pub mod statistics;
pub mod steps;
mod stretches;
pub mod variants;
mod warm_up;
pub mod workload;

pub use error::BenchError;
pub use workload::Workload;
