//! `no-btree-serves-it`: a condition that an ordinary index cannot look up.
//!
//! **Sees** a scan that compares at least 1,000 rows, keeps under a tenth, and whose filter has only patterns,
//! upper-lower-case-blind comparisons or expressions of columns.
//! **Evidence**: the filter itself, `Rows Removed by Filter`.
//! **Bad**: `Filter: (song_name ~~* '%777%'::text)`, `Filter: (lower(song_name) = 'x'::text)`.
//! **Good**: `Index Cond: (song_name = 'x'::text)`.
//! **Wrong** when the pattern has under three letters, which a trigram index cannot narrow, or matches most of the table.

use crate::plan::PlanNode;
use crate::plan::Rewrite;
use crate::plan::condition::{Access, Expr, Pattern, Predicate, Target};
use crate::plan::metrics::rows_read;
use crate::plan::narrate::context::{Conditions, Context, relation, sql_relation, tip};
use crate::plan::narrate::{Remedy, Tip, words};
use crate::plan::quote::quote_identifier;
use crate::units;

const NAME: &str = "no-btree-serves-it";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node).filter(|node| node.reads_relation() && node.filter.is_some()) {
        let (read, removed) = (rows_read(node), node.rows_removed());
        let conditions = Conditions::of(node, false);
        if read < 1_000.0 || removed / read <= 0.9 || !explains(&conditions) {
            continue;
        }
        let predicates: Vec<_> = conditions.predicates().into_iter().flatten().collect();
        let Some((reason, next, remedy)) = explanation(node, &predicates) else { continue };
        let own = context.node(node).exclusive_ms;
        let sentence = format!(
            "{reason}, so {} are compared to find {}{}.",
            context.rows_of(node, read),
            words::some(node.rows()),
            context.taking(own)
        );
        tips.push(tip(NAME, node, sentence, own * removed / read, own).next(next).remedy(remedy));
    }
    tips
}

/// Whether this rule, rather than an index on plain columns, is the answer to the conditions.
pub(super) fn explains(conditions: &Conditions) -> bool {
    let predicates = conditions.predicates();
    let hard = |predicate: &Predicate| {
        matches!(predicate.access, Access::Match { .. }) || matches!(predicate.target, Target::Expression(_))
    };
    conditions.btree_columns().is_empty() && predicates.iter().flatten().any(hard)
}

/// Why, what would serve it, and what can be tried.
fn explanation(node: &PlanNode, predicates: &[Predicate]) -> Option<(String, String, Option<Remedy>)> {
    let mut matched: Vec<(&str, &Pattern, bool)> = Vec::new();
    for predicate in predicates {
        if let (Target::Column { column, .. }, Access::Match { pattern, case_insensitive }) =
            (&predicate.target, &predicate.access)
        {
            matched.push((&column.name, pattern, *case_insensitive));
        }
    }
    if let Some((column, Pattern::Prefix(_) | Pattern::Exact(_), false)) = matched.first() {
        let reason = format!("No index serves the prefix of {column}");
        let next = format!(
            "An index on {} ({} text_pattern_ops) does; a plain one serves prefixes only under the collation \"C\".",
            relation(node),
            quote_identifier(column)
        );
        let remedy = index(node, &format!("({} text_pattern_ops)", quote_identifier(column)));
        return Some((reason, next, remedy));
    }
    if !matched.is_empty() {
        return Some(trigrams(node, &matched));
    }
    let expression = predicates.iter().find_map(|predicate| match &predicate.target {
        Target::Expression(expr) => Some(expr.unqualified()),
        Target::Column { .. } => None,
    })?;
    let reason = format!("The condition is on the expression {expression}, not on a column");
    if let Some(column) = day_of(&expression) {
        let next = format!(
            "Ask for the range of the day instead, {column} >= day AND {column} < day + 1: a plain index on it serves that."
        );
        return Some((reason, next, Some(Remedy::Rewrite(Rewrite::DayRange { column }))));
    }
    let next = format!("An index on {} ({expression}) serves it, or a condition on the column itself.", relation(node));
    Some((reason, next, index(node, &format!("({expression})"))))
}

fn trigrams(node: &PlanNode, matched: &[(&str, &Pattern, bool)]) -> (String, String, Option<Remedy>) {
    let mut columns: Vec<String> = matched.iter().map(|(column, ..)| quote_identifier(column).into_owned()).collect();
    columns.dedup();
    let what = match matched[0] {
        (_, Pattern::Regex(_), _) => "a regular expression",
        (_, Pattern::Infix(_), _) => "a pattern that starts with a wildcard",
        (_, Pattern::Unknown, _) => "a pattern that the plan does not know",
        _ => "a comparison blind to upper and lower case",
    };
    let reason = format!("No B-tree serves {what} on {}", units::listed(&columns));
    let operators: Vec<String> = columns.iter().map(|column| format!("{column} gin_trgm_ops")).collect();
    let next = format!("CREATE EXTENSION pg_trgm and a trigram index: {} USING gin ({}).", relation(node), operators.join(", "));
    let remedy = index(node, &format!("USING gin ({})", operators.join(", ")));
    (reason, next, remedy)
}

fn index(node: &PlanNode, on: &str) -> Option<Remedy> {
    Some(Remedy::Index(format!("CREATE INDEX ON {} {on}", sql_relation(node)?)))
}

/// The column in `date(column)`.
fn day_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Function { name, arguments } if name == "date" => match arguments.as_slice() {
            [Expr::Column(column)] => Some(column.name.clone()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_infix_prefix_and_expression() {
        insta::assert_snapshot!(said(super::check, "search-infix"), @"
        No B-tree serves a pattern that starts with a wildcard on song_name and artist, so 77,778 rows of songs are compared to find 10, which takes 42.8 of 42.8 ms.
        CREATE EXTENSION pg_trgm and a trigram index: songs USING gin (song_name gin_trgm_ops, artist gin_trgm_ops).
        ");
        insta::assert_snapshot!(said(super::check, "lower-name"), @"
        The condition is on the expression lower((song_name)::text), not on a column, so all 77,803 rows of songs are compared to find 1, which takes 9.7 of 9.7 ms.
        An index on songs (lower((song_name)::text)) serves it, or a condition on the column itself.
        ");
        let prefix = fixtures::json(serde_json::json!({"Node Type": "Seq Scan", "Relation Name": "songs", "Alias": "songs",
            "Filter": "((song_name)::text ~~ 'Song 7777%'::text)", "Rows Removed by Filter": 77_792, "Actual Rows": 11, "Actual Loops": 1}));
        insta::assert_snapshot!(said_of(super::check, &prefix), @r#"
        No index serves the prefix of song_name, so all 77,803 rows of songs are compared to find 11.
        An index on songs (song_name text_pattern_ops) does; a plain one serves prefixes only under the collation "C".
        "#);
    }

    #[test]
    fn quiet_when_a_column_can_be_looked_up() {
        assert_eq!(said(super::check, "history-last-five"), "");
        assert_eq!(said(super::check, "index-filter"), "");
    }
}
