//! A filter that the planner cannot push below a window function or GROUP BY, put there by hand.
//!
//! `WITH s AS (SELECT id, lead(id) OVER (PARTITION BY p ORDER BY id) FROM t) SELECT … FROM u JOIN s ON s.id = u.x WHERE u.y = $1` numbers
//! every partition of `t` and looks at one of them. The rows that the rest of the statement wants of `s` lie in partitions that can be
//! named without the window: `p IN (SELECT s.p FROM u JOIN t AS s ON s.id = u.x WHERE u.y = $1)`. A whole partition goes or stays, so what
//! a window function or an aggregate says of those that stay is the same (semi-join reduction: Bernstein and Chiu, JACM 28, 1981).
//!
//! Left alone: partitions by expressions or by columns that can be NULL, outer joins that would bring rows back as NULLs, queries that
//! are read twice, LIMIT inside.

use crate::db::catalog::{Catalog, Index};
use crate::plan::outline::{Join, Outline, Query, Relation, Select, Span};
use crate::report::model::OtherKind;
use crate::sql::quote_ident;

use super::super::candidate::Candidate;
use super::attempt::Attempt;
use super::names::resolve;

/// A way for each query of WITH or FROM that can be reduced.
pub(super) fn attempts(outline: &Outline<'_>, catalog: &Catalog) -> Vec<Attempt> {
    let main = &outline.query.select;
    if main.locks || outline.query.recursive {
        return Vec::new();
    }
    let found = main.relations.iter().filter_map(|relation| {
        let reduced = Reduced::of(outline, relation, catalog)?;
        let name = quote_ident(&relation.alias);
        let keys: Vec<&str> = reduced.keys.iter().map(|key| outline.text(key)).collect();
        let sql = [reduced.sql(outline, true), reduced.sql(outline, false)].into_iter().flatten().collect();
        let work = if reduced.inner.group.is_some() { "they are aggregated" } else { "its window functions run over them" };
        Some(Attempt {
            kind: OtherKind::Rewrite,
            what: format!("let {name} read only the rows whose {} the statement wants, before {work}", keys.join(", ")),
            sql,
            indexes: reduced.missing_index(outline, catalog),
            ..Attempt::default()
        })
    });
    found.collect()
}

/// A query in a statement of which only some partitions are wanted.
struct Reduced<'q> {
    /// Its entry in FROM.
    relation: &'q Relation,
    inner: &'q Select,
    /// Columns of a table, by which every window and GROUP BY divides, as the inner query writes them.
    keys: Vec<Span>,
    /// The same as their table names them.
    columns: Vec<String>,
    /// Conditions of the statement that do not need what is computed.
    conditions: Vec<Span>,
    /// The place of inner items that are columns or expressions of one row.
    plain: Vec<usize>,
}

