//! What the page and the terminal both say of a phase under load: its verdict, the step that tells most, what to doubt, and
//! what varying it moved.

mod asked;

use super::model::{Clock, LoadRun, LoadStep, WITH_INDEXES};
use crate::units;

pub use asked::{asked, fit, incidents, law};

/// An open loop that achieved this share of its rate has held it: a Poisson schedule of a few thousand calls scatters by
/// about as much.
const HELD: f64 = 0.98;
/// Two runs one after the other differ by as much by chance.
const SMALLEST_EFFECT: f64 = 1.05;

/// What to know of [`largest_effect`].
pub const ONE_RUN_EACH: &str = "One run each, one after the other: small differences are chance.";

/// Runs of the same phase, the phase as it is written first.
pub fn phases(runs: &[LoadRun]) -> Vec<Vec<&LoadRun>> {
    let mut phases: Vec<Vec<&LoadRun>> = Vec::new();
    for run in runs {
        match phases.iter_mut().find(|phase| phase[0].name == run.name) {
            Some(phase) => phase.push(run),
            None => phases.push(vec![run]),
        }
    }
    for phase in &mut phases {
        phase.sort_by_key(|run| !run.varied.is_empty());
    }
    phases
}

/// `closed loop`, with how a client thinks; `open loop`; `search`.
fn kind(run: &LoadRun) -> String {
    match (run.model.as_str(), run.steps.first().and_then(|step| step.think_ms).filter(|think| *think > 0.0)) {
        ("closed", Some(think)) => format!("closed loop, {} of thinking", units::ms(think)),
        ("closed", None) => "closed loop".to_owned(),
        ("open", _) => "open loop".to_owned(),
        ("search", _) => "search over open loops".to_owned(),
        (other, _) => other.to_owned(),
    }
}

/// The phase's title: `evening (closed loop, as written)`. A name that says how calls come needs no second word for it.
pub fn heading(run: &LoadRun, of_several: bool) -> String {
    let kind = kind(run);
    let kind = if run.name.starts_with(kind.as_str()) { None } else { Some(kind) };
    let variation = of_several.then(|| variation(run));
    let said: Vec<String> = kind.into_iter().chain(variation).collect();
    if said.is_empty() { run.name.clone() } else { format!("{} ({})", run.name, said.join(", ")) }
}

/// What the phase proves, in a sentence or two.
pub fn verdict(run: &LoadRun) -> String {
    if let Some(search) = &run.search {
        return search.sentence.clone();
    }
    if let Some(knee) = &run.knee {
        return knee.sentence.clone();
    }
    match run.steps.as_slice() {
        [] => "Nothing was measured.".to_owned(),
        steps => steps.iter().map(step_verdict).collect::<Vec<_>>().join(" "),
    }
}

fn step_verdict(step: &LoadStep) -> String {
    let name = units::capitalized(&step_name(step));
    if !step.invalid.is_empty() {
        return format!("{name}: proves nothing, {}.", step.invalid.join("; ").trim_end_matches('.'));
    }
    let p95 = step.response.latency.p95_ms.map_or_else(String::new, |p95| format!(", response p95 {}", units::ms(p95)));
    let achieved = per_s(step.throughput_per_s);
    match step.rate {
        None => format!("{name}: {achieved}{p95}."),
        Some(rate) if step.throughput_per_s >= rate * HELD && step.backlog == 0 => format!("{name} held{p95}."),
        Some(rate) if step.throughput_per_s >= rate * HELD => {
            format!("{name} held: {achieved}{p95}; {} unfinished at its end.", calls_were(step.backlog))
        }
        Some(_) => format!("{name} not held: {achieved} achieved{p95}; {} unfinished at its end.", calls_were(step.backlog)),
    }
}

fn calls_were(number: u64) -> String {
    format!("{} {}", units::counted(number, "call", "calls"), if number == 1 { "was" } else { "were" })
}

/// `8 clients`, `2,000/s`.
pub fn step_name(step: &LoadStep) -> String {
    match (step.clients, step.rate) {
        (_, Some(rate)) => per_s(rate),
        (Some(clients), None) => units::counted(u64::from(clients), "client", "clients"),
        (None, None) => "all clients".to_owned(),
    }
}

/// `1,998/s`
pub fn per_s(rate: f64) -> String {
    format!("{}/s", units::amount(rate))
}

