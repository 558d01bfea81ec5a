//! `workers-missing`: fewer parallel workers came than were planned.
//!
//! **Sees** a Gather with `Workers Launched` under `Workers Planned`.
//! **Evidence**: these two figures.
//! **Bad**: `Workers Planned: 2`, `Workers Launched: 1`.
//! **Good**: both 2.
//! **Wrong** only about the cause: other statements may have had the workers at that moment.

use super::super::context::{Context, tip};
use super::super::{Tip, words};

const NAME: &str = "workers-missing";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node) {
        let (Some(planned), Some(launched)) = (node.workers_planned, node.workers_launched) else { continue };
        if launched >= planned {
            continue;
        }
        let elapsed = context.node(node).elapsed_ms;
        let sentence = format!(
            "{} of {} planned parallel workers started, so fewer processes did the work{} than the plan was made for.",
            words::count(launched),
            words::count(planned),
            context.aside(elapsed)
        );
        let next = "Raise max_parallel_workers (and max_worker_processes), or see what else ran at the time.".to_owned();
        // With all of them, the work would be spread over planned + 1 processes instead of launched + 1.
        let saves = elapsed * (1.0 - (launched + 1.0) / (planned + 1.0));
        tips.push(tip(NAME, node, sentence, saves, elapsed).next(next));
    }
    tips
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_when_one_of_two_came() {
        insta::assert_snapshot!(said(super::check, "workers-missing"), @"
        1 of 2 planned parallel workers started, so fewer processes did the work (27.6 of 27.7 ms) than the plan was made for.
        Raise max_parallel_workers (and max_worker_processes), or see what else ran at the time.
        ");
    }

    #[test]
    fn quiet_when_all_came() {
        assert_eq!(said(super::check, "parallel"), "");
    }
}
