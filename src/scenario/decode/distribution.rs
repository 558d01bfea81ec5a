//! What fan-outs and ways to pick share: one shape of several, classes by share, exponents.

use super::fields::{Fields, entries, read};
use crate::scenario::error::{Fault, Problems};
use crate::scenario::quantity;
use crate::scenario::yaml::{Node, Value};

/// The one shape that a mapping names, and what stands behind it. `(message, help)` for a mapping that names none; `more` for a second.
pub fn given_shape<'n, 'k>(
    fields: &Fields<'n>,
    known: &'k [&'k str],
    node: &Node,
    (none, help): (&str, &str),
    more: impl FnOnce(&str) -> Fault,
    problems: &mut Problems,
) -> Option<(&'k str, &'n Node)> {
    match fields.present(known).as_slice() {
        [(only, _)] => Some((only, fields.get(only)?)),
        [_, (second, at), ..] => {
            problems.report(*at, more(second));
            None
        }
        _ => {
            // An unknown key alone is already reported.
            if matches!(&node.value, Value::Mapping(entries) if entries.is_empty()) {
                problems.report(fields.at(), Fault::with_help(none, help));
            }
            None
        }
    }
}

/// The mapping is one of classes without the word: `{1%: 20-30, rest: 1-5}`.
pub fn is_classes(node: &Node) -> bool {
    let class = |text: &str| text == "rest" || text.ends_with('%');
    matches!(&node.value, Value::Mapping(entries) if entries.iter().any(|(key, _)| class(&key.value.text)))
}

/// What stands behind each share; the shares sum to 1, `rest` (last) filled in. `example` for messages.
pub fn shares<T: Clone>(
    node: &Node,
    example: &str,
    mut value: impl FnMut(&Node, &mut Problems) -> Option<T>,
    problems: &mut Problems,
) -> Option<Vec<(f64, T)>> {
    let mut classes = Vec::new();
    let mut rest = None;
    let mut complete = true;
    for (key, node) in entries(node, "`classes`", problems)? {
        let value = value(node, problems);
        if key.value.text == "rest" {
            rest = value.clone();
            complete &= rest.is_some();
        } else {
            let wrong = |_| {
                Fault::with_help(format!("`{}` is not a share", key.value.text), "write e.g. `1%`, and `rest` for the others")
            };
            let share = problems.keep(key.at, quantity::share(&key.value.text).map_err(wrong));
            match (share, value) {
                (Some(share), Some(value)) => classes.push((share, value)),
                _ => complete = false,
            }
        }
    }
    if !complete {
        return None;
    }
    let sum: f64 = classes.iter().map(|(share, _)| share).sum();
    // Shares are written with few digits; what is further off than their rounding is a mistake.
    if sum > 1.0 + 1e-9 {
        problems.report(node.at, Fault::new(format!("the shares of the classes sum to {}, more than 100%", percent(sum))));
        return None;
    }
    match rest {
        Some(value) => classes.push(((1.0 - sum).max(0.0), value)),
        None if sum < 1.0 - 1e-9 => {
            let message = format!("the shares of the classes sum to {} only", percent(sum));
            problems.report(node.at, Fault::with_help(message, format!("name the others as `rest`, {example}")));
            return None;
        }
        None => {}
    }
    Some(classes)
}

/// A share as people write it.
pub fn percent(share: f64) -> String {
    format!("{}%", (share * 1e4).round() / 100.0)
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

/// Over 0 and at most [`STEEPEST_ZIPF`].
pub fn zipf_exponent(node: &Node, problems: &mut Problems) -> Option<f64> {
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
