//! What a plan means, in sentences made of its own figures.
//!
//! Every rule is a file under `rules/`; its doc comment is its manual page: what it sees, the evidence it needs, an example that
//! fires and one that does not, and when it is wrong. Adding a rule is adding a file and a line in `rules.rs`. A rule says
//! nothing when its ground is missing, never judges a node that did not run, and states figures, not generalities.

mod advice;
mod context;
mod facts;
mod fold;
mod remedy;
mod rules;
mod settings;
mod summary;
mod words;

pub use facts::{ClockFacts, ColumnFacts, Facts, ForeignKeyFacts, IndexFacts, TableFacts};
pub use remedy::Remedy;

use super::Plan;
use context::Context;

/// Of the statement's time, what a tip must be about to be worth saying.
const MINIMAL_SHARE: f64 = 0.05;

/// Rules about this one execution rather than the plan: what they say comes after all else that saves nothing for certain.
const ABOUT_THE_RUN: [&str; 1] = ["cold-reads"];

/// One thing that a plan says.
#[derive(Debug, Clone, PartialEq)]
pub struct Tip {
    /// Name of the rule, e.g. `seq-scan-discards`.
    pub rule: &'static str,
    /// What happens, with the plan's figures.
    pub sentence: String,
    /// What to do, when the plan and the facts tell.
    pub next_step: Option<String>,
    /// At most this many milliseconds can be saved; 0 when the tip explains why nothing can.
    pub saves_ms: f64,
    /// Milliseconds that the sentence speaks of.
    pub about_ms: f64,
    /// The tip is not about time: something is not as it should be.
    pub correctness: bool,
    /// The node it speaks of, as [`PlanNode::id`](super::PlanNode::id).
    pub node: Option<usize>,
    /// What can be done and undone again to see whether the tip is right; tried by [`explain`](crate::explain).
    pub remedy: Option<Remedy>,
}

/// All tips about the plan, largest saving first, and those that save nothing for certain by what can be tried. Those about less than 5% of the statement's time are left out, unless they are
/// about correctness or the plan was made without timing.
pub fn narrate(plan: &Plan, facts: &Facts) -> Vec<Tip> {
    if !plan.analyzed() {
        // Estimates are what the planner believes; a rule about them would repeat the planner's own mistakes.
        return Vec::new();
    }
    let context = Context::new(plan, facts);
    let total = context.metrics.total_ms();
    let tips: Vec<Tip> = rules::all().flat_map(|rule| rule(&context)).collect();
    let mut tips = fold::fold(&context, tips);
    tips.retain(|tip| tip.correctness || !plan.timed() || tip.about_ms.max(tip.saves_ms) >= MINIMAL_SHARE * total);
    tips.sort_by(|a, b| {
        let useful = |tip: &Tip| (!ABOUT_THE_RUN.contains(&tip.rule), tip.correctness, tip.remedy.is_some());
        b.saves_ms.total_cmp(&a.saves_ms).then(useful(b).cmp(&useful(a))).then(b.about_ms.total_cmp(&a.about_ms))
    });
    tips
}

