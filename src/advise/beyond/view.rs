//! A materialized view in place of an aggregate that every call computes anew.
//!
//! ```text
//! WITH ranked AS (…) SELECT place FROM ranked WHERE vendor_id = $1
//!   ──> CREATE MATERIALIZED VIEW … AS WITH ranked AS (…) SELECT place, vendor_id FROM ranked
//!       SELECT place FROM … WHERE vendor_id = $1
//! ```
//!
//! Parameters may stand in LIMIT and OFFSET and in conditions of the outermost WHERE on columns that the view has: those of a query in
//! WITH or FROM, or those that rows are grouped by. Where rows are not grouped by a column that must be equal to a value, the view groups
//! by it, too. Left alone: parameters further inside, whatever depends on the moment or the user.

use crate::plan::outline::{Outline, Select, Span, renumbered};
use crate::plan::{Plan, walk};
use crate::report::model::OtherKind;
use crate::sql::quote_ident;

use super::attempt::Attempt;
use super::calls::Own;

/// Quicker statements are not worth data that are behind, ms.
pub(super) const WORTH_MS: f64 = 20.0;

/// What a view would freeze.
const PASSING: [&str; 13] = [
    "now",
    "random",
    "current_date",
    "current_time",
    "current_timestamp",
    "localtime",
    "localtimestamp",
    "clock_timestamp",
    "statement_timestamp",
    "transaction_timestamp",
    "current_user",
    "session_user",
    "current_setting",
];

/// The way for a slow aggregate; `None` where a view cannot serve its parameters.
pub(super) fn attempt(outline: &Outline<'_>, own: &Own<'_>, plan: &Plan) -> Option<Attempt> {
    let aggregates =
        walk(plan).any(|visit| matches!(visit.node.node_type.as_str(), "Aggregate" | "GroupAggregate" | "WindowAgg"));
    let everywhere = 0..outline.sql.len();
    let passes = PASSING.iter().any(|name| outline.mentions(&everywhere, name));
    // Pages are better looked up by their key.
    let pages = outline.query.select.offset.is_some();
    if own.ms < WORTH_MS || !aggregates || passes || pages {
        return None;
    }
    let view = View::of(outline)?;
    let name = name_of(own);
    let (sql, numbers) = renumbered(&view.read(&name));
    let mut commands = vec![format!("CREATE MATERIALIZED VIEW {name} AS\n{}", view.definition())];
    if let Some(columns) = view.looked_up_by() {
        commands.push(format!("CREATE INDEX ON {name} ({columns})"));
    }
    commands.push(format!("ANALYZE {name}"));
    let way = Attempt {
        kind: OtherKind::MaterializedView,
        what: format!("keep the result in a materialized view ({name}) and read that"),
        commands,
        sql: vec![sql],
        caution: "It shows what was true at the last REFRESH.".to_owned(),
        made: vec![name.clone()],
        refresh: Some(format!("REFRESH MATERIALIZED VIEW {name}")),
        ..Attempt::default()
    };
    Some(way.given(own, &numbers))
}

/// `stats_top_ten_summary`, from the endpoint's route.
fn name_of(own: &Own<'_>) -> String {
    let route = own.label.split_once(' ').map_or(own.label, |(_, route)| route);
    let route = route.split(" (").next().unwrap_or_default();
    let words = route.split(|c: char| !c.is_ascii_alphanumeric() && !"_{}".contains(c));
    let words: Vec<String> = words.filter(|word| !word.is_empty() && !word.starts_with('{')).map(str::to_lowercase).collect();
    let step = if own.step == 0 { String::new() } else { format!("_{}", own.step + 1) };
    quote_ident(&format!("{}{step}_summary", words.join("_")).chars().take(60).collect::<String>())
}

struct View<'o> {
    outline: &'o Outline<'o>,
    select: &'o Select,
    /// Conditions that stay outside: the column in the view, and the whole.
    outside: Vec<Outside>,
    /// The items' names.
    names: Vec<String>,
    /// Keys of ORDER BY as the view names them.
    order: Vec<String>,
}

struct Outside {
    /// Its place among the conjuncts.
    place: usize,
    /// The column in the statement.
    written: String,
    /// In the view.
    name: String,
    /// The view has it only for this.
    extra: bool,
    equality: bool,
    /// `= $1`
    rest: String,
}

