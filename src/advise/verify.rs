//! The proof: two fresh clones, one as seeded, one with the kept indexes, every endpoint on both in turn.

use std::collections::BTreeMap;

use crate::bench::paired;
use crate::bench::rounds::{Progress, TimeBox};
use crate::bench::workload::Workload;
use crate::db::{Connection, Target, read_catalog};
use crate::explain::endpoint::{StatementPlan, explain_call};
use crate::report::model::{AdviceRun, Effect, KeptIndex, PairedResult, RejectedIndex, Verdict};
use crate::scenario::model::AdviseOptions;
use crate::units::{ms, percent};

use super::Selection;
use super::ledger;
use super::select::because;
use super::trial::{Built, build};
use super::{AdviseError, WORTH_ADVISING_MS};

/// What the proof found.
pub struct Verified {
    pub endpoints: Vec<PairedResult>,
    /// Plans of the typical calls with the kept indexes, by place in the workload.
    pub plans: BTreeMap<usize, Vec<StatementPlan>>,
    /// The kept indexes as built on a fresh clone.
    pub built: Vec<Built>,
}

/// Builds the selection on `after`, explains the endpoints at `explained` there, and measures every endpoint on both.
///
/// # Errors
/// When a server fails.
pub async fn verify(
    workload: &Workload,
    selection: &Selection,
    [before, after]: [&Target; 2],
    explained: &[usize],
    typical_calls: &[u64],
    time: TimeBox,
    progress: Progress<'_>,
) -> Result<Verified, AdviseError> {
    let mut connection = Connection::open(after).await?;
    let mut built = Vec::new();
    for (index, _) in &selection.kept {
        built.push(build(&mut connection, &index.candidate, &index.name).await?);
    }
    let catalog = read_catalog(&mut connection).await?;
    let mut plans = BTreeMap::new();
    for place in explained {
        let endpoint = &workload.endpoints[*place];
        if let Some(draw) = endpoint.draws.draw(typical_calls[*place]) {
            plans.insert(*place, explain_call(&mut connection, &catalog, endpoint, &draw).await?);
        }
    }
    connection.close().await;
    let everywhere: Vec<usize> = (0..workload.endpoints.len()).collect();
    let pairs = paired::run(workload, &everywhere, before, after, time, progress).await?;
    Ok(Verified { endpoints: paired::results(workload, &everywhere, &pairs), plans, built })
}

/// The kept indexes as a report has them, with the size and build time they have in `built`.
pub fn kept_indexes(selection: &Selection, built: &[Built], endpoints: &[PairedResult]) -> Vec<KeptIndex> {
    let after_ms: BTreeMap<String, f64> = endpoints.iter().map(|pair| (pair.label.clone(), pair.after_ms)).collect();
    let mut kept = Vec::new();
    for (place, index) in built.iter().enumerate() {
        let (shares, ledger) = (&selection.kept[place].1, &selection.ledgers[place]);
        kept.push(KeptIndex {
            name: index.name.clone(),
            table: index.candidate.table.to_string(),
            definition: index.definition.clone(),
            extension: index.candidate.extension().map(str::to_owned),
            because: because(&index.candidate),
            reason: ledger::reason(shares, ledger, index.bytes, &after_ms),
            bytes: index.bytes,
            build_ms: index.build_ms,
            serves: shares.clone(),
            insert_cost: selection.prices[place].clone(),
            ledger: Some(ledger.clone()),
            partitions: Vec::new(),
        });
    }
    kept
}

/// The advice as a report has it. An index whose endpoints all came out of the proof no faster is not kept, whatever the trial said, and
/// neither is one that is `blamed` (by its name, with the reason).
pub fn advice_run(
    mut selection: Selection,
    keep: Vec<KeptIndex>,
    mut blamed: BTreeMap<String, String>,
    endpoints: Vec<PairedResult>,
) -> AdviceRun {
    let mut kept = Vec::new();
    for index in keep {
        let why = blamed.remove(&index.name).or_else(|| (!is_proven(&index, &endpoints)).then(|| not_proven(&index, &endpoints)));
        match why {
            None => kept.push(index),
            Some(reason) => {
                selection.rejected.push(RejectedIndex { reason, definition: index.definition, because: index.because });
            }
        }
    }
    AdviceRun {
        total_bytes: kept.iter().map(|index| index.bytes).sum(),
        total_build_ms: kept.iter().map(|index| index.build_ms).sum(),
        keep: kept,
        rejected: selection.rejected,
        endpoints,
        rounds: selection.rounds,
        notes: selection.notes,
        ..AdviceRun::default()
    }
}

