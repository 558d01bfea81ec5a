//! What each index gains and costs under the scenario's mix of calls.

use super::super::super::model::{AdviceRun, Ledger, LedgerRead, LedgerWrite};
use super::super::super::standing::index_target;
use super::super::joined;
use super::super::table::{Lean, Table};
use super::super::text::{code, fold, plain, prose};
use crate::units::{amount, figure, percent};

/// The table, to be opened, with a sentence that says how it is to be read; nothing when no ledger was kept.
pub(super) fn blocks(advice: &AdviceRun) -> Vec<String> {
    let right = |title| (title, Lean::Right);
    let mut table = Table::new([
        ("index", Lean::Left),
        ("endpoint", Lean::Left),
        right("of the calls"),
        right("gains, ms"),
        right("costs, ms"),
        right("WAL, bytes"),
        right("HOT updates lost"),
    ]);
    let mut notes: Vec<&str> = Vec::new();
    for index in &advice.keep {
        let Some(ledger) = &index.ledger else { continue };
        for entry in entries(ledger) {
            notes.extend(entry.write.map(|write| write.note.as_str()).filter(|note| !note.is_empty() && !notes.contains(note)));
            table.row([vec![code(index_target(&index.definition))], entry.cells(&notes)].concat());
        }
    }
    if table.len() == 0 {
        return Vec::new();
    }
    let said = "What a call of each endpoint gains from an index that it reads by, and pays for one on a table that it writes to. Times their \
                shares of the scenario’s calls they add up to what the index saves of 1,000 calls.";
    let notes: String = notes.iter().enumerate().map(|(i, note)| format!("{} {}.  \n", mark(i), prose(note))).collect();
    vec![fold("The ledger of gains and costs", &joined(&[said.to_owned(), table.render(), notes]))]
}

/// What one endpoint gains and pays.
struct Entry<'a> {
    label: &'a str,
    share: f64,
    read: Option<&'a LedgerRead>,
    write: Option<&'a LedgerWrite>,
}

/// Those that gain, then those that only pay. An endpoint that pays nothing is no line.
fn entries(ledger: &Ledger) -> Vec<Entry<'_>> {
    let pays = |write: &&LedgerWrite| write.cost_ms > 0.0 || write.wal_bytes >= 0.5 || write.hot_lost > 0.0;
    let writes: Vec<&LedgerWrite> = ledger.writes.iter().filter(pays).collect();
    let of = |label: &str| writes.iter().copied().find(|write| write.label == label);
    let reads =
        ledger.reads.iter().map(|read| Entry { label: &read.label, share: read.share, read: Some(read), write: of(&read.label) });
    let alone = writes.iter().filter(|write| ledger.reads.iter().all(|read| read.label != write.label));
    let alone = alone.map(|write| Entry { label: &write.label, share: write.share, read: None, write: Some(write) });
    reads.chain(alone).collect()
}

impl Entry<'_> {
    fn cells(&self, notes: &[&str]) -> Vec<String> {
        let noted = |write: &LedgerWrite| notes.iter().position(|note| *note == write.note).map_or("", mark);
        let paid = |write: &LedgerWrite| match write.cost_ms {
            ms if ms > 0.0 => format!("{}{}", figure(ms), noted(write)),
            _ => format!("nothing told{}", noted(write)),
        };
        let bytes = |write: &LedgerWrite| if write.wal_bytes >= 0.5 { amount(write.wal_bytes.round()) } else { "0".to_owned() };
        vec![
            plain(self.label),
            percent(self.share),
            self.read.map_or_else(String::new, |read| figure(read.gain_ms)),
            self.write.map_or_else(String::new, paid),
            self.write.map_or_else(String::new, bytes),
            self.write.filter(|write| write.hot_lost > 0.0).map_or_else(String::new, |write| amount(write.hot_lost)),
        ]
    }
}

/// The sign of a note.
fn mark(place: usize) -> &'static str {
    ["¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"].get(place).copied().unwrap_or("*")
}
