//! Both clocks of the step that tells most, percentile by percentile, as HdrHistogram's plots have it: the axis along is 1 / (1 − p), so
//! that each further nine gets as much room as the one before.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;

use super::super::model::{Clock, LoadRun};
use super::super::palette::{RESPONSE, SERVICE};
use super::super::under_load::{step_name, telling};
use super::canvas::{Chart, Scale, Series, Stroke};

/// Points of a curve.
const SMOOTH: u32 = 160;
/// Fewest calls for a curve. It ends where one call lies beyond the percentile, which is the rule of the tables: p95 from 20 calls, p99
/// from 100.
const FEWEST: f64 = 20.0;
const NINES: [(f64, &str); 8] = [
    (1.0, "min"),
    (2.0, "p50"),
    (10.0, "p90"),
    (20.0, "p95"),
    (100.0, "p99"),
    (1_000.0, "p99.9"),
    (10_000.0, "p99.99"),
    (100_000.0, "p99.999"),
];

/// `None` when the run has no histogram of its own, or too few calls for a curve.
pub fn chart(run: &LoadRun) -> Option<Chart> {
    let step = telling(run)?;
    let curves = [("response", RESPONSE[2], &step.response, Stroke::Wide), ("service", SERVICE[2], &step.service, Stroke::Thin)];
    let series: Vec<Series> = curves
        .into_iter()
        .filter_map(|(name, colour, clock, stroke)| {
            Some(Series { name: name.to_owned(), colour, points: curve(clock)?, dots: false, stroke })
        })
        .collect();
    let furthest = series.iter().filter_map(|series| series.points.last()).map(|point| point.0).fold(0.0, f64::max);
    let places = NINES.iter().filter(|(at, _)| *at <= furthest * 1.000_1).map(|(at, name)| (*at, (*name).to_owned())).collect();
    (!series.is_empty()).then(|| Chart {
        title: "Percentiles in milliseconds".to_owned(),
        subtitle: if run.steps.len() > 1 { format!(", at {}", step_name(step)) } else { String::new() },
        x_title: "share of the calls that were at most as slow",
        x: Scale::Log,
        y: Scale::Log,
        series,
        places,
        marks: Vec::new(),
    })
}

fn curve(clock: &Clock) -> Option<Vec<(f64, f64)>> {
    let histogram = stored(clock.histogram.as_deref()?)?;
    let furthest = histogram.len() as f64;
    if furthest < FEWEST {
        return None;
    }
    let at = |i: u32| furthest.powf(f64::from(i) / f64::from(SMOOTH));
    let milliseconds = |x: f64| histogram.value_at_quantile(1.0 - 1.0 / x) as f64 / 1e6;
    Some((0..=SMOOTH).map(at).map(|x| (x, milliseconds(x))).collect())
}

/// Nanoseconds; `None` for a text that is no histogram.
pub fn stored(text: &str) -> Option<Histogram<u64>> {
    let bytes = STANDARD.decode(text).ok()?;
    Deserializer::new().deserialize(&mut bytes.as_slice()).ok()
}

#[cfg(test)]
mod tests {
    use hdrhistogram::serialization::{Serializer, V2DeflateSerializer};

    use super::*;

    #[test]
    fn each_nine_has_its_latency() {
        let mut histogram = Histogram::<u64>::new_with_bounds(1, 3_600_000_000_000, 3).unwrap();
        (1..=1_000_u64).for_each(|ms| histogram.record(ms * 1_000_000).unwrap());
        let mut bytes = Vec::new();
        V2DeflateSerializer::new().serialize(&histogram, &mut bytes).unwrap();
        let clock = Clock { histogram: Some(STANDARD.encode(bytes)), ..Clock::default() };
        let curve = curve(&clock).unwrap();
        let near =
            |x: f64, ms: f64| curve.iter().any(|point| (point.0 / x - 1.0).abs() < 0.03 && (point.1 / ms - 1.0).abs() < 0.03);
        assert!(near(2.0, 500.0) && near(10.0, 900.0) && near(1_000.0, 999.0), "{curve:?}");
        assert!(curve.windows(2).all(|two| two[0].1 <= two[1].1));
        assert!(stored("no histogram").is_none() && stored("AAAA").is_none());
    }
}
