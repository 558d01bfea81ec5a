//! What each kind of value comes to in each type.

use super::*;
use crate::scenario::model::{FakeKind, Located, Location, Template, TemplatePart, TimeSpec};
use crate::seed::text::append_text;
use crate::seed::values::Context;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

fn of(base: &str, typmod: i32) -> PgType {
    PgType::named(base, typmod, base, &[]).unwrap()
}

fn try_rows(spec: &ValueSpec, of: &PgType, rows: u64, unique: bool) -> Result<Vec<String>, ValueProblem> {
    let sequence = Arc::new(Cell::new(Source::Row(Kind::Int8)));
    let int8 = Arc::new(self::of("int8", -1));
    let mut peer = |name: &str| match name {
        "id" => Ok(Peer::Cell(sequence.clone(), int8.clone())),
        other => Err(ValueProblem::Peer(format!("no {other}"))),
    };
    let until_us = 1_767_225_600_000_000;
    let mut site = Site {
        key: Key::new(42, &["t", "c"]),
        rows,
        unique,
        rising: false,
        until_us,
        growth: &Growth::default(),
        locale: Default::default(),
        peer: &mut peer,
    };
    let cell = compile(spec, of, &mut site)?;
    let mut context = Context::rows();
    Ok((0..rows)
        .map(|row| {
            context.turn_to(row);
            let (mut field, mut text) = (Vec::new(), Vec::new());
            cell.write(&mut context, &mut field);
            if field[0] == 0xff {
                return "NULL".into();
            }
            assert_eq!(field.len() - 4, u32::from_be_bytes(field[..4].try_into().unwrap()) as usize);
            append_text(of.kind, &field[4..], &mut text);
            String::from_utf8(text).unwrap()
        })
        .collect())
}

fn rows(spec: &ValueSpec, base: &str, count: u64) -> Vec<String> {
    try_rows(spec, &of(base, -1), count, false).unwrap()
}

fn text(value: &str) -> Literal {
    Literal::Text(value.into())
}

#[test]
fn as_many_values_as_rows_are_each_used_once_in_order() {
    let spec = ValueSpec::OneOf(vec![(text("Spotify"), 1.0), (text("Apple"), 1.0)]);
    assert_eq!(rows(&spec, "text", 2), ["Spotify", "Apple"]);
    let spec = ValueSpec::OneOf(vec![(text("a"), 80.0), (text("b"), 20.0)]);
    let made = rows(&spec, "text", 1000);
    let share = made.iter().filter(|value| *value == "a").count();
    assert!((760..840).contains(&share), "{share}");
}

#[test]
fn numbers_keep_the_bounds_and_digits_of_their_type() {
    let price = try_rows(&ValueSpec::Range { low: 0.5, high: 99.99 }, &of("numeric", (4 << 16 | 2) + 4), 500, false).unwrap();
    assert!(price.iter().all(|price| (0.5..=99.99).contains(&price.parse::<f64>().unwrap())));
    assert!(price.iter().all(|price| price.split_once('.').is_some_and(|(_, cents)| cents.len() == 2)));
    let normal = ValueSpec::Normal { mean: 30.0, deviation: 50.0, min: Some(18.0), max: Some(99.0) };
    assert!(rows(&normal, "int2", 500).iter().all(|age| (18..=99).contains(&age.parse::<i32>().unwrap())));
    let too_wide = try_rows(&ValueSpec::Range { low: 0.0, high: 40_000.0 }, &of("int2", -1), 1, false).unwrap_err();
    assert!(too_wide.to_string().contains("leaves the type int2, which holds -32768 to 32767"), "{too_wide}");
}

