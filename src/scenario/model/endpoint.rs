//! `endpoints:`, what a service asks, and what it promises.

use super::Located;
use super::shape::Pick;
use super::slo::Slo;
use super::value::ValueSpec;
use super::variant::Variant;
use crate::scenario::condition::Condition;
use crate::scenario::statement::Statement;

/// One API route and the statements it runs.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// `GET /song/{song_id}/play`
    pub route: Located<String>,
    /// `case: with ad`, tells endpoints of one route apart.
    pub case: Option<String>,
    /// Relative frequency in the service's traffic; 1 unless said.
    pub weight: f64,
    pub params: Params,
    pub steps: Vec<Step>,
    pub variants: Vec<Variant>,
    pub slo: Vec<Slo>,
}

impl Endpoint {
    /// `GET /song/{song_id}/play (with ad)`; unique within a scenario.
    pub fn label(&self) -> String {
        match &self.case {
            Some(case) => format!("{} ({case})", self.route.value),
            None => self.route.value.clone(),
        }
    }
}

/// `params:`, where the parameters of a call come from.
#[derive(Debug, Clone, Default)]
pub struct Params {
    /// A query over the seeded rows; its columns are parameters.
    pub sample: Option<Located<String>>,
    /// Which of the sampled rows a call uses.
    pub pick: Pick,
    /// Parameters made up for each call, e.g. the name of a new song.
    pub values: Vec<(Located<String>, ValueSpec)>,
}

/// One statement of an endpoint.
#[derive(Debug, Clone)]
pub struct Step {
    pub statement: Located<Statement>,
    /// `as: position`: later steps read `:position.pos` from its first row.
    pub name: Option<Located<String>>,
    /// `when: position is empty`
    pub when: Option<Located<Condition>>,
    /// `for_each: items`: once for each row of that earlier step; `:items.column` is the row at hand. Steps that follow each other
    /// for the same rows are one loop, run row by row; within it, `:price.price` is what step `price` returned for that row.
    pub for_each: Option<Located<String>>,
}