impl<'q> Reduced<'q> {
    fn of(outline: &'q Outline<'_>, relation: &'q Relation, catalog: &Catalog) -> Option<Reduced<'q>> {
        let main = &outline.query.select;
        let inner = &inner_query(outline, relation)?.select;
        if inner.limit.is_some() || inner.offset.is_some() || inner.locks || inner.relations.is_empty() || relation.lateral {
            return None;
        }
        let (keys, columns) = common_keys(outline, inner, catalog)?;
        let plain = plain_items(outline, inner);
        let computed: Vec<&str> = computed(inner, &plain);
        let joins = main.relations.iter();
        let reads = |span: &Span| computed.iter().any(|name| outline.mentions(span, name));
        for other in joins {
            let brings_back = other.join == Join::Other || (other.join == Join::Left && other.span == relation.span);
            if brings_back || other.lateral || other.using || other.on.as_ref().is_some_and(reads) {
                return None;
            }
        }
        let conditions: Vec<Span> = main.conjuncts.iter().filter(|span| !reads(span)).cloned().collect();
        let narrows = !conditions.is_empty() || main.relations.len() > 1;
        narrows.then_some(Reduced { relation, inner, keys, columns, conditions, plain })
    }

    /// The index that finds the partitions, unless one begins with their key.
    fn missing_index(&self, outline: &Outline<'_>, catalog: &Catalog) -> Vec<Candidate> {
        let column = outline.column(&self.keys[0]).and_then(|column| resolve(outline, self.inner, &column, catalog));
        let Some((_, table, _)) = column else { return Vec::new() };
        let begins = |index: &Index| index.columns.first().is_some_and(|first| first.as_ref() == self.columns.first());
        if catalog.indexes_of(&table.name).any(|index| index.valid && index.predicate.is_none() && begins(index)) {
            return Vec::new();
        }
        vec![Candidate::btree(
            &table.name,
            &self.columns,
            format!("finds the rows of {} by {}", table.name, self.columns.join(", ")),
        )]
    }

    /// With the tables themselves in place of the query, which reads well, or (not `bare`) with the query less what it computes.
    fn sql(&self, outline: &Outline<'_>, bare: bool) -> Option<String> {
        let main = &outline.query.select;
        let alias = quote_ident(&self.relation.alias);
        let (source, names) = if bare { self.table(outline)? } else { self.without_windows(outline) };
        let from = main.from.as_ref()?;
        let depth = outline.indent(from.start);
        let multiline = outline.sql.contains('\n');
        let from = outline.edited(from, vec![(self.relation.span.clone(), format!("{source} AS {alias}"))]);
        let conditions: Vec<&str> = self.conditions.iter().map(|span| outline.text(span)).collect();
        let wanted: Vec<String> = names.iter().map(|name| format!("{alias}.{name}")).collect();
        let inside = outline.indent(self.inner.from.as_ref()?.start);
        let (line, deeper) =
            if multiline { (format!("\n{inside}"), format!("\n{inside}    ")) } else { (" ".to_owned(), " ".to_owned()) };
        let outer_from = if outline.movable() { moved(&from, depth, &format!("{inside}    ")) } else { from };
        let mut sub = format!("SELECT {}{deeper}{outer_from}", wanted.join(", "));
        if !conditions.is_empty() {
            sub += &format!(
                "{deeper}WHERE {}",
                conditions.join(&if multiline { format!("{deeper}  AND ") } else { " AND ".to_owned() })
            );
        }
        let sub = if multiline { format!("{deeper}{sub}{line}  ") } else { sub };
        let keys: Vec<&str> = self.keys.iter().map(|key| outline.text(key)).collect();
        let keys = if keys.len() == 1 { keys[0].to_owned() } else { format!("({})", keys.join(", ")) };
        let condition = format!("{keys} IN ({sub})");
        Some(outline.rewritten(added(outline, self.inner, &condition, &line)))
    }

    /// The only table that the query reads without a condition, when all items are its columns under their own names.
    fn table(&self, outline: &Outline<'_>) -> Option<(String, Vec<String>)> {
        let [table] = self.inner.relations.as_slice() else { return None };
        let own_names = self.plain.iter().all(|place| {
            let item = &self.inner.items[*place];
            item.star || outline.column(&item.expression).is_some_and(|column| item.name.as_ref() == Some(&column.name))
        });
        let whole = self.inner.filter.is_none() && table.table.is_some() && own_names;
        whole.then(|| (outline.text(&table.source).to_owned(), self.columns.iter().map(|name| quote_ident(name)).collect()))
    }

    /// The query's rows before windows and groups, and the names of the keys in them.
    fn without_windows(&self, outline: &Outline<'_>) -> (String, Vec<String>) {
        let mut items: Vec<String> =
            self.plain.iter().map(|place| outline.text(&self.inner.items[*place].span).to_owned()).collect();
        let mut names = Vec::new();
        for (number, key) in self.keys.iter().enumerate() {
            let is_key = |place: &&usize| outline.column(&self.inner.items[**place].expression) == outline.column(key);
            match self.plain.iter().find(is_key).and_then(|place| self.inner.items[*place].name.as_ref()) {
                Some(name) => names.push(quote_ident(name)),
                None => {
                    let name = format!("wanted_{}", number + 1);
                    items.push(format!("{} AS {name}", outline.text(key)));
                    names.push(name);
                }
            }
        }
        let clause = |clause: &Option<Span>| clause.as_ref().map_or(String::new(), |span| format!(" {}", outline.text(span)));
        let query = format!("(SELECT {}{}{})", items.join(", "), clause(&self.inner.from), clause(&self.inner.filter));
        (query, names)
    }
}

/// The query behind an entry of FROM: its own, or one of WITH that is read nowhere else.
fn inner_query<'q>(outline: &'q Outline<'_>, relation: &'q Relation) -> Option<&'q Query> {
    if let Some(query) = &relation.query {
        return query.ctes.is_empty().then_some(query);
    }
    let name = relation.table.as_ref()?;
    let place = outline.query.ctes.iter().position(|cte| &cte.name == name)?;
    let cte = &outline.query.ctes[place];
    let read_twice = outline.query.ctes.iter().any(|other| other.name != cte.name && outline.mentions(&other.body, name));
    let main = &outline.query.select;
    let sources = main.relations.iter().filter(|other| other.table.as_ref() == Some(name)).count();
    let in_subqueries =
        outline.unqualified(&main.span, name) > 1 + usize::from(&relation.alias == name && relation.span != relation.source);
    // What the statement reads beside it must be known where it stands.
    let later = outline.query.ctes[place + 1..]
        .iter()
        .any(|later| outline.mentions(main.from.as_ref().unwrap_or(&main.span), &later.name));
    let query = cte.query.as_deref().filter(|query| query.ctes.is_empty());
    query.filter(|_| !cte.renamed && !read_twice && sources == 1 && !in_subqueries && !later)
}