#[test]
fn unique_columns_get_different_values_or_a_problem() {
    let unique = |spec: &ValueSpec, base: &str, count| try_rows(spec, &of(base, -1), count, true);
    let time = TimeSpec { growth_per_week: 0.1, ..TimeSpec::last(Duration::from_secs(86_400)) };
    for (spec, base) in [
        (ValueSpec::Fake(FakeKind::Email), "text"),
        (ValueSpec::Fake(FakeKind::FirstName), "text"),
        (ValueSpec::Words(1..=2), "text"),
        (ValueSpec::Range { low: 1.0, high: 2_000.0 }, "int4"),
        (ValueSpec::Template(Template { parts: vec![TemplatePart::Hex(3)] }), "text"),
        (ValueSpec::Template(Template { parts: vec![TemplatePart::Uuid] }), "uuid"),
        (ValueSpec::Time(time), "timestamptz"),
        (ValueSpec::Sequence, "int8"),
        (ValueSpec::Pattern("[A-J]{2}[0-9]{1,2}".into()), "text"),
        (ValueSpec::Pattern("[a-f0-9]{32}".into()), "uuid"),
    ] {
        let made = unique(&spec, base, 2_000).unwrap();
        assert_eq!(made.iter().collect::<HashSet<_>>().len(), 2_000, "{spec:?}");
    }
    for (spec, base) in [
        (ValueSpec::Constant(text("x")), "text"),
        (ValueSpec::OneOf(vec![(text("x"), 1.0), (text("y"), 1.0)]), "text"),
        (ValueSpec::Range { low: 1.0, high: 1_999.0 }, "int4"),
        (ValueSpec::Template(Template { parts: vec![TemplatePart::Hex(2)] }), "text"),
        (ValueSpec::Normal { mean: 0.0, deviation: 1.0, min: None, max: None }, "float8"),
        (ValueSpec::Pattern("[A-S][0-9]{2}".into()), "text"),
        (ValueSpec::Pattern("[0-9]{5}".into()), "int4"),
    ] {
        assert!(unique(&spec, base, 2_000).is_err(), "{spec:?}");
    }
}

#[test]
fn a_neighbour_decides_and_stands_in_templates() {
    let spec = ValueSpec::By {
        column: Located::new("id".into(), Location::default()),
        cases: vec![(Literal::Int(1), ValueSpec::Constant(text("one"))), (Literal::Int(2), ValueSpec::Fake(FakeKind::Word))],
        otherwise: None,
    };
    let made = rows(&spec, "text", 3);
    assert_eq!((made[0].as_str(), made[2].as_str()), ("one", "NULL"));
    let parts = vec![TemplatePart::Text("n".into()), TemplatePart::Column("id".into())];
    assert_eq!(rows(&ValueSpec::Template(Template { parts }), "text", 2), ["n1", "n2"]);
    let unknown = ValueSpec::Template(Template { parts: vec![TemplatePart::Column("name".into())] });
    assert_eq!(try_rows(&unknown, &of("text", -1), 1, false).unwrap_err().to_string(), "no name");
}

#[test]
fn templates_are_read_as_other_types_and_what_makes_text_is_refused_there() {
    let digits = ValueSpec::Template(Template { parts: vec![TemplatePart::Digits(4)] });
    assert!(rows(&digits, "int4", 50).iter().all(|number| (0..10_000).contains(&number.parse::<i32>().unwrap())));
    let pattern = ValueSpec::Pattern(r"-?[1-9]\d{1,2}".into());
    assert!(rows(&pattern, "int2", 50).iter().all(|number| (10..1_000).contains(&number.parse::<i32>().unwrap().abs())));
    let small = try_rows(&ValueSpec::Pattern("[A-S][0-9]{2}".into()), &of("text", -1), 2_000, true).unwrap_err();
    assert!(small.to_string().contains("the pattern gives only 1900 different values for 2000 rows"), "{small}");
    let refused = try_rows(&ValueSpec::Words(1..=3), &of("int4", -1), 1, false).unwrap_err();
    assert_eq!(refused.to_string(), "`words` cannot fill the type int4; it makes text");
    assert!(try_rows(&ValueSpec::Constant(text("soon")), &of("date", -1), 1, false).is_err());
}

#[test]
fn moments_fill_numbers_as_epochs() {
    let spec = ValueSpec::Time(TimeSpec::last(Duration::from_secs(3_600)));
    assert!(rows(&spec, "int8", 20).iter().all(|ms| ms.starts_with("17672")), "milliseconds");
    assert!(rows(&spec, "int4", 20).iter().all(|s| s.starts_with("17672") && s.len() == 10), "seconds");
    assert!(rows(&spec, "text", 20).iter().all(|text| text.starts_with("2025-12-31T23:") && text.ends_with('Z')));
}
