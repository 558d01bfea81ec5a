//! Arrays: how many elements, and each of them.

use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::seed::encode::{begin_field, end_field};
use crate::seed::rng::Key;
use crate::seed::text::put_array_head;
use crate::seed::types::PgType;

use super::{Cell, Context};

/// An array in every row.
#[derive(Debug)]
pub struct Elements {
    pub key: Key,
    /// Writes an element. Its row is [`Elements::slots`] times that of the array, plus its own place.
    pub cell: Box<Cell>,
    pub element: Arc<PgType>,
    /// Of the outermost dimension.
    pub length: RangeInclusive<u64>,
    /// Of the dimensions inside, which are the same in every row.
    pub inner: Vec<u32>,
}

impl Elements {
    /// The most elements that an array has.
    pub fn slots(&self) -> u64 {
        self.block().saturating_mul(*self.length.end()).max(1)
    }

    /// Elements of one step of the outermost dimension.
    fn block(&self) -> u64 {
        self.inner.iter().map(|length| u64::from(*length)).product()
    }

    pub fn write(&self, context: &mut Context, out: &mut Vec<u8>) {
        let row = context.row;
        let length = self.key.stream(row).between(*self.length.start(), *self.length.end());
        let count = length.saturating_mul(self.block());
        let start = begin_field(out);
        if count == 0 {
            put_array_head(&self.element, &[], out);
            return end_field(out, start);
        }
        let sizes: Vec<u32> = std::iter::once(length as u32).chain(self.inner.iter().copied()).collect();
        put_array_head(&self.element, &sizes, out);
        let first = row.wrapping_mul(self.slots());
        let mut nulls = false;
        for place in 0..count {
            let at = out.len();
            context.elsewhere(first.wrapping_add(place), |context| self.cell.write(context, out));
            nulls |= out[at] == 0xff;
        }
        // Whether there are NULLs stands behind the number of dimensions.
        out[start + 7] = u8::from(nulls);
        end_field(out, start);
    }
}

/// A column beside the array, seen from one of its elements.
#[derive(Debug)]
pub struct Above {
    pub inner: Arc<Cell>,
    pub slots: u64,
}

impl Above {
    pub fn write(&self, context: &mut Context, out: &mut Vec<u8>) {
        context.elsewhere(context.row / self.slots.max(1), |context| self.inner.write(context, out));
    }
}
