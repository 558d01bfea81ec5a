//! What the server counts: rows, blocks and updates by relation, temporary files, WAL, time.
//!
//! A session keeps its counts to itself for up to a second. From version 15 on it can be told to publish them
//! (`pg_stat_force_next_flush`), and then they are exact, parallel workers and the commit included. Before that, what it has not
//! published is read in the session itself, inside of one transaction (`pg_stat_get_xact_…`).
//! Statements name relations by OID, so that reading the counters looks nothing up and counts nothing.

use std::collections::BTreeMap;

use super::connect::{Connection, Prepared};
use super::error::DbError;
use super::parameters::Parameters;

/// First version with `pg_stat_force_next_flush`, `active_time` of a database, and statistics in shared memory.
const PUBLISHES: u32 = 150_000;

/// Publishes what this session has counted until now, so that it does not arrive after an ANALYZE and pass for changes since then: a
/// table just loaded would be called stale. Done when the session is idle again, that is before the next statement is read; outside of a
/// transaction. Before version 15 a session cannot be told to, and publishes within a second by itself.
///
/// # Errors
/// What the server says.
pub async fn publish(connection: &mut Connection) -> Result<(), DbError> {
    match connection.version() >= PUBLISHES {
        true => connection.batch("SELECT pg_stat_force_next_flush()").await,
        false => Ok(()),
    }
}

/// How to read the counters of one database, prepared in the session that will be counted.
pub struct Counters {
    publish: Option<Prepared>,
    relations: Prepared,
    whole: Prepared,
    /// In the order of the answer.
    listed: Vec<Listed>,
}

/// A relation whose counters are read.
struct Listed {
    table: i64,
    is_index: bool,
    /// Its rows are parts of values, so only its blocks count.
    is_toast: bool,
}

/// The counters at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    relations: Vec<RelationCounts>,
    temp_bytes: Option<i64>,
    wal_bytes: i64,
    wal_full_pages: Option<i64>,
    active_ms: Option<f64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct RelationCounts {
    returned: i64,
    fetched: i64,
    updated: i64,
    updated_hot: i64,
    blocks: i64,
    blocks_hit: i64,
}

/// What was counted between two readings.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counted {
    /// Rows of sequential scans; of index scans the entries returned or the rows fetched for them, whichever is more.
    pub rows_read: u64,
    pub rows_updated: u64,
    pub rows_updated_hot: u64,
    pub blocks_hit: u64,
    pub blocks_read: u64,
    /// `None` before version 15.
    pub temp_bytes: Option<u64>,
    /// Of the whole server.
    pub wal_bytes: u64,
    /// Of the whole server; `None` before version 15.
    pub wal_full_pages: Option<u64>,
    /// Milliseconds in which the database's sessions were active (`pg_stat_database.active_time`); `None` before version 15.
    pub active_ms: Option<f64>,
}

impl Counters {
    /// Finds the database's tables and indexes, TOAST included, and reads once so that later readings find everything at hand.
    ///
    /// # Errors
    /// What the server says.
    pub async fn prepare(connection: &mut Connection) -> Result<Counters, DbError> {
        let found: Vec<(i64, i64, bool, bool)> = connection.rows(include_str!("queries/counted_relations.sql")).await?;
        let list: Vec<String> = found.iter().map(|(_, relation, _, _)| relation.to_string()).collect();
        let publishes = connection.version() >= PUBLISHES;
        let scope = if publishes { "" } else { "xact_" };
        let relations = include_str!("queries/counters.sql").replace("{scope}", scope).replace("{relations}", &list.join(","));
        let whole = if publishes { include_str!("queries/counters_whole.sql") } else { include_str!("queries/wal_alone.sql") };
        let (database,): (i64,) = connection.row("SELECT oid::int8 FROM pg_database WHERE datname = current_database()").await?;
        let publish = match publishes {
            true => Some(connection.prepare("SELECT pg_stat_force_next_flush()::text").await?),
            false => None,
        };
        let counters = Counters {
            publish,
            relations: connection.prepare(&relations).await?,
            whole: connection.prepare(&whole.replace("{database}", &database.to_string())).await?,
            listed: found.into_iter().map(|(table, _, is_index, is_toast)| Listed { table, is_index, is_toast }).collect(),
        };
        counters.read(connection).await?;
        Ok(counters)
    }

    /// Whether counts outlive a transaction; if not, both readings must be made inside of the same one.
    pub fn publishes(&self) -> bool {
        self.publish.is_some()
    }

