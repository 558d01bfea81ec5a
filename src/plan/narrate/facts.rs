//! What the caller knows beside the plan. Everything is optional: a rule that lacks a fact says less.

/// Tables and foreign keys of the database that made the plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    pub tables: Vec<TableFacts>,
    pub foreign_keys: Vec<ForeignKeyFacts>,
    /// What the statement takes without EXPLAIN, when somebody measured it.
    pub clocks: Option<ClockFacts>,
}

/// What one statement takes by two clocks, ms.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ClockFacts {
    /// As an application runs it, from sending to the last row.
    pub plain_ms: f64,
    /// `Execution Time` with TIMING OFF.
    pub timing_off_ms: f64,
}

/// A table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TableFacts {
    /// `None` matches any schema.
    pub schema: Option<String>,
    pub name: String,
    pub rows: Option<f64>,
    /// The plain columns that each valid index leads with, in order, up to its first expression; partial indexes left out. `None`
    /// when nobody looked.
    pub indexes: Option<Vec<Vec<String>>>,
    /// Valid B-trees over all rows, by name; empty when nobody looked.
    pub named_indexes: Vec<IndexFacts>,
    /// In their order; empty when nobody looked.
    pub columns: Vec<ColumnFacts>,
    /// Pages of the heap.
    pub pages: Option<f64>,
    /// Rows changed since the last ANALYZE.
    pub modified: Option<f64>,
    /// Whether ANALYZE ever left statistics.
    pub analyzed: Option<bool>,
    /// `RANGE (day)`, of a partitioned table.
    pub partition_key: Option<String>,
}

/// A column.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ColumnFacts {
    pub name: String,
    /// `bigint`, `character varying(60)`
    pub type_name: String,
    /// How many different values the planner takes it for: above 0 a number, below 0 the share of the rows, negated.
    pub n_distinct: Option<f64>,
    /// How far the order of the values is that of the rows on disk, -1 to 1.
    pub correlation: Option<f64>,
    /// Bytes of a value on average.
    pub width: Option<f64>,
}

/// A B-tree.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IndexFacts {
    pub name: String,
    /// Keys in order; `None` where the key is an expression.
    pub columns: Vec<Option<String>>,
    pub included: Vec<String>,
}

/// A foreign key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ForeignKeyFacts {
    /// The constraint's name.
    pub name: String,
    /// The table that has the constraint, for people (`song_history`, `app.orders`).
    pub table: String,
    pub columns: Vec<String>,
    /// The table it points at, without its schema.
    pub referenced: String,
    /// Whether an index leads with the columns. `None` when nobody looked.
    pub indexed: Option<bool>,
}

impl Facts {
    /// The table of that name; a schema that either side does not know matches.
    pub fn table(&self, schema: Option<&str>, name: &str) -> Option<&TableFacts> {
        self.tables.iter().find(|table| {
            let schemas = table.schema.as_deref().zip(schema);
            table.name == name && schemas.is_none_or(|(ours, theirs)| ours == theirs)
        })
    }

    /// The foreign key behind a trigger on the table `relation`, which is either the one pointed at or the one that points.
    pub fn foreign_key(&self, constraint: &str, relation: &str) -> Option<&ForeignKeyFacts> {
        let mut named = self.foreign_keys.iter().filter(|key| key.name == constraint);
        let unqualified = |table: &str| table.rsplit('.').next() == Some(relation);
        match (named.next(), named.next()) {
            (Some(only), None) => Some(only),
            _ => self
                .foreign_keys
                .iter()
                .find(|key| key.name == constraint && (key.referenced == relation || unqualified(&key.table))),
        }
    }
}

impl TableFacts {
    pub fn column(&self, name: &str) -> Option<&ColumnFacts> {
        self.columns.iter().find(|column| column.name == name)
    }

    pub fn index(&self, name: &str) -> Option<&IndexFacts> {
        self.named_indexes.iter().find(|index| index.name == name)
    }

    /// How many different values the planner takes a column for.
    pub fn distinct(&self, column: &str) -> Option<f64> {
        let n = self.column(column)?.n_distinct?;
        if n >= 0.0 { Some(n) } else { Some(-n * self.rows?) }
    }

    /// Bytes that a row takes on disk, header and line pointer included; nothing when ANALYZE left no widths.
    pub fn row_bytes(&self) -> Option<f64> {
        // 23 bytes of header and padding to 8 (24), 4 of line pointer; values padded to 8 together.
        let widths: Option<f64> = self.columns.iter().map(|column| column.width).sum();
        widths.filter(|_| !self.columns.is_empty()).map(|bytes| 28.0 + (bytes / 8.0).ceil() * 8.0)
    }

    /// An index whose leading columns are these, in any order; `None` when nobody looked.
    pub fn has_index_on(&self, columns: &[String]) -> Option<bool> {
        let indexes = self.indexes.as_ref()?;
        Some(
            indexes
                .iter()
                .any(|index| index.len() >= columns.len() && index[..columns.len()].iter().all(|c| columns.contains(c))),
        )
    }
}
