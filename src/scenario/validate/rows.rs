//! Arithmetic of row counts, at the scale of the file.

use std::collections::HashMap;

use super::names::find;
use crate::scenario::error::{Fault, Problems};
use crate::scenario::model::{Assign, ColumnSource, Data, Fanout, Reference, Rows, TableSpec};

/// Checks sums and fan-outs of a scenario whose names are all right.
pub fn check(data: &Data, problems: &mut Problems) {
    let mut counts = HashMap::new();
    for table in &data.tables {
        count(data, table, &mut counts);
    }
    if let Some(expect) = &data.expect
        && let Some(total_rows) = &expect.total_rows
    {
        let without =
            |table: &TableSpec| expect.without.iter().any(|name| find(data, &name.value).is_some_and(|t| t.name == table.name));
        let counted = data.tables.iter().filter(|table| !without(table));
        let total = counted.map(|table| counts[table.name.value.as_str()]).sum::<Option<u64>>();
        let wanted = total_rows.value;
        if let Some(total) = total.filter(|total| *total != wanted) {
            let off = if total > wanted { format!("{} too many", total - wanted) } else { format!("{} too few", wanted - total) };
            let message = format!("the tables have {total} rows together, not {wanted} ({off})");
            problems.report(total_rows.at, Fault::with_help(message, "give the ratios more digits, or correct the sum"));
        }
    }
    for (name, rows) in data.expect.iter().flat_map(|expect| &expect.tables) {
        // Other counts are known once the rows are there.
        let counted = |table: &&TableSpec| matches!(table.rows, Rows::Exactly(_) | Rows::Per { .. });
        let Some(table) = find(data, &name.value).filter(counted) else { continue };
        let Some(got) = counts[table.name.value.as_str()] else { continue };
        if got != rows.value {
            let message = format!("`{}` has {got} rows, not {}", name.value, rows.value);
            problems.report(rows.at, Fault::with_help(message, "give the ratio more digits, or correct the count"));
        }
    }
    for table in &data.tables {
        for column in &table.columns {
            if let ColumnSource::Reference(reference) = &column.source
                && column.nulls == 0.0
                && let Some(parent) = find(data, &reference.table.value)
                && let (Some(children), Some(parents)) = (counts[table.name.value.as_str()], counts[parent.name.value.as_str()])
            {
                fanout(reference, (children, parents), problems);
            }
        }
    }
}

/// Rows of a table, and of all those it follows from; `None` when files or statements decide. Every ring was refused before.
fn count<'d>(data: &'d Data, table: &'d TableSpec, counts: &mut HashMap<&'d str, Option<u64>>) -> Option<u64> {
    if let Some(known) = counts.get(table.name.value.as_str()) {
        return *known;
    }
    let rows = match &table.rows {
        Rows::Exactly(rows) => Some(*rows),
        Rows::File(_) | Rows::Query(_) => None,
        // The same rounding as the seeding uses: once, to the nearest whole row.
        Rows::Per { ratio, table } => {
            let parents = find(data, &table.value).map_or(Some(0), |parent| count(data, parent, counts));
            parents.map(|parents| (ratio * parents as f64).round() as u64)
        }
        Rows::Summed => table.summed_fanouts().next().map_or(Some(0), |(_, reference, mean)| {
            let parents = find(data, &reference.table.value).map_or(Some(0), |parent| count(data, parent, counts));
            parents.map(|parents| (mean * parents as f64).round() as u64)
        }),
    };
    counts.insert(&table.name.value, rows);
    rows
}

/// Notes a fan-out whose bounds cannot hold all children, or need more than there are.
fn fanout(reference: &Reference, (children, parents): (u64, u64), problems: &mut Problems) {
    let Assign::Fanout(fanout) = &reference.assign else { return };
    let all = parents as f64;
    let between = |min: u64, max: Option<u64>| (all * min as f64, max.map_or(f64::INFINITY, |max| all * max as f64));
    let (low, high) = match fanout {
        Fanout::Range(range) => (all * *range.start() as f64, all * *range.end() as f64),
        Fanout::Lognormal { min, max, .. } | Fanout::Zipf { min, max, .. } => between(*min, *max),
        Fanout::Pareto { min, max, .. } => between(min.unwrap_or(0), *max),
        Fanout::Classes(classes) => classes.iter().fold((0.0, 0.0), |(low, high), class| {
            // Classes are whole numbers of parents: one parent of each may fall to either side.
            let least = (class.share * all).floor() * *class.children.start() as f64;
            let most = (class.share * all).ceil() * *class.children.end() as f64;
            (low + least, high + most)
        }),
        Fanout::Even | Fanout::Poisson { .. } => (0.0, f64::INFINITY),
    };
    let children = children as f64;
    let own = stated_mean(fanout).map(|mean| mean * all);
    let fault = match parents {
        0 if children > 0.0 => {
            Fault::new(format!("{children} rows need a parent in `{}`, which is empty", reference.table.value))
        }
        _ if children < low => {
            let message = format!(
                "{parents} rows of `{}` with this fan-out have at least {low} children, not {children}",
                reference.table.value
            );
            Fault::with_help(message, "lower the fan-out's minimum, or raise `rows`")
        }
        _ if children > high => {
            let message = format!(
                "{parents} rows of `{}` with this fan-out have at most {high} children, not {children}",
                reference.table.value
            );
            Fault::with_help(message, "raise the fan-out's maximum, or lower `rows`")
        }
        _ if own.is_some_and(|own| (children - own).abs() > 1.0 + LOOSE * own) => {
            let message = format!(
                "{parents} rows of `{}` with this fan-out have about {:.0} children, not {children}",
                reference.table.value,
                own.unwrap_or_default()
            );
            Fault::with_help(message, "leave `rows` out, or the fan-out's mean")
        }
        _ => return,
    };
    problems.report(reference.table.at, fault);
}

/// A mean is written with a digit or two; row counts that differ from it by more than a tenth were meant otherwise.
const LOOSE: f64 = 0.1;

/// The mean that a fan-out states in figures; bounds alone leave it to the row counts.
fn stated_mean(fanout: &Fanout) -> Option<f64> {
    match fanout {
        Fanout::Lognormal { .. } | Fanout::Poisson { .. } | Fanout::Zipf { .. } => fanout.own_mean(),
        Fanout::Pareto { mean, .. } => *mean,
        _ => None,
    }
}
