//! A published load test beside the phase of ours that does the same.

use super::super::model::{LoadRun, LoadStep, Published, PublishedLoad, Run};
use super::super::under_load::{Proof, telling};
use super::exact;
use crate::units;

/// A published load with ours, without the kept indexes and with them.
pub struct LoadBeside<'a> {
    pub published: &'a PublishedLoad,
    pub before: Option<(&'a LoadRun, &'a LoadStep)>,
    pub after: Option<(&'a LoadRun, &'a LoadStep)>,
}

/// All of them, in the order of the scenario.
pub fn loads<'a>(run: &'a Run, published: &'a Published) -> Vec<LoadBeside<'a>> {
    let before = run.before.as_ref().map_or(&[][..], |bench| &bench.load);
    let after = run.advice.as_ref().map_or(&[][..], |advice| &advice.load);
    let beside =
        |load: &'a PublishedLoad| LoadBeside { published: load, before: step(before, load, 0), after: step(after, load, 1) };
    published.loads.iter().map(beside).collect()
}

/// The step with the published clients or the rate next to the published one, else the one that tells most. `varied` is what a phase that
/// runs as it is written has in [`LoadRun::varied`]: with the kept indexes, that it is with them.
fn step<'a>(runs: &'a [LoadRun], published: &PublishedLoad, varied: usize) -> Option<(&'a LoadRun, &'a LoadStep)> {
    let name = published.phase.as_ref()?;
    let run = runs.iter().find(|run| run.name == *name && run.varied.len() == varied)?;
    let clients =
        published.clients.and_then(|clients| run.steps.iter().find(|step| step.clients.map(u64::from) == Some(clients)));
    let off = |step: &LoadStep| published.rate_per_s.zip(step.rate).map_or(f64::INFINITY, |(theirs, ours)| (theirs - ours).abs());
    let by_rate = run.steps.iter().filter(|step| run.search.is_none() && off(step).is_finite());
    let by_rate = by_rate.min_by(|a, b| off(a).total_cmp(&off(b)));
    Some((run, clients.or(by_rate).or_else(|| telling(run))?))
}

impl LoadBeside<'_> {
    /// Name of the figure: the source's words, else the phase.
    pub fn name(&self) -> String {
        let published = self.published;
        published.what.clone().or_else(|| published.phase.clone()).unwrap_or_else(|| "load".to_owned())
    }

    /// `1,500 clients who think 1.0 s: 2,520.1/s at 10.64 ms, 0.003% failed`
    pub fn as_published(&self) -> String {
        let published = self.published;
        let clients = published.clients.map(|clients| units::counted(clients, "client", "clients"));
        let errors = published.error_share.map(|share| format!("{} failed", exact_percent(share)));
        let rate = published.rate_per_s.map(|rate| format!("{}/s", exact(rate)));
        let latency = published.latency_ms.map(|ms| format!("{} ms", exact(ms)));
        said(clients, published.think_ms, (rate, latency), errors)
    }

    /// Ours before: a sentence in the same form.
    pub fn before(&self) -> String {
        self.before.map_or_else(|| "not measured".to_owned(), |(run, step)| ours(run, step))
    }

    /// Ours with the kept indexes; nothing when none was kept or no load driven.
    pub fn after(&self) -> String {
        self.after.map_or_else(String::new, |(run, step)| ours(run, step))
    }
}

fn ours(run: &LoadRun, step: &LoadStep) -> String {
    let clients = step.clients.map(|clients| units::counted(u64::from(clients), "client", "clients"));
    let calls = step.calls + step.errors;
    let failed = (step.errors > 0).then(|| format!("{} failed", units::percent(step.errors as f64 / calls.max(1) as f64)));
    let latency = (step.response.latency.n > 0).then(|| units::ms(step.response.latency.mean_ms));
    let target = step.rate.map(|rate| format!("asked for {}/s", units::amount(rate)));
    let rate = Some(format!("{}/s", units::amount(step.throughput_per_s)));
    let text = said(clients.or(target), step.think_ms.filter(|think| *think > 0.0), (rate, latency), failed);
    let text = match run.search.as_ref().map(|search| search.rate) {
        Some(Some(rate)) => format!("{}/s held: {text}", units::amount(rate)),
        Some(None) => format!("no rate held: {text}"),
        None => text,
    };
    match Proof::of(step) {
        Proof::Invalid => format!("{text} (proves nothing: the client was too busy)"),
        _ => text,
    }
}

fn said(
    who: Option<String>,
    think_ms: Option<f64>,
    (rate, latency): (Option<String>, Option<String>),
    failed: Option<String>,
) -> String {
    let think = think_ms
        .map(|think| if think > 0.0 { format!(" who think {}", units::ms(think)) } else { " who do not think".to_owned() });
    let who = who.map(|who| format!("{who}{}", think.unwrap_or_default()));
    let result: Vec<String> = rate.into_iter().chain(latency).collect();
    let result = [result.join(" at ")].into_iter().chain(failed).collect::<Vec<_>>().join(", ");
    who.map_or_else(|| result.clone(), |who| format!("{who}: {result}"))
}

/// `0.003%`, with all digits.
fn exact_percent(share: f64) -> String {
    // Shares are decoded from percentages: the tenth decimal is the division's.
    format!("{}%", exact((share * 1e12).round() / 1e10))
}

/// Whether requests, time and rate of a load agree, and what Little's law says of it.
pub(super) fn remarks(load: &LoadBeside) -> Vec<String> {
    let published = load.published;
    let mut said = Vec::new();
    if let (Some(requests), Some(seconds), Some(rate)) = (published.requests, published.seconds, published.rate_per_s)
        && seconds > 0.0
    {
        let computed = requests as f64 / seconds;
        if (computed / rate - 1.0).abs() > ROUNDED {
            let requests = units::count(requests);
            let (computed, seconds) = (units::amount(computed), units::seconds(seconds));
            said.push(format!("{requests} requests in {seconds} are {computed}/s, not {}/s.", exact(rate)));
        }
    }
    said.extend(published.remarks.iter().cloned());
    said.into_iter().map(|sentence| format!("{}: {sentence}", load.name())).collect()
}

/// What rounding may do to a published rate.
const ROUNDED: f64 = 0.01;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_is_said_as_far_as_it_is_given() {
        let published = PublishedLoad {
            clients: Some(1_500),
            think_ms: Some(1_000.0),
            rate_per_s: Some(2_520.1),
            latency_ms: Some(10.64),
            error_share: Some(0.00003),
            ..PublishedLoad::default()
        };
        let beside = LoadBeside { published: &published, before: None, after: None };
        assert_eq!(beside.as_published(), "1,500 clients who think 1,000 ms: 2,520.1/s at 10.64 ms, 0.003% failed");
        let little = PublishedLoad { rate_per_s: Some(60_000.0), ..PublishedLoad::default() };
        let beside = LoadBeside { published: &little, before: None, after: None };
        assert_eq!((beside.as_published().as_str(), beside.before().as_str()), ("60,000/s", "not measured"));
    }

    #[test]
    fn requests_that_do_not_make_the_rate_are_said() {
        let published = |requests| PublishedLoad {
            what: Some("the test".into()),
            requests: Some(requests),
            seconds: Some(30.0),
            rate_per_s: Some(610.4),
            ..PublishedLoad::default()
        };
        let said = |load: &PublishedLoad| remarks(&LoadBeside { published: load, before: None, after: None });
        assert!(said(&published(18_312)).is_empty());
        assert_eq!(said(&published(20_000)), ["the test: 20,000 requests in 30.0 s are 667/s, not 610.4/s."]);
    }
}
