//! Smaller indexes that the rows on disk or their width allow: BRIN where they lie in a column's order, hash for wide values.

use super::asked::{Asked, How};
use crate::advise::candidate::{Candidate, Key, Method};
use crate::units::amount;

/// Correlation of values and places from which on a block range holds a narrow span of values.
const IN_ORDER: f64 = 0.95;
/// Pages from which on skipping ranges of 128 pages (BRIN's own default) saves something.
const MANY_PAGES: f64 = 1000.0;
/// Bytes from which on a hash of 4 is a much smaller key.
const WIDE: f64 = 32.0;

pub fn candidates(asked: &Asked<'_>, found: &mut Vec<Candidate>) {
    let (relation, name) = (&asked.relation, &asked.relation.table.name);
    let pages = relation.planner.and_then(|planner| planner.pages).unwrap_or(0.0);
    for column in asked.ranges.iter().filter_map(|range| range.first()?.column.as_deref()) {
        let correlation = relation.column(column).and_then(|known| known.correlation).unwrap_or(0.0);
        if correlation.abs() > IN_ORDER && pages > MANY_PAGES {
            let because = format!("looks for a range of {column}, in whose order the {} pages of {name} lie", amount(pages));
            found.push(of(asked, Method::Brin, column, because));
        }
    }
    let alone = asked.ranges.is_empty() && asked.orders.is_empty();
    if let ([compared], true) = (asked.equal.as_slice(), alone)
        && let Some(column) = compared.key.column.as_deref()
        && compared.how == How::Equal
        && relation.width(column).is_some_and(|width| width > WIDE)
    {
        let because = format!(
            "looks up rows of {name} by {column}, whose values take {} bytes",
            amount(relation.width(column).unwrap_or(0.0))
        );
        found.push(of(asked, Method::Hash, column, because));
    }
}

fn of(asked: &Asked<'_>, method: Method, column: &str, because: String) -> Candidate {
    let candidate = Candidate::new(asked.relation.table.name.clone(), method, vec![Key::column(column)], because);
    Candidate { free: usize::from(method == Method::Hash), potential_ms: asked.worth.of_lookup(), ..candidate }
}
