//! Parameters of the session that are set for the side after.

use crate::db::{Connection, DbError, Value};
use crate::report::model::ChangedSetting;

/// Sets the parameters as the server allows it in a transaction that is open, and says what they were and are.
///
/// # Errors
/// The server's words for a parameter that it does not know or may not be set, or a value that does not fit.
pub async fn set_all(connection: &mut Connection, wanted: &[(String, String)]) -> Result<Vec<ChangedSetting>, DbError> {
    let mut changed = Vec::new();
    for (name, value) in wanted {
        let before = shown(connection, name).await?;
        // The value that the server answers is the one it took: 65536 becomes 64MB.
        let set = connection.query("SELECT set_config($1, $2, true)", &[Value::text(name), Value::text(value)]).await;
        set.map_err(|error| error.during(format!("cannot set {name} to `{value}`")))?;
        let after = shown(connection, name).await?;
        changed.push(ChangedSetting { name: name.clone(), before, after });
    }
    Ok(changed)
}

/// As SHOW has it; empty for what is not set.
async fn shown(connection: &mut Connection, name: &str) -> Result<String, DbError> {
    let reply = connection.query("SELECT coalesce(current_setting($1, true), '')", &[Value::text(name)]).await?;
    Ok(reply.value_at(0, 0).and_then(|value| value.as_text()).unwrap_or_default())
}

/// The names of the parameters that the server knows, for a suggestion.
///
/// # Errors
/// When the server cannot be asked.
pub async fn known(connection: &mut Connection) -> Result<Vec<String>, DbError> {
    Ok(connection.rows::<(String,)>("SELECT name FROM pg_settings").await?.into_iter().map(|(name,)| name).collect())
}
