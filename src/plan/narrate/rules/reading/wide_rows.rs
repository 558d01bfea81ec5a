//! `wide-rows`: a CTE keeps wide rows of which only little is used.
//!
//! **Sees** a CTE of at least 1,000 rows of over 200 bytes, all of whose scans use a quarter of that at most.
//! **Evidence**: `Plan Width` of the CTE and of its scans.
//! **Bad**: `SELECT *` in a materialized CTE, 390 bytes a row, from which 4 are used.
//! **Good**: a CTE with the two columns that are needed, or one that is inlined.
//! **Wrong** when the CTE is small enough for work_mem: then copying costs little. Values that lie outside the row (TOAST) are
//! only pointed at.

use super::needed;
use crate::plan::narrate::context::{Context, relations_below, tip};
use crate::plan::narrate::{Remedy, Tip, words};
use crate::plan::{PlanNode, Rewrite};
use crate::units;

const NAME: &str = "wide-rows";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let ctes = context.executed().map(|visit| visit.node).filter(|node| node.is_init_plan());
    ctes.filter_map(|cte| say(context, cte)).collect()
}

fn say(context: &Context, cte: &PlanNode) -> Option<Tip> {
    let kept = cte.plan_width.filter(|width| *width > 200.0 && cte.rows() >= 1_000.0)?;
    let scans: Vec<&PlanNode> = context.scans_of(cte).collect();
    let widths: Option<Vec<f64>> = scans.iter().map(|scan| scan.plan_width).collect();
    let used = widths?.into_iter().reduce(f64::max).filter(|used| *used <= kept / 4.0)?;
    let own: f64 = scans.iter().map(|scan| context.node(scan).exclusive_ms).sum();
    let blocks: u64 = scans.iter().map(|scan| context.node(scan).temp_blocks).sum();
    let name = scans.first()?.cte.as_deref()?;
    let sentence = format!(
        "The CTE {name} keeps {} of {} with {} bytes each{}, and {} bytes of them are used{}.",
        words::rows(cte.rows()),
        units::listed(&relations_below(cte)),
        words::count(kept),
        if blocks > 0 {
            format!(", in {} of temporary files", words::plural(blocks as f64, "block", "blocks"))
        } else {
            String::new()
        },
        words::count(used),
        context.aside(own)
    );
    let columns = scans.iter().map(|scan| needed::columns(context, scan)).collect::<Option<Vec<_>>>();
    let columns = columns.map(|each| each.concat()).filter(|columns| !columns.is_empty());
    let next = match columns {
        Some(mut columns) => {
            columns.sort();
            columns.dedup();
            format!("Select only {} in it, or declare it NOT MATERIALIZED.", units::listed(&columns))
        }
        None => "Select only the columns that are used in it, or declare it NOT MATERIALIZED.".to_owned(),
    };
    let remedy = (scans.len() == 1).then(|| Remedy::Rewrite(Rewrite::InlineCte { name: name.to_owned() }));
    Some(tip(NAME, cte, sentence, own * (1.0 - used / kept), own).next(next).remedy(remedy))
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_a_star_of_which_one_column_is_used() {
        insta::assert_snapshot!(shop_said(super::check, "wide-rows"), @"
        The CTE seen keeps 20,000 rows of shop.visits with 390 bytes each, in 982 blocks of temporary files, and 4 bytes of them are used (75.3 of 85.1 ms).
        Select only customer_id in it, or declare it NOT MATERIALIZED.
        ");
    }

    #[test]
    fn quiet_when_the_cte_is_narrow() {
        assert_eq!(said(super::check, "cte-twice"), "");
        assert_eq!(said(super::check, "cte-little-used"), "");
    }
}
