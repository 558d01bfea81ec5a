//! Calls of one endpoint with and without an index, in turn.
//!
//! Each arm is a transaction of its own in which one index is dropped, rolled back at the end: pages that its undone updates filled are
//! pruned before the next arm looks at them, so that every arm finds as much room for heap-only updates as the one before. The arms run
//! in the order `– a b – b a –` (`–` drops none), so that a machine that slows down slows all of them.

use std::collections::BTreeMap;

use crate::bench::draw::Draw;
use crate::bench::session::Session;
use crate::bench::statistics::median;
use crate::bench::workload::Workload;
use crate::db::touched::{TableCounts, table_counts};
use crate::db::{DbError, Parameters, Prepared, TableName};

use super::upkeep::Standing;

/// How often and with how many draws an endpoint is called in each arm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Effort {
    pub draws: usize,
    /// Times that each draw is called in an arm, the first of which also warms up.
    pub passes: usize,
}

/// Draws of an arm: more of a quick endpoint.
const MOST_DRAWS: f64 = 8.0;
/// Milliseconds of calls in one pass of an arm.
const PASS_MS: f64 = 30.0;
/// … and in all passes of it.
const ARM_MS: f64 = 12.0;
/// Beside its statements a call costs its savepoint and two looks at the WAL.
const AROUND_MS: f64 = 0.2;

impl Effort {
    /// For an endpoint whose quickest call took so long.
    pub fn timed(call_ms: f64) -> Effort {
        let call_ms = call_ms + AROUND_MS;
        let draws = (PASS_MS / call_ms).clamp(2.0, MOST_DRAWS);
        let passes = (ARM_MS / (draws.floor() * call_ms)).clamp(1.0, 3.0) as usize + 1;
        Effort { draws: draws as usize, passes }
    }

    /// To count heap-only updates, which takes one call of each draw.
    pub fn counted(call_ms: f64) -> Effort {
        Effort { draws: (PASS_MS / (call_ms + AROUND_MS)).clamp(1.0, MOST_DRAWS) as usize, passes: 1 }
    }
}

/// What the calls of one kind of arm showed.
#[derive(Debug, Default, Clone)]
pub(super) struct Arm {
    /// Milliseconds by draw, the warm-up left out.
    ms: Vec<Vec<f64>>,
    /// Bytes of WAL by draw.
    wal: Vec<Vec<f64>>,
    /// Median milliseconds of each run of the arm.
    medians: Vec<f64>,
    /// Heap-only updates by table, and calls they were counted over.
    hot: BTreeMap<TableName, u64>,
    calls: u32,
}

/// What an index alone does to one call.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Difference {
    pub time: Time,
    pub wal_bytes: f64,
    pub hot_lost: f64,
}

/// What the clock says of it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) enum Time {
    Costs(f64),
    Gains,
    /// The arms do not differ by more than they differ from themselves.
    #[default]
    Untold,
}

const WAL: &str = "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::int8 /* perflab: WAL */";

/// Compares calls with and without each index of `dropped`. The session is in no transaction.
///
/// # Errors
/// When the connection is lost or an index cannot be dropped.
pub(super) async fn compare(
    session: &mut Session,
    workload: &Workload,
    place: usize,
    dropped: &[&Standing],
    draws: &[Draw],
    effort: Effort,
) -> Result<Vec<Difference>, DbError> {
    let mut call = Calls::of(session, workload, place, draws, effort).await?;
    let (mut with, mut without) = (Arm::of(call.draws.len()), vec![Arm::of(call.draws.len()); dropped.len()]);
    for turn in order(dropped.len()) {
        match turn {
            None => call.run(None, &mut with).await?,
            Some(index) => call.run(Some(dropped[index]), &mut without[index]).await?,
        }
    }
    Ok(dropped.iter().zip(&without).map(|(index, without)| difference(&with, without, &index.table)).collect())
}

/// Heap-only updates of the index's table per call, without each index of `dropped`. The session is in no transaction.
///
/// # Errors
/// As [`compare`].
pub(super) async fn hot_without(
    session: &mut Session,
    workload: &Workload,
    place: usize,
    dropped: &[&Standing],
    draws: &[Draw],
    effort: Effort,
) -> Result<Vec<f64>, DbError> {
    let mut call = Calls::of(session, workload, place, draws, effort).await?;
    let mut found = Vec::new();
    for index in dropped {
        let mut arm = Arm::of(call.draws.len());
        call.run(Some(index), &mut arm).await?;
        found.push(arm.hot_per_call(&index.table));
    }
    Ok(found)
}

