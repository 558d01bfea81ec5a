//! Both sides of an endpoint, and what is known of them beside.

use std::collections::BTreeMap;

use crate::report::model::ci::{CheckOutcome, FilePlace, Gate, GateCheck, IndexSeen, Measure, Observed};

/// Where an endpoint and its statements are written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Places {
    pub endpoint: Option<FilePlace>,
    /// By step.
    pub steps: Vec<FilePlace>,
}

/// One endpoint on both sides.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    pub before: &'a Observed,
    pub after: &'a Observed,
    pub indexes: &'a IndexChange,
    pub places: &'a Places,
}

impl Sides<'_> {
    /// Whether the very same calls were counted. A call that touches a lot is counted less often; with other calls, or other parameters, a
    /// difference says less.
    pub(super) fn same_calls(&self) -> bool {
        self.before.parameters == self.after.parameters && self.before.calls == self.after.calls
    }

    pub(super) fn check(&self, gate: Gate, outcome: CheckOutcome) -> GateCheck {
        GateCheck { place: self.places.endpoint.clone(), ..GateCheck::new(gate, &self.after.label, outcome) }
    }

    /// A check of one statement, by its number.
    pub(super) fn check_step(&self, gate: Gate, step: usize, outcome: CheckOutcome) -> GateCheck {
        let place = self.places.steps.get(step.wrapping_sub(1)).or(self.places.endpoint.as_ref()).cloned();
        GateCheck { step: Some(step), place, ..GateCheck::new(gate, &self.after.label, outcome) }
    }
}

pub(super) fn measure(metric: &str, before: f64, after: f64) -> Measure {
    Measure { metric: metric.to_owned(), before: Some(before), after }
}

/// What became of the indexes. One that is called otherwise and is over the same is the same.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IndexChange {
    pub gone: Vec<IndexSeen>,
    pub added: Vec<IndexSeen>,
}

impl IndexChange {
    pub fn between(before: &[IndexSeen], after: &[IndexSeen]) -> IndexChange {
        IndexChange { gone: missing(before, after), added: missing(after, before) }
    }

    /// ` The schema has no index on links (song_id) any more.`; empty when none of the tables that the plans mention lost one.
    pub(super) fn blamed(&self, plans: &[String]) -> String {
        let named = |table: &str| plans.iter().any(|line| mentions(line, table));
        let gone: Vec<String> = self
            .gone
            .iter()
            .filter(|index| named(&index.table))
            .map(|index| format!("{} {}", index.table, index.keys.trim_start_matches("btree ")))
            .collect();
        if gone.is_empty() { String::new() } else { format!(" The schema has no index on {} any more.", gone.join(" and on ")) }
    }
}

fn mentions(line: &str, table: &str) -> bool {
    line.split(|c: char| c.is_whitespace() || c == ';').any(|word| word == table)
}

/// Those of `these` that `those` lack, as often as they stand there.
fn missing(these: &[IndexSeen], those: &[IndexSeen]) -> Vec<IndexSeen> {
    let mut there: BTreeMap<(&str, &str, bool), usize> = BTreeMap::new();
    for index in those {
        *there.entry((&index.table, &index.keys, index.unique)).or_default() += 1;
    }
    let mut lacking = Vec::new();
    for index in these {
        match there.get_mut(&(index.table.as_str(), index.keys.as_str(), index.unique)) {
            Some(left) if *left > 0 => *left -= 1,
            _ => lacking.push(index.clone()),
        }
    }
    lacking
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(name: &str, keys: &str) -> IndexSeen {
        IndexSeen { table: "links".into(), keys: keys.into(), unique: false, name: name.into() }
    }

    #[test]
    fn an_index_of_another_name_is_the_same_and_one_that_is_gone_is_blamed() {
        let before = [index("a", "btree (song_id)"), index("b", "btree (id)")];
        let change = IndexChange::between(&before, &[index("c", "btree (id)"), index("d", "gin (url)")]);
        assert_eq!(change.gone, [index("a", "btree (song_id)")]);
        assert_eq!(change.added, [index("d", "gin (url)")]);
        let said = change.blamed(&["Seq Scan on links; x".into()]);
        assert_eq!(said, " The schema has no index on links (song_id) any more.");
        assert_eq!(change.blamed(&["Seq Scan on songs".into()]), "");
    }
}
