//! Two runs of a bench held against each other: what got slower, what got faster, and what nobody can say.
//!
//! [`circumstances`] asks first whether the two can be compared; `counts` compares what does not move with the machine
//! (statements, rows read, blocks, WAL); `times` puts a bootstrap interval on the ratio of the medians, and `holm` sees to
//! it that asking of many endpoints does not find by chance what asking of one would not.

pub mod circumstances;
mod confirm;
pub mod counts;
mod holm;
mod load;
mod times;

use crate::report::model::{BenchReport, Comparison, EndpointComparison, EndpointResult, FORMAT_VERSION, Verdict};

use super::stretches;
use times::{Candidate, Direction};

pub use confirm::{confirmed, doubtful};
pub use times::{BETWEEN_RUNS, FEWEST_STRETCHES};

/// Compares two runs. With mismatches that refuse, nothing is compared unless `force` says so.
pub fn compare(before: (&str, &BenchReport), after: (&str, &BenchReport), force: bool) -> Comparison {
    let ((before_name, before), (after_name, after)) = (before, after);
    let mismatches = circumstances::mismatches(before, after);
    let refused = !force && mismatches.iter().any(|mismatch| mismatch.refuses);
    let endpoints = if refused { Vec::new() } else { endpoints(before, after) };
    Comparison {
        format: FORMAT_VERSION,
        before: before_name.to_owned(),
        after: after_name.to_owned(),
        endpoints,
        mismatches,
        missing: missing(before, after),
    }
}

/// Endpoints, and the steps of load phases, of both runs: counts first, then times.
fn endpoints(before: &BenchReport, after: &BenchReport) -> Vec<EndpointComparison> {
    let pairs = pairs(before, after);
    let mut found: Vec<EndpointComparison> = pairs.iter().flat_map(|(before, after)| counts::compare(before, after)).collect();
    let mut candidates: Vec<Candidate> = pairs.iter().map(|(before, after)| candidate(before, after)).collect();
    candidates.extend(load::candidates(&before.bench.load, &after.bench.load));
    found.extend(times::judge(candidates));
    found
}

/// With the noise of this endpoint alone: a run's is that of its most restless endpoint, behind which a slower one could hide.
fn candidate(before: &EndpointResult, after: &EndpointResult) -> Candidate {
    let noise = [before, after].into_iter().filter_map(|endpoint| stretches::noise(std::iter::once(endpoint.blocks.as_slice())));
    let noise = noise.map(|noise| noise.share).fold(0.0, f64::max);
    let medians = |endpoint: &EndpointResult| endpoint.blocks.iter().map(|block| block.p50_ms).collect();
    Candidate {
        label: after.label.clone(),
        metric: "p50_ms".to_owned(),
        before: medians(before),
        after: medians(after),
        shown: (before.latency.p50_ms, after.latency.p50_ms),
        calls: (before.calls, after.calls),
        noise,
        direction: Direction::SmallerIsBetter { jitter: super::statistics::SMALLEST_MS },
    }
}

/// The endpoints that both runs have, in the order of the second.
fn pairs<'a>(before: &'a BenchReport, after: &'a BenchReport) -> Vec<(&'a EndpointResult, &'a EndpointResult)> {
    let of_before = |label: &str| before.bench.endpoints.iter().find(|endpoint| endpoint.label == label);
    after.bench.endpoints.iter().filter_map(|endpoint| Some((of_before(&endpoint.label)?, endpoint))).collect()
}

fn missing(before: &BenchReport, after: &BenchReport) -> Vec<String> {
    let only = |one: &BenchReport, other: &BenchReport| -> Vec<String> {
        let known = |label: &str| other.bench.endpoints.iter().any(|endpoint| endpoint.label == label);
        one.bench.endpoints.iter().map(|endpoint| endpoint.label.clone()).filter(|label| !known(label)).collect()
    };
    [only(before, after), only(after, before)].concat()
}

/// What the whole comparison comes to: a regression outweighs everything, then what cannot be told.
pub fn outcome(comparison: &Comparison) -> Verdict {
    let any = |verdict| comparison.endpoints.iter().any(|endpoint| endpoint.verdict == verdict);
    [Verdict::Regressed, Verdict::NotEnoughData, Verdict::Improved].into_iter().find(|verdict| any(*verdict)).unwrap_or(
        // Nothing in common proves nothing.
        if comparison.endpoints.is_empty() { Verdict::NotEnoughData } else { Verdict::WithinNoise },
    )
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
