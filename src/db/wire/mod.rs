//! Sessions for loads: prepared statements and transactions over PostgreSQL's own protocol, and nothing else.
//!
//! A load generator's own work takes time from the server beside it and shows up in the times it measures. The driver asks the kernel
//! once more per call than there is to be had and makes some twenty allocations; this makes none, one system call to send and one to
//! receive. `cargo bench --bench throughput` shows both beside pgbench.

mod login;
mod message;
mod stream;

use std::sync::Arc;

use super::connect::{Connection, Made, Prepared, Target};
use super::error::DbError;
use super::parameters::Parameters;
use super::reply::{Field, Reply};
use stream::{Stream, broken};

/// One session.
pub struct Wire {
    stream: Stream,
    /// What is sent next; its memory is used again.
    out: Vec<u8>,
    statements: u32,
}

/// A session for calls: over the wire where that can log in, else over the driver.
pub enum Link {
    Wire(Wire),
    Driver(Connection),
}

/// What calls are made over.
#[allow(async_fn_in_trait, reason = "sessions stay on the thread they were made on")]
pub trait Line: Sized {
    /// # Errors
    /// When the server cannot be reached or says no.
    async fn open(target: &Target) -> Result<Self, DbError>;

    /// Parses a statement on the server and keeps it for the session.
    ///
    /// # Errors
    /// The server's.
    async fn prepare(&mut self, sql: &str) -> Result<Prepared, DbError>;

    /// One or many statements without parameters.
    ///
    /// # Errors
    /// The server's.
    async fn batch(&mut self, sql: &str) -> Result<(), DbError>;

    /// Runs a prepared statement and keeps what it returns: one round trip.
    ///
    /// # Errors
    /// The server's.
    async fn run(&mut self, prepared: &Prepared, parameters: &Parameters) -> Result<Reply, DbError>;

    /// Runs a prepared statement, reads all it returns and keeps none of it: rows returned or changed.
    ///
    /// # Errors
    /// The server's.
    async fn count(&mut self, prepared: &Prepared, parameters: &Parameters) -> Result<u64, DbError>;

    /// Ends the session in order.
    async fn close(self);
}

impl Wire {
    /// `None` when only the driver can log in there.
    ///
    /// # Errors
    /// When the server cannot be reached or says no.
    pub async fn open(target: &Target) -> Result<Option<Wire>, DbError> {
        let stream = login::log_in(&login::Login::of(target)).await?;
        Ok(stream.map(|stream| Wire { stream, out: Vec::with_capacity(512), statements: 0 }))
    }

    async fn prepare(&mut self, sql: &str) -> Result<Prepared, DbError> {
        self.statements += 1;
        let name = format!("s{}", self.statements);
        self.out.clear();
        message::prepare(&mut self.out, &name, sql);
        let (mut parameters, mut described) = (Vec::new(), Vec::new());
        self.exchange(|kind, body| {
            match kind {
                b't' => parameters = message::read_parameters(body)?,
                b'T' => described = message::read_fields(body)?,
                _ => {}
            }
            Ok(())
        })
        .await?;
        let columns = described.iter().map(|(field, _)| field.name.clone()).collect();
        let origins = described.iter().map(|(_, origin)| *origin).collect();
        let fields: Arc<[Field]> = described.into_iter().map(|(field, _)| field).collect();
        Ok(Prepared { made: Made::Wire { name, fields }, parameters, columns, origins })
    }

