//! Conditions that stand with their values in the statement's text: what a partial index may have as its own.
//!
//! In a plan that was made for certain parameters they look like any other. The generic plan tells: there, parameters are `$1`.

use std::collections::BTreeSet;

use super::relation::Relation;
use super::share::share;
use crate::db::catalog::{Catalog, TableName};
use crate::plan::condition::{Access, Expr, Predicate, classify, parse};
use crate::plan::{Plan, walk};

/// A condition that every call asks the same way.
#[derive(Debug, Clone)]
pub struct Fixed {
    /// As `WHERE` of an index takes it.
    pub predicate: String,
    /// The column it is about.
    pub column: String,
    /// The column equals a value, or one of several.
    pub equality: bool,
    /// Of the rows; `None` when ANALYZE does not tell.
    pub share: Option<f64>,
}

/// All conditions of a statement without a parameter in them, by table.
#[derive(Debug, Default)]
pub struct FixedTexts {
    known: BTreeSet<(TableName, String)>,
}

impl FixedTexts {
    /// Of the plan for any parameters; `None` knows of no fixed condition.
    pub fn of(generic: Option<&Plan>, catalog: &Catalog) -> FixedTexts {
        let mut known = BTreeSet::new();
        for visit in generic.into_iter().flat_map(walk).filter(|visit| visit.node.reads_relation()) {
            let Some(relation) = Relation::of(visit.node, catalog) else { continue };
            let node = visit.node;
            for text in [&node.filter, &node.index_cond, &node.recheck_cond].into_iter().flatten() {
                let condition = parse(text);
                let texts = condition.conjuncts().filter(|conjunct| !has_parameter(conjunct));
                known.extend(texts.map(|conjunct| (relation.table.name.clone(), conjunct.unqualified().to_string())));
            }
        }
        FixedTexts { known }
    }

    /// The condition as an index's own: one column against values that the statement has in its text.
    pub fn fixed(&self, conjunct: &Expr, alias: &str, relation: &Relation<'_>) -> Option<Fixed> {
        let predicate = conjunct.unqualified().to_string();
        let columns = conjunct.columns();
        let [column] = columns.as_slice() else { return None };
        let indexable = column.is_of(alias) && relation.table.column(&column.name).is_some() && is_simple(conjunct);
        if !indexable || !self.known.contains(&(relation.table.name.clone(), predicate.clone())) {
            return None;
        }
        let predicates = classify(conjunct, alias);
        let share = match (predicates.as_slice(), conjunct) {
            ([predicate], _) => share(predicate, relation),
            // What is different from a value is what neither has it nor is NULL.
            (_, Expr::Compare { left, op, right }) if op == "<>" => different(left, right, alias, relation),
            _ => None,
        };
        let equality = matches!(predicates.as_slice(), [Predicate { access: Access::Equality(_) | Access::Any(_), .. }]);
        Some(Fixed { predicate: in_parentheses(predicate), column: column.name.clone(), equality, share })
    }
}

fn different(left: &Expr, right: &Expr, alias: &str, relation: &Relation<'_>) -> Option<f64> {
    let equality = Expr::Compare { left: Box::new(left.clone()), op: "=".into(), right: Box::new(right.clone()) };
    let predicates = classify(&equality, alias);
    let same = share(predicates.first()?, relation)?;
    let column = equality.columns().first().map(|column| column.name.clone())?;
    Some(1.0 - same - relation.column(&column)?.null_frac?)
}

fn in_parentheses(text: String) -> String {
    if text.starts_with('(') { text } else { format!("({text})") }
}

fn has_parameter(expr: &Expr) -> bool {
    let mut found = false;
    expr.each(&mut |part| found |= matches!(part, Expr::Param(_) | Expr::SubPlan(_) | Expr::Other(_)));
    found
}

/// A column against literals: no function, whose result might change, and nothing that moves with the clock.
fn is_simple(expr: &Expr) -> bool {
    let value = |expr: &Expr| matches!(expr.uncast(), Expr::Constant(_));
    let column = |expr: &Expr| matches!(expr.uncast(), Expr::Column(_));
    match expr {
        Expr::Compare { left, op, right } => {
            let known = matches!(op.as_str(), "=" | "<>" | "<" | "<=" | ">" | ">=");
            known && ((column(left) && value(right)) || (value(left) && column(right)))
        }
        Expr::Any { left, op, right, all: false } => op == "=" && column(left) && value(right),
        Expr::IsNull { operand, .. } | Expr::Is { operand, .. } | Expr::Not(operand) => matches!(**operand, Expr::Column(_)),
        Expr::Column(_) => true,
        _ => false,
    }
}
