//! What a value may look at while it is made: its row number, the row's place under its parent, and its neighbours.

use std::sync::Arc;

use crate::seed::text::{NotAValue, append_text, moment, moment_us};
use crate::seed::types::PgType;

use super::Cell;

/// Looks up another parameter of the same call as text.
pub type Others<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The row at hand, and buffers that outlive it.
pub struct Context<'a> {
    /// From 0.
    pub row: u64,
    /// Parent and place of the row in its table's first fan-out, once somebody asked.
    pub located: Option<(u64, u64)>,
    /// The first text that was no value of its column, since [`Context::take_failure`].
    failed: Option<NotAValue>,
    others: Others<'a>,
    spare: Vec<Vec<u8>>,
}

impl Context<'static> {
    /// For rows of tables, which have no parameters beside them.
    pub fn rows() -> Context<'static> {
        Context::with(&|_| None)
    }
}

impl<'a> Context<'a> {
    /// For parameters of a call.
    pub fn with(others: Others<'a>) -> Context<'a> {
        Context { row: 0, located: None, failed: None, others, spare: Vec::new() }
    }

    /// Turns to a row.
    #[inline]
    pub fn turn_to(&mut self, row: u64) {
        self.row = row;
        self.located = None;
    }

    /// Does something at a row of another table, then comes back.
    #[inline]
    pub fn elsewhere<T>(&mut self, row: u64, action: impl FnOnce(&mut Self) -> T) -> T {
        let here = (self.row, self.located);
        self.turn_to(row);
        let result = action(self);
        (self.row, self.located) = here;
        result
    }

    /// An empty buffer; give it back with [`Context::put_buffer`].
    pub fn buffer(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_default()
    }

    pub fn put_buffer(&mut self, mut buffer: Vec<u8>) {
        buffer.clear();
        self.spare.push(buffer);
    }

    /// Another parameter of the call as text.
    pub fn other(&self, name: &str) -> Option<String> {
        (self.others)(name)
    }

    pub fn fail(&mut self, failure: NotAValue) {
        self.failed.get_or_insert(failure);
    }

    pub fn take_failure(&mut self) -> Option<NotAValue> {
        self.failed.take()
    }
}

/// Another value of the same row or call that decides about this one.
#[derive(Debug, Clone)]
pub enum Peer {
    /// A column of the same row or of one it leads to, and the type its cell is written in.
    Cell(Arc<Cell>, Arc<PgType>),
    /// A parameter of the same call.
    Parameter(String),
}

impl Peer {
    /// The moment in it, in microseconds since 1970: of dates, timestamps, their text, and epochs in milliseconds (`int8`) or seconds
    /// (`int4`). `None`: it is NULL, or there is no moment in it.
    pub fn moment_us(&self, context: &mut Context) -> Option<i64> {
        match self {
            Peer::Cell(cell, of) => {
                let mut field = context.buffer();
                cell.write(context, &mut field);
                let moment = known(&field).and_then(|value| moment_us(of.kind, value));
                context.put_buffer(field);
                moment
            }
            Peer::Parameter(name) => (context.others)(name).and_then(|text| moment(&text)),
        }
    }

    /// Appends the value as text; false when it is NULL or unknown.
    pub fn append(&self, context: &mut Context, out: &mut Vec<u8>) -> bool {
        match self {
            Peer::Cell(cell, of) => {
                let mut field = context.buffer();
                cell.write(context, &mut field);
                let value = known(&field);
                if let Some(value) = value {
                    append_text(of.kind, value, out);
                }
                let known = value.is_some();
                context.put_buffer(field);
                known
            }
            Peer::Parameter(name) => match (context.others)(name) {
                Some(text) => {
                    out.extend_from_slice(text.as_bytes());
                    true
                }
                None => false,
            },
        }
    }
}

/// The bytes of a field. A NULL has a length of -1 and none.
pub fn known(field: &[u8]) -> Option<&[u8]> {
    field.get(4..).filter(|_| field[0] != 0xff)
}
