//! Expressions in PostgreSQL's own, fully parenthesised style.

use std::fmt::{self, Display, Formatter};

use super::{Column, Constant, Expr};
use crate::plan::quote::quote_identifier;

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Expr::And(parts) => list(f, parts, " AND "),
            Expr::Or(parts) => list(f, parts, " OR "),
            Expr::Not(operand) => write!(f, "(NOT {operand})"),
            Expr::Compare { left, op, right } => write!(f, "({left} {op} {right})"),
            Expr::Any { left, op, right, all } => {
                let word = if *all { "ALL" } else { "ANY" };
                // A group brings its own parentheses.
                if is_group(right) {
                    write!(f, "({left} {op} {word} {right})")
                } else {
                    write!(f, "({left} {op} {word} ({right}))")
                }
            }
            Expr::Prefix { op, operand } => write!(f, "({op} {operand})"),
            Expr::IsNull { operand, negated } => write!(f, "({operand} IS {}NULL)", if *negated { "NOT " } else { "" }),
            Expr::Is { operand, test } => write!(f, "({operand} IS {test})"),
            Expr::Column(column) => column.fmt(f),
            Expr::Constant(constant) => constant.fmt(f),
            Expr::Param(text) if text.starts_with('$') => f.write_str(text),
            Expr::Param(text) | Expr::SubPlan(text) => write!(f, "({text})"),
            Expr::Cast { operand, type_name } => match **operand {
                Expr::Column(_) => write!(f, "({operand})::{type_name}"),
                _ => write!(f, "{operand}::{type_name}"),
            },
            Expr::Collate { operand, collation } => write!(f, "({operand} COLLATE {})", quote_identifier(collation)),
            Expr::Function { name, arguments } => function(f, name, arguments),
            Expr::Other(text) => f.write_str(text),
        }
    }
}

fn is_group(expr: &Expr) -> bool {
    !matches!(expr, Expr::Column(_) | Expr::Constant(_) | Expr::Cast { .. } | Expr::Function { .. } | Expr::Other(_))
        && !matches!(expr, Expr::Param(text) if text.starts_with('$'))
}

fn list(f: &mut Formatter<'_>, parts: &[Expr], separator: &str) -> fmt::Result {
    f.write_str("(")?;
    for (i, part) in parts.iter().enumerate() {
        write!(f, "{}{part}", if i > 0 { separator } else { "" })?;
    }
    f.write_str(")")
}

fn function(f: &mut Formatter<'_>, name: &str, arguments: &[Expr]) -> fmt::Result {
    f.write_str(name)?;
    if arguments.is_empty() && name.starts_with("CURRENT_") {
        return Ok(());
    }
    let (open, close) = if name == "ARRAY" { ("[", "]") } else { ("(", ")") };
    f.write_str(open)?;
    for (i, argument) in arguments.iter().enumerate() {
        let separator = match arguments.get(i.wrapping_sub(1)) {
            None => "",
            Some(Expr::Constant(Constant::Word(_))) => " FROM ",
            Some(_) => ", ",
        };
        write!(f, "{separator}{argument}")?;
    }
    f.write_str(close)
}

impl Display for Column {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(qualifier) = &self.qualifier {
            write!(f, "{}.", quote_identifier(qualifier))?;
        }
        f.write_str(&quote_identifier(&self.name))
    }
}

impl Display for Constant {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Constant::Number(text) | Constant::Word(text) => f.write_str(text),
            Constant::Text(value) => {
                let doubled = value.replace('\'', "''");
                if doubled.contains('\\') { write!(f, "E'{}'", doubled.replace('\\', "\\\\")) } else { write!(f, "'{doubled}'") }
            }
            Constant::Boolean(value) => write!(f, "{value}"),
            Constant::Null => f.write_str("NULL"),
        }
    }
}
