//! Every type: made when nobody describes it, filled from a description, and read as the server reads it.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use crate::common::TestDatabase;
use crate::seeding::{data, runtime, seed};
use perflab::db::catalog::TableName;
use perflab::db::{Connection, CopyIn, RowSink, Target, read_catalog};
use perflab::seed::encode::{COPY_HEADER, COPY_TRAILER, put_bytes};
use perflab::seed::encode_text;
use perflab::seed::types::PgType;

/// Types as a schema writes them.
const TYPES: &[&str] = &[
    "bool",
    "smallint",
    "int",
    "bigint",
    "real",
    "double precision",
    "numeric",
    "numeric(10,2)",
    "numeric(5,-3)",
    "numeric(3,5)",
    "numeric(1000,900)",
    "money",
    "oid",
    "text",
    "varchar",
    "varchar(7)",
    "char(5)",
    "char",
    "\"char\"",
    "name",
    "citext",
    "bytea",
    "uuid",
    "date",
    "time",
    "time(0)",
    "timetz",
    "timestamp",
    "timestamp(3)",
    "timestamptz",
    "interval",
    "interval(0)",
    "json",
    "jsonb",
    "jsonpath",
    "xml",
    "inet",
    "cidr",
    "macaddr",
    "macaddr8",
    "bit",
    "bit(3)",
    "bit(100)",
    "varbit",
    "varbit(5)",
    "pg_lsn",
    "point",
    "line",
    "lseg",
    "box",
    "path",
    "polygon",
    "circle",
    "tsvector",
    "tsquery",
    "hstore",
    "ltree",
    "int4range",
    "int8range",
    "numrange",
    "tsrange",
    "tstzrange",
    "daterange",
    "int4multirange",
    "int8multirange",
    "nummultirange",
    "tsmultirange",
    "tstzmultirange",
    "datemultirange",
    "floatrange",
    "floatmultirange",
    "mood",
    "positive",
    "percent",
    "small_percent",
    "codes",
];

const OWN_TYPES: &str = "CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION ltree;
CREATE TYPE mood AS ENUM ('happy', 'so ''so''', 'sad');
CREATE TYPE floatrange AS RANGE (subtype = float8, multirange_type_name = floatmultirange);
CREATE DOMAIN positive AS int CHECK (VALUE > 0) NOT NULL;
CREATE DOMAIN percent AS numeric(5,2) CHECK (VALUE >= 0 AND VALUE <= 100);
CREATE DOMAIN small_percent AS percent CHECK (VALUE < 10);
CREATE DOMAIN codes AS varchar(6)[];
CREATE TYPE address AS (street text, number int);
";

/// Every type alone, in an array, and in an array of arrays, under names that say nothing.
fn schema() -> String {
    let columns = TYPES.iter().enumerate().flat_map(|(place, of)| {
        // An array of a domain over an array is one of arrays, which the server takes and nobody has.
        let arrays = if *of == "codes" { vec![] } else { vec![format!("b{place} {of}[]"), format!("c{place} {of}[][]")] };
        std::iter::once(format!("a{place} {of} NOT NULL")).chain(arrays)
    });
    let columns: Vec<String> = columns.collect();
    format!("{OWN_TYPES} CREATE TABLE every (id int PRIMARY KEY, home address, {});", columns.join(", "))
}

#[test]
fn every_type_is_made_when_nobody_describes_it() {
    runtime().block_on(async {
        let mut seeded = seed(&schema(), &data("    every: {rows: 300}\n"), 1.0).await;
        assert_eq!(seeded.plan.tables[0].columns.len(), TYPES.len() * 3 - 1, "all but the composite, and no arrays of `codes`");
        assert_eq!(seeded.run.hash, seeded.plan.data_hash(1).await.unwrap());
        for (place, of) in TYPES.iter().enumerate() {
            let distinct = seeded.number(&format!("SELECT count(DISTINCT a{place}::text) FROM every")).await;
            let least = match *of {
                "bool" | "bit" => 2,
                "mood" => 3,
                "numeric(5,-3)" | "numeric(3,5)" | "bit(3)" => 5,
                _ => 20,
            };
            assert!(distinct >= least, "{of}: {distinct} different values");
            if *of == "codes" {
                continue;
            }
            let empty = format!("SELECT count(*) FROM every WHERE cardinality(b{place}) = 0");
            assert!((20..=90).contains(&seeded.number(&empty).await), "{of}[]: a sixth is empty");
            let most = format!("SELECT max(cardinality(b{place}))::int8 * 100 + min(array_ndims(c{place})) FROM every");
            assert_eq!(seeded.number(&most).await, 502, "{of}[]: at most five elements; {of}[][] has two dimensions");
        }
    });
}

