//! What the server knows about the tables of a database, as plain values.

use std::collections::BTreeMap;
use std::fmt;

use super::planner_facts::PlannerTable;
use crate::sql::quote_ident;

/// A table's full name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName {
    pub schema: String,
    pub name: String,
}

impl TableName {
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        TableName { schema: schema.into(), name: name.into() }
    }

    /// `schema.table`, both quoted where PostgreSQL needs it.
    pub fn sql(&self) -> String {
        format!("{}.{}", quote_ident(&self.schema), quote_ident(&self.name))
    }
}

impl TableName {
    /// As a person would write it in SQL: quoted where needed, without the schema when it is `public`.
    pub fn short_sql(&self) -> String {
        if self.schema == "public" { quote_ident(&self.name) } else { self.sql() }
    }
}

/// For people: without the schema when it is `public`.
impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.schema == "public" { f.write_str(&self.name) } else { write!(f, "{}.{}", self.schema, self.name) }
    }
}

/// Everything perflab reads about a database's user tables, ordered by schema and name.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    pub tables: Vec<Table>,
    pub foreign_keys: Vec<ForeignKey>,
    /// Of the tables and the materialized views.
    pub indexes: Vec<Index>,
    /// Materialized views, which have columns and indexes as tables do.
    pub materialized: Vec<Table>,
    /// The table that a partition is part of, at whatever level, by the partition's name.
    pub roots: BTreeMap<TableName, TableName>,
    /// What the planner knows beside.
    pub planner: Vec<PlannerTable>,
}

/// An ordinary (or partitioned) table.
#[derive(Debug, Clone)]
pub struct Table {
    pub name: TableName,
    /// In the order of their attribute numbers.
    pub columns: Vec<Column>,
    pub primary_key: Option<Vec<String>>,
    /// UNIQUE constraints and unique indexes over plain columns, the primary key left out.
    pub uniques: Vec<Vec<String>>,
    pub checks: Vec<Check>,
    /// EXCLUDE constraints.
    pub exclusions: Vec<Check>,
    /// The partitions that hold rows, by schema and name; each with its bounds from the table itself down to it.
    pub partitions: Vec<Vec<PartitionBound>>,
    /// `reltuples`; -1 when the table was never analyzed.
    pub estimated_rows: f64,
    /// Heap with its TOAST table, bytes.
    pub bytes: i64,
}

/// What a partition holds of the table it divides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionBound {
    /// Columns of the key in order; `None` where the key is an expression.
    pub columns: Vec<Option<String>>,
    /// `pg_get_partkeydef`: `RANGE (created_at)`
    pub key: String,
    /// `FOR VALUES …` or `DEFAULT`, as the server prints it.
    pub bound: String,
}

/// One column of a table.
#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    /// As declared; a domain's own OID for a domain.
    pub type_oid: u32,
    /// `format_type`, e.g. `character varying(64)`.
    pub type_name: String,
    /// The type under the domain, or the type itself.
    pub base_oid: u32,
    /// `pg_type.typname` of the base type: `int8`, `varchar`, `timestamptz`, `_text` for an array …
    pub base_name: String,
    /// The type's modifier (of the domain when it sets one); -1 when there is none.
    pub typmod: i32,
    pub not_null: bool,
    /// `pg_get_expr` of the default.
    pub default: Option<String>,
    pub identity: Identity,
    /// `GENERATED ALWAYS AS (…)`: never written.
    pub generated: bool,
    /// The sequence that an identity or serial column draws from, as `schema.name`, quoted.
    pub sequence: Option<String>,
    /// The labels of an enum, in order; empty for other types.
    pub enum_labels: Vec<String>,
    /// CHECK constraints of the column's domain.
    pub domain_checks: Vec<String>,
    /// What an array holds, or between which values a range runs.
    pub element: Option<Box<ElementType>>,
    /// Brackets behind an array's type, of which the server makes no rule.
    pub dimensions: u32,
}

