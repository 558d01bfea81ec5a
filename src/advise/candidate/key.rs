//! One key of an index.

use std::fmt;

use crate::db::catalog::IndexKey;
use crate::plan::condition::{Constant, Expr, parse};
use crate::sql::quote_ident;

/// Where NULLs stand in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Nulls {
    First,
    Last,
}

/// One key of an index.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// As SQL needs it: `user_id`, `(lower(email))`.
    pub expression: String,
    /// A plain column's name; `None` for an expression.
    pub column: Option<String>,
    /// `text_pattern_ops`, `gin_trgm_ops`; the type's own when absent.
    pub operator_class: Option<&'static str>,
    /// As SQL names it: `"C"`; the column's own when absent.
    pub collation: Option<String>,
    pub descending: bool,
    /// PostgreSQL's own place (last, or first when descending) when absent.
    pub nulls: Option<Nulls>,
}

impl Key {
    pub fn column(name: &str) -> Key {
        Key { column: Some(name.to_owned()), ..Key::of(quote_ident(name)) }
    }

    /// An expression in the text PostgreSQL gives it.
    pub fn expression(text: &str) -> Key {
        Key::of(format!("({text})"))
    }

    fn of(expression: String) -> Key {
        Key { expression, column: None, operator_class: None, collation: None, descending: false, nulls: None }
    }

    pub fn with_class(mut self, class: &'static str) -> Key {
        self.operator_class = Some(class);
        self
    }

    pub fn descending(mut self, descending: bool) -> Key {
        self.descending = descending;
        self
    }

    /// Whether NULLs come before all values.
    pub fn nulls_first(&self) -> bool {
        self.nulls.map_or(self.descending, |nulls| nulls == Nulls::First)
    }

    /// Whether it is the same column or expression in the same class and collation, whatever the direction.
    pub fn looks_up_as(&self, other: &Key) -> bool {
        self.operator_class == other.operator_class && self.collation == other.collation && self.same_value(other)
    }

    /// Whether both are of the same column or expression.
    pub fn same_value(&self, other: &Key) -> bool {
        match (&self.column, &other.column) {
            (Some(own), Some(theirs)) => own == theirs,
            (None, None) => same_expression(&self.expression, &other.expression),
            _ => false,
        }
    }

    /// Whether the key of an existing index is of the same column or expression.
    pub(super) fn same_value_as(&self, key: &IndexKey) -> bool {
        match (&self.column, &key.column) {
            (Some(own), Some(theirs)) => own == theirs,
            (None, None) => same_expression(&self.expression, &key.expression),
            _ => false,
        }
    }
}

/// Whether two texts are the same expression, however many parentheses PostgreSQL or we put around them.
pub fn same_expression(one: &str, other: &str) -> bool {
    one == other || normal(&parse(one)) == normal(&parse(other))
}

/// Without names of relations and the types of literals, which PostgreSQL writes in some places and not in others.
fn normal(expr: &Expr) -> Expr {
    let unqualified = expr.unqualified();
    let list = |parts: &[Expr]| parts.iter().map(normal).collect();
    let boxed = |expr: &Expr| Box::new(normal(expr));
    match &unqualified {
        Expr::Cast { operand, .. } if matches!(operand.uncast(), Expr::Constant(_)) => normal(operand),
        Expr::Constant(Constant::Number(number)) => Expr::Constant(Constant::Text(number.clone())),
        Expr::And(parts) => Expr::And(list(parts)),
        Expr::Or(parts) => Expr::Or(list(parts)),
        Expr::Not(operand) => Expr::Not(boxed(operand)),
        Expr::Compare { left, op, right } => Expr::Compare { left: boxed(left), op: op.clone(), right: boxed(right) },
        Expr::Any { left, op, right, all } => Expr::Any { left: boxed(left), op: op.clone(), right: boxed(right), all: *all },
        Expr::IsNull { operand, negated } => Expr::IsNull { operand: boxed(operand), negated: *negated },
        Expr::Cast { operand, type_name } => Expr::Cast { operand: boxed(operand), type_name: type_name.clone() },
        Expr::Function { name, arguments } => Expr::Function { name: name.clone(), arguments: list(arguments) },
        other => other.clone(),
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.expression)?;
        if let Some(collation) = &self.collation {
            write!(f, " COLLATE {collation}")?;
        }
        if let Some(class) = self.operator_class {
            write!(f, " {class}")?;
        }
        if self.descending {
            f.write_str(" DESC")?;
        }
        match self.nulls {
            Some(Nulls::First) => f.write_str(" NULLS FIRST"),
            Some(Nulls::Last) => f.write_str(" NULLS LAST"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parentheses_and_types_of_literals_do_not_tell_expressions_apart() {
        assert!(same_expression("(lower(name))", "lower(name)"));
        assert!(same_expression("((doc ->> 'k'::text))", "(doc ->> 'k')"));
        assert!(same_expression("(n <> 0)", "(n <> '0'::smallint)"));
        assert!(!same_expression("lower(name)", "upper(name)"));
        assert!(!same_expression("((a)::date)", "a"));
    }
}
