//! Of tables from files: what was in them that is no row.

use super::super::model::{FileLoad, SeedRun};
use super::Screen;
use super::sheet::wrap;
use crate::units::{count, counted};

/// A sentence per table with rejected records or orphans; empty when every record is a row.
pub fn files(seed: &SeedRun, screen: Screen) -> String {
    let tables = seed.tables.iter().filter_map(|table| Some((table.name.as_str(), table.from.as_ref()?)));
    let said = tables.filter(|(_, load)| load.rejected > 0 || load.orphans_kept > 0);
    said.map(|(name, load)| wrap(&sentence(name, load), screen.width).join("\n")).collect::<Vec<_>>().join("\n")
}

fn sentence(table: &str, load: &FileLoad) -> String {
    let mut text = format!(
        "{table}: {} in {}",
        counted(load.records, "record", "records"),
        counted(load.files.len() as u64, "file", "files")
    );
    if load.rejected > 0 {
        let reasons = load.rejects.iter().map(|reject| match &reject.column {
            Some(column) => format!("{} {} ({column})", count(reject.records), reject.reason),
            None => format!("{} {}", count(reject.records), reject.reason),
        });
        text = format!("{text}, {} rejected: {}", count(load.rejected), reasons.collect::<Vec<_>>().join(", "));
    }
    if load.orphans_kept > 0 {
        text = format!(
            "{text}; {} kept without their parents, so the foreign key holds for new rows alone",
            count(load.orphans_kept)
        );
    }
    match &load.rejects_file {
        Some(file) => format!("{text}; see {file}"),
        None => text,
    }
}
