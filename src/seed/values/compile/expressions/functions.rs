//! Functions that formulas may call.

use crate::scenario::error::did_you_mean;
use crate::scenario::expression::{Binary, Expr};
use crate::seed::values::expression::{Node, Part, Type};

use super::{Builder, Typed, ValueProblem};

/// Names with the fewest and the most values each takes.
const FUNCTIONS: [(&str, usize, usize); 37] = [
    ("abs", 1, 1),
    ("age_days", 1, 1),
    ("ceil", 1, 1),
    ("coalesce", 1, 64),
    ("date", 1, 1),
    ("day", 1, 1),
    ("days", 1, 1),
    ("exp", 1, 1),
    ("floor", 1, 1),
    ("greatest", 1, 64),
    ("hour", 1, 1),
    ("hours", 1, 1),
    ("if", 3, 3),
    ("least", 1, 64),
    ("left", 2, 2),
    ("length", 1, 1),
    ("ln", 1, 1),
    ("lower", 1, 1),
    ("minute", 1, 1),
    ("minutes", 1, 1),
    ("month", 1, 1),
    ("now", 0, 0),
    ("nullif", 2, 2),
    ("number", 1, 1),
    ("power", 2, 2),
    ("random", 0, 2),
    ("right", 2, 2),
    ("round", 1, 2),
    ("row", 0, 0),
    ("seconds", 1, 1),
    ("sign", 1, 1),
    ("sqrt", 1, 1),
    ("substring", 2, 3),
    ("text", 1, 1),
    ("upper", 1, 1),
    ("weekday", 1, 1),
    ("year", 1, 1),
];

/// The node of a call.
pub(super) fn call(builder: &mut Builder, at: usize, name: &str, given: &[Expr]) -> Result<Typed, ValueProblem> {
    let Some((_, fewest, most)) = FUNCTIONS.iter().find(|(known, ..)| *known == name) else {
        let help = did_you_mean(name, FUNCTIONS.iter().map(|(known, ..)| *known));
        let names: Vec<&str> = FUNCTIONS.iter().map(|(known, ..)| *known).collect();
        let help = help.unwrap_or_else(|| format!("functions are {}", names.join(", ")));
        return Err(builder.wrong(at, format!("unknown function `{name}`; {help}")));
    };
    if !(*fewest..=*most).contains(&given.len()) || (name == "random" && given.len() == 1) {
        let takes = match (*fewest, *most) {
            _ if name == "random" => "no or 2 values".to_owned(),
            (0, 0) => "no value".to_owned(),
            (1, 1) => "1 value".to_owned(),
            (low, high) if low == high => format!("{low} values"),
            (low, high) => format!("{low} to {high} values"),
        };
        return Err(builder.wrong(at, format!("`{name}` takes {takes}, not {}", given.len())));
    }
    numbers(builder, name, given)
        .or_else(|| moments(builder, name, given))
        .or_else(|| texts(builder, name, given))
        .unwrap_or_else(|| choices(builder, at, name, given))
}

/// `None`: the name is none of these.
type Found = Option<Result<Typed, ValueProblem>>;

fn numbers(builder: &mut Builder, name: &str, given: &[Expr]) -> Found {
    let applied: fn(f64) -> f64 = match name {
        "abs" => f64::abs,
        "ceil" => f64::ceil,
        "floor" => f64::floor,
        "sign" => |value| if value == 0.0 { 0.0 } else { value.signum() },
        "sqrt" => f64::sqrt,
        "exp" => libm::exp,
        "ln" => libm::log,
        _ => return further_numbers(builder, name, given),
    };
    let who = format!("`{name}`");
    Some(builder.of_type(&given[0], Type::Number, &who).map(|node| (Node::Applied(applied, Box::new(node)), Type::Number)))
}

fn further_numbers(builder: &mut Builder, name: &str, given: &[Expr]) -> Found {
    let who = format!("`{name}`");
    let mut number = |at: usize| builder.of_type(&given[at], Type::Number, &who);
    let node = match name {
        "round" => number(0).and_then(|value| {
            let digits = if given.len() > 1 { number(1)? } else { Node::Number(0.0) };
            Ok(Node::Rounded(Box::new([value, digits])))
        }),
        "power" => number(0).and_then(|base| Ok(Node::Power(Box::new([base, number(1)?])))),
        "random" if given.is_empty() => Ok(Node::Random(builder.draw())),
        "random" => {
            let bounds = number(0).and_then(|low| Ok([low, number(1)?]));
            bounds.map(|bounds| Node::RandomBetween(builder.draw(), Box::new(bounds)))
        }
        "row" => Ok(Node::Row),
        "number" => builder.of_type(&given[0], Type::Text, &who).map(|text| Node::Parsed(Box::new(text))),
        "length" => builder.of_type(&given[0], Type::Text, &who).map(|text| Node::Length(Box::new(text))),
        _ => return None,
    };
    Some(node.map(|node| (node, Type::Number)))
}

