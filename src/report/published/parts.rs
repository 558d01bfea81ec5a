//! What is left of a published time, and where: triggers of foreign keys that were published with it.

use super::super::model::{PublishedClock, PublishedTime};
use super::TimeBeside;
use super::exact;
use crate::units;

/// Less than this share of what is left is not worth a sentence.
const MUCH: f64 = 0.5;

/// Where most of what remained as published was in triggers, said with what remains here.
pub(super) fn left(times: &[TimeBeside], whole: &TimeBeside) -> Option<String> {
    let published = whole.published;
    let after =
        published.after_ms.filter(|after| *after > 0.0 && whole.is_whole() && published.clock == PublishedClock::Explain)?;
    let mut parts: Vec<(&str, f64)> = Vec::new();
    for part in times.iter().map(|time| time.published).filter(|part| part.label == published.label) {
        let (Some(constraint), Some(ms)) = (part.constraint.as_deref(), part.after_ms) else { continue };
        // One that is published twice, e.g. once as a statement by itself, counts once.
        if !parts.iter().any(|(known, _)| *known == constraint) {
            parts.push((constraint, ms));
        }
    }
    parts.sort_by(|a, b| b.1.total_cmp(&a.1));
    let told = parts.iter().filter(|(_, ms)| *ms >= 0.1 * after);
    let (names, ms): (Vec<String>, Vec<f64>) = told.map(|(name, ms)| (format!("{name} ({} ms)", exact(*ms)), *ms)).unzip();
    let share = ms.iter().sum::<f64>() / after;
    if names.is_empty() || !(MUCH..=1.01).contains(&share) {
        return None;
    }
    let triggers = if names.len() == 1 { "the trigger of" } else { "the triggers of" };
    let here = whole.after_ms.map_or_else(String::new, |ms| format!(" Here {} are left in all.", units::ms(ms)));
    Some(format!(
        "{}: of the {} ms left as published, {} were in {triggers} {}.{here}",
        published.label,
        exact(after),
        units::percent(share.min(1.0)),
        units::listed(&names),
    ))
}

/// Where the client waited for more than EXPLAIN has executed, as published: `None` unless both are given for the whole endpoint.
pub(super) fn outside(times: &[TimeBeside], client: &TimeBeside) -> Option<String> {
    let whole = |time: &PublishedTime, clock| time.clock == clock && time.statement.is_none() && time.constraint.is_none();
    let waited = client.published.before_ms.filter(|_| whole(client.published, PublishedClock::Client))?;
    let by_plan = times
        .iter()
        .find(|time| time.published.label == client.published.label && whole(time.published, PublishedClock::Explain))?;
    let executed = by_plan.published.before_ms?;
    let outside = waited - executed;
    if outside < 0.1 * waited {
        return None;
    }
    let here = match (client.before_ms, by_plan.before_ms.filter(|_| by_plan.clock == PublishedClock::Explain)) {
        (Some(ours), Some(plan)) => {
            format!(" Here a call takes {} at the client, and EXPLAIN says {}.", units::ms(ours), units::ms(plan))
        }
        _ => String::new(),
    };
    Some(format!(
        "{}: as published the client waited {} ms for what EXPLAIN executed in {} ms; {} of it went elsewhere, and no index shortens that.{here}",
        client.published.label,
        exact(waited),
        exact(executed),
        units::percent(outside / waited),
    ))
}
