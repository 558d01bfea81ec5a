//! Endpoints under different choices of their parameters.

use super::super::model::{BenchRun, CacheEstimate, ClassResult, Classes};
use super::Screen;
use super::grid::{Grid, Paint, number, spare_text, word};
use super::sheet::Sheet;
use crate::units::{amount, count, figure, percent, printable};

/// Entries of the cache in the table; the sizes beside it are in the JSON.
const ENTRIES: u64 = 1_000;

/// A table for each endpoint that was asked in different ways, with what it shows; nothing when none was.
pub fn classes_table(bench: &BenchRun, screen: Screen) -> String {
    let asked = bench.endpoints.iter().filter_map(|endpoint| Some((endpoint, endpoint.classes.as_ref()?)));
    let blocks: Vec<String> = asked
        .map(|(endpoint, classes)| {
            let mut sheet = Sheet::new(screen);
            sheet.heading(&printable(&endpoint.label));
            sheet.laid_out(&table(classes, screen));
            classes.notes.iter().for_each(|note| sheet.item(note));
            sheet.finish()
        })
        .collect();
    blocks.join("\n\n")
}

fn table(classes: &Classes, screen: Screen) -> String {
    let mut grid = Grid::new(vec![
        word("parameters", 0),
        number("calls", 2),
        number("p50 ms", 0),
        number("p95 ms", 1),
        number("max ms", 4),
        number("rows", 3),
        number("different", 5),
        number("failed", 0),
        number("cache of 1,000", 6),
        spare_text("which", 7),
    ]);
    let any_failed = classes.classes.iter().any(|class| class.errors > 0);
    for class in &classes.classes {
        let plain = |text: String| (text, Paint::Plain);
        let name = if class.own { format!("{} (own)", class.class) } else { class.class.clone() };
        let failed = if any_failed { count(class.errors) } else { String::new() };
        let mut row = vec![plain(name), plain(count(class.latency.n))];
        row.extend(latencies(class));
        row.extend([amount(class.rows_per_call), count(class.distinct)].map(plain));
        row.push((failed, if class.errors > 0 { Paint::Bad } else { Paint::Plain }));
        row.push(plain(cached(&classes.caches, class)));
        row.push(plain(class.parameters.clone().unwrap_or_default()));
        grid.painted(row);
    }
    grid.render(screen)
}

fn latencies(class: &ClassResult) -> [(String, Paint); 3] {
    let latency = &class.latency;
    let known = |value: Option<f64>| match (latency.n, value) {
        (0, _) => ("no call".to_owned(), Paint::Bad),
        (_, Some(ms)) => (figure(ms), Paint::Plain),
        (_, None) => ("too few".to_owned(), Paint::Faint),
    };
    [known(Some(latency.p50_ms)), known(latency.p95_ms), known(Some(latency.max_ms))]
}

/// The share of the calls that a cache of [`ENTRIES`] would answer.
fn cached(caches: &[CacheEstimate], class: &ClassResult) -> String {
    let cache = caches.iter().find(|cache| cache.entries == ENTRIES && cache.class == class.class);
    cache.map_or(String::new(), |cache| percent(cache.hit_rate))
}