#[test]
fn unique_columns_of_every_type_hold() {
    // No ordering, or fewer values than rows.
    let without = [
        "bool",
        "json",
        "jsonpath",
        "xml",
        "point",
        "line",
        "lseg",
        "box",
        "path",
        "polygon",
        "circle",
        "mood",
        "numeric(3,5)",
        "bit",
        "bit(3)",
        "varbit(5)",
        "char",
        "\"char\"",
    ];
    let columns: Vec<String> = TYPES
        .iter()
        .enumerate()
        .filter(|(_, of)| !without.contains(of))
        .map(|(place, of)| format!("a{place} {of} NOT NULL UNIQUE"))
        .collect();
    let schema = format!("{OWN_TYPES} CREATE TABLE every (id int PRIMARY KEY, {});", columns.join(", "));
    runtime().block_on(async {
        let mut seeded = seed(&schema, &data("    every: {rows: 500}\n"), 1.0).await;
        assert_eq!(seeded.number("SELECT count(*) FROM every").await, 500);
    });
}

/// A literal of a type, and what a description may say.
const DESCRIBED: &[(&str, &str)] = &[
    ("bool", "true"),
    ("numeric(12,3)", "{range: [0.5, 99.999]}"),
    ("numeric(5,-3)", "{range: [1000, 90000]}"),
    ("money", "{lognormal: {median: 40, sigma: 0.9, max: 500}}"),
    ("money", "{range: [1.5, 2.25]}"),
    ("oid", "{range: 1-9}"),
    ("date", "{range: [2024-01-01, 2024-12-31]}"),
    ("timestamp", "{range: [2024-01-01, 2024-12-31]}"),
    ("timestamptz(0)", "{range: [\"2024-01-01 12:00\", \"2024-01-01 13:00\"]}"),
    ("time", "{range: [\"08:00\", \"17:30\"]}"),
    ("timetz", "{time: {last: 30d}}"),
    ("interval", "{range: [15 min, 8 h]}"),
    ("interval", "{range: [1 month, 2 years]}"),
    ("interval", "{values: [1 day, 2 weeks 3 hours]}"),
    ("text[]", "{array: {of: {fake: word}, length: 1-3}}"),
    ("text[]", "{values: ['{a,b}', '{}']}"),
    ("int[][]", "{array: {of: {array: {of: {range: 1-9}, length: 3}}, length: 2}}"),
    ("mood[]", "{array: {of: {values: [happy, sad]}}}"),
    ("mood[]", "'{happy,NULL}'"),
    ("int4range", "'[1,5)'"),
    ("tstzrange", "{template: \"[2024-01-{int:10-19},2024-02-{int:10-20})\"}"),
    ("inet", "{template: \"10.0.{int:0-255}.{int:1-254}\"}"),
    ("macaddr", "{template: \"08:00:2b:{hex:2}:{hex:2}:{hex:2}\"}"),
    ("bit(4)", "{values: ['0101', '1111']}"),
    ("xml", "{template: \"<a n='{row}'/>\"}"),
    ("tsvector", "'fat:1 cat:2'"),
    ("tsquery", "fat & cat"),
    ("hstore", "a=>1"),
    ("ltree", "{template: \"top.{word}\"}"),
    ("point", "(1.5,2)"),
    ("jsonpath", "$.a"),
    ("percent", "{range: 10-20}"),
    ("\"char\"", "x"),
    ("uuid", "{pattern: \"[0-9a-f]{8}-1111-4111-8111-[0-9a-f]{12}\"}"),
];

