//! Rows into a database: bare tables first, keys after.
//!
//! Per table: TRUNCATE and COPY FREEZE in one transaction (with `wal_level = minimal` no WAL is written for it, and VACUUM finds
//! nothing left to do), then its keys and indexes, then VACUUM (ANALYZE). Tables are taken in turn by two sessions, the largest
//! first. Foreign keys come last, when everything they look up is indexed and analyzed.
//!
//! A load that fails or is killed leaves tables without keys: whoever calls this marks the database as incomplete before and as
//! complete after.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::try_join_all;

use crate::db::keys::{Key, Stripped, strip};
use crate::db::{Connection, CopyIn, DbError, RowSink, Target};
use crate::report::model::{ExpectedRows, FanoutSeen, SeedRun, SeededTable};
use crate::sql::quote_literal;

use super::digest::data_hash;
use super::error::SeedError;
use super::feed::Feed;
use super::plan::{PlannedReference, SeedPlan, TablePlan};
use super::progress::{Progress, SeedEvent};

/// More would wait for each other: one COPY keeps a server process and a thread of perflab busy.
const SESSIONS: usize = 2;

/// Steps after the COPY of a table that [`Progress`] counts: keys, VACUUM.
const STEPS_PER_TABLE: u64 = 2;

/// A table after its COPY.
struct Loaded {
    /// Place in [`SeedPlan::tables`].
    place: usize,
    digest: [u8; 32],
    copy_seconds: f64,
}

/// Fills the plan's tables in a database whose schema was just made; what stood in them is gone. Keys, indexes and foreign keys are
/// taken away and put back, triggers do not fire, sequences go on after the last row, and everything is vacuumed and analyzed.
///
/// # Errors
/// A server that refuses, or a value that does not fit its column. The tables may then lack their keys.
pub async fn load(plan: &SeedPlan, target: &Target, tell: &mut dyn FnMut(SeedEvent)) -> Result<SeedRun, SeedError> {
    let start = Instant::now();
    let mut sessions = Vec::new();
    for _ in 0..SESSIONS {
        sessions.push(Connection::open(target).await?);
    }
    let stripped = {
        let names: Vec<_> = plan.tables.iter().map(|table| &table.name).collect();
        strip(&mut sessions[0], &names).await?
    };
    let steps = plan.tables.len() as u64 * STEPS_PER_TABLE + stripped.foreign_keys.len() as u64;
    let progress = Progress::new(tell, plan.rows(), steps);

    let mut loaded = fill_tables(plan, &stripped, &mut sessions, &progress).await?;
    loaded.sort_unstable_by_key(|table| table.place);
    put_back_foreign_keys(&stripped, &mut sessions, &progress).await?;
    stripped.switch_on(&mut sessions[0]).await?;
    for table in &plan.tables {
        set_sequences(table, &mut sessions[0]).await?;
    }
    let run = report(plan, &loaded, &mut sessions[0], start).await?;
    for session in sessions {
        session.close().await;
    }
    Ok(run)
}

async fn fill_tables(
    plan: &SeedPlan,
    stripped: &Stripped,
    sessions: &mut [Connection],
    progress: &Progress<'_>,
) -> Result<Vec<Loaded>, SeedError> {
    let mut places: Vec<usize> = (0..plan.tables.len()).collect();
    places.sort_by_key(|place| std::cmp::Reverse(plan.tables[*place].rows * plan.tables[*place].columns.len() as u64));
    let queue = RefCell::new(VecDeque::from(places));
    let threads = (std::thread::available_parallelism().map_or(1, usize::from) / SESSIONS).max(1);
    let workers = sessions.iter_mut().map(|session| async {
        let mut done = Vec::new();
        loop {
            let next = queue.borrow_mut().pop_front();
            let Some(place) = next else { return Ok::<_, SeedError>(done) };
            let table = &plan.tables[place];
            let (digest, copy_seconds) = copy(table, session, threads, progress).await?;
            progress.step(format!("{}: keys", table.name));
            for key in stripped.keys_of(&table.name) {
                key.restore(session).await?;
            }
            progress.step(format!("{}: VACUUM (ANALYZE)", table.name));
            session.batch(&format!("VACUUM (ANALYZE) {}", table.name.sql())).await?;
            done.push(Loaded { place, digest, copy_seconds });
        }
    });
    Ok(try_join_all(workers).await?.into_iter().flatten().collect())
}