/// Columns by which every window, or else GROUP BY, divides the rows: as they are written and as their table names them.
fn common_keys(outline: &Outline<'_>, inner: &Select, catalog: &Catalog) -> Option<(Vec<Span>, Vec<String>)> {
    let windows = outline.partitions(inner)?;
    let divisions: Vec<Vec<Span>> = match (windows.is_empty(), inner.group.is_some()) {
        (false, false) => windows,
        (true, true) => vec![inner.group_by.clone()],
        _ => return None,
    };
    let (mut keys, mut names) = (Vec::new(), Vec::new());
    for key in &divisions[0] {
        let Some(column) = outline.column(key) else { continue };
        let Some((alias, _, found)) = resolve(outline, inner, &column, catalog).filter(|(_, _, found)| found.not_null) else {
            continue;
        };
        // An outer join inside brings NULLs into a column that has none.
        let inside = inner.relations.iter().all(|relation| relation.join == Join::Inner);
        let same = |span: &Span| {
            let other = outline.column(span).and_then(|column| resolve(outline, inner, &column, catalog));
            other.is_some_and(|(other_alias, _, other)| other_alias == alias && other.name == found.name)
        };
        if inside && divisions.iter().all(|division| division.iter().any(same)) {
            keys.push(key.clone());
            names.push(found.name.clone());
        }
    }
    (!keys.is_empty()).then_some((keys, names))
}

/// Items that need one row only.
fn plain_items(outline: &Outline<'_>, inner: &Select) -> Vec<usize> {
    let is_key = |span: &Span| {
        let column = outline.column(span);
        inner
            .group_by
            .iter()
            .any(|key| outline.text(key) == outline.text(span) || (column.is_some() && outline.column(key) == column))
    };
    let plain = |item: &crate::plan::outline::Item| !item.window && (inner.group.is_none() || is_key(&item.expression));
    (0..inner.items.len()).filter(|place| plain(&inner.items[*place])).collect()
}

/// Names of the others.
fn computed<'q>(inner: &'q Select, plain: &[usize]) -> Vec<&'q str> {
    let others = inner.items.iter().enumerate().filter(|(place, _)| !plain.contains(place));
    others.filter_map(|(_, item)| item.name.as_deref()).collect()
}

/// The edits that add a condition to a SELECT.
pub(super) fn added(outline: &Outline<'_>, select: &Select, condition: &str, line: &str) -> Vec<(Span, String)> {
    let and = if line == " " { " AND".to_owned() } else { format!("{line}  AND") };
    match (&select.filter, select.conjuncts.as_slice()) {
        (Some(_), [only]) if outline.mentions(only, "or") => {
            let closed = format!("){and} {condition}");
            vec![(only.start..only.start, "(".to_owned()), (only.end..only.end, closed)]
        }
        (Some(filter), _) => vec![(filter.end..filter.end, format!("{and} {condition}"))],
        (None, _) => {
            let end = select.from.as_ref().map_or(select.list.end, |from| from.end);
            vec![(end..end, format!("{line}WHERE {condition}"))]
        }
    }
}

