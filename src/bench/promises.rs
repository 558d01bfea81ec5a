//! Every promise held against all that a bench has found: calls, load, the server's counters, plans.

use crate::report::model::{BenchRun, EndpointResult, LoadRun, LoadStep, SloResult};
use crate::scenario::model::{Metric, Slo};
use crate::units;

use super::load::judge::{counted, promises};
use super::slo::{self, Counted};

/// The largest table that a call reads from end to end: rows, and where, in words.
#[derive(Debug, Clone, PartialEq)]
pub struct LargestScan {
    pub rows: f64,
    pub place: String,
}

/// What is known of an endpoint's plans.
#[derive(Debug, Clone, PartialEq)]
pub enum PlansSeen {
    /// The typical call was explained.
    Explained(Option<LargestScan>),
    /// Nobody looked, or there was no call to look at.
    Not(String),
}

/// A figure, or why there is none; and what a reader needs to find it.
type Figure = Result<(f64, Option<String>), String>;

/// Fills in the promises of every endpoint (`promised`, in the order of the run) and of the load, `asked` of all of them.
pub fn judge(run: &mut BenchRun, promised: &[Vec<Slo>], asked: &[Slo], plans: &[PlansSeen]) {
    let unknown = PlansSeen::Not("no plan was read".into());
    for (place, own) in promised.iter().enumerate().take(run.endpoints.len()) {
        let plans = plans.get(place).unwrap_or(&unknown);
        let results = together(own, asked).map(|slo| told(slo, figure(slo.metric, &run.endpoints[place], &run.load, plans)));
        run.endpoints[place].slo = results.collect();
    }
    let labels: Vec<String> = run.endpoints.iter().map(|endpoint| endpoint.label.clone()).collect();
    for step in run.load.iter_mut().filter(|phase| is_held(phase)).flat_map(|phase| &mut phase.steps) {
        judge_step(step, &labels, promised, asked);
    }
}

fn together<'a>(own: &'a [Slo], asked: &'a [Slo]) -> impl Iterator<Item = &'a Slo> {
    own.iter().chain(asked)
}

/// Whether a phase has to keep promises. A sweep and a search overload the service on purpose, so their steps promise nothing.
fn is_held(phase: &LoadRun) -> bool {
    match phase.model.as_str() {
        "open" => true,
        "closed" => phase.steps.len() == 1,
        _ => false,
    }
}

fn judge_step(step: &mut LoadStep, labels: &[String], promised: &[Vec<Slo>], asked: &[Slo]) {
    for endpoint in &mut step.endpoints {
        let own = labels.iter().position(|label| *label == endpoint.label).and_then(|place| promised.get(place));
        let all: Vec<Slo> = together(own.map_or(&[], Vec::as_slice), asked).copied().collect();
        endpoint.slo = promises(&all, &counted(&endpoint.response, endpoint.errors, endpoint.throughput_per_s));
    }
    step.slo = promises(asked, &counted(&step.response, step.errors, step.throughput_per_s));
}

/// A promise with its figure, or with the reason why it cannot be told.
fn told(promise: &Slo, figure: Figure) -> SloResult {
    let (figure, place) = match figure {
        Ok((measured, place)) => (Ok(measured), place),
        Err(reason) => (Err(reason), None),
    };
    let result = slo::told(promise, figure);
    SloResult { reason: result.reason.or(place), ..result }
}

fn figure(metric: Metric, endpoint: &EndpointResult, load: &[LoadRun], plans: &PlansSeen) -> Figure {
    if metric == Metric::PlanSeqScan {
        return match plans {
            PlansSeen::Explained(None) => Ok((0.0, None)),
            PlansSeen::Explained(Some(scan)) => Ok((scan.rows, Some(scan.place.clone()))),
            PlansSeen::Not(reason) => Err(reason.clone()),
        };
    }
    if metric == Metric::Rps {
        return highest_rate(&endpoint.label, load);
    }
    if metric.is_of_calls() {
        let EndpointResult { latency, histogram, errors, .. } = endpoint;
        let counted = Counted { latency, histogram: histogram.as_deref(), errors: Some(*errors), per_s: None };
        return counted.figure(metric).map(|figure| (figure, None));
    }
    if endpoint.calls == 0 {
        return Err("no call succeeded".into());
    }
    match metric {
        Metric::Queries => Ok((endpoint.statements_per_call, None)),
        Metric::RoundTrips => Ok((endpoint.round_trips_per_call, None)),
        _ => touched(metric, endpoint).map(|figure| (figure, None)),
    }
}

