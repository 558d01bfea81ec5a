//! Endpoints under different choices of their parameters.

use super::super::model::{CacheEstimate, ClassResult, Classes};
use super::table::{Lean, Table};
use super::text::{plain, prose};
use super::{Page, Section, joined};
use crate::units::{amount, count, figure, percent};

const HOW: &str = "The same endpoints asked for different rows: any of the table (uniform), a few much more often than the rest (zipf), \
    eleven over and over (repeat), the one whose call makes the median work and the one whose call makes the most (typical, heaviest; \
    counted by the server in pages, rows and index entries), and keys that are not there (missing). All take turns, so that they can be \
    compared. “Cached” is the share of the calls that a cache of 1,000 entries would answer which drops what was least recently asked \
    for; times are service times in milliseconds.";

/// Entries of the cache in the tables.
const ENTRIES: u64 = 1_000;

pub(super) fn section(page: &Page) -> Option<Section> {
    let bench = page.run.before.as_ref()?;
    let asked: Vec<(&str, &Classes)> =
        bench.endpoints.iter().filter_map(|endpoint| Some((endpoint.label.as_str(), endpoint.classes.as_ref()?))).collect();
    if asked.is_empty() {
        return None;
    }
    let mut blocks = vec![HOW.to_owned()];
    for (label, classes) in asked {
        blocks.push(format!("### {}, by its parameters", plain(label)));
        blocks.push(table(classes));
        blocks.push(classes.notes.iter().map(|note| format!("- {}\n", prose(note))).collect());
    }
    Some(Section { title: "Choice of parameters", body: joined(&blocks) })
}

fn table(classes: &Classes) -> String {
    let numbers = ["calls", "p50", "p95", "max", "rows", "different", "cached"];
    let mut table = Table::new([("parameters", Lean::Left)].into_iter().chain(numbers.map(|title| (title, Lean::Right))));
    for class in &classes.classes {
        let mut row = vec![name(class)];
        let latency = &class.latency;
        row.extend(match latency.n {
            0 => std::array::from_fn(|_| "no call".to_owned()),
            n => [
                count(n),
                figure(latency.p50_ms),
                latency.p95_ms.map_or_else(|| "too few".to_owned(), figure),
                figure(latency.max_ms),
            ],
        });
        row.extend([amount(class.rows_per_call), count(class.distinct), cached(&classes.caches, class)]);
        table.row(row);
    }
    table.render()
}

fn name(class: &ClassResult) -> String {
    let own = if class.own { " (the scenario’s own)" } else { "" };
    let which = class.parameters.as_ref().map(|which| format!(": {}", plain(which))).unwrap_or_default();
    format!("{}{own}{which}", plain(&class.class))
}

fn cached(caches: &[CacheEstimate], class: &ClassResult) -> String {
    let cache = caches.iter().find(|cache| cache.entries == ENTRIES && cache.class == class.class);
    cache.map_or(String::new(), |cache| percent(cache.hit_rate))
}
