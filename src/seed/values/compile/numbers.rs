//! Numbers between bounds.

use crate::scenario::model::{Template, TemplatePart};
use crate::seed::permutation::Permutation;
use crate::seed::types::{Kind, PgType, power_of_ten};

use super::super::number::Shape;
use super::super::{Integers, Reals, Source, ValueProblem};
use super::texts::templated;
use super::{Site, mismatch};

pub(super) fn range(low: f64, high: f64, of: &PgType, site: &mut Site) -> Result<Source, ValueProblem> {
    let wrong = |why: String| ValueProblem::Range { low, high, why };
    if !(low.is_finite() && high.is_finite() && low <= high) {
        return Err(wrong("has its bounds the wrong way round".into()));
    }
    if of.kind == Kind::Text {
        let numbers = TemplatePart::Int(low.ceil() as i64..=high.floor() as i64);
        return templated(&Template { parts: vec![numbers] }, of, site);
    }
    let scale = match of.kind {
        Kind::Numeric | Kind::Money => numeric_scale(of, low, high),
        Kind::Float4 | Kind::Float8 if !site.unique => {
            return Ok(Source::Reals(Reals { key: site.key, shape: Shape::Uniform, low, high, kind: of.kind, scale: 0 }));
        }
        kind if kind.is_number() => 0,
        _ => return Err(mismatch("`range`", of, "; use `values`, or `time` for moments")),
    };
    let unit = power_of_ten(scale);
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
fn numeric_scale(of: &PgType, low: f64, high: f64) -> i32 {
    match of.digits {
        Some((_, scale)) => scale.min(15),
        None if low.fract() == 0.0 && high.fract() == 0.0 => 0,
        None => 2,
    }
}

/// The smallest and the largest number that a type holds.
fn bounds(of: &PgType) -> (f64, f64) {
    match (of.kind.integer_bounds(), of.largest()) {
        (Some((least, most)), _) => (least as f64, most as f64),
        (None, Some(most)) => (-most, most),
        (None, None) if of.kind == Kind::Float4 => (f64::from(f32::MIN), f64::from(f32::MAX)),
        (None, None) => (f64::MIN, f64::MAX),
    }
}

pub(super) fn distribution(
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
    let (mut least, mut most) = bounds(of);
    if matches!(shape, Shape::Price { .. }) && of.kind.is_integer() {
        (least, most) = (least / 100.0, most / 100.0);
    }
    let (low, high) = (min.unwrap_or(least).max(least), max.unwrap_or(most).min(most));
    let possible = match &shape {
        Shape::Uniform | Shape::Exponential { .. } | Shape::Pareto { .. } | Shape::Zipf(_) => true,
        Shape::Normal { mean, deviation } => mean.is_finite() && deviation.is_finite() && *deviation >= 0.0,
        Shape::Lognormal { median, sigma } | Shape::Price { median, sigma } => {
            median.is_finite() && *median > 0.0 && sigma.is_finite() && *sigma >= 0.0
        }
    };
    if low > high || !possible {
        let why = "or the figures beside it make no distribution".to_owned();
        return Err(ValueProblem::Range { low, high, why });
    }
    let scale = of.digits.map_or(2, |(_, scale)| scale.min(15));
    Ok(Source::Reals(Reals { key: site.key, shape, low, high, kind: of.kind, scale }))
}