/// What the server's counters say.
fn touched(metric: Metric, endpoint: &EndpointResult) -> Result<f64, String> {
    let Some(side) = &endpoint.server_side else { return Err("the server's counters were not read".into()) };
    let touched = &side.touched;
    match metric {
        Metric::RowsRead => Ok(touched.rows_read),
        Metric::RowsReadPerReturned if touched.rows_returned > 0.0 => Ok(touched.rows_read / touched.rows_returned),
        Metric::RowsReadPerReturned => Err("no call returned a row".into()),
        Metric::Blocks => Ok(touched.blocks()),
        Metric::Wal => Ok(touched.wal_bytes),
        Metric::Temp => touched.temp_bytes.ok_or_else(|| "this server tells only of all sessions together".into()),
        _ => Err("nothing measures it".into()),
    }
}

/// The highest rate that the endpoint reached in any step that proves something, and in which one.
fn highest_rate(label: &str, load: &[LoadRun]) -> Figure {
    let steps = load.iter().flat_map(|phase| phase.steps.iter().map(move |step| (phase, step)));
    let rates: Vec<_> = steps
        .flat_map(|(phase, step)| step.endpoints.iter().map(move |endpoint| (phase, step, endpoint)))
        .filter(|(_, _, endpoint)| endpoint.label == label)
        .collect();
    let proven = rates.iter().filter(|(_, step, _)| step.invalid.is_empty());
    let highest = proven.max_by(|(_, _, one), (_, _, other)| one.throughput_per_s.total_cmp(&other.throughput_per_s));
    match (highest, rates.is_empty()) {
        (Some((phase, step, endpoint)), _) => {
            Ok((endpoint.throughput_per_s, Some(format!("the highest, in {}", step_in_words(phase, step)))))
        }
        (None, false) => Err("perflab itself was the limit in every step of the load that calls it".into()),
        (None, true) => Err("it needs a load phase".into()),
    }
}

/// `readers (pool of 20) with 4 clients`
fn step_in_words(phase: &LoadRun, step: &LoadStep) -> String {
    let varied = if phase.varied.is_empty() { String::new() } else { format!(" ({})", phase.varied.join(", ")) };
    let driven = match (step.clients, step.rate) {
        (Some(clients), _) => format!(" with {}", units::counted(u64::from(clients), "client", "clients")),
        (None, Some(rate)) => format!(" at {}/s", units::amount(rate)),
        (None, None) => String::new(),
    };
    format!("{}{varied}{driven}", phase.name)
}

