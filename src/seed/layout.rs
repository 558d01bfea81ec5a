//! How many rows every table gets.

use crate::db::catalog::{Catalog, TableName};
use crate::scenario::model::{Data, Located, Location, TableSpec};

use super::count::Counter;
use super::problem::{Problem, SeedProblem, suggestion};
use super::steps::Steps;

/// Rows per table of the catalog, in its order; a table that the scenario leaves out gets none.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    pub rows: Vec<u64>,
    /// The same as they grow: rows after each scale.
    pub steps: Vec<Steps>,
    /// Per table of the catalog: its description, by its place in [`Data::tables`].
    pub specs: Vec<Option<usize>>,
}

/// Counts the rows of all tables, at the last of the scales and on the way there.
///
/// # Errors
/// Every unknown table, unknown column, circle and impossible number at once.
pub fn layout(data: &Data, catalog: &Catalog, scales: &[f64]) -> Result<Layout, Vec<SeedProblem>> {
    let scale = scales.last().copied().unwrap_or(1.0);
    let mut problems = Vec::new();
    let mut specs: Vec<Option<usize>> = vec![None; catalog.tables.len()];
    for (place, spec) in data.tables.iter().enumerate() {
        match find_table(catalog, &spec.name) {
            Err(problem) => problems.push(problem),
            Ok(table) if specs[table].is_some() => {
                problems.push(SeedProblem::new(spec.name.at, Problem::TableTwice(spec.name.value.clone())));
            }
            Ok(table) => {
                specs[table] = Some(place);
                problems.extend(unknown_columns(catalog, table, spec));
            }
        }
    }
    let find = |per: &Located<String>| {
        let parent = find_table(catalog, per)?;
        specs[parent].ok_or_else(|| SeedProblem::new(per.at, Problem::NoRowsToCountFrom(per.value.clone())))
    };
    let mut counter = Counter::new(data, &find);
    let mut rows = vec![0; catalog.tables.len()];
    let mut steps = vec![Steps::new(vec![0; scales.len().max(1)]); catalog.tables.len()];
    for (table, place) in specs.iter().enumerate().filter_map(|(table, place)| Some((table, (*place)?))) {
        let counted: Result<Vec<u64>, SeedProblem> = scales.iter().map(|scale| counter.rows(place, *scale)).collect();
        match counted {
            Ok(counts) => {
                steps[table] = Steps::new(counts);
                rows[table] = steps[table].total();
            }
            // Every table of a circle would report it.
            Err(problem) if is_circle(&problem) && problems.iter().any(is_circle) => {}
            Err(problem) if problems.contains(&problem) => {}
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        problems.extend(expectation(data, catalog, &rows, scale));
    }
    if problems.is_empty() { Ok(Layout { rows, steps, specs }) } else { Err(problems) }
}

fn is_circle(problem: &SeedProblem) -> bool {
    matches!(*problem.problem, Problem::CircularRows(_))
}

/// The place of a table in the catalog.
pub fn find_table(catalog: &Catalog, name: &Located<String>) -> Result<usize, SeedProblem> {
    let found = catalog.find(&name.value).and_then(|table| place_of(catalog, &table.name));
    found.ok_or_else(|| {
        let known: Vec<String> = catalog.tables.iter().map(|table| table.name.to_string()).collect();
        let suggestion = suggestion(&name.value, known.iter().map(String::as_str));
        SeedProblem::new(name.at, Problem::UnknownTable { name: name.value.clone(), suggestion })
    })
}

/// The place of a table in the catalog, by its full name.
pub fn place_of(catalog: &Catalog, name: &TableName) -> Option<usize> {
    catalog.tables.iter().position(|table| table.name == *name)
}

fn unknown_columns(catalog: &Catalog, table: usize, spec: &TableSpec) -> Vec<SeedProblem> {
    let unknown = spec.columns.iter().filter(|column| catalog.tables[table].column(&column.name.value).is_none());
    unknown.map(|column| unknown_column(catalog, table, &column.name.value, column.name.at)).collect()
}

/// The problem that a table has no such column.
pub fn unknown_column(catalog: &Catalog, table: usize, column: &str, at: Location) -> SeedProblem {
    let known = catalog.tables[table].columns.iter().map(|column| column.name.as_str());
    let problem = Problem::UnknownColumn {
        table: catalog.tables[table].name.to_string(),
        column: column.to_owned(),
        suggestion: suggestion(column, known),
    };
    SeedProblem::new(at, problem)
}

/// Holds the sum against `expect`, which speaks of the data unscaled.
fn expectation(data: &Data, catalog: &Catalog, rows: &[u64], scale: f64) -> Vec<SeedProblem> {
    let Some(expect) = &data.expect else { return Vec::new() };
    let mut problems = Vec::new();
    let mut left_out = Vec::new();
    for name in &expect.without {
        match find_table(catalog, name) {
            Ok(table) => left_out.push(table),
            Err(problem) => problems.push(problem),
        }
    }
    let counted = rows.iter().enumerate().filter(|(table, _)| !left_out.contains(table));
    let sum = counted.map(|(_, rows)| rows).sum::<u64>();
    if let Some(total) = &expect.total_rows
        && problems.is_empty()
        && scale == 1.0
        && sum != total.value
    {
        problems.push(SeedProblem::new(total.at, Problem::Unexpected { sum, expected: total.value }));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::{Expect, Fanout, Rows};
    use crate::seed::fixture::{catalog, data, located, table};

    fn music() -> (Data, Catalog) {
        let data = data(vec![
            TableSpec { fixed: true, ..table("platforms", Rows::Exactly(2)) },
            table("playlists", Rows::Exactly(3000)),
            table("users", Rows::Per { ratio: 0.3037, table: located("playlists") }),
            table("playlist_songs", Rows::Per { ratio: 67.633, table: located("playlists") }),
            table("song_history", Rows::Per { ratio: 4.5295, table: located("playlist_songs") }),
        ]);
        let names = ["platforms", "playlists", "users", "playlist_songs", "song_history", "untouched"];
        (data, catalog(&names.map(|name| format!("{name}(id int8 pk)")).join("; ")))
    }

    #[test]
    fn ratios_are_rounded_once_from_the_parents_count() {
        let (data, catalog) = music();
        assert_eq!(layout(&data, &catalog, &[1.0]).unwrap().rows, [2, 3000, 911, 202_899, 919_031, 0]);
        assert_eq!(layout(&data, &catalog, &[10.0]).unwrap().rows, [2, 30_000, 9_111, 2_028_990, 9_190_310, 0]);
        assert_eq!(layout(&data, &catalog, &[0.0001]).unwrap().rows[..2], [2, 1], "a root table keeps a row");
    }

    #[test]
    fn a_table_without_rows_has_the_sum_of_its_fanout() {
        let fanout = |shape| crate::scenario::model::Assign::Fanout(shape);
        let column = crate::seed::fixture::reference("a_id", "a", fanout(Fanout::Range(1..=4)));
        let by_nulls = crate::scenario::model::ColumnSpec { nulls: 0.5, ..column.clone() };
        let summed = |name: &str, column| crate::seed::fixture::with(table(name, Rows::Summed), vec![column]);
        let tables = vec![table("a", Rows::Exactly(21)), summed("b", column), summed("c", by_nulls), table("d", Rows::Summed)];
        let (mut data, catalog) = (data(tables), catalog("a(id int8 pk); b(a_id int8); c(a_id int8); d(a_id int8)"));
        let problem = layout(&data, &catalog, &[1.0]).unwrap_err().remove(0);
        assert!(matches!(*problem.problem, Problem::NoRows(ref table) if table == "d"), "{problem}");
        data.tables.pop();
        assert_eq!(layout(&data, &catalog, &[1.0]).unwrap().rows, [21, 53, 105, 0], "2.5 and 5 per row of `a`");
    }

    #[test]
    fn tables_grow_in_steps() {
        let (data, catalog) = music();
        let layout = layout(&data, &catalog, &[1.0, 5.0, 10.0]).unwrap();
        assert_eq!(layout.steps[1], Steps::new(vec![3_000, 15_000, 30_000]));
        assert_eq!(layout.steps[0].filled().collect::<Vec<_>>(), [(0, 0..2)], "fixed");
        assert_eq!(layout.rows[4], 9_190_310);
    }

    #[test]
    fn a_fixed_ratio_is_counted_from_the_unscaled_table() {
        let (mut data, catalog) = music();
        data.tables[2].fixed = true;
        assert_eq!(layout(&data, &catalog, &[10.0]).unwrap().rows[2], 911);
    }

    #[test]
    fn every_problem_is_found_at_once() {
        let (mut data, catalog) = music();
        data.tables[1].rows = Rows::Per { ratio: 1.0, table: located("users") };
        data.tables[3].rows = Rows::Per { ratio: 2.0, table: located("untouched") };
        data.tables[4].name = located("song_histori");
        data.tables.push(table("platforms", Rows::Exactly(1)));
        data.tables[0].columns.push(crate::seed::fixture::value("platfrm", crate::scenario::model::ValueSpec::Sequence));
        let problems = layout(&data, &catalog, &[1.0]).unwrap_err();
        let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(texts.join("\n"));
    }

    #[test]
    fn the_expected_sum_is_held_against_the_unscaled_rows() {
        let (mut data, catalog) = music();
        data.expect = Some(Expect { total_rows: Some(Located::new(1_125_843, Location::default())), ..Expect::default() });
        assert!(layout(&data, &catalog, &[1.0]).is_ok());
        data.expect = Some(Expect {
            total_rows: Some(Located::new(1_125_841, Location::default())),
            without: vec![located("platforms")],
            ..Expect::default()
        });
        assert!(layout(&data, &catalog, &[1.0]).is_ok());
        assert!(layout(&data, &catalog, &[2.0]).is_ok());
        data.tables[1].rows = Rows::Exactly(3001);
        let problem = layout(&data, &catalog, &[1.0]).unwrap_err().remove(0).problem;
        assert!(matches!(*problem, Problem::Unexpected { expected: 1_125_841, .. }));
    }
}
