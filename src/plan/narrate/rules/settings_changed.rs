//! `settings-changed`: the planner was not free to choose.
//!
//! **Sees** a setting among those that the plan names which forbids or forces ways to run a statement: `enable_…` off, forced
//! parallel plans, generic plans, a join order as written. Then it names all settings that differ from PostgreSQL's
//! defaults; sizes and costs alone (`work_mem`, `random_page_cost`) are tuning, which the plan's text shows.
//! **Evidence**: `Settings`.
//! **Bad**: `enable_seqscan = off, enable_hashjoin = off`.
//! **Good**: `work_mem = 64MB`.
//! **Wrong** in an experiment.

use super::super::Tip;
use super::super::context::{Context, tip};
use crate::units;

const NAME: &str = "settings-changed";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let Some(settings) = &context.plan.settings else { return Vec::new() };
    if !settings.iter().any(|(name, value)| forces(name, value)) {
        return Vec::new();
    }
    let (forced, others): (Vec<_>, Vec<_>) = settings.iter().partition(|(name, value)| forces(name, value));
    let list = |settings: &[&(String, String)]| {
        units::listed(&settings.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>())
    };
    let beside = if others.is_empty() { String::new() } else { format!("; also changed: {}", list(&others)) };
    let sentence = format!("The planner was not free to choose: {}{beside}.", list(&forced));
    let mut tip = tip(NAME, &context.plan.root, sentence, 0.0, 0.0);
    tip.correctness = true;
    tip.node = None;
    vec![tip.next("Reset them to see the plan that it would choose itself.".to_owned())]
}

fn forces(name: &str, value: &str) -> bool {
    match name {
        "enable_partitionwise_join" | "enable_partitionwise_aggregate" => false,
        "force_parallel_mode" | "debug_parallel_query" => value != "off",
        // A custom plan is one made for these very values: nothing is kept from the planner.
        "plan_cache_mode" => value == "force_generic_plan",
        "join_collapse_limit" | "from_collapse_limit" => value == "1",
        "geqo" => value == "off",
        name => name.starts_with("enable_") && value == "off",
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_on_forbidden_ways() {
        insta::assert_snapshot!(said(super::check, "scans-forbidden"), @"
        The planner was not free to choose: enable_hashjoin = off and enable_seqscan = off; also changed: max_parallel_workers_per_gather = 0 and random_page_cost = 1.1.
        Reset them to see the plan that it would choose itself.
        ");
    }

    #[test]
    fn quiet_on_sizes_and_costs() {
        assert_eq!(said(super::check, "sort-disk"), "");
        assert_eq!(said(super::check, "even-workers"), "");
    }
}
