//! Where endpoints, statements and promises are written, as an annotation needs it.

use std::collections::BTreeMap;

use crate::cli::worktree::Repository;
use crate::gate::sides::Places;
use crate::report::model::ci::FilePlace;
use crate::scenario::model::{Location, Scenario};

/// The scenario's file, by label.
pub struct Map {
    file: String,
    places: BTreeMap<String, Places>,
}

impl Map {
    pub fn of(scenario: &Scenario, repository: Option<&Repository>) -> Map {
        let path = &scenario.source.path;
        let relative = repository.and_then(|repository| repository.relative(path));
        let file = relative.as_deref().unwrap_or(path).to_string_lossy().replace('\\', "/");
        let mut map = Map { file, places: BTreeMap::new() };
        for endpoint in &scenario.endpoints {
            let steps = endpoint.steps.iter().map(|step| map.place(step.statement.at)).collect();
            let places = Places { endpoint: Some(map.place(endpoint.route.at)), steps };
            map.places.insert(endpoint.label(), places);
        }
        map
    }

    pub fn place(&self, at: Location) -> FilePlace {
        FilePlace { file: self.file.clone(), line: at.line, column: at.column }
    }

    pub fn of_endpoint(&self, label: &str) -> Places {
        self.places.get(label).cloned().unwrap_or_default()
    }
}
