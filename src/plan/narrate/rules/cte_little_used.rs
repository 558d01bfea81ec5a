//! `cte-little-used`: a CTE is computed whole, and most of it is thrown away.
//!
//! **Sees** a CTE with a single scan whose filter keeps under a tenth of its rows, 10,000 at least. A CTE read twice is rightly
//! kept.
//! **Evidence**: the rows of the CTE and of its CTE Scan.
//! **Bad**: `CTE Scan on recent … Filter: (user_id = 300) … Rows Removed by Filter: 619039`.
//! **Good**: the condition inside the CTE.
//! **Wrong** when the CTE is MATERIALIZED on purpose, to keep the planner from a worse order.

use super::super::context::{Context, relations_below, tip};
use super::super::{Remedy, Tip, words};
use crate::plan::Rewrite;
use crate::units;

const NAME: &str = "cte-little-used";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for cte in context.executed().map(|visit| visit.node).filter(|node| node.is_init_plan() && node.rows() >= 10_000.0) {
        let Some(scan) = context.scan_of(cte) else { continue };
        let (Some(filter), true) = (&scan.filter, scan.rows() < 0.1 * cte.rows()) else { continue };
        // The time of a CTE is spent inside its scan, which here hands up next to nothing.
        let elapsed = context.node(cte).elapsed_ms + context.node(scan).exclusive_ms;
        let name = scan.cte.as_deref().unwrap_or_default();
        let tables = units::listed(&relations_below(cte));
        let sentence = format!(
            "The CTE {name} collects {}{}{}, and its scan keeps {}.",
            words::rows(cte.rows()),
            if tables.is_empty() { String::new() } else { format!(" of {tables}") },
            context.aside(elapsed),
            words::some(scan.rows())
        );
        let next = format!("Put {filter} inside the CTE, or declare it NOT MATERIALIZED so that the planner does.");
        let remedy = Remedy::Rewrite(Rewrite::InlineCte { name: name.to_owned() });
        let saves = elapsed * (1.0 - scan.rows() / cte.rows());
        tips.push(tip(NAME, cte, sentence, saves, elapsed).next(next).remedy(remedy));
    }
    tips
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_on_a_filter_above_the_cte() {
        insta::assert_snapshot!(said(super::check, "cte-little-used"), @"
        The CTE recent collects 619,039 rows of song_history (153.7 of 155.8 ms), and its scan keeps none.
        Put ((recent.song_id < 400) AND (recent.user_id = 300)) inside the CTE, or declare it NOT MATERIALIZED so that the planner does.
        ");
    }

    /// What is computed once and read twice would be computed twice.
    #[test]
    fn quiet_when_read_twice() {
        assert_eq!(said(super::check, "cte-twice"), "");
    }
}
