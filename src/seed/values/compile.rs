//! From what a scenario asks for to the cell that writes it, every mismatch found before the first row.

use std::sync::Arc;

use crate::scenario::model::{Literal, Template, TemplatePart, TimeSpec, ValueSpec};
use crate::seed::encode::put_bytes;
use crate::seed::permutation::Permutation;
use crate::seed::pick::Weights;
use crate::seed::rng::Key;
use crate::seed::text::encode_text;
use crate::seed::types::{Kind, PgType};

use super::number::Shape;
use super::text::{Body, Code, Piece};
use super::{By, Cell, Integers, Moments, OneOf, Peer, Reals, Source, Text, ValueProblem};

/// Where values are made.
pub struct Site<'a> {
    pub key: Key,
    /// How many rows the column has; for a parameter, how many different values are enough.
    pub rows: u64,
    /// No value may come twice.
    pub unique: bool,
    /// Later rows have later moments.
    pub rising: bool,
    /// [`crate::scenario::model::Data::until_us`]
    pub until_us: i64,
    /// Finds another column of the row or another parameter of the call.
    pub peer: &'a mut dyn FnMut(&str) -> Result<Peer, ValueProblem>,
}

/// The cell for a description of values in a type.
///
/// # Errors
/// [`ValueProblem`] saying why the description cannot fill the type, or cannot differ in every row of a unique column.
pub fn compile(spec: &ValueSpec, of: &PgType, site: &mut Site) -> Result<Cell, ValueProblem> {
    let source = match spec {
        ValueSpec::Constant(literal) => constant(literal, of, site)?,
        ValueSpec::OneOf(choices) => one_of(choices, of, site)?,
        ValueSpec::Range { low, high } => range(*low, *high, of, site)?,
        ValueSpec::Normal { mean, deviation, min, max } => {
            let shape = Shape::Normal { mean: *mean, deviation: *deviation };
            distribution("`normal`", shape, (*min, *max), of, site)?
        }
        ValueSpec::Lognormal { median, sigma, min, max } => {
            let shape = Shape::Lognormal { median: *median, sigma: *sigma };
            distribution("`lognormal`", shape, (Some(min.unwrap_or(0.0)), *max), of, site)?
        }
        ValueSpec::Words(count) => prose("`words`", Body::Words(count.clone()), of, site)?,
        ValueSpec::Fake(kind) => prose("`fake`", Body::Fake(*kind), of, site)?,
        ValueSpec::Password { common, random } => {
            // No salt comes twice.
            let unique = std::mem::replace(&mut site.unique, false);
            let source = prose("`password`", Body::Password { common: *common, random: random.clone() }, of, site);
            site.unique = unique;
            source?
        }
        ValueSpec::Template(template) => templated(template, of, site)?,
        ValueSpec::Time(time) => moments(time, of, site)?,
        ValueSpec::By { column, cases, otherwise } => by(&column.value, cases, otherwise.as_deref(), of, site)?,
        ValueSpec::Sequence => sequence(of, site)?,
        ValueSpec::Default => return Err(ValueProblem::Default),
    };
    Ok(Cell::new(source))
}

fn mismatch(what: &'static str, of: &PgType, next: &'static str) -> ValueProblem {
    ValueProblem::Mismatch { what, type_name: of.name.clone(), next }
}

fn constant(literal: &Literal, of: &PgType, site: &Site) -> Result<Source, ValueProblem> {
    if site.unique && site.rows > 1 && *literal != Literal::Null {
        return Err(ValueProblem::TooFew {
            what: "a constant",
            possible: 1,
            rows: site.rows,
            next: "use a template with {row}, or `sequence`",
        });
    }
    Ok(Source::Fixed(field(literal, of)?))
}

/// A literal with its length in front.
fn field(literal: &Literal, of: &PgType) -> Result<Box<[u8]>, ValueProblem> {
    let mut field = Vec::new();
    match literal_text(literal) {
        Some(text) => put_bytes(&mut field, &encode_text(&text, of)?),
        None => super::put_null(&mut field),
    }
    Ok(field.into())
}

fn literal_text(literal: &Literal) -> Option<String> {
    match literal {
        Literal::Null => None,
        Literal::Bool(value) => Some(value.to_string()),
        Literal::Int(value) => Some(value.to_string()),
        Literal::Float(value) => Some(value.to_string()),
        Literal::Text(value) => Some(value.clone()),
    }
}

