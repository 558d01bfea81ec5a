//! How many, and which: `fanout:` and `pick:`.

use super::fields::{Fields, entries, items, read};
use crate::scenario::error::{Fault, Problems};
use crate::scenario::model::{Fanout, FanoutClass, Pick};
use crate::scenario::quantity;
use crate::scenario::yaml::{Node, Value};

/// `fanout:`
pub fn fanout(node: &Node, problems: &mut Problems) -> Option<Fanout> {
    const HELP: &str =
        "write `even`, `poisson`, `1-5`, `{lognormal: {sigma: 0.8}}`, `{zipf: 1.1}` or `{classes: {1%: 20-30, rest: 1-5}}`";
    if let Value::Scalar(_) = node.value {
        return match node.text() {
            Some("even") => Some(Fanout::Even),
            Some("poisson") => Some(Fanout::Poisson),
            Some(text) if text.starts_with(|c: char| c.is_ascii_digit()) => {
                problems.keep(node.at, quantity::whole_range(text)).map(Fanout::Range)
            }
            _ => {
                problems.report(node.at, Fault::with_help(format!("{} is not a fan-out", node.describe()), HELP));
                None
            }
        };
    }
    let fields = Fields::of(node, "`fanout`", &["lognormal", "zipf", "classes"], problems)?;
    match fields.present(&["lognormal", "zipf", "classes"]).as_slice() {
        [("lognormal", _)] => lognormal(fields.get("lognormal")?, problems),
        [("zipf", _)] => zipf(fields.get("zipf")?, problems).map(|exponent| Fanout::Zipf { exponent }),
        [("classes", _)] => classes(fields.get("classes")?, problems).map(Fanout::Classes),
        [_, (second, at), ..] => {
            problems.report(*at, Fault::new(format!("a fan-out has one shape; `{second}` is a second one")));
            None
        }
        _ => {
            // An unknown key alone is already reported.
            if matches!(&node.value, Value::Mapping(entries) if entries.is_empty()) {
                problems.report(fields.at(), Fault::with_help("`fanout` says no shape", HELP));
            }
            None
        }
    }
}

fn lognormal(node: &Node, problems: &mut Problems) -> Option<Fanout> {
    let fields = Fields::of(node, "`lognormal`", &["sigma", "min", "max"], problems)?;
    let sigma = fields.require("sigma", problems).and_then(|node| positive(node, "`sigma`", problems));
    let min = fields.get("min").map_or(Some(0), |node| read(node, "`min`", quantity::whole, problems));
    let max = match fields.get("max") {
        Some(node) => Some(read(node, "`max`", quantity::whole, problems)?),
        None => None,
    };
    let (sigma, min) = (sigma?, min?);
    if let Some(max) = max.filter(|max| *max < min) {
        problems.report(fields.at(), Fault::new(format!("`max: {max}` is below `min: {min}`")));
        return None;
    }
    Some(Fanout::Lognormal { sigma, min, max })
}

/// Shares of the parents, `rest` filled in.
fn classes(node: &Node, problems: &mut Problems) -> Option<Vec<FanoutClass>> {
    let mut classes = Vec::new();
    let mut rest = None;
    let mut complete = true;
    for (key, node) in entries(node, "`classes`", problems)? {
        let children = read(node, "the children of a class", quantity::whole_range, problems);
        if key.value.text == "rest" {
            rest = children.clone();
            complete &= rest.is_some();
        } else {
            let share = problems.keep(key.at, quantity::share(&key.value.text));
            match (share, children) {
                (Some(share), Some(children)) => classes.push(FanoutClass { share, children }),
                _ => complete = false,
            }
        }
    }
    if !complete {
        return None;
    }
    let sum: f64 = classes.iter().map(|class| class.share).sum();
    let percent = |share: f64| format!("{}%", (share * 1e4).round() / 100.0);
    // Shares are written with few digits; what is further off than their rounding is a mistake.
    if sum > 1.0 + 1e-9 {
        problems.report(node.at, Fault::new(format!("the shares of the classes sum to {}, more than 100%", percent(sum))));
        return None;
    }
    match rest {
        Some(children) => classes.push(FanoutClass { share: (1.0 - sum).max(0.0), children }),
        None if sum < 1.0 - 1e-9 => {
            let message = format!("the shares of the classes sum to {} only", percent(sum));
            problems.report(node.at, Fault::with_help(message, "name the others as `rest`, e.g. `{1%: 20-30, rest: 1-5}`"));
            return None;
        }
        None => {}
    }
    Some(classes)
}

