//! Values: one way to write a cell for everything a scenario or a schema can ask for.
//!
//! [`compile()`] turns what was asked into a [`Cell`] once; [`Cell::write`] is all that runs per row.

mod between;
pub mod compile;
mod context;
mod elements;
mod expression;
mod fake;
mod gap;
mod lists;
mod nearby;
mod number;
mod pattern;
mod plausible;
mod problem;
mod spans;
mod text;
mod time;
mod words;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

pub use between::Between;
pub use compile::{Growth, Site, compile};
pub use context::{Context, Others, Peer};
pub use elements::{Above, Elements};
pub use expression::Formula;
pub use gap::Gap;
pub use nearby::Nearby;
pub use number::{Integers, Reals};
pub use pattern::{Language, Pattern, PatternProblem};
pub use plausible::Plausible;
pub use problem::ValueProblem;
pub use text::Text;
pub use time::Moments;

use super::chooser::Chooser;
use super::encode::{begin_field, end_field, put_bytes, put_integer, put_moment, put_null};
use super::pick::Weights;
use super::rng::Key;
use super::text::{append_text, encode_text};
use super::types::{Kind, PgType};

/// A column's cells, or a parameter's values.
#[derive(Debug)]
pub struct Cell {
    pub source: Source,
    /// The share of rows that are NULL.
    pub nulls: Option<(Key, f64)>,
}

/// Where the bytes of a cell come from.
#[derive(Debug)]
pub enum Source {
    /// The same field, with its length, for every row.
    Fixed(Box<[u8]>),
    /// The row number from 1.
    Row(Kind),
    OneOf(OneOf),
    Integers(Integers),
    Reals(Reals),
    /// Text as it is; the kind is that of a type whose binary form is text.
    Text(Text, Kind),
    /// Text that is read as a value of another type.
    Parsed(Text, Arc<PgType>),
    Moments(Moments, Kind),
    /// Moments counted in this many microseconds since 1970, as a whole number.
    Epoch(Moments, i64, Kind),
    /// A moment beside another, in a type that counts this many microseconds.
    Gap(Box<Gap>, i64, Arc<PgType>),
    Formula(Box<Formula>),
    Uuid(Key),
    By(Box<By>),
    Parted(Box<Parted>),
    /// By the step that a row belongs to: from each first row on, in order.
    Stepped(Vec<(u64, Cell)>),
    Reference(Reference),
    Between(Between),
    Nearby(Nearby),
    Plausible(Plausible),
    Elements(Elements),
    Above(Above),
    /// Another cell's value in another type.
    Cast {
        inner: Arc<Cell>,
        from: Kind,
        to: Arc<PgType>,
    },
    /// Another cell's value as it is.
    Same(Arc<Cell>),
    /// A column of a table from files.
    Stored(Arc<super::files::Stored>, Kind),
    /// The place among the rows of one parent, from 1.
    Place(Arc<super::grouping::Grouping>, Kind),
}

/// One of a few fields.
#[derive(Debug)]
pub struct OneOf {
    key: Key,
    /// `None`: each once, in order.
    weights: Option<Weights>,
    fields: Vec<Box<[u8]>>,
}

/// The value of a neighbour decides.
#[derive(Debug)]
pub struct By {
    peer: Peer,
    /// The neighbour's value as text.
    cases: Vec<(Box<[u8]>, Cell)>,
    otherwise: Cell,
}

/// Each row is in one of some parts, which decides what its value may be. Columns with equal keys are in the same part.
#[derive(Debug)]
pub struct Parted {
    pub key: Key,
    pub weights: Weights,
    /// Of each part.
    pub cells: Vec<Cell>,
}

/// A value of a row of another table.
#[derive(Debug, Clone)]
pub struct Reference {
    pub chooser: Arc<Chooser>,
    /// The column of that other table, in this column's type.
    pub leaf: Arc<Cell>,
    /// Counts how often each row is referenced.
    pub tally: Option<Arc<Tally>>,
}

/// How often each row of a table was chosen.
#[derive(Debug)]
pub struct Tally {
    counts: Vec<AtomicU32>,
}

impl Tally {
    pub fn new(rows: u64) -> Tally {
        Tally { counts: (0..rows).map(|_| AtomicU32::new(0)).collect() }
    }

    #[inline]
    pub fn add(&self, row: u64) {
        if let Some(count) = self.counts.get(row as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Of every row, how often it was chosen.
    pub fn counts(&self) -> impl Iterator<Item = u64> + '_ {
        self.counts.iter().map(|count| u64::from(count.load(Ordering::Relaxed)))
    }

    pub fn reset(&self) {
        self.counts.iter().for_each(|count| count.store(0, Ordering::Relaxed));
    }
}

impl Cell {
    pub fn new(source: Source) -> Cell {
        Cell { source, nulls: None }
    }

    /// NULL in every row.
    pub fn null() -> Cell {
        Cell::new(Source::Fixed((-1_i32).to_be_bytes().into()))
    }

