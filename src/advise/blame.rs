//! Indexes of the proof that make an endpoint slower which reads, taken back.

use std::collections::BTreeMap;

use crate::bench::paired;
use crate::bench::rounds::TimeBox;
use crate::bench::statistics::{SMALLEST_MS, SMALLEST_SHARE};
use crate::bench::workload::Workload;
use crate::db::{Connection, Target};
use crate::report::model::{Effect, Verdict};
use crate::units::ms;

use super::select::{outweighs, weighted_gain};
use super::trial::{Built, CAREFUL, Compared, compared, used_by};
use super::verify::Verified;
use super::{AdviseError, Selection};

/// Indexes that make an endpoint slower which reads.
#[derive(Default)]
pub struct Blamed {
    /// Those that go, by name, each with the reason.
    pub taken_back: BTreeMap<String, String>,
    /// On those that stay nevertheless.
    pub notes: Vec<String>,
}

/// Takes back the indexes that make an endpoint that reads slower: of those that the plans of a proven slower one use, the ones without
/// which it is quicker whichever turns are held against each other, unless they save ten times as much elsewhere in the mix. Everything is
/// measured again then.
///
/// # Errors
/// When a server fails.
pub async fn take_back(
    workload: &Workload,
    selection: &Selection,
    verified: &mut Verified,
    [before, after]: [&Target; 2],
    time: TimeBox,
) -> Result<Blamed, AdviseError> {
    let mut found = Blamed::default();
    for (place, endpoint) in workload.endpoints.iter().enumerate() {
        if endpoint.effect == Effect::Reads && verified.endpoints[place].verdict == Verdict::Regressed {
            blame(workload, place, (selection, &verified.built), after, &mut found).await?;
        }
    }
    if found.taken_back.is_empty() {
        return Ok(found);
    }
    let mut connection = Connection::open(after).await?;
    for index in verified.built.iter().filter(|index| found.taken_back.contains_key(&index.name)) {
        connection.batch(&format!("DROP INDEX {}", index.sql_name())).await?;
    }
    connection.close().await;
    let everywhere: Vec<usize> = (0..workload.endpoints.len()).collect();
    let pairs = paired::run(workload, &everywhere, before, after, time, &mut |_| {}).await?;
    verified.endpoints = paired::results(workload, &everywhere, &pairs);
    Ok(found)
}

/// Asks of each index that an endpoint uses whether it is quicker without it.
async fn blame(
    workload: &Workload,
    place: usize,
    (selection, built): (&Selection, &[Built]),
    after: &Target,
    found: &mut Blamed,
) -> Result<(), AdviseError> {
    let endpoint = &workload.endpoints[place];
    let draws: Vec<_> = (0..CAREFUL.most as u64).filter_map(|call| endpoint.draws.draw(call)).collect();
    let Some(first) = draws.first() else { return Ok(()) };
    let names = used_by(after, endpoint, first).await?;
    for (number, index) in built.iter().enumerate() {
        if !index.is_among(&names) || found.taken_back.contains_key(&index.name) {
            continue;
        }
        let gone = [index.sql_name()];
        let times = compared(after, workload, place, &draws, [&[], &gone], CAREFUL).await?;
        if !slows(&times) {
            continue;
        }
        let [with, without] = times.quickest.map(ms);
        let label = &endpoint.label;
        if outweighs(weighted_gain(workload, &selection.kept[number].1), endpoint.weight, times.quickest) {
            let target = index.candidate.target();
            let note = format!("With {target} {label} takes {with} in place of {without}; it stays for what it saves elsewhere.");
            found.notes.push(note);
        } else {
            let reason = format!("in the proof {label} takes {with} with it and {without} without");
            found.taken_back.insert(index.name.clone(), reason);
        }
    }
    Ok(())
}

/// Whether the quickest turn with the index is slower than the slowest without it by more than is called a change.
fn slows(times: &Compared) -> bool {
    let (_, best) = times.gains();
    best < -SMALLEST_SHARE && times.quickest[0] - times.quickest[1] > SMALLEST_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_blamed_when_every_turn_with_it_is_slower() {
        let times = |quickest, slowest| Compared { quickest, slowest };
        assert!(slows(&times([393.0, 300.0], [410.0, 340.0])));
        assert!(!slows(&times([438.9, 403.2], [450.0, 420.0])), "one turn without it took nearly as long");
        assert!(!slows(&times([300.0, 393.0], [340.0, 410.0])));
        assert!(!slows(&times([0.03, 0.02], [0.03, 0.02])), "below the clock's grain");
    }
}
