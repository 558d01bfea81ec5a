//! `stale-statistics`: an estimate is wrong because the planner's statistics are old, or were never made.
//!
//! **Sees** a scan whose estimate is to blame (see `blame`) on a table without statistics, or of which over a tenth of the rows, and 50 more,
//! have changed since the last ANALYZE.
//! **Evidence**: `pg_stats`, `n_mod_since_analyze`. The tenth and the 50 are autovacuum's own defaults.
//! **Bad**: `rows=1` planned and `rows=10000` counted, 10,000 of 20,000 rows changed since.
//! **Good**: a table that autovacuum has visited since its rows came.
//! **Wrong** in a database that was copied: a copy counts changes from 0, so that old statistics look fresh there, and the tip
//! stays away.

use super::blame::{Blamed, Cause, blamed, mistake};
use crate::plan::narrate::context::{Context, relation, sql_relation, tip};
use crate::plan::narrate::{Remedy, Tip, words};

const NAME: &str = "stale-statistics";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    blamed(context).iter().filter(|blamed| blamed.cause == Cause::Stale).filter_map(|blamed| say(context, blamed)).collect()
}

fn say(context: &Context, blamed: &Blamed) -> Option<Tip> {
    let table = context.table(blamed.node)?;
    let why = match (table.analyzed, table.modified) {
        (Some(false), _) => format!("{} was never analyzed", relation(blamed.node)),
        (_, modified) => {
            format!("{} of {} have changed since its last ANALYZE", words::rows(modified?), relation(blamed.node))
        }
    };
    let sentence = format!("{}; {}. {why}.", mistake(blamed), blamed.harm);
    let about = context.node(blamed.decision).elapsed_ms;
    let sql = sql_relation(blamed.node)?;
    let next =
        format!("ANALYZE {sql}, and let autovacuum do so after such changes (autovacuum_analyze_scale_factor of the table).");
    Some(tip(NAME, blamed.node, sentence, blamed.harm_ms, about).next(next).remedy(Remedy::Analyze { table: sql }))
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_a_value_that_nobody_counted() {
        insta::assert_snapshot!(shop_said(super::check, "stale-statistics"), @"
        The planner expected 1 row from the seq scan of shop.parcels and 10,000 came, 10,000 times more; the nested loop above ran its inner side 10,000 times (20.0 of 23.2 ms). 10,000 rows of shop.parcels have changed since its last ANALYZE.
        ANALYZE shop.parcels, and let autovacuum do so after such changes (autovacuum_analyze_scale_factor of the table).
        ");
    }

    #[test]
    fn a_table_that_was_never_analyzed_is_called_so() {
        let mut facts = fixtures::shop_facts();
        for table in &mut facts.tables {
            (table.analyzed, table.modified) = (Some(false), Some(0.0));
        }
        let tips = tips_with_plan(super::check, &fixtures::reading_plan("stale-statistics"), &facts);
        assert!(tips[0].sentence.ends_with("shop.parcels was never analyzed."), "{}", tips[0].sentence);
    }

    #[test]
    fn quiet_when_the_statistics_are_fresh_or_unknown() {
        assert_eq!(shop_said(super::check, "correlated-columns"), "");
        assert!(tips_with_plan(super::check, &fixtures::reading_plan("stale-statistics"), &Facts::default()).is_empty());
    }
}
