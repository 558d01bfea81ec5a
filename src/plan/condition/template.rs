//! Expressions without their values, so that the plans of two executions of one statement can be held against each other.

use super::token::{Kind, tokens};
use super::{Constant, Expr, parse};

/// Stands for a value: a literal, a parameter, or whatever is made of nothing else.
const VALUE: &str = "?";

/// A condition with a `?` for each value. Literals, the parameters of a generic plan, and what PostgreSQL would fold into one literal
/// (`lower($1)`, `'5'::integer`) are all the same; columns are not told apart by the numbers that partitions get (`event_3`).
pub fn without_values(condition: &str) -> String {
    template(&parse(condition)).to_string()
}

fn template(expr: &Expr) -> Expr {
    let made = match expr {
        Expr::Constant(Constant::Word(_)) | Expr::SubPlan(_) => return expr.clone(),
        // `$0` and `(InitPlan 1).col1` are what a subquery returned.
        Expr::Constant(_) | Expr::Param(_) => return value(),
        Expr::Column(column) => {
            let mut column = column.clone();
            column.qualifier = column.qualifier.map(|name| unnumbered(&name).to_owned());
            return Expr::Column(column);
        }
        Expr::Other(text) => return Expr::Other(text_template(text)),
        Expr::And(parts) => Expr::And(templates(parts)),
        Expr::Or(parts) => Expr::Or(templates(parts)),
        Expr::Not(operand) => Expr::Not(boxed(operand)),
        Expr::Compare { left, op, right } => Expr::Compare { left: boxed(left), op: op.clone(), right: boxed(right) },
        Expr::Any { left, op, right, all } => Expr::Any { left: boxed(left), op: op.clone(), right: boxed(right), all: *all },
        Expr::Prefix { op, operand } => Expr::Prefix { op: op.clone(), operand: boxed(operand) },
        Expr::IsNull { operand, negated } => Expr::IsNull { operand: boxed(operand), negated: *negated },
        Expr::Is { operand, test } => Expr::Is { operand: boxed(operand), test: test.clone() },
        Expr::Cast { operand, type_name } => Expr::Cast { operand: boxed(operand), type_name: type_name.clone() },
        Expr::Collate { operand, collation } => Expr::Collate { operand: boxed(operand), collation: collation.clone() },
        // Without arguments it is a clock or a dice.
        Expr::Function { arguments, .. } if arguments.is_empty() => return expr.clone(),
        Expr::Function { name, arguments } => Expr::Function { name: name.clone(), arguments: templates(arguments) },
    };
    if parts(&made).iter().all(|part| is_value(part)) { value() } else { made }
}

fn value() -> Expr {
    Expr::Other(VALUE.to_owned())
}

fn is_value(expr: &Expr) -> bool {
    matches!(expr, Expr::Other(text) if text == VALUE)
}

fn boxed(expr: &Expr) -> Box<Expr> {
    Box::new(template(expr))
}

fn templates(parts: &[Expr]) -> Vec<Expr> {
    parts.iter().map(template).collect()
}

fn parts(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::And(parts) | Expr::Or(parts) | Expr::Function { arguments: parts, .. } => parts.iter().collect(),
        Expr::Compare { left, right, .. } | Expr::Any { left, right, .. } => vec![left, right],
        Expr::Not(operand)
        | Expr::Prefix { operand, .. }
        | Expr::IsNull { operand, .. }
        | Expr::Is { operand, .. }
        | Expr::Cast { operand, .. }
        | Expr::Collate { operand, .. } => vec![operand],
        Expr::Column(_) | Expr::Constant(_) | Expr::Param(_) | Expr::SubPlan(_) | Expr::Other(_) => vec![expr],
    }
}

/// What the grammar cannot read, word by word.
fn text_template(text: &str) -> String {
    let word = |kind: Kind, text: &str| match kind {
        Kind::Number | Kind::Text | Kind::Param => VALUE.to_owned(),
        _ => text.to_owned(),
    };
    tokens(text).iter().map(|token| word(token.kind, token.text)).collect::<Vec<_>>().join(" ")
}

/// `event` of `event_3`, as PostgreSQL numbers the scans of one table's partitions.
pub(in crate::plan) fn unnumbered(alias: &str) -> &str {
    let name = alias.trim_end_matches(|c: char| c.is_ascii_digit());
    match name.strip_suffix('_') {
        Some(bare) if name.len() < alias.len() && !bare.is_empty() => bare,
        _ => alias,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_all_the_same() {
        for (custom, generic) in [
            ("(kind = 'sale'::text)", "(kind = $1)"),
            ("((kind)::text = 'sale'::text)", "((kind)::text = ($1)::text)"),
            ("(id = ANY ('{1,2}'::integer[]))", "(id = ANY ($1))"),
            ("(id = ANY ('{1,2}'::integer[]))", "(id = ANY (ARRAY[$1, $2]))"),
            ("(lower(name) = 'x'::text)", "(lower(name) = lower($1))"),
            ("((n >= '-1'::integer) AND (n < 7))", "((n >= ($1 - 1)) AND (n < $2))"),
        ] {
            assert_eq!(without_values(custom), without_values(generic));
        }
        assert_eq!(
            without_values("((event_3.kind = 'a'::text) AND (event_3.at > now()))"),
            "((event.kind = ?) AND (event.at > now()))"
        );
    }

    #[test]
    fn what_is_asked_of_which_column_counts() {
        for (one, other) in [
            ("(kind = 'a'::text)", "(name = 'a'::text)"),
            ("(n < 1)", "(n <= 1)"),
            ("((a = $1) OR ($1 IS NULL))", "(a = 5)"),
            ("(EXTRACT(year FROM at) = 2024)", "(EXTRACT(month FROM at) = 2024)"),
            ("(hashed SubPlan 1)", "(a = 1)"),
        ] {
            assert_ne!(without_values(one), without_values(other));
        }
    }

    #[test]
    fn a_name_that_ends_in_a_number_is_only_shortened_behind_an_underscore() {
        assert_eq!(["event_3", "event3", "_3", "event", "3"].map(unnumbered), ["event", "event3", "_3", "event", "3"]);
    }

    proptest! {
        #[test]
        fn no_value_shows(text in "[a-z '()%$?:,]{0,20}", number in any::<i32>(), open in "[a-z ()=<>?$.:',]{0,40}") {
            let quoted = text.replace('\'', "''");
            let condition = format!("((a = '{quoted}'::text) OR (b > '{number}'::integer) OR (c = ANY ('{{{number}}}'::integer[])))");
            prop_assert_eq!(without_values(&condition), "((a = ?) OR (b > ?) OR (c = ANY (?)))");
            // Whatever it is, it has a template.
            without_values(&open);
        }
    }
}
