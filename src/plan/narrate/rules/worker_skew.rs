//! `worker-skew`: of several parallel processes, one does most of the work.
//!
//! **Sees** a node that three processes or more ran, over 10,000 rows, where one handed up over twice the mean. With two
//! processes even all and nothing is no more than twice.
//! **Evidence**: `Workers[]`; what they leave of the node's totals is the leader's.
//! **Bad**: `Parallel Append` over three tables, each read by one process: 81,632 rows by the leader, none by two workers.
//! **Good**: 93,000, 86,000 and 121,000 rows.
//! **Wrong** when the rows are even but their work is not: then times tell, not rows.

use super::super::context::{Context, tip};
use super::super::{Tip, words};
use crate::plan::PlanNode;
use crate::plan::text::type_name;

const NAME: &str = "worker-skew";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    let mut said: Option<usize> = None;
    for visit in context.executed() {
        // The highest node says it for those below.
        if visit.ancestors.iter().any(|above| Some(above.id) == said) {
            continue;
        }
        if let Some(tip) = say(context, visit.node) {
            said = Some(visit.node.id);
            tips.push(tip);
        }
    }
    tips
}

fn say(context: &Context, node: &PlanNode) -> Option<Tip> {
    let processes = processes(node);
    let (rows, ms): (Vec<f64>, Vec<f64>) = processes.iter().copied().unzip();
    let (all, most) = (rows.iter().sum::<f64>(), rows.iter().copied().fold(0.0, f64::max));
    let mean = all / rows.len() as f64;
    if rows.len() < 3 || all < 10_000.0 || most <= 2.0 * mean {
        return None;
    }
    let (slowest, mean_ms) = (ms.iter().copied().fold(0.0, f64::max), ms.iter().sum::<f64>() / ms.len() as f64);
    let sentence = format!(
        "Of {} processes that share the {}{}, one handles {} of {}.",
        words::count(rows.len() as f64),
        type_name(node),
        context.aside(slowest.min(context.metrics.total_ms())),
        words::count(most),
        words::rows(all)
    );
    let next = "Split the work evenly: tables large enough to be read by several processes at once (parallel_workers), or no parallel plan.";
    Some(tip(NAME, node, sentence, (slowest - mean_ms).min(context.metrics.total_ms()), slowest).next(next.to_owned()))
}

/// Rows and milliseconds of each process, the leader's last if it took part.
fn processes(node: &PlanNode) -> Vec<(f64, f64)> {
    let mut all: Vec<(f64, f64)> = Vec::new();
    let mut loops = 0.0;
    for worker in &node.workers {
        let (Some(rows), Some(turns)) = (worker.rows, worker.loops) else { continue };
        all.push((rows * turns, worker.total_ms.unwrap_or(0.0) * turns));
        loops += turns;
    }
    if !all.is_empty() && node.loops() > loops {
        let (rows, ms) = all.iter().fold((0.0, 0.0), |(rows, ms), process| (rows + process.0, ms + process.1));
        let total_ms = node.actual_total_ms.unwrap_or(0.0) * node.loops();
        all.push(((node.rows() - rows).max(0.0), (total_ms - ms).max(0.0)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_when_the_leader_does_it_all() {
        insta::assert_snapshot!(said(super::check, "skewed-workers"), @"
        Of 3 processes that share the Append (15.0 of 27.2 ms), one handles 81,633 of 81,633 rows.
        Split the work evenly: tables large enough to be read by several processes at once (parallel_workers), or no parallel plan.
        ");
    }

    #[test]
    fn quiet_when_all_have_their_share() {
        assert_eq!(said(super::check, "even-workers"), "");
        assert_eq!(said(super::check, "workers-missing"), "", "there are two");
    }
}
