//! Numbers of the page that are the same in every report: they belong to the method, not to the run.

use super::Origin;
use super::numeral::Numeral;
use super::page::Line;

/// As it is printed, words that stand on the line with it, and what it is.
type Constant = (&'static str, &'static str, &'static [&'static str], &'static str);

const CONSTANTS: [Constant; 5] = [
    ("95", "%", &["interval"], "the confidence of every interval"),
    ("20", "", &["p95 is given"], "calls from which a p95 is given: one of twenty is slower"),
    ("100", "", &["p99 from"], "calls from which a p99 is given: one of a hundred is slower"),
    ("1,000", "", &["1,000 calls"], "calls that gains and costs are told for"),
    ("5", "%", &["by less than"], "up to which response and service times are told once"),
];

/// The constant that is meant, if it is one.
pub fn constant(line: &Line, numeral: &Numeral) -> Option<Origin> {
    let is = |(core, unit, beside, _): &&Constant| {
        numeral.core == *core && numeral.unit == *unit && beside.iter().all(|words| line.text.contains(words))
    };
    let (core, _, _, what) = CONSTANTS.iter().find(is)?;
    Some(Origin {
        pointers: Vec::new(),
        derived: Some(format!("of the method: {what}")),
        value: serde_json::json!(core),
        printed_as: "constant",
        of: Vec::new(),
        fits: true,
    })
}
