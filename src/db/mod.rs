//! Every byte to and from PostgreSQL: connections, the catalog, COPY, EXPLAIN, and the databases that are perflab's own.
//!
//! Nothing here knows scenarios, statistics or advice.

pub mod catalog;
pub mod connect;
pub mod copy;
pub mod counters;
pub mod error;
pub mod explain;
pub mod fired_triggers;
pub mod index_facts;
pub mod key_triggers;
pub mod keys;
pub mod lab;
pub mod materialized;
pub mod missing_index;
pub mod number;
pub mod parameters;
pub mod partitions;
pub mod planner_facts;
pub mod read_catalog;
mod read_types;
pub mod relation_locks;
pub mod reply;
pub mod schema_objects;
pub mod settings;
pub mod statistics;
pub mod touched;
pub mod value;
pub mod wire;

pub use catalog::TableName;
pub use connect::{Connection, Prepared, Target};
pub use copy::{CopyIn, RowSink, copy_out};
pub use error::{DbError, ServerMessage};
pub use lab::Lab;
pub use parameters::Parameters;
pub use read_catalog::read_catalog;
pub use reply::Reply;
pub use statistics::read_statistics;
pub use value::Value;
pub use wire::{Line, Link};
