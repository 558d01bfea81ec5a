//! Candidates from plans: what each scan filters by, joins by, orders by and searches in, and what foreign keys look for.
//!
//! Only the plan speaks here, never the SQL text: the server has resolved every name, view and parameter in it already. All of it is a
//! function of the plans and the catalog; [`generic_plan`] alone asks the server.
//!
//! ```text
//! scan of a plan ─ asked ─> what it is asked for ─┬─ lookup ───> B-trees: equality, range, order, join, group, INCLUDE
//!                                                 ├─ partial ──> for conditions fixed in the text, for skewed values
//!                                                 ├─ pattern ──> beginnings and trigrams
//!                                                 ├─ search ───> GIN and GiST
//!                                                 └─ physical ─> BRIN and hash
//! foreign keys behind it ─ cascade ─> referencing columns
//! ```

mod asked;
mod cascade;
mod fixed;
mod generic;
mod keys;
mod lookup;
mod names;
mod needed;
mod order;
mod partial;
mod pattern;
mod physical;
mod relation;
mod scan;
mod search;
mod share;
mod worth;

use crate::db::catalog::Catalog;
use crate::plan::{Plan, PlanMetrics, walk};
use crate::report::model::ImpliedStatement;

use super::candidate::Candidate;
pub use generic::generic_plan;

/// Indexes that might shorten this plan, or the statements that foreign keys run behind it. Of a plan that was not executed, estimates
/// stand in for rows and cost for time.
///
/// `generic` is the plan for any parameters, by which conditions that stand fixed in the statement are told from those that parameters
/// give ([`generic_plan`]); the plan itself for a statement without parameters. Without it no partial index is proposed for a fixed
/// condition.
pub fn propose(plan: &Plan, implied: &[ImpliedStatement], generic: Option<&Plan>, catalog: &Catalog) -> Vec<Candidate> {
    let metrics = PlanMetrics::of(plan);
    let fixed = fixed::FixedTexts::of(generic, catalog);
    let mut found: Vec<Candidate> = Vec::new();
    for visit in walk(plan).filter(|visit| visit.node.executed() && visit.node.reads_relation()) {
        let Some(relation) = relation::Relation::of(visit.node, catalog) else { continue };
        let Some(asked) = asked::asked(&visit, relation, &metrics, &fixed, catalog) else { continue };
        if asked.worth.is_nothing(visit.node, &metrics) {
            continue;
        }
        // The partitions of a table ask for the same, and their shares of it add up.
        for candidate in scan::candidates(&asked) {
            match found.iter_mut().find(|known| known.same_as(&candidate)) {
                Some(known) => {
                    let both = known.potential_ms + candidate.potential_ms;
                    known.unite(candidate);
                    known.potential_ms = both;
                }
                None => found.push(candidate),
            }
        }
    }
    cascade::candidates(implied, catalog, &mut found);
    found
}
