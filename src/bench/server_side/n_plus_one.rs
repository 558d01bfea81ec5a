//! One query for a list, then one for each of its rows.

use crate::bench::workload::BoundStep;
use crate::report::model::NPlusOne;
use crate::units::{amount, figure};

/// Fewer runs per call than this are no pattern: most lists have one row.
const LEAST_RUNS: f64 = 1.5;

/// The statement whose repetition costs a call most, if one is repeated: for each row of a list, or by being written more than once.
///
/// `runs` is executions per call by step; `per_trip_ms` what a round trip takes beyond the server's own time; `client_ms` a whole call.
pub fn find(steps: &[BoundStep], runs: &[f64], per_trip_ms: f64, client_ms: f64) -> Option<NPlusOne> {
    let looped = steps.iter().enumerate().filter(|(_, step)| step.for_each.is_some());
    let looped = looped.map(|(place, step)| (place, runs[place], Repeats::ForEach(step.for_each)));
    let written = (0..steps.len()).filter(|place| steps[..*place].iter().all(|earlier| earlier.sql != steps[*place].sql));
    let written = written.filter_map(|place| {
        let same: Vec<usize> = (place..steps.len()).filter(|other| steps[*other].sql == steps[place].sql).collect();
        let all: f64 = same.iter().map(|place| runs[*place]).sum();
        (same.len() > 1).then_some((place, all, Repeats::Written(same)))
    });
    let most = looped.chain(written).filter(|(_, runs, _)| *runs >= LEAST_RUNS).max_by(|one, other| one.1.total_cmp(&other.1));
    let (place, runs_per_call, repeats) = most?;
    let costs_ms = (runs_per_call - 1.0) * per_trip_ms;
    Some(NPlusOne {
        step: place + 1,
        sql: steps[place].written.clone(),
        runs_per_call,
        costs_ms,
        sentence: sentence(place + 1, runs_per_call, &repeats, per_trip_ms, client_ms),
    })
}

/// Why a statement runs more than once.
enum Repeats {
    ForEach(Option<usize>),
    /// The places of the steps with the same text.
    Written(Vec<usize>),
}

fn sentence(step: usize, runs: f64, repeats: &Repeats, per_trip_ms: f64, client_ms: f64) -> String {
    let why = match repeats {
        Repeats::ForEach(Some(source)) => format!("once for each row of statement {}", source + 1),
        Repeats::ForEach(None) => "in a loop".to_owned(),
        Repeats::Written(places) => {
            let numbers: Vec<String> = places.iter().map(|place| (place + 1).to_string()).collect();
            format!("statements {} are the same", crate::units::listed(&numbers))
        }
    };
    let extra = runs - 1.0;
    format!(
        "N+1: statement {step} runs {} times per call ({why}): {} round trips of {} ms are {} of {} ms; one statement with `= ANY($1)` \
         or a join needs none of them",
        amount(runs),
        amount(extra),
        figure(per_trip_ms),
        figure(extra * per_trip_ms),
        figure(client_ms)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::Effect;
    use crate::scenario::model::Location;

    fn step(sql: &str, for_each: Option<usize>) -> BoundStep {
        BoundStep {
            written: sql.to_owned(),
            sql: sql.to_owned(),
            types: Vec::new(),
            binds: Vec::new(),
            when: None,
            for_each,
            kept: false,
            returns: true,
            effect: Effect::Reads,
            at: Location { line: 1, column: 1 },
        }
    }

    #[test]
    fn a_loop_is_named_with_what_its_round_trips_cost() {
        let steps = [step("SELECT list", None), step("SELECT one", Some(0)), step("SELECT other", Some(0))];
        let found = find(&steps, &[1.0, 12.4, 0.3], 0.05, 0.9).unwrap();
        assert_eq!((found.step, found.sql.as_str(), found.runs_per_call), (2, "SELECT one", 12.4));
        assert!((found.costs_ms - 0.57).abs() < 1e-9, "{found:?}");
        assert_eq!(
            found.sentence,
            "N+1: statement 2 runs 12.4 times per call (once for each row of statement 1): 11.4 round trips of 0.050 ms are 0.57 of 0.90 ms; \
             one statement with `= ANY($1)` or a join needs none of them"
        );
    }

    #[test]
    fn the_same_text_in_many_steps_is_one_too() {
        let steps = [step("SELECT a", None), step("SELECT b", None), step("SELECT a", None), step("SELECT a", None)];
        let found = find(&steps, &[1.0, 1.0, 1.0, 1.0], 0.1, 1.0).unwrap();
        assert_eq!((found.step, found.runs_per_call), (1, 3.0));
        assert!(found.sentence.contains("statements 1, 3 and 4 are the same"), "{}", found.sentence);
    }

    #[test]
    fn one_row_is_no_pattern() {
        assert_eq!(find(&[step("SELECT list", None), step("SELECT one", Some(0))], &[1.0, 1.2], 0.1, 1.0), None);
        assert_eq!(find(&[step("SELECT a", None)], &[1.0], 0.1, 1.0), None);
    }
}