/// Empties a table and fills it, in one transaction.
async fn copy(
    table: &Arc<TablePlan>,
    session: &mut Connection,
    threads: usize,
    progress: &Progress<'_>,
) -> Result<([u8; 32], f64), SeedError> {
    let start = Instant::now();
    session.batch(&format!("BEGIN; TRUNCATE {}", table.name.sql())).await?;
    // The server freezes rows of plain tables only.
    let kind = format!("SELECT relkind::text FROM pg_class WHERE oid = {}::regclass", quote_literal(&table.name.sql()));
    let (kind,): (String,) = session.row(&kind).await?;
    let sink = CopyIn::begin(session, &table.name, &table.columns, kind == "r").await?;
    let digest = send_rows(table, sink, threads, progress, start).await?;
    session.batch("COMMIT").await?;
    Ok((digest, start.elapsed().as_secs_f64()))
}

/// Makes all rows of a table and sends them; returns their hash.
async fn send_rows(
    table: &Arc<TablePlan>,
    mut sink: impl RowSink,
    threads: usize,
    progress: &Progress<'_>,
    start: Instant,
) -> Result<[u8; 32], SeedError> {
    let name = table.name.to_string();
    table.forget_counts();
    let mut digest = table.digest();
    let mut feed = Feed::start(table, threads);
    let mut sent = 0;
    sink.send(super::encode::COPY_HEADER).await.map_err(|error| filling(&name, error))?;
    while let Some(chunk) = feed.next().await {
        let chunk = match chunk {
            Ok(chunk) => chunk,
            Err(failure) => {
                sink.abort("perflab could not make a row").await?;
                return Err(failure.into());
            }
        };
        if let Err(error) = sink.send(&chunk.bytes).await {
            return Err(filling(&name, error));
        }
        digest.add(&chunk.digest);
        sent += chunk.rows;
        progress.copied(&name, chunk.rows, sent, table.rows, start);
    }
    sink.send(super::encode::COPY_TRAILER).await.map_err(|error| filling(&name, error))?;
    let arrived = sink.finish().await.map_err(|error| filling(&name, error))?;
    if arrived != sent {
        return Err(SeedError::Lost { table: name, sent, arrived });
    }
    Ok(digest.finish())
}

fn filling(table: &str, error: DbError) -> SeedError {
    error.during(format!("{table} cannot be filled")).into()
}

/// Foreign keys are declared one after the other, which takes locks on two tables at once but no time, and then checked, table by
/// table, under locks that do not meet.
async fn put_back_foreign_keys(
    stripped: &Stripped,
    sessions: &mut [Connection],
    progress: &Progress<'_>,
) -> Result<(), SeedError> {
    let mut queue: VecDeque<Vec<&Key>> = VecDeque::new();
    for key in &stripped.foreign_keys {
        key.declare(&mut sessions[0]).await?;
        match queue.iter_mut().find(|keys| keys[0].table == key.table) {
            Some(keys) => keys.push(key),
            None => queue.push_back(vec![key]),
        }
    }
    let queue = RefCell::new(queue);
    let workers = sessions.iter_mut().map(|session| async {
        loop {
            let next = queue.borrow_mut().pop_front();
            let Some(keys) = next else { return Ok::<_, SeedError>(()) };
            for key in keys {
                progress.step(format!("{}: foreign key {}", key.table, key.name));
                key.check(session).await?;
            }
        }
    });
    try_join_all(workers).await?;
    Ok(())
}

