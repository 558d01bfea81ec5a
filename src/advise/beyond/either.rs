//! `a = $1 OR b = $2` over two columns as a UNION of both: each branch may use an index of its own, where one scan of the table could
//! use neither.
//!
//! The planner joins two indexes of one table by itself (BitmapOr); over two tables of a join, or with an order and a limit, it cannot.
//! Rows that fit both branches must come once: the branches return the key of the table (or of all tables) that is read, UNION removes
//! what is twice, and the statement looks its rows up by that key.
//!
//! Left alone: statements that group, number rows or are DISTINCT, tables without a key, joins other than inner ones.

use crate::db::catalog::Catalog;
use crate::plan::outline::{Join, Outline, Span};
use crate::report::model::OtherKind;
use crate::sql::quote_ident;

use super::attempt::Attempt;
use super::names::{table_of, unique_keys};

/// More branches than these are a list, which `IN` or `ANY` looks up better.
const MOST_BRANCHES: usize = 4;

pub(super) fn attempts(outline: &Outline<'_>, catalog: &Catalog) -> Vec<Attempt> {
    let sql = union_of_keys(outline, catalog);
    let way = |sql| Attempt {
        kind: OtherKind::Rewrite,
        what: "find the rows of each side of OR by itself and unite them".to_owned(),
        sql: vec![sql],
        ..Attempt::default()
    };
    sql.map(way).into_iter().collect()
}

fn union_of_keys(outline: &Outline<'_>, catalog: &Catalog) -> Option<String> {
    let select = &outline.query.select;
    let plain = select.group.is_none()
        && select.distinct.is_none()
        && select.having.is_none()
        && !select.locks
        && select.items.iter().all(|item| !item.window && (item.star || outline.column(&item.expression).is_some()));
    // A single table's indexes are joined by the planner itself, unless it goes by the order.
    let worth = select.relations.len() > 1 || select.limit.is_some();
    let joined = |relation: &crate::plan::outline::Relation| relation.join == Join::Inner && !relation.lateral && !relation.using;
    if !plain || !worth || select.relations.is_empty() || !select.relations.iter().all(joined) {
        return None;
    }
    let mut found = select.conjuncts.iter().filter_map(|span| Some((span, branches(outline, span)?)));
    let (Some((either, branches)), None) = (found.next(), found.next()) else { return None };
    let keys = keys(outline, catalog)?;
    let listed = keys.join(", ");
    let from = outline.text(select.from.as_ref()?);
    let others: Vec<&str> = select.conjuncts.iter().filter(|span| *span != either).map(|span| outline.text(span)).collect();
    let queries: Vec<String> = branches
        .iter()
        .map(|branch| {
            let conditions: Vec<&str> = others.iter().copied().chain([outline.text(branch)]).collect();
            format!("SELECT {listed} {from} WHERE {}", conditions.join(" AND "))
        })
        .collect();
    let wanted = if keys.len() == 1 { listed.clone() } else { format!("({listed})") };
    let filter = select.filter.as_ref()?;
    let line = if outline.sql.contains('\n') { format!("\n{}", outline.indent(filter.start)) } else { " ".to_owned() };
    let (line, deeper) = if line == " " { (String::new(), " ".to_owned()) } else { (line.clone(), format!("{line}  ")) };
    let queries = queries.join(&format!("{deeper}UNION{deeper}"));
    let condition = format!("WHERE {wanted} IN ({}{queries}{line})", if line.is_empty() { "" } else { &deeper });
    Some(outline.rewritten(vec![(filter.clone(), condition)]))
}

/// The sides of an OR, in brackets or alone, that ask for different columns.
fn branches(outline: &Outline<'_>, span: &Span) -> Option<Vec<Span>> {
    let inside = outline.bracketed(span).unwrap_or_else(|| span.clone());
    let branches = outline.divided(&inside, Some("or"));
    let ands = branches.iter().any(|branch| outline.divided(branch, Some("and")).len() > 1);
    let columns: Vec<_> = branches.iter().filter_map(|branch| outline.comparison(branch)).map(|(column, _, _)| column).collect();
    let different = columns.iter().any(|column| column != columns.first().unwrap_or(column));
    let all = columns.len() == branches.len() && (2..=MOST_BRANCHES).contains(&branches.len());
    (all && different && !ands).then_some(branches)
}

/// Columns that no two rows of the whole join share.
fn keys(outline: &Outline<'_>, catalog: &Catalog) -> Option<Vec<String>> {
    let mut keys = Vec::new();
    for relation in &outline.query.select.relations {
        let table = table_of(outline, relation.table.as_deref()?, catalog)?;
        let key = unique_keys(table).next()?;
        keys.extend(key.iter().map(|name| format!("{}.{}", quote_ident(&relation.alias), quote_ident(name))));
    }
    Some(keys)
}

#[cfg(test)]
mod tests {
    use super::super::names::tests::catalog;
    use super::*;

    fn united(sql: &str) -> Option<String> {
        let catalog = catalog(&[("t", &["id!", "a", "b"]), ("u", &["id!", "t_id", "c"])]);
        union_of_keys(&Outline::of(sql).unwrap(), &catalog)
    }

    #[test]
    fn both_sides_are_found_by_themselves() {
        assert_eq!(
            united("SELECT a, c FROM t x JOIN u ON u.t_id = x.id WHERE (a = $1 OR c = $2) AND b > 3 ORDER BY a").unwrap(),
            "SELECT a, c FROM t x JOIN u ON u.t_id = x.id WHERE (x.id, u.id) IN (SELECT x.id, u.id FROM t x JOIN u ON u.t_id = x.id \
             WHERE b > 3 AND a = $1 UNION SELECT x.id, u.id FROM t x JOIN u ON u.t_id = x.id WHERE b > 3 AND c = $2) ORDER BY a"
        );
    }

    #[test]
    fn what_is_no_choice_between_columns_is_left_alone() {
        for sql in [
            "SELECT a FROM t WHERE a = $1 OR b = $2",
            "SELECT a FROM t, u WHERE a = $1 OR a = $2",
            "SELECT a FROM t, u WHERE a = $1 OR $2 IS NULL",
            "SELECT a FROM t, u WHERE a = $1 OR c = $2 AND b = 1",
            "SELECT count(*) FROM t, u WHERE a = $1 OR c = $2",
            "SELECT DISTINCT a FROM t, u WHERE a = $1 OR c = $2",
            "SELECT a FROM t LEFT JOIN u ON u.t_id = t.id WHERE a = $1 OR c = $2",
        ] {
            assert_eq!(united(sql), None, "{sql}");
        }
    }
}
