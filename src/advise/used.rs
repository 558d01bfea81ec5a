//! Which indexes a call's plans look into, those of the statements behind foreign keys included.

use std::collections::BTreeSet;

use crate::explain::endpoint::StatementPlan;
use crate::plan::{Plan, used_indexes};
use crate::report::model::ImpliedStatement;

/// Names of the indexes.
pub fn used_names(statement: &StatementPlan) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = used_indexes(&statement.plan).into_iter().map(|index| index.name).collect();
    add_implied(&statement.explained.implied, &mut names);
    names
}

fn add_implied(implied: &[ImpliedStatement], names: &mut BTreeSet<String>) {
    for explained in implied.iter().filter_map(|statement| statement.plan.as_ref()) {
        if let Ok(plan) = Plan::from_json(&explained.json) {
            names.extend(used_indexes(&plan).into_iter().map(|index| index.name));
        }
        add_implied(&explained.implied, names);
    }
}
