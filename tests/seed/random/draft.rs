//! What a random schema is made from: numbers that mean something only beside each other, so that proptest can make them smaller
//! one by one and every result is a schema.

use proptest::prelude::*;

#[derive(Debug, Clone)]
pub struct Draft {
    pub tables: Vec<TableDraft>,
    /// Names need quotes.
    pub odd_names: bool,
    /// Every second table stands in a schema of its own, under the name of its neighbour.
    pub two_schemas: bool,
}

#[derive(Debug, Clone)]
pub struct TableDraft {
    pub rows: u16,
    pub key: u8,
    pub columns: Vec<ColumnDraft>,
    pub references: Vec<ReferenceDraft>,
    pub uniques: Vec<UniqueDraft>,
}

#[derive(Debug, Clone)]
pub struct ColumnDraft {
    pub kind: u8,
    pub not_null: bool,
    pub has_default: bool,
}

#[derive(Debug, Clone)]
pub struct ReferenceDraft {
    /// Which table, modulo their number.
    pub to: u8,
    /// Which key of it, modulo theirs.
    pub key: u8,
    pub not_null: bool,
    pub deferrable: bool,
    pub match_full: bool,
    /// Use a column that is there already, when one fits.
    pub share: bool,
}

#[derive(Debug, Clone)]
pub struct UniqueDraft {
    /// Which columns, as bits.
    pub columns: u16,
    /// A constraint, an index, a partial one, one that takes NULLs for equal.
    pub how: u8,
}

pub fn drafts() -> impl Strategy<Value = Draft> {
    (prop::collection::vec(table(), 1..=8), any::<bool>(), prop::bool::weighted(0.3))
        .prop_map(|(tables, odd_names, two_schemas)| Draft { tables, odd_names, two_schemas })
}

fn table() -> impl Strategy<Value = TableDraft> {
    let rows = prop_oneof![1 => 0..3_u16, 8 => 1..60_u16];
    let columns = prop::collection::vec(column(), 0..6);
    let references = prop::collection::vec(reference(), 0..4);
    let uniques = prop::collection::vec(unique(), 0..3);
    (rows, any::<u8>(), columns, references, uniques).prop_map(|(rows, key, columns, references, uniques)| TableDraft {
        rows,
        key,
        columns,
        references,
        uniques,
    })
}

fn column() -> impl Strategy<Value = ColumnDraft> {
    (any::<u8>(), any::<bool>(), prop::bool::weighted(0.2)).prop_map(|(kind, not_null, has_default)| ColumnDraft {
        kind,
        not_null,
        has_default,
    })
}

fn reference() -> impl Strategy<Value = ReferenceDraft> {
    (any::<u8>(), any::<u8>(), any::<bool>(), prop::bool::weighted(0.2), prop::bool::weighted(0.2), any::<bool>()).prop_map(
        |(to, key, not_null, deferrable, match_full, share)| ReferenceDraft { to, key, not_null, deferrable, match_full, share },
    )
}

fn unique() -> impl Strategy<Value = UniqueDraft> {
    (any::<u16>(), 0..6_u8).prop_map(|(columns, how)| UniqueDraft { columns, how })
}
