//! Endpoints under different choices of their parameters.

use super::super::model::{CacheEstimate, ClassResult, Classes, Run};
use super::table::{Lean, Table};
use super::text::{fold, plain, prose};
use super::{CLASSES, Page, Section, joined};
use crate::units::{self, amount, count, figure, percent};

const HOW: &str = "The same endpoints asked for different rows: any of the table (uniform), a few much more often than the rest (zipf), \
    eleven over and over (repeat), the one whose call makes the median work and the one whose call makes the most (typical, heaviest; \
    counted by the server in pages, rows and index entries), and keys that are not there (missing). All take turns, so that they can be \
    compared. “Cached” is the share of the calls that a cache of 1,000 entries would answer which drops what was least recently asked \
    for; times are service times in milliseconds.";

/// Entries of the cache in the tables.
const ENTRIES: u64 = 1_000;

/// The endpoints that were asked for other rows, with what came of it.
pub(super) fn asked(run: &Run) -> Vec<(&str, &Classes)> {
    let endpoints = run.before.iter().flat_map(|bench| &bench.endpoints);
    endpoints.filter_map(|endpoint| Some((endpoint.label.as_str(), endpoint.classes.as_ref()?))).collect()
}

pub(super) fn section(page: &Page) -> Option<Section> {
    let asked = asked(page.run);
    if asked.is_empty() {
        return None;
    }
    let mut blocks = vec![HOW.to_owned(), side_by_side(&asked)];
    blocks.push(notes(&asked));
    blocks.extend(page.classed.then(|| format!("![Times of each endpoint by the choice of its parameters]({CLASSES})")));
    let each = asked.iter().flat_map(|(label, classes)| [format!("**{}**", plain(label)), table(classes)]);
    blocks
        .push(fold("Each endpoint by its parameters: calls, rows, how many were different", &joined(&each.collect::<Vec<_>>())));
    Some(Section { title: "Choice of parameters", body: joined(&blocks) })
}

/// What there is to know of the endpoints; a sentence that several share is said once.
fn notes(asked: &[(&str, &Classes)]) -> String {
    let mut said: Vec<(&str, Vec<String>)> = Vec::new();
    for (label, note) in asked.iter().flat_map(|(label, classes)| classes.notes.iter().map(move |note| (*label, note.as_str()))) {
        match said.iter_mut().find(|(known, _)| *known == note) {
            Some((_, labels)) => labels.push(plain(label)),
            None => said.push((note, vec![plain(label)])),
        }
    }
    said.iter().map(|(note, labels)| format!("- {}: {}\n", units::listed(labels), prose(note))).collect()
}

/// One row for each endpoint, one column for each class.
fn side_by_side(asked: &[(&str, &Classes)]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for class in asked.iter().flat_map(|(_, classes)| &classes.classes) {
        if !names.contains(&class.class.as_str()) {
            names.push(&class.class);
        }
    }
    let titles: Vec<String> = names.iter().map(|name| plain(name)).collect();
    let columns = titles.iter().map(|title| (title.as_str(), Lean::Right));
    let columns = [("endpoint", Lean::Left)].into_iter().chain(columns).chain([("cached", Lean::Right)]);
    let mut table = Table::new(columns);
    for (label, classes) in asked {
        let of = |name: &&str| {
            let class = classes.classes.iter().find(|class| class.class == **name);
            class.map_or_else(|| "–".to_owned(), both)
        };
        let mut row = vec![plain(label)];
        row.extend(names.iter().map(of));
        row.push(own_cache(classes));
        table.row(row);
    }
    format!("Median / p95 in milliseconds; “cached” is of the scenario’s own choice:\n\n{}", table.render())
}

fn both(class: &ClassResult) -> String {
    let latency = &class.latency;
    let own = if class.own { "**" } else { "" };
    match (latency.n, latency.p95_ms) {
        (0, _) => "no call".to_owned(),
        (_, None) => format!("{own}{}{own}", figure(latency.p50_ms)),
        (_, Some(p95)) => format!("{own}{} / {}{own}", figure(latency.p50_ms), figure(p95)),
    }
}

/// The share that a cache would answer of the calls as the scenario chooses their parameters.
fn own_cache(classes: &Classes) -> String {
    let own = classes.classes.iter().find(|class| class.own);
    own.map_or(String::new(), |class| cached(&classes.caches, class))
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