/// Where the time goes, in one or two sentences. Empty when the plan does not tell.
pub fn summary(plan: &Plan, facts: &Facts) -> Vec<String> {
    summary::write(&Context::new(plan, facts))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::plan::fixtures;

    /// All that is said of some plans, to be read by people.
    fn all_said(plans: Vec<(String, Plan)>, facts: &Facts) -> String {
        let mut said = String::new();
        for (name, plan) in plans {
            said += &format!("## {name}\n");
            for sentence in summary(&plan, facts) {
                said += &format!("{sentence}\n");
            }
            for tip in narrate(&plan, facts) {
                let of = plan.execution_ms.unwrap_or(0.0);
                said += &format!("- {} (saves {:.2} ms of {of:.2}): {}\n", tip.rule, tip.saves_ms, tip.sentence);
                said += &tip.next_step.map(|next| format!("  → {next}\n")).unwrap_or_default();
                said += &tip.remedy.map(|remedy| format!("  try: {remedy}\n")).unwrap_or_default();
            }
            said += "\n";
        }
        said
    }

    #[test]
    fn what_is_said_of_the_captured_plans() {
        insta::assert_snapshot!(all_said(fixtures::timed(), &fixtures::facts()));
    }

    #[test]
    fn what_is_said_of_the_shops_plans() {
        insta::assert_snapshot!(all_said(fixtures::reading(), &fixtures::shop_facts()));
    }

    #[test]
    fn no_tip_saves_more_than_the_statement_took() {
        for (name, plan) in fixtures::timed().into_iter().chain(fixtures::reading()) {
            for tip in narrate(&plan, &fixtures::facts()).into_iter().chain(narrate(&plan, &fixtures::shop_facts())) {
                assert!(tip.saves_ms >= 0.0 && tip.saves_ms <= plan.execution_ms.unwrap() * 1.001, "{name}: {tip:?}");
                assert!(
                    tip.sentence.ends_with('.') && tip.next_step.is_none_or(|next| next.ends_with('.')),
                    "{name}: {}",
                    tip.sentence
                );
            }
        }
    }

    #[test]
    fn plans_without_times_get_no_milliseconds() {
        for (name, plan) in fixtures::all() {
            let tips = narrate(&plan, &fixtures::facts());
            assert!(tips.iter().all(|tip| !tip.sentence.contains(" ms")), "{name}: {tips:?}");
            assert!(summary(&plan, &Facts::default()).iter().all(|sentence| !sentence.contains(" ms")), "{name}");
        }
    }

    /// A node that never ran has no figures to judge: its zeroes are not measured.
    #[test]
    fn no_tip_is_about_a_node_that_did_not_run() {
        for (name, mut plan) in fixtures::timed().into_iter().chain(fixtures::all()).filter(|(_, plan)| plan.analyzed()) {
            never_executed(&mut plan.root);
            let tips = narrate(&plan, &fixtures::facts());
            let nodes: Vec<_> = crate::plan::walk::nodes(&plan.root).collect();
            for tip in tips {
                assert!(tip.node.is_none_or(|id| nodes[id].loops() > 0.0), "{name}: {}", tip.sentence);
            }
        }
    }

    /// The last child of every node with two or more, and all below it, as if nobody had asked for its rows.
    fn never_executed(node: &mut crate::plan::PlanNode) {
        if node.children.len() > 1
            && let Some(last) = node.children.last_mut()
        {
            let mut pending = vec![last];
            while let Some(node) = pending.pop() {
                (node.actual_loops, node.actual_rows, node.actual_total_ms) = (Some(0.0), Some(0.0), Some(0.0));
                pending.extend(node.children.iter_mut());
            }
        }
        node.children.iter_mut().filter(|child| child.loops() > 0.0).for_each(never_executed);
    }

    #[test]
    fn a_good_plan_gets_no_tip() {
        assert_eq!(narrate(&fixtures::timed_plan("point-lookup"), &Facts::default()), []);
    }

    #[test]
    fn estimates_alone_get_no_tip() {
        assert_eq!(narrate(&fixtures::plan("65-estimates-only"), &Facts::default()), []);
    }

    #[test]
    fn plans_without_times_are_judged_by_their_rows() {
        let tips = narrate(&fixtures::plan("01-seq-scan"), &Facts::default());
        assert_eq!(tips[0].rule, "seq-scan-discards");
        assert_eq!(tips[0].saves_ms, 0.0);
    }

    /// Replaces each number of a plan by the next of `numbers`.
    fn disturb(value: &mut Value, numbers: &mut impl Iterator<Item = Value>) {
        match value {
            Value::Number(_) => *value = numbers.next().unwrap_or(Value::from(0)),
            Value::Array(items) => items.iter_mut().for_each(|item| disturb(item, numbers)),
            Value::Object(map) => map.values_mut().for_each(|item| disturb(item, numbers)),
            _ => {}
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        /// Figures that contradict each other may make sentences wrong, but never a panic.
        #[test]
        fn absurd_figures_do_no_harm(numbers in prop::collection::vec(prop::sample::select(vec![
            json!(0), json!(1), json!(3), json!(100_000), json!(9_007_199_254_740_993_u64), json!(1_000_000_000_000_000_000_u64),
        ]), 64)) {
            let timed = fixtures::timed().into_iter().map(|(name, _)| format!("{}.json", fixtures::timed_path(&name)));
            let reading = fixtures::reading().into_iter().map(|(name, _)| format!("reading/{name}.json"));
            for name in timed.chain(reading) {
                let mut value: Value = serde_json::from_str(&fixtures::file(&name)).unwrap();
                disturb(&mut value, &mut numbers.iter().cycle().cloned());
                let plan = Plan::from_json(&value).unwrap();
                let _ = (narrate(&plan, &fixtures::facts()), summary(&plan, &fixtures::shop_facts()));
                let _ = narrate(&plan, &fixtures::shop_facts());
                prop_assert!(crate::plan::to_text(&plan, crate::plan::TextOptions::everything()).contains("->") || plan.root.children.is_empty());
            }
        }
    }
}
