//! `result-transfer`: most of what the application waits for is not the plan.
//!
//! **Sees** a statement that takes 1 ms and half of its time or more beyond the execution time that TIMING OFF tells.
//! **Evidence**: the clocks, when the caller measured them; rows and their estimated width.
//! **Bad**: 40 ms to run, 120 ms until the last of 100,000 rows is there.
//! **Good**: 44.4 and 44.6 ms.
//! **Wrong** about which part it is: planning, turning values to text, the network and the client's reading are one sum here.

use super::super::context::{Context, tip};
use super::super::{Tip, words};
use crate::units;

const NAME: &str = "result-transfer";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let Some(clocks) = context.facts.clocks else { return Vec::new() };
    let beyond = clocks.plain_ms - clocks.timing_off_ms;
    if beyond < 1.0 || beyond < 0.5 * clocks.plain_ms {
        return Vec::new();
    }
    let root = &context.plan.root;
    let (rows, width) = (root.rows(), root.plan_width.unwrap_or(0.0));
    let sentence = format!(
        "The application waits {}, of which running the statement is {}: {} of about {} bytes ({}) are also planned, turned to text, \
         sent and read.",
        units::ms(clocks.plain_ms),
        units::ms(clocks.timing_off_ms),
        words::rows(rows),
        words::count(width),
        words::kb(rows * width / 1024.0)
    );
    let next =
        "Return fewer rows and columns (a LIMIT, an aggregate, no SELECT *), or fetch them by a cursor as they are needed.";
    let mut tip = tip(NAME, root, sentence, beyond.min(context.metrics.total_ms()), beyond).next(next.to_owned());
    tip.node = None;
    vec![tip]
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    fn facts(plain_ms: f64, timing_off_ms: f64) -> Facts {
        Facts { clocks: Some(ClockFacts { plain_ms, timing_off_ms }), ..Facts::default() }
    }

    #[test]
    fn fires_when_the_rows_take_longer_than_the_plan() {
        let tips = tips_with(super::check, "sort-near-limit", &facts(640.0, 240.0));
        insta::assert_snapshot!(tips[0].sentence, @"The application waits 640.0 ms, of which running the statement is 240.0 ms: 85,515 rows of about 44 bytes (3.6 MB) are also planned, turned to text, sent and read.");
    }

    #[test]
    fn quiet_when_it_is_the_plan_and_without_clocks() {
        assert_eq!(tips_with(super::check, "sort-near-limit", &facts(260.0, 240.0)), []);
        assert_eq!(tips_with(super::check, "point-lookup", &facts(0.09, 0.01)), []);
        assert_eq!(said(super::check, "sort-near-limit"), "");
    }
}
