//! From what a scenario asks for to the cell that writes it, every mismatch found before the first row.

mod arrays;
mod between;
mod expressions;
mod files;
mod numbers;
mod patterns;
mod texts;
mod times;

use std::sync::Arc;

use crate::scenario::model::{Literal, Locale, ValueSpec};
use crate::seed::encode::put_bytes;
use crate::seed::pick::{Weights, Zipf};
use crate::seed::rng::Key;
use crate::seed::text::encode_text;
use crate::seed::types::{Kind, PgType};

use super::number::Shape;
use super::text::{Body, Piece};
use super::{By, Cell, OneOf, Peer, Plausible, Source, Text, ValueProblem};
use arrays::array;
use between::between;
use expressions::expression;
use numbers::{distribution, range};
use patterns::pattern;
use texts::{fake, prose, sentences, templated};
use times::{gap, moments};

/// Where values are made.
pub struct Site<'a> {
    pub key: Key,
    /// How many rows the column has; for a parameter, how many different values are enough.
    pub rows: u64,
    /// No value may come twice.
    pub unique: bool,
    /// Later rows have later moments.
    pub rising: bool,
    /// [`crate::scenario::model::Data::until_us`]
    pub until_us: i64,
    /// The step of a growing table that these rows are.
    pub growth: &'a Growth,
    /// The language of texts that do not name one.
    pub locale: Locale,
    /// Finds another column of the row or another parameter of the call.
    pub peer: &'a mut dyn FnMut(&str) -> Result<Peer, ValueProblem>,
}

/// One step of a table that grows.
#[derive(Debug, Clone, Default)]
pub struct Growth {
    /// The first row of the step.
    pub first: u64,
    /// Rows after each step before this one.
    pub earlier: Vec<u64>,
    /// Set when values depend on how many rows there are.
    pub sized: std::cell::Cell<bool>,
}

impl Growth {
    /// Values depend on the number of rows, and those of a later step may meet those of an earlier one.
    fn must_not_grow(&self, what: &'static str) -> Result<(), ValueProblem> {
        self.sized.set(true);
        if self.earlier.is_empty() { Ok(()) } else { Err(ValueProblem::Unsteady(what)) }
    }
}

/// The cell for a description of values in a type.
///
/// # Errors
/// [`ValueProblem`] saying why the description cannot fill the type, or cannot differ in every row of a unique column.
pub fn compile(spec: &ValueSpec, of: &PgType, site: &mut Site) -> Result<Cell, ValueProblem> {
    let source = match spec {
        ValueSpec::Constant(literal) => constant(literal, of, site)?,
        ValueSpec::OneOf(choices) => one_of(choices, of, site)?,
        ValueSpec::Range { low, high } => range(*low, *high, of, site)?,
        ValueSpec::Between { low, high } => between(low, high, of, site)?,
        ValueSpec::Array { of: element, length } => array(element, length, of, site)?,
        ValueSpec::Plausible => plausible(of, site)?,
        ValueSpec::Normal { mean, deviation, min, max } => {
            let shape = Shape::Normal { mean: *mean, deviation: *deviation };
            distribution("`normal`", shape, (*min, *max), of, site)?
        }
        ValueSpec::Lognormal { median, sigma, min, max } => {
            let shape = Shape::Lognormal { median: *median, sigma: *sigma };
            distribution("`lognormal`", shape, (Some(min.unwrap_or(0.0)), *max), of, site)?
        }
        ValueSpec::Exponential { mean, min, max } => {
            distribution("`exponential`", Shape::Exponential { mean: mean - min }, (Some(*min), *max), of, site)?
        }
        ValueSpec::Pareto { min, shape, max } => {
            distribution("`pareto`", Shape::Pareto { shape: *shape }, (Some(*min), *max), of, site)?
        }
        ValueSpec::Zipf { exponent, max } => {
            let zipf = Zipf::new(*max, *exponent).ok_or(ValueProblem::Weights("`zipf` needs an exponent and a `max` over 0"))?;
            distribution("`zipf`", Shape::Zipf(zipf), (Some(1.0), Some(*max as f64)), of, site)?
        }
        ValueSpec::Price { median, sigma, min, max } => {
            let shape = Shape::Price { median: *median, sigma: *sigma };
            distribution("`price`", shape, (Some(min.unwrap_or(0.01)), *max), of, site)?
        }
        ValueSpec::Prose { median, sigma, min, max } => sentences(*median, *sigma, (*min, *max), of, site)?,
        ValueSpec::Words(count) => prose("`words`", Body::Words(count.clone()), of, site)?,
        ValueSpec::Fake(kind) => fake(*kind, site.locale, of, site)?,
        ValueSpec::FakeIn(kind, locale) => fake(*kind, *locale, of, site)?,
        ValueSpec::Password { common, random } => {
            // No salt comes twice.
            let unique = std::mem::replace(&mut site.unique, false);
            let source = prose("`password`", Body::Password { common: *common, random: random.clone() }, of, site);
            site.unique = unique;
            source?
        }
        ValueSpec::Template(template) => templated(template, of, site)?,
        ValueSpec::Pattern(text) => pattern(text, of, site)?,
        ValueSpec::Time(time) => moments(time, of, site)?,
        ValueSpec::Gap(spec) => gap(spec, of, site)?,
        ValueSpec::By { column, cases, otherwise } => by(&column.value, cases, otherwise.as_deref(), of, site)?,
        ValueSpec::Expression(formula) => expression(formula, of, site)?,
        ValueSpec::Copy(column) => copy(&column.value, of, site)?,
        ValueSpec::File(from) => files::from_file(from, of, site)?,
        ValueSpec::Sequence => sequence(of, site)?,
        ValueSpec::Default => return Err(ValueProblem::Default),
    };
    Ok(Cell::new(source))
}

