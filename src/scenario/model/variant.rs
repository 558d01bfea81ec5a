//! `variants:`, other ways to get an endpoint's result.

use super::Located;
use super::endpoint::Step;

/// Another way to get the same rows, proven equal and timed beside the endpoint's own steps.
#[derive(Debug, Clone)]
pub struct Variant {
    pub name: Located<String>,
    pub steps: Vec<Step>,
    /// Statements that run once before the variant can be called, e.g. CREATE MATERIALIZED VIEW and its index.
    pub setup: Vec<Located<String>>,
    /// What of the results has to be the same.
    pub compare: Compare,
    /// The statement that brings what `setup` made up to date; its cost is measured.
    pub refresh: Option<Located<String>>,
}

/// When two results are the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compare {
    /// The rows of the last statement that returns some, in whatever order, column by column.
    #[default]
    Rows,
    /// All values of all statements, in whatever form: in columns of one row, in rows of their own or inside of JSON. NULLs, names
    /// of columns and keys of JSON objects do not count.
    Values,
}
