//! What an index on one relation could do with a condition.

use super::{Column, Constant, Expr};

/// A condition on one column or expression of a relation.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicate<'a> {
    pub target: Target<'a>,
    pub access: Access<'a>,
}

/// The side of the condition that belongs to the relation.
#[derive(Debug, Clone, PartialEq)]
pub enum Target<'a> {
    /// A column, perhaps under a cast: `(name)::text` of a varchar costs nothing, `(id)::text` of an integer keeps an index on
    /// `id` away; the plan does not tell which, the column's type does.
    Column { column: &'a Column, cast: Option<&'a str> },
    /// `lower(name)`, `(a + b)`
    Expression(&'a Expr),
}

/// How the relation's rows are looked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Access<'a> {
    /// `=` something that is not of the relation: a constant, a parameter, another relation's column.
    Equality(&'a Expr),
    /// `<`, `<=`, `>`, `>=`; also the comparisons by bytes that LIKE turns into.
    Range(&'a Expr),
    /// LIKE, ILIKE or a regular expression.
    Match {
        pattern: Pattern,
        case_insensitive: bool,
    },
    /// `= ANY (…)`
    Any(&'a Expr),
    Null {
        negated: bool,
    },
    /// The column itself as a truth value, or its negation.
    Truth {
        negated: bool,
    },
    /// Another operator, such as `@>` or `@@`, that GIN or GiST may serve.
    Operator {
        op: &'a str,
        other: &'a Expr,
    },
}

/// What a LIKE pattern fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// No wildcard.
    Exact(String),
    /// Text before the first wildcard.
    Prefix(String),
    /// Starts with a wildcard; the text is the whole pattern.
    Infix(String),
    /// A regular expression.
    Regex(String),
    /// A parameter: nobody knows.
    Unknown,
}

/// What the condition says of the relation called `alias`: one predicate, or the branches of an OR that all speak of it. Empty
/// when an index on the relation can do nothing with it (`<>`, both sides of the relation, text that could not be read).
pub fn classify<'a>(expr: &'a Expr, alias: &str) -> Vec<Predicate<'a>> {
    match expr {
        Expr::Or(branches) => {
            let all: Vec<Predicate> = branches.iter().map_while(|branch| single(branch, alias)).collect();
            if all.len() == branches.len() { all } else { Vec::new() }
        }
        other => single(other, alias).into_iter().collect(),
    }
}

fn single<'a>(expr: &'a Expr, alias: &str) -> Option<Predicate<'a>> {
    match expr {
        Expr::Compare { left, op, right } => compare(left, op, right, alias),
        // What is among the elements of the relation's own array is found by no index: it would have to be asked as `@>`.
        Expr::Any { left, op, right, all: false } if op == "=" && of(left, alias) => {
            let (target, other) = sides(left, right, alias)?;
            Some(Predicate { target, access: Access::Any(other) })
        }
        Expr::IsNull { operand, negated } => {
            Some(Predicate { target: target(operand, alias)?, access: Access::Null { negated: *negated } })
        }
        Expr::Column(_) => Some(Predicate { target: target(expr, alias)?, access: Access::Truth { negated: false } }),
        Expr::Not(operand) if matches!(**operand, Expr::Column(_)) => {
            Some(Predicate { target: target(operand, alias)?, access: Access::Truth { negated: true } })
        }
        _ => None,
    }
}

