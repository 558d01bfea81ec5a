//! `not-hot`: updates write every index of their table.
//!
//! **Sees** updates of which under half were HOT (needed no index entry), 1 row a call or more.
//! **Evidence**: the server's counters around the calls.
//! **Bad**: a `last_seen` column with an index, changed by every call.
//! **Good**: the same column without the index, in blocks with room (`fillfactor`).
//! **Wrong** for the first update of each row after a load into full blocks.

use super::{Call, finding};
use crate::report::model::Finding;
use crate::units::{amount, percent};

const NAME: &str = "not-hot";

pub(super) fn check(call: &Call) -> Vec<Finding> {
    let Some(touched) = call.server_side().map(|side| &side.touched) else { return Vec::new() };
    let (updated, hot) = (touched.rows_updated, touched.rows_updated_hot);
    if updated < 1.0 || hot >= 0.5 * updated {
        return Vec::new();
    }
    let sentence = format!(
        "Of {} rows that a call updates, {} were HOT: the others wrote an entry into every index of their table.",
        amount(updated),
        if hot == 0.0 { "none".to_owned() } else { percent(hot / updated) }
    );
    let next =
        "Drop indexes on the columns that it changes, or give the table room in its blocks (fillfactor 90) and rewrite it.";
    vec![finding(NAME, sentence, next, 0.0)]
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call_with, said};
    use crate::report::model::{ServerSide, Touched};

    fn updates(rows_updated: f64, rows_updated_hot: f64) -> ServerSide {
        ServerSide { touched: Touched { rows_updated, rows_updated_hot, ..Touched::default() }, ..ServerSide::default() }
    }

    #[test]
    fn fires_when_most_updates_write_indexes() {
        insta::assert_snapshot!(call_with(updates(2.0, 0.2), 1.0, |call| said(super::check, call)), @"
        Of 2 rows that a call updates, 10% were HOT: the others wrote an entry into every index of their table.
        Drop indexes on the columns that it changes, or give the table room in its blocks (fillfactor 90) and rewrite it.
        ");
    }

    #[test]
    fn quiet_when_most_are_hot_or_nothing_is_updated() {
        assert_eq!(call_with(updates(2.0, 1.9), 1.0, |call| said(super::check, call)), "");
        assert_eq!(call_with(updates(0.0, 0.0), 1.0, |call| said(super::check, call)), "");
    }
}
