//! Words that the page and the terminal share, so that both tell one run in the same ones.

use super::model::{ExplainedPlan, Parameter};
use crate::units;

/// Characters of a parameter's value that are shown; a text of pages would bury the statement it belongs to.
const VALUE_SHOWN: usize = 80;

/// A parameter as a line under its statement: `$1 = 27482 (song_id)`.
pub fn valued(parameter: &Parameter) -> String {
    let value = shortened(&one_line(&parameter.value), VALUE_SHOWN);
    let name = one_line(&parameter.name);
    let named = if name.is_empty() { String::new() } else { format!(" ({name})") };
    format!("${} = {value}{named}", parameter.number)
}

/// What a statement takes under another plan: `44.4 → 0.15 ms` with `of_time` behind it, then [`work_change`].
pub fn plan_change(before: &ExplainedPlan, after: &ExplainedPlan, of_time: &str) -> Vec<String> {
    let time = format!("{}{of_time}", units::ms_change(before.execution_ms, after.execution_ms));
    std::iter::once(time).chain(work_change(before, after)).collect()
}

/// Rows read and blocks touched under another plan, where they differ: `919,039 → 9 rows read`, `6,757 → 12 blocks`.
pub fn work_change(before: &ExplainedPlan, after: &ExplainedPlan) -> Vec<String> {
    let (rows_before, rows_after) = (units::amount(before.rows_read), units::amount(after.rows_read));
    let rows = (rows_before != rows_after)
        .then(|| format!("{rows_before} → {rows_after} {}", if rows_after == "1" { "row read" } else { "rows read" }));
    let (blocks_before, blocks_after) = (units::count(before.blocks), units::count(after.blocks));
    let blocks = (before.blocks != after.blocks).then(|| format!("{blocks_before} → {blocks_after} blocks"));
    rows.into_iter().chain(blocks).collect()
}

/// The full stop that a sentence lacks, or nothing.
pub fn full_stop(sentence: &str) -> &'static str {
    if sentence.trim_end().ends_with(['.', '!', '?', ':', ';']) { "" } else { "." }
}

/// On one line, runs of white space as one blank.
pub fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// At most so many characters, the cut marked by an ellipsis.
pub fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_one_short_line() {
        let parameter = |name: &str, value: &str| Parameter { number: 2, name: name.into(), value: value.into() };
        assert_eq!(valued(&parameter("q", "a\n b")), "$2 = a b (q)");
        assert_eq!(valued(&parameter("", &"x".repeat(200))).chars().count(), "$2 = ".len() + VALUE_SHOWN);
    }

    #[test]
    fn long_text_is_cut_between_letters() {
        assert_eq!(shortened("grüße", 4), "grü…");
        assert_eq!(shortened("grüße", 5), "grüße");
    }

    #[test]
    fn a_sentence_is_closed_once() {
        assert_eq!(["it reads 9", "It ends. ", "as follows:"].map(full_stop), [".", "", ""]);
    }
}
