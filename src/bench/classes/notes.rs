//! The result of the classes, and what it says.

use crate::report::model::{CacheEstimate, ClassResult, Classes, Effect};
use crate::units::{amount, count, ms, percent, times};

use super::super::workload::BoundEndpoint;
use super::Class;
use super::cache;
use super::measure::Timed;
use super::prepare::{ClassDraws, EndpointClasses};

/// A difference between two classes is worth a sentence from this many times on, if it is none of chance (see [`differ`]).
const WORTH_SAYING: f64 = 1.5;
/// Entries of the cache that the sentence on caches is about.
const ENTRIES: u64 = 1_000;

/// Everything about the classes of one endpoint.
pub fn classes(found: &EndpointClasses, timed: Vec<Timed>, endpoint: &BoundEndpoint) -> Classes {
    let results: Vec<ClassResult> = found.classes.iter().zip(&timed).map(|(class, timed)| result(class, timed)).collect();
    let mut caches = Vec::new();
    if endpoint.effect == Effect::Reads {
        for (class, result) in found.classes.iter().zip(&results) {
            let chooses = !matches!(class.class, Class::Typical | Class::Heaviest | Class::Missing);
            if chooses && result.latency.n > 0 {
                caches.extend(cache::estimates(found, class, result.latency.mean_ms));
            }
        }
    }
    let mut notes = Vec::new();
    let both: Vec<Both<'_>> = results.iter().zip(&timed).collect();
    match used_up_note(&both).filter(|_| endpoint.effect == Effect::Writes) {
        Some(note) => notes.push(note),
        None => notes.extend(heaviest_note(found, &both).into_iter().chain(repeating_note(&both))),
    }
    notes.extend(missing_note(&both));
    notes.extend(cache_note(&results, &caches));
    if !caches.is_empty() && cache::tells_too_much(found, &endpoint.draws) {
        notes.push(format!(
            "The sample has {} rows and the hit rates are of {} of them: they can only be lower.",
            count(found.population),
            count(endpoint.draws.rows() as u64)
        ));
    }
    notes.extend(timed.iter().zip(&results).filter_map(failed_note));
    notes.extend(found.notes.iter().cloned());
    Classes { classes: results, caches, notes }
}

fn result(class: &ClassDraws, timed: &Timed) -> ClassResult {
    let latency = timed.latency.summary();
    ClassResult {
        class: class.name.clone(),
        own: class.own,
        parameters: class.parameters.clone(),
        errors: timed.errors.iter().map(|error| error.count).sum(),
        rows_per_call: if latency.n == 0 { 0.0 } else { timed.rows as f64 / latency.n as f64 },
        distinct: timed.asked.len() as u64,
        latency,
    }
}

fn named<'r>(results: &'r [ClassResult], class: &str) -> Option<&'r ClassResult> {
    results.iter().find(|result| result.class == class && result.latency.n > 0)
}

/// The figures of a class and its single times.
type Both<'a> = (&'a ClassResult, &'a Timed);

fn both<'a>(classes: &[Both<'a>], class: &str) -> Option<Both<'a>> {
    classes.iter().find(|(result, _)| result.class == class && result.latency.n > 0).copied()
}

/// How many times as long the first takes, by medians.
fn ratio(one: Both<'_>, other: Both<'_>) -> f64 {
    one.0.latency.p50_ms / other.0.latency.p50_ms.max(1e-9)
}

/// Whether the middle halves of the times lie apart: with 20 calls each, chance alone does that to fewer than one pair in 1,000.
fn differ(one: Both<'_>, other: Both<'_>) -> bool {
    let (one, other) = (quartiles(&one.1.times_ms), quartiles(&other.1.times_ms));
    one.0 > other.1 || other.0 > one.1
}

fn quartiles(times_ms: &[f64]) -> (f64, f64) {
    let mut sorted = times_ms.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted.get((share * (sorted.len().saturating_sub(1)) as f64).round() as usize).copied().unwrap_or(0.0);
    (at(0.25), at(0.75))
}

