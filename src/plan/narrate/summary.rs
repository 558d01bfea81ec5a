//! Where the time goes, in a sentence or two.

use super::context::{Context, relation};
use super::words;
use crate::plan::metrics::rows_read;
use crate::plan::text::type_name;
use crate::plan::{PlanNode, Trigger};
use crate::units;

/// Steps that take less than this of the statement's time are not named.
const MINIMAL_SHARE: f64 = 0.1;

/// At most this many steps are named.
const MOST_STEPS: usize = 3;

/// Faster than this, where the time goes is of no interest.
const FAST_MS: f64 = 0.1;

pub(super) fn write(context: &Context) -> Vec<String> {
    if !context.plan.analyzed() {
        return Vec::new();
    }
    let mut sentences = Vec::new();
    if context.plan.timed() {
        let total = context.metrics.total_ms();
        if total < FAST_MS {
            sentences.push(format!("It takes {}.", units::ms(total)));
        } else if context.metrics.triggers_ms >= 0.5 * total {
            sentences.extend(triggers(context));
        } else {
            sentences.extend(steps(context));
        }
        sentences.extend(compiling(context));
    }
    sentences.extend(reading(context));
    sentences
}

/// `Finding and deleting the row of songs takes 0.05 ms. The other 92.5 ms are four foreign keys that …`
fn triggers(context: &Context) -> Vec<String> {
    let mut fired: Vec<&Trigger> = context.plan.triggers().iter().filter(|trigger| trigger.time_ms.is_some()).collect();
    fired.sort_by(|a, b| b.time_ms.unwrap_or(0.0).total_cmp(&a.time_ms.unwrap_or(0.0)));
    let mut sentences = vec![format!("{} takes {}.", writing(context), units::ms(context.metrics.nodes_ms))];
    let Some(largest) = fired.first() else { return sentences };
    let largest_ms = largest.time_ms.unwrap_or(0.0);
    let name = largest.constraint.as_deref().unwrap_or(&largest.name);
    let tail = match fired.len() {
        1 => format!(": {name}"),
        _ => format!("; the largest is {name} with {}", units::ms(largest_ms)),
    };
    sentences.push(format!("The other {} are {}{tail}.", units::ms(context.metrics.triggers_ms), what_fired(&fired)));
    sentences
}

fn what_fired(fired: &[&Trigger]) -> String {
    let all = |prefix: &str| fired.iter().all(|trigger| trigger.name.starts_with(prefix));
    let n = units::in_words(fired.len());
    let one = fired.len() == 1;
    if all("RI_ConstraintTrigger_a_") {
        format!("{n} foreign {} for rows that point at it", if one { "key, which looks" } else { "keys, which look" })
    } else if all("RI_ConstraintTrigger_c_") {
        format!("{n} foreign {} that what it points at exists", if one { "key, which checks" } else { "keys, which check" })
    } else {
        format!("{n} {}", if one { "trigger" } else { "triggers" })
    }
}

/// `Finding and deleting the row of songs`
fn writing(context: &Context) -> String {
    let root = &context.plan.root;
    let rows = context.metrics.rows_returned;
    let what = match rows {
        1.0 => format!("the row of {}", relation(root)),
        rows => format!("{} of {}", words::rows(rows), relation(root)),
    };
    match root.operation.as_deref() {
        Some("Delete") => format!("Finding and deleting {what}"),
        Some("Update") => format!("Finding and updating {what}"),
        Some("Insert") => format!("Inserting {} into {}", words::rows(rows), relation(root)),
        _ => "The statement itself".to_owned(),
    }
}

/// `Of 235.8 ms, 119.1 ms go into sorting 202,899 rows and 81.6 ms into …`
fn steps(context: &Context) -> Option<String> {
    let total = context.metrics.total_ms();
    let mut nodes: Vec<(&PlanNode, f64)> = context
        .executed()
        .map(|visit| (visit.node, context.node(visit.node).exclusive_ms))
        .filter(|(_, ms)| *ms >= MINIMAL_SHARE * total)
        .collect();
    nodes.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    nodes.truncate(MOST_STEPS);
    let (first, first_ms) = *nodes.first()?;
    if first_ms >= 0.9 * total {
        let share = units::percent(first_ms / total);
        return Some(format!("{share} of the {} go into {}.", units::ms(total), activity(context, first)));
    }
    let parts: Vec<String> = nodes
        .iter()
        .enumerate()
        .map(|(i, (node, ms))| format!("{} {}into {}", units::ms(*ms), if i == 0 { "go " } else { "" }, activity(context, node)))
        .collect();
    Some(format!("Of {}, {}.", units::ms(total), units::listed(&parts)))
}

