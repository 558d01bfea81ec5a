//! Connections: where the server is, and one session on it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgColumn, PgConnectOptions, PgConnection, PgRow, PgStatement};
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Connection as _, Executor, Statement};

use super::error::DbError;
use super::parameters::Parameters;
use super::reply::{Field, Reply};
use super::value::Value;
use super::wire::of_another;

/// A server and how to log in to it. Its `Debug` and [`Target::described`] show no password.
#[derive(Clone)]
pub struct Target {
    options: PgConnectOptions,
    /// Whether only the driver can log in there, once that is known.
    driver_only: Arc<AtomicBool>,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({})", self.described())
    }
}

impl Target {
    /// From `postgres://user:password@host:port/database?sslmode=…`; TLS is rustls.
    ///
    /// # Errors
    /// [`DbError::Url`], with the password left out of the message.
    pub fn parse(url: &str) -> Result<Target, DbError> {
        let known = url.starts_with("postgres://") || url.starts_with("postgresql://");
        let parsed = if known {
            PgConnectOptions::from_str(url).map_err(|error| error.to_string())
        } else {
            Err("no postgres:// in front".into())
        };
        match parsed {
            // A statement cache larger than any scenario keeps every statement of it prepared once per session.
            Ok(options) => Ok(Target {
                options: options.application_name(&session_name()).statement_cache_capacity(1000).disable_statement_logging(),
                driver_only: Arc::default(),
            }),
            Err(reason) => Err(DbError::Url { given: without_password(url), reason }),
        }
    }

    /// The same server, another database.
    pub fn with_database(&self, database: &str) -> Target {
        Target { options: self.options.clone().database(database), driver_only: Arc::clone(&self.driver_only) }
    }

    /// Whether a session without the driver may still be tried.
    pub(super) fn by_wire(&self) -> bool {
        !self.driver_only.load(Ordering::Relaxed)
    }

    pub(super) fn not_by_wire(&self) {
        self.driver_only.store(true, Ordering::Relaxed);
    }

    pub(super) fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// The database named, or the user's own as PostgreSQL has it.
    pub fn database(&self) -> &str {
        self.options.get_database().unwrap_or(self.options.get_username())
    }

    /// Whether the server is on this machine, as far as its address tells.
    pub fn is_local(&self) -> bool {
        let host = self.options.get_host();
        self.options.get_socket().is_some()
            || host.starts_with('/')
            || matches!(host, "localhost" | "127.0.0.1" | "::1" | "[::1]")
    }

    /// Host and database for people and reports.
    pub fn described(&self) -> String {
        match self.options.get_socket() {
            Some(_) => format!("{} over a unix socket", self.database()),
            None => format!("{}:{}/{}", self.options.get_host(), self.options.get_port(), self.database()),
        }
    }
}

fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        // `host=… password=…`, which other clients take: nothing of a value is safe to show.
        return url.split_whitespace().map(|word| word.split('=').next().unwrap_or_default()).collect::<Vec<_>>().join("=… ");
    };
    match rest.rsplit_once('@') {
        Some((login, host)) => format!("{scheme}://{}@{host}", login.split(':').next().unwrap_or_default()),
        None => url.to_owned(),
    }
}

/// What every session of this process is called on the server, and no session of another: so that an interrupted command can end
/// its own statements and nobody else's.
pub(super) fn session_name() -> String {
    static STARTED: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    let started = STARTED.get_or_init(|| std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.subsec_nanos()));
    format!("perflab {}-{started}", std::process::id())
}

/// One session on a server.
pub struct Connection {
    inner: PgConnection,
}

/// A statement the server has parsed, and the types it takes and gives.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub(super) made: Made,
    /// OIDs of `$1`, `$2`, …
    pub parameters: Vec<u32>,
    /// Names of the columns it returns; empty for a statement without RETURNING.
    pub columns: Vec<String>,
    /// What is known of those columns beside their names.
    pub origins: Vec<Origin>,
}

/// How the session knows a prepared statement.
#[derive(Debug, Clone)]
pub(super) enum Made {
    Driver(PgStatement),
    Wire { name: String, fields: Arc<[Field]> },
}

/// What the server says of a column that a statement returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    pub type_oid: u32,
    /// OID and attribute number of the table's column that it is, when it is one.
    pub column: Option<(u32, i16)>,
}

/// OID of a column's type, where the driver has it.
pub(super) fn type_oid(column: &PgColumn) -> Option<u32> {
    column.type_info().oid().map(|Oid(oid)| oid)
}

/// Objects that are made after initdb have OIDs from here on (`FirstNormalObjectId` in access/transam.h).
const FIRST_OWN_OID: u32 = 16384;

impl Connection {
    /// # Errors
    /// [`DbError::Connect`] with the server's or the network's own reason.
    pub async fn open(target: &Target) -> Result<Connection, DbError> {
        match PgConnection::connect_with(&target.options).await {
            Ok(inner) => Ok(Connection { inner }),
            Err(error) => {
                let source = Box::new(DbError::from(error).with_next_step());
                Err(DbError::Connect { server: target.described(), source })
            }
        }
    }

    /// Ends the session in order, so that its statistics reach the server's counters before anybody reads them.
    pub async fn close(self) {
        // A session that cannot say goodbye is gone already.
        let _ = self.inner.close().await;
    }

    /// `server_version_num` as the server told it at login: 150018 for 15.18.
    pub fn version(&self) -> u32 {
        self.inner.server_version_num().unwrap_or(0)
    }

    /// The driver's connection, for COPY.
    pub fn raw(&mut self) -> &mut PgConnection {
        &mut self.inner
    }

