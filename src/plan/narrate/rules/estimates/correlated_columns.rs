//! `correlated-columns`: conditions on columns that depend on each other, which the planner multiplies as if they did not.
//!
//! **Sees** a scan whose under-estimate is to blame (see `blame`) and whose condition fixes two or more columns of its table.
//! **Evidence**: `Plan Rows` against `Actual Rows`, the columns of `Index Cond`, `Recheck Cond` and `Filter`.
//! **Bad**: `city = 'City 7' AND zip = 'Z7'`: one in a hundred each, so one in ten thousand together, says the planner; 600 rows of 60,000 came.
//! **Good**: two conditions that have nothing to do with each other.
//! **Wrong** when one of the values alone is much more frequent than the statistics know: then a larger statistics target helps, and these
//! statistics do not.

use super::blame::{Blamed, Cause, blamed, mistake};
use super::wrong_estimate::statistics;
use crate::plan::narrate::context::{Context, sql_relation, tip};
use crate::plan::narrate::{Remedy, Tip};
use crate::plan::quote::quote_identifier;
use crate::units;

const NAME: &str = "correlated-columns";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    blamed(context).iter().filter_map(|blamed| say(context, blamed)).collect()
}

fn say(context: &Context, blamed: &Blamed) -> Option<Tip> {
    let Cause::Correlated(columns) = &blamed.cause else { return None };
    let sentence = format!(
        "{}: it multiplies the shares of {} as if they had nothing to do with each other; {}.",
        mistake(blamed),
        units::listed(columns),
        blamed.harm
    );
    let about = context.node(blamed.decision).elapsed_ms;
    let table = sql_relation(blamed.node)?;
    let list: Vec<_> = columns.iter().map(|column| quote_identifier(column)).collect();
    let definition = statistics(blamed.node, " (dependencies, mcv)", &list.join(", "), &table);
    let next = format!("{definition}, then ANALYZE {table}.");
    Some(tip(NAME, blamed.node, sentence, blamed.harm_ms, about).next(next).remedy(Remedy::Statistics { definition, table }))
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_a_zip_and_its_city() {
        insta::assert_snapshot!(shop_said(super::check, "correlated-columns"), @"
        The planner expected 6 rows from the bitmap heap scan of shop.purchases and 600 came, 100 times more: it multiplies the shares of city and zip as if they had nothing to do with each other; the nested loop above ran its inner side 600 times (34.8 of 36.8 ms).
        CREATE STATISTICS shop.purchases_statistics (dependencies, mcv) ON city, zip FROM shop.purchases, then ANALYZE shop.purchases.
        ");
    }

    #[test]
    fn quiet_on_one_column() {
        assert_eq!(shop_said(super::check, "stale-statistics"), "");
        assert_eq!(shop_said(super::check, "bitmap-and"), "");
    }
}