/// The step at the knee or at the rate that a search found, else the last that proves something, else the last.
pub fn telling(run: &LoadRun) -> Option<&LoadStep> {
    let knee = run.knee.as_ref().map(|knee| knee.clients);
    let rate = run.search.as_ref().and_then(|search| search.rate);
    let chosen = |step: &&LoadStep| match (knee, rate) {
        (Some(_), _) => step.clients == knee,
        (None, Some(_)) => step.rate == rate,
        (None, None) => false,
    };
    let valid = |step: &&LoadStep| step.invalid.is_empty();
    let last = |fits: &dyn Fn(&&LoadStep) -> bool| run.steps.iter().rev().find(|step| fits(step));
    last(&|step| chosen(step) && valid(step)).or_else(|| last(&valid)).or_else(|| run.steps.last())
}

/// What a step's figures are good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The client or its schedule could not keep up.
    Invalid,
    /// Little's law does not hold.
    Contradicted,
    NotSteady,
    Sound,
}

impl Proof {
    pub fn of(step: &LoadStep) -> Proof {
        match (step.invalid.is_empty(), step.littles_law.holds, step.steady) {
            (false, _, _) => Proof::Invalid,
            (true, false, _) => Proof::Contradicted,
            (true, true, false) => Proof::NotSteady,
            (true, true, true) => Proof::Sound,
        }
    }

    /// In the word of a table; nothing of a step that is sound.
    pub fn word(self) -> &'static str {
        match self {
            Proof::Invalid => "invalid",
            Proof::Contradicted => "contradicted",
            Proof::NotSteady => "not steady",
            Proof::Sound => "",
        }
    }
}

/// What a reader must know before believing the steps: each reason once, with the steps it is of.
pub fn doubts(run: &LoadRun) -> Vec<String> {
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for step in &run.steps {
        let unsteady = (!step.steady && step.calls > 0).then(|| "the rate was not steady at the end of the warm-up".to_owned());
        for reason in step.invalid.iter().cloned().chain(step.littles_law.sentence.clone()).chain(unsteady) {
            let name = step_name(step);
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, steps)) if steps.contains(&name) => {}
                Some((_, steps)) => steps.push(name),
                None => reasons.push((reason, vec![name])),
            }
        }
    }
    reasons.into_iter().map(|(reason, steps)| format!("{}: {reason}", units::capitalized(&units::listed(&steps)))).collect()
}

/// How calls came by their connections, when there is more to say than that every client kept its own.
pub fn connections(run: &LoadRun) -> Option<String> {
    let used = run.steps.iter().map(|step| &step.connections).max_by_key(|used| used.open)?;
    let lost: u64 = run.steps.iter().map(|step| step.connections.lost).sum();
    let lost =
        (lost > 0).then(|| format!("; {} lost and made again", units::counted(lost, "connection was", "connections were")));
    let connect = used.connect.as_ref().filter(|connect| connect.latency.n > 0).map(|connect| {
        let p95 = connect.latency.p95_ms.map_or_else(String::new, |p95| format!(", p95 {}", units::ms(p95)));
        format!("; to connect took {}{p95}, which is in the service time", units::ms(connect.latency.p50_ms))
    });
    let open = format!("at most {} open at once", units::count(u64::from(used.open)));
    let policy = match used.policy.as_str() {
        "pool" => format!("Calls shared a pool of connections, {open}"),
        "per call" => format!("Every call connected anew, {open}"),
        _ if lost.is_some() => format!("Clients kept their connections, {open}"),
        _ => return None,
    };
    Some(format!("{policy}{}{}.", connect.unwrap_or_default(), lost.unwrap_or_default()))
}

/// What a run of a varied phase is called: `as written`, `connections: pool of 20`.
pub fn variation(run: &LoadRun) -> String {
    if run.varied.is_empty() { "as written".to_owned() } else { run.varied.join(", ") }
}

/// Whether a run differs from the phase as written by the indexes that the advice kept and by nothing else.
pub fn indexes_alone(run: &LoadRun) -> bool {
    run.varied == [WITH_INDEXES]
}

/// The step of each run to hold beside the others: the one with the first run's clients or rate. A search is compared by the
/// step it ended on, whose rates differ.
pub fn side_by_side<'a>(phase: &[&'a LoadRun]) -> Vec<(&'a LoadRun, &'a LoadStep)> {
    let Some(first) = phase.first().and_then(|run| telling(run)) else { return Vec::new() };
    let same = |step: &&LoadStep| (step.clients, step.rate) == (first.clients, first.rate);
    let step_of = |run: &'a LoadRun| if run.search.is_some() { telling(run) } else { run.steps.iter().rev().find(same) };
    phase.iter().filter_map(|run| Some((*run, step_of(run)?))).collect()
}

