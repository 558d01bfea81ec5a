//! Sampled rows, kept column by column in one piece of memory each: a hundred thousand rows are some megabytes.

use crate::db::Value;

/// Rows of values in the server's binary form.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    columns: Vec<Column>,
    count: usize,
}

#[derive(Debug, Clone, Default)]
struct Column {
    type_oid: u32,
    bytes: Vec<u8>,
    /// Where each value ends in `bytes`.
    ends: Vec<usize>,
    /// By row; empty while no value is NULL.
    nulls: Vec<bool>,
}

impl Rows {
    /// No rows yet, of columns of these types.
    pub fn new(types: impl IntoIterator<Item = u32>) -> Rows {
        let columns = types.into_iter().map(|type_oid| Column { type_oid, ..Column::default() }).collect();
        Rows { columns, count: 0 }
    }

    /// Adds a row; `value` gives the bytes of each column, `None` for NULL.
    pub fn push<'v>(&mut self, value: impl Fn(usize) -> Option<&'v [u8]>) {
        for (place, column) in self.columns.iter_mut().enumerate() {
            match value(place) {
                Some(bytes) => column.bytes.extend_from_slice(bytes),
                None => {
                    column.nulls.resize(self.count, false);
                    column.nulls.push(true);
                }
            }
            column.ends.push(column.bytes.len());
        }
        self.count += 1;
    }

    pub fn len(&self) -> usize {
        self.count
    }

    /// Bytes of all values together.
    pub fn bytes(&self) -> usize {
        self.columns.iter().map(|column| column.bytes.len()).sum()
    }

    /// The value at a place; `None` is NULL.
    #[inline]
    pub fn get(&self, row: usize, column: usize) -> Option<&[u8]> {
        let column = &self.columns[column];
        if column.nulls.get(row).is_some_and(|null| *null) {
            return None;
        }
        let start = if row == 0 { 0 } else { column.ends[row - 1] };
        Some(&column.bytes[start..column.ends[row]])
    }

    /// Writes the value at a place into one that may have memory to spare.
    #[inline]
    pub fn copy_to(&self, row: usize, column: usize, value: &mut Value) {
        value.oid = self.columns[column].type_oid;
        match self.get(row, column) {
            Some(bytes) => {
                let kept = value.bytes.get_or_insert_default();
                kept.clear();
                kept.extend_from_slice(bytes);
            }
            None => value.bytes = None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_put_in_comes_out(given in prop::collection::vec((any::<Option<Vec<u8>>>(), any::<Option<[u8; 4]>>()), 0..20)) {
            let mut rows = Rows::new([25, 23]);
            for (text, number) in &given {
                rows.push(|column| if column == 0 { text.as_deref() } else { number.as_ref().map(|bytes| bytes.as_slice()) });
            }
            prop_assert_eq!(rows.len(), given.len());
            let mut value = Value::null(0);
            for (row, (text, number)) in given.iter().enumerate() {
                rows.copy_to(row, 0, &mut value);
                prop_assert_eq!(&value, &Value { oid: 25, bytes: text.clone() });
                rows.copy_to(row, 1, &mut value);
                prop_assert_eq!(&value, &Value { oid: 23, bytes: number.map(|bytes| bytes.to_vec()) });
            }
        }
    }
}