fn one_of(choices: &[(Literal, f64)], of: &PgType, site: &Site) -> Result<Source, ValueProblem> {
    let fields: Vec<Box<[u8]>> = choices.iter().map(|(literal, _)| field(literal, of)).collect::<Result<_, _>>()?;
    let count = fields.len() as u64;
    let weighted = choices.windows(2).any(|pair| pair[0].1 != pair[1].1);
    if site.unique && site.rows > count {
        let next = "give more values, or fewer rows";
        return Err(ValueProblem::TooFew { what: "the list", possible: count, rows: site.rows, next });
    }
    let in_turn = site.unique || (!weighted && site.rows == count);
    let weights = if in_turn {
        None
    } else {
        let weights = Weights::new(choices.iter().map(|(_, weight)| *weight));
        Some(weights.ok_or(ValueProblem::Weights("a list of values needs at least one with a weight above 0, and none below"))?)
    };
    Ok(Source::OneOf(OneOf { key: site.key, weights, fields }))
}

fn range(low: f64, high: f64, of: &PgType, site: &mut Site) -> Result<Source, ValueProblem> {
    let wrong = |why: String| ValueProblem::Range { low, high, why };
    if !(low.is_finite() && high.is_finite() && low <= high) {
        return Err(wrong("has its bounds the wrong way round".into()));
    }
    if of.kind == Kind::Text {
        let numbers = TemplatePart::Int(low.ceil() as i64..=high.floor() as i64);
        return templated(&Template { parts: vec![numbers] }, of, site);
    }
    let scale = match of.kind {
        Kind::Numeric => numeric_scale(of, low, high),
        Kind::Float4 | Kind::Float8 if !site.unique => {
            return Ok(Source::Reals(Reals { key: site.key, shape: Shape::Uniform, low, high, kind: of.kind, scale: 0 }));
        }
        kind if kind.is_number() => 0,
        _ => return Err(mismatch("`range`", of, "; use `values`, or `time` for moments")),
    };
    let unit = 10_f64.powi(scale as i32);
    let (least, most) = bounds(of);
    if low < least || high > most || (high * unit).abs().max((low * unit).abs()) > 9.3e18 {
        return Err(wrong(format!("leaves the type {}, which holds {least} to {most}", of.name)));
    }
    let (first, last) = ((low * unit).ceil() as i64, (high * unit).floor() as i64);
    if first > last {
        return Err(wrong("holds no value of the column's type".into()));
    }
    let width = first.abs_diff(last);
    if site.unique && width.saturating_add(1) < site.rows {
        let next = "widen it, or make fewer rows";
        return Err(ValueProblem::TooFew { what: "the range", possible: width + 1, rows: site.rows, next });
    }
    let unique = site.unique.then(|| Permutation::new(site.key, width.saturating_add(1)));
    Ok(Source::Integers(Integers { key: site.key, low: first, width, unique, kind: of.kind, scale }))
}

/// Digits after the point: those of the type, else cents when a bound has a fraction.
fn numeric_scale(of: &PgType, low: f64, high: f64) -> u32 {
    match of.digits {
        Some((_, scale)) => scale.min(15),
        None if low.fract() == 0.0 && high.fract() == 0.0 => 0,
        None => 2,
    }
}

/// The smallest and the largest number that a type holds.
fn bounds(of: &PgType) -> (f64, f64) {
    match (of.kind.integer_bounds(), of.digits) {
        (Some((least, most)), _) => (least as f64, most as f64),
        (None, Some((precision, scale))) => {
            let whole = 10_f64.powi(precision.saturating_sub(scale).min(300) as i32);
            let most = whole - 10_f64.powi(-(scale as i32));
            (-most, most)
        }
        (None, None) if of.kind == Kind::Float4 => (f64::from(f32::MIN), f64::from(f32::MAX)),
        (None, None) => (f64::MIN, f64::MAX),
    }
}

fn distribution(
    what: &'static str,
    shape: Shape,
    (min, max): (Option<f64>, Option<f64>),
    of: &PgType,
    site: &Site,
) -> Result<Source, ValueProblem> {
    if !of.kind.is_number() {
        return Err(mismatch(what, of, "; it makes numbers"));
    }
    if site.unique {
        return Err(ValueProblem::MayRepeat { what, next: "use `range`" });
    }
    let (least, most) = bounds(of);
    let (low, high) = (min.unwrap_or(least).max(least), max.unwrap_or(most).min(most));
    let possible = match shape {
        Shape::Uniform => true,
        Shape::Normal { mean, deviation } => mean.is_finite() && deviation.is_finite() && deviation >= 0.0,
        Shape::Lognormal { median, sigma } => median.is_finite() && median > 0.0 && sigma.is_finite() && sigma >= 0.0,
    };
    if low > high || !possible {
        let why = "or the figures beside it make no distribution".to_owned();
        return Err(ValueProblem::Range { low, high, why });
    }
    let scale = of.digits.map_or(2, |(_, scale)| scale.min(15));
    Ok(Source::Reals(Reals { key: site.key, shape, low, high, kind: of.kind, scale }))
}

