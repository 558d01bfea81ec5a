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

use super::AdviseError;
use super::ledger::insert_costs;
use super::select::{Selection, because};
use super::trial::{Built, build};

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

/// The kept indexes with their price, measured on `target`, where they stand.
///
/// # Errors
/// When the server fails.
pub async fn kept_indexes(selection: &Selection, built: &[Built], target: &Target) -> Result<Vec<KeptIndex>, AdviseError> {
    let mut connection = Connection::open(target).await?;
    let catalog = read_catalog(&mut connection).await?;
    connection.close().await;
    let mut costs = BTreeMap::new();
    for table in &catalog.tables {
        let on_table: Vec<&Built> = built.iter().filter(|index| index.candidate.table == table.name).collect();
        if on_table.is_empty() {
            continue;
        }
        let found = insert_costs(target, table, &on_table).await?;
        costs.extend(on_table.iter().map(|index| index.name.clone()).zip(found));
    }
    let kept = built.iter().zip(&selection.kept).map(|(index, (_, shares))| KeptIndex {
        name: index.name.clone(),
        table: index.candidate.table.to_string(),
        definition: index.definition.clone(),
        extension: index.candidate.extension().map(str::to_owned),
        because: because(&index.candidate),
        bytes: index.bytes,
        build_ms: index.build_ms,
        serves: shares.clone(),
        insert_cost: costs.get(&index.name).cloned().flatten(),
    });
    Ok(kept.collect())
}

/// The advice as a report has it. An index whose endpoints all came out of the proof no faster is not kept, whatever the trial said.
pub fn advice_run(mut selection: Selection, keep: Vec<KeptIndex>, endpoints: Vec<PairedResult>) -> AdviceRun {
    let (keep, unproven): (Vec<KeptIndex>, Vec<KeptIndex>) = keep.into_iter().partition(|index| is_proven(index, &endpoints));
    selection.rejected.extend(unproven.into_iter().map(|index| RejectedIndex {
        reason: not_proven(&index, &endpoints),
        definition: index.definition,
        because: index.because,
    }));
    AdviceRun {
        total_bytes: keep.iter().map(|index| index.bytes).sum(),
        total_build_ms: keep.iter().map(|index| index.build_ms).sum(),
        keep,
        rejected: selection.rejected,
        endpoints,
        unsolved: Vec::new(),
        rounds: selection.rounds,
        seconds: 0.0,
        load: Vec::new(),
        notes: selection.notes,
    }
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
            errors: Vec::new(),
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