    /// Reads the counters of this session's database; outside of a transaction where [`Counters::publishes`].
    ///
    /// # Errors
    /// What the server says.
    pub async fn read(&self, connection: &mut Connection) -> Result<Reading, DbError> {
        if let Some(publish) = &self.publish {
            // Done when the session is idle again, that is before the next statement is read.
            connection.run(publish, &Parameters::default()).await?;
        }
        let relations = connection.run(&self.relations, &Parameters::default()).await?;
        let whole = connection.run(&self.whole, &Parameters::default()).await?;
        let number = |row: usize, column: &str| relations.value(row, column).and_then(|value| value.as_integer()).unwrap_or(0);
        let of_all = |column: &str| whole.value(0, column).and_then(|value| value.as_integer());
        let counts = (0..relations.len()).map(|row| RelationCounts {
            returned: number(row, "returned"),
            fetched: number(row, "fetched"),
            updated: number(row, "updated"),
            updated_hot: number(row, "updated_hot"),
            blocks: number(row, "blocks"),
            blocks_hit: number(row, "blocks_hit"),
        });
        Ok(Reading {
            relations: counts.collect(),
            temp_bytes: of_all("temp_bytes"),
            wal_bytes: of_all("wal_bytes").unwrap_or(0),
            wal_full_pages: of_all("wal_full_pages"),
            active_ms: of_all("active_us").map(|us| us as f64 / 1e3),
        })
    }

    /// What was counted from one reading to the other.
    pub fn between(&self, before: &Reading, after: &Reading) -> Counted {
        let mut counted = count_relations(&self.listed, &before.relations, &after.relations);
        counted.wal_bytes = since(before.wal_bytes, after.wal_bytes);
        let both = |before: Option<i64>, after: Option<i64>| Some(since(before?, after?));
        counted.temp_bytes = both(before.temp_bytes, after.temp_bytes);
        counted.wal_full_pages = both(before.wal_full_pages, after.wal_full_pages);
        counted.active_ms = before.active_ms.zip(after.active_ms).map(|(before, after)| (after - before).max(0.0));
        counted
    }
}

fn count_relations(listed: &[Listed], before: &[RelationCounts], after: &[RelationCounts]) -> Counted {
    let mut counted = Counted::default();
    // By table: entries that its indexes returned, and rows fetched for them. A bitmap scan counts the latter at the table.
    let mut by_index: BTreeMap<i64, (u64, u64)> = BTreeMap::new();
    for ((before, after), listed) in before.iter().zip(after).zip(listed) {
        let grown = |field: fn(&RelationCounts) -> i64| since(field(before), field(after));
        let (blocks, hit) = (grown(|counts| counts.blocks), grown(|counts| counts.blocks_hit));
        counted.blocks_hit += hit;
        counted.blocks_read += blocks.saturating_sub(hit);
        if listed.is_toast {
            continue;
        }
        counted.rows_updated += grown(|counts| counts.updated);
        counted.rows_updated_hot += grown(|counts| counts.updated_hot);
        let scanned = by_index.entry(listed.table).or_default();
        scanned.1 += grown(|counts| counts.fetched);
        match listed.is_index {
            true => scanned.0 += grown(|counts| counts.returned),
            false => counted.rows_read += grown(|counts| counts.returned),
        }
    }
    counted.rows_read += by_index.values().map(|(entries, rows)| entries.max(rows)).sum::<u64>();
    counted
}

impl Counted {
    /// Both together.
    pub fn plus(&self, other: &Counted) -> Counted {
        let both = |one: Option<u64>, other: Option<u64>| Some(one? + other?);
        Counted {
            rows_read: self.rows_read + other.rows_read,
            rows_updated: self.rows_updated + other.rows_updated,
            rows_updated_hot: self.rows_updated_hot + other.rows_updated_hot,
            blocks_hit: self.blocks_hit + other.blocks_hit,
            blocks_read: self.blocks_read + other.blocks_read,
            temp_bytes: both(self.temp_bytes, other.temp_bytes),
            wal_bytes: self.wal_bytes + other.wal_bytes,
            wal_full_pages: both(self.wal_full_pages, other.wal_full_pages),
            active_ms: self.active_ms.zip(other.active_ms).map(|(one, other)| one + other),
        }
    }
}

/// Counters only grow, unless somebody resets them.
fn since(before: i64, after: i64) -> u64 {
    u64::try_from(after.saturating_sub(before)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_read_are_those_of_tables_and_the_more_of_entries_and_fetches() {
        let listed = |table, is_index, is_toast| Listed { table, is_index, is_toast };
        let counts =
            |returned, fetched| RelationCounts { returned, fetched, blocks: 5, blocks_hit: 4, ..RelationCounts::default() };
        let listed = [listed(1, false, false), listed(1, true, false), listed(1, true, false), listed(2, false, true)];
        let before = [RelationCounts::default(); 4];
        // A sequential scan of 1,000 rows; an index-only scan of 70 entries, and a bitmap of 30 entries for 20 rows.
        let after = [counts(1000, 20), counts(70, 0), counts(30, 0), counts(0, 9)];
        let counted = count_relations(&listed, &before, &after);
        assert_eq!((counted.rows_read, counted.blocks_hit, counted.blocks_read), (1100, 16, 4));
    }

    #[test]
    fn counters_that_were_reset_count_nothing() {
        assert_eq!((since(7, 9), since(9, 7)), (2, 0));
    }
}
