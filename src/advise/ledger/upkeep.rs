//! What each index costs each endpoint that writes to its table.

use std::collections::{BTreeMap, BTreeSet};

use crate::bench::draw::Draw;
use crate::bench::session::Session;
use crate::bench::workload::Workload;
use crate::db::{DbError, TableName, Target};
use crate::report::model::{InsertCost, LedgerWrite};
use crate::units::amount;

use super::arms::{Difference, Effort, Time, compare, hot_without};
use super::written::{self, Look, Written, look, may_write};

/// An index that stands, whoever made it.
#[derive(Debug, Clone)]
pub(in crate::advise) struct Standing {
    pub table: TableName,
    /// With its schema, as SQL needs it.
    pub sql_name: String,
    /// Rows may be left out of it.
    pub partial: bool,
    /// `None` when it could not be measured.
    pub price: Option<InsertCost>,
    /// Labels of endpoints that gain by it: what it costs them is in what they gain.
    pub serves: BTreeSet<String>,
}

impl Standing {
    /// Microseconds that a row inserted takes longer.
    fn us_per_row(&self) -> Option<f64> {
        self.price.as_ref().map(|price| (price.with_us_per_row - price.without_us_per_row).max(0.0))
    }

    fn wal_per_row(&self) -> f64 {
        let more = |price: &InsertCost| (price.with_wal_bytes_per_row - price.without_wal_bytes_per_row).max(0.0);
        self.price.as_ref().map_or(0.0, more)
    }

    /// Those of the same table.
    fn others<'a>(&'a self, all: &'a [Standing]) -> impl Iterator<Item = &'a Standing> {
        all.iter().filter(|other| other.table == self.table && other.sql_name != self.sql_name)
    }
}

