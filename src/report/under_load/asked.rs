//! What was asked of a phase, what the scalability law makes of it, and what went wrong in it.

use super::super::model::{EndpointLoad, ErrorCount, LoadRun, LoadStep, Usl};
use super::per_s;
use crate::units::{self, counted};

/// Clients or rates with their times and connections: `Driven by 1, 2 and 4 clients, 3.0 s each after 1.0 s of warm-up, every client with a
/// connection of its own.`
pub fn asked(run: &LoadRun) -> Option<String> {
    let first = run.steps.first()?;
    let load = match (first.clients, first.rate) {
        (_, Some(_)) => format!("calls arriving at {}", listed(run, |step| step.rate.map(per_s))),
        (Some(_), None) => {
            let clients = listed(run, |step| Some(units::count(u64::from(step.clients?))));
            format!("{clients} {}", if clients == "1" { "client" } else { "clients" })
        }
        (None, None) => return None,
    };
    let think = first.think_ms.filter(|think| *think > 0.0);
    let think = think.map_or_else(String::new, |think| format!(" that think for {} after each reply", units::ms(think)));
    let each = if run.steps.len() > 1 { " each" } else { "" };
    let longest = |of: fn(&LoadStep) -> f64| run.steps.iter().map(of).fold(0.0, f64::max);
    let (seconds, warm_up) = (longest(|step| step.seconds), longest(|step| step.warm_up_seconds));
    let warmed = if warm_up > 0.0 { format!(" after {} of warm-up", units::seconds(warm_up)) } else { String::new() };
    let connections = match first.connections.policy.as_str() {
        "kept" if first.clients.is_some() => ", every client with a connection of its own",
        _ => "",
    };
    Some(format!("Driven by {load}{think}, {}{each}{warmed}{connections}.", units::seconds(seconds)))
}

/// Each figure once, in the order of the steps.
fn listed(run: &LoadRun, name: impl Fn(&LoadStep) -> Option<String>) -> String {
    let mut names: Vec<String> = Vec::new();
    for name in run.steps.iter().filter_map(name) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    units::listed(&names)
}

/// What the fitted law says of the phase: how far it fits, what one client makes, and its two costs of many.
pub fn law(run: &LoadRun) -> Option<String> {
    let Usl { lambda, contention, coherence, peak_clients, peak_per_s, .. } = *run.usl.as_ref()?;
    // The sentence of a knee says where the peak is.
    let said = run.knee.as_ref().is_some_and(|knee| knee.sentence.contains("peak"));
    let peak = match (peak_clients, peak_per_s) {
        _ if said => String::new(),
        (Some(clients), Some(highest)) => {
            format!("; throughput is highest at {} clients, {}", units::amount(clients), per_s(highest))
        }
        _ if contention > 0.0 => format!("; it nears {} and never falls", per_s(lambda / contention)),
        _ => String::new(),
    };
    Some(format!(
        "By the scalability law ({}) one client alone makes {}; contention is {} (the share of the work that waits in line), coherence {} \
         (what each client costs each other one){peak}.",
        fit(run).unwrap_or_default(),
        per_s(lambda),
        units::percent(contention),
        units::percent(coherence),
    ))
}

/// `R² 0.99`: how much of the spread the law explains, rounded down so that it says 1 only of a perfect fit.
pub fn fit(run: &LoadRun) -> Option<String> {
    run.usl.as_ref().map(|law| format!("R² {:.2}", (law.r2 * 100.0).floor() / 100.0))
}

/// What the server said to failed calls of any step, each kind once, and what must be known of an endpoint.
pub fn incidents(run: &LoadRun) -> Vec<String> {
    let mut kinds: Vec<(&EndpointLoad, &ErrorCount, u64)> = Vec::new();
    let mut notes: Vec<String> = Vec::new();
    for endpoint in run.steps.iter().flat_map(|step| &step.endpoints) {
        for error in &endpoint.failures {
            let alike = |(known, other, _): &&mut (&EndpointLoad, &ErrorCount, u64)| {
                known.label == endpoint.label
                    && (other.step, &other.sqlstate, &other.message) == (error.step, &error.sqlstate, &error.message)
            };
            match kinds.iter_mut().find(alike) {
                Some((_, _, count)) => *count = count.saturating_add(error.count),
                None => kinds.push((endpoint, error, error.count)),
            }
        }
        for note in endpoint.notes.iter().map(|note| format!("{}: {note}", endpoint.label)) {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    let failures = kinds.into_iter().map(|(endpoint, error, count)| {
        let code = if error.message.contains(&error.sqlstate) { String::new() } else { format!(" ({})", error.sqlstate) };
        let times = counted(count, "call", "calls");
        format!("{}, statement {}: {times} failed with {}{code}", endpoint.label, error.step, error.message)
    });
    failures.chain(notes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::ConnectionUse;

    fn run(steps: Vec<LoadStep>) -> LoadRun {
        LoadRun {
            name: "busy".to_owned(),
            model: "closed".to_owned(),
            varied: Vec::new(),
            steps,
            usl: None,
            knee: None,
            search: None,
            notes: Vec::new(),
        }
    }

    fn step(clients: u32) -> LoadStep {
        let connections = ConnectionUse { policy: "kept".to_owned(), ..ConnectionUse::default() };
        LoadStep { clients: Some(clients), seconds: 3.0, warm_up_seconds: 1.0, connections, ..LoadStep::default() }
    }

    #[test]
    fn what_was_asked_names_every_step_once() {
        assert_eq!(
            asked(&run(vec![step(1), step(8), step(8)])).unwrap(),
            "Driven by 1 and 8 clients, 3.0 s each after 1.0 s of warm-up, every client with a connection of its own."
        );
        let open = LoadStep { rate: Some(2_000.0), seconds: 30.0, ..LoadStep::default() };
        assert_eq!(asked(&run(vec![open])).unwrap(), "Driven by calls arriving at 2,000/s, 30.0 s.");
        assert_eq!(asked(&run(Vec::new())), None);
    }

    #[test]
    fn the_law_says_its_costs() {
        let mut phase = run(vec![step(1)]);
        assert_eq!(law(&phase), None);
        phase.usl =
            Some(Usl { lambda: 1_000.0, contention: 0.05, coherence: 0.0, r2: 0.999, peak_clients: None, peak_per_s: None });
        assert_eq!(
            law(&phase).unwrap(),
            "By the scalability law (R² 0.99) one client alone makes 1,000/s; contention is 5% (the share of the work that waits in line), \
             coherence 0% (what each client costs each other one); it nears 20,000/s and never falls."
        );
    }

    #[test]
    fn failures_of_all_steps_count_together() {
        let failed = |count| {
            let message = "deadlock detected".to_owned();
            let failures = vec![ErrorCount { sqlstate: "40P01".to_owned(), message, step: 2, count }];
            let notes = vec!["its rows were used up".to_owned()];
            let endpoint = EndpointLoad { label: "POST /a".to_owned(), failures, notes, ..EndpointLoad::default() };
            LoadStep { endpoints: vec![endpoint], ..step(1) }
        };
        assert_eq!(
            incidents(&run(vec![failed(3), failed(4)])),
            ["POST /a, statement 2: 7 calls failed with deadlock detected (40P01)", "POST /a: its rows were used up"]
        );
    }
}
