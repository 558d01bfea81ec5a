//! Scenario files: YAML text in, [`model::Scenario`] or every mistake at once out.
//!
//! ```text
//! text ─yaml→ tree of located nodes ─decode→ Scenario ─validate→ Scenario, or all mistakes of the three together
//! ```
//!
//! This stage knows no database and no clock. What needs the server (does the column exist?) is checked later, against the
//! catalog, with the locations kept in the model.

pub mod condition;
mod decode;
pub mod error;
pub mod expression;
pub mod grammar;
mod load;
pub mod model;
pub mod pattern;
mod place;
pub mod quantity;
pub mod slo;
pub mod statement;
mod template;
mod validate;
mod yaml;

pub use error::{Problem, ScenarioError, ScenarioErrors};
pub use load::{load, parse};
pub use place::place_in;
pub use validate::{columns_of, files_of};