    /// Appends the field (length and bytes) of the context's row.
    #[inline]
    pub fn write(&self, context: &mut Context, out: &mut Vec<u8>) {
        if self.nulls.is_some_and(|(key, share)| key.unit(context.row) < share) {
            return put_null(out);
        }
        match &self.source {
            Source::Row(kind) => put_row(*kind, context.row, out),
            Source::Reference(reference) => reference.write(context, out),
            Source::Integers(integers) => integers.write(context.row, out),
            Source::Fixed(field) => out.extend_from_slice(field),
            Source::OneOf(choice) => out.extend_from_slice(choice.field(context.row)),
            Source::Moments(moments, kind) => put_moment(out, *kind, moments.at(context.row)),
            Source::Text(text, kind) => put_text(text, *kind, context, out),
            other => other.write_rarer(context, out),
        }
    }
}

impl Source {
    fn write_rarer(&self, context: &mut Context, out: &mut Vec<u8>) {
        match self {
            Source::Reals(reals) => reals.write(context.row, out),
            Source::Epoch(moments, unit_us, kind) => put_integer(out, *kind, moments.at(context.row).div_euclid(*unit_us)),
            Source::Gap(gap, unit_us, of) => match gap.at(context) {
                Some(moment) => put_moment_as(moment, *unit_us, of, out),
                None => put_null(out),
            },
            Source::Formula(formula) => formula.write(context, out),
            Source::Uuid(key) => put_bytes(out, &text::uuid(&mut key.stream(context.row))),
            Source::Parsed(text, of) => put_parsed(text, of, context, out),
            Source::By(by) => by.write(context, out),
            Source::Parted(parts) => parts.cells[parts.weights.index(parts.key.bits(context.row))].write(context, out),
            Source::Stepped(steps) => match steps.partition_point(|(first, _)| *first <= context.row) {
                0 => put_null(out),
                step => steps[step - 1].1.write(context, out),
            },
            Source::Nearby(nearby) => nearby.write(context, out),
            Source::Between(between) => between.write(context.row, out),
            Source::Plausible(plausible) => plausible.write(context.row, out),
            Source::Elements(elements) => elements.write(context, out),
            Source::Above(above) => above.write(context, out),
            Source::Cast { inner, from, to } => put_cast(inner, *from, to, context, out),
            Source::Same(cell) => cell.write(context, out),
            Source::Stored(stored, kind) => stored.write(context.row, *kind, out),
            Source::Place(grouping, kind) => put_integer(out, *kind, grouping.locate(context.row).1 as i64 + 1),
            // The rest is written by `Cell::write`.
            _ => put_null(out),
        }
    }
}

impl OneOf {
    #[inline]
    fn field(&self, row: u64) -> &[u8] {
        let index = match &self.weights {
            Some(weights) => weights.index(self.key.bits(row)),
            None => (row % self.fields.len() as u64) as usize,
        };
        &self.fields[index]
    }
}

impl Reference {
    #[inline]
    fn write(&self, context: &mut Context, out: &mut Vec<u8>) {
        let Some(row) = self.chooser.at(context) else { return put_null(out) };
        if let Some(tally) = &self.tally {
            tally.add(row);
        }
        match &self.leaf.source {
            // Most keys: nothing needs the rest of the other row.
            Source::Row(kind) if self.leaf.nulls.is_none() => put_row(*kind, row, out),
            _ => context.elsewhere(row, |context| self.leaf.write(context, out)),
        }
    }
}

impl By {
    fn write(&self, context: &mut Context, out: &mut Vec<u8>) {
        let mut value = context.buffer();
        let known = self.peer.append(context, &mut value);
        let case = self.cases.iter().find(|(case, _)| known && **case == *value);
        case.map_or(&self.otherwise, |(_, cell)| cell).write(context, out);
        context.put_buffer(value);
    }
}

#[inline]
fn put_row(kind: Kind, row: u64, out: &mut Vec<u8>) {
    match kind {
        Kind::Int4 => super::encode::put_fixed(out, (row as i32 + 1).to_be_bytes()),
        Kind::Int8 => super::encode::put_fixed(out, (row as i64 + 1).to_be_bytes()),
        Kind::Text => {
            let start = begin_field(out);
            fake::append_number(out, row + 1);
            end_field(out, start);
        }
        kind => put_integer(out, kind, row as i64 + 1),
    }
}

/// A moment in any type that holds one: epochs in whole numbers, the server's own form in text.
fn put_moment_as(moment: i64, unit_us: i64, of: &PgType, out: &mut Vec<u8>) {
    match of.kind {
        Kind::Int4 | Kind::Int8 => put_integer(out, of.kind, moment.div_euclid(unit_us)),
        Kind::Text => {
            let start = begin_field(out);
            append_text(Kind::Timestamptz, &moment.saturating_sub(super::encode::EPOCH_US).to_be_bytes(), out);
            end_field(out, start);
        }
        kind => put_moment(out, kind, moment),
    }
}

fn put_text(text: &Text, kind: Kind, context: &mut Context, out: &mut Vec<u8>) {
    let start = begin_field(out);
    out.extend(kind.text_version());
    text.append(context, out);
    end_field(out, start);
}

fn put_parsed(text: &Text, of: &PgType, context: &mut Context, out: &mut Vec<u8>) {
    let mut buffer = context.buffer();
    text.append(context, &mut buffer);
    put_encoded(&buffer, of, context, out);
    context.put_buffer(buffer);
}

fn put_cast(inner: &Cell, from: Kind, to: &PgType, context: &mut Context, out: &mut Vec<u8>) {
    let mut field = context.buffer();
    inner.write(context, &mut field);
    if field[0] == 0xff {
        put_null(out);
    } else {
        let mut buffer = context.buffer();
        append_text(from, &field[4..], &mut buffer);
        put_encoded(&buffer, to, context, out);
        context.put_buffer(buffer);
    }
    context.put_buffer(field);
}

fn put_encoded(text: &[u8], of: &PgType, context: &mut Context, out: &mut Vec<u8>) {
    match encode_text(&String::from_utf8_lossy(text), of) {
        Ok(value) => put_bytes(out, &value),
        Err(failure) => {
            context.fail(failure);
            put_null(out);
        }
    }
}