/// The next value of every sequence comes after the last row.
async fn set_sequences(table: &TablePlan, session: &mut Connection) -> Result<(), DbError> {
    for planned in &table.sequences {
        let sequence = quote_literal(&planned.sequence);
        let sql = match planned.last {
            Some(last) => format!("SELECT setval({sequence}, {last})"),
            None => {
                format!("SELECT setval({sequence}, max({})) FROM {} HAVING max({0}) > 0", planned.column_sql(), table.name.sql())
            }
        };
        session.batch(&sql).await.map_err(|error| error.during(format!("the sequence {} cannot be set", planned.sequence)))?;
    }
    Ok(())
}

async fn report(plan: &SeedPlan, loaded: &[Loaded], session: &mut Connection, start: Instant) -> Result<SeedRun, SeedError> {
    let mut tables = Vec::with_capacity(loaded.len());
    for done in loaded {
        let table = &plan.tables[done.place];
        let name = table.name.sql();
        let sql = format!("SELECT (SELECT count(*) FROM {name}), pg_table_size({}::regclass)", quote_literal(&name));
        let (rows, bytes): (i64, i64) = session.row(&sql).await?;
        tables.push(SeededTable {
            name: table.name.to_string(),
            rule: table.rule.clone(),
            asked: table.rows,
            rows: rows.unsigned_abs(),
            bytes: bytes.unsigned_abs(),
            seconds: done.copy_seconds,
            because: table.because.clone(),
            fanouts: table.references.iter().filter_map(fanout_seen).collect(),
            ..SeededTable::default()
        });
    }
    let rows = tables.iter().map(|table| table.rows).sum();
    let expected = plan.expected.as_ref().map(|expected| ExpectedRows {
        total_rows: expected.total_rows,
        got: tables.iter().filter(|table| !expected.leaves_out(&table.name)).map(|table| table.rows).sum(),
        without: expected.without.clone(),
    });
    Ok(SeedRun {
        rows,
        seconds: start.elapsed().as_secs_f64(),
        reused: false,
        hash: data_hash(loaded.iter().map(|table| table.digest)),
        seed: plan.seed,
        scale: plan.scale,
        because: plan.because.clone(),
        expected,
        tables,
        ..SeedRun::default()
    })
}

/// `None` when no row references anything.
fn fanout_seen(reference: &PlannedReference) -> Option<FanoutSeen> {
    let mut children = reference.children();
    children.sort_unstable();
    let parents = children.len();
    let max = *children.last()?;
    // Nearest rank: the smallest count that at least this share of the parents do not exceed.
    let percentile = |share: f64| children[((share * parents as f64).ceil() as usize).clamp(1, parents) - 1];
    Some(FanoutSeen {
        column: reference.column.clone(),
        parent: reference.parent.to_string(),
        parents: parents as u64,
        mean: children.iter().sum::<u64>() as f64 / parents as f64,
        p50: percentile(0.5),
        p99: percentile(0.99),
        max,
        ..FanoutSeen::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::{Assign, Fanout, Literal, Rows, Template, TemplatePart, ValueSpec};
    use crate::seed::fixture::{catalog, data, reference, table, value, with};

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

    fn sent(spec: ValueSpec, says: u64) -> (Vec<u8>, Result<[u8; 32], SeedError>) {
        let plan = plan(spec);
        let kept = RefCell::new(Vec::new());
        let mut ignore = |_: SeedEvent| {};
        let progress = Progress::new(&mut ignore, 6, 0);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let sink = Kept { bytes: Some(&kept), says };
        let digest = runtime.block_on(send_rows(&plan.tables[1], sink, 2, &progress, Instant::now()));
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

    #[test]
    fn fanouts_are_summed_up_by_nearest_rank() {
        let plan = plan(ValueSpec::Constant(Literal::Null));
        let seen = fanout_seen(&plan.tables[1].references[0]).unwrap();
        assert_eq!((seen.parents, seen.mean, seen.parent.as_str()), (3, 2.0, "users"));
        let children = plan.tables[1].references[0].children();
        assert_eq!(seen.max, *children.iter().max().unwrap());
        assert_eq!(seen.p99, seen.max);
    }
}
