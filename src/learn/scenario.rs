//! From statistics to a scenario.

use serde::Serialize;

use crate::db::catalog::Catalog;
use crate::db::statistics::Statistics;
use crate::seed::problem::suggestion;
use crate::units::count;

use super::describe::{Described, Setting, Span, describe, span};
use super::error::LearnError;
use super::fit::fanout::Shape;
use super::known::{Known, written};
use super::ratio::{self, Rows};
use super::reference::{Reference, fanout_yaml, fitted, makeable, pick_yaml, references, weights};
use super::round::{percent, significant};
use super::sketch::{ColumnSketch, Sketch, TableSketch};
use super::yaml::Yaml;

/// What to learn, and how to write it.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Name of the scenario.
    pub name: String,
    /// As the scenario refers to its schema.
    pub schema: String,
    /// Where it was learned, for the reader.
    pub from: String,
    /// Copy the most common values and the bounds as they are.
    pub values: bool,
    /// These tables and what they reference; all when empty.
    pub tables: Vec<String>,
}

/// What was learned, for programs; and the scenario's text.
#[derive(Debug, Clone, Serialize)]
pub struct Learned {
    pub scenario: String,
    /// Values of rows were copied.
    pub values: bool,
    pub tables: Vec<TableLearned>,
    /// What is missing, and what to do about it.
    pub notes: Vec<String>,
    pub yaml: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct TableLearned {
    pub name: String,
    /// `None`: never analyzed.
    pub rows: Option<u64>,
    /// As the scenario has them: a number, or so many per row of another table.
    pub rule: String,
    pub fixed: bool,
    pub columns: Vec<ColumnLearned>,
}

/// The figures of a column; `None` where ANALYZE left none.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnLearned {
    pub name: String,
    pub null_fraction: Option<f64>,
    /// Different values.
    pub distinct: Option<f64>,
    pub average_bytes: Option<f64>,
    pub correlation: Option<f64>,
    /// The table that it references.
    pub references: Option<String>,
    /// As the scenario has it; `None`: left to be inferred.
    pub described: Option<String>,
}

/// Learns a scenario.
///
/// # Errors
/// [`LearnError`] when there is nothing to learn from.
pub fn learn(catalog: &Catalog, statistics: &Statistics, options: &Options) -> Result<Learned, LearnError> {
    let chosen = chosen(catalog, &options.tables)?;
    let all: Vec<Known> = chosen.iter().map(|place| Known::new(&catalog.tables[*place], catalog, statistics)).collect();
    if all.iter().all(|known| known.rows.is_none()) {
        return Err(LearnError::NeverAnalyzed);
    }
    let references: Vec<Vec<Reference>> = (0..all.len()).map(|table| references(catalog, &all, table)).collect();
    let fixed = ratio::fixed(&all, &references);
    let rows = ratio::rows(&all, &references, &fixed);
    let until = until(&all, options.values);
    let names: Vec<String> = all.iter().map(|known| written(catalog, &known.table.name)).collect();
    let rule = |rows: &Rows| match rows {
        Rows::Exactly(rows) => rows.to_string(),
        Rows::Per { ratio, parent } => format!("{ratio} per {}", names[*parent]),
    };
    let tables = all.iter().enumerate().map(|(of, known)| {
        let table = Learner {
            all: &all,
            names: &names,
            references: &references[of],
            until_us: until.unwrap_or(UNTIL_US),
            options,
            known,
        };
        let (shuffled, columns) = table.columns();
        let uncounted = known.rows.is_none();
        let comment = if uncounted { "never analyzed: how many rows it has is unknown".to_owned() } else { String::new() };
        TableSketch { name: names[of].clone(), rows: rule(&rows[of]), fixed: fixed[of], shuffled, comment, columns }
    });
    let because = format!("Learned from the planner's statistics of {}; no row was read.", options.from);
    let mut sketch = Sketch {
        name: options.name.clone(),
        schema: options.schema.clone(),
        until: until.map(moment),
        because,
        tables: tables.collect(),
    };
    let mut notes = super::known::notes(&all, &names, statistics);
    notes.extend(super::prove::prove(&mut sketch, catalog));
    let tables = all.iter().enumerate().map(|(of, known)| facts_of(known, &sketch.tables[of], &references[of], &names));
    Ok(Learned {
        scenario: options.name.clone(),
        values: options.values,
        tables: tables.collect(),
        notes,
        yaml: sketch.text().yaml,
    })
}

/// Where generated moments end when nothing says otherwise: 2026-01-01.
const UNTIL_US: i64 = 1_767_225_600_000_000;

