//! The locks that each endpoint takes: with whom a migration would collide, whether a call came by just then or not.

use crate::bench::Workload;
use crate::bench::session::Session;
use crate::db::relation_locks::{own_locks, relations};
use crate::db::{DbError, Target};
use crate::report::model::MigrationRun;

use super::locks::Mode;

/// An endpoint and what a call of it locks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uses {
    pub label: String,
    /// Relation (`public` left out) and mode.
    pub locks: Vec<(String, Mode)>,
}

/// Makes one call of each endpoint in a transaction that is rolled back, and reads its locks there.
///
/// # Errors
/// When the connection is lost.
pub async fn uses(workload: &Workload, target: &Target) -> Result<Vec<Uses>, DbError> {
    let mut session = Session::open(target, workload).await?;
    let known = relations(session.connection()).await?;
    let mut all = Vec::new();
    for (place, endpoint) in workload.endpoints.iter().enumerate() {
        let Some(draw) = endpoint.draws.draw(0) else { continue };
        session.connection().batch("BEGIN").await?;
        let call = session.call_inside(workload, place, &draw).await?;
        // A call that failed has taken what it needed by then; in a transaction that failed nothing can be asked.
        let locked = if call.failed.is_none() { own_locks(session.connection()).await? } else { Vec::new() };
        session.connection().batch("ROLLBACK").await?;
        let name = |oid: i64| known.iter().find(|relation| relation.oid == oid).map(|relation| relation.name.clone());
        let locks = locked.into_iter().filter_map(|(oid, mode)| Some((name(oid)?, Mode::of(&mode)?))).collect();
        all.push(Uses { label: endpoint.label.clone(), locks });
    }
    session.close().await;
    Ok(all)
}

/// Names with each lock of the migration the endpoints that it does not go together with.
pub fn add_endpoints(run: &mut MigrationRun, uses: &[Uses]) {
    for lock in run.statements.iter_mut().flat_map(|statement| &mut statement.locks) {
        let Some(mode) = Mode::named(&lock.mode) else { continue };
        let collides = |one: &&Uses| one.locks.iter().any(|(name, theirs)| *name == lock.relation && mode.conflicts(*theirs));
        lock.endpoints = uses.iter().filter(collides).map(|one| one.label.clone()).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{HeldLock, StatementRun};

    #[test]
    fn only_who_collides_on_the_same_relation_is_named() {
        let uses =
            [("GET /a", "t", Mode::AccessShare), ("POST /b", "t", Mode::RowExclusive), ("POST /c", "u", Mode::RowExclusive)]
                .map(|(label, relation, mode)| Uses { label: label.into(), locks: vec![(relation.into(), mode)] });
        let lock = |mode: Mode| HeldLock { relation: "t".into(), mode: mode.name().into(), ..HeldLock::default() };
        let locks = vec![lock(Mode::Share), lock(Mode::AccessExclusive), lock(Mode::ShareUpdateExclusive)];
        let statement = StatementRun { locks, ..StatementRun::default() };
        let mut run = MigrationRun { statements: vec![statement], ..MigrationRun::default() };
        add_endpoints(&mut run, &uses);
        let named: Vec<&[String]> = run.statements[0].locks.iter().map(|lock| lock.endpoints.as_slice()).collect();
        assert_eq!(named, [&["POST /b".to_owned()][..], &["GET /a".to_owned(), "POST /b".to_owned()], &[]]);
    }
}
