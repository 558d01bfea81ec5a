//! How closely a call is looked at: whatever is executed once more costs time and wears the database.

use crate::db::catalog::Catalog;
use crate::db::{Connection, Value};
use crate::plan::{ClockFacts, Plan};
use crate::report::model::{Clocks, ExplainedPlan};

use super::ExplainError;
use super::cascade::{footprint, prove};
use super::clocks::{ClockBudget, clocks};
use super::facts::facts;
use super::narrated::findings;
use super::tried::{Trying, try_remedies};

/// What is measured of each statement beside its plan and what ran behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Study {
    /// The three clocks, and executions whose blocks and WAL are counted, within this.
    pub budget: Option<ClockBudget>,
    /// Which of the remedies that tips name.
    pub tried: Trying,
    /// The statement again with all indexes that its cascade lacks, built and rolled back.
    pub proof: bool,
}

impl Study {
    /// The plans alone.
    pub const PLANS: Study = Study { budget: None, tried: Trying::Nothing, proof: false };
    /// For a report that tries indexes by itself.
    pub const RUN: Study = Study { budget: Some(ClockBudget::RUN), tried: Trying::AllButIndexes, proof: false };
    /// For somebody who asks about one endpoint.
    pub const EXPLAIN: Study = Study { budget: Some(ClockBudget::EXPLAIN), tried: Trying::Everything, proof: true };

    /// Measures a statement that was explained. The connection is in a transaction, in which all is undone.
    ///
    /// # Errors
    /// When the connection is lost or a plan cannot be read.
    pub(super) async fn measure(
        self,
        connection: &mut Connection,
        catalog: &Catalog,
        (statement, parameters): (&str, &[Value]),
        plan: &Plan,
        explained: &mut ExplainedPlan,
    ) -> Result<(), ExplainError> {
        let mut facts = facts(catalog);
        if let Some(budget) = self.budget {
            explained.clocks = clocks(connection, statement, parameters, explained.execution_ms, budget).await?;
        }
        if let Some(Clocks { plain_ms, timing_off_ms, .. }) = explained.clocks {
            facts.clocks = Some(ClockFacts { plain_ms, timing_off_ms });
            explained.findings = findings(plan, &facts);
        }
        try_remedies(connection, &facts, (statement, parameters), plan, self.tried, explained).await?;
        let Some(budget) = self.budget else { return Ok(()) };
        if !explained.implied.is_empty() || !explained.triggers.is_empty() {
            let waiting =
                explained.implied.iter().any(|one| one.deferred) || explained.triggers.iter().any(|trigger| trigger.deferred);
            explained.footprint = footprint(connection, plan, statement, parameters, waiting, budget).await?;
        }
        if self.proof {
            explained.proof = prove(connection, catalog, explained, statement, parameters, budget).await?;
        }
        Ok(())
    }
}