#[test]
fn every_type_is_filled_from_descriptions() {
    let columns: Vec<String> = DESCRIBED.iter().enumerate().map(|(place, (of, _))| format!("a{place} {of} NOT NULL")).collect();
    let schema = format!("{OWN_TYPES} CREATE TABLE every (id int PRIMARY KEY, {});", columns.join(", "));
    let lines: String = DESCRIBED.iter().enumerate().map(|(place, (_, says))| format!("        a{place}: {says}\n")).collect();
    runtime().block_on(async {
        let mut seeded = seed(&schema, &data(&format!("    every:\n      rows: 200\n      columns:\n{lines}")), 1.0).await;
        let place =
            |of: &str, nth: usize| DESCRIBED.iter().enumerate().filter(|(_, (named, _))| *named == of).nth(nth).unwrap().0;
        let mut all = async |of: &str, nth: usize, condition: &str| {
            let sql = format!("SELECT count(*) FROM every WHERE {}", condition.replace('$', &format!("a{}", place(of, nth))));
            assert_eq!(seeded.number(&sql).await, 200, "{of}: {condition}");
        };
        all("numeric(5,-3)", 0, "$ BETWEEN 1000 AND 90000 AND $ % 1000 = 0").await;
        all("money", 0, "$ BETWEEN '0' AND '500'").await;
        all("money", 1, "$ BETWEEN '1.5' AND '2.25'").await;
        all("date", 0, "$ BETWEEN '2024-01-01' AND '2024-12-31'").await;
        all("timestamp", 0, "$ BETWEEN '2024-01-01' AND '2024-12-31 23:59:59'").await;
        all("time", 0, "$ BETWEEN '08:00' AND '17:30'").await;
        all("interval", 0, "$ BETWEEN '15 min' AND '8 h'").await;
        all("interval", 1, "$ BETWEEN '1 month' AND '2 years' AND extract(day FROM $) = 0").await;
        all("interval", 2, "$ IN ('1 day', '2 weeks 3 hours')").await;
        all("text[]", 0, "cardinality($) BETWEEN 1 AND 3").await;
        all("int[][]", 0, "array_dims($) = '[1:2][1:3]'").await;
        all("mood[]", 0, "$ <@ '{happy,sad}'").await;
        all("mood[]", 1, "$::text = '{happy,NULL}'").await;
        all("int4range", 0, "$ = '[1,5)'").await;
        all("inet", 0, "$ << '10.0.0.0/16'").await;
        all("tsvector", 0, "$ @@ 'fat <-> cat'").await;
        all("hstore", 0, "$ -> 'a' = '1'").await;
        let times = format!("SELECT count(DISTINCT a{}) FROM every", place("timestamptz(0)", 0));
        assert!(seeded.number(&times).await > 150);
    });
}