/// Every promise of a run that has to be kept, with where it was made: the endpoint, or the step of the load.
pub fn all(run: &BenchRun) -> Vec<(String, &SloResult)> {
    let solo = run.endpoints.iter().flat_map(|endpoint| endpoint.slo.iter().map(|slo| (endpoint.label.clone(), slo)));
    let place = |phase: &LoadRun, step| match phase.steps.len() {
        1 if phase.varied.is_empty() => phase.name.clone(),
        _ => step_in_words(phase, step),
    };
    let load = run.load.iter().filter(|phase| is_held(phase)).flat_map(|phase| {
        phase.steps.iter().flat_map(move |step| {
            let whole = step.slo.iter().map(move |slo| (format!("{}, all endpoints", place(phase, step)), slo));
            let each = step.endpoints.iter().flat_map(move |endpoint| {
                endpoint.slo.iter().map(move |slo| (format!("{}, {}", place(phase, step), endpoint.label), slo))
            });
            whole.chain(each)
        })
    });
    solo.chain(load).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::bench::recorder::Recorder;
    use crate::report::model::{Clock, EndpointLoad, ServerSide, Touched};
    use crate::scenario::model::Location;
    use crate::scenario::slo::sentences;

    fn endpoint(calls: u64, errors: u64) -> EndpointResult {
        let mut recorder = Recorder::default();
        (1..=calls).for_each(|ms| recorder.record(Duration::from_millis(ms)));
        EndpointResult {
            label: "GET /".into(),
            calls,
            errors,
            latency: recorder.summary(),
            histogram: recorder.stored(),
            statements_per_call: 4.0,
            round_trips_per_call: 6.0,
            ..EndpointResult::default()
        }
    }

    fn judged(run: &mut BenchRun, promises: &str, plans: PlansSeen) -> Vec<(Option<bool>, Option<String>)> {
        let promised = sentences(promises, Location::default()).unwrap();
        judge(run, &[promised], &[], &[plans]);
        run.endpoints[0].slo.iter().map(|slo| (slo.met, slo.reason.clone())).collect()
    }

    fn of(endpoint: EndpointResult) -> BenchRun {
        BenchRun { endpoints: vec![endpoint], ..BenchRun::default() }
    }

    fn unread() -> PlansSeen {
        PlansSeen::Not("no plan was read".into())
    }

    #[test]
    fn percentiles_come_from_the_histogram_and_need_calls() {
        let text = "p90 < 91ms, p95 < 95ms, p99 < 100ms, p99.9 < 1s, mean < 51ms, max <= 101ms";
        let found = judged(&mut of(endpoint(100, 0)), text, unread());
        let met: Vec<Option<bool>> = found.iter().map(|(met, _)| *met).collect();
        assert_eq!(met, [Some(true), Some(false), Some(true), None, Some(true), Some(true)]);
        assert_eq!(found[3].1.as_deref(), Some("100 calls; p99.9 needs 1,000, so measure longer"));
    }

    #[test]
    fn one_client_says_nothing_about_a_rate_and_a_load_does() {
        let mut run = of(endpoint(100, 0));
        assert_eq!(judged(&mut run, "rps >= 1000", unread()), [(None, Some("it needs a load phase".into()))]);
        run.load = vec![load(1200.0), load(800.0)];
        let highest = || Some("the highest, in peak with 4 clients".to_owned());
        assert_eq!(judged(&mut run, "rps >= 1000", unread()), [(Some(true), highest())]);
        assert_eq!(judged(&mut run, "rps >= 1300", unread()), [(Some(false), highest())]);
        run.load.iter_mut().for_each(|phase| phase.steps[0].invalid = vec!["a saturated client".into()]);
        assert!(judged(&mut run, "rps >= 1000", unread())[0].1.as_ref().unwrap().contains("perflab itself was the limit"));
    }

    fn load(per_second: f64) -> LoadRun {
        let calls = endpoint(100, 0);
        let response = Clock { latency: calls.latency, p999_ms: None, histogram: calls.histogram };
        let of_endpoint = EndpointLoad {
            label: "GET /".into(),
            calls: 100,
            errors: 25,
            throughput_per_s: per_second,
            response: response.clone(),
            ..EndpointLoad::default()
        };
        let step = LoadStep {
            calls: 100,
            clients: Some(4),
            response,
            endpoints: vec![of_endpoint],
            throughput_per_s: per_second,
            ..LoadStep::default()
        };
        LoadRun {
            name: "peak".into(),
            model: "open".into(),
            varied: Vec::new(),
            steps: vec![step],
            usl: None,
            knee: None,
            search: None,
            notes: Vec::new(),
        }
    }

    #[test]
    fn a_load_of_one_step_is_held_to_promises_as_a_whole_and_by_endpoint_and_a_sweep_is_not() {
        let mut run = of(endpoint(100, 0));
        run.load = vec![load(1000.0), load(1000.0)];
        run.load[1].model = "closed".into();
        let own = sentences("p50 < 1ms", Location::default()).unwrap();
        let step = &mut run.load[1].steps[0];
        step.endpoints[0].slo = promises(&own, &counted(&step.endpoints[0].response, 0, 1.0));
        let second = run.load[1].steps[0].clone();
        run.load[1].steps.push(second);
        let own = sentences("error_rate < 1%, queries <= 3", Location::default()).unwrap();
        let asked = sentences("p95 < 50ms", Location::default()).unwrap();
        judge(&mut run, &[own], &asked, &[unread()]);
        let broken: Vec<String> = all(&run)
            .into_iter()
            .filter(|(_, slo)| slo.met == Some(false))
            .map(|(place, slo)| format!("{place}: {}", slo.metric))
            .collect();
        let expected =
            ["GET /: queries", "GET /: p95", "peak, all endpoints: p95", "peak, GET /: error_rate", "peak, GET /: p95"];
        assert_eq!(broken, expected);
    }

    #[test]
    fn counters_and_plans_are_asked_and_missing_ones_named() {
        let text = "queries <= 4, round_trips <= 5, rows_read <= 99, rows_read / rows_returned < 50, blocks <= 10, wal < 8kB, \
                    plan: no seq scan over 1000 rows";
        let mut run = of(endpoint(100, 3));
        let met = |found: Vec<(Option<bool>, Option<String>)>| found.into_iter().map(|(met, _)| met).collect::<Vec<_>>();
        let without = judged(&mut run, text, unread());
        assert!(without[2].1.as_ref().unwrap().contains("counters were not read"));
        assert_eq!(met(without), [Some(true), Some(false), None, None, None, None, None]);
        let touched = Touched { rows_read: 100.0, rows_returned: 2.0, blocks_hit: 9.0, wal_bytes: 100.0, ..Touched::default() };
        run.endpoints[0].server_side = Some(ServerSide { touched, ..ServerSide::default() });
        let scan = LargestScan { rows: 5000.0, place: "statement 2 reads all of songs".into() };
        let with = judged(&mut run, text, PlansSeen::Explained(Some(scan)));
        assert_eq!(with[6].1.as_deref(), Some("statement 2 reads all of songs"));
        assert_eq!(met(with), [Some(true), Some(false), Some(false), Some(false), Some(true), Some(true), Some(false)]);
        assert_eq!(judged(&mut run, "plan: no seq scan over 1000 rows", PlansSeen::Explained(None)), [(Some(true), None)]);
    }
}
