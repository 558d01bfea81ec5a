//! The gate of what a call touches: rows, blocks, temporary files and WAL, from the server's own counters.

use crate::bench::compare::counts::{TEMP, TOUCHED, Tolerance};
use crate::report::model::Effect;
use crate::report::model::ci::{CheckOutcome, Gate, GateCheck, Observed};

use super::sides::{Sides, measure};
use super::writing::{change, factor};

const GATE: Gate = Gate::Work;
/// WAL without whole pages: records of another length, an index entry more.
const WAL: Tolerance = Tolerance { share: 0.50, least: 1_024.0 };
/// … where the server does not tell the whole pages apart: one of 8 kB may be among them.
const WAL_WITH_PAGES: Tolerance = Tolerance { share: 0.50, least: 8_192.0 };
/// Bytes that a whole page in the WAL takes at most; it is less where the page has room left.
const PAGE: f64 = 8_192.0;
/// Counts of other calls differ by as much more without anybody's doing.
const OTHER_CALLS: f64 = 4.0;

/// What an endpoint touches more, or less, of.
struct Changed {
    metric: &'static str,
    before: f64,
    after: f64,
}

impl Changed {
    fn grew(&self) -> bool {
        self.after > self.before
    }
}

/// Holds what a call touches against what it did before.
pub fn check(sides: &Sides<'_>) -> GateCheck {
    let changed = changes(sides);
    let (grown, shrunk): (Vec<&Changed>, Vec<&Changed>) = changed.iter().partition(|one| one.grew());
    let words = |list: &[&Changed]| -> String {
        let said =
            list.iter().map(|one| format!("{}{}", change(one.metric, one.before, one.after), factor(one.before, one.after)));
        said.collect::<Vec<_>>().join(", ")
    };
    let measures = || changed.iter().map(|one| measure(one.metric, one.before, one.after)).collect();
    let (outcome, said) = match (grown.is_empty(), shrunk.is_empty()) {
        (true, true) => return sides.check(GATE, CheckOutcome::Passed),
        (true, false) => (CheckOutcome::Notice, format!("Less than before: {} per call.", words(&shrunk))),
        (false, _) if is_price(&grown, sides) => {
            let new =
                sides.indexes.added.iter().map(|index| format!("{} {}", index.table, index.keys.trim_start_matches("btree ")));
            let new = new.collect::<Vec<_>>().join(", ");
            (CheckOutcome::Notice, format!("{} per call: the price of the new index on {new}.", words(&grown)))
        }
        (false, false) if is_trade(&grown, &shrunk) => {
            (CheckOutcome::Notice, format!("One for the other: {}, but {} per call.", words(&grown), words(&shrunk)))
        }
        (false, _) => (CheckOutcome::Failed, format!("{} per call.", words(&grown))),
    };
    let found = GateCheck { measures: measures(), ..sides.check(GATE, outcome).saying(said) };
    match outcome {
        CheckOutcome::Failed => found.advising(format!(
            "perflab explain SCENARIO \"{}\" shows what reads them; accept it with --accept, or renew the baseline with --write-baseline.",
            sides.after.label
        )),
        _ => found,
    }
}

/// Rows for blocks, or blocks for rows: a hash join in place of a nested loop reads more rows and fewer blocks, and is no worse for it.
fn is_trade(grown: &[&Changed], shrunk: &[&Changed]) -> bool {
    let reading = |one: &&Changed| one.metric == "rows_read" || one.metric == "blocks";
    grown.iter().all(reading) && shrunk.iter().any(reading)
}

/// What writes to a table with one more index touches more blocks and logs more.
fn is_price(grown: &[&Changed], sides: &Sides<'_>) -> bool {
    let writing = |one: &&Changed| one.metric == "blocks" || one.metric == "wal_bytes";
    sides.after.effect != Effect::Reads && !sides.indexes.added.is_empty() && grown.iter().all(writing)
}

