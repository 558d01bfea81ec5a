//! `fanout:`, how many children each parent has.

use super::distribution::{given_shape, is_classes, positive, shares, zipf_exponent};
use super::fields::{Fields, read};
use crate::scenario::error::{Fault, Problems};
use crate::scenario::grammar;
use crate::scenario::model::{Center, Fanout, FanoutClass};
use crate::scenario::quantity;
use crate::scenario::yaml::{Node, Value};

const HELP: &str = "write `3`, `1-5`, `even`, `poisson`, `{lognormal: {sigma: 0.8}}`, `{pareto: 1.5}`, `{zipf: 1.1}` or `{1%: 20-30, rest: 1-5}`";

const SHAPES: [&str; 5] = ["lognormal", "pareto", "zipf", "poisson", "classes"];

/// `fanout:`
pub fn fanout(node: &Node, problems: &mut Problems) -> Option<Fanout> {
    if let Value::Scalar(_) = node.value {
        return match node.text() {
            Some("even") => Some(Fanout::Even),
            Some("poisson") => Some(Fanout::Poisson { mean: None }),
            Some(text) if text.starts_with(|c: char| c.is_ascii_digit()) => {
                problems.keep(node.at, quantity::whole_range(text)).map(Fanout::Range)
            }
            _ => {
                problems.report(node.at, Fault::with_help(format!("{} is not a fan-out", node.describe()), HELP));
                None
            }
        };
    }
    if is_classes(node) {
        return classes(node, problems);
    }
    let fields = Fields::described(node, &grammar::FANOUT, problems)?;
    let more = |second: &str| Fault::new(format!("a fan-out has one shape; `{second}` is a second one"));
    let (shape, node) = given_shape(&fields, &SHAPES, node, ("`fanout` says no shape", HELP), more, problems)?;
    match shape {
        "lognormal" => lognormal(node, problems),
        "pareto" => pareto(node, problems),
        "zipf" => zipf(node, problems),
        "poisson" => poisson(node, problems),
        _ => classes(node, problems),
    }
}

/// Bounds and mean that a shape may have of its own.
struct Figures {
    mean: Option<f64>,
    min: Option<u64>,
    max: Option<u64>,
}

impl Figures {
    /// `None`: something is wrong with them, and was reported.
    fn of(fields: &Fields<'_>, problems: &mut Problems) -> Option<Figures> {
        let mean = optional(fields, "mean", problems, |node, problems| children(node, "`mean`", problems));
        let min = optional(fields, "min", problems, |node, problems| read(node, "`min`", quantity::whole, problems));
        let max = optional(fields, "max", problems, |node, problems| read(node, "`max`", quantity::whole, problems));
        let figures = Figures { mean: mean?, min: min?, max: max? };
        let least = figures.min.unwrap_or(0);
        if let Some(max) = figures.max.filter(|max| *max < least) {
            problems.report(fields.at(), Fault::new(format!("`max: {max}` is below `min: {least}`")));
            return None;
        }
        if let Some(mean) = figures.mean.filter(|mean| *mean < least as f64 || figures.max.is_some_and(|max| *mean > max as f64))
        {
            problems.report(fields.at(), Fault::new(format!("`mean: {mean}` is not between `min` and `max`")));
            return None;
        }
        Some(figures)
    }
}

/// `Some(None)`: not written; `None`: written wrong.
fn optional<T>(
    fields: &Fields<'_>,
    key: &str,
    problems: &mut Problems,
    read: impl FnOnce(&Node, &mut Problems) -> Option<T>,
) -> Option<Option<T>> {
    match fields.get(key) {
        Some(node) => read(node, problems).map(Some),
        None => Some(None),
    }
}

/// A mean or median number of children: over 0.
fn children(node: &Node, what: &str, problems: &mut Problems) -> Option<f64> {
    let value = read(node, what, quantity::number, problems)?;
    if value > 0.0 {
        return Some(value);
    }
    problems.report(node.at, Fault::new(format!("{what} must be over 0, not {value}")));
    None
}

fn lognormal(node: &Node, problems: &mut Problems) -> Option<Fanout> {
    let fields = Fields::described(node, &grammar::FANOUT_LOGNORMAL, problems)?;
    let sigma = fields.require("sigma", problems).and_then(|node| positive(node, "`sigma`", problems));
    let median = optional(&fields, "median", problems, |node, problems| children(node, "`median`", problems));
    let figures = Figures::of(&fields, problems);
    let (sigma, median, figures) = (sigma?, median?, figures?);
    let center = match (figures.mean, median) {
        (Some(_), Some(_)) => {
            let at = fields.key_at("median").unwrap_or(node.at);
            problems.report(at, Fault::with_help("`median` beside `mean`", "sigma and one of the two say it all"));
            return None;
        }
        (Some(mean), None) => Some(Center::Mean(mean)),
        (None, median) => median.map(Center::Median),
    };
    Some(Fanout::Lognormal { sigma, center, min: figures.min.unwrap_or(0), max: figures.max })
}

/// `{pareto: 1.5}` or `{pareto: {shape: 1.5, …}}`
fn pareto(node: &Node, problems: &mut Problems) -> Option<Fanout> {
    if let Value::Scalar(_) = node.value {
        let shape = positive(node, "the shape of a pareto", problems)?;
        return Some(Fanout::Pareto { shape, mean: None, min: None, max: None });
    }
    let fields = Fields::described(node, &grammar::FANOUT_PARETO, problems)?;
    let shape = fields.require("shape", problems).and_then(|node| positive(node, "`shape`", problems));
    let figures = Figures::of(&fields, problems);
    let (shape, figures) = (shape?, figures?);
    Some(Fanout::Pareto { shape, mean: figures.mean, min: figures.min, max: figures.max })
}

/// `{zipf: 1.1}` or `{zipf: {exponent: 1.1, …}}`
fn zipf(node: &Node, problems: &mut Problems) -> Option<Fanout> {
    if let Value::Scalar(_) = node.value {
        let exponent = zipf_exponent(node, problems)?;
        return Some(Fanout::Zipf { exponent, mean: None, min: 0, max: None });
    }
    let fields = Fields::described(node, &grammar::FANOUT_ZIPF, problems)?;
    let exponent = fields.require("exponent", problems).and_then(|node| zipf_exponent(node, problems));
    let figures = Figures::of(&fields, problems);
    let (exponent, figures) = (exponent?, figures?);
    Some(Fanout::Zipf { exponent, mean: figures.mean, min: figures.min.unwrap_or(0), max: figures.max })
}

/// `{poisson: 3}` or `{poisson: {mean: 3}}`
fn poisson(node: &Node, problems: &mut Problems) -> Option<Fanout> {
    let mean = match node.value {
        Value::Scalar(_) => children(node, "the mean of a poisson", problems)?,
        _ => {
            let fields = Fields::described(node, &grammar::FANOUT_POISSON, problems)?;
            children(fields.require("mean", problems)?, "`mean`", problems)?
        }
    };
    Some(Fanout::Poisson { mean: Some(mean) })
}

/// Shares of the parents, `rest` filled in.
fn classes(node: &Node, problems: &mut Problems) -> Option<Fanout> {
    let read = |node: &Node, problems: &mut Problems| read(node, "the children of a class", quantity::whole_range, problems);
    let classes = shares(node, "e.g. `{1%: 20-30, rest: 1-5}`", read, problems)?;
    Some(Fanout::Classes(classes.into_iter().map(|(share, children)| FanoutClass { share, children }).collect()))
}
