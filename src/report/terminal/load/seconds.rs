//! The step that tells most, second by second, on two lines.

use super::super::super::model::{LoadRun, Tick};
use super::super::super::sparkline::heights_line;
use super::super::super::under_load::{step_name, telling};
use super::super::Screen;
use crate::units::{amount, figure};

/// Fewer seconds are told by the table.
const FEWEST: usize = 5;
const WIDEST: usize = 60;

/// Calls per second and p95 over the time of the step, with their lowest and highest; `None` for a step of a few seconds.
pub fn line(run: &LoadRun, screen: Screen) -> Option<String> {
    let step = telling(run).filter(|step| step.ticks.len() >= FEWEST)?;
    let room = screen.width.saturating_sub(40).clamp(10, WIDEST);
    let rates = thinned(&rates(&step.ticks), room);
    let p95: Vec<f64> = thinned(&step.ticks.iter().map(|tick| tick.p95_ms).collect::<Vec<_>>(), room);
    let row = |title: &str, heights: &[f64], number: fn(f64) -> String| {
        let (low, high) = heights.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), at| (low.min(*at), high.max(*at)));
        format!("{title:<8}{}  {} to {}", heights_line(heights, screen.ascii), number(low), number(high))
    };
    let each = if rates.len() == step.ticks.len() { "each second" } else { "over time" };
    Some(format!("{}, {each}:\n{}\n{}", step_name(step), row("calls/s", &rates, amount), row("p95 ms", &p95, figure)))
}

/// Calls per second between each tick and the one before.
fn rates(ticks: &[Tick]) -> Vec<f64> {
    let before = std::iter::once(0.0).chain(ticks.iter().map(|tick| tick.at_s));
    ticks.iter().zip(before).map(|(tick, before)| tick.calls as f64 / (tick.at_s - before).max(1e-3)).collect()
}

/// At most so many figures, each the mean of its neighbours.
fn thinned(figures: &[f64], most: usize) -> Vec<f64> {
    let together = figures.len().div_ceil(most.max(1)).max(1);
    figures.chunks(together).map(|some| some.iter().sum::<f64>() / some.len() as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_is_as_long_as_it_was() {
        let ticks = [(1.0, 100), (3.0, 100)].map(|(at_s, calls)| Tick { at_s, calls, ..Tick::default() });
        assert_eq!(rates(&ticks), [100.0, 50.0]);
    }

    #[test]
    fn long_steps_are_drawn_in_stretches() {
        assert_eq!(thinned(&[1.0, 3.0, 5.0, 7.0, 9.0], 3), [2.0, 6.0, 9.0]);
        assert_eq!(thinned(&[1.0, 3.0], 3), [1.0, 3.0]);
        assert_eq!(thinned(&[], 3), Vec::<f64>::new());
    }
}
