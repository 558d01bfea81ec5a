//! Referencing columns without an index, all the way down a cascade.

use crate::advise::candidate::Candidate;
use crate::db::catalog::Catalog;
use crate::report::model::ImpliedStatement;

/// Below this a trigger is already quick: a lookup by index with its call takes some hundredths of a millisecond.
const SLOWEST_LOOKUP_MS: f64 = 0.05;

pub fn candidates(implied: &[ImpliedStatement], catalog: &Catalog, found: &mut Vec<Candidate>) {
    for statement in implied {
        let per_call = statement.trigger_ms / statement.trigger_calls.max(1) as f64;
        if statement.missing_index.is_some() && (statement.trigger_ms > SLOWEST_LOOKUP_MS || per_call > SLOWEST_LOOKUP_MS) {
            let key = catalog
                .foreign_keys
                .iter()
                .find(|key| key.name == statement.constraint && key.table.to_string() == statement.table);
            if let Some(key) = key {
                let because = format!("{} looks for rows of {} by {}", key.name, key.table, key.columns.join(", "));
                found.push(Candidate::btree(&key.table, &key.columns, because));
            }
        }
        if let Some(plan) = &statement.plan {
            candidates(&plan.implied, catalog, found);
        }
    }
}