/// What a node does, as the object of "goes into".
fn activity(context: &Context, node: &PlanNode) -> String {
    let rows = words::rows(node.rows());
    let input = words::rows(super::rules::sides(node).first().map_or(0.0, |child| child.rows()));
    match node.node_type.as_str() {
        "Seq Scan" | "Sample Scan" | "Tid Scan" | "Tid Range Scan" => {
            format!("reading {} of {}", words::rows(rows_read(node)), relation(node))
        }
        "Index Scan" | "Index Only Scan" => {
            let repeats = context.repeats(node);
            let often = if repeats > 1.0 { format!(", {}", words::times(repeats)) } else { String::new() };
            format!(
                "looking up {} of {} by {}{often}",
                words::rows(rows_read(node)),
                relation(node),
                node.index.as_deref().unwrap_or("index")
            )
        }
        "Bitmap Heap Scan" => format!("fetching {} of {}", words::rows(rows_read(node)), relation(node)),
        "Bitmap Index Scan" => format!("reading {}", node.index.as_deref().unwrap_or("the index")),
        "Sort" | "Incremental Sort" => format!("sorting {input}"),
        "Hash" => format!("building a hash table of {rows}"),
        "Hash Join" | "Merge Join" | "Nested Loop" => {
            format!("joining to {}", if node.rows() == 0.0 { "nothing".to_owned() } else { rows })
        }
        "Aggregate" | "Group" => format!("aggregating {input}"),
        "WindowAgg" => format!("the window function over {input}"),
        "ModifyTable" => match node.operation.as_deref() {
            Some("Delete") => format!("deleting {input} from {}", relation(node)),
            Some("Update") => format!("updating {input} of {}", relation(node)),
            _ => format!("writing {input} to {}", relation(node)),
        },
        "CTE Scan" => format!(
            "collecting the {} of {}",
            words::rows(node.rows() + node.rows_removed()),
            node.cte.as_deref().unwrap_or("the CTE")
        ),
        "Function Scan" => format!("the function {}", node.function.as_deref().unwrap_or("call")),
        "Limit" => format!("counting off {input}"),
        "Materialize" | "Memoize" => format!("handing {rows} to the loop again"),
        "Recursive Union" => format!("the recursion to {rows}"),
        "LockRows" => format!("locking {rows}"),
        "Gather" | "Gather Merge" => format!("collecting {rows} from the parallel workers"),
        _ => format!("the {} of {rows}", type_name(node)),
    }
}

/// JIT hides in whichever node first calls compiled code.
fn compiling(context: &Context) -> Option<String> {
    let ms = context.plan.jit.as_ref()?.total_ms?;
    (ms >= MINIMAL_SHARE * context.metrics.total_ms()).then(|| format!("{} of that is just-in-time compilation.", units::ms(ms)))
}

/// `It reads 919,039 rows to return 5.`
fn reading(context: &Context) -> Option<String> {
    let (read, returned) = (context.metrics.rows_read, context.metrics.rows_returned);
    let summarizes = context.visits.iter().any(|visit| matches!(visit.node.node_type.as_str(), "Aggregate" | "Group"));
    if summarizes || read < 1_000.0 || read < 10.0 * returned.max(1.0) {
        return None;
    }
    let purpose = if context.plan.root.node_type == "ModifyTable" { "write" } else { "return" };
    Some(format!("It reads {} to {purpose} {}.", words::rows(read), words::some(returned)))
}

#[cfg(test)]
mod tests {
    use crate::plan::{Facts, fixtures, summary};

    fn said(name: &str) -> String {
        summary(&fixtures::timed_plan(name), &Facts::default()).join(" ")
    }

    #[test]
    fn triggers_are_told_from_the_plan() {
        insta::assert_snapshot!(said("delete-song"), @"Finding and deleting the row of songs takes 0.050 ms. The other 93.2 ms are four foreign keys, which look for rows that point at it; the largest is song_history_song_id_fkey with 70.8 ms.");
    }

    #[test]
    fn the_largest_steps_are_named() {
        insta::assert_snapshot!(said("next-song"), @"Of 236.5 ms, 119.1 ms go into sorting 202,899 rows and 81.6 ms into the window function over 202,899 rows. It reads 205,899 rows to return 1.");
        insta::assert_snapshot!(said("history-last-five"), @"99% of the 44.7 ms go into reading 919,039 rows of song_history. It reads 919,039 rows to return 5.");
    }

    #[test]
    fn a_fast_statement_needs_no_breakdown() {
        insta::assert_snapshot!(said("point-lookup"), @"It takes 0.008 ms.");
    }

    #[test]
    fn estimates_have_no_time_to_tell_of() {
        assert!(summary(&fixtures::plan("65-estimates-only"), &Facts::default()).is_empty());
    }
}