impl<'o> View<'o> {
    fn of(outline: &'o Outline<'o>) -> Option<View<'o>> {
        let select = &outline.query.select;
        let star = matches!(select.items.as_slice(), [item] if item.star);
        let named = select.items.iter().map(|item| item.name.clone()).collect::<Option<Vec<_>>>();
        let names = if star { vec!["*".to_owned()] } else { named?.iter().map(|name| quote_ident(name)).collect() };
        let distinct_names = names.iter().enumerate().all(|(place, name)| !names[..place].contains(name));
        if select.locks || !distinct_names {
            return None;
        }
        let mut view = View { outline, select, outside: Vec::new(), names, order: Vec::new() };
        let moves = |span: &Span| !outline.parameters(span).is_empty();
        for (place, conjunct) in select.conjuncts.iter().enumerate().filter(|(_, span)| moves(span)) {
            let found = view.outside(place, conjunct, star)?;
            view.outside.push(found);
        }
        view.order = select.order_by.iter().map(|key| view.ordered(&key.expression)).collect::<Option<_>>()?;
        let left = outline.parameters(&(0..outline.sql.len()));
        let known = [&select.limit, &select.offset]
            .into_iter()
            .flatten()
            .chain(view.outside.iter().map(|one| &select.conjuncts[one.place]));
        let known: std::collections::BTreeSet<usize> = known.flat_map(|span| outline.parameters(span)).collect();
        let only_there = |number: &usize| {
            let everywhere = outline.places(&(0..outline.sql.len()), *number).len();
            let spans = [&select.limit, &select.offset]
                .into_iter()
                .flatten()
                .chain(view.outside.iter().map(|one| &select.conjuncts[one.place]));
            spans.map(|span| outline.places(span, *number).len()).sum::<usize>() == everywhere
        };
        (left == known && left.iter().all(only_there)).then_some(view)
    }

    /// A condition that may be asked of the view.
    fn outside(&self, place: usize, conjunct: &Span, star: bool) -> Option<Outside> {
        let (outline, select) = (self.outline, self.select);
        let (found, operator, value) = outline.comparison(conjunct)?;
        let (left, _, _) = outline.sides(conjunct).filter(|(left, _, _)| outline.column(left).as_ref() == Some(&found))?;
        let same = |span: &Span| outline.column(span).is_some_and(|other| other.name == found.name);
        let grouped = select.group_by.iter().any(same);
        let windows = select.items.iter().any(|item| item.window);
        let computed = select.items.iter().any(|item| !item.star && outline.column(&item.expression).is_none());
        let of_query = matches!(select.relations.as_slice(), [one] if one.query.is_some() || outline.query.ctes.iter().any(|cte| Some(&cte.name) == one.table.as_ref()));
        let fits = match select.group {
            Some(_) => grouped || operator == "=",
            None => of_query && !computed && select.distinct.is_none(),
        };
        if windows || !fits {
            return None;
        }
        let item = select.items.iter().find(|item| same(&item.expression) && item.name.is_some());
        let name = item.and_then(|item| item.name.clone()).unwrap_or_else(|| found.name.clone());
        let extra = item.is_none() && !star;
        let taken = extra && self.names.contains(&quote_ident(&name));
        (!taken).then(|| Outside {
            place,
            written: outline.text(&left).to_owned(),
            name: quote_ident(&name),
            extra,
            equality: operator == "=",
            rest: format!("{operator} {}", outline.text(&value)),
        })
    }

    /// A key of ORDER BY by its name or number in the list.
    fn ordered(&self, key: &Span) -> Option<String> {
        let text = self.outline.text(key);
        if text.parse::<usize>().is_ok() {
            return Some(text.to_owned());
        }
        let column = self.outline.column(key);
        let is_it = |item: &&crate::plan::outline::Item| {
            let same = self.outline.text(&item.expression) == text;
            same || column.as_ref().is_some_and(|column| column.table.is_none() && item.name.as_ref() == Some(&column.name))
        };
        let star = self.names == ["*"];
        let named = self.select.items.iter().find(is_it).and_then(|item| item.name.clone());
        named.or_else(|| column.filter(|_| star).map(|column| column.name)).map(|name| quote_ident(&name))
    }

    /// The statement without what stays outside.
    fn definition(&self) -> String {
        let (outline, select) = (self.outline, self.select);
        let mut edits: Vec<(Span, String)> = Vec::new();
        for one in &self.outside {
            if one.extra {
                edits.push((select.list.end..select.list.end, format!(", {}", one.written)));
                if let Some(group) = &select.group {
                    edits.push((group.end..group.end, format!(", {}", one.written)));
                }
            }
        }
        if let Some(filter) = &select.filter {
            let stays = |place: &usize| !self.outside.iter().any(|one| one.place == *place);
            let kept: Vec<&str> =
                (0..select.conjuncts.len()).filter(stays).map(|place| outline.text(&select.conjuncts[place])).collect();
            if kept.len() < select.conjuncts.len() {
                let text = if kept.is_empty() { String::new() } else { format!("WHERE {}", kept.join(" AND ")) };
                edits.push((filter.clone(), text));
            }
        }
        edits.extend(
            [&select.order, &select.limit, &select.offset].into_iter().flatten().map(|clause| (clause.clone(), String::new())),
        );
        let text = outline.rewritten(edits);
        if !outline.movable() {
            return text;
        }
        text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }

    fn read(&self, name: &str) -> String {
        let mut sql = format!("SELECT {} FROM {name}", self.names.join(", "));
        let conditions: Vec<String> = self.outside.iter().map(|one| format!("{} {}", one.name, one.rest)).collect();
        if !conditions.is_empty() {
            sql += &format!(" WHERE {}", conditions.join(" AND "));
        }
        if !self.order.is_empty() {
            let whole = self.select.order.clone().unwrap_or_default();
            let edits = self.select.order_by.iter().map(|key| key.expression.clone()).zip(self.order.clone());
            sql += &format!(" {}", self.outline.edited(&whole, edits.collect()));
        }
        for clause in [&self.select.limit, &self.select.offset].into_iter().flatten() {
            sql += &format!(" {}", self.outline.text(clause));
        }
        sql
    }

    fn looked_up_by(&self) -> Option<String> {
        let mut columns: Vec<&str> = self.outside.iter().filter(|one| one.equality).map(|one| one.name.as_str()).collect();
        columns.extend(self.outside.iter().find(|one| !one.equality).map(|one| one.name.as_str()));
        columns.dedup();
        (!columns.is_empty()).then(|| columns.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(sql: &str) -> Option<(String, String)> {
        let outline = Outline::of(sql)?;
        let view = View::of(&outline)?;
        Some((view.definition(), view.read("kept")))
    }

    fn pair(definition: &str, read: &str) -> Option<(String, String)> {
        Some((definition.to_owned(), read.to_owned()))
    }

    #[test]
    fn conditions_on_what_the_view_has_stay_outside() {
        assert_eq!(
            view(
                "WITH r AS (SELECT v, sum(q) AS s FROM t GROUP BY v)\nSELECT s FROM r\nWHERE v = $1 AND s > 3\nORDER BY s DESC LIMIT $2"
            ),
            pair(
                "WITH r AS (SELECT v, sum(q) AS s FROM t GROUP BY v)\nSELECT s, v FROM r\nWHERE s > 3",
                "SELECT s FROM kept WHERE v = $1 ORDER BY s DESC LIMIT $2"
            )
        );
        assert_eq!(
            view("SELECT a, count(*) FROM t WHERE x = $1 GROUP BY a"),
            pair("SELECT a, count(*), x FROM t  GROUP BY a, x", "SELECT a, count FROM kept WHERE x = $1")
        );
        assert_eq!(
            view("SELECT a, sum(b) AS c FROM t GROUP BY 1"),
            pair("SELECT a, sum(b) AS c FROM t GROUP BY 1", "SELECT a, c FROM kept")
        );
    }

    #[test]
    fn parameters_that_change_the_aggregate_are_left_alone() {
        for sql in [
            "SELECT count(*) FROM t WHERE a = $1",
            "SELECT a, count(*) FROM t WHERE b > $1 GROUP BY a",
            "WITH r AS (SELECT v FROM t WHERE x = $1) SELECT v FROM r WHERE v = $1",
            "SELECT a, rank() OVER (ORDER BY a) FROM t WHERE b = $1 GROUP BY a",
            "SELECT a, count(*) + $1 AS n FROM t GROUP BY a",
            "WITH r AS (SELECT v FROM t) SELECT count(*) FROM r WHERE v = $1",
        ] {
            assert_eq!(view(sql), None, "{sql}");
        }
    }
}
