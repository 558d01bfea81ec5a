//! What a call asks of the server and makes it touch: figures that do not move with the machine.

use crate::report::model::{EndpointComparison, EndpointResult, ServerSide, Verdict};

/// A count that may differ by this much between two runs of the same.
#[derive(Debug, Clone, Copy)]
pub struct Tolerance {
    pub share: f64,
    /// In the count's own unit: a fraction of a block is nobody's doing.
    pub least: f64,
}

/// Statements of a call hang on its parameters alone. Two runs ask for the same parameters in the same order, but the quicker run
/// gets further down the list; an endpoint that does the same in every call has whole numbers, which must agree.
const PER_CALL: Tolerance = Tolerance { share: 0.10, least: 0.05 };
/// Rows and blocks hang on what vacuum and hint bits have left, too.
pub const TOUCHED: Tolerance = Tolerance { share: 0.15, least: 2.0 };
/// The first change of a page after a checkpoint is logged with the whole page of 8 kB.
const WAL: Tolerance = Tolerance { share: 0.50, least: 8_192.0 };
/// Temporary files.
pub const TEMP: Tolerance = Tolerance { share: 0.10, least: 8_192.0 };

/// The counts of an endpoint that changed; nothing for those that did not.
pub fn compare(before: &EndpointResult, after: &EndpointResult) -> Vec<EndpointComparison> {
    if before.calls == 0 || after.calls == 0 {
        return Vec::new();
    }
    let asked = [
        ("statements_per_call", before.statements_per_call, after.statements_per_call),
        ("round_trips_per_call", before.round_trips_per_call, after.round_trips_per_call),
    ];
    let mut found: Vec<EndpointComparison> = asked
        .into_iter()
        .filter(|(_, before, after)| differs_per_call(*before, *after))
        .map(|(metric, from, to)| changed(&after.label, metric, from, to))
        .collect();
    if let (Some(from), Some(to)) = (&before.server_side, &after.server_side) {
        found.extend(touched(from, to).into_iter().map(|(metric, from, to)| changed(&after.label, metric, from, to)));
    }
    found
}

/// Whether a count of what is asked per call is another.
pub fn differs_per_call(before: f64, after: f64) -> bool {
    let whole = |count: f64| (count - count.round()).abs() < 1e-9;
    if whole(before) && whole(after) { (before - after).abs() > 1e-6 } else { PER_CALL.exceeded(before, after) }
}

fn touched(before: &ServerSide, after: &ServerSide) -> Vec<(&'static str, f64, f64)> {
    let (from, to) = (&before.touched, &after.touched);
    let all = [
        ("rows_read", from.rows_read, to.rows_read, TOUCHED),
        ("blocks", from.blocks(), to.blocks(), TOUCHED),
        ("wal_bytes", from.wal_bytes, to.wal_bytes, WAL),
    ];
    let temporary = from.temp_bytes.zip(to.temp_bytes).map(|(from, to)| ("temp_bytes", from, to, TEMP));
    let differing = all.into_iter().chain(temporary).filter(|(_, before, after, tolerance)| tolerance.exceeded(*before, *after));
    differing.map(|(metric, before, after, _)| (metric, before, after)).collect()
}

impl Tolerance {
    /// Whether two counts differ by more.
    pub fn exceeded(&self, before: f64, after: f64) -> bool {
        (before - after).abs() > (before.min(after) * self.share).max(self.least)
    }
}

fn changed(label: &str, metric: &str, before: f64, after: f64) -> EndpointComparison {
    let ratio = if before > 0.0 { after / before } else { f64::MAX };
    EndpointComparison {
        label: label.to_owned(),
        metric: metric.to_owned(),
        before,
        after,
        ratio,
        ratio_low: ratio,
        ratio_high: ratio,
        p_value: None,
        verdict: if after > before { Verdict::Regressed } else { Verdict::Improved },
        reason: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::Touched;

    fn endpoint(statements: f64, touched: Touched) -> EndpointResult {
        let server_side = Some(ServerSide { touched, ..ServerSide::default() });
        EndpointResult { calls: 100, statements_per_call: statements, server_side, ..EndpointResult::default() }
    }

    fn changes(before: EndpointResult, after: EndpointResult) -> Vec<(String, Verdict)> {
        compare(&before, &after).into_iter().map(|change| (change.metric, change.verdict)).collect()
    }

    #[test]
    fn one_statement_more_is_one_too_many() {
        let of = |statements| endpoint(statements, Touched::default());
        assert_eq!(changes(of(20.0), of(21.0)), [("statements_per_call".to_owned(), Verdict::Regressed)]);
        assert_eq!(changes(of(21.0), of(20.0)), [("statements_per_call".to_owned(), Verdict::Improved)]);
        assert_eq!(changes(of(20.3), of(21.0)), [], "an average over other parameters");
        assert_eq!(changes(of(20.3), of(24.1)), [("statements_per_call".to_owned(), Verdict::Regressed)]);
    }

    #[test]
    fn a_seq_scan_shows_in_the_rows_and_a_checkpoint_does_not_in_the_wal() {
        let of = |rows_read, wal_bytes| endpoint(1.0, Touched { rows_read, wal_bytes, ..Touched::default() });
        assert_eq!(changes(of(3.0, 300.0), of(100_000.0, 8_400.0)), [("rows_read".to_owned(), Verdict::Regressed)]);
        assert_eq!(changes(of(3.0, 300.0), of(4.5, 300.0)), []);
    }

    #[test]
    fn nothing_is_said_of_what_was_not_called_or_not_counted() {
        let none = EndpointResult { statements_per_call: 3.0, ..EndpointResult::default() };
        assert_eq!(changes(none, endpoint(1.0, Touched::default())), []);
        let uncounted = EndpointResult { server_side: None, ..endpoint(1.0, Touched::default()) };
        assert_eq!(changes(uncounted, endpoint(1.0, Touched { rows_read: 1e6, ..Touched::default() })), []);
    }
}
