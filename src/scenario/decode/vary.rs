//! `vary:`, and the connections it shares with `load:`.

use super::fields::{Fields, read};
use super::pick;
use crate::scenario::error::{Fault, Problems};
use crate::scenario::grammar;
use crate::scenario::model::{Connections, Vary};
use crate::scenario::quantity;
use crate::scenario::yaml::{Node, Value};
use crate::units;

/// More connections than this no server of this machine accepts.
const MOST_CONNECTIONS: u64 = 10_000;

/// `{pick: [uniform, {repeat: 11}], connections: [per_call, {pool: 10}, 20]}`
pub fn vary(node: &Node, problems: &mut Problems) -> Vary {
    let Some(fields) = Fields::described(node, &grammar::VARY, problems) else { return Vary::default() };
    if fields.get("pick").or(fields.get("connections")).is_none() && matches!(node.value, Value::Mapping(_)) {
        let help = "write e.g. `vary: {connections: [per_call, {pool: 10}]}`";
        problems.report(node.at, Fault::with_help("`vary` varies nothing", help));
    }
    Vary {
        at: fields.at(),
        pick: fields.get("pick").map(|node| each(node, "`pick`", pick::pick, problems)).unwrap_or_default(),
        connections: fields.get("connections").map(|node| each(node, "`connections`", connections, problems)).unwrap_or_default(),
    }
}

/// The values of a dimension, a single one without its list.
fn each<T: PartialEq>(
    node: &Node,
    what: &str,
    one: impl Fn(&Node, &mut Problems) -> Option<T>,
    problems: &mut Problems,
) -> Vec<T> {
    let Value::Sequence(listed) = &node.value else { return one(node, problems).into_iter().collect() };
    if listed.is_empty() {
        problems.report(node.at, Fault::new(format!("{what} has no value")));
    }
    let mut values: Vec<T> = Vec::new();
    for node in listed {
        let Some(value) = one(node, problems) else { continue };
        if values.contains(&value) {
            problems.report(node.at, Fault::with_help(format!("{what} has the same value twice"), "leave one of them out"));
        }
        values.push(value);
    }
    values
}

/// `kept`, `per_call`, `{pool: 20}`, or `20` for a pool of that many.
pub fn connections(node: &Node, problems: &mut Problems) -> Option<Connections> {
    if let Value::Mapping(_) = node.value {
        let fields = Fields::described(node, &grammar::CONNECTIONS, problems)?;
        return pool(fields.require("pool", problems)?, problems);
    }
    match node.text() {
        Some("kept") => Some(Connections::Kept),
        Some("per_call") => Some(Connections::PerCall),
        Some(text) if text.starts_with(|c: char| c.is_ascii_digit()) => pool(node, problems),
        Some(text) => {
            let mut fault = Fault::unknown("connections", text, ["kept", "per_call"]);
            fault.help = fault.help.filter(|help| help.starts_with("did you")).or_else(|| Some(FORMS.to_owned()));
            problems.report(node.at, fault);
            None
        }
        None => {
            problems.report(node.at, Fault::with_help(format!("`connections` is not {}", node.describe()), FORMS));
            None
        }
    }
}

const FORMS: &str = "write `kept`, `per_call` or `{pool: 20}`";

fn pool(node: &Node, problems: &mut Problems) -> Option<Connections> {
    let size = read(node, "`pool`", quantity::whole, problems)?;
    if (1..=MOST_CONNECTIONS).contains(&size) {
        return u32::try_from(size).ok().map(Connections::Pool);
    }
    let message = format!("a pool has 1 to {} connections, not {}", units::count(MOST_CONNECTIONS), units::count(size));
    problems.report(node.at, Fault::new(message));
    None
}
