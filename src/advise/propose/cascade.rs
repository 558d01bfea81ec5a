//! Referencing columns without an index, all the way down a cascade.

use crate::advise::candidate::Candidate;
use crate::db::catalog::{Catalog, ForeignKey};
use crate::db::planner_facts;
use crate::report::model::ImpliedStatement;
use crate::sql::quote_ident;
use crate::units::percent;

/// Below this a trigger is already quick: a lookup by index with its call takes some hundredths of a millisecond.
const SLOWEST_LOOKUP_MS: f64 = 0.05;
/// Share of NULLs from which on an index without them is much smaller; no trigger looks for NULL.
const MOSTLY_NULL: f64 = 0.5;

pub fn candidates(implied: &[ImpliedStatement], catalog: &Catalog, found: &mut Vec<Candidate>) {
    for statement in implied {
        let per_call = statement.trigger_ms / statement.trigger_calls.max(1) as f64;
        if statement.missing_index.is_some() && (statement.trigger_ms > SLOWEST_LOOKUP_MS || per_call > SLOWEST_LOOKUP_MS) {
            let key = catalog
                .foreign_keys
                .iter()
                .find(|key| key.name == statement.constraint && key.table.to_string() == statement.table);
            if let Some(key) = key {
                found.extend(of_key(key, catalog, statement.trigger_ms));
            }
        }
        if let Some(plan) = &statement.plan {
            candidates(&plan.implied, catalog, found);
        }
    }
}

/// An index on the referencing columns; one without the NULLs beside it, where most are.
fn of_key(key: &ForeignKey, catalog: &Catalog, potential_ms: f64) -> Vec<Candidate> {
    let because = format!("{} looks for rows of {} by {}", key.name, key.table, key.columns.join(", "));
    let whole = Candidate { free: key.columns.len(), potential_ms, ..Candidate::btree(&key.table, &key.columns, because) };
    let known = planner_facts::of(&catalog.planner, &key.table);
    let nulls = |column: &String| known?.columns.iter().find(|known| &known.name == column)?.null_frac;
    let mostly_null =
        key.columns.iter().find_map(|column| nulls(column).filter(|nulls| *nulls > MOSTLY_NULL).map(|nulls| (column, nulls)));
    let part = mostly_null.map(|(column, nulls)| Candidate {
        predicate: Some(format!("({} IS NOT NULL)", quote_ident(column))),
        because: whole
            .because
            .iter()
            .map(|because| format!("{because}; {column} is NULL in {} of them", percent(nulls)))
            .collect(),
        ..whole.clone()
    });
    std::iter::once(whole).chain(part).collect()
}
