//! A prepared statement's plan, executed or, where nobody waited for its end, estimated.

use std::time::Duration;

use serde_json::Value as Json;

use crate::db::Connection;
use crate::db::explain::{Explain, execution_ms};
use crate::explain::ExplainError;
use crate::explain::endpoint::QUICK_MS;
use crate::explain::narrated::narrated;
use crate::explain::plan_cache::prepared::{Execution, Prepared};
use crate::plan::{Facts, Plan};
use crate::report::model::ExplainedPlan;

/// What was seen of one plan.
pub struct Seen {
    pub plan: Plan,
    pub explained: ExplainedPlan,
    /// It was stopped after this time, and the plan is an estimate.
    pub stopped_after: Option<Duration>,
}

impl Seen {
    /// Executes with a setting, for at most so long, inside a transaction that stays as it was. `None` when the server refuses it.
    ///
    /// # Errors
    /// When the connection is lost or the plan cannot be read.
    pub async fn executed(
        connection: &mut Connection,
        facts: &Facts,
        prepared: &Prepared,
        setting: &str,
        longest: Duration,
    ) -> Result<Option<Seen>, ExplainError> {
        let mut execution = prepared.execute(connection, Explain::Analyze, &[setting], Some(longest)).await?;
        if matches!(&execution, Execution::Done(json) if execution_ms(json) < QUICK_MS) {
            execution = prepared.execute(connection, Explain::Analyze, &[setting], Some(longest)).await?;
        }
        match execution {
            Execution::Done(json) => Ok(Some(Seen::read(json, facts, None)?)),
            Execution::Stopped => Seen::estimated(connection, facts, prepared, setting, Some(longest)).await,
            Execution::Refused => Ok(None),
        }
    }

    /// The plan alone.
    ///
    /// # Errors
    /// When the connection is lost or the plan cannot be read.
    pub async fn estimated(
        connection: &mut Connection,
        facts: &Facts,
        prepared: &Prepared,
        setting: &str,
        stopped_after: Option<Duration>,
    ) -> Result<Option<Seen>, ExplainError> {
        match prepared.execute(connection, Explain::Estimate, &[setting], None).await? {
            Execution::Done(json) => Ok(Some(Seen::read(json, facts, stopped_after)?)),
            Execution::Stopped | Execution::Refused => Ok(None),
        }
    }

    /// Whether it reads at least twice as many rows or blocks: two executions of the same work differ by what the machine does beside.
    pub fn works_more_than(&self, other: &Seen) -> bool {
        let (one, two) = (&self.explained, &other.explained);
        one.rows_read >= 2.0 * two.rows_read.max(1.0) || one.blocks >= 2 * two.blocks.max(1)
    }

    fn read(json: Json, facts: &Facts, stopped_after: Option<Duration>) -> Result<Seen, ExplainError> {
        let (plan, explained) = narrated(json, facts)?;
        Ok(Seen { plan, explained, stopped_after })
    }
}
