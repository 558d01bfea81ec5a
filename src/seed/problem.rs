//! Everything that can be wrong with a scenario's data, found against the catalog before the first row is made.

use crate::scenario::error::Problem as Mistake;
use crate::scenario::model::Location;

use super::fanout::FanoutProblem;
use super::pick::PickProblem;
use super::values::ValueProblem;

/// A problem and where the scenario says it. All of them are collected before any is reported.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{problem}")]
pub struct SeedProblem {
    pub at: Location,
    pub problem: Box<Problem>,
}

impl SeedProblem {
    pub fn new(at: Location, problem: Problem) -> SeedProblem {
        SeedProblem { at, problem: Box::new(problem) }
    }
}

impl From<SeedProblem> for Mistake {
    /// What to do next stands after the first semicolon of every message; after the last of those that show values, which may have
    /// semicolons of their own.
    fn from(problem: SeedProblem) -> Mistake {
        let text = problem.to_string();
        let shows = matches!(*problem.problem, Problem::Broken { .. } | Problem::Refused { .. });
        let parts = if shows { text.rsplit_once("; ") } else { text.split_once("; ") };
        let (message, help) = match parts {
            Some((message, help)) => (message.to_owned(), Some(help.to_owned())),
            None => (text, None),
        };
        Mistake { at: problem.at, message, help }
    }
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    #[error(
        "`{table}` breaks {rule}, {definition}: {rows} of {tried} rows tried, e.g. {example}; describe {columns} so that every row keeps to it"
    )]
    Broken { table: String, rule: String, definition: String, rows: u64, tried: u64, example: String, columns: String },
    #[error("`{table}{}`: {why}; {next}", column.as_ref().map_or(String::new(), |column| format!(".{column}")))]
    Refused { table: String, column: Option<String>, why: String, next: &'static str },
    #[error("the schema has no table `{name}`{suggestion}")]
    UnknownTable {
        name: String,
        /// Empty, or `; did you mean …?`.
        suggestion: String,
    },
    #[error("table `{table}` has no column `{column}`{suggestion}")]
    UnknownColumn { table: String, column: String, suggestion: String },
    #[error("table `{0}` is described twice; join the two")]
    TableTwice(String),
    #[error("the rows of `{0}` depend on themselves; give one table of the circle a number")]
    CircularRows(String),
    #[error("`{0}` has no rows that others could be counted from; give it `rows` under data.tables")]
    NoRowsToCountFrom(String),
    #[error("`{0}` has no `rows`; give a number, or a fan-out that says how many, such as `fanout: 1-5`")]
    NoRows(String),
    #[error("`{table}` would get {rows} rows, which is not a number perflab can make")]
    ImpossibleRows { table: String, rows: f64 },
    #[error("the tables add up to {sum} rows, but `expect` says {expected}; correct one of the two")]
    Unexpected { sum: u64, expected: u64 },
    #[error("`{table}.{column}`: {problem}")]
    Value { table: String, column: String, problem: ValueProblem },
    #[error("`{table}.{column}`: {problem}")]
    Fanout { table: String, column: String, problem: FanoutProblem },
    #[error("`{table}.{column}`: {problem}")]
    Pick { table: String, column: String, problem: PickProblem },
    #[error("the check \"{claim}\" cannot be asked: {reason}; its `sql` must return one number from the tables of the schema")]
    Claim { claim: String, reason: String },
    #[error("`{table}`: {why}")]
    File { table: String, why: String },
    #[error("`{table}`: {why}")]
    Key { table: String, why: String },
    #[error("`{table}.{column}`: {why}")]
    Column { table: String, column: String, why: String },
}

/// `; did you mean …?` for the nearest of some names, empty when none is near.
pub fn suggestion<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> String {
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= name.chars().count().div_ceil(3).max(1))
        .min()
        .map_or_else(String::new, |(_, nearest)| format!("; did you mean `{nearest}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_keeps_its_advice_apart() {
        let at = Location { line: 3, column: 5 };
        let mistake = Mistake::from(SeedProblem::new(at, Problem::CircularRows("a".into())));
        assert_eq!((mistake.at, mistake.message.as_str()), (at, "the rows of `a` depend on themselves"));
        assert_eq!(mistake.help.as_deref(), Some("give one table of the circle a number"));
    }

    #[test]
    fn the_nearest_name_is_suggested_and_a_far_one_is_not() {
        let names = ["songs", "users", "playlists"];
        assert_eq!(suggestion("song", names.into_iter()), "; did you mean `songs`?");
        assert_eq!(suggestion("platforms", names.into_iter()), "");
    }
}
