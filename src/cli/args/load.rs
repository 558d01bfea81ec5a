//! Flags of `perflab bench` that ask for a load.

use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::scenario::model::{Arrivals, Connections, LASTS, LoadModel, LoadPhase, Location, RateStage, Think, WARM_UP};

/// A load in place of the scenario's own.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Load (in place of the scenario's `load:`)")]
pub struct LoadArgs {
    /// Closed loop: so many clients, each waiting for its reply; several numbers are a sweep, e.g. 1,2,4,8,16
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub clients: Vec<u32>,
    /// Closed loop: time between reply and next call, e.g. 1s
    #[arg(long, value_name = "TIME", requires = "clients", value_parser = duration)]
    pub think: Option<Duration>,
    /// Open loop: calls that arrive on a schedule whatever became of those before, e.g. 1000/s
    #[arg(long, value_name = "RATE", conflicts_with = "clients", value_parser = rate)]
    pub rate: Option<f64>,
    /// Open loop: how arrivals are spaced
    #[arg(long, value_enum, value_name = "HOW", default_value_t = ArrivalArg::Poisson)]
    pub arrivals: ArrivalArg,
    /// Measured time of each step
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub duration: Option<Duration>,
    /// Longest time before the clock counts
    #[arg(long, value_name = "TIME", value_parser = duration_or_none)]
    pub warm_up: Option<Duration>,
    /// Clients share so many connections
    #[arg(long, value_name = "CONNECTIONS", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub pool: Option<u32>,
    /// Connect before each call and close after it
    #[arg(long, conflicts_with = "pool")]
    pub connection_per_call: bool,
    /// Only these endpoints, as the scenario names them; may be given several times
    #[arg(long = "endpoint", value_name = "ENDPOINT")]
    pub endpoints: Vec<String>,
    /// Leave the scenario's load out: one client only
    #[arg(long, conflicts_with_all = ["clients", "rate"])]
    pub no_load: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ArrivalArg {
    /// Independent users
    Poisson,
    /// All gaps alike
    Constant,
}

impl LoadArgs {
    /// The load that the flags describe; `None` when they describe none.
    pub fn phase(&self) -> Option<LoadPhase> {
        let model = match (self.clients.as_slice(), self.rate) {
            ([], None) => return None,
            ([], Some(rate)) => LoadModel::Open {
                stages: vec![RateStage { from: rate, to: rate, lasts: self.lasts() }],
                arrivals: match self.arrivals {
                    ArrivalArg::Poisson => Arrivals::Poisson,
                    ArrivalArg::Constant => Arrivals::Constant,
                },
            },
            (clients, _) => LoadModel::Closed { clients: clients.to_vec(), think: self.think.map_or(Think::None, Think::Fixed) },
        };
        Some(LoadPhase {
            at: Location::default(),
            name: None,
            model,
            lasts: self.lasts(),
            warm_up: self.warm_up.unwrap_or(WARM_UP),
            endpoints: Vec::new(),
            connections: self.connections().unwrap_or_default(),
        })
    }

    fn lasts(&self) -> Duration {
        self.duration.unwrap_or(LASTS)
    }

    fn connections(&self) -> Option<Connections> {
        match (self.pool, self.connection_per_call) {
            (Some(connections), _) => Some(Connections::Pool(connections)),
            (None, true) => Some(Connections::PerCall),
            (None, false) => None,
        }
    }

    /// The scenario's phases as the flags change them: other times, other connections.
    pub fn adjusted(&self, phases: &[LoadPhase]) -> Vec<LoadPhase> {
        if self.no_load {
            return Vec::new();
        }
        if let Some(phase) = self.phase() {
            return vec![phase];
        }
        let mut phases = phases.to_vec();
        for phase in &mut phases {
            phase.lasts = self.duration.unwrap_or(phase.lasts);
            phase.warm_up = self.warm_up.unwrap_or(phase.warm_up);
            phase.connections = self.connections().unwrap_or(phase.connections);
            if let (Some(duration), LoadModel::Open { stages, .. }) = (self.duration, &mut phase.model) {
                // Stages keep their proportions.
                let planned: Duration = stages.iter().map(|stage| stage.lasts).sum();
                let factor = duration.as_secs_f64() / planned.as_secs_f64().max(1e-9);
                stages.iter_mut().for_each(|stage| stage.lasts = stage.lasts.mul_f64(factor));
            }
        }
        phases
    }
}

/// `30s`, `500ms`, `2min`; a bare number is seconds.
pub fn duration(text: &str) -> Result<Duration, String> {
    let with_unit =
        if text.trim().chars().all(|c| c.is_ascii_digit() || c == '.') { format!("{}s", text.trim()) } else { text.to_owned() };
    crate::scenario::quantity::duration(&with_unit).map_err(|fault| match fault.help {
        Some(help) => format!("{}; {help}", fault.message),
        None => fault.message,
    })
}

fn duration_or_none(text: &str) -> Result<Duration, String> {
    if matches!(text.trim(), "0" | "0s" | "0ms") { Ok(Duration::ZERO) } else { duration(text) }
}

/// `1000/s`, `60k/min`; a bare number is per second.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    let (amount, per) = match text.trim().split_once('/') {
        None => (text.trim(), 1.0),
        Some((amount, "s" | "sec" | "second")) => (amount, 1.0),
        Some((amount, "min" | "m" | "minute")) => (amount, 60.0),
        Some((amount, "h" | "hour")) => (amount, 3600.0),
        Some((_, other)) => return Err(format!("`{other}` is no time; write e.g. `1000/s` or `60k/min`")),
    };
    let (digits, factor) = match amount.trim().strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1e3),
        None => (amount.trim(), 1.0),
    };
    let value = digits.replace(['_', ','], "").parse::<f64>().ok().filter(|value| value.is_finite() && *value > 0.0);
    value.map(|value| value * factor / per).ok_or_else(|| format!("`{text}` is no rate; write e.g. `1000/s` or `60k/min`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_durations_are_read_as_people_write_them() {
        assert_eq!((rate("1000/s"), rate("60k/min"), rate("20_000")), (Ok(1000.0), Ok(1000.0), Ok(20_000.0)));
        assert!(rate("0/s").is_err() && rate("5/fortnight").is_err());
        assert_eq!(
            (duration("30"), duration("1.5s"), duration("2min")),
            (Ok(Duration::from_secs(30)), Ok(Duration::from_millis(1500)), Ok(Duration::from_secs(120)))
        );
        assert!(duration("soon").is_err());
    }
}
