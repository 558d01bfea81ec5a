//! How many rows each table gets: a number for the roots, so many per row of another table for all that follow.

use super::known::Known;
use super::reference::Reference;
use super::round;

/// `rows:` of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Rows {
    Exactly(u64),
    /// The ratio as text, and the other table's place among those known.
    Per {
        ratio: String,
        parent: usize,
    },
}

/// At most this many rows, and as many times the rows in a table that references them, make a lookup table: what people enter by hand.
const LOOKUP_ROWS: u64 = 100;
const LOOKUP_FACTOR: u64 = 20;

/// Tables that do not grow with the others.
pub fn fixed(all: &[Known], references: &[Vec<Reference>]) -> Vec<bool> {
    let referenced_by = |of: usize| {
        let most = references.iter().enumerate().filter(|(_, list)| list.iter().any(|reference| reference.parent == of));
        most.map(|(table, _)| all[table].count()).max().unwrap_or(0)
    };
    let lookup = |(of, known): (usize, &Known)| {
        (1..=LOOKUP_ROWS).contains(&known.count())
            && references[of].iter().all(|reference| reference.parent == of)
            && !known.has_moment()
            && referenced_by(of) >= known.count() * LOOKUP_FACTOR
    };
    all.iter().enumerate().map(lookup).collect()
}

/// The rows of every table. Of several references the one is counted along that explains most: always there, laid side by side, deleted
/// together, and of the finest grain at which most rows have some. No table is counted from itself, be it over others.
pub fn rows(all: &[Known], references: &[Vec<Reference>], fixed: &[bool]) -> Vec<Rows> {
    let mut parents: Vec<Option<usize>> = vec![None; all.len()];
    // Small tables choose first: a large one follows from them rather than they from it.
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|table| all[*table].count());
    for of in order {
        let mut candidates: Vec<&Reference> = references[of].iter().filter(|r| counts(all, of, r, fixed)).collect();
        candidates.sort_by_key(|reference| {
            let facts = all[of].facts[reference.column].as_ref();
            let always = facts.is_none_or(|facts| facts.null_share < 0.01);
            let parents = all[reference.parent].count();
            // The last of the order is the best.
            // Few rows of a large table's many have some: that table explains little.
            let usual = all[of].count() * 2 >= parents;
            (always, usual, reference.declared, reference.grouped(facts), reference.cascades, parents)
        });
        let free = |parent: usize| !leads_to(&parents, parent, of);
        parents[of] = candidates.iter().rev().map(|reference| reference.parent).find(|parent| free(*parent));
    }
    let rows = |(of, parent): (usize, Option<usize>)| {
        let ratio = parent.and_then(|parent| Some((round::ratio(all[of].count(), all[parent].count())?, parent)));
        ratio.map_or(Rows::Exactly(all[of].count()), |(ratio, parent)| Rows::Per { ratio, parent })
    };
    parents.into_iter().enumerate().map(rows).collect()
}

fn counts(all: &[Known], of: usize, reference: &Reference, fixed: &[bool]) -> bool {
    let parent = &all[reference.parent];
    // `3 per some table` is not how a ratio is written.
    let writable =
        !parent.table.name.name.contains(char::is_whitespace) && !parent.table.name.schema.contains(char::is_whitespace);
    reference.parent != of && !fixed[reference.parent] && parent.count() > 0 && all[of].count() > 0 && writable
}

/// Following what tables are counted from, `to` comes after `from`.
fn leads_to(parents: &[Option<usize>], from: usize, to: usize) -> bool {
    let mut at = Some(from);
    while let Some(table) = at {
        if table == to {
            return true;
        }
        at = parents[table];
    }
    false
}
