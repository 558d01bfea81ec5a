//! What a statement returned: rows as the server sent them, in few allocations.

use std::sync::Arc;

use sqlx::postgres::PgRow;
use sqlx::{Column, Row, ValueRef};

use super::connect::type_oid;
use super::error::DbError;
use super::value::Value;

/// A column of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub type_oid: u32,
}

/// The rows of a statement, in the server's binary form.
#[derive(Debug, Default, Clone)]
pub struct Reply {
    /// Rows returned or changed, as the command tag says.
    pub affected: u64,
    fields: Arc<[Field]>,
    rows: usize,
    /// The bytes of all values, row by row.
    bytes: Vec<u8>,
    /// Where each value ends in `bytes`; `NULL` for NULL.
    ends: Vec<usize>,
}

const NULL: usize = usize::MAX;

impl Reply {
    /// No row yet of these columns.
    pub fn of(fields: Arc<[Field]>) -> Reply {
        Reply { fields, ..Reply::default() }
    }

    /// Rows it holds.
    pub fn len(&self) -> usize {
        self.rows
    }

    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// In the order of the statement; none when it returned no row over the driver.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The named column of a row; `None` when there is no such row or column.
    pub fn value(&self, row: usize, column: &str) -> Option<Value> {
        let column = self.fields.iter().position(|field| field.name == column)?;
        self.value_at(row, column)
    }

    /// By the column's place, from 0; `None` when there is no such row or column.
    pub fn value_at(&self, row: usize, column: usize) -> Option<Value> {
        let bytes = self.bytes_at(row, column)?;
        Some(Value { oid: self.fields[column].type_oid, bytes: bytes.map(<[u8]>::to_vec) })
    }

    /// The bytes of a value: the inner `None` is NULL, the outer one no such row or column.
    pub fn bytes_at(&self, row: usize, column: usize) -> Option<Option<&[u8]>> {
        if row >= self.rows || column >= self.fields.len() {
            return None;
        }
        let place = row * self.fields.len() + column;
        let end = self.ends[place];
        if end == NULL {
            return Some(None);
        }
        let start = self.ends[..place].iter().rev().find(|end| **end != NULL).copied().unwrap_or(0);
        Some(Some(&self.bytes[start..end]))
    }

    /// Adds a value; the row is complete after as many as there are fields, and counted by [`Reply::end_row`].
    pub(super) fn push(&mut self, value: Option<&[u8]>) {
        match value {
            Some(value) => {
                self.bytes.extend_from_slice(value);
                self.ends.push(self.bytes.len());
            }
            None => self.ends.push(NULL),
        }
    }

    /// Counts the row; values that are missing are NULL, so that no row shifts another.
    pub(super) fn end_row(&mut self) {
        self.rows += 1;
        self.ends.resize(self.rows * self.fields.len(), NULL);
    }

    /// Adds a row of the driver's.
    pub(super) fn push_row(&mut self, row: &PgRow) -> Result<(), DbError> {
        if self.fields.is_empty() {
            let field = |column: &sqlx::postgres::PgColumn| Field {
                name: column.name().to_owned(),
                type_oid: type_oid(column).unwrap_or(0),
            };
            self.fields = row.columns().iter().map(field).collect();
        }
        for column in 0..self.fields.len() {
            let raw = row.try_get_raw(column)?;
            let bytes = match raw.is_null() {
                true => None,
                false => Some(raw.as_bytes().map_err(|error| DbError::Unexpected(format!("a value cannot be read: {error}")))?),
            };
            self.push(bytes);
        }
        self.end_row();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_row_and_column_across_nulls() {
        let field = |name: &str| Field { name: name.into(), type_oid: 25 };
        let mut reply = Reply::of(vec![field("a"), field("b")].into());
        for row in [[Some("x"), None], [None, Some("yz")], [Some(""), Some("w")]] {
            row.into_iter().for_each(|value| reply.push(value.map(str::as_bytes)));
            reply.end_row();
        }
        assert_eq!((reply.len(), reply.is_empty()), (3, false));
        let text = |row, column: &str| reply.value(row, column).map(|value| value.as_text());
        assert_eq!((text(0, "a"), text(0, "b")), (Some(Some("x".into())), Some(None)));
        assert_eq!((text(1, "a"), text(1, "b")), (Some(None), Some(Some("yz".into()))));
        assert_eq!((text(2, "a"), text(2, "b")), (Some(Some(String::new())), Some(Some("w".into()))));
        assert_eq!((text(3, "a"), text(0, "c")), (None, None));
    }

    #[test]
    fn a_row_that_came_short_does_not_shift_the_next() {
        let field = |name: &str| Field { name: name.into(), type_oid: 25 };
        let mut reply = Reply::of(vec![field("a"), field("b")].into());
        reply.push(Some(b"1"));
        reply.end_row();
        reply.push(Some(b"2"));
        reply.push(Some(b"3"));
        reply.end_row();
        assert_eq!(reply.bytes_at(0, 1), Some(None));
        assert_eq!(reply.bytes_at(1, 0), Some(Some(b"2".as_slice())));
    }
}
