//! What a tip says to do, in a form that can be tried.

use std::fmt;

use crate::plan::Rewrite;

/// One thing to do before the statement is run again. All names are quoted where SQL needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// `CREATE INDEX ON songs (artist_id)`
    Index(String),
    /// `SET work_mem = '64MB'` and the like, for the statement's session.
    Setting { name: &'static str, value: String },
    /// `ANALYZE songs`
    Analyze { table: String },
    /// `CREATE STATISTICS (dependencies, mcv) ON city, zip FROM addresses`, then ANALYZE of the table.
    Statistics { definition: String, table: String },
    /// `VACUUM songs`, which runs in no transaction: it is tried where a database may be worn.
    Vacuum { table: String },
    /// The statement itself written another way.
    Rewrite(Rewrite),
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Remedy::Index(definition) => f.write_str(definition),
            Remedy::Setting { name, value } => write!(f, "SET {name} = '{value}'"),
            Remedy::Analyze { table } => write!(f, "ANALYZE {table}"),
            Remedy::Statistics { definition, table } => write!(f, "{definition}; ANALYZE {table}"),
            Remedy::Vacuum { table } => write!(f, "VACUUM {table}"),
            Remedy::Rewrite(rewrite) => rewrite.fmt(f),
        }
    }
}
