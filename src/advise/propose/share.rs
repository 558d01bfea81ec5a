//! How many of a table's rows a condition leaves, by what ANALYZE knows.

use super::keys::literal;
use super::relation::Relation;
use crate::db::planner_facts::PlannerColumn;
use crate::plan::condition::{Access, Expr, Predicate, Target};

/// Share of the rows, 0 to 1; `None` when the statistics do not tell.
pub fn share(predicate: &Predicate<'_>, relation: &Relation<'_>) -> Option<f64> {
    let Target::Column { column, .. } = &predicate.target else { return None };
    let known = relation.column(&column.name)?;
    match &predicate.access {
        Access::Null { negated } => known.null_frac.map(|nulls| if *negated { 1.0 - nulls } else { nulls }),
        Access::Truth { negated } => of_value(if *negated { "f" } else { "t" }, known, relation),
        Access::Equality(other) => of_value(&literal(other)?, known, relation),
        Access::Any(other) => of_values(other, known, relation),
        Access::Range(_) | Access::Match { .. } | Access::Operator { .. } => None,
    }
}

/// The share of the rows that have this value.
pub fn of_value(value: &str, known: &PlannerColumn, relation: &Relation<'_>) -> Option<f64> {
    if let Some((_, share)) = known.most_common.iter().find(|(common, _)| common == value) {
        return Some(*share);
    }
    let (rows, nulls) = (relation.table.estimated_rows, known.null_frac?);
    let distinct = relation.distinct(&known.name).filter(|_| rows > 0.0)?;
    let common: f64 = known.most_common.iter().map(|(_, share)| share).sum();
    Some((1.0 - nulls - common).max(0.0) / (distinct - known.most_common.len() as f64).max(1.0))
}

/// Of the elements of `'{a,b}'::text[]`.
fn of_values(list: &Expr, known: &PlannerColumn, relation: &Relation<'_>) -> Option<f64> {
    let text = literal(list)?;
    let elements = text.strip_prefix('{')?.strip_suffix('}')?;
    elements.split(',').map(|element| of_value(element.trim_matches('"'), known, relation)).sum()
}