/// The type inside an array, a range or a multirange.
#[derive(Debug, Clone, PartialEq)]
pub struct ElementType {
    /// What it is inside of.
    pub of: Container,
    /// As declared; a domain's own OID for a domain.
    pub oid: u32,
    /// `format_type`
    pub type_name: String,
    /// The type under the domain, or the type itself.
    pub base_oid: u32,
    /// `pg_type.typname` of the base type.
    pub base_name: String,
    /// As [`Column::typmod`].
    pub typmod: i32,
    /// The labels of an enum, in order.
    pub enum_labels: Vec<String>,
    /// CHECK constraints of the element's domain.
    pub domain_checks: Vec<String>,
    /// What an array's ranges run between.
    pub element: Option<Box<ElementType>>,
}

/// What has another type inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    Array,
    Range,
    Multirange,
}

/// `GENERATED … AS IDENTITY`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    No,
    Always,
    ByDefault,
}

/// A CHECK or EXCLUDE constraint: its name and `pg_get_constraintdef`.
#[derive(Debug, Clone)]
pub struct Check {
    pub name: String,
    pub definition: String,
}

/// A foreign key; `columns[i]` references `referenced_columns[i]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    pub name: String,
    pub table: TableName,
    pub columns: Vec<String>,
    pub referenced: TableName,
    pub referenced_columns: Vec<String>,
    /// `MATCH FULL`: all columns are NULL or none is.
    pub match_full: bool,
    pub on_delete: Action,
    pub on_update: Action,
    /// What `ON DELETE SET NULL (…)` or `SET DEFAULT (…)` sets; all columns of the key when empty.
    pub delete_sets: Vec<String>,
    /// Its checks may wait for COMMIT; what it does to rows never does.
    pub deferrable: bool,
}

/// What a foreign key does to its rows when the row they reference goes or changes its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

/// An index, whether it stands for a constraint or alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    pub name: String,
    pub table: TableName,
    /// `btree`, `gin`, …
    pub method: String,
    /// `pg_get_indexdef`
    pub definition: String,
    /// Key columns in order; `None` where the key is an expression.
    pub columns: Vec<Option<String>>,
    /// The same keys with all that belongs to them; empty where nobody asked.
    pub keys: Vec<IndexKey>,
    /// Columns carried along (`INCLUDE`).
    pub included: Vec<String>,
    pub unique: bool,
    /// `UNIQUE NULLS NOT DISTINCT`: two NULLs are one too many.
    pub nulls_not_distinct: bool,
    pub primary: bool,
    /// Belongs to a PRIMARY KEY, UNIQUE or EXCLUDE constraint.
    pub constraint: bool,
    /// `WHERE` of a partial index.
    pub predicate: Option<String>,
    pub valid: bool,
    pub bytes: i64,
}

/// One key of an index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexKey {
    /// As `pg_get_indexdef` prints it: `user_id`, `lower(email)`, `(a + b)`
    pub expression: String,
    /// `None` for an expression.
    pub column: Option<String>,
    /// `None` when it is the type's own.
    pub operator_class: Option<String>,
    /// As SQL needs it; `None` when it is the column's or expression's own.
    pub collation: Option<String>,
    pub descending: bool,
    pub nulls_first: bool,
}

impl Catalog {
    /// The table of that name.
    pub fn table(&self, name: &TableName) -> Option<&Table> {
        self.tables.iter().find(|table| &table.name == name)
    }

    /// The table a scenario means by `table` (in `public`, else in the only schema that has it) or `schema.table`.
    pub fn find(&self, written: &str) -> Option<&Table> {
        // A schema's name may have a dot in it, and so may a table's.
        let mut qualified = written.match_indices('.').map(|(dot, _)| TableName::new(&written[..dot], &written[dot + 1..]));
        if let Some(found) = qualified.find_map(|name| self.table(&name)) {
            return Some(found);
        }
        let mut named = self.tables.iter().filter(|table| table.name.name == written);
        match (self.table(&TableName::new("public", written)), named.next(), named.next()) {
            (Some(table), _, _) | (None, Some(table), None) => Some(table),
            _ => None,
        }
    }

    /// Foreign keys that point at the table.
    pub fn referencing<'a>(&'a self, table: &'a TableName) -> impl Iterator<Item = &'a ForeignKey> {
        self.foreign_keys.iter().filter(move |key| &key.referenced == table)
    }

    /// Indexes of the table.
    pub fn indexes_of<'a>(&'a self, table: &'a TableName) -> impl Iterator<Item = &'a Index> {
        self.indexes.iter().filter(move |index| &index.table == table)
    }
}

impl Table {
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}
