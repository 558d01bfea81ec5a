//! COPY into a table and out of one: where rows go, and the seam that lets rows be made without a server.

use std::future::Future;
use std::io;

use futures_util::TryStreamExt;
use sqlx::postgres::{PgConnection, PgCopyIn};

use crate::sql::quote_ident;

use super::catalog::TableName;
use super::connect::Connection;
use super::error::DbError;

/// Takes the bytes of one COPY, in order.
pub trait RowSink {
    /// Sends a piece; rows may be cut anywhere.
    fn send(&mut self, bytes: &[u8]) -> impl Future<Output = Result<(), DbError>>;
    /// Ends the COPY and returns how many rows arrived.
    fn finish(self) -> impl Future<Output = Result<u64, DbError>>;
    /// Ends the COPY without keeping a row; the reason goes to the server's log.
    fn abort(self, reason: &str) -> impl Future<Output = Result<(), DbError>>;
}

/// A `COPY … FROM STDIN` that is under way.
pub struct CopyIn<'c> {
    inner: PgCopyIn<&'c mut PgConnection>,
}

impl<'c> CopyIn<'c> {
    /// Starts a binary COPY into the columns of a table. With `freeze` rows need no later visit by VACUUM, which the server allows
    /// only in the transaction that made or truncated the table.
    ///
    /// # Errors
    /// What the server says.
    pub async fn begin(
        connection: &'c mut Connection,
        table: &TableName,
        columns: &[String],
        freeze: bool,
    ) -> Result<CopyIn<'c>, DbError> {
        let columns: Vec<String> = columns.iter().map(|column| quote_ident(column)).collect();
        let freeze = if freeze { ", FREEZE" } else { "" };
        let statement = format!("COPY {} ({}) FROM STDIN (FORMAT binary{freeze})", table.sql(), columns.join(", "));
        Ok(CopyIn { inner: connection.raw().copy_in_raw(&statement).await? })
    }
}

impl RowSink for CopyIn<'_> {
    async fn send(&mut self, bytes: &[u8]) -> Result<(), DbError> {
        self.inner.send(bytes).await?;
        Ok(())
    }

    async fn finish(self) -> Result<u64, DbError> {
        Ok(self.inner.finish().await?)
    }

    async fn abort(self, reason: &str) -> Result<(), DbError> {
        Ok(self.inner.abort(reason).await?)
    }
}

/// Runs `COPY … TO STDOUT` and hands on what it returns, piece by piece. The inner result is that of whoever takes the pieces; after a
/// failure of theirs the connection is of no more use.
///
/// # Errors
/// What the server says.
pub async fn copy_out(
    connection: &mut Connection,
    statement: &str,
    take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> Result<io::Result<()>, DbError> {
    let mut pieces = connection.raw().copy_out_raw(statement).await?;
    while let Some(piece) = pieces.try_next().await? {
        if let Err(error) = take(&piece) {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}
