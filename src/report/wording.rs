//! Words that the page and the terminal share, so that both tell one run in the same ones.

use super::model::{ExplainedPlan, FiredTrigger, ImpliedKey, Parameter, TriedRemedy};
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

/// The key that an implied statement was explained with, and why this one: `id = 42, which 40 rows reference, the most of 39 keys`.
pub fn key_chosen(key: &ImpliedKey) -> String {
    let of_key = |one: &Parameter| format!("{} = {}", one_line(&one.name), shortened(&one_line(&one.value), VALUE_SHOWN));
    let values: Vec<String> = key.values.iter().map(of_key).collect();
    let values = units::listed(&values);
    let keys =
        if key.more { format!("the first {} keys", units::count(key.of)) } else { format!("{} keys", units::count(key.of)) };
    match key.rows {
        Some(1) => format!("{values}, which one row references, the most of {keys}"),
        Some(rows) => format!("{values}, which {} rows reference, the most of {keys}", units::count(rows)),
        None if key.of > 1 => format!("{values}, the first of {keys}"),
        None => values,
    }
}

/// What a trigger is that somebody wrote, and takes.
pub fn trigger_told(trigger: &FiredTrigger) -> String {
    let runs = match trigger.function.as_str() {
        "" => String::new(),
        function => format!(" runs {} ({}), {}, and", one_line(function), trigger.language, trigger.fires),
    };
    let when = if trigger.deferred { " at COMMIT, which is not in the plan's time" } else { "" };
    let calls = units::counted_in_words(usize::try_from(trigger.calls).unwrap_or(usize::MAX), "call", "calls");
    format!(
        "The trigger {} on {}{runs} takes {} in {calls}{when}.",
        one_line(&trigger.name),
        one_line(&trigger.table),
        units::ms(trigger.time_ms)
    )
}

/// How to see what the function of a trigger runs.
pub const INSIDE_A_FUNCTION: &str = "EXPLAIN does not see the statements inside of a function; auto_explain with log_nested_statements writes their plans to the log.";