    async fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        self.out.clear();
        message::query(&mut self.out, sql);
        self.exchange(|_, _| Ok(())).await?;
        Ok(())
    }

    /// `kept` takes the rows.
    async fn execute(&mut self, name: &str, parameters: &Parameters, mut kept: Option<&mut Reply>) -> Result<u64, DbError> {
        self.out.clear();
        message::execute(&mut self.out, name, parameters);
        self.exchange(|kind, body| match (&mut kept, kind) {
            (Some(reply), b'D') => message::read_row(body, reply),
            _ => Ok(()),
        })
        .await
    }

    /// Sends what is in `out` and sees every message up to the server's being ready again: rows returned or changed.
    async fn exchange(&mut self, mut see: impl FnMut(u8, &[u8]) -> Result<(), DbError>) -> Result<u64, DbError> {
        // A server that ended the session has said why, and what it said can still be read.
        let sent = self.stream.send(&self.out).await.map_err(broken);
        let (mut affected, mut failure) = (0, None);
        loop {
            let found = match self.stream.message().await {
                Ok(found) => found,
                Err(error) => return Err(sent.err().unwrap_or(error)),
            };
            let body = self.stream.body(&found);
            match found.0 {
                b'Z' => break,
                b'C' => affected += message::read_tag(body),
                b'E' => {
                    let said = message::read_error(body);
                    if said.fatal {
                        return Err(DbError::Server(Box::new(said)));
                    }
                    failure.get_or_insert(said);
                }
                b'G' => {
                    let prepared = self.out.first() != Some(&b'Q');
                    self.out.clear();
                    message::no_copy(&mut self.out, prepared);
                    self.stream.send(&self.out).await.map_err(broken)?;
                }
                kind => see(kind, body)?,
            }
        }
        match failure {
            Some(said) => Err(DbError::Server(Box::new(said))),
            None => Ok(affected),
        }
    }

    async fn close(mut self) {
        // A session that cannot say goodbye is gone already.
        let _ = self.stream.send(&message::TERMINATE).await;
    }
}

impl Line for Link {
    async fn open(target: &Target) -> Result<Link, DbError> {
        if target.by_wire() {
            match Wire::open(target).await {
                Ok(Some(wire)) => return Ok(Link::Wire(wire)),
                Ok(None) => target.not_by_wire(),
                Err(error) => return Err(DbError::Connect { server: target.described(), source: Box::new(error) }),
            }
        }
        Connection::open(target).await.map(Link::Driver)
    }

    async fn prepare(&mut self, sql: &str) -> Result<Prepared, DbError> {
        match self {
            Link::Wire(wire) => wire.prepare(sql).await,
            Link::Driver(connection) => connection.prepare(sql).await,
        }
    }

    async fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        match self {
            Link::Wire(wire) => wire.batch(sql).await,
            Link::Driver(connection) => connection.batch(sql).await,
        }
    }

    async fn run(&mut self, prepared: &Prepared, parameters: &Parameters) -> Result<Reply, DbError> {
        match (self, &prepared.made) {
            (Link::Wire(wire), Made::Wire { name, fields }) => {
                let mut reply = Reply::of(Arc::clone(fields));
                reply.affected = wire.execute(name, parameters, Some(&mut reply)).await?;
                Ok(reply)
            }
            (Link::Driver(connection), _) => connection.run(prepared, parameters).await,
            (Link::Wire(_), Made::Driver(_)) => Err(of_another()),
        }
    }

    async fn count(&mut self, prepared: &Prepared, parameters: &Parameters) -> Result<u64, DbError> {
        match (self, &prepared.made) {
            (Link::Wire(wire), Made::Wire { name, .. }) => wire.execute(name, parameters, None).await,
            (Link::Driver(connection), _) => connection.count(prepared, parameters).await,
            (Link::Wire(_), Made::Driver(_)) => Err(of_another()),
        }
    }

    async fn close(self) {
        match self {
            Link::Wire(wire) => wire.close().await,
            Link::Driver(connection) => connection.close().await,
        }
    }
}

impl Line for Connection {
    async fn open(target: &Target) -> Result<Connection, DbError> {
        Connection::open(target).await
    }

    async fn prepare(&mut self, sql: &str) -> Result<Prepared, DbError> {
        self.prepare(sql).await
    }

    async fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        self.batch(sql).await
    }

    async fn run(&mut self, prepared: &Prepared, parameters: &Parameters) -> Result<Reply, DbError> {
        self.run(prepared, parameters).await
    }

    async fn count(&mut self, prepared: &Prepared, parameters: &Parameters) -> Result<u64, DbError> {
        self.count(prepared, parameters).await
    }

    async fn close(self) {
        self.close().await;
    }
}

/// Statements belong to the session that they were prepared on.
pub(super) fn of_another() -> DbError {
    DbError::Unexpected("a statement of another session was run".into())
}
