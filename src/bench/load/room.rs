//! Whether the server has room for the connections of a load.

use crate::db::{Connection, DbError};
use crate::scenario::model::{Connections, LoadModel, LoadPhase, MOST_KEPT};

/// Connections that this session could open beside those there are.
///
/// # Errors
/// When the server refuses the question.
pub async fn free(connection: &mut Connection) -> Result<u32, DbError> {
    let (free,): (i64,) = connection
        .row(
            "SELECT current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint \
             - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')",
        )
        .await?;
    Ok(u32::try_from(free.max(0)).unwrap_or(u32::MAX))
}

/// What to do when a phase needs more connections than are free; `None` when it does not.
pub fn lacks(phase: &LoadPhase, free: u32) -> Option<String> {
    let (wanted, who) = match (&phase.model, phase.connections) {
        (_, Connections::Pool(connections)) => (connections, format!("a pool of {connections}")),
        (LoadModel::Closed { clients, .. }, Connections::Kept | Connections::PerCall) => {
            let most = clients.iter().copied().max().unwrap_or(0);
            (most, format!("{} clients with a connection each", crate::units::count(u64::from(most))))
        }
        // It takes what there is.
        (LoadModel::Open { .. } | LoadModel::Search { .. }, Connections::Kept | Connections::PerCall) => {
            (1, "the load".to_owned())
        }
    };
    (wanted > free).then(|| {
        let pool = (free / 2).clamp(1, 20);
        let more = crate::units::count(u64::from(wanted) + 10);
        format!(
            "{who} need {} connections, and the server has {free} free; share some (`connections: {{pool: {pool}}}`, `--pool {pool}`), or let it take more: \
             `server: {{max_connections: {more}}}` in the scenario, for perflab's own server",
            crate::units::count(u64::from(wanted))
        )
    })
}

/// Connections that an open loop may come to have.
pub fn most_kept(free: u32) -> u32 {
    free.saturating_sub(2).clamp(1, MOST_KEPT)
}