/// A literal of each type, as people and the server's own dumps write them.
fn literal() -> impl Strategy<Value = (&'static str, String)> {
    let number = || {
        (any::<i64>(), 0_usize..30).prop_map(|(number, zeros)| format!("{number}.{}{}", "0".repeat(zeros), number.unsigned_abs()))
    };
    let clock = || {
        (0_u8..24, 0_u8..60, 0_u32..60_000_000)
            .prop_map(|(h, m, us)| format!("{h:02}:{m:02}:{:02}.{:06}", us / 1_000_000, us % 1_000_000))
    };
    let day = || (1_i32..9999, 1_u8..13, 1_u8..29).prop_map(|(y, m, d)| format!("{y:04}-{m:02}-{d:02}"));
    let word = || "[a-zé ,'\"\\\\{}=>]{0,6}";
    let quoted = |text: String| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    prop_oneof![
        number().prop_map(|text| ("numeric", text)),
        (any::<i32>(), -40_i32..40).prop_map(|(number, exponent)| ("numeric", format!("{number}e{exponent}"))),
        any::<f64>().prop_filter("a number", |number| number.is_finite()).prop_map(|number| ("float8", number.to_string())),
        any::<f32>().prop_filter("a number", |number| number.is_finite()).prop_map(|number| ("float4", number.to_string())),
        (-9_000_000_000_i64..9_000_000_000, 0_u8..100).prop_map(|(whole, part)| ("money", format!("{whole}.{part:02}"))),
        any::<u32>().prop_map(|number| ("oid", number.to_string())),
        day().prop_map(|text| ("date", text)),
        clock().prop_map(|text| ("time", text)),
        (clock(), -12_i32..13).prop_map(|(text, zone)| ("timetz", format!("{text}{zone:+03}"))),
        (day(), clock()).prop_map(|(day, clock)| ("timestamp", format!("{day} {clock}"))),
        (day(), clock(), -12_i32..13).prop_map(|(day, clock, zone)| ("timestamptz", format!("{day} {clock}{zone:+03}"))),
        (-99_i32..99, -99_i32..99, -99_i32..99, clock())
            .prop_map(|(y, m, d, clock)| ("interval", format!("{y} years {m} mons {d} days {clock}"))),
        (0_u32..99, 0_u32..99, 0_u32..999).prop_map(|(d, h, s)| ("interval", format!("P{d}DT{h}H{s}.5S"))),
        any::<[u8; 4]>().prop_map(|ip| ("inet", std::net::Ipv4Addr::from(ip).to_string())),
        (any::<[u8; 16]>(), 0_u8..129).prop_map(|(ip, mask)| ("inet", format!("{}/{mask}", std::net::Ipv6Addr::from(ip)))),
        "[0-9a-f]{12}".prop_map(|text| ("macaddr", text)),
        "([0-9a-f]{2}:){7}[0-9a-f]{2}".prop_map(|text| ("macaddr8", text)),
        "[01]{0,70}".prop_map(|text| ("varbit", text)),
        "[0-9A-F]{1,8}/[0-9A-F]{1,8}".prop_map(|text| ("pg_lsn", text)),
        prop::collection::vec(prop_oneof![word().prop_map(quoted), Just("NULL".to_owned())], 0..5)
            .prop_map(|elements| ("_text", format!("{{{}}}", elements.join(",")))),
        prop::collection::vec(any::<[i32; 2]>(), 1..4).prop_map(|rows| (
            "_int4",
            format!("{{{}}}", rows.iter().map(|row| format!("{{{},{}}}", row[0], row[1])).collect::<Vec<_>>().join(","))
        )),
        (any::<i16>(), any::<u16>(), "[\\[(]", "[\\])]").prop_map(|(low, width, open, close)| (
            "int4range",
            format!("{open}{low},{}{close}", i32::from(low) + i32::from(width))
        )),
        (day(), clock()).prop_map(|(day, clock)| ("tsrange", format!("[\"{day} {clock}\",)"))),
        prop::collection::vec((1_u8..9, 1_u8..9), 0..4).prop_map(|ranges| (
            "int4multirange",
            format!("{{{}}}", ranges.iter().map(|(low, width)| format!("[{low},{})", low + width)).collect::<Vec<_>>().join(","))
        )),
        prop::collection::vec(("[a-z']{1,5}", prop::collection::vec((1_u16..20_000, "[ABCD]?"), 0..3)), 0..5).prop_map(|words| {
            let words = words.iter().map(|(word, places)| {
                let places: Vec<String> = places.iter().map(|(place, weight)| format!("{place}{weight}")).collect();
                let colon = if places.is_empty() { "" } else { ":" };
                format!("'{}'{colon}{}", word.replace('\'', "''"), places.join(","))
            });
            ("tsvector", words.collect::<Vec<_>>().join(" "))
        }),
        query().prop_map(|text| ("tsquery", text)),
        prop::collection::vec((word().prop_map(quoted), prop_oneof![word().prop_map(quoted), Just("NULL".to_owned())]), 0..4)
            .prop_map(|pairs| (
                "hstore",
                pairs.iter().map(|(key, value)| format!("{key}=>{value}")).collect::<Vec<_>>().join(", ")
            )),
        (-99_i32..99, -99_i32..99).prop_map(|(x, y)| ("point", format!("({x},{y})"))),
        prop::collection::vec((-9_i32..9, -9_i32..9), 1..5).prop_map(|points| (
            "path",
            format!("[{}]", points.iter().map(|(x, y)| format!("({x},{y})")).collect::<Vec<_>>().join(","))
        )),
    ]
}

fn query() -> impl Strategy<Value = String> {
    let word = "[a-z]{1,4}(:\\*|:[ABCD]{1,2})?".prop_map(|word: String| word);
    word.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone(), prop_oneof![Just("&"), Just("|"), Just("<->"), Just("<3>")])
                .prop_map(|(left, right, operator)| format!("({left} {operator} {right})")),
            inner.prop_map(|operand| format!("!{operand}")),
        ]
    })
}

