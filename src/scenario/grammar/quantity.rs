//! Numbers with units, as patterns that an editor can check.
//!
//! What a pattern accepts, the parser of [`crate::scenario::quantity`] accepts, but for ranges that end before they start and rates
//! that no server reaches, which no pattern can tell. It does not accept every oddity that the parser lets pass (`1_00`).

/// The kinds of quantity that a scenario knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    Number,
    /// Over 0.
    Positive,
    /// From 0.
    Weight,
    Whole,
    Rows,
    Many,
    Records,
    Share,
    WholeRange,
    Range,
    Expected,
    Duration,
    /// May be nothing.
    Pause,
    Gap,
    Hours,
    Moment,
    Growth,
    Rate,
    Size,
}

/// Which numbers of YAML and JSON are such a quantity as they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Numbers {
    pub whole: bool,
    pub min: Option<f64>,
    /// `min` itself is too small.
    pub over: bool,
    pub max: Option<f64>,
}

/// Digits, perhaps in groups.
const WHOLE: &str = r"(\d{1,15}|\d{1,3}(,\d{3}){1,4}|\d{1,3}(_\d{3}){1,4})";
/// The same with decimals.
const DECIMAL: &str = r"((\d{1,12}|\d{1,3}(,\d{3}){1,3}|\d{1,3}(_\d{3}){1,3})(\.\d{1,9})?|\.\d{1,9})";
/// Over 0, with up to three decimals.
const AMOUNT: &str =
    r"((0*[1-9]\d{0,8}|[1-9]\d{0,2}(,\d{3}){1,2}|[1-9]\d{0,2}(_\d{3}){1,2})(\.\d{1,3})?|0?\.([1-9]\d{0,2}|0[1-9]\d?|00[1-9]))";
const TIME_UNIT: &str = "(us|µs|ms|s|m|min|h|d|w)";
/// Between two ends.
const TO: &str = r"( ?- ?|\.\.| to )";

impl Quantity {
    /// In the order of the page.
    pub const ALL: [Quantity; 19] = [
        Quantity::Whole,
        Quantity::Number,
        Quantity::Positive,
        Quantity::Weight,
        Quantity::Share,
        Quantity::WholeRange,
        Quantity::Range,
        Quantity::Rows,
        Quantity::Many,
        Quantity::Records,
        Quantity::Expected,
        Quantity::Duration,
        Quantity::Pause,
        Quantity::Gap,
        Quantity::Hours,
        Quantity::Moment,
        Quantity::Growth,
        Quantity::Rate,
        Quantity::Size,
    ];