/// Endpoints that something else than an index might help, by place in the workload, slowest first.
pub fn slow_after(endpoints: &[PairedResult]) -> Vec<usize> {
    let worth = |place: &usize| endpoints[*place].after.n > 0 && endpoints[*place].after_ms >= WORTH_ADVISING_MS;
    let mut slow: Vec<usize> = (0..endpoints.len()).filter(worth).collect();
    slow.sort_by(|a, b| endpoints[*b].after_ms.total_cmp(&endpoints[*a].after_ms));
    slow
}

/// Writing endpoints that the indexes made slower than `advise.budget.write_slowdown` allows, each in a sentence; what lies within the
/// interval of chance is not held against them.
pub fn over_write_budget(workload: &Workload, endpoints: &[PairedResult], options: &AdviseOptions) -> Vec<String> {
    let Some(allowed) = options.write_slowdown else { return Vec::new() };
    let writes = |result: &&PairedResult| {
        workload.endpoints.iter().any(|endpoint| endpoint.label == result.label && endpoint.effect != Effect::Reads)
    };
    endpoints.iter().filter(writes).filter_map(|result| too_slow(result, allowed)).collect()
}

fn too_slow(result: &PairedResult, allowed: f64) -> Option<String> {
    (result.verdict == Verdict::Regressed && result.ratio_low > 1.0 + allowed).then(|| {
        format!(
            "{} became {} slower ({} to {}), more than the {} that the scenario's budget allows a write; weigh the indexes on the tables \
             it writes to against that.",
            result.label,
            percent(result.ratio - 1.0),
            ms(result.before.p50_ms),
            ms(result.after.p50_ms),
            percent(allowed)
        )
    })
}

fn served<'a>(index: &'a KeptIndex, endpoints: &'a [PairedResult]) -> impl Iterator<Item = &'a PairedResult> {
    endpoints.iter().filter(|endpoint| index.serves.iter().any(|share| share.label == endpoint.label))
}

/// Too few pairs to say leave the trial's word standing.
fn is_proven(index: &KeptIndex, endpoints: &[PairedResult]) -> bool {
    served(index, endpoints).any(|endpoint| matches!(endpoint.verdict, Verdict::Improved | Verdict::NotEnoughData))
}

fn not_proven(index: &KeptIndex, endpoints: &[PairedResult]) -> String {
    let times: Vec<String> = served(index, endpoints)
        .map(|endpoint| {
            format!("{} took {} before and {} after", endpoint.label, ms(endpoint.before.p50_ms), ms(endpoint.after.p50_ms))
        })
        .collect();
    format!("faster on trial, but not in the proof, side by side on fresh copies: {}", times.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::Latency;

    fn result(verdict: Verdict, ratio: f64, ratio_low: f64) -> PairedResult {
        PairedResult {
            label: "POST /a".into(),
            before: Latency { n: 20, p50_ms: 1.0, ..Latency::default() },
            after: Latency { n: 20, p50_ms: ratio, ..Latency::default() },
            ratio,
            ratio_low,
            ratio_high: ratio + 0.1,
            verdict,
            slo: Vec::new(),
            ..PairedResult::default()
        }
    }

    #[test]
    fn a_write_over_its_budget_is_said_when_the_whole_interval_is_over_it() {
        let said = too_slow(&result(Verdict::Regressed, 1.4, 1.3), 0.25).unwrap();
        assert!(said.contains("40%") && said.contains("25%"), "{said}");
        assert_eq!(too_slow(&result(Verdict::Regressed, 1.4, 1.2), 0.25), None);
        assert_eq!(too_slow(&result(Verdict::WithinNoise, 1.4, 1.3), 0.25), None);
    }
}
