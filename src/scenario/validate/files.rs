//! Files that `from:` names: where they are, and the columns their first lines name.

use std::path::{Path, PathBuf};

use crate::csv::{Dialect, expand, header};
use crate::scenario::error::{Fault, Problems, did_you_mean};
use crate::scenario::model::{ColumnSource, Data, Draw, FileTable, FileValues, Ignore, Located, Rows, Scenario, ValueSpec};

/// Makes the paths of all files relative to the scenario's folder, as they are written, relative to where perflab runs.
pub fn resolve(scenario: &mut Scenario) {
    let folder = scenario.source.path.parent().unwrap_or(Path::new("")).to_owned();
    let resolved = |file: &mut Located<PathBuf>| file.value = folder.join(&file.value);
    for table in scenario.data.iter_mut().flat_map(|data| &mut data.tables) {
        if let Rows::File(from) = &mut table.rows {
            from.files.iter_mut().for_each(resolved);
        }
        for column in &mut table.columns {
            if let ColumnSource::Value(value) = &mut column.source {
                each_file(value, &mut |from| resolved(&mut from.file));
            }
        }
    }
    for (_, value) in scenario.endpoints.iter_mut().flat_map(|endpoint| &mut endpoint.params.values) {
        each_file(value, &mut |from| resolved(&mut from.file));
    }
}

fn each_file(value: &mut ValueSpec, action: &mut dyn FnMut(&mut FileValues)) {
    match value {
        ValueSpec::File(from) => action(from),
        ValueSpec::By { cases, otherwise, .. } => {
            cases.iter_mut().for_each(|(_, case)| each_file(case, action));
            otherwise.iter_mut().for_each(|case| each_file(case, action));
        }
        _ => {}
    }
}

/// The files of values that a value draws from, its cases' included.
pub fn files_of(value: &ValueSpec) -> Vec<&FileValues> {
    match value {
        ValueSpec::File(from) => vec![from],
        ValueSpec::By { cases, otherwise, .. } => {
            let specs = cases.iter().map(|(_, spec)| spec).chain(otherwise.as_deref());
            specs.flat_map(files_of).collect()
        }
        _ => Vec::new(),
    }
}

/// Notes files that are not there, and columns they do not have. What the table lacks shows when the schema is made.
pub fn check(scenario: &Scenario, problems: &mut Problems) {
    for table in scenario.data.iter().flat_map(|data: &Data| &data.tables) {
        if let Rows::File(from) = &table.rows {
            self::table(from, problems);
        }
        for column in &table.columns {
            if let ColumnSource::Value(value) = &column.source {
                files_of(value).into_iter().for_each(|from| values(from, problems));
            }
        }
    }
    for (_, value) in scenario.endpoints.iter().flat_map(|endpoint| &endpoint.params.values) {
        files_of(value).into_iter().for_each(|from| values(from, problems));
    }
}

fn table(from: &FileTable, problems: &mut Problems) {
    let listed = match &from.ignore {
        Ignore::Listed(listed) => listed.as_slice(),
        _ => &[],
    };
    for pattern in &from.files {
        for file in found(pattern, problems) {
            let Some(names) = first_line(&file, from.dialect, pattern, problems) else { continue };
            let named = from.columns.iter().map(|column| &column.field);
            for field in named.chain(listed) {
                has(&names, from.header, field, &file, problems);
            }
        }
    }
}

fn values(from: &FileValues, problems: &mut Problems) {
    for file in found(&from.file, problems) {
        let Some(names) = first_line(&file, from.dialect, &from.file, problems) else { continue };
        match &from.column {
            Some(column) => has(&names, from.header, column, &file, problems),
            None if names.len() > 1 => {
                let message = format!("`{}` has {} columns", file.display(), names.len());
                problems.report(from.file.at, Fault::with_help(message, "say which with `column:`"));
            }
            None => {}
        }
        if let Draw::Weighted(weight) = &from.draw {
            has(&names, from.header, weight, &file, problems);
        }
    }
}

fn found(pattern: &Located<PathBuf>, problems: &mut Problems) -> Vec<PathBuf> {
    let help = "paths are relative to the scenario's own folder";
    let found = expand(&pattern.value).map_err(|missing| Fault::with_help(missing.to_string(), help));
    problems.keep(pattern.at, found).unwrap_or_default()
}

fn first_line(file: &Path, dialect: Dialect, pattern: &Located<PathBuf>, problems: &mut Problems) -> Option<Vec<String>> {
    let shown = file.display();
    match header(file, dialect) {
        Ok(Some(names)) => Some(names),
        Ok(None) => {
            problems.report(pattern.at, Fault::new(format!("`{shown}` is empty")));
            None
        }
        Err(error) => {
            problems.report(pattern.at, Fault::new(format!("`{shown}` could not be read: {error}")));
            None
        }
    }
}

/// Notes a column that the file does not have.
fn has(names: &[String], header: bool, field: &Located<String>, file: &Path, problems: &mut Problems) {
    let known = if header {
        names.contains(&field.value)
    } else {
        field.value.parse::<usize>().is_ok_and(|number| (1..=names.len()).contains(&number))
    };
    if known {
        return;
    }
    let message = format!("`{}` has no column `{}`", file.display(), field.value);
    let help = match header {
        true => did_you_mean(&field.value, names.iter().map(String::as_str)),
        false => Some(format!("without a header, columns are numbered from 1 to {}", names.len())),
    };
    problems.report(field.at, Fault { message, help });
}
