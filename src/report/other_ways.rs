//! What there is to say of the other ways to an endpoint's result.

use super::model::{RefreshCost, VariantResult, VariantRun};
use crate::units::{amount, bytes, count, figure};

/// One after the other: what both sides had, what differs or fails, what a refresh costs, what else the reader must know.
pub fn sentences(run: &VariantRun) -> Vec<String> {
    let with_indexes = run.with_kept_indexes.then(|| "Both ways were called with the kept indexes in place.".to_owned());
    with_indexes.into_iter().chain(run.variants.iter().flat_map(of)).collect()
}

/// How the results of both sides compared: `200 the same`, `3 of 200 differ`.
pub fn results(variant: &VariantResult) -> String {
    let equality = &variant.equality;
    match (variant.failures.is_empty(), equality.proven()) {
        (false, _) => "fails".to_owned(),
        (true, true) => format!("{} the same", count(equality.equal)),
        (true, false) if equality.compared == 0 => "not compared".to_owned(),
        (true, false) => format!("{} of {} differ", count(equality.compared - equality.equal), count(equality.compared)),
    }
}

fn of(variant: &VariantResult) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(difference) = &variant.equality.first_difference {
        said.push(format!("{} is not the same: {difference}.", variant.name));
    }
    for failure in &variant.failures {
        let times = if failure.count == 1 { "once".to_owned() } else { format!("{} times", count(failure.count)) };
        said.push(format!("{} was not timed: statement {} failed {times}: {}.", variant.name, failure.step, failure.message));
    }
    said.extend(variant.refresh.as_ref().map(|refresh| refreshed(&variant.name, refresh)));
    said.extend(variant.notes.iter().map(|note| format!("{}: {note}", variant.name)));
    said
}

fn refreshed(name: &str, refresh: &RefreshCost) -> String {
    let cost =
        format!("{name}: `{}` takes {} ms and writes {} of WAL", refresh.sql, figure(refresh.ms), bytes(refresh.wal_bytes));
    match refresh.pays_after_calls {
        Some(calls) => format!("{cost}; it has paid for itself after {} calls.", amount(calls.ceil())),
        None => format!("{cost}, and saves no time of a call."),
    }
}
