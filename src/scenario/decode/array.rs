//! `{array: {of: {fake: word}, length: 0-5}}`

use std::ops::RangeInclusive;

use super::fields::{Fields, read};
use super::value::value;
use crate::scenario::error::{Fault, Problems};
use crate::scenario::grammar;
use crate::scenario::model::ValueSpec;
use crate::scenario::quantity;
use crate::scenario::yaml::Node;

/// As many elements as an array has when nobody says; more than the most of them would be a slip that fills the disk.
const USUAL_LENGTH: RangeInclusive<u64> = 0..=5;
const LONGEST: u64 = 10_000;

pub fn array(node: &Node, problems: &mut Problems) -> Option<ValueSpec> {
    let fields = Fields::described(node, &grammar::ARRAY, problems)?;
    let of = fields.require("of", problems).and_then(|node| value(node, problems));
    let length = match fields.get("length") {
        Some(node) => {
            let length = read(node, "`length`", quantity::whole_range, problems);
            if length.as_ref().is_some_and(|length| *length.end() > LONGEST) {
                problems.report(node.at, Fault::new(format!("an array has at most {LONGEST} elements")));
            }
            length
        }
        None => Some(USUAL_LENGTH),
    };
    if let Some(ValueSpec::Sequence | ValueSpec::Default) = of {
        let help = "give them values, e.g. `{fake: word}`";
        problems.report(fields.at(), Fault::with_help("elements of an array have no row number and no default", help));
    }
    Some(ValueSpec::Array { of: Box::new(of?), length: length? })
}
