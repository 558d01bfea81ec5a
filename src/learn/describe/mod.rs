//! One column's statistics as a description of a scenario, or none where perflab would infer as much from the schema.

mod choice;
mod moment;
mod number;
mod text;

use crate::db::catalog::{Column, Identity};
use crate::scenario::model::ValueSpec;
use crate::seed::check::{Facts, is_plain_constant, sequence_of_default};
use crate::seed::infer::infer;
use crate::seed::types::{Kind, PgType};

use super::facts::ColumnFacts;
use super::known::Known;
use super::round::percent;
use super::yaml::Yaml;

pub use moment::{Span, span};

/// A description, and what it was made of in a few words.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    pub value: Yaml,
    pub why: String,
}

impl Described {
    fn new(value: Yaml, why: impl Into<String>) -> Described {
        Described { value, why: why.into() }
    }
}

/// What a description depends on beside the column's own statistics.
pub struct Setting<'a> {
    /// Copy values of rows.
    pub values: bool,
    /// The newest moment of the scenario, in microseconds since 1970.
    pub until_us: i64,
    /// Rows of the table come in the order of their moments unless a column says otherwise.
    pub rows_come: bool,
    pub known: &'a Known<'a>,
}

/// All that is known of a column when it is described.
struct Site<'a> {
    column: &'a Column,
    facts: &'a ColumnFacts,
    of: PgType,
    constraints: Facts,
    setting: &'a Setting<'a>,
}

/// The description of a column that references nothing. `None`: the schema says enough, or nothing is known.
pub fn describe(setting: &Setting, place: usize) -> Option<Described> {
    let known = setting.known;
    let column = &known.table.columns[place];
    let facts = known.facts[place].as_ref()?;
    let of = PgType::of(column)?;
    if is_numbered(known, column, &of) || facts.rows < 1.0 {
        return None;
    }
    if facts.all_null() {
        return (!column.not_null).then(|| Described::new(Yaml::word("null"), "null in every row"));
    }
    let site = Site { column, facts, of, constraints: known.constraints(column), setting };
    let unique = known.is_unique(place);
    let found = if unique { text::unique(&site) } else { by_kind(&site) };
    // What is inferred has no nulls: where there are some, it is written out.
    let found = found.or_else(|| (nulls(&site).is_some() && !unique).then(|| text::filler(&site)).flatten())?;
    Some(with_nulls(found, &site))
}

/// Identity, serial, generated: numbered by the server or by the row.
fn is_numbered(known: &Known, column: &Column, of: &PgType) -> bool {
    let whole_key = known.table.primary_key.as_deref() == Some(std::slice::from_ref(&column.name));
    column.generated
        || column.identity != Identity::No
        || column.sequence.is_some()
        || column.default.as_deref().and_then(sequence_of_default).is_some()
        || (whole_key && of.kind.is_integer())
}

fn by_kind(site: &Site) -> Option<Described> {
    let labels = match site.of.kind {
        Kind::Enum => site.of.labels.clone(),
        Kind::Bool => vec!["t".to_owned(), "f".to_owned()],
        _ => site.constraints.allowed.clone(),
    };
    if !labels.is_empty() {
        return choice::labelled(site, &labels);
    }
    // One value in every row, and the schema has a constant for it.
    let constant = site.facts.common.len() == 1 && site.facts.complete();
    if constant && !site.setting.values && site.column.default.as_deref().is_some_and(is_plain_constant) && nulls(site).is_none()
    {
        return None;
    }
    if site.of.kind.is_number() {
        return number::described(site);
    }
    match site.of.kind {
        Kind::Date | Kind::Timestamp | Kind::Timestamptz => moment::described(site),
        Kind::Text => choice::free(site).or_else(|| text::described(site)),
        Kind::Uuid | Kind::Time => choice::free(site),
        _ => None,
    }
}

/// The share of nulls worth writing.
fn nulls(site: &Site) -> Option<f64> {
    Some(site.facts.null_share).filter(|share| *share > 0.0 && !site.column.not_null)
}

fn with_nulls(described: Described, site: &Site) -> Described {
    match nulls(site) {
        Some(share) => Described { value: described.value.with("nulls", Yaml::word(percent(share))), ..described },
        None => described,
    }
}

/// What perflab would put into the column by itself.
fn inferred(site: &Site, unique: bool) -> ValueSpec {
    let (column, table) = (&site.column.name, &site.setting.known.table.name.name);
    infer(column, table, &site.of, &site.constraints, unique, site.setting.known.count())
}
