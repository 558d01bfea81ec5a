//! Index keys from the targets of predicates.

use crate::advise::candidate::Key;
use crate::db::catalog::Table;
use crate::plan::condition::{Column, Expr, Target};

/// The key that a predicate's target asks for. `None` for columns no index can have (`ctid`).
pub fn key_of(target: &Target<'_>, table: &Table) -> Option<Key> {
    match target {
        Target::Column { column, cast: None } => column_key(column, table),
        Target::Column { column, cast: Some(type_name) } => {
            let declared = table.column(&column.name)?;
            // `(name)::text` of a varchar is the column itself to an index; `(id)::text` of a number is not.
            if is_text(&declared.base_name) && *type_name == "text" {
                return column_key(column, table);
            }
            let cast = Expr::Cast { operand: Box::new(Expr::Column((*column).clone())), type_name: (*type_name).to_owned() };
            Some(Key::expression(&cast.unqualified().to_string()))
        }
        Target::Expression(expr) => Some(Key::expression(&expr.unqualified().to_string())),
    }
}

fn column_key(column: &Column, table: &Table) -> Option<Key> {
    table.column(&column.name).map(|column| Key::column(&column.name))
}

/// Whether LIKE works on the type.
pub fn is_text(base_name: &str) -> bool {
    matches!(base_name, "text" | "varchar" | "bpchar" | "citext")
}