fn prose(what: &'static str, body: Body, of: &PgType, site: &Site) -> Result<Source, ValueProblem> {
    if !matches!(of.kind, Kind::Text | Kind::Bytea) {
        return Err(mismatch(what, of, "; it makes text"));
    }
    let code = if site.unique { Some(code(what, of, site)?) } else { None };
    Ok(Source::Text(Text { key: site.key, body, code, max_chars: of.max_chars }, of.kind))
}

/// Digits that make the text of every row different.
fn code(what: &'static str, of: &PgType, site: &Site) -> Result<Code, ValueProblem> {
    let room = of.max_chars.unwrap_or(usize::MAX);
    Code::fitting(site.key.part(CODE), site.rows, room).ok_or_else(|| ValueProblem::TooFew {
        what,
        possible: 36_u64.saturating_pow(u32::try_from(room).unwrap_or(u32::MAX)),
        rows: site.rows,
        next: "its type is too short; make fewer rows",
    })
}

/// Purposes of a column's key beside its values.
const CODE: u64 = 9;
const CASES: u64 = 100;

fn templated(template: &Template, of: &PgType, site: &mut Site) -> Result<Source, ValueProblem> {
    match template.parts.as_slice() {
        [TemplatePart::Uuid] if of.kind == Kind::Uuid => return Ok(Source::Uuid(site.key)),
        [TemplatePart::Fake(kind)] => return prose("`fake`", Body::Fake(*kind), of, site),
        _ => {}
    }
    let mut pieces = template.parts.iter().map(|part| piece(part, site)).collect::<Result<Vec<_>, _>>()?;
    if site.unique {
        make_unique(&mut pieces, site)?;
    }
    let text = Text { key: site.key, body: Body::Template(pieces), code: None, max_chars: of.max_chars };
    Ok(match of.kind {
        Kind::Text | Kind::Bytea | Kind::Json | Kind::Jsonb => Source::Text(text, of.kind),
        _ => Source::Parsed(text, Arc::new(of.clone())),
    })
}

fn piece(part: &TemplatePart, site: &mut Site) -> Result<Piece, ValueProblem> {
    Ok(match part {
        TemplatePart::Text(text) => Piece::Text(text.as_bytes().into()),
        TemplatePart::Row => Piece::Row,
        TemplatePart::Hex(count) => Piece::Hex(*count),
        TemplatePart::Digits(count) => Piece::Digits(*count),
        TemplatePart::Letters(count) => Piece::Letters(*count),
        TemplatePart::Alnum(count) => Piece::Alnum(*count),
        TemplatePart::Uuid => Piece::Uuid,
        TemplatePart::Int(range) => Piece::Int(range.clone()),
        TemplatePart::Fake(kind) => Piece::Fake(*kind),
        TemplatePart::Column(name) => Piece::Peer((site.peer)(name)?),
    })
}

/// A row number or a UUID makes every text different; else a random piece that is long enough is replaced by a code.
fn make_unique(pieces: &mut [Piece], site: &Site) -> Result<(), ValueProblem> {
    if pieces.iter().any(|piece| matches!(piece, Piece::Row | Piece::Uuid)) {
        return Ok(());
    }
    for piece in pieces {
        let (base, width) = match piece {
            Piece::Hex(width) => (16, *width),
            Piece::Digits(width) => (10, *width),
            Piece::Alnum(width) => (36, *width),
            _ => continue,
        };
        // Random values of so large a space do not meet: the chance that any two of them do is about rows^2 / 2 / space.
        if libm::pow(base as f64, f64::from(width)) > (site.rows as f64).powi(2) * 1e9 {
            return Ok(());
        }
        if let Some(code) = Code::exact(site.key.part(CODE), site.rows, base, width) {
            *piece = Piece::Code(code);
            return Ok(());
        }
    }
    Err(ValueProblem::MayRepeat { what: "the template", next: "add {row}, or a longer {hex:…}, {digits:…} or {alnum:…}" })
}

fn moments(time: &TimeSpec, of: &PgType, site: &Site) -> Result<Source, ValueProblem> {
    let unit_us: i64 = match of.kind {
        Kind::Timestamp | Kind::Timestamptz | Kind::Time | Kind::Text => 1,
        Kind::Date => 86_400_000_000,
        Kind::Int8 => 1_000,
        Kind::Int4 => 1_000_000,
        _ => {
            return Err(mismatch(
                "`time`",
                of,
                "; it fills dates, timestamps, text, and whole numbers (epoch milliseconds or seconds)",
            ));
        }
    };
    let rising = site.rising.then_some(site.rows);
    let mut moments = Moments::new(time, site.until_us, site.key, rising);
    if site.unique {
        let possible = u64::try_from(time.span.as_micros()).unwrap_or(u64::MAX) / unit_us.unsigned_abs();
        let too_few = || ValueProblem::TooFew { what: "`time`", possible, rows: site.rows, next: "take a longer span" };
        moments =
            Moments::distinct(time, site.until_us, site.key, site.rows).filter(|_| site.rows <= possible).ok_or_else(too_few)?;
    }
    Ok(match of.kind {
        Kind::Int4 | Kind::Int8 => Source::Epoch(moments, unit_us, of.kind),
        Kind::Text => {
            Source::Text(Text { key: site.key, body: Body::Moment(moments), code: None, max_chars: of.max_chars }, Kind::Text)
        }
        kind => Source::Moments(moments, kind),
    })
}

