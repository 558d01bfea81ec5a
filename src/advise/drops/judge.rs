//! One index after the other: may it go?

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::advise::AdviseError;
use crate::db::catalog::ForeignKey;
use crate::db::index_facts::IndexFacts;
use crate::report::model::Served;

use super::cover::{Cover, cover, leads_straight_to, leads_to, shares_a_key};
use super::readers::{stays_quick, without};
use super::sentence;
use super::usage::{Asked, EndpointUse, Usage, usage};

/// An index that may go. Indexes are named by their place in the list of facts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub index: usize,
    pub ground: Ground,
    pub tried: Vec<Served>,
}

/// Why it may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ground {
    /// CREATE INDEX CONCURRENTLY did not end, so no query can use it.
    Invalid,
    /// The other one does all that it does.
    Covered { by: usize, how: Cover, used: bool },
    /// No endpoint looks into it.
    Unused,
    /// Its endpoints look into these and read no more.
    Replaced { by: Vec<usize> },
}

/// A table whose rows take no more than this is read as a whole whatever indexes it has: some ten pages cost the planner less than the
/// way through an index, and it is not far from there to where a table begins to grow.
const SMALL_BYTES: u64 = 512 * 1024;
/// Without an index its endpoint may read so many times the rows, and no more, with another in its place.
const MOST_ROWS: f64 = 1.5;

/// The indexes, those that went, and what is known of the endpoints with those gone.
pub(super) struct Judge<'a> {
    asked: Asked<'a>,
    facts: &'a [IndexFacts],
    usage: Usage,
    found: Vec<Found>,
    notes: Vec<String>,
}

