//! What the tests of the rules share.

pub(super) use super::super::context::Context;
pub(super) use super::super::{ClockFacts, Facts, TableFacts, Tip};
use super::Rule;
use crate::plan::Plan;
pub(super) use crate::plan::fixtures;

/// What a rule says of a plan captured with times, knowing the music service's tables: one line per sentence and per next step.
pub(super) fn said(rule: Rule, name: &str) -> String {
    said_of(rule, &fixtures::timed_plan(name))
}

/// The same of any plan.
pub(super) fn said_of(rule: Rule, plan: &Plan) -> String {
    let lines = tips_with_plan(rule, plan, &fixtures::facts()).into_iter().flat_map(|tip| [Some(tip.sentence), tip.next_step]);
    lines.flatten().collect::<Vec<_>>().join("\n")
}

pub(super) fn tips_with(rule: Rule, name: &str, facts: &Facts) -> Vec<Tip> {
    tips_with_plan(rule, &fixtures::timed_plan(name), facts)
}

pub(super) fn tips_with_plan(rule: Rule, plan: &Plan, facts: &Facts) -> Vec<Tip> {
    rule(&Context::new(plan, facts))
}

/// What a tip's remedy is, as it would be run.
pub(super) fn tried(tip: &Tip) -> String {
    tip.remedy.as_ref().map(ToString::to_string).unwrap_or_default()
}

/// What a rule says of a plan captured on the shop's tables, knowing them.
pub(super) fn shop_said(rule: Rule, name: &str) -> String {
    let lines = shop_tips(rule, name).into_iter().flat_map(|tip| [Some(tip.sentence), tip.next_step]);
    lines.flatten().collect::<Vec<_>>().join("\n")
}

pub(super) fn shop_tips(rule: Rule, name: &str) -> Vec<Tip> {
    tips_with_plan(rule, &fixtures::reading_plan(name), &fixtures::shop_facts())
}
