//! Where the client's time went.
//!
//! Samples alone say it to a few per cent. Where the server's process is on this machine, the kernel's own clocks say how long it
//! was on a core and how long it waited for one, and only the other waits are from samples.

use crate::report::model::TimeShare;

use super::clocks::Clocked;
use super::waits::Samples;

/// Fewer samples than this give no shares: with 30, a share of a half is known to ± 18 points (95%, binomial).
const LEAST_SAMPLES: u64 = 30;
/// A share below this is left out of the sentence.
const WORTH_SAYING: f64 = 0.02;

const CPU: &str = "CPU";
const QUEUE: &str = "run queue";
const TRIPS: &str = "round trips";

/// The client's time, divided.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Divided {
    /// Of a call.
    pub server_ms: Option<f64>,
    pub source: String,
    /// Largest first.
    pub shares: Vec<TimeShare>,
    pub notes: Vec<String>,
}

/// Divides the time of the calls among what the session was at.
pub fn divide(clocked: &Clocked, samples: &Samples) -> Divided {
    if clocked.calls == 0 {
        return Divided { notes: vec!["No call was left to be timed.".into()], ..Divided::default() };
    }
    let mut divided = Divided { notes: samples.missing.iter().cloned().collect(), ..Divided::default() };
    let total = samples.total();
    if total >= LEAST_SAMPLES {
        divided.shares = shares(clocked, samples);
    } else if samples.missing.is_none() {
        divided.notes.push(format!("{total} samples are too few to say where the time went."));
    }
    let on_server =
        |shares: &[TimeShare]| 1.0 - shares.iter().filter(|share| share.what == TRIPS).map(|share| share.share).sum::<f64>();
    (divided.server_ms, divided.source) = match (clocked.process, clocked.active_ms) {
        (Some(_), _) if !divided.shares.is_empty() => (
            Some(clocked.client_ms() * on_server(&divided.shares)),
            "the server's process by the kernel's clocks, its waits by samples".into(),
        ),
        (_, Some(active)) => (
            Some(clocked.per_call(active)),
            "pg_stat_database.active_time, in which the planning of parameters' values is not counted".into(),
        ),
        (_, None) if !divided.shares.is_empty() => {
            (Some(clocked.client_ms() * on_server(&divided.shares)), "samples of the session's state".into())
        }
        _ => (None, "nothing: the server is on another machine and older than 15".into()),
    };
    divided
}

fn shares(clocked: &Clocked, samples: &Samples) -> Vec<TimeShare> {
    let total = samples.total() as f64;
    let mut shares: Vec<TimeShare> = Vec::new();
    for seen in &samples.seen {
        let what = class(seen.active, seen.wait.as_ref());
        let place = shares.iter().position(|share| share.what == what).unwrap_or_else(|| {
            shares.push(TimeShare { what: what.into(), share: 0.0, samples: 0, events: Vec::new() });
            shares.len() - 1
        });
        shares[place].samples += seen.samples;
        shares[place].share = shares[place].samples as f64 / total;
        if let Some((wait_type, name)) = &seen.wait {
            let event = format!("{wait_type}:{name}");
            if !shares[place].events.contains(&event) {
                shares[place].events.push(event);
            }
        }
    }
    if let Some(process) = clocked.process {
        let client = clocked.client.as_nanos().max(1) as f64;
        by_the_kernel(&mut shares, process.on_cpu as f64 / client, process.in_queue as f64 / client);
    }
    shares.retain(|share| share.share > 0.0);
    shares.sort_by(|one, other| other.share.total_cmp(&one.share));
    shares
}

/// Puts the kernel's figures in the place of the sampled CPU; round trips are what is left then, or their samples where less is.
fn by_the_kernel(shares: &mut Vec<TimeShare>, cpu: f64, queue: f64) {
    let known = |samples: u64, what: &str, share: f64| TimeShare { what: what.into(), share, samples, events: Vec::new() };
    let samples = shares.iter().find(|share| share.what == CPU).map_or(0, |share| share.samples);
    let trips = shares.iter().find(|share| share.what == TRIPS).cloned().unwrap_or_else(|| known(0, TRIPS, 0.0));
    shares.retain(|share| ![CPU, TRIPS].contains(&share.what.as_str()));
    let waits: f64 = shares.iter().map(|share| share.share).sum();
    // A process that was woken and stands in the run queue is still sampled at what it waited for: counted twice, all of it comes to
    // more than there was, and all of it shrinks, so that none takes the place of another.
    let scale = (cpu + queue + waits + trips.share).max(1.0);
    shares.iter_mut().for_each(|share| share.share /= scale);
    shares.push(known(samples, CPU, cpu / scale));
    shares.push(known(0, QUEUE, queue / scale));
    shares.push(TimeShare { share: 1.0 - (cpu + queue + waits) / scale, ..trips });
}

