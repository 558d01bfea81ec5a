//! `pick:`, which rows are chosen how often.

use super::distribution::{given_shape, is_classes, percent, positive, shares, some_weight, weight, zipf_exponent};
use super::fields::{Fields, items, read};
use crate::scenario::error::{Fault, Problems};
use crate::scenario::grammar::{self, Mapping};
use crate::scenario::model::{Pick, PickClass};
use crate::scenario::quantity;
use crate::scenario::yaml::{Node, Value};

const HELP: &str = "write `uniform`, `{zipf: 1.05}`, `{lognormal: 0.8}`, `{pareto: 1.5}`, `{1%: 50%, rest: 50%}`, `{weights: [8, 1]}` or `{repeat: 11}`";

const WAYS: [&str; 6] = ["zipf", "lognormal", "pareto", "classes", "weights", "repeat"];

/// `pick:`
pub fn pick(node: &Node, problems: &mut Problems) -> Option<Pick> {
    if let Value::Scalar(_) = node.value {
        if node.text() == Some("uniform") {
            return Some(Pick::Uniform);
        }
        problems.report(node.at, Fault::with_help(format!("{} is not a way to pick rows", node.describe()), HELP));
        return None;
    }
    if is_classes(node) {
        return classes(node, problems);
    }
    let fields = Fields::described(node, &grammar::PICK, problems)?;
    let more = |second: &str| Fault::new(format!("rows are picked in one way; `{second}` is a second one"));
    let (way, node) = given_shape(&fields, &WAYS, node, ("`pick` says no way", HELP), more, problems)?;
    match way {
        "zipf" => figure(node, &grammar::PICK_ZIPF, problems, zipf_exponent).map(|exponent| Pick::Zipf { exponent }),
        "lognormal" => {
            let read = |node: &Node, problems: &mut Problems| positive(node, "`sigma`", problems);
            figure(node, &grammar::PICK_LOGNORMAL, problems, read).map(|sigma| Pick::Lognormal { sigma })
        }
        "pareto" => figure(node, &grammar::PICK_PARETO, problems, pareto_shape).map(|shape| Pick::Pareto { shape }),
        "classes" => classes(node, problems),
        "weights" => weights(node, problems).map(Pick::Weights),
        _ => {
            let rows = read(node, "`repeat`", quantity::whole, problems)?;
            if rows == 0 {
                problems.report(node.at, Fault::new("`repeat` needs at least one row"));
            }
            Some(Pick::Repeat(rows))
        }
    }
}

/// `{zipf: 1.05}` or `{zipf: {exponent: 1.05}}`
fn figure(
    node: &Node,
    long: &'static Mapping,
    problems: &mut Problems,
    read: impl FnOnce(&Node, &mut Problems) -> Option<f64>,
) -> Option<f64> {
    if let Value::Scalar(_) = node.value {
        return read(node, problems);
    }
    let fields = Fields::described(node, long, problems)?;
    let [key] = long.keys else { return None };
    read(fields.require(key.name, problems)?, problems)
}

/// At 1 and below the weights have no mean, and one row of a large table takes everything.
fn pareto_shape(node: &Node, problems: &mut Problems) -> Option<f64> {
    let shape = positive(node, "the shape of a pareto", problems)?;
    if shape > 1.0 {
        return Some(shape);
    }
    let help = "the larger, the more even; 1.16 gives a fifth of the rows four fifths of the choices";
    problems.report(node.at, Fault::with_help(format!("a pareto pick needs a shape over 1, not {shape}"), help));
    None
}

fn weights(node: &Node, problems: &mut Problems) -> Option<Vec<f64>> {
    let items = items(node, "`weights`", problems)?;
    let weights: Vec<f64> = items.iter().filter_map(|item| weight(item, problems)).collect();
    if weights.len() < items.len() {
        return None;
    }
    some_weight(&weights, node, problems).then_some(weights)
}

/// `{1%: 50%, rest: 50%}`: shares of the rows, and of the choices that fall on them.
fn classes(node: &Node, problems: &mut Problems) -> Option<Pick> {
    let read = |node: &Node, problems: &mut Problems| read(node, "the choices of a class", quantity::share, problems);
    let classes = shares(node, "e.g. `{1%: 50%, rest: 50%}`", read, problems)?;
    let sum: f64 = classes.iter().map(|(_, choices)| choices).sum();
    if (sum - 1.0).abs() > 1e-9 {
        let message = format!("the choices of the classes sum to {}, not 100%", percent(sum));
        problems.report(node.at, Fault::with_help(message, "write e.g. `{1%: 50%, rest: 50%}`"));
        return None;
    }
    if let Some((_, choices)) = classes.iter().find(|(rows, choices)| *rows == 0.0 && *choices > 0.0) {
        let message = format!("{} of the choices fall on a class without rows", percent(*choices));
        problems.report(node.at, Fault::new(message));
        return None;
    }
    Some(Pick::Classes(classes.into_iter().map(|(rows, choices)| PickClass { rows, choices }).collect()))
}
