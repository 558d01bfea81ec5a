//! Where a number of the report comes from.
//!
//! Every number on the page is a function of `run.json`. This goes the other way: it makes of every number in the file all texts that
//! [`crate::units`] could make of it, does the same with sums, counts, ratios and differences of what stands side by side, and looks up
//! what is printed. Several values may look the same; those that the line, the column and the headings speak of come first.
//!
//! ```text
//! run.json ─values→ values and texts ─derived→ sums, counts, ratios ─index→ printed text → sources ─rank→ the likeliest first
//! ```
//!
//! It knows no sentence of the report, so it needs no change when one changes.

mod derived;
mod forms;
mod index;
mod method;
mod numeral;
mod page;
mod rank;
mod values;

use serde::Serialize;
use serde_json::Value;

pub use index::Index;
pub use numeral::{Numeral, numerals};
pub use page::{Line, lines};

/// A number as it is printed, and where it may come from, likeliest first.
#[derive(Debug, Clone, Serialize)]
pub struct Traced {
    /// Of the page, from 1; absent where no page was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Characters from the start of the line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// `48.3 MB`
    pub printed: String,
    /// The likeliest; none when nothing in the run gives this number.
    pub sources: Vec<Origin>,
    /// How many there are in all.
    pub found: usize,
}

/// A source of a number.
#[derive(Debug, Clone, Serialize)]
pub struct Origin {
    /// JSON pointers (RFC 6901) into run.json; `*` stands for every element of a list. None for a constant of the method.
    pub pointers: Vec<String>,
    /// What is made of the values there: `sum`, `count` …; absent where the value itself is printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub derived: Option<String>,
    /// Before it was formatted: a number, or the text it stands in.
    pub value: Value,
    /// Which kind of figure it is printed as: `milliseconds`, `bytes` …
    pub printed_as: &'static str,
    /// What it belongs to: the endpoint, index, table.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
    /// The page speaks of what it belongs to, on the line or in a heading over it, or it belongs to the run as a whole. Where it is
    /// not so, the number may only look the same.
    pub fits: bool,
}

/// As many sources as are told of one number.
const TOLD: usize = 4;

/// Every number of a line of the page.
pub fn of_line(index: &Index, line: &Line) -> Vec<Traced> {
    numerals(&line.text).iter().filter(|numeral| !line.is_numbering(numeral)).map(|numeral| trace(index, line, numeral)).collect()
}

/// Every place of the page where that number is printed; where there is none, what the number alone says.
pub fn of_number(index: &Index, page: &[Line], printed: &str) -> Vec<Traced> {
    let Some(wanted) = numerals(printed).into_iter().next() else { return Vec::new() };
    let alike = |found: &Numeral| found.core == wanted.core && (wanted.unit.is_empty() || found.unit == wanted.unit);
    let mut found = Vec::new();
    for line in page.iter().filter(|line| !line.code) {
        let here = numerals(&line.text);
        let here = here.iter().filter(|numeral| alike(numeral) && !line.is_numbering(numeral));
        found.extend(here.map(|numeral| trace(index, line, numeral)));
    }
    if found.is_empty() {
        let alone = trace(index, &Line { text: printed.to_owned(), ..Line::default() }, &wanted);
        found.push(Traced { line: None, column: None, ..alone });
    }
    found
}

fn trace(index: &Index, line: &Line, numeral: &Numeral) -> Traced {
    let (mut ranked, mut found) = rank::ranked(index, line, numeral);
    if let Some(constant) = method::constant(line, numeral) {
        ranked.insert(0, constant);
        found += 1;
    }
    Traced {
        line: Some(line.number),
        column: Some(line.text[..numeral.start].chars().count() + 1),
        printed: numeral.shown(),
        found,
        sources: ranked.into_iter().take(TOLD).collect(),
    }
}