/// Which index is dropped in each arm, one after the other.
fn order(indexes: usize) -> Vec<Option<usize>> {
    let mut order = vec![None];
    order.extend((0..indexes).map(Some));
    order.push(None);
    order.extend((0..indexes).rev().map(Some));
    order.push(None);
    order
}

/// The calls of all arms.
struct Calls<'a> {
    session: &'a mut Session,
    workload: &'a Workload,
    place: usize,
    draws: &'a [Draw],
    effort: Effort,
    wal: Prepared,
}

impl<'a> Calls<'a> {
    /// Calls with as many of the draws as the effort allows.
    async fn of(
        session: &'a mut Session,
        workload: &'a Workload,
        place: usize,
        draws: &'a [Draw],
        effort: Effort,
    ) -> Result<Calls<'a>, DbError> {
        let wal = session.connection().prepare(WAL).await?;
        Ok(Calls { session, workload, place, draws: &draws[..draws.len().min(effort.draws)], effort, wal })
    }

    async fn run(&mut self, dropped: Option<&Standing>, arm: &mut Arm) -> Result<(), DbError> {
        self.session.connection().batch("BEGIN").await?;
        if let Some(index) = dropped {
            self.session.connection().batch(&format!("DROP INDEX {}", index.sql_name)).await?;
        }
        let before = table_counts(self.session.connection()).await?;
        let mut times = Vec::new();
        for pass in 0..self.effort.passes {
            for (number, draw) in self.draws.iter().enumerate() {
                let Some((ms, wal)) = self.call(draw).await? else { continue };
                arm.wal[number].push(wal);
                if pass > 0 {
                    arm.ms[number].push(ms);
                    times.push(ms);
                }
            }
            if pass == 0 {
                let after = table_counts(self.session.connection()).await?;
                arm.count(&before, &after, self.draws.len());
            }
        }
        if !times.is_empty() {
            arm.medians.push(median(&mut times));
        }
        self.session.connection().batch("ROLLBACK").await
    }

    /// Milliseconds and bytes of WAL of one call, undone; `None` when it is refused.
    async fn call(&mut self, draw: &Draw) -> Result<Option<(f64, f64)>, DbError> {
        self.session.connection().batch("SAVEPOINT perflab_call").await?;
        let before = self.wal_position().await?;
        let call = self.session.call_inside(self.workload, self.place, draw).await?;
        if call.failed.is_some() {
            self.session.connection().batch("ROLLBACK TO perflab_call; RELEASE perflab_call").await?;
            return Ok(None);
        }
        let after = self.wal_position().await?;
        self.session.connection().batch("ROLLBACK TO perflab_call; RELEASE perflab_call").await?;
        Ok(Some((call.elapsed.as_secs_f64() * 1e3, (after - before) as f64)))
    }

    async fn wal_position(&mut self) -> Result<i64, DbError> {
        let reply = self.session.connection().run(&self.wal, &Parameters::default()).await?;
        Ok(reply.value_at(0, 0).and_then(|value| value.as_integer()).unwrap_or(0))
    }
}

impl Arm {
    fn of(draws: usize) -> Arm {
        Arm { ms: vec![Vec::new(); draws], wal: vec![Vec::new(); draws], ..Arm::default() }
    }

    fn count(&mut self, before: &[TableCounts], after: &[TableCounts], calls: usize) {
        for counts in before.iter().zip(after).map(|(before, after)| after.since(before)) {
            if counts.updated_hot > 0 {
                *self.hot.entry(counts.table).or_default() += counts.updated_hot;
            }
        }
        self.calls += u32::try_from(calls).unwrap_or(u32::MAX);
    }

    fn hot_per_call(&self, table: &TableName) -> f64 {
        self.hot.get(table).copied().unwrap_or(0) as f64 / f64::from(self.calls.max(1))
    }
}

fn difference(with: &Arm, without: &Arm, table: &TableName) -> Difference {
    // The least of a draw's calls: full pages, page splits and other sessions only add to it.
    let least = |values: &Vec<f64>| values.iter().copied().fold(f64::INFINITY, f64::min);
    let mut wal = paired(&with.wal, &without.wal, least);
    Difference {
        time: time(with, without),
        wal_bytes: median(&mut wal).max(0.0),
        hot_lost: (without.hot_per_call(table) - with.hot_per_call(table)).max(0.0),
    }
}

