//! Tables that a statement derives from others: `review_meta: {sql: SELECT …}`.
//!
//! The server fills them itself, by INSERT INTO … SELECT with the columns matched by name, when all other tables have their rows and
//! keys; one that reads another of them comes after it. What is wrong with a statement shows before the first row is made: it is
//! prepared and planned on the empty tables.

mod check;
mod fill;

use crate::db::catalog::TableName;
use crate::sql::quote_ident;

pub use check::derived;
pub use fill::fill;

/// A table and the statement its rows come from.
#[derive(Debug, Clone, PartialEq)]
pub struct Derived {
    pub name: TableName,
    /// Without a semicolon at its end.
    pub sql: String,
    /// What the statement returns, in its order.
    pub columns: Vec<String>,
    pub because: Option<String>,
    /// Among the tables of the scenario.
    pub place: usize,
}

/// What its table is said to follow.
pub const RULE: &str = "derived by sql";

impl Derived {
    /// What comes before the statement to make it an INSERT.
    fn insert_head(&self) -> String {
        let columns = self.columns.iter().map(|column| quote_ident(column)).collect::<Vec<_>>().join(", ");
        // A number that the server would give by itself is taken from the statement when it returns one.
        format!("INSERT INTO {} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM (\n", self.name.sql())
    }

    /// The line break keeps a comment at the statement's end from taking the bracket along.
    fn insert(&self) -> String {
        format!("{}{}\n) AS derived", self.insert_head(), self.sql)
    }
}
