//! Endpoints called with an index and without it.

use crate::advise::AdviseError;
use crate::advise::trial::{ABLATION, timed};
use crate::bench::draw::Draw;
use crate::bench::session::Session;
use crate::bench::statistics::{SMALLEST_MS, median};
use crate::report::model::Served;

use super::usage::Asked;

/// A reader that becomes slower by less than this share, with nothing but a double or a wider index in place of its own, is not
/// slower: the wider index has more pages, and a machine is no quieter than that.
const SLOWER: f64 = 0.25;
/// An index stays for what is slower each time that it is asked; a busy neighbour slows one answer, seldom three.
const ASKED_AGAIN: usize = 2;

/// The endpoints at `places` with and without an index, on top of those that are `gone` already; and whether one of them is slower.
///
/// # Errors
/// When a connection is lost or an index cannot be dropped.
pub(super) async fn without(
    asked: &Asked<'_>,
    places: &[usize],
    gone: &[String],
    index: &str,
) -> Result<(Vec<Served>, bool), AdviseError> {
    let (mut tried, mut slower) = (Vec::new(), false);
    for place in places {
        let mut arms = arms(asked, *place, gone, index).await?;
        for _ in 0..ASKED_AGAIN {
            if arms.slower() {
                arms = self::arms(asked, *place, gone, index).await?;
            }
        }
        if let Some((with_ms, without_ms)) = arms.medians() {
            let label = asked.workload.endpoints[*place].label.clone();
            tried.push(Served { label, with_ms, without_ms });
            slower |= arms.slower();
        }
    }
    Ok((tried, slower))
}

/// A call that takes so many times as long has become slow …
const SLOW_FACTOR: f64 = 4.0;
/// … but none that ends within this, ms, whatever the machine does.
const QUICK_MS: f64 = 250.0;

/// Whether a call of the endpoint, which takes `call_ms`, does not become slow when those indexes are gone. It is not waited for when it
/// does: without its index a cascade may take a thousand times as long.
///
/// # Errors
/// When a connection is lost or an index cannot be dropped.
pub(super) async fn stays_quick(asked: &Asked<'_>, place: usize, gone: &[String], call_ms: f64) -> Result<bool, AdviseError> {
    let Some(draw) = asked.workload.endpoints[place].draws.draw(0) else { return Ok(true) };
    let mut session = Session::open_for(asked.target, asked.workload, &[place]).await?;
    session.connection().batch("BEGIN").await?;
    for index in gone {
        session.connection().batch(&format!("DROP INDEX {index}")).await?;
    }
    let limit = (call_ms * SLOW_FACTOR).max(QUICK_MS);
    session.connection().batch(&format!("SET LOCAL statement_timeout = {}", limit.ceil())).await?;
    let call = session.call_inside(asked.workload, place, &draw).await?;
    session.connection().batch("ROLLBACK").await?;
    session.close().await;
    // 57014: query_canceled
    Ok(call.failed.is_none_or(|failure| failure.error.sqlstate() != "57014"))
}

/// Medians of each run of the arms.
#[derive(Debug, Default)]
struct Arms {
    with: Vec<f64>,
    without: Vec<f64>,
}

async fn arms(asked: &Asked<'_>, place: usize, gone: &[String], index: &str) -> Result<Arms, AdviseError> {
    let endpoint = &asked.workload.endpoints[place];
    let draws: Vec<Draw> = (0..ABLATION.most as u64).filter_map(|call| endpoint.draws.draw(call)).collect();
    let mut all_gone = gone.to_vec();
    all_gone.push(index.to_owned());
    let mut arms = Arms::default();
    for (dropped, is_with) in [(gone, true), (&all_gone, false), (&all_gone, false), (gone, true)] {
        let mut times = timed(asked.target, asked.workload, place, &draws, dropped, ABLATION).await?;
        if !times.is_empty() {
            if is_with { &mut arms.with } else { &mut arms.without }.push(median(&mut times));
        }
    }
    Ok(arms)
}

impl Arms {
    fn medians(&self) -> Option<(f64, f64)> {
        let some = !self.with.is_empty() && !self.without.is_empty();
        some.then(|| (median(&mut self.with.clone()), median(&mut self.without.clone())))
    }

    /// Whether every run without the index was slower than every run with it, and by enough.
    fn slower(&self) -> bool {
        let Some((with, without)) = self.medians() else { return false };
        let most = self.with.iter().copied().fold(0.0, f64::max);
        let least = self.without.iter().copied().fold(f64::INFINITY, f64::min);
        least > most && without - with > SMALLEST_MS && without > with * (1.0 + SLOWER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slower_is_what_every_run_says_and_by_enough() {
        let arms = |with: [f64; 2], without: [f64; 2]| Arms { with: with.to_vec(), without: without.to_vec() };
        assert!(arms([1.0, 1.1], [1.5, 1.6]).slower());
        assert!(!arms([1.0, 1.1], [1.1, 1.15]).slower(), "by 7%");
        assert!(!arms([1.0, 1.8], [1.5, 1.6]).slower(), "one run with it was slower still");
        assert!(!arms([0.02, 0.02], [0.03, 0.03]).slower(), "by the jitter of a wake-up");
        assert!(!Arms::default().slower());
    }
}
