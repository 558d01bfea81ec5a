//! What the load wrote to the write-ahead log, and what it did not have to.

use crate::db::{Connection, DbError, settings};
use crate::report::model::SeedWal;

/// The server's place in its log before the load.
pub struct WalStart {
    level: String,
    /// `None`: this role may not ask.
    position: Option<i64>,
}

impl WalStart {
    /// # Errors
    /// A lost connection.
    pub async fn now(session: &mut Connection) -> Result<WalStart, DbError> {
        let (level,): (String,) = session.row("SELECT current_setting('wal_level')").await?;
        Ok(WalStart { level, position: settings::wal_position(session).await.ok() })
    }

    pub async fn until_now(self, session: &mut Connection) -> SeedWal {
        let position = settings::wal_position(session).await.ok();
        let bytes = self.position.zip(position).map(|(from, to)| to.saturating_sub(from).unsigned_abs());
        SeedWal { note: note(&self.level).to_owned(), level: self.level, bytes }
    }
}

/// Rows copied in the transaction that truncated their table, and indexes built on it, need no log at this level: the files are
/// flushed at COMMIT (documentation of PostgreSQL, "Disable WAL Archival and Streaming Replication").
fn note(level: &str) -> &'static str {
    if level == "minimal" {
        "rows and indexes went into their files without passing through the log (wal_level = minimal, COPY in the transaction of \
         TRUNCATE); what is left is the catalog's and the statistics'"
    } else {
        "rows and indexes passed through the log, which wal_level = minimal would spare; FREEZE spared a second visit to every row"
    }
}