impl<'a> Judge<'a> {
    pub fn new(asked: Asked<'a>, facts: &'a [IndexFacts], usage: Usage) -> Judge<'a> {
        let failed = usage.endpoints.iter().enumerate().filter_map(|(place, endpoint)| {
            let reason = endpoint.failed.as_ref()?;
            Some(sentence::not_looked_at(&asked.workload.endpoints[place].label, reason))
        });
        Judge { asked, facts, notes: failed.collect(), usage, found: Vec::new() }
    }

    /// What may go, by table and name, and notes.
    pub fn verdicts(mut self) -> (Vec<Found>, Vec<String>) {
        self.found.sort_by_key(|found| found.index);
        (self.found, self.notes)
    }

    /// Decides on each of `open`, those first that are missed least.
    ///
    /// # Errors
    /// When a connection is lost or a plan cannot be read.
    pub async fn judge(&mut self, mut open: Vec<usize>) -> Result<(), AdviseError> {
        while let Some(next) = open.iter().copied().min_by_key(|index| self.turn(*index)) {
            open.retain(|index| *index != next);
            let Some(found) = self.verdict(next).await? else { continue };
            let users = self.usage.users(self.facts[next].oid);
            self.found.push(found);
            let gone = self.gone();
            for place in users {
                self.usage.endpoints[place] = EndpointUse {
                    failed: self.usage.endpoints[place].failed.clone(),
                    ..usage(&self.asked, place, &gone, "").await?
                };
            }
        }
        Ok(())
    }

    /// Whose turn it is: what cannot be used, then what is not, then what another covers; of two that cover each other the larger goes
    /// first, or the one whose name comes later.
    fn turn(&self, index: usize) -> (u8, usize, Reverse<u64>, Reverse<usize>) {
        let facts = &self.facts[index];
        let users = self.usage.users(facts.oid).len();
        let rank = match (facts.valid, self.covered(index).is_some(), users) {
            (false, _, _) => 0,
            (_, true, 0) => 1,
            (_, false, 0) => 2,
            (_, true, _) => 3,
            (_, false, _) => 4,
        };
        (rank, users, Reverse(facts.bytes), Reverse(index))
    }

    async fn verdict(&mut self, index: usize) -> Result<Option<Found>, AdviseError> {
        if !self.facts[index].valid {
            return Ok(Some(Found { index, ground: Ground::Invalid, tried: Vec::new() }));
        }
        let users = self.usage.users(self.facts[index].oid);
        match (self.covered(index), users.is_empty()) {
            (Some((by, how)), _) => self.of_covered(index, &users, by, how).await,
            (None, true) => self.of_unused(index).await,
            (None, false) => self.of_used(index, &users).await,
        }
    }

    /// A double goes in any case. What a wider index covers stays when somebody is slower without it.
    async fn of_covered(&self, index: usize, users: &[usize], by: usize, how: Cover) -> Result<Option<Found>, AdviseError> {
        let (tried, slower) = self.tried(index, users).await?;
        if slower && how == Cover::Wider {
            return Ok(None);
        }
        Ok(Some(Found { index, ground: Ground::Covered { by, how, used: !users.is_empty() }, tried }))
    }

    async fn of_unused(&mut self, index: usize) -> Result<Option<Found>, AdviseError> {
        let facts = &self.facts[index];
        let touching = self.usage.touching(&facts.table);
        if self.may_be_used_unseen(facts) {
            return Ok(None);
        }
        if touching.is_empty() {
            self.notes.push(sentence::untouched(facts));
            return Ok(None);
        }
        if let Some(key) = self.needed_for(index) {
            self.notes.push(sentence::for_foreign_key(facts, key));
            return Ok(None);
        }
        if facts.table_bytes <= SMALL_BYTES
            && let Some(place) = self.would_use(index, &touching).await?
        {
            self.notes.push(sentence::small_table(facts, &self.asked.workload.endpoints[place].label));
            return Ok(None);
        }
        // An expression's index is where the planner learns about the expression.
        let has_expression = facts.keys.iter().any(|key| key.is_expression);
        let readers = if has_expression { touching } else { self.usage.probers(facts.oid) };
        let (tried, slower) = self.tried(index, &readers).await?;
        Ok((!slower).then_some(Found { index, ground: Ground::Unused, tried }))
    }

    /// What is used goes when its endpoints look into another index of the table instead, read no more and take no longer. One that has
    /// none of its keys may do for these few rows; with more it will not.
    async fn of_used(&self, index: usize, users: &[usize]) -> Result<Option<Found>, AdviseError> {
        let facts = &self.facts[index];
        if self.needed_for(index).is_some() {
            return Ok(None);
        }
        let alternative = |other: usize| other != index && !self.is_gone(other) && shares_a_key(&self.facts[other], facts);
        if !(0..self.facts.len()).any(alternative) {
            return Ok(None);
        }
        let gone = self.gone_with(index);
        let mut by = BTreeSet::new();
        for place in users {
            let before = &self.usage.endpoints[*place];
            if let Some(call_ms) = before.call_ms
                && !stays_quick(&self.asked, *place, &gone, call_ms).await?
            {
                return Ok(None);
            }
        }
        for place in users {
            let before = &self.usage.endpoints[*place];
            let after = usage(&self.asked, *place, &gone, "").await?;
            let instead: Vec<usize> = (0..self.facts.len())
                .filter(|other| shares_a_key(&self.facts[*other], facts) && after.used.contains(&self.facts[*other].oid))
                .collect();
            if after.failed.is_some() || instead.is_empty() || after.rows_read > before.rows_read * MOST_ROWS {
                return Ok(None);
            }
            by.extend(instead);
        }
        let (tried, slower) = self.tried(index, users).await?;
        // Somebody must have been asked.
        Ok((!slower && !tried.is_empty()).then(|| Found {
            index,
            ground: Ground::Replaced { by: by.into_iter().collect() },
            tried,
        }))
    }

    async fn tried(&self, index: usize, places: &[usize]) -> Result<(Vec<Served>, bool), AdviseError> {
        without(&self.asked, places, &self.gone(), &self.facts[index].sql_name()).await
    }

    /// An index that does all that this one does, of those that are left; one that nothing else covers is preferred, since it stays.
    fn covered(&self, index: usize) -> Option<(usize, Cover)> {
        let facts = self.facts;
        let stands = |other: &usize| *other != index && !self.is_gone(*other);
        let covers = (0..facts.len()).filter(stands).filter_map(|other| Some((other, cover(&facts[other], &facts[index])?)));
        covers.min_by_key(|(other, how)| (*how != Cover::Same, Reverse(facts[*other].keys.len()), *other))
    }

    /// The foreign key whose rows would be looked for in vain: no other index leads to them, and no endpoint deletes what they
    /// reference, so that nothing here tells what such a DELETE takes.
    fn needed_for(&self, index: usize) -> Option<&'a ForeignKey> {
        let others = || (0..self.facts.len()).filter(|other| *other != index && !self.is_gone(*other));
        self.asked.catalog.foreign_keys.iter().find(|key| {
            leads_to(&self.facts[index], key)
                && !others().any(|other| leads_straight_to(&self.facts[other], key))
                && !self.usage.deletes_from(&key.referenced)
        })
    }

    /// Whether an endpoint that could not be looked at names the table; a note tells of the endpoint.
    fn may_be_used_unseen(&self, index: &IndexFacts) -> bool {
        let unseen = |place: &usize| self.usage.endpoints[*place].failed.is_some();
        let names =
            |place: usize| self.asked.workload.endpoints[place].steps.iter().any(|step| step.sql.contains(&index.table.name));
        (0..self.usage.endpoints.len()).filter(unseen).any(names)
    }

    /// An endpoint that looks into the index when tables are not read as a whole.
    async fn would_use(&self, index: usize, places: &[usize]) -> Result<Option<usize>, AdviseError> {
        for place in places {
            let with_indexes = usage(&self.asked, *place, &self.gone(), "SET LOCAL enable_seqscan = off").await?;
            if with_indexes.used.contains(&self.facts[index].oid) {
                return Ok(Some(*place));
            }
        }
        Ok(None)
    }

    fn is_gone(&self, index: usize) -> bool {
        self.found.iter().any(|found| found.index == index)
    }

    /// Their names, as SQL needs them.
    fn gone(&self) -> Vec<String> {
        self.found.iter().map(|found| self.facts[found.index].sql_name()).collect()
    }

    fn gone_with(&self, index: usize) -> Vec<String> {
        let mut gone = self.gone();
        gone.push(self.facts[index].sql_name());
        gone
    }
}
