//! Calls explained after a change that is made in a transaction and rolled back: indexes built or hidden, parameters of the session
//! set, a statement written another way.
//!
//! ```text
//! BEGIN ─ build ─ [after] explain every call ─ [before][after][after][before] … time every call ─ ROLLBACK
//! ```
//!
//! What the two sides differ in is switched inside of savepoints: the side before drops the indexes that were built, the side after
//! drops those that are to be hidden and sets the parameters. Dropping an index is undone at once, building it is not, so it is built
//! once.

mod build;
mod drops;
mod head;
mod nodes;
mod settings;
mod timing;

use std::time::{Duration, Instant};

use crate::bench::draw::Draw;
use crate::bench::workload::BoundEndpoint;
use crate::db::{Connection, DbError, read_catalog};
use crate::report::model::{ExplainedEndpoint, Explanation};

use super::ExplainError;
use super::before_after::names_used;
use super::endpoint::{StatementPlan, explain_steps};
use super::study::Study;

pub use build::{Built, build, check as check_index};
pub use drops::{Found, Hidden, find as find_index};
pub use head::IndexHead;
pub use nodes::{node_changes, statement_change};
pub use settings::{known as known_settings, set_all};
pub(super) use timing::LEAST;
use timing::{Times, goes_on, time_call};

/// What is changed.
#[derive(Debug, Clone, Default)]
pub struct Modification {
    /// CREATE INDEX statements as the user wrote them.
    pub indexes: Vec<String>,
    pub hidden: Vec<Hidden>,
    /// Parameters of the session with their values.
    pub settings: Vec<(String, String)>,
}

/// One call of an endpoint; after it is the same endpoint, or one whose statements are written another way and take the same draw.
pub struct Call<'a> {
    pub before: &'a BoundEndpoint,
    pub after: &'a BoundEndpoint,
    pub draw: Draw,
}

/// How the database is treated.
#[derive(Debug, Clone)]
pub struct Manners {
    /// Opens the transaction: `BEGIN`, perhaps with what it may do and for how long.
    pub begin: String,
    /// Whether the two sides take turns. That drops indexes over and over, with a lock that keeps everybody else from the table, and
    /// is for databases that nobody else uses.
    pub in_turn: bool,
}

/// One of the two sides, in the order of [`Times`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

