//! `timing-overhead`: the plan's times are inflated by taking them.
//!
//! **Sees** an execution time with TIMING ON over 1.2 times the one with TIMING OFF.
//! **Evidence**: the clocks, when the caller measured them. Each start and end of a node reads the clock, so that nodes with
//! many rows and little work suffer most.
//! **Bad**: 155 ms with timing, 90 ms without.
//! **Good**: 44.7 and 44.2 ms.
//! **Wrong** when the two were not measured in turns.

use super::super::Tip;
use super::super::context::{Context, tip};
use crate::units;

const NAME: &str = "timing-overhead";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let Some(clocks) = context.facts.clocks.filter(|clocks| clocks.timing_off_ms > 0.0) else { return Vec::new() };
    let factor = clocks.timing_on_ms / clocks.timing_off_ms;
    if factor <= 1.2 {
        return Vec::new();
    }
    let sentence = format!(
        "Timing each node makes this statement {} times as slow ({} against {}): the plan's milliseconds are shares to compare, not \
         times to expect.",
        units::amount(factor),
        units::ms(clocks.timing_on_ms),
        units::ms(clocks.timing_off_ms)
    );
    let mut tip = tip(NAME, &context.plan.root, sentence, 0.0, clocks.timing_on_ms - clocks.timing_off_ms);
    (tip.correctness, tip.node) = (true, None);
    vec![tip]
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    fn facts(timing_on_ms: f64) -> Facts {
        Facts { clocks: Some(ClockFacts { plain_ms: 91.0, timing_off_ms: 90.0, timing_on_ms }), ..Facts::default() }
    }

    #[test]
    fn fires_when_the_clock_takes_its_part() {
        let tips = tips_with(super::check, "cte-little-used", &facts(155.0));
        insta::assert_snapshot!(tips[0].sentence, @"Timing each node makes this statement 1.7 times as slow (155.0 ms against 90.0 ms): the plan's milliseconds are shares to compare, not times to expect.");
    }

    #[test]
    fn quiet_when_it_hardly_shows_and_without_clocks() {
        assert_eq!(tips_with(super::check, "cte-little-used", &facts(92.0)), []);
        assert_eq!(said(super::check, "cte-little-used"), "");
    }
}