fn by(
    column: &str,
    cases: &[(Literal, ValueSpec)],
    otherwise: Option<&ValueSpec>,
    of: &PgType,
    site: &mut Site,
) -> Result<Source, ValueProblem> {
    if site.unique {
        return Err(ValueProblem::MayRepeat { what: "`by`", next: "use a template with {row}" });
    }
    let peer = (site.peer)(column)?;
    let key = site.key;
    let mut compiled = Vec::with_capacity(cases.len());
    for (number, (literal, spec)) in (0..).zip(cases) {
        site.key = key.part(CASES + number);
        let text = literal_text(literal).unwrap_or_default();
        compiled.push((text.into_bytes().into(), compile(spec, of, site)?));
    }
    site.key = key.part(CASES - 1);
    let otherwise = match otherwise {
        Some(spec) => compile(spec, of, site)?,
        None => Cell::null(),
    };
    site.key = key;
    Ok(Source::By(Box::new(By { peer, cases: compiled, otherwise })))
}

fn sequence(of: &PgType, site: &Site) -> Result<Source, ValueProblem> {
    if of.kind.integer_bounds().is_some_and(|(_, most)| site.rows > most.unsigned_abs()) {
        return Err(ValueProblem::RowNumbers(site.rows));
    }
    if of.kind.is_number() || of.kind == Kind::Text {
        Ok(Source::Row(of.kind))
    } else {
        Err(mismatch("`sequence`", of, "; it makes whole numbers"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::{FakeKind, Located, Location};
    use crate::seed::text::append_text;
    use crate::seed::values::Context;
    use std::collections::HashSet;
    use std::time::Duration;

    fn of(base: &str, typmod: i32) -> PgType {
        PgType::named(base, typmod, base, &[]).unwrap()
    }

    fn try_rows(spec: &ValueSpec, of: &PgType, rows: u64, unique: bool) -> Result<Vec<String>, ValueProblem> {
        let sequence = Arc::new(Cell::new(Source::Row(Kind::Int8)));
        let mut peer = |name: &str| match name {
            "id" => Ok(Peer::Cell(sequence.clone(), Kind::Int8)),
            other => Err(ValueProblem::Peer(format!("no {other}"))),
        };
        let until_us = 1_767_225_600_000_000;
        let mut site = Site { key: Key::new(42, &["t", "c"]), rows, unique, rising: false, until_us, peer: &mut peer };
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
        let time = TimeSpec { span: Duration::from_secs(86_400), growth_per_week: 0.1, peak_hours: None };
        for (spec, base) in [
            (ValueSpec::Fake(FakeKind::Email), "text"),
            (ValueSpec::Fake(FakeKind::FirstName), "text"),
            (ValueSpec::Words(1..=2), "text"),
            (ValueSpec::Range { low: 1.0, high: 2_000.0 }, "int4"),
            (ValueSpec::Template(Template { parts: vec![TemplatePart::Hex(3)] }), "text"),
            (ValueSpec::Template(Template { parts: vec![TemplatePart::Uuid] }), "uuid"),
            (ValueSpec::Time(time), "timestamptz"),
            (ValueSpec::Sequence, "int8"),
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
        let refused = try_rows(&ValueSpec::Words(1..=3), &of("int4", -1), 1, false).unwrap_err();
        assert_eq!(refused.to_string(), "`words` cannot fill the type int4; it makes text");
        assert!(try_rows(&ValueSpec::Constant(text("soon")), &of("date", -1), 1, false).is_err());
    }

    #[test]
    fn moments_fill_numbers_as_epochs() {
        let spec = ValueSpec::Time(TimeSpec { span: Duration::from_secs(3_600), growth_per_week: 0.0, peak_hours: None });
        assert!(rows(&spec, "int8", 20).iter().all(|ms| ms.starts_with("17672")), "milliseconds");
        assert!(rows(&spec, "int4", 20).iter().all(|s| s.starts_with("17672") && s.len() == 10), "seconds");
        assert!(rows(&spec, "text", 20).iter().all(|text| text.starts_with("2025-12-31T23:") && text.ends_with('Z')));
    }
}
