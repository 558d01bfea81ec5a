//! [`Kind`]: how a value looks on the wire.

/// How a value looks on the wire. Types with a type inside them name its kind too, so that a value can be read without its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Bool,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    Numeric,
    /// Counted in hundredths, as with the server's usual `lc_monetary`.
    Money,
    Oid,
    /// `text`, `varchar`, `char(n)`, `name`, `citext`.
    Text,
    /// `"char"`: one byte.
    Char,
    Bytea,
    Uuid,
    Date,
    Time,
    Timetz,
    Timestamp,
    Timestamptz,
    Interval,
    Json,
    Jsonb,
    Jsonpath,
    Xml,
    Enum,
    Inet,
    Cidr,
    Macaddr,
    Macaddr8,
    /// `bit(n)`
    Bit,
    /// `bit varying`
    Varbit,
    PgLsn,
    Point,
    Line,
    Lseg,
    Box,
    Path,
    Polygon,
    Circle,
    Tsvector,
    Tsquery,
    Hstore,
    Ltree,
    Array(&'static Kind),
    Range(&'static Kind),
    Multirange(&'static Kind),
}

/// Kinds that stand in arrays, and whose values bound ranges where [`Kind::is_number`] or [`Kind::is_time`].
static SCALARS: [Kind; 40] = [
    Kind::Bool,
    Kind::Int2,
    Kind::Int4,
    Kind::Int8,
    Kind::Float4,
    Kind::Float8,
    Kind::Numeric,
    Kind::Money,
    Kind::Oid,
    Kind::Text,
    Kind::Char,
    Kind::Bytea,
    Kind::Uuid,
    Kind::Date,
    Kind::Time,
    Kind::Timetz,
    Kind::Timestamp,
    Kind::Timestamptz,
    Kind::Interval,
    Kind::Json,
    Kind::Jsonb,
    Kind::Jsonpath,
    Kind::Xml,
    Kind::Enum,
    Kind::Inet,
    Kind::Cidr,
    Kind::Macaddr,
    Kind::Macaddr8,
    Kind::Bit,
    Kind::Varbit,
    Kind::PgLsn,
    Kind::Point,
    Kind::Line,
    Kind::Lseg,
    Kind::Box,
    Kind::Path,
    Kind::Polygon,
    Kind::Circle,
    Kind::Tsvector,
    Kind::Tsquery,
];

/// Kinds of more than one value that stand in arrays too.
static COMPOUNDS: [Kind; 18] = [
    Kind::Hstore,
    Kind::Ltree,
    Kind::Range(&Kind::Int4),
    Kind::Range(&Kind::Int8),
    Kind::Range(&Kind::Numeric),
    Kind::Range(&Kind::Date),
    Kind::Range(&Kind::Timestamp),
    Kind::Range(&Kind::Timestamptz),
    Kind::Range(&Kind::Time),
    Kind::Range(&Kind::Float8),
    Kind::Multirange(&Kind::Int4),
    Kind::Multirange(&Kind::Int8),
    Kind::Multirange(&Kind::Numeric),
    Kind::Multirange(&Kind::Date),
    Kind::Multirange(&Kind::Timestamp),
    Kind::Multirange(&Kind::Timestamptz),
    Kind::Multirange(&Kind::Time),
    Kind::Multirange(&Kind::Float8),
];

impl Kind {
    /// The kind as the inside of another one; `None` where nothing is made of it.
    pub(super) fn inside(self) -> Option<&'static Kind> {
        SCALARS.iter().chain(&COMPOUNDS).find(|kind| **kind == self)
    }

    /// The bounds of an integer type.
    pub fn integer_bounds(self) -> Option<(i64, i64)> {
        match self {
            Kind::Int2 => Some((i64::from(i16::MIN), i64::from(i16::MAX))),
            Kind::Int4 => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
            Kind::Int8 => Some((i64::MIN, i64::MAX)),
            Kind::Oid => Some((0, i64::from(u32::MAX))),
            _ => None,
        }
    }

    pub fn is_integer(self) -> bool {
        self.integer_bounds().is_some()
    }

    /// Integers, floating point, numeric and money.
    pub fn is_number(self) -> bool {
        self.is_integer() || matches!(self, Kind::Float4 | Kind::Float8 | Kind::Numeric | Kind::Money)
    }

    /// Has a moment in it.
    pub fn is_time(self) -> bool {
        matches!(self, Kind::Date | Kind::Time | Kind::Timetz | Kind::Timestamp | Kind::Timestamptz)
    }

    /// The binary form is the text itself, but for a version number in front of some.
    pub fn is_textual(self) -> bool {
        matches!(self, Kind::Text | Kind::Enum | Kind::Json | Kind::Jsonb | Kind::Jsonpath | Kind::Xml | Kind::Ltree)
    }

    /// Version of the format that stands in front of the text.
    pub fn text_version(self) -> Option<u8> {
        matches!(self, Kind::Jsonb | Kind::Jsonpath | Kind::Ltree).then_some(1)
    }
}
