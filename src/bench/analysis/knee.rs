//! Where more clients stop paying.

use crate::report::model::{Knee, LoadStep, Usl};
use crate::units;

use super::usl;

/// The knee of a sweep: the number of clients at which power, throughput by response time, is highest (Kleinrock, Power and Deterministic Rules
/// of Thumb for Probabilistic Problems in Computer Communications, ICC 1979). Without think time that is where one per cent more
/// clients bring half a per cent more calls; beyond it they mostly wait for each other. `None` with fewer than three valid steps.
pub fn knee(steps: &[LoadStep], usl: Option<&Usl>) -> Option<Knee> {
    let mut valid: Vec<(&LoadStep, u32)> = steps
        .iter()
        .filter(|step| step.invalid.is_empty() && step.calls > 0)
        .filter_map(|step| Some((step, step.clients?)))
        .collect();
    valid.sort_by_key(|(_, clients)| *clients);
    valid.dedup_by_key(|(_, clients)| *clients);
    if valid.len() < 3 {
        return None;
    }
    let power = |step: &LoadStep| step.throughput_per_s / step.response.latency.mean_ms.max(1e-6);
    let place = (0..valid.len()).max_by(|a, b| power(valid[*a].0).total_cmp(&power(valid[*b].0)))?;
    let (step, clients) = valid[place];
    let next = valid.get(place + 1).map(|(step, clients)| (*step, *clients));
    Some(Knee {
        clients,
        throughput_per_s: step.throughput_per_s,
        p95_ms: step.response.latency.p95_ms,
        sentence: sentence(step, clients, next, usl),
    })
}

fn sentence(step: &LoadStep, clients: u32, next: Option<(&LoadStep, u32)>, usl: Option<&Usl>) -> String {
    let here = format!("{} bring {}/s", clients_text(clients), rate(step.throughput_per_s));
    let Some((further, further_clients)) = next else {
        return format!(
            "{here}, and each step up to there paid: the knee lies beyond {}, so sweep further to find it.",
            clients_text(clients)
        );
    };
    let (gain, how) = match usl {
        Some(usl) => {
            let gain = usl::throughput(usl, f64::from(clients) + 1.0) - usl::throughput(usl, f64::from(clients));
            (gain, " by the fitted law")
        }
        None => {
            let clients_more = f64::from(further_clients - clients);
            ((further.throughput_per_s - step.throughput_per_s) / clients_more, " going by the next step measured")
        }
    };
    let share = gain / step.throughput_per_s.max(1e-9);
    let brings = if gain >= 0.0 { "bring" } else { "cost" };
    let wait = latency_of(clients + 1, step.throughput_per_s + gain) - latency_of(clients, step.throughput_per_s);
    let next_client = format!(
        "One more would {brings} {}/s ({}){how} and add {} to each call",
        rate(gain.abs()),
        units::percent(share.abs()),
        units::ms(wait.max(0.0))
    );
    let far = format!(
        "{} brought {}/s at a p95 of {}",
        clients_text(further_clients),
        rate(further.throughput_per_s),
        further.response.latency.p95_ms.map_or_else(|| "too few calls".to_owned(), units::ms)
    );
    let peak = usl.and_then(|usl| Some((usl.peak_clients?, usl.peak_per_s?)));
    let peak = peak.map_or_else(String::new, |(clients, per_s)| {
        format!("; by the law throughput is highest with {} clients ({}/s)", units::count(clients.round() as u64), rate(per_s))
    });
    format!(
        "{here} at a p95 of {}. {next_client}; {far}{peak}.",
        step.response.latency.p95_ms.map_or_else(|| "too few calls".to_owned(), units::ms)
    )
}

/// Milliseconds of a call when so many clients share that throughput and do not think.
fn latency_of(clients: u32, throughput_per_s: f64) -> f64 {
    f64::from(clients) / throughput_per_s.max(1e-9) * 1e3
}

fn clients_text(clients: u32) -> String {
    units::counted(u64::from(clients), "client", "clients")
}

fn rate(per_s: f64) -> String {
    if per_s >= 100.0 { units::count(per_s.round() as u64) } else { units::amount(per_s) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{Clock, Latency};

    fn step(clients: u32, throughput_per_s: f64) -> LoadStep {
        let mean_ms = f64::from(clients) / throughput_per_s * 1e3;
        let latency = Latency { n: 1000, mean_ms, p50_ms: mean_ms, p95_ms: Some(mean_ms * 1.5), ..Latency::default() };
        let clock = Clock { latency, ..Clock::default() };
        LoadStep { clients: Some(clients), throughput_per_s, calls: 1000, response: clock, ..LoadStep::default() }
    }

    #[test]
    fn the_knee_is_where_twice_the_clients_stop_paying() {
        let steps = [step(1, 1000.0), step(2, 1950.0), step(4, 3600.0), step(8, 4200.0), step(16, 4300.0)];
        let knee = knee(&steps, None).unwrap();
        assert_eq!(knee.clients, 4);
        assert!(knee.sentence.contains("4 clients bring 3,600/s") && knee.sentence.contains("150/s"), "{}", knee.sentence);
    }

    #[test]
    fn a_sweep_that_never_bends_says_so_and_two_steps_say_nothing() {
        let straight = [step(1, 1000.0), step(2, 1990.0), step(4, 3950.0)];
        assert!(knee(&straight, None).unwrap().sentence.contains("sweep further"));
        assert_eq!(knee(&straight[..2], None), None);
        let invalid = LoadStep { invalid: vec!["busy".into()], ..step(8, 5000.0) };
        assert_eq!(knee(&[step(1, 1000.0), step(2, 1990.0), invalid], None), None);
    }
}
