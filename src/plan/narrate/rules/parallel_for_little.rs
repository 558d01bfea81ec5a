//! `parallel-for-little`: starting parallel workers takes longer than they save.
//!
//! **Sees** a Gather of a statement under 20 ms that takes 30% of its own time beyond its child's.
//! **Evidence**: the Gather's own time against that of the node below, which ran in all processes.
//! **Bad**: `Gather` 15.6 ms over 0.04 ms of counting 911 users.
//! **Good**: a second of work shared by three.
//! **Wrong** when the workers were slow to start only this once, as on a busy machine.

use super::super::context::{Context, tip};
use super::super::settings::set;
use super::super::{Tip, words};
use crate::plan::text::type_name;
use crate::units;

const NAME: &str = "parallel-for-little";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let total = context.metrics.total_ms();
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node).filter(|node| node.workers_planned.is_some()) {
        let figures = context.node(node);
        let Some(below) = node.children.first() else { continue };
        if !context.plan.timed()
            || total >= 20.0
            || figures.exclusive_ms < 0.3 * figures.elapsed_ms
            || figures.exclusive_ms <= 0.0
        {
            continue;
        }
        let sentence = format!(
            "Starting {} and collecting what they return ({}) takes {}; the work they share takes {}.",
            words::plural(node.workers_launched.unwrap_or(0.0), "parallel worker", "parallel workers"),
            type_name(node),
            context.of_total(figures.exclusive_ms),
            units::ms(context.node(below).elapsed_ms)
        );
        let next = "Run such statements with max_parallel_workers_per_gather = 0, or raise parallel_setup_cost.".to_owned();
        let remedy = set("max_parallel_workers_per_gather", "0");
        tips.push(tip(NAME, node, sentence, figures.exclusive_ms, figures.elapsed_ms).next(next).remedy(remedy));
    }
    tips
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_on_a_small_table() {
        insta::assert_snapshot!(said(super::check, "parallel-for-little"), @"
        Starting 2 parallel workers and collecting what they return (Gather) takes 15.6 of 15.6 ms; the work they share takes 0.043 ms.
        Run such statements with max_parallel_workers_per_gather = 0, or raise parallel_setup_cost.
        ");
    }

    #[test]
    fn quiet_when_there_is_work() {
        assert_eq!(said(super::check, "parallel"), "");
        assert_eq!(said(super::check, "even-workers"), "");
    }
}
