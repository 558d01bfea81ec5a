//! `SELECT DISTINCT a.* FROM a JOIN b ON b.a_id = a.id` as `SELECT a.* FROM a WHERE EXISTS (…)`: the join makes rows many times over and
//! DISTINCT throws them away again; EXISTS stops at the first.
//!
//! Sound where the list has all of a key of the one table it reads from, so that rows of it are never twice, and every other table of
//! FROM is joined by an inner join.

use crate::db::catalog::Catalog;
use crate::plan::outline::{Join, Outline, Relation, Span};
use crate::report::model::OtherKind;

use super::attempt::Attempt;
use super::names::{resolve, table_of, unique_keys};

pub(super) fn attempts(outline: &Outline<'_>, catalog: &Catalog) -> Vec<Attempt> {
    let way = |sql| Attempt {
        kind: OtherKind::Rewrite,
        what: "ask whether a row EXISTS instead of joining and taking DISTINCT rows".to_owned(),
        sql: vec![sql],
        ..Attempt::default()
    };
    exists(outline, catalog).map(way).into_iter().collect()
}

fn exists(outline: &Outline<'_>, catalog: &Catalog) -> Option<String> {
    let select = &outline.query.select;
    let distinct = select.distinct.as_ref().filter(|span| outline.text(span).eq_ignore_ascii_case("distinct"))?;
    let joined = |relation: &Relation| relation.join == Join::Inner && !relation.lateral && !relation.using;
    if select.group.is_some() || select.window.is_some() || select.locks || !select.relations.iter().all(joined) {
        return None;
    }
    let (kept, others) = kept(outline, catalog)?;
    // Conditions of the kept table stay outside; whatever names another table goes inside.
    let conditions = others.iter().chain([&kept]).filter_map(|relation| relation.on.as_ref()).chain(&select.conjuncts);
    let of_kept = |span: &&Span| {
        let names = outline.names(span);
        let foreign = others.iter().any(|other| names.contains(&other.alias));
        names.contains(&kept.alias) && !foreign && !names.contains("select")
    };
    let (outside, inside): (Vec<_>, Vec<_>) = conditions.partition(of_kept);
    let texts = |spans: &[&Span]| -> Vec<&str> { spans.iter().map(|span| outline.text(span)).collect() };
    let line = if outline.sql.contains('\n') { format!("\n{}", outline.indent(select.span.start)) } else { " ".to_owned() };
    let sources: Vec<&str> = others.iter().map(|other| outline.text(&other.span)).collect();
    let deeper = if line == " " { line.clone() } else { format!("{line}  ") };
    let inner = format!("SELECT FROM {}{deeper}WHERE {}", sources.join(", "), texts(&inside).join(" AND "));
    let mut all: Vec<String> = texts(&outside).into_iter().map(str::to_owned).collect();
    let opens = if line == " " { String::new() } else { format!("{line}  ") };
    all.push(format!("EXISTS ({opens}{inner}{})", line.trim_start_matches(' ')));
    let from = select.from.as_ref()?;
    let end = select.filter.as_ref().map_or(from.end, |filter| filter.end);
    let text = format!("FROM {}{line}WHERE {}", outline.text(&kept.span), all.join(" AND "));
    (!inside.is_empty())
        .then(|| outline.rewritten(vec![(distinct.start..select.list.start, String::new()), (from.start..end, text)]))
}

/// The only entry of FROM that the list reads, with a key of it in the list, and the others.
fn kept<'o>(outline: &'o Outline<'o>, catalog: &Catalog) -> Option<(&'o Relation, Vec<&'o Relation>)> {
    let select = &outline.query.select;
    let mut aliases = Vec::new();
    let mut columns = Vec::new();
    for item in &select.items {
        if item.star {
            let text = outline.text(&item.span);
            let name = text.strip_suffix(".*")?;
            let alias = &select.relations.iter().find(|relation| relation.alias == name.to_lowercase())?.alias;
            let table = table_of(outline, select.relations.iter().find(|one| &one.alias == alias)?.table.as_deref()?, catalog)?;
            columns.extend(table.columns.iter().map(|column| column.name.clone()));
            aliases.push(alias.clone());
            continue;
        }
        let (alias, _, column) = resolve(outline, select, &outline.column(&item.expression)?, catalog)?;
        aliases.push(alias);
        columns.push(column.name.clone());
    }
    let alias = aliases.first()?;
    let (of_list, others): (Vec<&Relation>, Vec<&Relation>) = select.relations.iter().partition(|one| &one.alias == alias);
    let [kept] = of_list.as_slice() else { return None };
    let table = table_of(outline, kept.table.as_deref()?, catalog)?;
    let has_key = unique_keys(table).any(|key| key.iter().all(|name| columns.contains(name)));
    (aliases.iter().all(|other| other == alias) && has_key && !others.is_empty()).then_some((*kept, others))
}

#[cfg(test)]
mod tests {
    use super::super::names::tests::catalog;
    use super::*;

    fn asked(sql: &str) -> Option<String> {
        let catalog = catalog(&[("t", &["id!", "a"]), ("u", &["id!", "t_id", "c"])]);
        exists(&Outline::of(sql).unwrap(), &catalog)
    }

    #[test]
    fn rows_with_a_match_are_those_for_which_one_exists() {
        assert_eq!(
            asked("SELECT DISTINCT t.id, t.a FROM t JOIN u ON u.t_id = t.id WHERE u.c = $1 AND t.a > 2 ORDER BY t.a").unwrap(),
            "SELECT t.id, t.a FROM t WHERE t.a > 2 AND EXISTS (SELECT FROM u WHERE u.t_id = t.id AND u.c = $1) ORDER BY t.a"
        );
    }

    #[test]
    fn rows_that_distinct_would_join_are_left_alone() {
        for sql in [
            "SELECT DISTINCT t.a FROM t JOIN u ON u.t_id = t.id",
            "SELECT DISTINCT t.id, u.c FROM t JOIN u ON u.t_id = t.id",
            "SELECT DISTINCT * FROM t JOIN u ON u.t_id = t.id",
            "SELECT DISTINCT ON (t.id) t.id FROM t JOIN u ON u.t_id = t.id",
            "SELECT DISTINCT t.id FROM t LEFT JOIN u ON u.t_id = t.id",
            "SELECT t.id FROM t JOIN u ON u.t_id = t.id",
            "SELECT DISTINCT t.id FROM t, u",
        ] {
            assert_eq!(asked(sql), None, "{sql}");
        }
    }
}
