//! Checks across the sections of a scenario that need no server: names that must exist, arithmetic that must come out.

mod data;
mod endpoints;
mod files;
mod fit;
mod load;
mod names;
mod published;
mod rows;

pub use data::columns_of;
pub use files::{files_of, resolve};

use super::error::{Fault, Problems};
use super::model::{Location, Scenario};

/// Notes every mistake that only shows when several parts of the scenario are seen together.
pub fn scenario(scenario: &Scenario, problems: &mut Problems) {
    if scenario.data.is_none() && scenario.endpoints.is_empty() && problems.is_empty() {
        let help = "give `data:` to make rows, `endpoints:` to time statements, or both";
        problems.report(Location { line: 1, column: 1 }, Fault::with_help("the scenario has nothing to do", help));
    }
    if let Some(data) = &scenario.data {
        data::check(data, problems);
    }
    endpoints::check(scenario, problems);
    load::check(scenario, problems);
    files::check(scenario, problems);
    published::check(scenario, problems);
    // Arithmetic over names that are wrong would only repeat their mistakes in other words.
    if let Some(data) = scenario.data.as_ref().filter(|_| problems.is_empty()) {
        rows::check(data, problems);
    }
}