/// Parameters in a line: `kind a, limit 10`.
pub fn values(parameters: &[Parameter]) -> String {
    let one = |parameter: &Parameter| {
        let value = shortened(&one_line(&parameter.value), VALUE_SHOWN);
        let name = if parameter.name.is_empty() { format!("${}", parameter.number) } else { one_line(&parameter.name) };
        format!("{name} {value}")
    };
    parameters.iter().map(one).collect::<Vec<_>>().join(", ")
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

/// What came of a remedy that was tried: `44.4 → 10.9 ms with CREATE INDEX ON songs (artist_id); 10.7 ms predicted.`
pub fn tried(tried: &TriedRemedy) -> String {
    let statement = one_line(&tried.statement);
    let Some(after) = tried.after_ms else {
        let reason = tried.refused.as_deref().unwrap_or("it did not run");
        return format!("{statement} failed: {}{}", one_line(reason), full_stop(reason));
    };
    let change = units::ms_change(tried.before_ms, after);
    let noise = units::percent(tried.noise);
    if tried.helped() {
        format!("{change} with {statement}; {} predicted.", units::ms(tried.predicted_ms))
    } else if tried.hurt() {
        format!("{change} with {statement}: it makes the statement slower.")
    } else if tried.ignored {
        format!("{statement} changes nothing, for the planner does not use it ({change}, noise {noise}).")
    } else {
        format!("{statement} brings nothing beyond noise ({change}, noise {noise}).")
    }
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

/// At most so many characters, cut in the middle, where a reader misses least: the start says what it is, the end which one.
pub fn shortened_inside(text: &str, most: usize, ellipsis: &str) -> String {
    let (length, mark) = (text.chars().count(), ellipsis.chars().count());
    if length <= most {
        return text.to_owned();
    }
    let kept = most.saturating_sub(mark);
    let head = (kept * 3).div_ceil(5);
    let tail = kept - head;
    text.chars().take(head).chain(ellipsis.chars().take(most)).chain(text.chars().skip(length - tail)).collect()
}

/// SQL whose lines are at most so long where that is possible: broken at blanks, never inside of quotes or of a comment.
pub fn wrapped(sql: &str, most: usize) -> String {
    let mut quoted: Option<char> = None;
    let mut lines = Vec::new();
    for line in sql.lines() {
        let starts_quoted = quoted.is_some();
        let mut blanks = Vec::new();
        for (place, letter) in line.chars().enumerate() {
            match (quoted, letter) {
                (Some(mark), letter) if mark == letter => quoted = None,
                (None, '\'' | '"') => quoted = Some(letter),
                (None, ' ') => blanks.push(place),
                _ => {}
            }
        }
        // What a comment or a dollar-quoted text goes on to is not known here.
        let whole = starts_quoted || quoted.is_some() || ["--", "/*", "$$", "\\'"].iter().any(|mark| line.contains(mark));
        if whole || line.chars().count() <= most {
            lines.push(line.to_owned())
        } else {
            lines.extend(broken(line, &blanks, most))
        }
    }
    lines.join("\n")
}

/// The line in parts, each but the first set in by four more than the line is.
fn broken(line: &str, blanks: &[usize], most: usize) -> Vec<String> {
    let letters: Vec<char> = line.chars().collect();
    let margin = letters.iter().take_while(|letter| **letter == ' ').count();
    let indent = " ".repeat(margin + 4);
    let (mut parts, mut start) = (Vec::new(), 0);
    loop {
        let before = if start == 0 { "" } else { indent.as_str() };
        let room = most.saturating_sub(before.len());
        let inside = |blank: &&usize| **blank > start.max(margin);
        let last = blanks.iter().filter(inside).take_while(|blank| **blank - start <= room).last();
        let next = last.or_else(|| blanks.iter().find(|blank| inside(blank))).filter(|_| letters.len() - start > room);
        let end = next.copied().unwrap_or(letters.len());
        let part: String = letters[start..end].iter().collect();
        parts.push(format!("{before}{}", if start == 0 { part.trim_end() } else { part.trim() }));
        if end == letters.len() {
            return parts;
        }
        start = end + 1;
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
    fn what_was_tried_is_told_with_its_outcome() {
        let after = |after_ms: f64| TriedRemedy {
            statement: "CREATE INDEX ON t (a)".into(),
            predicted_ms: 10.0,
            before_ms: 100.0,
            after_ms: Some(after_ms),
            noise: 0.03,
            ..TriedRemedy::default()
        };
        assert_eq!(tried(&after(12.0)), "100.0 → 12.0 ms with CREATE INDEX ON t (a); 10.0 ms predicted.");
        assert_eq!(tried(&after(150.0)), "100.0 → 150.0 ms with CREATE INDEX ON t (a): it makes the statement slower.");
        assert_eq!(tried(&after(99.0)), "CREATE INDEX ON t (a) brings nothing beyond noise (100.0 → 99.0 ms, noise 3%).");
        let restless = TriedRemedy { noise: 1.13, ..after(0.2) };
        assert!(!restless.helped() && TriedRemedy { apart: true, ..restless }.helped());
        assert!(!TriedRemedy { apart: true, noise: 1.13, ..after(95.0) }.helped(), "little is nothing, apart or not");
        let ignored = TriedRemedy { ignored: true, ..after(101.0) };
        assert!(tried(&ignored).contains("the planner does not use it"));
        let refused = TriedRemedy { after_ms: None, refused: Some("it was stopped".into()), ..after(0.0) };
        assert_eq!(tried(&refused), "CREATE INDEX ON t (a) failed: it was stopped.");
    }

    #[test]
    fn long_sql_is_broken_where_it_stays_the_same() {
        assert_eq!(wrapped("SELECT a, b FROM t WHERE c = 'x y z w'", 20), "SELECT a, b FROM t\n    WHERE c =\n    'x y z w'");
        assert_eq!(wrapped("  ON a.b = c.d AND e = f", 14), "  ON a.b = c.d\n      AND e =\n      f");
        for whole in ["SELECT 1 -- one and only", "SELECT 'a\nb c d e f g h'", "DO $$ BEGIN END $$"] {
            assert_eq!(wrapped(whole, 8), whole);
        }
    }

    proptest::proptest! {
        #[test]
        fn wrapping_changes_blanks_alone(sql in "[a-z '\"\\-\n]{0,80}", most in 1usize..40) {
            let without = |text: &str| text.replace([' ', '\n'], "");
            proptest::prop_assert_eq!(without(&wrapped(&sql, most)), without(&sql));
        }
    }

    #[test]
    fn long_text_is_cut_between_letters() {
        assert_eq!(shortened("grüße", 4), "grü…");
        assert_eq!(shortened("grüße", 5), "grüße");
    }

    #[test]
    fn both_ends_of_a_long_condition_stay() {
        assert_eq!(shortened_inside("(song_name ~~ '%love%'::text)", 20, "…"), "(song_name ~…::text)");
        assert_eq!(shortened_inside("(id = 1)", 20, "…"), "(id = 1)");
        assert_eq!((shortened_inside("abcdef", 2, "..."), shortened_inside("abcdef", 0, "...")), ("..".into(), "".into()));
    }

    #[test]
    fn a_sentence_is_closed_once() {
        assert_eq!(["it reads 9", "It ends. ", "as follows:"].map(full_stop), [".", "", ""]);
    }
}