/// The run that differs from `rows[place]` in the first thing varied alone; the first run where there is none.
fn base_of<'a, 'r>(rows: &'a [(&'r LoadRun, &'r LoadStep)], place: usize) -> &'a (&'r LoadRun, &'r LoadStep) {
    let varied = &rows[place].0.varied;
    let without = varied.get(1..).unwrap_or_default();
    rows.iter().find(|(run, _)| varied.len() > 1 && run.varied == without).unwrap_or(&rows[0])
}

/// Which variation moved most, against the same without it. `None` when there is nothing to compare. Indexes alone are told only where
/// nothing else was varied: what they move hides the rest. A step that proves nothing moves nothing.
pub fn largest_effect(phase: &[&LoadRun]) -> Option<String> {
    let rows = side_by_side(phase);
    let (base_run, base) = rows.first()?;
    let anything_else = rows.iter().any(|(run, _)| run.varied.iter().any(|varied| varied != WITH_INDEXES));
    let effects = (1..rows.len()).filter(|place| !(anything_else && indexes_alone(rows[*place].0))).flat_map(|place| {
        let (run, step) = rows[place];
        let (base_run, base) = base_of(&rows, place);
        let sound = [base, &step].iter().all(|step| step.invalid.is_empty());
        let waits = [base, &step].iter().any(|step| p95(&step.response) > p95(&step.service) * SMALLEST_EFFECT);
        let of = |what, before, after, is_time| Effect::of((run, base_run), what, before, after, is_time).filter(|_| sound);
        [
            of("calls per second", base.throughput_per_s, step.throughput_per_s, false),
            // Where nothing waits, it is that of the response.
            of("service p95", p95(&base.service), p95(&step.service), true).filter(|_| waits),
            of("response p95", p95(&base.response), p95(&step.response), true),
        ]
    });
    let largest = effects.flatten().max_by(|a, b| a.size().total_cmp(&b.size()))?;
    let at = if base_run.search.is_some() { String::new() } else { format!(" at {}", step_name(base)) };
    if largest.size() < SMALLEST_EFFECT.ln() {
        return Some(format!(
            "No variation moved throughput or p95 by more than 5%{at} against {}, which is within chance.",
            against(base_run)
        ));
    }
    Some(largest.said(&at))
}

fn p95(clock: &Clock) -> f64 {
    clock.latency.p95_ms.unwrap_or_default()
}

fn against(run: &LoadRun) -> String {
    if run.varied.is_empty() { "the phase as written".to_owned() } else { format!("the phase {}", variation(run)) }
}

struct Effect {
    variation: String,
    against: String,
    what: &'static str,
    before: f64,
    after: f64,
    is_time: bool,
}

impl Effect {
    fn of((run, base): (&LoadRun, &LoadRun), what: &'static str, before: f64, after: f64, is_time: bool) -> Option<Effect> {
        let measured = [before, after].iter().all(|figure| figure.is_finite() && *figure > 0.0);
        measured.then(|| Effect { variation: variation(run), against: against(base), what, before, after, is_time })
    }

    fn size(&self) -> f64 {
        (self.after / self.before).ln().abs()
    }

    fn said(&self, at: &str) -> String {
        let change = if self.is_time {
            units::ms_change(self.before, self.after)
        } else {
            format!("{} → {}", units::amount(self.before), units::amount(self.after))
        };
        let ratio = units::times((self.after / self.before).max(self.before / self.after));
        let direction = if self.after > self.before { "higher" } else { "lower" };
        format!(
            "Of what was varied, {} moved most: {} {change} ({ratio} {direction}){at} against {}.",
            self.variation, self.what, self.against
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{Latency, SearchOutcome};

    fn run(varied: &[&str], per_s: f64, p95: f64) -> LoadRun {
        let clock = Clock { latency: Latency { n: 100, p95_ms: Some(p95), ..Latency::default() }, ..Clock::default() };
        let step = LoadStep {
            clients: Some(8),
            calls: 100,
            steady: true,
            throughput_per_s: per_s,
            service: clock.clone(),
            response: clock,
            ..LoadStep::default()
        };
        LoadRun {
            name: "busy".to_owned(),
            model: "closed".to_owned(),
            varied: varied.iter().map(|name| (*name).to_owned()).collect(),
            steps: vec![step],
            usl: None,
            knee: None,
            search: None,
            notes: Vec::new(),
        }
    }

    #[test]
    fn the_largest_effect_is_named_with_its_figures() {
        let runs =
            [run(&["pick: repeat 11"], 4_100.0, 2.0), run(&[], 4_000.0, 6.1), run(&["connections: pool of 2"], 3_000.0, 6.2)];
        let phases = phases(&runs);
        assert_eq!(phases.len(), 1);
        assert_eq!(variation(phases[0][0]), "as written");
        assert_eq!(
            largest_effect(&phases[0]).unwrap(),
            "Of what was varied, pick: repeat 11 moved most: response p95 6.1 → 2.0 ms (3.0× lower) at 8 clients against the phase as written."
        );
    }

    #[test]
    fn a_heading_says_each_word_once() {
        let mut run = run(&["pick: repeat 11"], 1.0, 1.0);
        assert_eq!(
            (heading(&run, false), heading(&run, true)),
            ("busy (closed loop)".into(), "busy (closed loop, pick: repeat 11)".into())
        );
        run.name = "closed loop, 1 to 8 clients".to_owned();
        assert_eq!(heading(&run, false), run.name);
        assert_eq!(heading(&run, true), "closed loop, 1 to 8 clients (pick: repeat 11)");
    }

    #[test]
    fn what_chance_can_do_is_no_effect() {
        let runs = [run(&[], 4_000.0, 6.1), run(&["pick: repeat 11"], 4_100.0, 6.2)];
        assert!(largest_effect(&phases(&runs)[0]).unwrap().starts_with("No variation moved"));
        assert_eq!(largest_effect(&phases(&runs[..1])[0]), None);
    }

    #[test]
    fn indexes_hide_no_variation_and_what_proves_nothing_moves_nothing() {
        let indexed = run(&[WITH_INDEXES], 400_000.0, 0.1);
        let varied = run(&["pick: repeat 11"], 4_100.0, 2.0);
        let all = [run(&[], 4_000.0, 6.1), varied.clone(), indexed.clone()];
        assert!(largest_effect(&phases(&all)[0]).unwrap().contains("pick: repeat 11 moved most"));
        let both = run(&["pick: repeat 11", WITH_INDEXES], 440_000.0, 0.1);
        let told = largest_effect(&phases(&[run(&[], 4_000.0, 6.1), indexed.clone(), both])[0]).unwrap();
        assert!(told.contains("400,000 → 440,000 (1.1× higher) at 8 clients against the phase with the kept indexes."), "{told}");
        let mut alone = [run(&[], 4_000.0, 6.1), indexed];
        assert!(largest_effect(&phases(&alone)[0]).unwrap().contains("with the kept indexes moved most"));
        alone[1].steps[0].invalid = vec!["perflab used 2.0 of 2 cores".to_owned()];
        assert_eq!(largest_effect(&phases(&alone)[0]), None);
    }

    #[test]
    fn a_rate_is_held_or_not() {
        let mut open = run(&[], 1_998.0, 12.0);
        (open.steps[0].clients, open.steps[0].rate) = (None, Some(2_000.0));
        assert_eq!(verdict(&open), "2,000/s held, response p95 12.0 ms.");
        (open.steps[0].throughput_per_s, open.steps[0].backlog) = (1_480.0, 312);
        assert_eq!(
            verdict(&open),
            "2,000/s not held: 1,480/s achieved, response p95 12.0 ms; 312 calls were unfinished at its end."
        );
        open.steps[0].invalid = vec!["perflab used 2.0 of 2 cores".to_owned()];
        assert_eq!(verdict(&open), "2,000/s: proves nothing, perflab used 2.0 of 2 cores.");
        assert_eq!(doubts(&open), ["2,000/s: perflab used 2.0 of 2 cores"]);
    }

    #[test]
    fn a_search_tells_by_the_rate_it_found() {
        let mut search = run(&[], 100.0, 1.0);
        search.steps = [100.0, 200.0, 150.0].map(|rate| LoadStep { rate: Some(rate), ..LoadStep::default() }).to_vec();
        search.search =
            Some(SearchOutcome { slo: Vec::new(), rate: Some(100.0), broken_at: Some(150.0), sentence: String::new() });
        assert_eq!(telling(&search).unwrap().rate, Some(100.0));
    }
}
