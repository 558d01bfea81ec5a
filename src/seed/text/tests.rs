//! Texts that come back as they went, and those that are no value.

use super::*;

fn of(base: &str, typmod: i32, labels: &[&str]) -> PgType {
    PgType::named(base, typmod, base, &labels.iter().map(|label| label.to_string()).collect::<Vec<_>>()).unwrap()
}

fn round_trip(base: &str, text: &str) -> String {
    let of = of(base, -1, &[]);
    let mut out = Vec::new();
    append_text(of.kind, &encode_text(text, &of).unwrap_or_else(|error| panic!("{error}")), &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn texts_come_back_as_they_went() {
    for (base, text) in [
        ("int2", "-7"),
        ("int8", "9000000000"),
        ("oid", "4294967295"),
        ("float8", "0.5"),
        ("numeric", "-12345.678"),
        ("numeric", "0.00010"),
        ("numeric", "100000000"),
        ("numeric", "0"),
        ("numeric", "123456789012345678901234567890123456789012345678.000000000000000000000000000000000001"),
        ("numeric", "NaN"),
        ("numeric", "-Infinity"),
        ("money", "-1234.50"),
        ("bool", "true"),
        ("uuid", "01234567-89ab-cdef-0123-456789abcdef"),
        ("date", "1999-12-31"),
        ("date", "infinity"),
        ("time", "23:59:59.5"),
        ("timetz", "23:59:59.5-08"),
        ("timetz", "23:59:59+05:30"),
        ("timestamp", "2025-03-01T12:30:00.25"),
        ("timestamptz", "2025-03-01T12:30:00Z"),
        ("interval", "1 year 2 mons 3 days -04:05:06.7"),
        ("interval", "00:00:00"),
        ("bytea", "\\x00ff"),
        ("bit", "1"),
        ("varbit", "0101000011"),
        ("jsonb", "{\"a\": 1}"),
        ("jsonpath", "$.a[*]"),
        ("varchar", "Zoë"),
        ("char", "x"),
        ("xml", "<a/>"),
        ("inet", "10.1.2.3"),
        ("inet", "2001:db8::1/64"),
        ("cidr", "10.0.0.0/8"),
        ("macaddr", "08:00:2b:01:02:03"),
        ("macaddr8", "08:00:2b:01:02:03:04:05"),
        ("pg_lsn", "16/B374D848"),
        ("point", "(1.5,-2)"),
        ("lseg", "[(0,0),(1,1)]"),
        ("box", "(1,1),(0,0)"),
        ("path", "[(0,0),(1,1),(2,0)]"),
        ("path", "((0,0),(1,1),(2,0))"),
        ("polygon", "((0,0),(1,1),(2,0))"),
        ("circle", "<(0,0),5>"),
        ("line", "{1,2,3}"),
        ("tsvector", "'cat':3,7 'fat':2A 'it''s'"),
        ("tsquery", "'fat' & ( !'cat':*AB | 'rat' )"),
        ("tsquery", "'fat' <2> 'cat'"),
        ("_int4", "{1,2,NULL}"),
        ("_text", "{a,\"b c\",\"\",\"NULL\",\"q\\\"\\\\\"}"),
        ("_int4", "{{1,2},{3,4}}"),
        ("_text", "{}"),
        ("_box", "{(1,1),(0,0);(2,2),(1,1)}"),
        ("int4range", "[1,10)"),
        ("numrange", "(,5.5]"),
        ("daterange", "empty"),
        ("tstzrange", "[2025-03-01T12:30:00Z,)"),
        ("int4multirange", "{[1,3),[5,9)}"),
        ("_int4range", "{\"[1,3)\",empty}"),
    ] {
        assert_eq!(round_trip(base, text), text, "{base}");
    }
}

#[test]
fn other_spellings_are_read_as_the_server_reads_them() {
    for (base, text, printed) in [
        ("timestamptz", "2025-03-01", "2025-03-01T00:00:00Z"),
        ("timestamptz", "2025-03-01 12:00:00+02", "2025-03-01T10:00:00Z"),
        ("timestamp", "2025-03-01 12:00:00+02", "2025-03-01T12:00:00"),
        ("numeric", "1.5e3", "1500"),
        ("numeric", "1e-3", "0.001"),
        ("numeric", "-0.0", "0.0"),
        ("money", "$1,234.5", "1234.50"),
        ("interval", "90m", "01:30:00"),
        ("interval", "1.5 days ago", "-1 days -12:00:00"),
        ("interval", "P1Y2M3DT4H5M6S", "1 year 2 mons 3 days 04:05:06"),
        ("interval", "2 weeks 1:30", "14 days 01:30:00"),
        ("varbit", "XA5", "10100101"),
        ("macaddr8", "08002b010203", "08:00:2b:ff:fe:01:02:03"),
        ("_int4", " { 1 , 2 } ", "{1,2}"),
        ("tsvector", "a fat cat", "'a' 'cat' 'fat'"),
    ] {
        assert_eq!(round_trip(base, text), printed, "{base} {text}");
    }
}

#[test]
fn what_is_no_value_is_refused_with_the_valid_ones() {
    for (base, text) in [
        ("int2", "40000"),
        ("oid", "-1"),
        ("numeric", "1e400x"),
        ("numeric", "1e200000"),
        ("numeric", "."),
        ("jsonb", "{"),
        ("date", "2025-13-01"),
        ("interval", "3 moons"),
        ("interval", ""),
        ("inet", "10.0.0.300"),
        ("cidr", "10.0.0.1/8"),
        ("macaddr", "08:00"),
        ("bit", "11"),
        ("varbit", "12"),
        ("char", "ab"),
        ("point", "1"),
        ("_int4", "{1,{2}}"),
        ("_int4", "{{1},{2,3}}"),
        ("_int4", "{1,2"),
        ("_int4", "1,2"),
        ("_int4", "{,}"),
        ("int4range", "1,2"),
        ("int4range", "[1,2,3]"),
        ("int4multirange", "{[1,2) 3}"),
        ("tsvector", "'open"),
        ("tsquery", "a &"),
        ("tsquery", "(a"),
        ("pg_lsn", "zz"),
    ] {
        assert!(encode_text(text, &of(base, -1, &[])).is_err(), "{base} {text}");
    }
    let said = |text: &str, base: &str, typmod: i32, labels: &[&str]| {
        encode_text(text, &of(base, typmod, labels)).unwrap_err().to_string()
    };
    assert_eq!(said("GLAD", "mood", -1, &["HAPPY", "SAD"]), "`GLAD` is not a value of type mood; it has HAPPY, SAD");
    assert_eq!(said("abc", "varchar", 6, &[]), "`abc` is not a value of type varchar; it holds 2 characters");
    assert_eq!(
        said("1000", "numeric", (5 << 16 | 2) + 4, &[]),
        "`1000` is not a value of type numeric; it holds 3 digits before the point"
    );
    assert_eq!(said("abc", "_varchar", 6, &[]), "`abc` is not a value of type _varchar; an array is written as {a,b,\"c d\"}");
    assert!(encode_text("999.99", &of("numeric", (5 << 16 | 2) + 4, &[])).is_ok());
}
