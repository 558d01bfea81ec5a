//! Index keys from the targets of predicates.

use super::relation::Relation;
use crate::advise::candidate::Key;
use crate::plan::condition::{Column, Constant, Expr, Target};

/// The key that a predicate's target asks for. `None` for columns no index can have (`ctid`), and for expressions of more than a row.
pub fn key_of(target: &Target<'_>, relation: &Relation<'_>) -> Option<Key> {
    match target {
        Target::Column { column, cast: None } => column_key(column, relation),
        Target::Column { column, cast: Some(type_name) } => {
            // `(name)::text` of a varchar is the column itself to an index; `(id)::text` of a number is not.
            if *type_name == "text" && matches!(relation.type_of(&column.name)?, "text" | "varchar") {
                return column_key(column, relation);
            }
            expression_key(
                &Expr::Cast { operand: Box::new(Expr::Column((*column).clone())), type_name: (*type_name).to_owned() },
                relation,
            )
        }
        Target::Expression(expr) => expression_key(expr, relation),
    }
}

/// The key for an expression to sort or group by.
pub fn key_of_expr(expr: &Expr, relation: &Relation<'_>) -> Option<Key> {
    match expr {
        Expr::Column(column) => column_key(column, relation),
        Expr::Cast { operand, type_name } => match &**operand {
            Expr::Column(column) => key_of(&Target::Column { column, cast: Some(type_name) }, relation),
            _ => expression_key(expr, relation),
        },
        Expr::Collate { operand, collation } => {
            let key = key_of_expr(operand, relation)?;
            Some(Key { collation: Some(crate::sql::quote_ident(collation)), ..key })
        }
        other => expression_key(other, relation),
    }
}

fn column_key(column: &Column, relation: &Relation<'_>) -> Option<Key> {
    relation.table.column(&column.name).map(|column| Key::column(&column.name))
}

fn expression_key(expr: &Expr, relation: &Relation<'_>) -> Option<Key> {
    let indexable = !expr.columns().is_empty()
        && expr.columns().iter().all(|column| relation.table.column(&column.name).is_some())
        && !has_no_value_of_its_own(expr);
    indexable.then(|| Key::expression(&expr.unqualified().to_string()))
}

/// Parameters, subqueries, clocks. Whether a function's result may change otherwise (with the time zone, the language) the server tells
/// when the index is built, and its words are the reason why there is none.
fn has_no_value_of_its_own(expr: &Expr) -> bool {
    let mut found = false;
    expr.each(&mut |part| {
        found |= match part {
            Expr::Param(_) | Expr::SubPlan(_) | Expr::Other(_) => true,
            Expr::Function { name, .. } => {
                name.starts_with("CURRENT_")
                    || matches!(name.as_str(), "now" | "clock_timestamp" | "statement_timestamp" | "random")
            }
            _ => false,
        };
    });
    found
}

/// Whether LIKE works on the type.
pub fn is_text(base_name: &str) -> bool {
    matches!(base_name, "text" | "varchar" | "bpchar" | "citext")
}

/// The operator class by which a B-tree serves the beginnings of a text; the collation `C` needs none, and citext has none.
pub fn pattern_class(key: &Key, relation: &Relation<'_>) -> Option<&'static str> {
    let Some(column) = &key.column else { return Some("text_pattern_ops") };
    match relation.type_of(column)? {
        "varchar" => Some("varchar_pattern_ops"),
        "bpchar" => Some("bpchar_pattern_ops"),
        "text" => Some("text_pattern_ops"),
        _ => None,
    }
}

/// Keys without doubles.
pub fn distinct<'a>(keys: impl IntoIterator<Item = &'a Key>) -> Vec<Key> {
    let mut found: Vec<Key> = Vec::new();
    for key in keys {
        if !found.iter().any(|known| known.expression == key.expression) {
            found.push(key.clone());
        }
    }
    found
}

/// `a, lower(b)`
pub fn listed(keys: &[Key]) -> String {
    keys.iter().map(|key| key.expression.clone()).collect::<Vec<_>>().join(", ")
}

/// The text of a literal, whatever casts stand around it.
pub fn literal(expr: &Expr) -> Option<String> {
    match expr.uncast() {
        Expr::Constant(Constant::Text(text) | Constant::Number(text)) => Some(text.clone()),
        Expr::Constant(Constant::Boolean(value)) => Some(if *value { "t" } else { "f" }.to_owned()),
        _ => None,
    }
}
