//! Figures that somebody published about the system, beside those of this run.

use super::super::model::PublishedClock;
use super::super::published::{LoadBeside, RowsBeside, TimeBeside, loads, remarks, rows, times};
use super::table::{Lean, Table};
use super::text::{plain, prose, sentences};
use super::{Page, Section, joined};
use crate::units;

const HOW: &str = "Another machine made the published figures: compare ratios, not times. “→” leads from before to after; after is here with \
    the kept indexes. Ours are medians at the client, and of one typical call by EXPLAIN.";

pub(super) fn section(page: &Page) -> Option<Section> {
    let published = page.run.published.as_ref()?;
    let (times, rows, loads) = (times(page.run, published), rows(page.run, published), loads(page.run, published));
    let from = format!("Published in: {}.", published.source.trim_end_matches('.'));
    let remarks = remarks(page.run, &times, &rows, &loads);
    let blocks = vec![
        sentences([from.as_str(), published.note.as_deref().unwrap_or_default(), HOW]),
        of_times(times.iter().filter(|time| by_client(time))),
        of_times(times.iter().filter(|time| !by_client(time))),
        of_rows(&rows),
        of_loads(&loads),
        remarks.iter().map(|remark| format!("- {}\n", prose(remark))).collect(),
    ];
    Some(Section { title: "As published, and as measured here", body: joined(&blocks) })
}

/// Whoever called waited, and no plan is looked into: a table of its own, so that neither is wide.
fn by_client(time: &TimeBeside) -> bool {
    time.published.clock == PublishedClock::Client
}

fn of_times<'a>(times: impl Iterator<Item = &'a TimeBeside<'a>>) -> String {
    let left = |title| (title, Lean::Left);
    let right = |title| (title, Lean::Right);
    let columns =
        [left("endpoint"), left("time"), right("published, ms"), right("here, ms"), right("gain published"), right("gain here")];
    let mut table = Table::new(columns.into_iter().chain([left("note")]));
    for time in times {
        // A gain here stands beside one that was published, or it would be read as an answer to nothing.
        let ours = time.gain().filter(|_| time.published_gain().is_some());
        table.row([
            plain(&time.published.label),
            plain(&time.of()),
            time.as_published(),
            time.here(),
            time.published_gain().map_or_else(String::new, units::times),
            ours.map_or_else(String::new, units::times),
            noted(time.published.note.as_deref()),
        ]);
    }
    table.render()
}

fn of_rows(rows: &[RowsBeside]) -> String {
    let columns = [("rows of", Lean::Left), ("published", Lean::Right), ("here", Lean::Right), ("note", Lean::Left)];
    let mut table = Table::new(columns);
    for RowsBeside { published, here } in rows {
        let name = published.table.as_deref().map_or_else(|| "all of these".to_owned(), plain);
        let name = published.what.as_ref().map_or_else(|| name.clone(), |what| format!("{name}: {}", plain(what)));
        let here = here.map_or_else(|| "not seeded".to_owned(), units::count);
        table.row([name, units::count(published.rows), here, noted(published.note.as_deref())]);
    }
    table.render()
}

fn of_loads(loads: &[LoadBeside]) -> String {
    let columns = ["load", "published", "here", "here, with the kept indexes", "note"].map(|title| (title, Lean::Left));
    let mut table = Table::new(columns);
    for load in loads {
        let cells = [load.name(), load.as_published(), load.before(), load.after()].map(|cell| plain(&cell));
        table.row(cells.into_iter().chain([noted(load.published.note.as_deref())]));
    }
    table.render()
}

fn noted(note: Option<&str>) -> String {
    note.map_or_else(String::new, prose)
}
