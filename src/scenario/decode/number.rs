//! Numbers of a distribution, and texts whose lengths follow one.

use super::distribution::{positive, zipf_exponent};
use super::fields::{Fields, read};
use crate::scenario::error::{Fault, Problems};
use crate::scenario::grammar::{self, Mapping};
use crate::scenario::model::ValueSpec;
use crate::scenario::quantity;
use crate::scenario::yaml::{Node, Value};

pub fn range(node: &Node, problems: &mut Problems) -> Option<ValueSpec> {
    let (low, high) = match &node.value {
        Value::Sequence(items) => {
            let [low, high] = items.as_slice() else {
                problems.report(node.at, Fault::new("a range has two ends: `[0.5, 99.99]`"));
                return None;
            };
            if let (Some(low), Some(high)) = (unlike_a_number(low), unlike_a_number(high)) {
                return Some(ValueSpec::Between { low: low.to_owned(), high: high.to_owned() });
            }
            let low_value = read(low, "the low end", quantity::number, problems);
            let high_value = read(high, "the high end", quantity::number, problems);
            (low_value?, high_value?)
        }
        _ => read(node, "`range`", quantity::range, problems)?,
    };
    if low <= high {
        return Some(ValueSpec::Range { low, high });
    }
    problems.report(node.at, Fault::with_help("the range ends before it starts", "write the smaller number first"));
    None
}

/// The text of a scalar that is no number: a moment or an interval.
fn unlike_a_number(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Scalar(scalar) if quantity::number(&scalar.text).is_err() => Some(&scalar.text),
        _ => None,
    }
}

/// `min:` and `max:` of a distribution, in order.
fn limits(fields: &Fields<'_>, problems: &mut Problems) -> Option<(Option<f64>, Option<f64>)> {
    let mut limit = |key: &str| match fields.get(key) {
        Some(node) => read(node, &format!("`{key}`"), quantity::number, problems).map(Some),
        None => Some(None),
    };
    let (min, max) = (limit("min"), limit("max"));
    let (min, max) = (min?, max?);
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        problems.report(fields.at(), Fault::new(format!("`max: {max}` is below `min: {min}`")));
        return None;
    }
    Some((min, max))
}

pub fn normal(node: &Node, problems: &mut Problems) -> Option<ValueSpec> {
    let fields = Fields::described(node, &grammar::NORMAL, problems)?;
    let mean = fields.require("mean", problems).and_then(|node| read(node, "`mean`", quantity::number, problems));
    let deviation = fields.require("deviation", problems).and_then(|node| {
        let value = read(node, "`deviation`", quantity::number, problems)?;
        if value <= 0.0 {
            problems.report(node.at, Fault::new(format!("`deviation` must be over 0, not {value}")));
        }
        Some(value)
    });
    let (min, max) = limits(&fields, problems)?;
    Some(ValueSpec::Normal { mean: mean?, deviation: deviation?, min, max })
}

pub fn lognormal(node: &Node, problems: &mut Problems) -> Option<ValueSpec> {
    let (median, sigma, min, max) = around_a_median(node, &grammar::LOGNORMAL, problems)?;
    Some(ValueSpec::Lognormal { median, sigma, min, max })
}

pub fn price(node: &Node, problems: &mut Problems) -> Option<ValueSpec> {
    let (median, sigma, min, max) = around_a_median(node, &grammar::PRICE, problems)?;
    Some(ValueSpec::Price { median, sigma, min, max })
}

/// `{text: {median: 240, sigma: 0.8, min: 20, max: 4000}}`
pub fn prose(node: &Node, problems: &mut Problems) -> Option<ValueSpec> {
    let (median, sigma, min, max) = around_a_median(node, &grammar::PROSE, problems)?;
    let most = max.unwrap_or(LONGEST_TEXT);
    if min.unwrap_or(1.0) < 1.0 || most > LONGEST_TEXT || median > most {
        let fault = format!("`text` has lengths from 1 to {LONGEST_TEXT} characters, `median` among them");
        problems.report(node.at, Fault::new(fault));
        return None;
    }
    Some(ValueSpec::Prose { median, sigma, min: min.unwrap_or(1.0) as u64, max: max.map(|max| max as u64) })
}

/// Longer texts are documents, which a table does not keep.
const LONGEST_TEXT: f64 = 1_000_000.0;

type AroundAMedian = (f64, f64, Option<f64>, Option<f64>);

fn around_a_median(node: &Node, what: &'static Mapping, problems: &mut Problems) -> Option<AroundAMedian> {
    let fields = Fields::described(node, what, problems)?;
    let median = fields.require("median", problems).and_then(|node| above_zero(node, "`median`", problems));
    let sigma = fields.require("sigma", problems).and_then(|node| positive(node, "`sigma`", problems));
    let (min, max) = limits(&fields, problems)?;
    Some((median?, sigma?, min, max))
}

fn above_zero(node: &Node, what: &str, problems: &mut Problems) -> Option<f64> {
    let value = read(node, what, quantity::number, problems)?;
    if value <= 0.0 {
        problems.report(node.at, Fault::new(format!("{what} must be over 0, not {value}")));
        return None;
    }
    Some(value)
}

pub fn exponential(node: &Node, problems: &mut Problems) -> Option<ValueSpec> {
    let fields = Fields::described(node, &grammar::EXPONENTIAL, problems)?;
    let mean = fields.require("mean", problems).and_then(|node| read(node, "`mean`", quantity::number, problems));
    let (min, max) = limits(&fields, problems)?;
    let (mean, min) = (mean?, min.unwrap_or(0.0));
    if mean > min {
        return Some(ValueSpec::Exponential { mean, min, max });
    }
    problems.report(fields.at(), Fault::new(format!("`mean` must be over `min`, but {mean} is not over {min}")));
    None
}

/// The shape of Pareto's law in practice lies between 1 and 3; near 0 a few values take everything.
const FLATTEST_PARETO: f64 = 0.1;

pub fn pareto(node: &Node, problems: &mut Problems) -> Option<ValueSpec> {
    let fields = Fields::described(node, &grammar::PARETO, problems)?;
    let min = fields.require("min", problems).and_then(|node| above_zero(node, "`min`", problems));
    let shape = fields.require("shape", problems).and_then(|node| {
        let shape = read(node, "`shape`", quantity::number, problems)?;
        if (FLATTEST_PARETO..=100.0).contains(&shape) {
            return Some(shape);
        }
        let message = format!("`shape` must be {FLATTEST_PARETO} to 100, not {shape}");
        problems.report(node.at, Fault::with_help(message, "1.16 gives the top fifth four fifths of the sum"));
        None
    });
    let (_, max) = limits(&fields, problems)?;
    Some(ValueSpec::Pareto { min: min?, shape: shape?, max })
}

pub fn zipf(node: &Node, problems: &mut Problems) -> Option<ValueSpec> {
    let fields = Fields::described(node, &grammar::ZIPF, problems)?;
    let exponent = fields.require("exponent", problems).and_then(|node| zipf_exponent(node, problems));
    let max = fields.require("max", problems).and_then(|node| {
        let max = read(node, "`max`", quantity::whole, problems)?;
        if max == 0 {
            problems.report(node.at, Fault::new("`max` must be over 0: the values go from 1 to it"));
        }
        Some(max)
    });
    Some(ValueSpec::Zipf { exponent: exponent?, max: max? })
}
