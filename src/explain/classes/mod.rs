//! An endpoint's statements for parameters of several classes: typical, heaviest and missing rows each get a plan of their own, and a
//! plan that becomes another on the way is told with what follows from it; so is what a prepared statement's one plan for all of them
//! would take.
//!
//! ```text
//! bench::classes ─ a call of each class ─> walk ─ statement, parameters ─> observe ─┬─> judge ──────────────> PlanClass
//!                                                                                   └─> plan_cache::verdict ─> PlanCache
//! ```
//!
//! Everything happens inside transactions that are rolled back. No statement is waited for longer than [`LONGEST`].

mod consequence;
mod judge;
mod observe;
mod other_way;
mod seen;
mod skew;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::bench::classes::{self, Class, ClassCall};
use crate::bench::draw::Draw;
use crate::bench::session::Session;
use crate::bench::workload::Workload;
use crate::db::catalog::Catalog;
use crate::db::{Connection, DbError, Target};
use crate::explain::ExplainError;
use crate::explain::endpoint::parameters_of;
use crate::explain::facts::facts;
use crate::explain::plan_cache::verdict::verdict;
use crate::plan::Facts;
use crate::report::model::{ExplainedStatement, PlanCache, PlanClass};

pub use observe::Observed;
pub use seen::Seen;

/// A statement is stopped after this time, or the scenario's own `statement_timeout` when that is shorter: what takes a minute is to be
/// said, not to be waited for again and again.
pub const LONGEST: Duration = Duration::from_secs(10);

/// What the call is named that stands in where an endpoint has no classes.
pub const AS_ABOVE: &str = "as above";

/// What was found of an endpoint.
#[derive(Default)]
pub struct EndpointPlans {
    /// By step, from 0.
    statements: BTreeMap<usize, (Vec<PlanClass>, Option<PlanCache>)>,
    /// Sentences on classes that could not be had.
    pub notes: Vec<String>,
}

impl EndpointPlans {
    /// Adds what was found to the statements it is about.
    pub fn add_to(mut self, statements: &mut [ExplainedStatement]) {
        for statement in statements {
            if let Some((classes, plan_cache)) = self.statements.remove(&statement.step.saturating_sub(1)) {
                statement.classes = classes;
                statement.plan_cache = plan_cache;
            }
        }
    }
}

/// An endpoint of a workload, and how its rows are found.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub workload: &'a Workload,
    pub place: usize,
    /// The endpoint's sample query, when it has one.
    pub sample: Option<&'a str>,
    pub wanted: &'a [Class],
    /// The call that stands in when the endpoint has no classes.
    pub own: &'a Draw,
}

/// Explains the calls of the wanted classes; nothing when none is wanted.
///
/// # Errors
/// When the connection is lost or a plan cannot be read.
pub async fn explain_classes(target: &Target, catalog: &Catalog, asked: Asked<'_>) -> Result<EndpointPlans, ExplainError> {
    if asked.wanted.is_empty() {
        return Ok(EndpointPlans::default());
    }
    let mut session = Session::open_for(target, asked.workload, &[asked.place]).await?;
    let limit = asked.workload.calls.statement_timeout.map_or(LONGEST, |own| own.min(LONGEST));
    session.connection().batch(&format!("SET statement_timeout = {}", limit.as_millis().max(1))).await?;
    let (calls, notes) = calls(&mut session, asked).await?;
    let found = explained(session.connection(), &facts(catalog), asked, &calls, limit).await;
    session.close().await;
    Ok(EndpointPlans { notes, ..found? })
}

async fn calls(session: &mut Session, asked: Asked<'_>) -> Result<(Vec<ClassCall>, Vec<String>), DbError> {
    let mut found = match asked.sample {
        Some(sample) if asked.workload.endpoints[asked.place].draws.rows() > 0 => {
            classes::calls(session, asked.workload, asked.place, sample, asked.wanted).await?
        }
        _ => Default::default(),
    };
    if found.0.is_empty() {
        found.0.push(ClassCall { class: Class::Own, name: AS_ABOVE.to_owned(), draw: asked.own.clone() });
    }
    Ok(found)
}

async fn explained(
    connection: &mut Connection,
    facts: &Facts,
    asked: Asked<'_>,
    calls: &[ClassCall],
    limit: Duration,
) -> Result<EndpointPlans, ExplainError> {
    let endpoint = &asked.workload.endpoints[asked.place];
    let mut seen: BTreeMap<usize, Vec<Observed>> = BTreeMap::new();
    for call in calls {
        connection.batch("BEGIN").await?;
        let observed = observe::call(connection, facts, endpoint, call, &mut seen, limit).await;
        connection.batch("ROLLBACK").await?;
        observed?;
    }
    let (mode,): (Option<String>,) = connection.row("SELECT current_setting('plan_cache_mode', true)").await?;
    let mut found = EndpointPlans::default();
    for (step, observed) in seen {
        let mut parameters = Vec::new();
        for one in &observed {
            parameters.push(parameters_of(connection, endpoint, step, &one.parameters).await?);
        }
        let cache = mode.as_deref().and_then(|mode| verdict(&observed, mode));
        let alone = observed.iter().all(|one| one.class == AS_ABOVE);
        let classes = if alone { Vec::new() } else { judge::judge(observed, parameters) };
        found.statements.insert(step, (classes, cache));
    }
    Ok(found)
}
