//! `partitions-not-pruned`: every partition is read, and nearly all for nothing.
//!
//! **Sees** an Append or MergeAppend over at least four partitions that were read, three quarters of which returned no row, over 10,000 rows
//! in all; none was removed.
//! **Evidence**: rows kept and removed by each child, `Subplans Removed`, the partition key from the catalog.
//! **Bad**: `Append` over twelve months, eleven of them with rows=0, filtered by `to_char(day, 'YYYY-MM') = '2025-03'`.
//! **Good**: one child, or `Subplans Removed: 11`.
//! **Wrong** for questions that have nothing to do with the key; then an index in each partition is what helps.

use crate::plan::PlanNode;
use crate::plan::metrics::rows_read;
use crate::plan::narrate::context::{Context, tip};
use crate::plan::narrate::{Tip, words};
use crate::units;

const NAME: &str = "partitions-not-pruned";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let appends =
        context.executed().map(|visit| visit.node).filter(|node| matches!(node.node_type.as_str(), "Append" | "Merge Append"));
    appends.filter_map(|append| say(context, append)).collect()
}

fn say(context: &Context, append: &PlanNode) -> Option<Tip> {
    let members: Vec<&PlanNode> = append.children.iter().filter(|child| child.loops() > 0.0 && child.reads_relation()).collect();
    let parent = family(members.first()?)?;
    let partitions = members.iter().all(|member| family(member) == Some(parent));
    let idle: Vec<&&PlanNode> = members.iter().filter(|member| member.rows() == 0.0).collect();
    let vain: f64 = idle.iter().map(|member| rows_read(member)).sum();
    let enough = members.len() >= 4 && idle.len() * 4 >= members.len() * 3 && vain > 10_000.0;
    if !partitions || !enough || append.subplans_removed.is_some_and(|removed| removed > 0.0) {
        return None;
    }
    let wasted: f64 = idle.iter().map(|member| context.node(member).elapsed_ms).sum();
    let schema = members.first()?.schema.as_deref();
    let name = match schema {
        Some(schema) if schema != "public" => format!("{schema}.{parent}"),
        _ => parent.to_owned(),
    };
    let sentence = format!(
        "All {} partitions of {name} are read, and {} of them return nothing: {} are discarded there{}.",
        members.len(),
        units::in_words(idle.len()),
        words::rows(vain),
        context.aside(wasted)
    );
    let key = context.facts.table(schema, parent).and_then(|table| table.partition_key.as_deref());
    let next = match key {
        Some(key) => format!(
            "{name} is divided by {key}: compare that key itself, without a function or cast around it, with a value of its own type."
        ),
        None => {
            "Compare the partition key itself, without a function or cast around it, with a value of its own type.".to_owned()
        }
    };
    Some(tip(NAME, append, sentence, wasted, wasted).next(next))
}

/// PostgreSQL calls the partitions of `sales s` `s_1`, `s_2` …; the name that all share.
fn family(member: &PlanNode) -> Option<&str> {
    let (name, number) = member.called()?.rsplit_once('_')?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(name)
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_a_function_of_the_key() {
        insta::assert_snapshot!(shop_said(super::check, "partitions-not-pruned"), @"
        All 12 partitions of shop.readings are read, and eleven of them return nothing: 54,885 rows are discarded there (41.0 of 42.3 ms).
        shop.readings is divided by RANGE (day): compare that key itself, without a function or cast around it, with a value of its own type.
        ");
    }

    #[test]
    fn quiet_when_pruned_or_all_are_wanted() {
        assert_eq!(shop_said(super::check, "partitions-pruned"), "");
        assert_eq!(said_of(super::check, &fixtures::plan("66-partition-append")), "");
        assert_eq!(said_of(super::check, &fixtures::plan("67-partition-pruned-at-run-time")), "");
    }
}