fn compare<'a>(left: &'a Expr, op: &'a str, right: &'a Expr, alias: &str) -> Option<Predicate<'a>> {
    let (target, other) = sides(left, right, alias)?;
    let access = match op {
        "=" => Access::Equality(other),
        "<" | "<=" | ">" | ">=" | "~<~" | "~<=~" | "~>~" | "~>=~" => Access::Range(other),
        // Patterns only match from left to right.
        "~~" | "~~*" | "~" | "~*" | "^@" if !of(left, alias) => return None,
        "~~" | "~~*" => Access::Match { pattern: like(other), case_insensitive: op == "~~*" },
        "~" | "~*" => {
            Access::Match { pattern: text(other).map_or(Pattern::Unknown, Pattern::Regex), case_insensitive: op == "~*" }
        }
        "^@" => Access::Match { pattern: text(other).map_or(Pattern::Unknown, Pattern::Prefix), case_insensitive: false },
        // No index finds what is different, and arithmetic is no condition; `%` as a condition is similarity.
        "<>" | "!~~" | "!~~*" | "!~" | "!~*" | "IS DISTINCT FROM" | "IS NOT DISTINCT FROM" | "+" | "-" | "*" | "/" | "||" => {
            return None;
        }
        op => Access::Operator { op, other },
    };
    Some(Predicate { target, access })
}

/// The side of the relation, and the other, which must be free of it.
fn sides<'a>(left: &'a Expr, right: &'a Expr, alias: &str) -> Option<(Target<'a>, &'a Expr)> {
    match (of(left, alias), of(right, alias)) {
        (true, false) if !right.has_unknown() => Some((target(left, alias)?, right)),
        (false, true) if !left.has_unknown() => Some((target(right, alias)?, left)),
        _ => None,
    }
}

/// Whether the expression needs a row of the relation.
fn of(expr: &Expr, alias: &str) -> bool {
    expr.columns().iter().any(|column| column.is_of(alias))
}

/// The expression as something of the relation alone.
fn target<'a>(expr: &'a Expr, alias: &str) -> Option<Target<'a>> {
    if expr.has_unknown() || !expr.columns().iter().all(|column| column.is_of(alias)) {
        return None;
    }
    match (expr, expr.uncast()) {
        (Expr::Cast { type_name, .. }, Expr::Column(column)) => Some(Target::Column { column, cast: Some(type_name) }),
        (_, Expr::Column(column)) => Some(Target::Column { column, cast: None }),
        _ if of(expr, alias) => Some(Target::Expression(expr)),
        _ => None,
    }
}

fn text(expr: &Expr) -> Option<String> {
    match expr.uncast() {
        Expr::Constant(Constant::Text(value)) => Some(value.clone()),
        _ => None,
    }
}

