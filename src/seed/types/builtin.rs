//! The server's own types, by the names and OIDs that `pg_type.dat` fixes.

use super::Kind;

/// Name, OID, OID of its array, kind.
const BUILTINS: &[(&str, u32, u32, Kind)] = &[
    ("bool", 16, 1000, Kind::Bool),
    ("bytea", 17, 1001, Kind::Bytea),
    ("char", 18, 1002, Kind::Char),
    ("name", 19, 1003, Kind::Text),
    ("int8", 20, 1016, Kind::Int8),
    ("int2", 21, 1005, Kind::Int2),
    ("int4", 23, 1007, Kind::Int4),
    ("text", 25, 1009, Kind::Text),
    ("oid", 26, 1028, Kind::Oid),
    ("json", 114, 199, Kind::Json),
    ("xml", 142, 143, Kind::Xml),
    ("point", 600, 1017, Kind::Point),
    ("lseg", 601, 1018, Kind::Lseg),
    ("path", 602, 1019, Kind::Path),
    ("box", 603, 1020, Kind::Box),
    ("polygon", 604, 1027, Kind::Polygon),
    ("line", 628, 629, Kind::Line),
    ("cidr", 650, 651, Kind::Cidr),
    ("float4", 700, 1021, Kind::Float4),
    ("float8", 701, 1022, Kind::Float8),
    ("circle", 718, 719, Kind::Circle),
    ("macaddr8", 774, 775, Kind::Macaddr8),
    ("money", 790, 791, Kind::Money),
    ("macaddr", 829, 1040, Kind::Macaddr),
    ("inet", 869, 1041, Kind::Inet),
    ("bpchar", 1042, 1014, Kind::Text),
    ("varchar", 1043, 1015, Kind::Text),
    ("date", 1082, 1182, Kind::Date),
    ("time", 1083, 1183, Kind::Time),
    ("timestamp", 1114, 1115, Kind::Timestamp),
    ("timestamptz", 1184, 1185, Kind::Timestamptz),
    ("interval", 1186, 1187, Kind::Interval),
    ("timetz", 1266, 1270, Kind::Timetz),
    ("bit", 1560, 1561, Kind::Bit),
    ("varbit", 1562, 1563, Kind::Varbit),
    ("numeric", 1700, 1231, Kind::Numeric),
    ("uuid", 2950, 2951, Kind::Uuid),
    ("pg_lsn", 3220, 3221, Kind::PgLsn),
    ("tsvector", 3614, 3643, Kind::Tsvector),
    ("tsquery", 3615, 3645, Kind::Tsquery),
    ("jsonb", 3802, 3807, Kind::Jsonb),
    ("int4range", 3904, 3905, Kind::Range(&Kind::Int4)),
    ("numrange", 3906, 3907, Kind::Range(&Kind::Numeric)),
    ("tsrange", 3908, 3909, Kind::Range(&Kind::Timestamp)),
    ("tstzrange", 3910, 3911, Kind::Range(&Kind::Timestamptz)),
    ("daterange", 3912, 3913, Kind::Range(&Kind::Date)),
    ("int8range", 3926, 3927, Kind::Range(&Kind::Int8)),
    ("jsonpath", 4072, 4073, Kind::Jsonpath),
    ("int4multirange", 4451, 6150, Kind::Multirange(&Kind::Int4)),
    ("nummultirange", 4532, 6151, Kind::Multirange(&Kind::Numeric)),
    ("tsmultirange", 4533, 6152, Kind::Multirange(&Kind::Timestamp)),
    ("tstzmultirange", 4534, 6153, Kind::Multirange(&Kind::Timestamptz)),
    ("datemultirange", 4535, 6155, Kind::Multirange(&Kind::Date)),
    ("int8multirange", 4536, 6157, Kind::Multirange(&Kind::Int8)),
];

/// Types of extensions, whose OIDs differ from database to database.
const EXTENSIONS: &[(&str, Kind)] = &[("citext", Kind::Text), ("hstore", Kind::Hstore), ("ltree", Kind::Ltree)];

/// OIDs below are the server's own (`FirstNormalObjectId`).
pub const FIRST_USER_OID: u32 = 16_384;

/// The kind of a type that is no enum, array, range or domain of somebody's own. An OID of 0 is not known.
pub fn kind_of(name: &str, oid: u32) -> Option<Kind> {
    let own = BUILTINS.iter().find(|(known, ..)| *known == name).filter(|_| oid < FIRST_USER_OID);
    own.map(|(.., kind)| *kind).or_else(|| EXTENSIONS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind))
}

/// The OID of a built-in type; 0 when it is none.
pub fn oid_of(name: &str) -> u32 {
    BUILTINS.iter().find(|(known, ..)| *known == name).map_or(0, |(_, oid, ..)| *oid)
}

/// The name of a built-in type (`_int4` for an array of `int4`).
pub fn name_of(oid: u32) -> Option<String> {
    BUILTINS.iter().find_map(|(name, own, array, _)| match oid {
        _ if oid == *own => Some((*name).to_owned()),
        _ if oid == *array => Some(format!("_{name}")),
        _ => None,
    })
}

/// The name of the type inside a built-in array, range or multirange.
pub fn inside_of(name: &str) -> Option<&'static str> {
    if let Some(element) = name.strip_prefix('_') {
        return BUILTINS.iter().find(|(known, ..)| *known == element).map(|(known, ..)| *known);
    }
    let (.., kind) = BUILTINS.iter().find(|(known, ..)| *known == name)?;
    let (Kind::Range(bound) | Kind::Multirange(bound)) = kind else { return None };
    BUILTINS.iter().find(|(.., kind)| kind == *bound).map(|(known, ..)| *known)
}
