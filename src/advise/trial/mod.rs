//! The trial: a clone that candidates are built on, and endpoints timed there with and without them.

mod build;
mod plans;
mod timing;
mod undo;

use std::collections::BTreeMap;

use crate::bench::draw::Draw;
use crate::bench::workload::Workload;
use crate::db::Target;
use crate::db::catalog::Catalog;
use crate::scenario::model::AdviseOptions;

pub use build::{Built, build};
pub use plans::{Plans, Used, plans_of, used_by};
pub use timing::{ABLATION, CAREFUL, Compared, Effort, compared, timed};

/// A clone that indexes are built on, and what is asked of it.
pub struct Trial<'a> {
    pub target: Target,
    pub workload: &'a Workload,
    pub catalog: &'a Catalog,
    pub options: &'a AdviseOptions,
    /// Endpoints worth advising, by place in the workload.
    pub places: Vec<usize>,
    /// By place in the workload.
    pub typical_calls: &'a [u64],
    /// Medians of the endpoints with the schema's own indexes, by label, ms; one that is not in it is held to no write budget.
    pub before_ms: &'a BTreeMap<String, f64>,
    /// The query that each endpoint's parameters are sampled by, by place in the workload.
    pub samples: Vec<Option<&'a str>>,
}

impl Trial<'_> {
    /// The parameters that arms are timed with: the same for all of them.
    pub fn draws(&self, place: usize) -> Vec<Draw> {
        let draws = &self.workload.endpoints[place].draws;
        (0..ABLATION.most as u64).filter_map(|call| draws.draw(call)).collect()
    }

    pub fn label(&self, place: usize) -> &str {
        &self.workload.endpoints[place].label
    }
}