/// The tables asked for and all that they reference, in the order of the catalog.
fn chosen(catalog: &Catalog, asked: &[String]) -> Result<Vec<usize>, LearnError> {
    if catalog.tables.is_empty() {
        return Err(LearnError::NoTables);
    }
    if asked.is_empty() {
        return Ok((0..catalog.tables.len()).collect());
    }
    let mut wanted = Vec::new();
    for name in asked {
        let found = catalog.find(name).ok_or_else(|| {
            let known: Vec<String> = catalog.tables.iter().map(|table| table.name.to_string()).collect();
            LearnError::UnknownTable { name: name.clone(), suggestion: suggestion(name, known.iter().map(String::as_str)) }
        })?;
        wanted.push(&found.name);
    }
    let mut next = 0;
    while let Some(table) = wanted.get(next).copied() {
        let parents = catalog.foreign_keys.iter().filter(|key| key.table == *table).map(|key| &key.referenced);
        let new: Vec<_> = parents.filter(|parent| !wanted.contains(parent)).collect();
        new.into_iter().for_each(|parent| {
            if !wanted.contains(&parent) {
                wanted.push(parent)
            }
        });
        next += 1;
    }
    Ok((0..catalog.tables.len()).filter(|place| wanted.contains(&&catalog.tables[*place].name)).collect())
}

/// The newest moment that most rows lead up to: the median of the columns' ends, weighted by their rows. Dates of birth end long before it and
/// expiry dates after. Rounded up to a day, or to a week where no value may show and two months are spanned.
fn until(all: &[Known], values: bool) -> Option<i64> {
    let mut ends: Vec<(Span, f64)> = Vec::new();
    for known in all {
        for (place, facts) in known.facts.iter().enumerate() {
            let span =
                facts.as_ref().zip(makeable(known, place)).and_then(|(facts, of)| Some((span(of.kind, facts)?, facts.filled())));
            ends.extend(span);
        }
    }
    ends.sort_by(|a, b| a.0.end_us.total_cmp(&b.0.end_us));
    let half = ends.iter().map(|(_, rows)| rows).sum::<f64>() / 2.0;
    let mut sum = 0.0;
    let (middle, _) = ends.iter().find(|(_, rows)| {
        sum += rows;
        sum >= half
    })?;
    const DAY_US: f64 = 86_400e6;
    let days = (middle.end_us - middle.start_us) / DAY_US;
    let step = if values || days < 60.0 { 1.0 } else { 7.0 };
    Some(((middle.end_us / DAY_US / step).ceil() * step * DAY_US) as i64)
}

fn moment(us: i64) -> String {
    jiff::Timestamp::from_microsecond(us)
        .map_or_else(|_| "2026-01-01".to_owned(), |moment| moment.strftime("%Y-%m-%d").to_string())
}

/// A fan-out lays all rows on parents before some lose theirs; up to this share of them that changes no shape.
const FEW_NULLS: f64 = 0.02;

/// One table's columns.
struct Learner<'a> {
    all: &'a [Known<'a>],
    names: &'a [String],
    references: &'a [Reference],
    until_us: i64,
    options: &'a Options,
    known: &'a Known<'a>,
}