/// `pick:`
pub fn pick(node: &Node, problems: &mut Problems) -> Option<Pick> {
    const HELP: &str = "write `uniform`, `{zipf: 1.05}`, `{weights: [8, 1]}` or `{repeat: 11}`";
    if let Value::Scalar(_) = node.value {
        if node.text() == Some("uniform") {
            return Some(Pick::Uniform);
        }
        problems.report(node.at, Fault::with_help(format!("{} is not a way to pick rows", node.describe()), HELP));
        return None;
    }
    let known = ["zipf", "weights", "repeat"];
    let fields = Fields::of(node, "`pick`", &known, problems)?;
    match fields.present(&known).as_slice() {
        [("zipf", _)] => zipf(fields.get("zipf")?, problems).map(|exponent| Pick::Zipf { exponent }),
        [("weights", _)] => weights(fields.get("weights")?, problems).map(Pick::Weights),
        [("repeat", _)] => {
            let node = fields.get("repeat")?;
            let rows = read(node, "`repeat`", quantity::whole, problems)?;
            if rows == 0 {
                problems.report(node.at, Fault::new("`repeat` needs at least one row"));
            }
            Some(Pick::Repeat(rows))
        }
        [_, (second, at), ..] => {
            problems.report(*at, Fault::new(format!("rows are picked in one way; `{second}` is a second one")));
            None
        }
        _ => {
            if matches!(&node.value, Value::Mapping(entries) if entries.is_empty()) {
                problems.report(fields.at(), Fault::with_help("`pick` says no way", HELP));
            }
            None
        }
    }
}

fn weights(node: &Node, problems: &mut Problems) -> Option<Vec<f64>> {
    let items = items(node, "`weights`", problems)?;
    let weights: Vec<f64> = items.iter().filter_map(|item| weight(item, problems)).collect();
    if weights.len() < items.len() {
        return None;
    }
    some_weight(&weights, node, problems).then_some(weights)
}

/// A relative weight: `8`, `80%`; at least 0.
pub fn weight(node: &Node, problems: &mut Problems) -> Option<f64> {
    let value = read(node, "a weight", quantity::percentage, problems)?;
    if value >= 0.0 {
        return Some(value);
    }
    problems.report(node.at, Fault::new(format!("a weight cannot be negative: {value}")));
    None
}

/// True when at least one weight is over 0.
pub fn some_weight(weights: &[f64], node: &Node, problems: &mut Problems) -> bool {
    let some = weights.iter().sum::<f64>() > 0.0;
    if !some {
        problems.report(node.at, Fault::new("at least one weight must be over 0"));
    }
    some
}

/// Exponents of popularity seen in practice lie between 0.5 and 2; beyond 10 one row takes everything.
const STEEPEST_ZIPF: f64 = 10.0;

fn zipf(node: &Node, problems: &mut Problems) -> Option<f64> {
    let exponent = read(node, "`zipf`", quantity::number, problems)?;
    if exponent > 0.0 && exponent <= STEEPEST_ZIPF {
        return Some(exponent);
    }
    let help = format!("an exponent over 0 and at most {STEEPEST_ZIPF}; 1.1 is a usual popularity");
    problems.report(node.at, Fault::with_help(format!("`{exponent}` is not an exponent of Zipf's law"), help));
    None
}

/// A number over 0, at most 10: the sigma of a lognormal, beyond which its values overflow.
pub fn positive(node: &Node, what: &str, problems: &mut Problems) -> Option<f64> {
    let value = read(node, what, quantity::number, problems)?;
    if value > 0.0 && value <= 10.0 {
        return Some(value);
    }
    problems.report(node.at, Fault::new(format!("{what} must be over 0 and at most 10, not {value}")));
    None
}