/// Reads a LIKE pattern: `%` and `_` are wildcards unless a backslash stands before them.
fn like(expr: &Expr) -> Pattern {
    let Some(pattern) = text(expr) else { return Pattern::Unknown };
    let mut fixed = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '%' | '_' if fixed.is_empty() => return Pattern::Infix(pattern),
            '%' | '_' => return Pattern::Prefix(fixed),
            '\\' => fixed.extend(chars.next()),
            c => fixed.push(c),
        }
    }
    Pattern::Exact(fixed)
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    /// What `classify` says, in one line.
    fn says(text: &str, alias: &str) -> String {
        let expr = parse(text);
        let predicates: Vec<String> = expr
            .conjuncts()
            .map(|conjunct| {
                let all: Vec<String> = classify(conjunct, alias).iter().map(said).collect();
                if all.is_empty() { "nothing".to_owned() } else { all.join(" or ") }
            })
            .collect();
        predicates.join("; ")
    }

    fn said(predicate: &Predicate) -> String {
        let target = match &predicate.target {
            Target::Column { column, cast: None } => column.name.clone(),
            Target::Column { column, cast: Some(cast) } => format!("{} as {cast}", column.name),
            Target::Expression(expr) => format!("[{expr}]"),
        };
        let access = match &predicate.access {
            Access::Equality(other) => format!("= {other}"),
            Access::Range(other) => format!("range {other}"),
            Access::Match { pattern, case_insensitive } => {
                format!("{pattern:?}{}", if *case_insensitive { " any case" } else { "" })
            }
            Access::Any(other) => format!("any {other}"),
            Access::Null { negated } => format!("null {}", !negated),
            Access::Truth { negated } => format!("is {}", !negated),
            Access::Operator { op, other } => format!("{op} {other}"),
        };
        format!("{target} {access}")
    }

    #[test]
    fn equality_range_and_patterns() {
        assert_eq!(
            says("((h.user_id = 300) AND (h.at >= '2025-01-01'::date))", "h"),
            "user_id = 300; at range '2025-01-01'::date"
        );
        assert_eq!(says("(5 > id)", "h"), "id range 5");
        assert_eq!(says("((name)::text ~~ 'ab%'::text)", "s"), "name as text Prefix(\"ab\")");
        assert_eq!(says("(name ~~* '%ab%'::text)", "s"), "name Infix(\"%ab%\") any case");
        assert_eq!(says("(name ~~ '_b'::text)", "s"), "name Infix(\"_b\")");
        assert_eq!(says("(name ~~ '10\\%'::text)", "s"), "name Exact(\"10%\")");
        assert_eq!(says("(name ~~ $1)", "s"), "name Unknown");
        assert_eq!(says("(name ~* '^ab'::text)", "s"), "name Regex(\"^ab\") any case");
        assert_eq!(
            says("((name ~>=~ 'ab'::text) AND (name ~<~ 'ac'::text))", "s"),
            "name range 'ab'::text; name range 'ac'::text"
        );
    }

    #[test]
    fn joins_are_equalities_for_either_side() {
        assert_eq!(says("(a.x = b.y)", "a"), "x = b.y");
        assert_eq!(says("(a.x = b.y)", "b"), "y = a.x");
        assert_eq!(says("(a.x = b.y)", "c"), "nothing");
        assert_eq!(says("(a.x = a.y)", "a"), "nothing");
        // Scans do not qualify their own columns.
        assert_eq!(says("(user_id = u.id)", "h"), "user_id = u.id");
    }

    #[test]
    fn lists_nulls_truths_and_other_operators() {
        assert_eq!(says("(id = ANY ('{1,2}'::bigint[]))", "t"), "id any '{1,2}'::bigint[]");
        assert_eq!(
            says("((a IS NULL) AND (b IS NOT NULL) AND c AND (NOT d))", "t"),
            "a null true; b null false; c is true; d is false"
        );
        assert_eq!(says("(tags @> '{x}'::text[])", "t"), "tags @> '{x}'::text[]");
        assert_eq!(says("('x'::text = ANY (tags))", "t"), "nothing");
        assert_eq!(says("(t.id = ANY (other.ids))", "t"), "id any other.ids");
        assert_eq!(says("(name % 'some'::text)", "t"), "name % 'some'::text");
    }

    #[test]
    fn expressions_keep_their_text() {
        assert_eq!(says("(lower(name) = 'x'::text)", "t"), "[lower(name)] = 'x'::text");
        assert_eq!(says("((id % 3) = 1)", "t"), "[(id % 3)] = 1");
        assert_eq!(says("(date_part('year'::text, at) = $1)", "t"), "[date_part('year'::text, at)] = $1");
    }

    #[test]
    fn an_or_counts_only_when_every_branch_speaks_of_the_relation() {
        assert_eq!(
            says("((s.name ~~* '%a%'::text) OR (s.artist ~~* '%a%'::text))", "s"),
            "name Infix(\"%a%\") any case or artist Infix(\"%a%\") any case"
        );
        assert_eq!(says("((s.name = 'a'::text) OR (t.x = 1))", "s"), "nothing");
        assert_eq!(says("((name = 'a'::text) OR (name <> 'b'::text))", "s"), "nothing");
    }

    #[test]
    fn what_an_index_cannot_serve() {
        for text in
            ["(a <> 1)", "(a IS DISTINCT FROM 2)", "(NOT (hashed SubPlan 1))", "(CASE WHEN a THEN 1 END = 2)", "('x'::text ~~ a)"]
        {
            assert_eq!(says(text, "t"), "nothing", "{text}");
        }
    }
}