fn heaviest_note(found: &EndpointClasses, classes: &[Both<'_>]) -> Option<String> {
    let (heaviest, typical) = (both(classes, "heaviest")?, both(classes, "typical")?);
    if ratio(heaviest, typical) < WORTH_SAYING || !differ(heaviest, typical) {
        let alike = found.heaviness? < WORTH_SAYING;
        return alike.then(|| "Every sampled parameter makes about the same work: none is heavier than the typical one.".into());
    }
    let behind =
        found.most_children.as_ref().map(|(children, table)| format!(" with {} rows of {table}", count(*children as u64)));
    let who = heaviest.0.parameters.as_ref().map(|parameters| format!(" ({parameters}{})", behind.unwrap_or_default()));
    Some(format!(
        "The heaviest parameters{} take {} as long as the typical ones: {} against {}.",
        who.unwrap_or_default(),
        times(ratio(heaviest, typical)),
        ms(heaviest.0.latency.p50_ms),
        ms(typical.0.latency.p50_ms)
    ))
}

/// An order that was paid or a cart that was emptied is not so again: calls that come back to it do less than the first.
fn used_up_note(classes: &[Both<'_>]) -> Option<String> {
    let rows = |class: &str| both(classes, class).map(|(result, _)| result.rows_per_call);
    let (repeating, uniform) = (rows("heaviest").or(rows("repeat 11"))?, rows("uniform")?);
    (repeating < uniform / 2.0).then(|| {
        format!(
            "Asked again for the same row the endpoint finds less to do ({} rows a call against {}): the times of classes that repeat \
             their rows are of such calls.",
            amount(repeating),
            amount(uniform)
        )
    })
}

/// A benchmark that goes round in a few rows measures those rows.
fn repeating_note(classes: &[Both<'_>]) -> Option<String> {
    let (repeating, uniform) = (both(classes, "repeat 11")?, both(classes, "uniform")?);
    let ratio = ratio(uniform, repeating);
    (!(1.0 / WORTH_SAYING..WORTH_SAYING).contains(&ratio) && differ(uniform, repeating)).then(|| {
        format!(
            "With 11 rows over and over a call takes {}, with rows from all over the table {}: a benchmark that repeats its identifiers \
             measures something else.",
            ms(repeating.0.latency.p50_ms),
            ms(uniform.0.latency.p50_ms)
        )
    })
}

fn missing_note(classes: &[Both<'_>]) -> Option<String> {
    let (missing, typical) = (both(classes, "missing")?, both(classes, "typical").or(both(classes, "uniform"))?);
    (ratio(missing, typical) >= WORTH_SAYING && differ(missing, typical)).then(|| {
        format!(
            "Asking for what is not there takes {} as long as a typical call: {}.",
            times(ratio(missing, typical)),
            ms(missing.0.latency.p50_ms)
        )
    })
}

fn cache_note(results: &[ClassResult], caches: &[CacheEstimate]) -> Option<String> {
    let of = |class: &str| caches.iter().find(|cache| cache.entries == ENTRIES && cache.class == class);
    // The scenario's own choice says most; beside it, what skewed and even choices would give.
    let own = results.iter().find(|result| result.own).map(|result| result.class.as_str());
    let mut said: Vec<&CacheEstimate> = Vec::new();
    for class in own.into_iter().chain(["zipf 1.1", "uniform"]) {
        said.extend(of(class).filter(|cache| said.iter().all(|known| known.class != cache.class)));
    }
    let part = |cache: &&CacheEstimate| {
        let uncached = named(results, &cache.class).map_or(0.0, |result| result.latency.mean_ms);
        let under = if cache.class == "uniform" { "uniform choice" } else { cache.class.as_str() };
        let gain = if cache.hit_rate < 0.005 {
            "nothing".to_owned()
        } else {
            format!("{} → {} at best", ms(uncached), ms(cache.mean_ms))
        };
        format!("{} of the calls under {under} ({gain})", percent(cache.hit_rate))
    };
    let parts: Vec<String> = said.iter().map(part).collect();
    (!parts.is_empty()).then(|| format!("A cache of {} entries would answer {}.", count(ENTRIES), crate::units::listed(&parts)))
}

fn failed_note((timed, result): (&Timed, &ClassResult)) -> Option<String> {
    let first = timed.errors.first()?;
    Some(format!(
        "Under {} {} of {} calls failed: {}.",
        result.class,
        count(result.errors),
        count(result.errors + result.latency.n),
        first.message
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn timed(times_ms: &[f64]) -> Timed {
        let mut timed = Timed::default();
        for ms in times_ms {
            timed.latency.record(Duration::from_secs_f64(ms / 1e3));
            timed.times_ms.push(*ms);
        }
        timed
    }

    fn class(name: &str, timed: &Timed) -> ClassResult {
        ClassResult {
            class: name.into(),
            own: name == "uniform",
            parameters: Some("playlist_id 1702".into()),
            errors: 0,
            latency: timed.latency.summary(),
            rows_per_call: 1.0,
            distinct: 1,
        }
    }

    fn found() -> EndpointClasses {
        EndpointClasses {
            classes: Vec::new(),
            notes: Vec::new(),
            population: 10,
            most_children: Some((250, crate::db::TableName::new("public", "songs"))),
            heaviness: Some(40.0),
        }
    }

    #[test]
    fn the_heaviest_are_named_when_they_are_slower_and_it_is_no_chance() {
        let (few, many) = (timed(&[1.0, 1.1, 0.9, 1.0, 30.0]), timed(&[41.0, 40.0, 42.0, 41.0, 39.0]));
        let (typical, heaviest) = (class("typical", &few), class("heaviest", &many));
        let said = heaviest_note(&found(), &[(&typical, &few), (&heaviest, &many)]);
        let expected = "The heaviest parameters (playlist_id 1702 with 250 rows of songs) take 41× as long as the typical ones: 41.0 ms \
                        against 1.0 ms.";
        assert_eq!(said.as_deref(), Some(expected));
        let wide = timed(&[0.5, 41.0, 40.0, 1.0, 42.0]);
        let heaviest = class("heaviest", &wide);
        assert_eq!(heaviest_note(&found(), &[(&typical, &few), (&heaviest, &wide)]), None, "their times lie among each other");
    }

    #[test]
    fn what_is_used_up_by_the_first_call_is_said() {
        let times = timed(&[1.0, 1.1]);
        let rows = |name: &str, rows_per_call| ClassResult { rows_per_call, ..class(name, &times) };
        let (uniform, heaviest, full) = (rows("uniform", 4.2), rows("heaviest", 0.1), rows("heaviest", 9.0));
        let said = used_up_note(&[(&uniform, &times), (&heaviest, &times)]).unwrap();
        assert!(said.contains("(0.1 rows a call against 4.2)"), "{said}");
        assert_eq!(used_up_note(&[(&uniform, &times), (&full, &times)]), None);
    }

    #[test]
    fn a_cache_is_told_by_the_scenarios_choice_and_by_even_and_skewed_ones() {
        let times = timed(&[0.41]);
        let results = [class("uniform", &times), class("zipf 1.1", &times)];
        let cache = |class: &str, hit_rate| CacheEstimate {
            class: class.into(),
            entries: 1000,
            hit_rate,
            mean_ms: 0.41 * (1.0 - hit_rate),
        };
        let said = cache_note(&results, &[cache("uniform", 0.001), cache("zipf 1.1", 0.63)]);
        let expected = "A cache of 1,000 entries would answer 0.1% of the calls under uniform choice (nothing) and 63% of the calls under \
                        zipf 1.1 (0.41 ms → 0.15 ms at best).";
        assert_eq!(said.as_deref(), Some(expected));
    }
}
