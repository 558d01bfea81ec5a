//! A learned scenario is read back and planned against the catalog before anybody sees it: what cannot be seeded is taken out of it, and said.

use std::io;

use crate::db::catalog::Catalog;
use crate::scenario::model::{Location, Source};
use crate::scenario::{self};
use crate::seed::SeedPlan;

use super::sketch::{Sketch, Text};

/// Rows up to which the plan is made in full; a plan takes memory for each row that others reference.
const MOST_PLANNED: f64 = 3e6;

/// Takes descriptions out of the sketch until what is left can be seeded; gives what was wrong, with what is left unsolved last.
pub fn prove(sketch: &mut Sketch, catalog: &Catalog) -> Vec<String> {
    let mut notes = Vec::new();
    // Each round takes at least one description out.
    let rounds = sketch.tables.iter().map(|table| table.columns.len()).sum::<usize>() + 1;
    for _ in 0..rounds {
        let text = sketch.text();
        let problems = problems(&text, catalog);
        let mut blamed: Vec<(usize, usize, String)> = Vec::new();
        let mut unsolved = Vec::new();
        for (at, message) in problems {
            match column_at(&text, at) {
                Some((table, column)) => blamed.push((table, column, message)),
                None => unsolved.push(message),
            }
        }
        // From the back, so that places stay what they are.
        blamed.sort();
        blamed.dedup_by_key(|(table, column, _)| (*table, *column));
        if blamed.is_empty() {
            notes.extend(unsolved);
            return notes;
        }
        for (table, column, message) in blamed.into_iter().rev() {
            let table = &mut sketch.tables[table];
            let taken = table.columns.remove(column);
            notes.push(format!("`{}.{}` is left to be inferred: {message}", table.name, taken.name));
        }
    }
    notes
}

fn problems(text: &Text, catalog: &Catalog) -> Vec<(Location, String)> {
    let source = Source { path: "learned.yaml".into(), text: text.yaml.clone() };
    let read = |_: &std::path::Path| -> io::Result<String> { Ok(String::new()) };
    let data = match scenario::parse(source, read) {
        Ok(scenario) => scenario.data,
        Err(errors) => return errors.problems.into_iter().map(|problem| (problem.at, problem.message)).collect(),
    };
    let Some(data) = data else { return Vec::new() };
    let total: f64 = catalog.tables.iter().map(|table| table.estimated_rows.max(0.0)).sum();
    let scale = (MOST_PLANNED / total.max(1.0)).min(1.0);
    match SeedPlan::new(&data, catalog, scale) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.into_iter().map(|problem| (problem.at, problem.to_string())).collect(),
    }
}

fn column_at(text: &Text, at: Location) -> Option<(usize, usize)> {
    let found = text.columns.iter().find(|(first, last, ..)| (*first..=*last).contains(&at.line))?;
    Some((found.2, found.3))
}