/// The lines of each index, by endpoint in the order of the workload.
///
/// # Errors
/// When a connection is lost. An endpoint that the server refuses has no line.
pub(in crate::advise) async fn upkeep(
    target: &Target,
    workload: &Workload,
    indexes: &[Standing],
) -> Result<Vec<Vec<LedgerWrite>>, DbError> {
    let mut lines: Vec<Vec<LedgerWrite>> = vec![Vec::new(); indexes.len()];
    if indexes.is_empty() {
        return Ok(lines);
    }
    for place in may_write(target, workload).await? {
        match of_endpoint(target, workload, place, indexes).await {
            Ok(found) => found.into_iter().for_each(|(index, line)| lines[index].push(line)),
            Err(error) if error.server_message().is_some() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(lines)
}

/// The endpoint's line in the ledger of each index that it writes to.
async fn of_endpoint(
    target: &Target,
    workload: &Workload,
    place: usize,
    indexes: &[Standing],
) -> Result<Vec<(usize, LedgerWrite)>, DbError> {
    let endpoint = &workload.endpoints[place];
    let draws: Vec<Draw> = (0..written::CALLS).filter_map(|call| endpoint.draws.draw(call)).collect();
    let mut session = Session::open_for(target, workload, &[place]).await?;
    session.connection().batch("BEGIN").await?;
    let seen = look(&mut session, workload, place, &draws).await?;
    session.connection().batch("ROLLBACK").await?;
    let differences = differences(&mut session, workload, place, indexes, &draws, &seen).await?;
    session.close().await;
    let share = super::shares(workload).get(endpoint.label.as_str()).copied().unwrap_or(0.0);
    let mut lines = Vec::new();
    for (number, index) in indexes.iter().enumerate() {
        let Some(rows) = seen.tables.iter().find(|rows| rows.table == index.table) else { continue };
        let others_us = index.others(indexes).filter_map(Standing::us_per_row).sum();
        let paid =
            Paid { rows, index, serves: index.serves.contains(&endpoint.label), difference: differences[number], others_us };
        lines.push((number, LedgerWrite { label: endpoint.label.clone(), share, ..paid.line() }));
    }
    Ok(lines)
}

/// What the arms say of each index into which the endpoint's calls put entries.
async fn differences(
    session: &mut Session,
    workload: &Workload,
    place: usize,
    indexes: &[Standing],
    draws: &[Draw],
    seen: &Look,
) -> Result<Vec<Option<Difference>>, DbError> {
    let mut found = vec![None; indexes.len()];
    let mut asked: BTreeMap<How, Vec<usize>> = BTreeMap::new();
    for (number, index) in indexes.iter().enumerate() {
        let rows = seen.tables.iter().find(|rows| rows.table == index.table && rows.entries() > 0.0);
        if let Some(rows) = rows {
            asked.entry(how(index, &workload.endpoints[place].label, rows, seen.call_ms)).or_default().push(number);
        }
    }
    for (how, asked) in asked {
        let dropped: Vec<&Standing> = asked.iter().map(|i| &indexes[*i]).collect();
        let answers: Vec<Difference> = match how {
            How::Timed => {
                let answers = compare(session, workload, place, &dropped, draws, Effort::timed(seen.call_ms)).await?;
                dropped.iter().zip(answers).map(|(index, answer)| wal_by_rows(answer, index, indexes, seen)).collect()
            }
            How::Counted => {
                let effort = Effort::counted(seen.call_ms);
                let hot = hot_without(session, workload, place, &dropped, draws, effort).await?;
                dropped.iter().zip(hot).map(|(index, hot)| by_rows(index, indexes, seen, hot)).collect()
            }
            How::Priced => dropped.iter().map(|index| by_rows(index, indexes, seen, 0.0)).collect(),
        };
        asked.into_iter().zip(answers).for_each(|(index, difference)| found[index] = Some(difference));
    }
    Ok(found)
}

/// What follows from the rows that a call writes, `hot` of which are updates that are heap-only without the index.
fn by_rows(index: &Standing, indexes: &[Standing], seen: &Look, hot: f64) -> Difference {
    let Some(rows) = seen.tables.iter().find(|rows| rows.table == index.table) else { return Difference::default() };
    let hot_lost = (hot.min(rows.updated) - rows.updated_hot).max(0.0);
    Difference { time: Time::Untold, wal_bytes: wal_of_rows(index, indexes, rows, hot_lost), hot_lost }
}

/// Bytes of WAL of the rows that a call writes: their entries in the index, and one in every other index of the table for each update
/// that is no longer heap-only.
fn wal_of_rows(index: &Standing, indexes: &[Standing], rows: &Written, hot_lost: f64) -> f64 {
    let others: f64 = index.others(indexes).map(Standing::wal_per_row).sum();
    rows.entries() * index.wal_per_row() + hot_lost * others
}

/// A row's WAL was counted in one session, while around a call the position of the whole server is all there is to read, which other
/// sessions move, too. Only a partial index, which may not hold these rows at all, is left with what was read.
fn wal_by_rows(difference: Difference, index: &Standing, indexes: &[Standing], seen: &Look) -> Difference {
    match seen.tables.iter().find(|rows| rows.table == index.table) {
        Some(rows) if !index.partial && index.wal_per_row() > 0.0 => {
            Difference { wal_bytes: wal_of_rows(index, indexes, rows, difference.hot_lost), ..difference }
        }
        _ => difference,
    }
}

/// How an index is asked what it costs a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    /// By calls with it and without it, in turn.
    Timed,
    /// By the price of the rows; whether updates are heap-only is counted without it.
    Counted,
    /// By the price of the rows alone.
    Priced,
}

/// Of a call's time, what the rows must cost by their price for the clock to be asked: medians of a few calls move by as much.
const TOLD_BY_CLOCK: f64 = 0.05;

/// A call that is slow without the index, because it reads through it, is not timed: what it gains was. Of a partial index the price
/// does not tell whether these very rows are in it.
fn how(index: &Standing, label: &str, rows: &Written, call_ms: f64) -> How {
    let serves = index.serves.contains(label);
    let untold = |us: f64| rows.entries() * us / 1e3 < TOLD_BY_CLOCK * call_ms;
    if !serves && (index.partial || !index.us_per_row().is_some_and(untold)) {
        How::Timed
    } else if rows.updated > rows.updated_hot {
        How::Counted
    } else {
        How::Priced
    }
}

/// All that is known of what an endpoint pays for an index.
struct Paid<'a> {
    rows: &'a Written,
    index: &'a Standing,
    serves: bool,
    /// `None` when calls put no entry into it.
    difference: Option<Difference>,
    /// Microseconds that a row costs the other indexes of the table, as far as they are known.
    others_us: f64,
}