fn changes(sides: &Sides<'_>) -> Vec<Changed> {
    let (before, after) = (sides.before, sides.after);
    if before.calls == 0 || after.calls == 0 {
        return Vec::new();
    }
    let slack = |tolerance: Tolerance| match sides.same_calls() {
        true => tolerance,
        false => Tolerance { share: tolerance.share * OTHER_CALLS, least: tolerance.least * OTHER_CALLS },
    };
    let exceeding = |metric, from: f64, to: f64, tolerance| {
        slack(tolerance).exceeded(from, to).then_some(Changed { metric, before: from, after: to })
    };
    let temporary = before.temp_bytes.zip(after.temp_bytes);
    [
        exceeding("rows_read", before.rows_read, after.rows_read, TOUCHED),
        exceeding("blocks", before.blocks, after.blocks, TOUCHED),
        temporary.and_then(|(from, to)| exceeding("temp_bytes", from, to, TEMP)),
        wal(before, after, slack),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Whole pages come after a checkpoint, by chance. The least that one side can have logged without them is held against all that the
/// other has.
fn wal(before: &Observed, after: &Observed, slack: impl Fn(Tolerance) -> Tolerance) -> Option<Changed> {
    let least = |side: &Observed| side.wal_full_pages.map(|pages| (side.wal_bytes - pages * PAGE).max(0.0));
    let (from, to) = (before.wal_bytes, after.wal_bytes);
    let differs = match (least(before), least(after)) {
        (Some(least_before), Some(least_after)) => {
            let tolerance = slack(WAL);
            (least_after > from && tolerance.exceeded(from, least_after))
                || (least_before > to && tolerance.exceeded(least_before, to))
        }
        _ => slack(WAL_WITH_PAGES).exceeded(from, to),
    };
    differs.then_some(Changed { metric: "wal_bytes", before: from, after: to })
}

#[cfg(test)]
mod tests {
    use super::super::sides::IndexChange;
    use super::super::testing::{observed, said, sides, with_indexes};
    use super::*;
    use crate::report::model::ci::IndexSeen;

    fn touched(rows_read: f64, blocks: f64, wal_bytes: f64) -> Observed {
        Observed { rows_read, blocks, wal_bytes, wal_full_pages: Some(0.0), ..observed() }
    }

    #[test]
    fn more_rows_and_blocks_fail_and_fewer_do_not() {
        let found = sides(&touched(3.0, 6.0, 0.0), &touched(919_039.0, 5_000.0, 0.0), check);
        assert!(found.failed(), "{found:?}");
        assert!(said(&found).starts_with("3 → 919,039 rows read"), "{}", said(&found));
        assert_eq!(found.measures.len(), 2);
        assert_eq!(sides(&touched(919_039.0, 5_000.0, 0.0), &touched(3.0, 6.0, 0.0), check).outcome, CheckOutcome::Notice);
        assert_eq!(sides(&touched(100.0, 50.0, 0.0), &touched(110.0, 52.0, 0.0), check).outcome, CheckOutcome::Passed);
    }

    #[test]
    fn rows_for_blocks_are_a_trade() {
        let found = sides(&touched(1_000.0, 3_000.0, 0.0), &touched(50_000.0, 500.0, 0.0), check);
        assert_eq!(found.outcome, CheckOutcome::Notice, "{found:?}");
        assert!(said(&found).starts_with("One for the other"), "{}", said(&found));
    }

    #[test]
    fn an_index_more_has_its_price_and_a_seq_scan_behind_it_does_not() {
        let new = IndexSeen { table: "links".into(), keys: "btree (song_id)".into(), unique: false, name: "i".into() };
        let added = IndexChange { added: vec![new], gone: Vec::new() };
        let writes = |one: Observed| Observed { effect: Effect::Writes, ..one };
        let before = writes(touched(1.0, 5.0, 3_000.0));
        let found = with_indexes(&before, &writes(touched(1.0, 9.0, 5_500.0)), &added, check);
        assert_eq!(found.outcome, CheckOutcome::Notice, "{found:?}");
        assert!(said(&found).contains("the new index on links (song_id)"));
        assert!(with_indexes(&before, &writes(touched(9_000.0, 90.0, 3_000.0)), &added, check).failed());
        assert!(sides(&before, &writes(touched(1.0, 9.0, 5_500.0)), check).failed(), "no new index");
    }

    #[test]
    fn whole_pages_in_the_wal_are_chance() {
        let logged = |wal_bytes, pages| Observed { wal_full_pages: Some(pages), ..touched(1.0, 5.0, wal_bytes) };
        assert_eq!(sides(&logged(300.0, 0.0), &logged(24_000.0, 3.0), check).outcome, CheckOutcome::Passed);
        assert!(sides(&logged(300.0, 0.0), &logged(30_000.0, 0.0), check).failed());
    }

    #[test]
    fn other_parameters_get_more_room() {
        let other = |one: Observed| Observed { parameters: "other".into(), ..one };
        let (before, after) = (touched(100.0, 50.0, 0.0), touched(140.0, 60.0, 0.0));
        assert!(sides(&before, &after, check).failed());
        assert_eq!(sides(&before, &other(after), check).outcome, CheckOutcome::Passed);
    }
}
