//! Endpoints timed with some indexes dropped, inside transactions that are rolled back.

use std::time::{Duration, Instant};

use crate::bench::draw::Draw;
use crate::bench::rounds::WARM_UP_CALLS;
use crate::bench::session::Session;
use crate::bench::statistics::median;
use crate::bench::workload::Workload;
use crate::db::{DbError, Target};

use super::undo::roll_back;

/// How one arm of a comparison is timed.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// How often the arms take turns (see [`compared`]): first, second, second, first makes four.
    pub turns: usize,
    /// So many calls a turn, or as many as fit the time …
    pub most: usize,
    /// … but never fewer than these.
    pub least: usize,
    pub time: Duration,
    /// Calls before the clock counts: as many as make a prepared statement's plan final, unless they take longer than 100 ms.
    pub warm_up: usize,
}

/// Enough for a median that moves by a few percent; slow endpoints (slow by a factor when an index is missing) get fewer calls.
pub const ABLATION: Effort =
    Effort { turns: 4, most: 12, least: 3, time: Duration::from_millis(100), warm_up: WARM_UP_CALLS as usize };
/// For a difference near the line between two decisions.
pub const CAREFUL: Effort = Effort { turns: 8, most: 24, least: 2, time: Duration::from_millis(150), ..ABLATION };

/// After this a call is slow, and what its first one lacked in the session's caches is little of it.
const WARM_UP: Duration = Duration::from_millis(100);

/// Endpoints this slow take half as many turns: a difference that matters to them is not lost in the machine's drift.
const SLOW_MS: f64 = 20.0;

/// The arm whose turn it is: A B B A B A A B, so that a machine that slows down meanwhile slows both (Thue and Morse).
fn arm_of(turn: usize) -> usize {
    turn.count_ones() as usize % 2
}

/// Milliseconds of an endpoint in two arms: medians of each arm's turns. All turns make the same calls, and what else the machine does
/// only ever slows one of them, so the quickest turn speaks for its arm, and the others tell how far to trust it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Compared {
    pub quickest: [f64; 2],
    pub slowest: [f64; 2],
}

impl Compared {
    fn of(mut turns: [Vec<f64>; 2]) -> Compared {
        for medians in &mut turns {
            medians.sort_by(f64::total_cmp);
        }
        // What the server refuses takes no time.
        let [first, second] = &turns;
        let least = |medians: &Vec<f64>| medians.first().copied().unwrap_or(0.0);
        let most = |medians: &Vec<f64>| medians.last().copied().unwrap_or(0.0);
        Compared { quickest: [least(first), least(second)], slowest: [most(first), most(second)] }
    }

    /// The turns of both.
    #[must_use]
    pub fn and(self, other: Compared) -> Compared {
        let both =
            |which: fn(f64, f64) -> f64, one: [f64; 2], other: [f64; 2]| [which(one[0], other[0]), which(one[1], other[1])];
        Compared { quickest: both(f64::min, self.quickest, other.quickest), slowest: both(f64::max, self.slowest, other.slowest) }
    }

    /// The least and the most that the first arm saves, as shares of what the second takes, when any turn of it is held against any turn
    /// of the other; below 0 where it takes longer.
    pub fn gains(&self) -> (f64, f64) {
        (gain(self.slowest[0], self.quickest[1]), gain(self.quickest[0], self.slowest[1]))
    }
}

fn gain(first_ms: f64, second_ms: f64) -> f64 {
    if second_ms > 0.0 { 1.0 - first_ms / second_ms } else { 0.0 }
}

/// Times an endpoint with each of two sets of indexes dropped (names as SQL needs them), in turn.
///
/// # Errors
/// When the connection is lost or an index cannot be dropped.
pub async fn compared(
    target: &Target,
    workload: &Workload,
    place: usize,
    draws: &[Draw],
    [first, second]: [&[String]; 2],
    effort: Effort,
) -> Result<Compared, DbError> {
    let mut medians = [Vec::new(), Vec::new()];
    for turn in 0..effort.turns {
        if turn >= effort.turns / 2 && medians.iter().flatten().any(|ms| *ms > SLOW_MS) {
            break;
        }
        let arm = arm_of(turn);
        let mut times = timed(target, workload, place, draws, [first, second][arm], effort).await?;
        if !times.is_empty() {
            medians[arm].push(median(&mut times));
        }
    }
    Ok(Compared::of(medians))
}

/// Milliseconds of an endpoint's calls inside one transaction that is rolled back, with the indexes of those names (as SQL needs them)
/// dropped in it. Every call is undone to a savepoint, so that all arms see the same rows and the same parameters; the commit is in none.
///
/// # Errors
/// When the connection is lost or an index cannot be dropped.
pub async fn timed(
    target: &Target,
    workload: &Workload,
    place: usize,
    draws: &[Draw],
    dropped: &[String],
    effort: Effort,
) -> Result<Vec<f64>, DbError> {
    let mut session = Session::open_for(target, workload, &[place]).await?;
    session.connection().batch("BEGIN").await?;
    if !dropped.is_empty() {
        session.connection().batch(&format!("DROP INDEX {}", dropped.join(", "))).await?;
    }
    let warming = Instant::now();
    for (number, draw) in draws.iter().take(effort.warm_up).enumerate() {
        if number > 0 && warming.elapsed() > WARM_UP {
            break;
        }
        session.call_to_savepoint(workload, place, draw).await?;
    }
    let mut times = Vec::new();
    let started = Instant::now();
    for (number, draw) in draws.iter().cycle().take(effort.most).enumerate() {
        if number >= effort.least && started.elapsed() > effort.time {
            break;
        }
        if let Some(elapsed) = session.call_to_savepoint(workload, place, draw).await? {
            times.push(elapsed.as_secs_f64() * 1e3);
        }
    }
    roll_back(session.connection()).await?;
    session.close().await;
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quickest_turn_speaks_and_the_others_tell_how_far_to_trust_it() {
        let compared = Compared::of([vec![6.0, 5.0], vec![10.0, 20.0]]);
        assert_eq!(compared, Compared { quickest: [5.0, 10.0], slowest: [6.0, 20.0] });
        assert_eq!(compared.gains(), (0.4, 0.75));
        assert_eq!(Compared::of([Vec::new(), Vec::new()]).gains(), (0.0, 0.0));
        let other = Compared::of([vec![5.5, 8.0], vec![9.0, 11.0]]);
        assert_eq!(compared.and(other), Compared { quickest: [5.0, 9.0], slowest: [8.0, 20.0] });
    }

    #[test]
    fn arms_take_turns_so_that_drift_slows_both() {
        let arms: Vec<usize> = (0..8).map(arm_of).collect();
        assert_eq!(arms, [0, 1, 1, 0, 1, 0, 0, 1]);
        for turns in [ABLATION.turns, ABLATION.turns / 2, CAREFUL.turns, CAREFUL.turns / 2] {
            assert_eq!(arms[..turns].iter().sum::<usize>() * 2, turns, "both arms as often in {turns}");
        }
    }
}