fn moments(builder: &mut Builder, name: &str, given: &[Expr]) -> Found {
    let part = match name {
        "year" => Part::Year,
        "month" => Part::Month,
        "day" => Part::Day,
        "hour" => Part::Hour,
        "minute" => Part::Minute,
        "weekday" => Part::Weekday,
        _ => return further_moments(builder, name, given),
    };
    let who = format!("`{name}`");
    Some(builder.of_type(&given[0], Type::Moment, &who).map(|moment| (Node::Part(part, Box::new(moment)), Type::Number)))
}

fn further_moments(builder: &mut Builder, name: &str, given: &[Expr]) -> Found {
    const DAY_US: i64 = 86_400_000_000;
    let who = format!("`{name}`");
    let unit = match name {
        "days" => DAY_US,
        "hours" => 3_600_000_000,
        "minutes" => 60_000_000,
        "seconds" => 1_000_000,
        "now" => return Some(Ok((Node::Micros(builder.until_us), Type::Moment))),
        "date" => {
            let moment = builder.of_type(&given[0], Type::Moment, &who);
            return Some(moment.map(|moment| (Node::Midnight(Box::new(moment)), Type::Moment)));
        }
        "age_days" => {
            let now = Node::Micros(builder.until_us);
            let moment = builder.of_type(&given[0], Type::Moment, &who);
            let age = moment.map(|moment| Node::Difference(Box::new([now, moment])));
            return Some(age.map(|age| (Node::Units(Box::new(age), DAY_US), Type::Number)));
        }
        _ => return None,
    };
    let interval = builder.of_type(&given[0], Type::Interval, &who);
    Some(interval.map(|interval| (Node::Units(Box::new(interval), unit), Type::Number)))
}

fn texts(builder: &mut Builder, name: &str, given: &[Expr]) -> Found {
    if name == "text" {
        return Some(builder.printed(&given[0]).map(|node| (node, Type::Text)));
    }
    if !matches!(name, "lower" | "upper" | "left" | "right" | "substring") {
        return None;
    }
    let who = format!("`{name}`");
    let mut make = || {
        let text = builder.of_type(&given[0], Type::Text, &who)?;
        let mut number = |at: usize| builder.of_type(&given[at], Type::Number, &who);
        Ok(match name {
            "lower" => Node::Lower(Box::new(text)),
            "upper" => Node::Upper(Box::new(text)),
            "left" => Node::Substring(Box::new([text, Node::Number(1.0), number(1)?])),
            "right" => Node::Right(Box::new([text, number(1)?])),
            _ => {
                let from = number(1)?;
                // As many as there are.
                let count = if given.len() > 2 { number(2)? } else { Node::Number(1e9) };
                Node::Substring(Box::new([text, from, count]))
            }
        })
    };
    Some(make().map(|node| (node, Type::Text)))
}

/// One of several values of one type.
fn choices(builder: &mut Builder, at: usize, name: &str, given: &[Expr]) -> Result<Typed, ValueProblem> {
    let who = format!("`{name}`");
    match name {
        "if" => {
            let condition = builder.of_type(&given[0], Type::Truth, "a condition")?;
            let (sides, of) = builder.pair(&given[1], &given[2], &who)?;
            let [then, otherwise] = *sides;
            Ok((Node::Case([(condition, then)].into(), Box::new(otherwise)), of))
        }
        "nullif" => {
            let (sides, of) = builder.pair(&given[0], &given[1], &who)?;
            let (value, _) = builder.node(&given[0])?;
            let equal = Node::Compare(Binary::Equal, of, sides);
            Ok((Node::Case([(equal, Node::Null)].into(), Box::new(value)), of))
        }
        _ => {
            let (nodes, of) = builder.alike(&given.iter().collect::<Vec<_>>(), &who)?;
            if name == "coalesce" {
                return Ok((Node::First(of, nodes.into()), of));
            }
            if matches!(of, Type::Text | Type::Truth) {
                return Err(builder.wrong(at, format!("{who} takes numbers, moments or intervals, not {}", of.name())));
            }
            Ok((Node::Extreme { greatest: name == "greatest", of: nodes.into() }, of))
        }
    }
}
