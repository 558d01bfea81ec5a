//! Endpoints before and after, and the indexes that were kept.

use super::super::super::advised::net;
use super::super::super::model::{AdviceRun, InsertCost, PairedResult, Verdict};
use super::super::super::standing::{change, index_target, interval};
use super::super::Screen;
use super::super::bench::slo_cell;
use super::super::grid::{Grid, Paint, number, text, word};
use crate::units::{bytes, count, figure, limit_ms, seconds, times};

/// Medians of each endpoint before and after with the verdict, the number of pairs, the interval, and the SLO if there is one.
pub fn advice_table(advice: &AdviceRun, screen: Screen) -> String {
    let mut grid = Grid::new(vec![
        text("endpoint"),
        number("pairs", 2),
        number("before ms", 0),
        number("after ms", 0),
        word("verdict", 0),
        word("95% interval", 1),
        word("SLO ms", 3),
    ]);
    for pair in &advice.endpoints {
        grid.painted(vec![
            (pair.label.clone(), Paint::Plain),
            (count(pair.before.n.min(pair.after.n)), Paint::Plain),
            median(pair.before.n, pair.before.p50_ms),
            median(pair.after.n, pair.after.p50_ms),
            verdict(advice, pair),
            (interval(pair).unwrap_or_else(|| "too few pairs".to_owned()), Paint::Faint),
            slo_cell(&pair.slo),
        ]);
    }
    grid.render(screen)
}

fn median(n: u64, p50_ms: f64) -> (String, Paint) {
    if n == 0 { ("no call".to_owned(), Paint::Bad) } else { (figure(p50_ms), Paint::Plain) }
}

/// The change, and whether it was enough.
fn verdict(advice: &AdviceRun, pair: &PairedResult) -> (String, Paint) {
    if let Some(unsolved) = advice.unsolved.iter().find(|unsolved| unsolved.label == pair.label) {
        return (format!("{}, over {}", change(pair), limit_ms(unsolved.target_ms)), Paint::Bad);
    }
    let paint = match pair.verdict {
        Verdict::Improved => Paint::Good,
        Verdict::Regressed => Paint::Bad,
        Verdict::WithinNoise | Verdict::NotEnoughData => Paint::Faint,
    };
    (change(pair), paint)
}

/// The kept indexes with size, build time, what they cost each inserted row, what 1,000 calls of the mix save by them, and how many
/// endpoints they serve; the sum below when there are several.
pub fn kept_table(advice: &AdviceRun, screen: Screen) -> String {
    let columns = vec![
        text("index"),
        number("size", 0),
        number("built in", 0),
        number("µs per insert", 2),
        number("net ms per\n1,000 calls", 1),
        number("serves", 3),
    ];
    let mut grid = Grid::new(columns);
    for index in &advice.keep {
        grid.row(vec![
            index_target(&index.definition).to_owned(),
            bytes(index.bytes),
            seconds(index.build_ms / 1000.0),
            index.insert_cost.as_ref().map_or_else(|| "not measured".to_owned(), insert_cost),
            index.ledger.as_ref().map_or_else(String::new, net),
            count(index.serves.len() as u64),
        ]);
    }
    if advice.keep.len() > 1 {
        grid.row(vec!["all".to_owned(), bytes(advice.total_bytes), seconds(advice.total_build_ms / 1000.0)]);
    }
    grid.render(screen)
}

/// The planner's costs of each endpoint, without and with the indexes it would use.
pub fn estimates_table(advice: &AdviceRun, screen: Screen) -> String {
    let columns = vec![text("endpoint"), number("cost before", 0), number("cost after", 0), word("estimated", 0)];
    let mut grid = Grid::new(columns);
    for endpoint in &advice.estimates {
        let factor = endpoint.before_cost / endpoint.after_cost;
        let said = match factor.is_finite() && factor > LEAST_FACTOR {
            true => (format!("{} cheaper", times(factor)), Paint::Good),
            false => ("no change".to_owned(), Paint::Faint),
        };
        grid.painted(vec![
            (endpoint.label.clone(), Paint::Plain),
            (figure(endpoint.before_cost), Paint::Plain),
            (figure(endpoint.after_cost), Paint::Plain),
            said,
        ]);
    }
    grid.render(screen)
}

/// Estimates that are closer are no different.
const LEAST_FACTOR: f64 = 1.005;

fn insert_cost(cost: &InsertCost) -> String {
    format!("{} → {}", figure(cost.without_us_per_row), figure(cost.with_us_per_row))
}