/// What a session that is seen in a state is at, for people. The wait events are those of the documentation's table 27.4 and on
/// (PostgreSQL 16); before 13 some names end in `Lock`, and 18 reads through `AioIoCompletion`.
fn class(active: bool, wait: Option<&(String, String)>) -> &'static str {
    let Some((wait_type, name)) = wait else { return if active { CPU } else { TRIPS } };
    match (wait_type.as_str(), name.as_str()) {
        ("Client", _) => TRIPS,
        ("IO" | "LWLock", name) if name.starts_with("WAL") => "WAL",
        ("IO", "DataFileRead" | "DataFilePrefetch" | "AioIoCompletion") => "reading",
        ("IO", name) if name.starts_with("DataFile") => "writing data",
        ("IO", name) if name.starts_with("BufFile") => "temporary files",
        ("IO", _) => "other files",
        ("IPC", "SyncRep") => "replication",
        ("IPC", _) => "parallel workers",
        ("Lock", _) => "locks",
        ("LWLock" | "BufferPin" | "Buffer", _) => "latches",
        ("Timeout", _) => "sleeping",
        _ if !active => TRIPS,
        _ => "other waits",
    }
}

/// `71% CPU, 20% round trips, 9% WAL`; empty without shares.
pub fn sentence(shares: &[TimeShare]) -> String {
    let said = shares.iter().filter(|share| share.share >= WORTH_SAYING);
    said.map(|share| format!("{:.0}% {}", share.share * 100.0, share.what)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::backend::Scheduled;
    use super::super::waits::Seen;
    use super::*;

    fn seen(active: bool, wait: Option<(&str, &str)>, samples: u64) -> Seen {
        Seen { active, wait: wait.map(|(kind, name)| (kind.to_owned(), name.to_owned())), samples }
    }

    fn hundred_samples() -> Samples {
        let seen = vec![
            seen(true, None, 70),
            seen(true, Some(("IO", "WALSync")), 6),
            seen(true, Some(("LWLock", "WALWrite")), 4),
            seen(false, Some(("Client", "ClientRead")), 20),
        ];
        Samples { seen, missing: None }
    }

    fn ten_calls_of_a_millisecond() -> Clocked {
        Clocked { calls: 10, round_trips: 20, client: Duration::from_millis(10), ..Clocked::default() }
    }

    #[test]
    fn samples_alone_give_shares_and_the_servers_time() {
        let divided = divide(&ten_calls_of_a_millisecond(), &hundred_samples());
        assert_eq!(sentence(&divided.shares), "70% CPU, 20% round trips, 10% WAL");
        assert_eq!(divided.shares[2].events, ["IO:WALSync", "LWLock:WALWrite"]);
        assert!((divided.server_ms.unwrap() - 0.8).abs() < 1e-9, "{divided:?}");
        assert!(divided.source.starts_with("samples"), "{divided:?}");
    }

    #[test]
    fn the_kernels_clocks_correct_the_cpu_and_round_trips_are_what_is_left() {
        let process = Some(Scheduled { on_cpu: 5_000_000, in_queue: 1_000_000 });
        let divided = divide(&Clocked { process, ..ten_calls_of_a_millisecond() }, &hundred_samples());
        assert_eq!(sentence(&divided.shares), "50% CPU, 30% round trips, 10% WAL, 10% run queue");
        assert!((divided.server_ms.unwrap() - 0.7).abs() < 1e-9, "{divided:?}");
        let sum: f64 = divided.shares.iter().map(|share| share.share).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{sum}");
    }

    #[test]
    fn more_than_all_is_scaled_down_and_round_trips_stay() {
        let process = Some(Scheduled { on_cpu: 10_000_000, in_queue: 0 });
        let divided = divide(&Clocked { process, ..ten_calls_of_a_millisecond() }, &hundred_samples());
        assert_eq!(sentence(&divided.shares), "77% CPU, 15% round trips, 8% WAL");
        assert!((divided.server_ms.unwrap() - 1.1 / 1.3).abs() < 1e-9, "{divided:?}");
    }

    #[test]
    fn a_queue_that_is_sampled_as_a_wait_leaves_the_round_trips() {
        let wal = Samples {
            seen: vec![seen(true, Some(("IO", "WALSync")), 80), seen(false, Some(("Client", "ClientRead")), 20)],
            missing: None,
        };
        let process = Some(Scheduled { on_cpu: 300_000, in_queue: 4_700_000 });
        let divided = divide(&Clocked { process, ..ten_calls_of_a_millisecond() }, &wal);
        assert_eq!(sentence(&divided.shares), "53% WAL, 31% run queue, 13% round trips, 2% CPU");
        assert!(divided.server_ms.unwrap() < 0.9, "{divided:?}");
    }

    #[test]
    fn too_few_samples_give_a_note_and_the_servers_clock_goes_on() {
        let few = Samples { seen: vec![seen(true, None, 29)], missing: None };
        let divided = divide(&Clocked { active_ms: Some(4.0), ..ten_calls_of_a_millisecond() }, &few);
        assert_eq!((divided.shares.len(), divided.server_ms), (0, Some(0.4)));
        assert_eq!(divided.notes, ["29 samples are too few to say where the time went."]);
        assert_eq!(sentence(&divided.shares), "");
    }

    #[test]
    fn every_wait_has_a_name_that_people_know() {
        let name = |kind: &str, event: &str| class(true, Some(&(kind.to_owned(), event.to_owned())));
        assert_eq!(name("LWLock", "WALWriteLock"), "WAL");
        assert_eq!(name("IO", "DataFileRead"), "reading");
        assert_eq!(name("IO", "DataFileExtend"), "writing data");
        assert_eq!(name("Lock", "transactionid"), "locks");
        assert_eq!(name("LWLock", "BufferMapping"), "latches");
        assert_eq!(name("Client", "ClientRead"), "round trips");
        assert_eq!(class(false, None), "round trips");
        assert_eq!(class(true, None), "CPU");
    }
}
