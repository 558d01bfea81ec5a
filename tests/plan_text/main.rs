//! Our text of a plan equals the server's own, for every kind of node that can be provoked and every statement of the shipped scenarios.
//!
//! Each statement is explained in both formats with the same parameters, in transactions that are rolled back, and what `to_text` makes
//! of the JSON is compared with what the server prints.

mod both;
mod collection;
#[path = "../common/mod.rs"]
mod common;
mod scenarios;

use std::collections::BTreeSet;
use std::sync::Mutex;

/// One test at a time: `perflab seed` may start the shared server anew, with the settings it wants.
static ALONE: Mutex<()> = Mutex::new(());

/// What was compared, over all tests of one kind.
#[derive(Default)]
pub struct Tally {
    pub statements: usize,
    pub comparisons: usize,
    /// `Hash Join, Left`, `Aggregate, Hashed, Partial` …
    pub nodes: BTreeSet<String>,
    pub wrong: Vec<String>,
    /// Statements that could not be executed, with the server's words.
    pub refused: Vec<String>,
}

impl Tally {
    /// Fails with every difference.
    pub fn check(&self, what: &str) {
        eprintln!(
            "{what}: {} statements, {} comparisons, {} kinds of nodes",
            self.statements,
            self.comparisons,
            self.nodes.len()
        );
        eprintln!("{}", self.nodes.iter().map(String::as_str).collect::<Vec<_>>().join("; "));
        assert!(self.wrong.is_empty(), "{} of {} differ:\n{}", self.wrong.len(), self.comparisons, self.wrong.join("\n"));
        assert_eq!(self.refused, Vec::<String>::new(), "statements that were not executed");
    }
}