    /// Its name, of words and blanks.
    pub fn name(self) -> &'static str {
        match self {
            Quantity::Number => "number",
            Quantity::Positive => "number over 0",
            Quantity::Weight => "weight",
            Quantity::Whole => "whole number",
            Quantity::Rows => "rows",
            Quantity::Many => "number of rows",
            Quantity::Records => "number of records",
            Quantity::Share => "share",
            Quantity::WholeRange => "range of whole numbers",
            Quantity::Range => "range",
            Quantity::Expected => "figure or range",
            Quantity::Duration => "duration",
            Quantity::Pause => "duration or 0",
            Quantity::Gap => "longest or both durations",
            Quantity::Hours => "hours of the day",
            Quantity::Moment => "moment",
            Quantity::Growth => "growth",
            Quantity::Rate => "rate",
            Quantity::Size => "size",
        }
    }

    /// A sentence for those who write one.
    pub fn about(self) -> &'static str {
        match self {
            Quantity::Number => "Digits may be grouped by `_` or `,`.",
            Quantity::Positive => "As any number, and over 0.",
            Quantity::Weight => "From 0; weights are relative to each other, so `8` and `1` say the same as `80%` and `10%`.",
            Quantity::Whole => "From 0; digits may be grouped by `_` or `,`.",
            Quantity::Rows => "A number of rows, or how many there are for each row of another table.",
            Quantity::Many => "At least 1; `k`, `m` and `b` (or `thousand`, `million`, `billion`) multiply it.",
            Quantity::Records => "At least 1; `k` and `m` multiply it.",
            Quantity::Share => "From 0% to 100%, or from 0 to 1.",
            Quantity::WholeRange => "Both ends included, the smaller first; a single number is both ends.",
            Quantity::Range => "Both ends included, the smaller first; `..` where a dash could be a sign.",
            Quantity::Expected => "A number, a share, or a range of either.",
            Quantity::Duration => "Over 0, with its unit: `us`, `ms`, `s`, `min` (or `m`), `h`, `d`, `w`.",
            Quantity::Pause => "As a duration, or `0`.",
            Quantity::Gap => "The longest, or the shortest and the longest.",
            Quantity::Hours => "From 0h to 23h (UTC), both included.",
            Quantity::Moment => "A day or a moment of ISO 8601; a day begins at midnight UTC.",
            Quantity::Growth => "Per `day`, `week`, `month` or `year`; compounded, at most tenfold a week.",
            Quantity::Rate => "Per `s`, `min` or `h`; `k` multiplies by a thousand.",
            Quantity::Size => "`kB`, `MB`, `GB`, `TB` are powers of 1000; `KiB`, `MiB`, `GiB`, `TiB` of 1024.",
        }
    }

    /// What may be written, for the page and the tests.
    pub fn examples(self) -> &'static [&'static str] {
        match self {
            Quantity::Number => &["3000", "3_000", "0.25", "-4"],
            Quantity::Positive => &["1.5", "0.8"],
            Quantity::Weight => &["8", "80%", "0.5"],
            Quantity::Whole => &["42", "3_000", "1,292,269"],
            Quantity::Rows => &["3000", "3,000", "67.6 per playlists"],
            Quantity::Many => &["1m", "250k", "2.5 million", "1_000_000"],
            Quantity::Records => &["100000", "100k", "2m"],
            Quantity::Share => &["5%", "2.5%", "0.05"],
            Quantity::WholeRange => &["1-5", "3", "20..30", "20 to 30"],
            Quantity::Range => &["1-10", "0.5-99.99", "-10..20"],
            Quantity::Expected => &["9", "80%", "20-30", "5-10%"],
            Quantity::Duration => &["20ms", "1.5s", "10min", "365d"],
            Quantity::Pause => &["0", "1s"],
            Quantity::Gap => &["3d", "1h-3d"],
            Quantity::Hours => &["18h-23h", "9-17"],
            Quantity::Moment => &["2026-01-01", "2026-01-01T12:00:00Z"],
            Quantity::Growth => &["3%/week", "-2%/month"],
            Quantity::Rate => &["1000/s", "2.5k/s", "60k/min"],
            Quantity::Size => &["800kB", "500MB", "2GiB"],
        }
    }

    /// A regular expression for its text, without anchors; neither look-around nor classes of letters, so that every engine reads it.
    pub fn pattern(self) -> String {
        let signed = format!(r"-?{DECIMAL}([eE]-?\d{{1,2}})?");
        let duration = format!("{AMOUNT} ?{TIME_UNIT}");
        let percent = r"(100(\.0+)?|\d{1,2}(\.\d{1,9})?)%";
        match self {
            Quantity::Number => signed,
            Quantity::Positive => AMOUNT.to_owned(),
            Quantity::Weight => format!("{DECIMAL}%?"),
            Quantity::Whole => WHOLE.to_owned(),
            Quantity::Rows => format!(r"{WHOLE}|{DECIMAL} per \S+"),
            Quantity::Many => {
                let short = r"[1-9]\d{0,5}(\.\d{1,3})? ?([kK]|thousand|[mM]|million)";
                let billions = r"[1-9]\d{0,2}(\.\d{1,3})? ?([bB][nN]?|billion)";
                let groups = r"[1-9]\d{0,2}((,\d{3}){1,3}|(_\d{3}){1,3})";
                format!(r"[1-9]\d{{0,14}}|{groups}|{short}|{billions}|0?\.\d{{0,2}}[1-9] ?([kK]|[mM]|million)")
            }
            Quantity::Records => r"[1-9]\d{0,9}[kKmM]?".to_owned(),
            Quantity::Share => format!(r"{percent}|0(\.\d{{1,12}})?|1(\.0+)?|\.\d{{1,12}}"),
            Quantity::WholeRange => format!("{WHOLE}({TO}{WHOLE})?"),
            Quantity::Range => format!("{signed}({TO}{signed})?"),
            Quantity::Expected => format!("{signed}%?|{signed}{TO}{signed}|-?{DECIMAL}%?{TO}-?{DECIMAL}%"),
            Quantity::Duration => duration,
            Quantity::Pause => format!("0|0s|0ms|{duration}"),
            Quantity::Gap => format!("{duration}({TO}{duration})?"),
            Quantity::Hours => {
                let hour = r"([01]?\d|2[0-3])h?";
                format!("{hour}{TO}{hour}")
            }
            Quantity::Moment => {
                let day = r"(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-9])|(0[13-9]|1[0-2])-30|(0[13578]|1[02])-31";
                let time = r"T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-](0\d|1[0-2]):[0-5]\d)";
                format!(r"[12]\d{{3}}-({day})({time})?")
            }
            Quantity::Growth => {
                let fast = r"-?\d{1,2}(\.\d{1,6})?%/(week|month|year)|[1-9]\d{2}(\.\d{1,6})?%/(week|month|year)";
                format!(r"-?[1-3]?\d(\.\d{{1,6}})?%/day|{fast}")
            }
            Quantity::Rate => format!("{DECIMAL}[kmM]? ?/ ?(s|sec|second|m|min|minute|h|hour)"),
            Quantity::Size => {
                let small = r"(\d{1,9}|\d{1,3}(,\d{3}){1,2}|\d{1,3}(_\d{3}){1,2})(\.\d{1,6})? ?([kKmM][iI]?)?[bB]";
                format!(r"{small}|\d{{1,6}}(\.\d{{1,6}})? ?[gGtT][iI]?[bB]")
            }
        }
    }

    /// The numbers that need no text; `None` where a number alone lacks its unit.
    pub fn numbers(self) -> Option<Numbers> {
        let any = Numbers { whole: false, min: None, over: false, max: None };
        let from_zero = Numbers { min: Some(0.0), ..any };
        match self {
            Quantity::Number | Quantity::Range | Quantity::Expected => Some(any),
            Quantity::Positive => Some(Numbers { over: true, ..from_zero }),
            Quantity::Weight => Some(from_zero),
            Quantity::Whole | Quantity::Rows | Quantity::WholeRange => Some(Numbers { whole: true, ..from_zero }),
            Quantity::Many | Quantity::Records => Some(Numbers { whole: true, min: Some(1.0), ..any }),
            Quantity::Share => Some(Numbers { max: Some(1.0), ..from_zero }),
            Quantity::Pause => Some(Numbers { max: Some(0.0), ..from_zero }),
            _ => None,
        }
    }
}
