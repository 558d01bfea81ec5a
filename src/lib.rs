//! perflab: a performance lab for PostgreSQL.
//!
//! A scenario flows one way through the folders of this crate:
//!
//! ```text
//! scenario ─ what the data looks like and what the endpoints ask
//!    │
//! server ── db ─ a PostgreSQL to ask, and every byte to and from it
//!    │
//! seed ─ rows from ratios        bench ─ endpoints timed       explain ─ plans read
//!    └──────────────┬──────────────┴──────────────┬──────────────┘
//!                 advise ─ candidate indexes built, measured, kept or refused
//!                   │
//!        migrate ─ a migration beside calls: locks, waits, what it changes
//!                   │
//!                 report ─ one versioned value, rendered
//!                   │
//!                  cli ─ the only stage that prints
//! ```

pub mod advise;
pub mod bench;
pub mod cli;
pub mod csv;
pub mod db;
pub mod explain;
pub mod gate;
pub mod learn;
pub mod migrate;
pub mod plan;
pub mod report;
pub mod scenario;
pub mod seed;
pub mod server;
pub mod sql;
pub mod units;
pub mod version;
