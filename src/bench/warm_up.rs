//! Calls before the clock counts, until they no longer get quicker.

use std::time::{Duration, Instant};

use super::statistics::median;

/// Calls before anything is judged: PostgreSQL plans a prepared statement anew five times before it considers a generic plan
/// (`choose_custom_plan` in plancache.c), so the sixth call is the first of the steady state.
pub const WARM_UP_CALLS: u64 = 6;
/// … unless they take longer than this: a call of a tenth of a second is not planned differently for being the sixth.
pub const WARM_UP_TIME: Duration = Duration::from_millis(150);
/// An endpoint that still gets quicker is warmed up for this many times the time of one that does not.
const FALLING: u32 = 5;
/// Calls whose median is held against that of as many before them.
const WINDOW: usize = 6;
/// The median has stopped falling when it fell by less than this share.
const STEADY: f64 = 0.05;
/// Of calls that are numbered because each uses up a row, one in this many may go into the warm-up beyond the first six.
const SPARED: u64 = 20;

/// The warm-up of one endpoint, call by call.
pub struct WarmUp {
    started: Instant,
    time: Duration,
    most: u64,
    calls: u64,
    told: bool,
    /// Milliseconds after the first [`WARM_UP_CALLS`], those that [`WarmUp::took`] told.
    times: Vec<f64>,
}

impl WarmUp {
    /// Ends after [`WARM_UP_CALLS`] calls and when they no longer get quicker, or after `time` (after `FALLING` times that while
    /// they do), but never before the first.
    pub fn new(time: Duration) -> WarmUp {
        WarmUp { started: Instant::now(), time, most: u64::MAX, calls: 0, told: false, times: Vec::new() }
    }

    /// For an endpoint that has only so many calls in it, most of which are to be measured.
    pub fn sparing(self, calls: Option<u64>) -> WarmUp {
        WarmUp { most: calls.map_or(u64::MAX, |calls| (calls / SPARED).max(WARM_UP_CALLS)), ..self }
    }

    /// Tells how long the call took. A warm-up that is told nothing ends after the first six.
    pub fn took(&mut self, elapsed: Duration) {
        self.told = true;
        if self.calls > WARM_UP_CALLS {
            self.times.push(elapsed.as_secs_f64() * 1e3);
        }
    }

    /// Whether to make another call, which is counted.
    pub fn goes_on(&mut self) -> bool {
        let on = self.calls == 0 || self.wants_more(self.started.elapsed());
        self.calls += u64::from(on);
        on
    }

    fn wants_more(&self, spent: Duration) -> bool {
        if self.calls < WARM_UP_CALLS {
            return spent <= self.time;
        }
        let limit = if falling(&self.times) { self.time * FALLING } else { self.time };
        self.told && self.calls < self.most && spent <= limit && !steady(&self.times)
    }
}

/// Medians of the last window and of the one before it.
fn windows(times: &[f64]) -> Option<(f64, f64)> {
    let (rest, last) = times.split_at_checked(times.len().checked_sub(WINDOW)?)?;
    let before = rest.get(rest.len().checked_sub(WINDOW)?..)?;
    Some((median(&mut before.to_vec()), median(&mut last.to_vec())))
}

fn falling(times: &[f64]) -> bool {
    windows(times).is_some_and(|(before, last)| last < before * (1.0 - STEADY))
}

fn steady(times: &[f64]) -> bool {
    windows(times).is_some_and(|(before, last)| last >= before * (1.0 - STEADY))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    /// Calls that a warm-up makes of an endpoint whose call number n takes that many milliseconds.
    fn calls(mut warm_up: WarmUp, ms: impl Fn(u64) -> f64) -> u64 {
        let mut made = 0;
        while warm_up.goes_on() {
            warm_up.took(Duration::from_secs_f64(ms(made) / 1e3));
            made += 1;
        }
        made
    }

    #[test]
    fn it_ends_by_calls_or_by_time_but_makes_one_call() {
        let untold = |time| {
            let mut warm_up = WarmUp::new(time);
            std::iter::from_fn(|| warm_up.goes_on().then_some(())).count() as u64
        };
        assert_eq!(untold(LONG), WARM_UP_CALLS, "nobody told it anything");
        assert_eq!(untold(Duration::ZERO), 1);
    }

    #[test]
    fn a_steady_endpoint_is_called_three_windows() {
        assert_eq!(calls(WarmUp::new(LONG), |_| 3.0), WARM_UP_CALLS + 2 * WINDOW as u64);
    }

    #[test]
    fn one_that_gets_quicker_is_called_until_it_does_not() {
        let cold = |call: u64| if call < 60 { 10.0 * 0.95_f64.powi(call as i32) } else { 10.0 * 0.95_f64.powi(60) };
        let made = calls(WarmUp::new(LONG), cold);
        assert!((60..80).contains(&made), "{made} calls");
    }

    #[test]
    fn slow_first_calls_and_one_late_spike_do_not_count() {
        let planned = |call: u64| if call < 6 { 50.0 } else { 1.0 };
        assert_eq!(calls(WarmUp::new(LONG), planned), WARM_UP_CALLS + 2 * WINDOW as u64);
        let spike = |call: u64| if call == 9 { 500.0 } else { 1.0 };
        assert_eq!(calls(WarmUp::new(LONG), spike), WARM_UP_CALLS + 2 * WINDOW as u64);
    }

    #[test]
    fn rows_that_serve_once_are_spared() {
        let quicker = |call: u64| 1000.0 / (1.0 + call as f64).powi(2);
        assert_eq!(calls(WarmUp::new(LONG).sparing(Some(30)), quicker), WARM_UP_CALLS);
        assert_eq!(calls(WarmUp::new(LONG).sparing(Some(200)), quicker), 10);
    }
}
