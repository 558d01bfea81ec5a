//! Pages by key: `WHERE id > last_id ORDER BY id LIMIT 50` in place of `ORDER BY id LIMIT 50 OFFSET 75000`, which reads 75,000 rows to
//! throw them away.
//!
//! The order must be total, or pages by key skip rows; where it is not, the primary key joins it. Left alone: orders by what is computed
//! or may be NULL, DISTINCT, window functions (their frames would shrink).

use crate::bench::variants::Cell;
use crate::db::catalog::Catalog;
use crate::db::{Connection, DbError, Value};
use crate::plan::outline::{Join, OrderKey, Outline, Select, Span, renumbered};
use crate::report::model::OtherKind;
use crate::sql::quote_ident;
use crate::units::listed;

use super::attempt::Attempt;
use super::calls::{Case, Own, cells};
use super::names::{resolve, table_of, total_order, unique_keys};
use super::reduction::added;

/// A key of the order, as it is written in a condition.
struct PageKey {
    text: String,
    descending: bool,
}

/// A statement's paging.
struct Paging<'o> {
    outline: &'o Outline<'o>,
    select: &'o Select,
    order: &'o Span,
    limit: &'o Span,
    offset: &'o Span,
    skipped: &'o Span,
    keys: Vec<PageKey>,
    /// The last keys were not in the statement's own order.
    tie_breakers: usize,
}

