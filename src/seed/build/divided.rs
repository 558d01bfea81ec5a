//! Columns that say which partition a row is in.

use crate::seed::check::Facts;
use crate::seed::divided::{Part, Set, parts};
use crate::seed::infer::infer;
use crate::seed::pick::Weights;
use crate::seed::problem::SeedProblem;
use crate::seed::rng::Key;
use crate::seed::text::moment;
use crate::seed::types::{Kind, PgType};
use crate::seed::values::{Cell, Parted, Source};

use super::{Builder, ColumnId};

/// Purpose of a table's key: which part a row is in.
const PARTS: u64 = 11;

/// Where the values of a column may lie, of which a row has one.
struct Confined {
    sets: Vec<Set>,
    weights: Vec<f64>,
    /// Says which: of the table where other columns must agree.
    key: Key,
}

impl Builder<'_> {
    /// The column is (part of) the key by which its table is divided, and the partitions confine it.
    pub fn is_divided_by(&self, id: ColumnId) -> bool {
        let name = &self.column(id).name;
        let table = self.table(id.0);
        !table.partitions.is_empty() && parts(&table.partitions).iter().any(|part| part.contains_key(name))
    }

    /// Adds what the partitions say to what is known of a column's values. Where rows may be in several parts this says one of them:
    /// the same for all columns.
    pub fn learn_of_partitions(&self, id: ColumnId, facts: &mut Facts) {
        if !self.is_divided_by(id) {
            return;
        }
        let kind = self.kind_of(id);
        let confined = self.confined(id, kind);
        let together = confined.key == self.parts_key(id.0);
        let widest = |a: &usize, b: &usize| confined.weights[*a].total_cmp(&confined.weights[*b]).then(b.cmp(a));
        let chosen = if together { 0 } else { (0..confined.sets.len()).max_by(widest).unwrap_or(0) };
        if let Some(set) = confined.sets.get(chosen) {
            confine(facts, set, kind);
        }
    }

    /// Values of a column that differ from partition to partition; `None`: the facts about the column say all.
    pub fn in_partitions(&mut self, id: ColumnId, of: &PgType) -> Result<Option<Cell>, Option<SeedProblem>> {
        if !self.is_divided_by(id) {
            return Ok(None);
        }
        let confined = self.confined(id, of.kind);
        let together = confined.key == self.parts_key(id.0);
        if confined.sets.len() < 2 || (together && self.has_divided_role(id.0)) {
            return Ok(None);
        }
        let Some(weights) = Weights::new(confined.weights.iter().copied()) else { return Ok(None) };
        let mut cells = Vec::with_capacity(confined.sets.len());
        for set in &confined.sets {
            let mut facts = self.facts_of_checks(id);
            confine(&mut facts, set, of.kind);
            let spec = infer(&self.column(id).name, &self.table(id.0).name.name, of, &facts, false, self.rows(id.0));
            cells.push(self.value(id, of, &spec)?);
        }
        Ok(Some(Cell::new(Source::Parted(Box::new(Parted { key: confined.key, weights, cells })))))
    }

    /// A column of the table's partition keys must differ in a way of its own, so that it cannot follow a part.
    fn has_divided_role(&self, table: usize) -> bool {
        (0..self.table(table).columns.len())
            .any(|column| self.key_roles.contains_key(&(table, column)) && self.is_divided_by((table, column)))
    }

    fn parts_key(&self, table: usize) -> Key {
        Key::new(self.data.seed, &[&self.table(table).name.to_string()]).part(PARTS)
    }

    fn kind_of(&self, id: ColumnId) -> Kind {
        PgType::of(self.column(id)).map_or(Kind::Text, |of| of.kind)
    }

    fn confined(&self, id: ColumnId, kind: Kind) -> Confined {
        let name = &self.column(id).name;
        let parts = parts(&self.table(id.0).partitions);
        let sets: Vec<Set> = parts.iter().map(|part| set_of(part, name)).collect();
        if !are_independent(&parts) {
            return Confined { weights: vec![1.0; sets.len()], sets, key: self.parts_key(id.0) };
        }
        let (sets, weights) = merged(sets, kind, self.data.until_us);
        Confined { sets, weights, key: self.key(id).part(PARTS) }
    }
}

fn set_of(part: &Part, name: &str) -> Set {
    part.get(name).cloned().unwrap_or(Set::Stretch { low: None, high: None })
}

/// What one column is does not depend on what another is: each set of one comes with each set of the others.
fn are_independent(parts: &[Part]) -> bool {
    let mut names: Vec<&String> = parts.iter().flat_map(Part::keys).collect();
    names.sort_unstable();
    names.dedup();
    let combinations = names.iter().map(|name| {
        let mut sets: Vec<Set> = Vec::new();
        for set in parts.iter().map(|part| set_of(part, name)) {
            if !sets.contains(&set) {
                sets.push(set);
            }
        }
        sets.len()
    });
    combinations.product::<usize>() == parts.len()
}

