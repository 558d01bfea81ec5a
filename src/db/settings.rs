//! What the server says about itself.

use super::connect::Connection;
use super::error::DbError;

/// One setting in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingInForce {
    pub name: String,
    /// With its unit, as SHOW prints it.
    pub value: String,
}

/// Settings that differ from the server's built-in defaults and can move a measurement, by name.
pub async fn settings_in_force(connection: &mut Connection) -> Result<Vec<SettingInForce>, DbError> {
    let rows: Vec<(String, String)> = connection
        .rows(
            "SELECT name, current_setting(name) FROM pg_settings \
             WHERE setting IS DISTINCT FROM boot_val AND source NOT IN ('client', 'session') \
             AND (category LIKE 'Resource Usage%' OR category LIKE 'Write-Ahead Log%' OR category LIKE 'Query Tuning%' \
                  OR category LIKE 'Autovacuum%' OR category LIKE 'Statistics%' OR name IN ('jit', 'max_connections', 'shared_preload_libraries', 'data_checksums')) \
             ORDER BY name",
        )
        .await?;
    Ok(rows.into_iter().map(|(name, value)| SettingInForce { name, value }).collect())
}

/// `server_version`, e.g. `15.18 (Debian 15.18-0+deb12u1)`.
pub async fn server_version(connection: &mut Connection) -> Result<String, DbError> {
    let (version,): (String,) = connection.row("SELECT current_setting('server_version')").await?;
    Ok(version)
}

/// Bytes of WAL the server has written so far; differences tell what a statement wrote, cascades included.
pub async fn wal_position(connection: &mut Connection) -> Result<i64, DbError> {
    let (position,): (i64,) = connection.row("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::int8").await?;
    Ok(position)
}
