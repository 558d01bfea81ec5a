//! The columns of both clocks under load, or of one where they say the same.

use super::super::model::Clock;
use crate::units::figure;

/// Clocks that differ by less are told as one.
const SAME: f64 = 1.05;
/// … and so do those that differ by less than this many milliseconds.
const SAME_MS: f64 = 0.01;

/// Which columns a table needs.
pub(super) struct Clocks {
    /// Whether service and response differ in any row.
    apart: bool,
}

impl Clocks {
    /// Of the rows' service and response times.
    pub(super) fn of<'a>(rows: impl Iterator<Item = (&'a Clock, &'a Clock)>) -> Clocks {
        let mut rows = rows;
        Clocks { apart: rows.any(|(service, response)| differ(service, response)) }
    }

    pub(super) fn titles(&self) -> Vec<&'static str> {
        match self.apart {
            true => vec!["response p50", "p95", "p99", "service p50", "p95", "p99"],
            false => vec!["p50", "p95", "p99"],
        }
    }

    pub(super) fn cells(&self, service: &Clock, response: &Clock) -> Vec<String> {
        let of = |clock: &Clock| {
            let latency = &clock.latency;
            [Some(latency.p50_ms), latency.p95_ms, latency.p99_ms].map(|ms| known(clock, ms))
        };
        if self.apart { [of(response), of(service)].concat() } else { of(response).to_vec() }
    }

    /// The table, with what was left out of it said.
    pub(super) fn with_note(&self, table: String) -> String {
        match (self.apart, table.is_empty()) {
            (true, _) | (_, true) => table,
            (false, false) => format!("{table}\nThese are response times; service times differ from them by less than 5%.\n"),
        }
    }
}

fn differ(service: &Clock, response: &Clock) -> bool {
    let of = |clock: &Clock| [Some(clock.latency.p50_ms), clock.latency.p95_ms, clock.latency.p99_ms];
    of(service).into_iter().zip(of(response)).any(|pair| match pair {
        (Some(service), Some(response)) => {
            (service - response).abs() > SAME_MS && (response > service * SAME || service > response * SAME)
        }
        (service, response) => service.is_some() != response.is_some(),
    })
}

/// A percentile, or why there is none.
pub(super) fn known(clock: &Clock, ms: Option<f64>) -> String {
    match (clock.latency.n, ms) {
        (0, _) => "no call".to_owned(),
        (_, Some(ms)) => figure(ms),
        (_, None) => "too few".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::Latency;

    fn clock(p50_ms: f64, p95_ms: Option<f64>) -> Clock {
        Clock { latency: Latency { n: 40, p50_ms, p95_ms, ..Latency::default() }, ..Clock::default() }
    }

    #[test]
    fn clocks_that_say_the_same_are_told_once() {
        let alike = Clocks::of([(&clock(1.0, Some(2.0)), &clock(1.04, Some(2.0)))].into_iter());
        assert_eq!(alike.cells(&clock(1.0, None), &clock(1.04, None)), ["1.0", "too few", "too few"]);
        assert!(alike.with_note("|".into()).contains("less than 5%") && alike.with_note(String::new()).is_empty());
        let apart = Clocks::of([(&clock(1.0, Some(2.0)), &clock(1.0, Some(9.0)))].into_iter());
        assert_eq!((apart.titles().len(), apart.cells(&clock(1.0, None), &clock(7.0, None))[0].as_str()), (6, "7.0"));
    }
}