/// Lists put together, and stretches that meet; with how much each holds. Moments end with the present where they can.
fn merged(sets: Vec<Set>, kind: Kind, until_us: i64) -> (Vec<Set>, Vec<f64>) {
    let mut listed: Vec<String> = Vec::new();
    let mut stretches: Vec<(f64, f64, Option<String>, Option<String>)> = Vec::new();
    let mut others: Vec<Set> = Vec::new();
    for set in sets {
        match &set {
            Set::Listed(values) => values.iter().for_each(|value| {
                if !listed.contains(value) {
                    listed.push(value.clone());
                }
            }),
            Set::Stretch { low, high } => {
                let included = low.as_ref().is_none_or(|(_, included)| *included);
                let place = |bound: &Option<(String, bool)>, open: f64| match bound {
                    Some((value, _)) => position(value, kind),
                    None => Some(open),
                };
                match (place(low, f64::NEG_INFINITY), place(high, f64::INFINITY)) {
                    (Some(from), Some(to)) if included => {
                        stretches.push((from, to, low.clone().map(|(value, _)| value), high.clone().map(|(value, _)| value)));
                    }
                    _ if others.contains(&set) => {}
                    _ => others.push(set),
                }
            }
        }
    }
    if kind.is_time() {
        let now = until_us as f64;
        if stretches.iter().any(|(from, ..)| *from < now) {
            stretches.retain(|(from, ..)| *from < now);
        }
        // A stretch without an end is a place for what nobody expected.
        if stretches.iter().any(|(from, to, ..)| from.is_finite() && to.is_finite()) {
            stretches.retain(|(from, to, ..)| from.is_finite() && to.is_finite());
        }
    }
    stretches.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut joined: Vec<(f64, f64, Option<String>, Option<String>)> = Vec::new();
    for stretch in stretches {
        match joined.last_mut() {
            Some(before) if before.1 >= stretch.0 => {
                if stretch.1 > before.1 {
                    (before.1, before.3) = (stretch.1, stretch.3);
                }
            }
            _ => joined.push(stretch),
        }
    }
    let finite = |(from, to, ..): &(f64, f64, Option<String>, Option<String>)| Some(to - from).filter(|width| width.is_finite());
    let widths: Vec<f64> = joined.iter().filter_map(finite).collect();
    let usual = if widths.is_empty() { 1.0 } else { widths.iter().sum::<f64>() / widths.len() as f64 };
    let mut weights: Vec<f64> = joined.iter().map(|stretch| finite(stretch).unwrap_or(usual)).collect();
    let mut sets: Vec<Set> = joined
        .into_iter()
        .map(|(_, _, low, high)| Set::Stretch { low: low.map(|low| (low, true)), high: high.map(|high| (high, false)) })
        .collect();
    weights.extend(others.iter().map(|_| usual));
    sets.append(&mut others);
    if !listed.is_empty() {
        weights.push(usual);
        sets.push(Set::Listed(listed));
    }
    (sets, weights)
}

/// Where a value stands among those of its type; `None`: perflab does not know.
fn position(value: &str, kind: Kind) -> Option<f64> {
    if kind.is_number() {
        value.parse().ok()
    } else if kind.is_time() {
        moment(value).map(|us| us as f64)
    } else {
        None
    }
}

fn confine(facts: &mut Facts, set: &Set, kind: Kind) {
    match set {
        Set::Listed(values) => {
            let narrower: Vec<String> = facts.allowed.iter().filter(|value| values.contains(value)).cloned().collect();
            facts.allowed = if narrower.is_empty() { values.clone() } else { narrower };
        }
        Set::Stretch { low, high } => {
            let number = |bound: &Option<(String, bool)>| {
                bound
                    .as_ref()
                    .filter(|_| kind.is_number())
                    .and_then(|(value, included)| Some((value.parse::<f64>().ok()?, *included)))
            };
            if let Some((low, included)) = number(low).filter(|(low, _)| facts.low.is_none_or(|(known, _)| known < *low)) {
                facts.low = Some((low, included));
            }
            if let Some((high, included)) = number(high).filter(|(high, _)| facts.high.is_none_or(|(known, _)| known >= *high)) {
                facts.high = Some((high, included));
            }
            facts.spread |= number(low).is_some() && number(high).is_some();
            if kind.is_time() {
                facts.since = low.clone().or(facts.since.take());
                facts.until = high.clone().or(facts.until.take());
            }
            if kind == Kind::Text && facts.pattern.is_none() {
                facts.pattern = texts_between(low, high);
            }
        }
    }
}

/// Words that stand between two others in a dictionary.
fn texts_between(low: &Option<(String, bool)>, high: &Option<(String, bool)>) -> Option<String> {
    let letter = |bound: &Option<(String, bool)>| {
        let (value, _) = bound.as_ref()?;
        let mut chars = value.chars();
        chars.next().filter(|c| c.is_ascii_alphabetic() && chars.next().is_none())
    };
    let (first, last) = match (low, high) {
        (None, None) => return None,
        (Some(_), Some(_)) => (letter(low)?, letter(high)?),
        (Some(_), None) => (letter(low)?, '{'),
        (None, Some(_)) => ('a', letter(high)?),
    };
    let last = char::from((last as u8).checked_sub(1)?);
    (first <= last).then(|| format!("^[{first}-{last}][a-z]{{3,9}}$"))
}
