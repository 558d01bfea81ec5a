//! VACUUM where a plan looks into the table for rows that an index-only scan could answer alone. It runs in no transaction: the clone
//! keeps it, so it is tried after everything else.

use crate::bench::statistics::median;
use crate::db::{Connection, DbError};
use crate::explain::endpoint::StatementPlan;
use crate::explain::facts::facts;
use crate::plan::{Remedy, narrate};
use crate::report::model::{OtherAdvice, OtherKind};

use super::arm::{Arm, Stopped, runs};
use super::calls::Own;
use super::told::reason;

/// Tables that the plan's tips want vacuumed, as SQL names them.
pub(super) fn tables(plan: &StatementPlan, catalog: &crate::db::catalog::Catalog) -> Vec<String> {
    let mut found = Vec::new();
    for tip in narrate(&plan.plan, &facts(catalog)) {
        if let Some(Remedy::Vacuum { table }) = tip.remedy.filter(|_| tip.saves_ms.max(tip.about_ms) > 0.0)
            && !found.contains(&table)
        {
            found.push(table);
        }
    }
    found
}

/// The statement before and after VACUUM of a table. `None` when the statement fails.
///
/// # Errors
/// When the connection is lost.
pub(super) async fn attempt(connection: &mut Connection, own: &Own<'_>, table: &str) -> Result<Option<OtherAdvice>, DbError> {
    match timed(connection, own, table).await {
        Ok((before_ms, after_ms)) => {
            let mut advice = OtherAdvice {
                kind: OtherKind::Vacuum,
                label: own.label.to_owned(),
                step: Some(own.step + 1),
                what: format!("vacuum {table} more often"),
                sql: format!("VACUUM {table}"),
                before_ms,
                after_ms: Some(after_ms),
                runs: u32::try_from(runs(own.ms)).unwrap_or(u32::MAX),
                ..OtherAdvice::default()
            };
            let caution = "Autovacuum does it by itself where autovacuum_vacuum_scale_factor is low enough for the table.";
            advice.reason = reason(&advice, caution);
            Ok(Some(advice))
        }
        Err(Stopped::Refused(..)) => Ok(None),
        Err(Stopped::Lost(error)) => Err(error),
    }
}

async fn timed(connection: &mut Connection, own: &Own<'_>, table: &str) -> Result<(f64, f64), Stopped> {
    let prepared = connection.prepare(own.sql).await?;
    let [mut before, mut after] = [Arm::of(&prepared, own)?, Arm::of(&prepared, own)?];
    before.warm_up(connection).await?;
    before.run(connection, runs(own.ms)).await?;
    connection.batch(&format!("VACUUM {table}")).await?;
    after.warm_up(connection).await?;
    after.run(connection, runs(own.ms)).await?;
    Ok((median(&mut before.times), median(&mut after.times)))
}
