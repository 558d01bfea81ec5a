//! What the caller knows beside the plan. Everything is optional: a rule that lacks a fact says less.

/// Tables and foreign keys of the database that made the plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    pub tables: Vec<TableFacts>,
    pub foreign_keys: Vec<ForeignKeyFacts>,
    /// What the statement takes without EXPLAIN, when somebody measured it.
    pub clocks: Option<ClockFacts>,
}

/// One statement under three clocks, ms.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ClockFacts {
    /// As an application runs it, from sending to the last row.
    pub plain_ms: f64,
    /// `Execution Time` with TIMING OFF.
    pub timing_off_ms: f64,
    /// `Execution Time` with TIMING ON.
    pub timing_on_ms: f64,
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