impl Learner<'_> {
    /// True when rows of different parents are interleaved; and what is written of each column, the one that lays the rows first.
    fn columns(&self) -> (bool, Vec<ColumnSketch>) {
        let known = self.known;
        if known.count() == 0 {
            return (false, Vec::new());
        }
        let left_out = self.left_to_keys();
        let mut referencing: Vec<(&Reference, Described)> = Vec::new();
        for reference in self.references.iter().filter(|reference| !left_out.contains(&reference.column)) {
            referencing.extend(self.reference(reference).map(|described| (reference, described)));
        }
        let grouped = |reference: &Reference| reference.grouped(known.facts[reference.column].as_ref());
        // Stable: the grouped first, else in the order of the table.
        referencing.sort_by_key(|(reference, _)| !grouped(reference));
        let laid = referencing.iter().any(|(_, described)| lays(&described.value));
        let shuffled = laid && !referencing.iter().any(|(reference, described)| grouped(reference) && lays(&described.value));
        let setting = Setting { values: self.options.values, until_us: self.until_us, rows_come: shuffled || !laid, known };
        let mut columns: Vec<ColumnSketch> = Vec::new();
        for (reference, described) in referencing {
            columns.push(column(known, reference.column, described));
        }
        let own = (0..known.table.columns.len()).filter(|place| {
            !left_out.contains(place) && !self.references.iter().any(|r| r.column == *place) && !self.in_wide_foreign_key(*place)
        });
        columns.extend(own.filter_map(|place| Some(column(known, place, describe(&setting, place)?))));
        (shuffled, columns)
    }

    /// Columns that a unique key of several columns asks perflab to fill: all but the reference that lays its rows.
    fn left_to_keys(&self) -> Vec<usize> {
        let mut left_out = Vec::new();
        for key in self.known.unique_keys().into_iter().filter(|key| key.len() > 1) {
            let of_key = self.references.iter().filter(|reference| key.contains(&reference.column));
            let leader = of_key.max_by_key(|reference| {
                let facts = self.known.facts[reference.column].as_ref();
                (reference.grouped(facts), self.all[reference.parent].count())
            });
            left_out.extend(key.iter().copied().filter(|column| leader.is_none_or(|leader| leader.column != *column)));
        }
        left_out
    }

    fn in_wide_foreign_key(&self, place: usize) -> bool {
        self.known.wide_keys.contains(&self.known.table.columns[place].name)
    }

    /// `None` when the reference is like one that perflab infers: any parent for each child.
    fn reference(&self, reference: &Reference) -> Option<Described> {
        let (known, parent) = (self.known, &self.all[reference.parent]);
        let facts = known.facts[reference.column].as_ref()?;
        let nullable = !known.table.columns[reference.column].not_null;
        // A tree's own children are for the seeding to lay, so that nobody is his own ancestor.
        let of_itself = std::ptr::eq(known.table, parent.table);
        if of_itself || reference.wide || parent.count() == 0 || (facts.all_null() && !nullable) {
            return None;
        }
        let to = Yaml::map([("ref", Yaml::text(&*self.names[reference.parent]))]);
        if facts.all_null() {
            return Some(Described { value: Yaml::word("null"), why: "null in every row".into() });
        }
        let fit = fitted(facts, parent.count());
        let nulls = Some(facts.null_share).filter(|share| *share > 0.0 && nullable);
        let grouped = reference.grouped(Some(facts));
        let chance = fit.shape == Shape::Poisson && !grouped;
        if reference.declared && chance && nulls.is_none() {
            return None;
        }
        if let Some(weights) = weights(facts, parent).filter(|_| !grouped) {
            let value = to.with("pick", Yaml::map([("weights", weights)]));
            let value = nulls.map_or(value.clone(), |share| value.with("nulls", Yaml::word(percent(share))));
            return Some(Described { value, why: "in the order of the keys".into() });
        }
        let unique = known.is_unique(reference.column);
        let value = if unique {
            // A unique column has one child each at most.
            match known.count().cmp(&parent.count()) {
                std::cmp::Ordering::Less => to.with("fanout", Yaml::word("0-1")),
                std::cmp::Ordering::Equal => to.with("fanout", Yaml::word("even")),
                std::cmp::Ordering::Greater => return None,
            }
        } else if chance {
            to
        } else if facts.null_share > FEW_NULLS {
            match pick_yaml(&fit.shape, facts) {
                Some(pick) => to.with("pick", pick),
                None => to,
            }
        } else {
            to.with("fanout", fanout_yaml(&fit.shape))
        };
        let value = match nulls {
            Some(share) => value.with("nulls", Yaml::word(percent(share))),
            None => value,
        };
        Some(Described { value, why: self.about(reference, parent, fit.error) })
    }

    fn about(&self, reference: &Reference, parent: &Known, error: f64) -> String {
        let facts = self.known.facts[reference.column].as_ref();
        let mut said = Vec::new();
        if !reference.declared {
            said.push("no foreign key says so, its name and values do".to_owned());
        }
        if let Some(distinct) = facts.and_then(|facts| facts.distinct) {
            let parents = parent.count();
            said.push(format!("{} of {} have some", count((distinct.round() as u64).min(parents)), count(parents)));
        }
        if let Some((_, share)) = facts.and_then(|facts| facts.common.first()) {
            said.push(format!("one has {}", count((share * self.known.count() as f64).round() as u64)));
        }
        if error > 0.3 {
            said.push(format!("roughly: off by a factor of {}", significant(libm::exp(error), 2)));
        }
        said.join(", ")
    }
}

fn column(known: &Known, place: usize, described: Described) -> ColumnSketch {
    ColumnSketch { name: known.table.columns[place].name.clone(), value: described.value, comment: described.why }
}

/// The description lays rows on parents.
fn lays(value: &Yaml) -> bool {
    matches!(value, Yaml::Map(entries) if entries.iter().any(|(key, _)| *key == Yaml::word("fanout")))
}

fn facts_of(known: &Known, sketch: &TableSketch, references: &[Reference], names: &[String]) -> TableLearned {
    let columns = known.table.columns.iter().enumerate().map(|(place, column)| {
        let facts = known.facts[place].as_ref();
        let described = sketch.columns.iter().find(|described| described.name == column.name);
        ColumnLearned {
            name: column.name.clone(),
            null_fraction: facts.map(|facts| facts.null_share),
            distinct: facts.and_then(|facts| facts.distinct),
            average_bytes: facts.map(|facts| facts.width),
            correlation: facts.map(|facts| facts.correlation),
            references: references.iter().find(|reference| reference.column == place).map(|r| names[r.parent].clone()),
            described: described.map(|described| described.value.inline()),
        }
    });
    TableLearned {
        name: sketch.name.clone(),
        rows: known.rows,
        rule: sketch.rows.clone(),
        fixed: sketch.fixed,
        columns: columns.collect(),
    }
}