    /// One or many statements without parameters, over the simple protocol.
    pub async fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.inner).await?;
        Ok(())
    }

    /// A statement with typed parameters, planned anew and not kept.
    pub async fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<Reply, DbError> {
        // The driver asks the server about a type that it has not met between parsing and binding, and parses over an unnamed statement
        // by that; so one with a parameter of a type that is not PostgreSQL's own has a name.
        let named = parameters.iter().any(|parameter| parameter.oid >= FIRST_OWN_OID);
        let query = sqlx::query_with(AssertSqlSafe(sql), Parameters::of(parameters)?.arguments()?).persistent(named);
        collect(&mut self.inner, query).await
    }

    /// Shows every row of a query without parameters as it comes, so that none is kept.
    ///
    /// # Errors
    /// The server's; rows may have been seen by then.
    pub async fn each_row(&mut self, sql: &str, see: &mut impl FnMut(&PgRow)) -> Result<(), DbError> {
        use futures_util::TryStreamExt;
        let mut rows = sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch(&mut self.inner);
        while let Some(row) = rows.try_next().await? {
            see(&row);
        }
        Ok(())
    }

    /// Rows of a query without parameters, as tuples.
    pub async fn rows<T>(&mut self, sql: &str) -> Result<Vec<T>, DbError>
    where
        T: Send + Unpin + for<'r> sqlx::FromRow<'r, PgRow>,
    {
        Ok(sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(&mut self.inner).await?)
    }

    /// The single row of a query without parameters.
    pub async fn row<T>(&mut self, sql: &str) -> Result<T, DbError>
    where
        T: Send + Unpin + for<'r> sqlx::FromRow<'r, PgRow>,
    {
        Ok(sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_one(&mut self.inner).await?)
    }

    /// Parses a statement on the server and keeps it for the session.
    pub async fn prepare(&mut self, sql: &str) -> Result<Prepared, DbError> {
        use sqlx::SqlSafeStr;
        let statement = self.inner.prepare(AssertSqlSafe(Arc::<str>::from(sql)).into_sql_str()).await?;
        let parameters = match statement.parameters() {
            Some(sqlx::Either::Left(types)) => types.iter().map(|info| info.oid().map_or(0, |Oid(oid)| oid)).collect(),
            _ => Vec::new(),
        };
        let columns = statement.columns().iter().map(|column| column.name().to_owned()).collect();
        let origin = |column: &PgColumn| Origin {
            type_oid: type_oid(column).unwrap_or(0),
            column: column.relation_id().map(|Oid(oid)| oid).zip(column.relation_attribute_no()),
        };
        let origins = statement.columns().iter().map(origin).collect();
        Ok(Prepared { made: Made::Driver(statement), parameters, columns, origins })
    }

    /// Runs a prepared statement: one round trip.
    pub async fn run(&mut self, prepared: &Prepared, parameters: &Parameters) -> Result<Reply, DbError> {
        let Made::Driver(statement) = &prepared.made else { return Err(of_another()) };
        collect(&mut self.inner, statement.query_with(parameters.arguments()?)).await
    }

    /// Runs a prepared statement, reads all it returns and keeps none of it: rows returned or changed.
    pub async fn count(&mut self, prepared: &Prepared, parameters: &Parameters) -> Result<u64, DbError> {
        let Made::Driver(statement) = &prepared.made else { return Err(of_another()) };
        Ok(statement.query_with(parameters.arguments()?).execute(&mut self.inner).await?.rows_affected())
    }

    /// The values as PostgreSQL writes them as text; NULL is `NULL`.
    pub async fn texts(&mut self, values: &[Value]) -> Result<Vec<String>, DbError> {
        if values.is_empty() {
            return Ok(Vec::new());
        }
        let list: Vec<String> = (1..=values.len()).map(|n| format!("coalesce(${n}::text, 'NULL')")).collect();
        let reply = self.query(&format!("SELECT {}", list.join(", ")), values).await?;
        let text = |place| reply.value_at(0, place).and_then(|value| value.as_text());
        (0..values.len())
            .map(|place| text(place).ok_or_else(|| DbError::Unexpected("the server returned no text for a SELECT".into())))
            .collect()
    }
}

async fn collect<'q>(
    connection: &mut PgConnection,
    query: impl sqlx::Execute<'q, sqlx::Postgres> + 'q,
) -> Result<Reply, DbError> {
    use futures_util::TryStreamExt;
    let mut reply = Reply::default();
    let mut stream = connection.fetch_many(query);
    while let Some(item) = stream.try_next().await? {
        match item {
            sqlx::Either::Left(done) => reply.affected += done.rows_affected(),
            sqlx::Either::Right(row) => reply.push_row(&row)?,
        }
    }
    Ok(reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_url_is_refused_without_its_password() {
        let error = Target::parse("mysql://root:secret@db/app").unwrap_err().to_string();
        assert!(error.contains("mysql://root@db/app"), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }

    #[test]
    fn settings_in_place_of_a_url_are_refused_without_their_values() {
        let error = Target::parse("host=db password=secret").unwrap_err().to_string();
        assert!(error.contains("`host=… password`") && !error.contains("secret"), "{error}");
    }

    #[test]
    fn a_target_describes_itself_without_its_password() {
        let target = Target::parse("postgres://me:secret@db.example:5433/shop").unwrap();
        assert_eq!(target.described(), "db.example:5433/shop");
        assert_eq!(format!("{:?}", target.with_database("other")), "Target(db.example:5433/other)");
    }
}