/// One table with two columns per type: binary by COPY, and the text for the server's own cast.
#[test]
fn texts_are_read_as_the_server_reads_them() {
    runtime().block_on(async {
        let database = TestDatabase::new();
        let mut connection = Connection::open(&Target::parse(&database.url).unwrap()).await.unwrap();
        connection.batch("CREATE EXTENSION hstore; SET timezone = 'UTC'").await.unwrap();
        let mut runner = TestRunner::new(Config { cases: 1, ..Config::default() });
        let mut literals: Vec<(&str, String)> = Vec::new();
        for _ in 0..6_000 {
            literals.push(literal().new_tree(&mut runner).unwrap().current());
        }
        let mut types: Vec<&str> = literals.iter().map(|(of, _)| *of).collect();
        types.sort_unstable();
        types.dedup();
        for name in types {
            let of = PgType::named(name, -1, name, &[]).unwrap();
            connection.batch(&format!("CREATE TABLE t (read {name}, written text)")).await.unwrap();
            let columns = ["read".to_owned(), "written".to_owned()];
            let mut sink = CopyIn::begin(&mut connection, &TableName::new("public", "t"), &columns, false).await.unwrap();
            let mut bytes = COPY_HEADER.to_vec();
            for (_, text) in literals.iter().filter(|(of, _)| *of == name) {
                bytes.extend_from_slice(&2_u16.to_be_bytes());
                put_bytes(&mut bytes, &encode_text(text, &of).unwrap_or_else(|error| panic!("{error}")));
                put_bytes(&mut bytes, text.as_bytes());
            }
            bytes.extend_from_slice(COPY_TRAILER);
            sink.send(&bytes).await.unwrap();
            sink.finish().await.unwrap_or_else(|error| panic!("{name}: {error}"));
            let wrong = format!("SELECT read::text, written::{name}::text, written FROM t WHERE read::text IS DISTINCT FROM written::{name}::text LIMIT 3");
            let wrong: Vec<(Option<String>, Option<String>, String)> = connection.rows(&wrong).await.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(wrong.is_empty(), "{name}: {wrong:#?}");
            connection.batch("DROP TABLE t").await.unwrap();
        }
        connection.close().await;
    });
}

/// The numbers that `pg_type.dat` fixes are those this server has.
#[test]
fn built_in_types_have_the_oids_that_perflab_knows() {
    runtime().block_on(async {
        let database = TestDatabase::new();
        let mut connection = Connection::open(&Target::parse(&database.url).unwrap()).await.unwrap();
        connection.batch(OWN_TYPES).await.unwrap();
        let known = TYPES.iter().filter(|of| !of.contains(['(', ' ']));
        for of in known {
            let (oid, array): (i64, i64) = connection
                .row(&format!("SELECT oid::int8, typarray::int8 FROM pg_type WHERE oid = '{of}'::regtype"))
                .await
                .unwrap();
            if oid < 16_384 {
                let found = |oid: i64| PgType::builtin(u32::try_from(oid).unwrap()).unwrap_or_else(|| panic!("{of}"));
                assert_eq!(found(array).element.unwrap().oid, found(oid).oid, "{of}");
                assert_eq!(found(oid).oid, u32::try_from(oid).unwrap(), "{of}");
            }
        }
        let catalog = read_catalog(&mut connection).await.unwrap();
        assert!(catalog.tables.is_empty());
        connection.close().await;
    });
}

#[test]
fn a_type_that_cannot_be_made_is_a_mistake_only_where_it_must_be_filled() {
    use perflab::seed::SeedPlan;
    let schema = "CREATE TYPE address AS (street text, number int);
        CREATE TABLE homes (id int PRIMARY KEY, home address NOT NULL, away address, spare address NOT NULL DEFAULT ROW('a', 1), homes address[] NOT NULL)";
    runtime().block_on(async {
        let database = TestDatabase::new();
        let mut connection = Connection::open(&Target::parse(&database.url).unwrap()).await.unwrap();
        connection.batch(schema).await.unwrap();
        let catalog = read_catalog(&mut connection).await.unwrap();
        let problems = SeedPlan::new(&data("    homes: {rows: 3}\n"), &catalog, 1.0).unwrap_err();
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(
            said[0].starts_with("`homes.home`: perflab cannot make values of type address; give the column a default"),
            "{said:?}"
        );
        assert!(said[1].starts_with("`homes.homes`: perflab cannot make values of type address[];"), "{said:?}");
        connection.close().await;
    });
}
