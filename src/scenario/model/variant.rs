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
    /// The statement that brings what `setup` made up to date; its cost is measured.
    pub refresh: Option<Located<String>>,
}