fn plausible(of: &PgType, site: &Site) -> Result<Source, ValueProblem> {
    if site.unique && matches!(of.kind, Kind::Range(_) | Kind::Multirange(_)) {
        site.growth.must_not_grow("spans")?;
    }
    let values = Plausible::new(of, site.key, site.rows, site.unique, site.until_us)?;
    values.map(Source::Plausible).ok_or_else(|| mismatch("a value of its own", of, "; describe the column"))
}

fn mismatch(what: &'static str, of: &PgType, next: &'static str) -> ValueProblem {
    ValueProblem::Mismatch { what, type_name: of.name.clone(), next }
}

fn constant(literal: &Literal, of: &PgType, site: &Site) -> Result<Source, ValueProblem> {
    if site.unique && site.rows > 1 && *literal != Literal::Null {
        return Err(ValueProblem::TooFew {
            what: "a constant",
            possible: 1,
            rows: site.rows,
            next: "use a template with {row}, or `sequence`",
        });
    }
    Ok(Source::Fixed(field(literal, of)?))
}

/// A literal with its length in front.
fn field(literal: &Literal, of: &PgType) -> Result<Box<[u8]>, ValueProblem> {
    let mut field = Vec::new();
    match literal_text(literal) {
        Some(text) => put_bytes(&mut field, &encode_text(&text, of)?),
        None => super::put_null(&mut field),
    }
    Ok(field.into())
}

fn literal_text(literal: &Literal) -> Option<String> {
    match literal {
        Literal::Null => None,
        Literal::Bool(value) => Some(value.to_string()),
        Literal::Int(value) => Some(value.to_string()),
        Literal::Float(value) => Some(value.to_string()),
        Literal::Text(value) => Some(value.clone()),
    }
}

fn one_of(choices: &[(Literal, f64)], of: &PgType, site: &Site) -> Result<Source, ValueProblem> {
    let fields: Vec<Box<[u8]>> = choices.iter().map(|(literal, _)| field(literal, of)).collect::<Result<_, _>>()?;
    let count = fields.len() as u64;
    let weighted = choices.windows(2).any(|pair| pair[0].1 != pair[1].1);
    if site.unique && site.rows > count {
        let next = "give more values, or fewer rows";
        return Err(ValueProblem::TooFew { what: "the list", possible: count, rows: site.rows, next });
    }
    let in_turn = site.unique || (!weighted && site.rows == count);
    if !site.unique && !weighted && (site.rows == count || site.growth.earlier.contains(&count)) {
        site.growth.sized.set(true);
    }
    let weights = if in_turn {
        None
    } else {
        let weights = Weights::new(choices.iter().map(|(_, weight)| *weight));
        Some(weights.ok_or(ValueProblem::Weights("a list of values needs at least one with a weight above 0, and none below"))?)
    };
    Ok(Source::OneOf(OneOf { key: site.key, weights, fields }))
}

/// Purpose of a column's key: its cases, numbered from here.
const CASES: u64 = 100;

fn by(
    column: &str,
    cases: &[(Literal, ValueSpec)],
    otherwise: Option<&ValueSpec>,
    of: &PgType,
    site: &mut Site,
) -> Result<Source, ValueProblem> {
    if site.unique {
        return Err(ValueProblem::MayRepeat { what: "`by`", next: "use a template with {row}" });
    }
    let peer = (site.peer)(column)?;
    let key = site.key;
    let mut compiled = Vec::with_capacity(cases.len());
    for (number, (literal, spec)) in (0..).zip(cases) {
        site.key = key.part(CASES + number);
        let text = literal_text(literal).unwrap_or_default();
        compiled.push((text.into_bytes().into(), compile(spec, of, site)?));
    }
    site.key = key.part(CASES - 1);
    let otherwise = match otherwise {
        Some(spec) => compile(spec, of, site)?,
        None => Cell::null(),
    };
    site.key = key;
    Ok(Source::By(Box::new(By { peer, cases: compiled, otherwise })))
}

fn copy(column: &str, of: &PgType, site: &mut Site) -> Result<Source, ValueProblem> {
    if site.unique {
        return Err(ValueProblem::MayRepeat { what: "`copy`", next: "use a template with {row}" });
    }
    Ok(match (site.peer)(column)? {
        Peer::Cell(cell, from) if fits(&from, of) => Source::Same(cell),
        Peer::Cell(inner, from) => Source::Cast { inner, from: from.kind, to: Arc::new(of.clone()) },
        peer => {
            let text = Text { key: site.key, body: Body::Template(vec![Piece::Peer(peer)]), code: None, max_chars: of.max_chars };
            if of.kind == Kind::Text { Source::Text(text, of.kind) } else { Source::Parsed(text, Arc::new(of.clone())) }
        }
    })
}

/// Every value of the one type is one of the other, bit by bit.
fn fits(from: &PgType, to: &PgType) -> bool {
    let room = to.max_chars.is_none_or(|room| from.max_chars.is_some_and(|most| most <= room));
    from.shares_form(to) && room && (from.kind != Kind::Enum || from.labels == to.labels) && from.element == to.element
}

fn sequence(of: &PgType, site: &Site) -> Result<Source, ValueProblem> {
    if of.kind.integer_bounds().is_some_and(|(_, most)| site.rows > most.unsigned_abs()) {
        return Err(ValueProblem::RowNumbers(site.rows));
    }
    if of.kind.is_number() || of.kind == Kind::Text {
        Ok(Source::Row(of.kind))
    } else {
        Err(mismatch("`sequence`", of, "; it makes whole numbers"))
    }
}

#[cfg(test)]
mod tests;
