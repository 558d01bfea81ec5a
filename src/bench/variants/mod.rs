//! Other ways to get an endpoint's result: proven to give the same, and timed beside its own statements.
//!
//! ```text
//! set_up ── setup: on a copy of the rows ──┐
//! bind ──── both sides, one draw ──────────┼── equality ── time ── refresh ── VariantResult
//! ```

mod equality;
mod rows;
pub mod setup;

pub use rows::{Cell, Sameness, compare as compare_rows};

use std::time::Duration;

use crate::db::{Connection, DbError, Target};
use crate::report::model::{Effect, Equality, ErrorCount, PairedResult, VariantResult, Verdict};
use crate::scenario::model::{CallOptions, Compare, Endpoint, Located, Variant};
use crate::seed::ParamSetting;

use super::error::BenchError;
use super::live::Stop;
use super::paired::{Pairs, Sides, result, rounds, warm_up};
use super::rounds::{Progress, TimeBox};
use super::session::Session;
use super::workload::{Workload, bind_variant};

/// A variant with both sides bound.
pub struct BoundVariant {
    /// Of the endpoint.
    pub label: String,
    pub name: String,
    /// The endpoint's own steps and the variant's, each the only endpoint of its workload, with the same draws.
    pub own: Workload,
    pub variant: Workload,
    compare: Compare,
    refresh: Option<Located<String>>,
}

impl BoundVariant {
    /// Binds both sides on a database where the variant's `setup:` has been run.
    ///
    /// # Errors
    /// [`BenchError::Problems`] with what does not fit in the variant.
    pub async fn bind(
        endpoint: &Endpoint,
        variant: &Variant,
        setting: ParamSetting,
        calls: CallOptions,
        connection: &mut Connection,
    ) -> Result<BoundVariant, BenchError> {
        let [own, other] = bind_variant(endpoint, variant, setting, connection).await?;
        Ok(BoundVariant {
            label: own.label.clone(),
            name: variant.name.value.clone(),
            own: Workload { endpoints: vec![own], calls },
            variant: Workload { endpoints: vec![other], calls },
            compare: variant.compare,
            refresh: variant.refresh.clone(),
        })
    }

    /// Whether neither side changes rows, so that both may be called on one copy of them.
    pub fn only_reads(&self) -> bool {
        self.own.endpoints[0].effect == Effect::Reads && self.variant.endpoints[0].effect == Effect::Reads
    }
}

/// Compares the results of both sides, and times them when they are the same.
///
/// `own` is where the endpoint's own steps are called, `variant` where the variant's are; they may be one. What changes rows wears
/// both.
///
/// # Errors
/// When a connection is lost, or the server refuses the `refresh:`.
pub async fn measure(
    bound: &BoundVariant,
    (own, variant): (&Target, &Target),
    time: Duration,
    stop: &Stop,
    progress: Progress<'_>,
) -> Result<VariantResult, DbError> {
    let sessions = [Session::open(own, &bound.own).await?, Session::open(variant, &bound.variant).await?];
    let mut sides = Sides { workloads: [&bound.own, &bound.variant], sessions };
    let compared = equality::compare(&mut sides, bound.compare, stop).await?;
    let mut found = VariantResult {
        name: bound.name.clone(),
        equality: compared.equality,
        timed: None,
        own_statements_per_call: compared.statements[0],
        variant_statements_per_call: compared.statements[1],
        setup_ms: None,
        refresh: None,
        failures: compared.failures,
        notes: compared.notes,
    };
    if found.equality.proven() && found.failures.is_empty() && !stop.asked() {
        found.timed = Some(timed(bound, &mut sides, time, progress).await?);
    }
    sides.close().await;
    if !bound.only_reads() {
        found.notes.push("What is returned is compared, and not what is written.".into());
    }
    if let Some(refresh) = bound.refresh.as_ref().filter(|_| !stop.asked()) {
        let saved = found.timed.as_ref().filter(|timed| timed.verdict == Verdict::Improved).map(saved_ms);
        let mut connection = Connection::open(variant).await?;
        found.refresh = Some(setup::refresh(&refresh.value, saved, &mut connection).await?);
        if connection.row::<(String,)>("SHOW wal_level").await?.0 == "minimal" {
            found.notes.push("The server's wal_level is minimal: with replicas or archiving, what is made anew is written to the WAL as a whole.".into());
        }
        connection.close().await;
    }
    Ok(found)
}

/// What comparing the results of both sides showed.
pub struct Agreement {
    pub equality: Equality,
    pub failures: Vec<ErrorCount>,
    pub notes: Vec<String>,
}

/// Compares the results of both sides, called on one database in transactions that are rolled back; nothing is timed. `prelude` is
/// run in both sessions before, e.g. to allow them less.
///
/// # Errors
/// When a connection is lost, or the server refuses the prelude.
pub async fn agreement(bound: &BoundVariant, target: &Target, prelude: &str) -> Result<Agreement, DbError> {
    let mut sessions = [Session::open(target, &bound.own).await?, Session::open(target, &bound.variant).await?];
    for session in &mut sessions {
        session.connection().batch(prelude).await?;
    }
    let mut sides = Sides { workloads: [&bound.own, &bound.variant], sessions };
    let compared = equality::compare(&mut sides, bound.compare, &Stop::default()).await?;
    sides.close().await;
    let mut notes = compared.notes;
    if !bound.only_reads() {
        notes.push("What is returned is compared, and not what is written.".into());
    }
    Ok(Agreement { equality: compared.equality, failures: compared.failures, notes })
}

/// Fewest pairs to make, where the patience of [`super::rounds`] suffices.
const LEAST_PAIRS: u32 = 20;

async fn timed(
    bound: &BoundVariant,
    sides: &mut Sides<'_>,
    time: Duration,
    progress: Progress<'_>,
) -> Result<PairedResult, DbError> {
    let mut found = [Pairs::default()];
    warm_up(sides, 0, &mut found[0]).await?;
    let time = TimeBox { total: time, least_rounds: LEAST_PAIRS };
    rounds(sides, &[0], &mut found, time.total, time, progress).await?;
    Ok(result(&bound.own.endpoints[0], &found[0]))
}

/// Of a call, by the means: what a load saves in the long run.
fn saved_ms(timed: &PairedResult) -> f64 {
    timed.before.mean_ms - timed.after.mean_ms
}