/// The differences of draws that were called in both.
fn paired(with: &[Vec<f64>], without: &[Vec<f64>], of: impl Fn(&Vec<f64>) -> f64) -> Vec<f64> {
    let both = with.iter().zip(without).filter(|(with, without)| !with.is_empty() && !without.is_empty());
    both.map(|(with, without)| of(with) - of(without)).collect()
}

/// Standard deviation of a normal distribution over its median distance from the median.
const DEVIATION_PER_DISTANCE: f64 = 1.4826;

/// Told only when every run of the one arm was slower than every run of the other, and when the median of the draws' differences is
/// over two standard errors of it.
fn time(with: &Arm, without: &Arm) -> Time {
    let mut differences = paired(&with.ms, &without.ms, |times| median(&mut times.clone()));
    if differences.len() < 2 || with.medians.len() < 2 || without.medians.len() < 2 {
        return Time::Untold;
    }
    let cost = median(&mut differences);
    let mut distances: Vec<f64> = differences.iter().map(|difference| (difference - cost).abs()).collect();
    let noise = 2.0 * DEVIATION_PER_DISTANCE * median(&mut distances) / (differences.len() as f64).sqrt();
    let (fastest, slowest) = (f64::INFINITY, 0.0_f64);
    let least = |medians: &[f64]| medians.iter().copied().fold(fastest, f64::min);
    let most = |medians: &[f64]| medians.iter().copied().fold(slowest, f64::max);
    match cost {
        cost if cost > noise && least(&with.medians) > most(&without.medians) => Time::Costs(cost),
        cost if -cost > noise && most(&with.medians) < least(&without.medians) => Time::Gains,
        _ => Time::Untold,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arm(times: &[[f64; 2]], medians: &[f64], hot: u64) -> Arm {
        let table = TableName::new("public", "song");
        Arm {
            ms: times.iter().map(|times| times.to_vec()).collect(),
            wal: times.iter().map(|_| vec![8300.0, 180.0]).collect(),
            medians: medians.to_vec(),
            hot: BTreeMap::from([(table, hot)]),
            calls: 4,
        }
    }

    fn of(with: &Arm, without: &Arm) -> Difference {
        difference(with, without, &TableName::new("public", "song"))
    }

    #[test]
    fn a_cost_above_the_noise_is_told_and_one_within_it_is_not() {
        let without = arm(&[[1.0, 1.1], [2.0, 2.1], [1.5, 1.6]], &[1.5, 1.6], 4);
        let with = arm(&[[1.4, 1.5], [2.4, 2.5], [1.9, 2.0]], &[1.9, 2.0, 1.95], 0);
        let Time::Costs(cost) = of(&with, &without).time else { panic!("{:?}", of(&with, &without)) };
        assert!((cost - 0.4).abs() < 1e-9, "{cost}");
        assert_eq!(of(&without, &with).time, Time::Gains);
        assert_eq!(of(&with, &with).time, Time::Untold);
        // One run with the index was as quick as those without it.
        let disturbed = Arm { medians: vec![1.5, 2.0, 1.95], ..with };
        assert_eq!(of(&disturbed, &without).time, Time::Untold);
    }

    #[test]
    fn full_pages_are_not_an_indexs_cost_and_a_lost_heap_only_update_is() {
        let without = arm(&[[1.0, 1.0]], &[1.0], 4);
        let mut with = arm(&[[1.0, 1.0]], &[1.0], 1);
        with.wal = vec![vec![16_500.0, 250.0]];
        let found = of(&with, &without);
        assert!((found.wal_bytes - 70.0).abs() < 1e-9 && (found.hot_lost - 0.75).abs() < 1e-9, "{found:?}");
        assert!(of(&without, &with).hot_lost == 0.0 && of(&without, &with).wal_bytes == 0.0);
    }

    #[test]
    fn arms_are_in_balance_and_slow_endpoints_are_called_seldom() {
        assert_eq!(order(2), [None, Some(0), Some(1), None, Some(1), Some(0), None]);
        assert_eq!(Effort::timed(0.1), Effort { draws: 8, passes: 4 });
        assert_eq!(Effort::timed(40.0), Effort { draws: 2, passes: 2 });
        assert_eq!((Effort::counted(0.1).draws, Effort::counted(900.0).draws), (8, 1));
    }
}
