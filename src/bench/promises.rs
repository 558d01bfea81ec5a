//! Every promise held against all that a bench has found: calls, load, the server's counters, plans.

use crate::report::model::{BenchRun, EndpointResult, LoadRun, LoadStep, SloResult};
use crate::scenario::model::{Metric, Slo};

use super::recorder::{P95_NEEDS, P99_NEEDS, P999_NEEDS, Recorder};
use super::slo::held;

/// Fewest calls for a p90.
const P90_NEEDS: u64 = 10;

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
    for step in run.load.iter_mut().filter_map(held_to_promises) {
        judge_step(step, &labels, promised, asked);
    }
}

fn together<'a>(own: &'a [Slo], asked: &'a [Slo]) -> impl Iterator<Item = &'a Slo> {
    own.iter().chain(asked)
}

/// The one step of a phase. A sweep and a search overload the service on purpose, so their steps promise nothing.
fn held_to_promises(phase: &mut LoadRun) -> Option<&mut LoadStep> {
    match phase.steps.as_mut_slice() {
        [step] if phase.model != "search" => Some(step),
        _ => None,
    }
}

fn judge_step(step: &mut LoadStep, labels: &[String], promised: &[Vec<Slo>], asked: &[Slo]) {
    let of_calls = |slo: &&Slo| slo.metric.is_of_calls();
    for endpoint in &mut step.endpoints {
        let own = labels.iter().position(|label| *label == endpoint.label).and_then(|place| promised.get(place));
        let own = own.map_or(&[][..], Vec::as_slice);
        let seen = Calls {
            recorder: Recorder::from_latency(&endpoint.response.latency, endpoint.response.histogram.as_deref()).ok(),
            calls: endpoint.calls,
            errors: endpoint.errors,
            per_second: Some(endpoint.throughput_per_s),
        };
        endpoint.slo = together(own, asked).filter(of_calls).map(|slo| told(slo, seen.figure(slo.metric))).collect();
    }
    let all = Calls {
        recorder: Recorder::from_latency(&step.response.latency, step.response.histogram.as_deref()).ok(),
        calls: step.calls,
        errors: step.errors,
        per_second: Some(step.throughput_per_s),
    };
    step.slo = asked.iter().filter(of_calls).map(|slo| told(slo, all.figure(slo.metric))).collect();
}

/// A promise with its figure, or with the reason why it cannot be told.
fn told(slo: &Slo, figure: Figure) -> SloResult {
    match figure {
        Ok((measured, place)) => {
            let result = held(slo, Some(measured));
            SloResult { reason: place.filter(|_| result.met == Some(false)), ..result }
        }
        Err(reason) => SloResult { reason: Some(reason), ..held(slo, None) },
    }
}

fn figure(metric: Metric, endpoint: &EndpointResult, load: &[LoadRun], plans: &PlansSeen) -> Figure {
    if metric == Metric::PlanSeqScan {
        return match plans {
            PlansSeen::Explained(None) => Ok((0.0, None)),
            PlansSeen::Explained(Some(scan)) => Ok((scan.rows, Some(scan.place.clone()))),
            PlansSeen::Not(reason) => Err(reason.clone()),
        };
    }
    let calls = Calls {
        recorder: Recorder::from_latency(&endpoint.latency, endpoint.histogram.as_deref()).ok(),
        calls: endpoint.calls,
        errors: endpoint.errors,
        per_second: highest_rate(&endpoint.label, load),
    };
    if metric.is_of_calls() {
        return calls.figure(metric);
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

/// The highest rate that the endpoint reached in any step that proves something.
fn highest_rate(label: &str, load: &[LoadRun]) -> Option<f64> {
    let steps = load.iter().flat_map(|phase| &phase.steps).filter(|step| step.invalid.is_empty());
    let rates = steps.flat_map(|step| &step.endpoints).filter(|endpoint| endpoint.label == label);
    rates.map(|endpoint| endpoint.throughput_per_s).max_by(f64::total_cmp)
}

/// What calls alone tell.
struct Calls {
    recorder: Option<Recorder>,
    calls: u64,
    errors: u64,
    /// `None` without a load: a client that waits for every reply says nothing about a rate.
    per_second: Option<f64>,
}

impl Calls {
    fn figure(&self, metric: Metric) -> Figure {
        let figure = match metric {
            Metric::ErrorRate if self.calls + self.errors == 0 => Err("there was no call".into()),
            Metric::ErrorRate => Ok(self.errors as f64 / (self.calls + self.errors) as f64),
            Metric::Rps => self.per_second.ok_or_else(|| "it needs a load phase".into()),
            _ => self.latency(metric),
        };
        figure.map(|figure| (figure, None))
    }

    fn latency(&self, metric: Metric) -> Result<f64, String> {
        let Some(recorder) = self.recorder.as_ref().filter(|recorder| recorder.count() > 0) else {
            return Err("no call succeeded".into());
        };
        let percentile = |quantile: f64, needs: u64| {
            let enough = recorder.count() >= needs;
            let few = || {
                format!("{} calls are too few, it needs {}", crate::units::count(recorder.count()), crate::units::count(needs))
            };
            if enough { Ok(recorder.quantile_ms(quantile)) } else { Err(few()) }
        };
        match metric {
            Metric::P50 => percentile(0.5, 1),
            Metric::P90 => percentile(0.9, P90_NEEDS),
            Metric::P95 => percentile(0.95, P95_NEEDS),
            Metric::P99 => percentile(0.99, P99_NEEDS),
            Metric::P999 => percentile(0.999, P999_NEEDS),
            Metric::Mean => Ok(recorder.total_ms() / recorder.count() as f64),
            Metric::Max => Ok(recorder.summary().max_ms),
            _ => Err("nothing measures it".into()),
        }
    }
}

/// Every promise of a run with where it was made: the endpoint, or the step of the load.
pub fn all(run: &BenchRun) -> Vec<(String, &SloResult)> {
    let solo = run.endpoints.iter().flat_map(|endpoint| endpoint.slo.iter().map(|slo| (endpoint.label.clone(), slo)));
    let load = run.load.iter().flat_map(|phase| {
        phase.steps.iter().flat_map(move |step| {
            let whole = step.slo.iter().map(move |slo| (format!("{}, all endpoints", phase.name), slo));
            let each = step.endpoints.iter().flat_map(move |endpoint| {
                endpoint.slo.iter().map(move |slo| (format!("{}, {}", phase.name, endpoint.label), slo))
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
        assert_eq!(found[3].1.as_deref(), Some("100 calls are too few, it needs 1,000"));
    }

    #[test]
    fn one_client_says_nothing_about_a_rate_and_a_load_does() {
        let mut run = of(endpoint(100, 0));
        assert_eq!(judged(&mut run, "rps >= 1000", unread()), [(None, Some("it needs a load phase".into()))]);
        run.load = vec![load(1200.0), load(800.0)];
        assert_eq!(judged(&mut run, "rps >= 1000", unread()), [(Some(true), None)]);
        assert_eq!(judged(&mut run, "rps >= 1300", unread()), [(Some(false), None)]);
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
        let step =
            LoadStep { calls: 100, response, endpoints: vec![of_endpoint], throughput_per_s: per_second, ..LoadStep::default() };
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
