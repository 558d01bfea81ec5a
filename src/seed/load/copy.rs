//! One table's rows: made on threads, sent by COPY.

use std::sync::Arc;

use crate::db::{Connection, CopyIn, DbError, RowSink};
use crate::seed::digest::StepHashes;
use crate::seed::encode::{COPY_HEADER, COPY_TRAILER};
use crate::seed::error::SeedError;
use crate::seed::feed::Feed;
use crate::seed::plan::TablePlan;
use crate::seed::progress::Progress;
use crate::seed::trial::refused;
use crate::sql::quote_literal;

/// Empties a table and fills it, in one transaction; or adds to what is there.
pub async fn copy(
    table: &Arc<TablePlan>,
    session: &mut Connection,
    threads: usize,
    progress: &Progress<'_>,
) -> Result<StepHashes, SeedError> {
    fill(table, session, threads, progress).await.map_err(|error| match error {
        SeedError::Db(error) => filling(table, error),
        error => error,
    })
}

async fn fill(
    table: &Arc<TablePlan>,
    session: &mut Connection,
    threads: usize,
    progress: &Progress<'_>,
) -> Result<StepHashes, SeedError> {
    if table.adds() {
        session.batch("BEGIN").await?;
        let sink = CopyIn::begin(session, &table.name, &table.columns, false).await?;
        let digest = send_rows(table, sink, threads, progress).await?;
        session.batch("COMMIT").await?;
        return Ok(digest);
    }
    // The server freezes rows of plain tables only.
    let kind = format!("SELECT relkind::text FROM pg_class WHERE oid = {}::regclass", quote_literal(&table.name.sql()));
    let (kind,): (String,) = session.row(&kind).await?;
    // Tables that inherit from this one keep their rows; partitions are part of it.
    let only = if kind == "r" { "ONLY " } else { "" };
    session.batch(&format!("BEGIN; TRUNCATE {only}{}", table.name.sql())).await?;
    let sink = CopyIn::begin(session, &table.name, &table.columns, kind == "r").await?;
    let digest = send_rows(table, sink, threads, progress).await?;
    session.batch("COMMIT").await?;
    Ok(digest)
}

/// Makes all rows of a table and sends them; returns their hash.
async fn send_rows(
    table: &Arc<TablePlan>,
    mut sink: impl RowSink,
    threads: usize,
    progress: &Progress<'_>,
) -> Result<StepHashes, SeedError> {
    let name = table.name.to_string();
    table.forget_counts();
    table.count_earlier();
    let mut digest = table.digest();
    let mut feed = Feed::start(table, threads);
    let mut sent = 0;
    sink.send(COPY_HEADER).await?;
    while let Some(chunk) = feed.next().await {
        let chunk = match chunk {
            Ok(chunk) => chunk,
            Err(failure) => {
                sink.abort("perflab could not make a row").await?;
                return Err(failure);
            }
        };
        sink.send(&chunk.bytes).await?;
        digest.add(&chunk.digest);
        sent += chunk.rows;
        progress.copied(&name, chunk.rows);
    }
    sink.send(COPY_TRAILER).await?;
    let arrived = sink.finish().await?;
    if arrived != sent {
        return Err(SeedError::Lost { table: name, sent, arrived });
    }
    Ok(digest.finish())
}

fn filling(table: &TablePlan, error: DbError) -> SeedError {
    match refused(table, &error, |line| line) {
        Some(problem) => SeedError::Refused { table: table.name.to_string(), problem: Box::new(problem) },
        None => error.during(format!("{} cannot be filled", table.name)).into(),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::scenario::model::{Assign, Fanout, Literal, Rows, Template, TemplatePart, ValueSpec};
    use crate::seed::SeedEvent;
    use crate::seed::fixture::{catalog, data, reference, table, value, with};
    use crate::seed::plan::SeedPlan;

    /// Keeps what it is sent; counts the rows by their ends.
    #[derive(Default)]
    struct Kept<'a> {
        bytes: Option<&'a RefCell<Vec<u8>>>,
        says: u64,
    }

    impl RowSink for Kept<'_> {
        async fn send(&mut self, bytes: &[u8]) -> Result<(), DbError> {
            self.bytes.unwrap().borrow_mut().extend_from_slice(bytes);
            Ok(())
        }

        async fn finish(self) -> Result<u64, DbError> {
            Ok(self.says)
        }

        async fn abort(self, reason: &str) -> Result<(), DbError> {
            self.bytes.unwrap().borrow_mut().extend_from_slice(reason.as_bytes());
            Ok(())
        }
    }

    fn plan(spec: ValueSpec) -> SeedPlan {
        let catalog =
            catalog("users(id int4 pk identity); orders(id int4 pk identity, user_id int4 not null -> users.id, code int4)");
        let orders = vec![reference("user_id", "users", Assign::Fanout(Fanout::Range(1..=3))), value("code", spec)];
        let tables = vec![table("users", Rows::Exactly(3)), with(table("orders", Rows::Exactly(6)), orders)];
        SeedPlan::new(&data(tables), &catalog, 1.0).unwrap()
    }

    fn sent(spec: ValueSpec, says: u64) -> (Vec<u8>, Result<StepHashes, SeedError>) {
        let plan = plan(spec);
        let kept = RefCell::new(Vec::new());
        let mut ignore = |_: SeedEvent| {};
        let progress = Progress::new(&mut ignore, 6);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let sink = Kept { bytes: Some(&kept), says };
        let digest = runtime.block_on(send_rows(&plan.tables[1], sink, 2, &progress));
        (kept.into_inner(), digest)
    }

    #[test]
    fn a_copy_has_its_header_its_rows_and_its_trailer() {
        let (bytes, digest) = sent(ValueSpec::Constant(Literal::Int(7)), 6);
        assert!(digest.is_ok());
        assert!(bytes.starts_with(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0\0\x03\0\0\0\x04\0\0\0\x01"));
        assert_eq!(bytes.len(), 19 + 6 * (2 + 3 * 8) + 2);
        assert!(bytes.ends_with(&[0, 0, 0, 4, 0, 0, 0, 7, 0xff, 0xff]));
    }

    #[test]
    fn rows_that_do_not_arrive_and_values_that_do_not_fit_are_errors() {
        let (_, lost) = sent(ValueSpec::Constant(Literal::Int(7)), 5);
        assert_eq!(lost.unwrap_err().to_string(), "orders took 5 of the 6 rows that were sent");
        let letters = ValueSpec::Template(Template { parts: vec![TemplatePart::Letters(3)] });
        let (bytes, failed) = sent(letters, 6);
        assert!(bytes.ends_with(b"perflab could not make a row"));
        let error = failed.unwrap_err();
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "row 1 of orders");
    }
}