/// The way to try, with what the statement returns when its order is total; `None` when it has no pages, or only the first is asked for.
///
/// # Errors
/// When the connection is lost.
pub(super) async fn attempt<'w>(
    connection: &mut Connection,
    outline: &Outline<'_>,
    own: &Own<'w>,
    catalog: &Catalog,
) -> Result<Option<(Own<'w>, Attempt)>, DbError> {
    let Some(paging) = Paging::of(outline, catalog) else { return Ok(None) };
    let (page, numbers) = renumbered(&paging.page(own.cases[0].parameters.len()));
    let (mut cases, mut parameters) = (Vec::new(), Vec::new());
    for case in &own.cases {
        match paged(connection, &paging, case).await {
            Ok(Some((rows, keys))) => {
                let all: Vec<Value> = case.parameters.iter().cloned().chain(keys).collect();
                parameters.push(numbers.iter().filter_map(|number| all.get(number - 1).cloned()).collect());
                cases.push(Case { parameters: case.parameters.clone(), further: Vec::new(), rows });
            }
            Ok(None) => {}
            Err(error) if error.server_message().is_some() => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    let total = total_order(outline, catalog) || paging.tie_breakers > 0;
    if cases.is_empty() || (!total && paging.ties(connection, own).await?) {
        return Ok(None);
    }
    let names: Vec<String> = paging.keys.iter().map(|key| key.text.clone()).collect();
    let way = Attempt {
        kind: OtherKind::Keyset,
        what: format!(
            "look up a page behind the last {} of the page before instead of counting rows with OFFSET",
            listed(&names)
        ),
        sql: vec![page],
        parameters,
        caution: paging.caution(total),
        in_order: true,
        ..Attempt::default()
    };
    Ok(Some((Own { cases, label: own.label, sql: own.sql, step: own.step, ms: own.ms }, way)))
}

/// The rows of the page in its total order, and the key of the row before it. `None` for a first page, and for one behind the end.
async fn paged(
    connection: &mut Connection,
    paging: &Paging<'_>,
    case: &Case,
) -> Result<Option<(Vec<Vec<Cell>>, Vec<Value>)>, DbError> {
    let (sql, numbers) = renumbered(&paging.key_before());
    let given: Vec<Value> = numbers.iter().filter_map(|number| case.parameters.get(number - 1).cloned()).collect();
    let skipped = paging.skipped(case);
    if skipped.is_none_or(|rows| rows <= 0) {
        return Ok(None);
    }
    let key = connection.query(&sql, &given).await?;
    if key.is_empty() {
        return Ok(None);
    }
    let values = (0..paging.keys.len()).filter_map(|place| key.value_at(0, place)).collect();
    let rows = match paging.tie_breakers {
        0 => case.rows.clone(),
        _ => cells(&connection.query(&paging.in_total_order(), &case.parameters).await?),
    };
    Ok(Some((rows, values)))
}

impl<'o> Paging<'o> {
    fn of(outline: &'o Outline<'o>, catalog: &Catalog) -> Option<Paging<'o>> {
        let select = &outline.query.select;
        let (order, limit) = (select.order.as_ref()?, select.limit.as_ref()?);
        let (offset, skipped) = (select.offset.as_ref()?, select.skipped.as_ref()?);
        let inner = select.relations.iter().all(|relation| relation.join != Join::Other);
        let windows = select.items.iter().any(|item| item.window);
        if select.distinct.is_some() || select.locks || windows || !inner || outline.mentions(order, "using") {
            return None;
        }
        let keys: Vec<PageKey> = select.order_by.iter().map(|key| page_key(outline, key, catalog)).collect::<Option<_>>()?;
        let mut paging = Paging { outline, select, order, limit, offset, skipped, keys, tie_breakers: 0 };
        if let (false, Some(key), true) = (total_order(outline, catalog), paging.primary_key(catalog), select.group.is_none()) {
            let descending = paging.keys.last().is_some_and(|last| last.descending);
            let missing: Vec<PageKey> = key.into_iter().map(|text| PageKey { text, descending }).collect();
            paging.tie_breakers = missing.len();
            paging.keys.extend(missing);
        }
        Some(paging)
    }

    /// Columns of the key of the only table that is read, which are not in the order yet.
    fn primary_key(&self, catalog: &Catalog) -> Option<Vec<String>> {
        let [relation] = self.select.relations.as_slice() else { return None };
        let table = table_of(self.outline, relation.table.as_deref()?, catalog)?;
        let key = unique_keys(table).next()?;
        let ordered = |name: &str| {
            let columns = self.select.order_by.iter().filter_map(|key| self.outline.column(&key.expression));
            columns.into_iter().any(|column| column.name == name)
        };
        Some(key.iter().filter(|name| !ordered(name)).map(|name| quote_ident(name)).collect())
    }

    /// Rows that a call skips.
    fn skipped(&self, case: &Case) -> Option<i64> {
        match self.outline.parameters(self.skipped).first() {
            Some(number) => case.parameters.get(number - 1)?.as_integer(),
            None => self.outline.text(self.skipped).parse().ok(),
        }
    }

    fn order_text(&self) -> String {
        let own = self.outline.text(self.order);
        let more: Vec<String> = self.keys[self.keys.len() - self.tie_breakers..].iter().map(PageKey::ordered).collect();
        if more.is_empty() { own.to_owned() } else { format!("{own}, {}", more.join(", ")) }
    }

    fn in_total_order(&self) -> String {
        self.outline.rewritten(vec![(self.order.clone(), self.order_text())])
    }

    /// The key of the last row that OFFSET skips.
    fn key_before(&self) -> String {
        let keys: Vec<&str> = self.keys.iter().map(|key| key.text.as_str()).collect();
        self.outline.rewritten(vec![
            (self.select.list.clone(), keys.join(", ")),
            (self.order.clone(), self.order_text()),
            (self.limit.clone(), "LIMIT 1".to_owned()),
            (self.skipped.clone(), format!("({}) - 1", self.outline.text(self.skipped))),
        ])
    }

    /// The page behind the key, whose values are the parameters after the first `given`.
    fn page(&self, given: usize) -> String {
        let outline = self.outline;
        let line = if outline.sql.contains('\n') { format!("\n{}", outline.indent(self.order.start)) } else { " ".to_owned() };
        let mut edits = added(outline, self.select, &behind(&self.keys, given), &line);
        edits.push((self.order.clone(), self.order_text()));
        let before = outline.sql[..self.offset.start].trim_end().len();
        edits.push((before..self.offset.end, String::new()));
        outline.rewritten(edits)
    }

    /// Whether rows share a key in these data: one call's question without its LIMIT, grouped by the key.
    ///
    /// # Errors
    /// When the connection is lost.
    async fn ties(&self, connection: &mut Connection, own: &Own<'_>) -> Result<bool, DbError> {
        let keys: Vec<String> = self.keys.iter().enumerate().map(|(place, key)| format!("{} AS key_{place}", key.text)).collect();
        let names: Vec<String> = (0..keys.len()).map(|place| format!("key_{place}")).collect();
        let cut = [self.order, self.limit, self.offset].map(|clause| (clause.clone(), String::new()));
        let pages = self.outline.rewritten([(self.select.list.clone(), keys.join(", "))].into_iter().chain(cut).collect());
        let sql = format!("SELECT FROM ({pages}\n) AS pages GROUP BY {} HAVING count(*) > 1 LIMIT 1", names.join(", "));
        let (sql, numbers) = renumbered(&sql);
        let given: Vec<Value> = numbers.iter().filter_map(|number| own.cases[0].parameters.get(number - 1).cloned()).collect();
        match connection.query(&sql, &given).await {
            Ok(reply) => Ok(reply.affected > 0),
            Err(error) if error.server_message().is_some() => Ok(true),
            Err(error) => Err(error),
        }
    }

    fn caution(&self, total: bool) -> String {
        let api = "The API changes: a page is asked for by the key of the last row before it, and no page can be jumped to by its number.";
        match self.tie_breakers {
            0 if total => api.to_owned(),
            0 => format!("{api} No two rows share a key in these data; nothing but the data says so."),
            count => {
                let names: Vec<String> = self.keys[self.keys.len() - count..].iter().map(|key| key.text.clone()).collect();
                format!("{api} {} joins the order, since rows that share a key would be skipped.", listed(&names))
            }
        }
    }
}

impl PageKey {
    fn ordered(&self) -> String {
        format!("{}{}", self.text, if self.descending { " DESC" } else { "" })
    }
}

/// A key as a column that is never NULL: written as such, by its name in the list, or by its number there.
fn page_key(outline: &Outline<'_>, key: &OrderKey, catalog: &Catalog) -> Option<PageKey> {
    let select = &outline.query.select;
    let written = outline.text(&key.expression);
    let named = |name: &str| select.items.iter().find(|item| item.name.as_deref() == Some(name)).map(|item| &item.expression);
    let span = match written.parse::<usize>() {
        Ok(number) => &select.items.get(number.checked_sub(1)?)?.expression,
        Err(_) => {
            let column = outline.column(&key.expression)?;
            column.table.is_none().then(|| named(&column.name)).flatten().unwrap_or(&key.expression)
        }
    };
    let column = outline.column(span)?;
    let (alias, _, found) = resolve(outline, select, &column, catalog)?;
    let relation = select.relations.iter().find(|relation| relation.alias == alias)?;
    let is_group = |one: &Span| outline.column(one).is_some_and(|other| other.name == column.name);
    let grouped = select.group.is_none() || select.group_by.iter().any(is_group);
    let usable = found.not_null && relation.join == Join::Inner && grouped;
    usable.then(|| PageKey { text: outline.text(span).to_owned(), descending: key.descending })
}

/// The condition that a row stands behind the key, whose values are the parameters after the first `given`.
fn behind(keys: &[PageKey], given: usize) -> String {
    let sign = |key: &PageKey| if key.descending { "<" } else { ">" };
    let parameter = |place: usize| format!("${}", given + place + 1);
    if let [key] = keys {
        return format!("{} {} {}", key.text, sign(key), parameter(0));
    }
    if keys.iter().all(|key| key.descending == keys[0].descending) {
        let names: Vec<&str> = keys.iter().map(|key| key.text.as_str()).collect();
        let values: Vec<String> = (0..keys.len()).map(parameter).collect();
        return format!("({}) {} ({})", names.join(", "), sign(&keys[0]), values.join(", "));
    }
    let mut condition = String::new();
    for (place, key) in keys.iter().enumerate().rev() {
        let (name, sign, value) = (&key.text, sign(key), parameter(place));
        condition = match condition.as_str() {
            "" => format!("{name} {sign} {value}"),
            rest => format!("({name} {sign} {value} OR ({name} = {value} AND {rest}))"),
        };
    }
    // What an index can begin at.
    format!("{} {}= {} AND {condition}", keys[0].text, sign(&keys[0]), parameter(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_behind_a_key_follow_its_directions() {
        let keys = |list: &[(&str, bool)]| -> Vec<PageKey> {
            list.iter().map(|(text, descending)| PageKey { text: (*text).to_owned(), descending: *descending }).collect()
        };
        assert_eq!(behind(&keys(&[("id", false)]), 2), "id > $3");
        assert_eq!(behind(&keys(&[("t.a", true), ("id", true)]), 0), "(t.a, id) < ($1, $2)");
        assert_eq!(
            behind(&keys(&[("a", true), ("b", false), ("id", false)]), 1),
            "a <= $2 AND (a < $2 OR (a = $2 AND (b > $3 OR (b = $3 AND id > $4))))"
        );
    }
}