impl Paid<'_> {
    /// The line without label and share.
    fn line(&self) -> LedgerWrite {
        let Some(difference) = self.difference.filter(|_| self.rows.entries() > 0.0) else {
            let note = match self.rows.updated > 0.0 {
                true => "its updates are heap-only and leave the index alone",
                false => "it only deletes, and VACUUM takes the entries away later",
            };
            return LedgerWrite { note: note.into(), ..LedgerWrite::default() };
        };
        let (cost_ms, note) = self.cost(difference);
        LedgerWrite { cost_ms, note, wal_bytes: difference.wal_bytes, hot_lost: difference.hot_lost, ..LedgerWrite::default() }
    }

    fn cost(&self, difference: Difference) -> (f64, String) {
        if self.serves {
            return (0.0, "its upkeep is in what the endpoint gains".into());
        }
        match (difference.time, self.index.us_per_row()) {
            (Time::Costs(cost), _) => (cost, String::new()),
            (Time::Gains, _) => (0.0, "its calls are no slower with it".into()),
            (Time::Untold, Some(us)) if self.has_rows(difference) => {
                // An update that is no longer heap-only writes to every other index of the table, too.
                let priced = (self.rows.entries() * us + difference.hot_lost * self.others_us) / 1e3;
                let rows = amount(self.rows.entries());
                let note = match priced > 0.0 {
                    true => format!("too little for the clock, so priced by the rows that a call writes ({rows})"),
                    false => "too little to tell from noise".to_owned(),
                };
                (priced, note)
            }
            (Time::Untold, Some(_)) => (0.0, "the rows it writes are not in the index".into()),
            (Time::Untold, None) => (0.0, "too little to tell from noise".into()),
        }
    }

    /// Whether what is written reaches the index at all: a partial index may leave it out.
    fn has_rows(&self, difference: Difference) -> bool {
        !self.index.partial || difference.wal_bytes > 0.0 || difference.hot_lost > 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(us: Option<f64>) -> Standing {
        let price = us.map(|us| InsertCost {
            rows: 2000,
            without_us_per_row: 5.0,
            with_us_per_row: 5.0 + us,
            without_wal_bytes_per_row: 100.0,
            with_wal_bytes_per_row: 180.0,
        });
        Standing {
            table: TableName::new("public", "song"),
            sql_name: "public.song_idx".into(),
            partial: true,
            price,
            serves: BTreeSet::from(["GET /song".to_owned()]),
        }
    }

    fn rows(inserted: f64, updated: f64, updated_hot: f64) -> Written {
        Written { table: TableName::new("public", "song"), inserted, updated, updated_hot, deleted: 1.0 }
    }

    fn line(rows: &Written, us: Option<f64>, difference: Difference, serves: bool) -> LedgerWrite {
        Paid { rows, index: &index(us), serves, difference: Some(difference), others_us: 10.0 }.line()
    }

    fn told(time: Time, hot_lost: f64) -> Difference {
        Difference { time, wal_bytes: 80.0, hot_lost }
    }

    #[test]
    fn a_cost_within_noise_is_priced_by_the_rows_and_never_negative() {
        let priced = line(&rows(20.0, 0.0, 0.0), Some(3.0), told(Time::Untold, 0.0), false);
        assert!((priced.cost_ms - 0.06).abs() < 1e-9 && priced.note.contains("(20)"), "{priced:?}");
        let cheaper = line(&rows(20.0, 0.0, 0.0), Some(-3.0), told(Time::Untold, 0.0), false);
        assert_eq!(cheaper.cost_ms, 0.0);
        let unknown = line(&rows(20.0, 0.0, 0.0), None, told(Time::Untold, 0.0), false);
        assert!(unknown.cost_ms == 0.0 && unknown.note.contains("too little"), "{unknown:?}");
    }

    #[test]
    fn the_clock_is_asked_only_where_it_can_tell() {
        let dear = Standing { partial: false, ..index(Some(20.0)) };
        let one = rows(1.0, 0.0, 0.0);
        assert_eq!(how(&dear, "POST /song", &one, 0.2), How::Timed);
        assert_eq!(how(&dear, "POST /song", &one, 0.5), How::Priced);
        assert_eq!(how(&dear, "POST /song", &rows(0.0, 1.0, 0.0), 0.5), How::Counted);
        assert_eq!(how(&Standing { price: None, ..dear.clone() }, "POST /song", &one, 0.5), How::Timed);
        assert_eq!(how(&Standing { partial: true, ..dear.clone() }, "POST /song", &one, 0.5), How::Timed);
        assert_eq!(how(&dear, "GET /song", &one, 0.2), How::Priced);
    }

    #[test]
    fn a_price_is_paid_for_every_row_and_for_the_other_indexes_once_updates_are_not_heap_only() {
        let other = Standing { sql_name: "public.song_other_idx".into(), ..index(Some(20.0)) };
        let all = [index(Some(20.0)), other];
        let seen = Look { tables: vec![rows(1.0, 2.0, 0.0)], call_ms: 1.0 };
        let told = by_rows(&all[0], &all, &seen, 2.0);
        assert_eq!((told.wal_bytes, told.hot_lost), (3.0 * 80.0 + 2.0 * 80.0, 2.0));
        assert_eq!(by_rows(&all[0], &all, &seen, 0.0).hot_lost, 0.0);
    }

    #[test]
    fn what_the_clock_tells_comes_first() {
        let measured = line(&rows(1.0, 0.0, 0.0), Some(3.0), told(Time::Costs(0.2), 0.0), false);
        assert_eq!((measured.cost_ms, measured.note.as_str(), measured.wal_bytes), (0.2, "", 80.0));
        assert_eq!(line(&rows(1.0, 0.0, 0.0), Some(3.0), told(Time::Gains, 0.0), false).cost_ms, 0.0);
        // Its gain has been measured with the upkeep in it.
        assert_eq!(line(&rows(1.0, 0.0, 0.0), Some(3.0), told(Time::Costs(0.2), 0.0), true).cost_ms, 0.0);
    }

    #[test]
    fn an_update_that_is_no_longer_heap_only_pays_for_the_other_indexes() {
        let lost = line(&rows(0.0, 2.0, 0.0), Some(3.0), told(Time::Untold, 2.0), false);
        assert!((lost.cost_ms - 0.026).abs() < 1e-9 && lost.hot_lost == 2.0, "{lost:?}");
    }

    #[test]
    fn rows_that_need_no_entry_cost_nothing() {
        let hot = line(&rows(0.0, 2.0, 2.0), Some(3.0), Difference::default(), false);
        assert!(hot.cost_ms == 0.0 && hot.note.contains("heap-only"), "{hot:?}");
        let deleted = line(&rows(0.0, 0.0, 0.0), Some(3.0), Difference::default(), false);
        assert!(deleted.note.contains("VACUUM"), "{deleted:?}");
        let partial = line(&rows(1.0, 0.0, 0.0), Some(3.0), Difference::default(), false);
        assert!(partial.cost_ms == 0.0 && partial.note.contains("not in the index"), "{partial:?}");
    }
}
