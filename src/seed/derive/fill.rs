//! Derived tables being filled.

use std::time::Instant;

use crate::db::Connection;
use crate::db::counters::publish;
use crate::db::keys::Stripped;
use crate::report::model::{SeedPhases, SeededTable};
use crate::seed::digest::{TableDigest, chunk_digest};
use crate::seed::error::SeedError;
use crate::seed::progress::Progress;
use crate::seed::seen::derived_seen;
use crate::sql::{quote_ident, quote_literal};

use super::Derived;

/// Fills a derived table whose sources are filled; gives it its keys, vacuums and counts it. The hash is that of the statement: the rows
/// follow from it and from the tables it reads, whose hashes stand beside it.
///
/// # Errors
/// What the server says of the rows.
pub async fn fill(
    derived: &Derived,
    stripped: &Stripped,
    session: &mut Connection,
    progress: &Progress<'_>,
) -> Result<(SeededTable, [u8; 32]), SeedError> {
    let name = derived.name.sql();
    let mut phases = SeedPhases::default();
    progress.begins(format!("{}: INSERT … SELECT", derived.name));
    let start = Instant::now();
    let fill = format!("BEGIN; TRUNCATE {name}; {}; COMMIT", derived.insert());
    let filling = |error: crate::db::DbError| error.during(format!("{} cannot be filled by its `sql`", derived.name));
    session.batch(&fill).await.map_err(filling)?;
    phases.rows = start.elapsed().as_secs_f64();
    let start = Instant::now();
    for key in stripped.keys_of(&derived.name) {
        progress.begins(format!("{}: {}", derived.name, key.name));
        key.build(session).await?;
    }
    for key in stripped.keys_of(&derived.name) {
        key.attach(session).await?;
    }
    phases.keys = start.elapsed().as_secs_f64();
    let start = Instant::now();
    progress.begins(format!("{}: VACUUM (ANALYZE)", derived.name));
    publish(session).await?;
    session.batch(&format!("VACUUM (ANALYZE) {name}")).await?;
    set_sequences(derived, session).await?;
    phases.vacuum = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let seen = derived_seen(derived, session).await?;
    phases.counts = start.elapsed().as_secs_f64();
    let mut digest = TableDigest::new(&derived.name.to_string(), &derived.columns, 0);
    digest.add(&chunk_digest(derived.sql.as_bytes()));
    let seconds = phases.rows + phases.keys + phases.vacuum + phases.counts;
    Ok((SeededTable { phases, seconds, ..seen }, digest.finish()))
}

/// Numbers that the statement gave are not given again.
async fn set_sequences(derived: &Derived, session: &mut Connection) -> Result<(), SeedError> {
    for column in &derived.columns {
        let (table, name) = (derived.name.sql(), quote_ident(column));
        let sequence = format!("pg_get_serial_sequence({}, {})", quote_literal(&table), quote_literal(column));
        let (own,): (Option<String>,) = session.row(&format!("SELECT {sequence}")).await?;
        if let Some(own) = own {
            let set = format!("SELECT setval({}, max({name})) FROM {table} HAVING max({name}) > 0", quote_literal(&own));
            session.batch(&set).await?;
        }
    }
    Ok(())
}