/// Lines moved from one depth of indentation to another.
fn moved(text: &str, from: &str, to: &str) -> String {
    let lines = text.lines().enumerate().map(|(number, line)| match number {
        0 => line.to_owned(),
        _ => format!("{to}{}", line.strip_prefix(from).unwrap_or(line)),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::names::tests::catalog;
    use super::*;

    fn reduced(sql: &str) -> Option<String> {
        let catalog = catalog(&[("t", &["id!", "p!", "q", "x"]), ("u", &["id!", "t_id", "y"])]);
        attempts(&Outline::of(sql).unwrap(), &catalog).into_iter().next().map(|way| way.sql[0].clone())
    }

    #[test]
    fn the_partitions_that_are_wanted_are_named() {
        let sql = "WITH s AS (SELECT id, lead(id) OVER (PARTITION BY p ORDER BY id) AS n FROM t) \
                   SELECT s.n FROM u JOIN s ON s.id = u.t_id WHERE u.y = $1 AND s.n IS NOT NULL";
        assert_eq!(
            reduced(sql).unwrap(),
            "WITH s AS (SELECT id, lead(id) OVER (PARTITION BY p ORDER BY id) AS n FROM t WHERE p IN (SELECT s.p \
             FROM u JOIN t AS s ON s.id = u.t_id WHERE u.y = $1)) SELECT s.n FROM u JOIN s ON s.id = u.t_id WHERE u.y = $1 AND s.n IS NOT NULL"
        );
        let own_name = "SELECT d.r FROM (SELECT t.id AS number, rank() OVER w AS r FROM t WHERE q = 1 OR x = 2 WINDOW w AS (PARTITION BY t.p)) AS d \
                        JOIN u ON u.t_id = d.number";
        assert_eq!(
            reduced(own_name).unwrap(),
            "SELECT d.r FROM (SELECT t.id AS number, rank() OVER w AS r FROM t WHERE (q = 1 OR x = 2) AND t.p IN (SELECT d.wanted_1 \
             FROM (SELECT t.id AS number, t.p AS wanted_1 FROM t WHERE q = 1 OR x = 2) AS d JOIN u ON u.t_id = d.number) \
             WINDOW w AS (PARTITION BY t.p)) AS d JOIN u ON u.t_id = d.number"
        );
    }

    #[test]
    fn what_would_change_the_rows_is_left_alone() {
        let cte = |window: &str, rest: &str| {
            format!("WITH s AS (SELECT id, p, lead(id) OVER ({window}) AS n FROM t) SELECT 1 FROM {rest}")
        };
        let partition = "PARTITION BY p ORDER BY id";
        for sql in [
            // Not every window divides by a column that is never NULL.
            cte("ORDER BY id", "u JOIN s ON s.id = u.t_id"),
            cte("PARTITION BY q", "u JOIN s ON s.id = u.t_id"),
            cte("PARTITION BY p + 1", "u JOIN s ON s.id = u.t_id"),
            // Rows would come back as NULLs.
            cte(partition, "u LEFT JOIN s ON s.id = u.t_id"),
            cte(partition, "s FULL JOIN u ON s.id = u.t_id"),
            // What is computed decides the join.
            cte(partition, "u JOIN s ON s.n = u.t_id"),
            // It is read twice, or everything is wanted.
            cte(partition, "u JOIN s ON s.id = u.t_id WHERE u.y IN (SELECT n FROM s)"),
            cte(partition, "s JOIN s AS other ON other.id = s.n"),
            cte(partition, "s"),
            "WITH s AS (SELECT id, lead(id) OVER (PARTITION BY p) AS n FROM t LIMIT 5) SELECT 1 FROM u JOIN s ON s.id = u.t_id"
                .to_owned(),
            "WITH s (a, b) AS (SELECT id, lead(id) OVER (PARTITION BY p) FROM t) SELECT 1 FROM u JOIN s ON s.a = u.t_id"
                .to_owned(),
            "SELECT 1 FROM u JOIN (SELECT p, count(*) AS n FROM t GROUP BY p, q) AS s ON s.n = u.y".to_owned(),
            "SELECT 1 FROM u JOIN (SELECT q, count(*) AS n FROM t GROUP BY q) AS s ON s.q = u.y".to_owned(),
        ] {
            assert_eq!(reduced(&sql), None, "{sql}");
        }
    }
}