/// Explains the calls after the change and times them on both sides. `found` has the same calls explained before; what is found now is
/// added to it.
///
/// # Errors
/// What the server says of the change, and a connection that is lost. The transaction is rolled back in any case.
pub async fn try_change(
    connection: &mut Connection,
    calls: &[Call<'_>],
    modification: &Modification,
    manners: &Manners,
    found: &mut Explanation,
) -> Result<(), ExplainError> {
    connection.batch(&manners.begin).await?;
    let outcome = inside(connection, calls, modification, manners, found).await;
    let ended = connection.batch("ROLLBACK").await;
    outcome?;
    Ok(ended?)
}

async fn inside(
    connection: &mut Connection,
    calls: &[Call<'_>],
    modification: &Modification,
    manners: &Manners,
    found: &mut Explanation,
) -> Result<(), ExplainError> {
    let mut times: Vec<Times> = calls.iter().map(|_| Times::default()).collect();
    let mut sides = Sides { built: Vec::new(), modification };
    let mut taken = vec![(0, Duration::ZERO); calls.len()];
    if !manners.in_turn {
        for ((call, times), taken) in calls.iter().zip(&mut times).zip(&mut taken) {
            *taken = sides.time_alone(connection, call, (Side::Before, u32::MAX), times).await?;
        }
    }
    for statement in &modification.indexes {
        sides.built.push(build(connection, statement).await?);
    }
    note_hidden(found, modification);
    for (call, endpoint) in calls.iter().zip(&mut found.endpoints) {
        let plans = sides.explain_after(connection, call).await?;
        add_after(endpoint, plans, &mut sides.built);
    }
    for ((call, times), taken) in calls.iter().zip(&mut times).zip(taken) {
        match manners.in_turn {
            true => sides.time_in_turn(connection, call, times).await?,
            false => _ = sides.time_alone(connection, call, (Side::After, taken.0), times).await?,
        }
    }
    for (endpoint, times) in found.endpoints.iter_mut().zip(&times) {
        for statement in &mut endpoint.statements {
            let timed = times.of_step(statement.step - 1, manners.in_turn);
            if let Some(change) = &mut statement.change {
                change.timed = timed;
            }
        }
    }
    found.indexes.extend(sides.built.into_iter().map(|built| built.tried));
    Ok(())
}

/// The change while it can be switched.
struct Sides<'a> {
    built: Vec<Built>,
    modification: &'a Modification,
}

impl Sides<'_> {
    /// Goes to a side; [`Sides::leave`] undoes it and all that was done there.
    async fn enter(&self, connection: &mut Connection, side: Side) -> Result<(), DbError> {
        connection.batch("SAVEPOINT perflab_side").await?;
        if side == Side::Before {
            for index in &self.built {
                connection.batch(&format!("DROP INDEX {}", index.sql)).await?;
            }
            return Ok(());
        }
        for hidden in &self.modification.hidden {
            let dropped = connection.batch(&hidden.sql).await;
            dropped.map_err(|error| error.during(format!("cannot hide {} with `{}`", hidden.dropped.name, hidden.sql)))?;
        }
        set_all(connection, &self.modification.settings).await.map(drop)
    }

    async fn leave(connection: &mut Connection) -> Result<(), DbError> {
        connection.batch("ROLLBACK TO perflab_side; RELEASE perflab_side").await
    }

    async fn explain_after(&self, connection: &mut Connection, call: &Call<'_>) -> Result<Vec<StatementPlan>, ExplainError> {
        self.enter(connection, Side::After).await?;
        let catalog = read_catalog(connection).await?;
        let plans = explain_steps(connection, &catalog, call.after, &call.draw, Study::PLANS).await?;
        Sides::leave(connection).await?;
        Ok(plans)
    }

    async fn time_once(
        &self,
        connection: &mut Connection,
        call: &Call<'_>,
        side: Side,
        times: &mut Times,
    ) -> Result<(), ExplainError> {
        let endpoint = if side == Side::Before { call.before } else { call.after };
        self.enter(connection, side).await?;
        times.add(side as usize, time_call(connection, endpoint, &call.draw).await?);
        Sides::leave(connection).await?;
        Ok(())
    }

    /// Before, after, after, before …, so that a machine that slows down meanwhile slows both.
    async fn time_in_turn(&self, connection: &mut Connection, call: &Call<'_>, times: &mut Times) -> Result<(), ExplainError> {
        let (started, mut runs) = (Instant::now(), 0);
        while goes_on(runs, started.elapsed()) {
            let mut order = [Side::Before, Side::After];
            if runs % 2 == 1 {
                order.reverse();
            }
            for side in order {
                self.time_once(connection, call, side, times).await?;
            }
            runs += 1;
        }
        Ok(())
    }

    /// One side alone, at most so often: how often, and how long it took.
    async fn time_alone(
        &self,
        connection: &mut Connection,
        call: &Call<'_>,
        (side, most): (Side, u32),
        times: &mut Times,
    ) -> Result<(u32, Duration), ExplainError> {
        let (started, mut runs) = (Instant::now(), 0);
        while runs < most && goes_on(runs, started.elapsed()) {
            self.time_once(connection, call, side, times).await?;
            runs += 1;
        }
        Ok((runs, started.elapsed()))
    }
}

/// The hidden indexes with the statements that used them before.
fn note_hidden(found: &mut Explanation, modification: &Modification) {
    let mut dropped: Vec<_> = modification.hidden.iter().map(|hidden| (hidden, hidden.dropped.clone())).collect();
    for statement in found.endpoints.iter().flat_map(|endpoint| &endpoint.statements) {
        for (hidden, dropped) in &mut dropped {
            dropped.used_by.extend(names_used(&hidden.names, &statement.sql, &statement.before));
        }
    }
    found.changed.dropped.extend(dropped.into_iter().map(|(_, dropped)| dropped));
}

/// The plans after, beside those before, and what became of them.
fn add_after(endpoint: &mut ExplainedEndpoint, plans: Vec<StatementPlan>, built: &mut [Built]) {
    for plan in plans {
        let Some(statement) = endpoint.statements.iter_mut().find(|statement| statement.step == plan.step + 1) else { continue };
        for index in built.iter_mut() {
            index.tried.used_by.extend(names_used(&index.names, &statement.sql, &plan.explained));
        }
        statement.change = statement_change(&statement.before, &plan.explained);
        statement.after = Some(plan.explained);
    }
}
