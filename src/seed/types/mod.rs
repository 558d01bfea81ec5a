//! The types whose values can be made, each with what limits it.

mod builtin;
mod kind;
mod pg_type;

pub use builtin::FIRST_USER_OID;
pub use kind::Kind;
pub use pg_type::{PgType, power_of_ten};
