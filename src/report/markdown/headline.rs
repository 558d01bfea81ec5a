//! The top of the page: title, verdict, the endpoints it is about, the picture, and what to know before believing it.

use super::super::checks::contradictions;
use super::super::model::Verdict;
use super::super::standing::{Standing, change, failures, slowest};
use super::table::{Lean, Table};
use super::text::{fold, plain, prose};
use super::{PICTURE, Page, joined, verdict};
use crate::units;

/// Markdown blocks from the title down.
pub(super) fn blocks(page: &Page) -> Vec<String> {
    vec![title(page), doubtful(page), verdict(page), sum(page), failed_calls(page), table(page), picture(page), warnings(page)]
}

fn title(page: &Page) -> String {
    let mut facts = Vec::new();
    if !page.standings.is_empty() {
        facts.push(units::counted(page.standings.len() as u64, "endpoint", "endpoints"));
    }
    if let Some(seed) = &page.run.seed {
        facts.push(units::counted(seed.rows, "row", "rows"));
    }
    let title = plain(&page.run.scenario.title);
    if facts.is_empty() { format!("# {title}") } else { format!("# {title}: {}", facts.join(", ")) }
}

/// What the run says against itself: then nothing below is to be believed.
fn doubtful(page: &Page) -> String {
    let said: Vec<String> =
        contradictions(page.run).iter().map(|said| format!("> - {}", plain(&units::capitalized(said)))).collect();
    match said.len() {
        0 => String::new(),
        _ => format!("> [!CAUTION]\n> This run contradicts itself; measure again before believing it.\n>\n{}", said.join("\n")),
    }
}

/// The first sentence in bold, what else there is to say below it.
fn verdict(page: &Page) -> String {
    let sentences = verdict::sentences(page);
    match sentences.as_slice() {
        [] => String::new(),
        [first] => format!("**{first}**"),
        [first, rest @ ..] => format!("**{first}**\n\n- {}", rest.join("\n- ")),
    }
}

/// The medians added up, of the endpoints that have one before and after.
fn sum(page: &Page) -> String {
    let kept = page.run.advice.as_ref().is_some_and(|advice| !advice.keep.is_empty());
    let both: Vec<(f64, f64)> = page.standings.iter().filter_map(|s| Some((s.before_ms()?, s.after_ms()?))).collect();
    if !kept || both.len() < 2 {
        return String::new();
    }
    let (before, after) = both.iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    format!(
        "One call of each endpoint takes {} in all on the schema as it is, {} with the indexes.",
        units::ms(before),
        units::ms(after)
    )
}

/// Which endpoints failed now and then, unless a warning says it already.
fn failed_calls(page: &Page) -> String {
    let failed = |s: &&Standing| s.bench.map_or(0, |b| b.errors).saturating_add(failures(s.pair.map_or(&[], |p| &p.errors))) > 0;
    let unsaid = |s: &&Standing| !page.run.warnings.iter().any(|warning| warning.contains(s.label));
    let named: Vec<String> = page.standings.iter().filter(failed).filter(unsaid).map(|s| plain(s.label)).collect();
    match named.len() {
        0 => String::new(),
        _ => format!("Some calls of {} failed; the figures are of those that succeeded.", units::listed(&named)),
    }
}

/// More rows than this are folded, unless the verdict speaks of them.
const ROWS_SHOWN: usize = 15;

/// The endpoints that were slow or became faster or slower, slowest first.
fn table(page: &Page) -> String {
    let changed = |s: &Standing| matches!(s.verdict(), Some(Verdict::Improved | Verdict::Regressed));
    let told: Vec<&Standing> = slowest(&page.standings).into_iter().filter(|s| s.is_slow() || changed(s)).collect();
    let named = |s: &Standing| s.is_slow() || s.verdict() == Some(Verdict::Regressed);
    let (shown, folded): (Vec<_>, Vec<_>) =
        told.iter().copied().enumerate().partition(|(i, standing)| *i < ROWS_SHOWN || named(standing));
    let only = |ranked: Vec<(usize, &Standing)>| rows(page, ranked.into_iter().map(|(_, standing)| standing));
    let more = units::counted_in_words(folded.len(), "more endpoint that became faster", "more endpoints that became faster");
    let more = if folded.is_empty() { String::new() } else { fold(&units::capitalized(&more), &only(folded)) };
    let explained = if told.iter().any(|s| differs(s)) { QUOTIENTS } else { "" };
    joined(&[only(shown), more, explained.to_owned()])
}

fn rows<'a>(page: &Page, told: impl Iterator<Item = &'a Standing<'a>>) -> String {
    let with_after = page.standings.iter().any(|s| s.after_ms().is_some());
    let mut columns = vec![("endpoint", Lean::Left), ("before, ms", Lean::Right)];
    if with_after {
        columns.extend([("after, ms", Lean::Right), ("change", Lean::Left)]);
    }
    let mut table = Table::new(columns);
    for standing in told {
        let Some(before) = standing.before_ms() else { continue };
        let mut row = vec![page.linked(standing), units::figure(before)];
        if with_after {
            row.push(standing.after_ms().map_or_else(|| "not measured".to_owned(), units::figure));
            row.push(outcome(standing));
        }
        table.row(row);
    }
    table.render()
}

/// Said where a reader who divides the two columns would find another number.
const QUOTIENTS: &str = "Both columns are medians; a change is the median over pairs of calls with the same parameters, so it need not be \
                         the quotient of the two.";

/// Whether the change shown is a tenth or more off the quotient of the medians.
fn differs(standing: &Standing) -> bool {
    let shown =
        standing.pair.filter(|pair| matches!(pair.verdict, Verdict::Improved | Verdict::Regressed)).map(|pair| pair.ratio);
    match (shown, standing.before_ms(), standing.after_ms()) {
        (Some(ratio), Some(before), Some(after)) if ratio > 0.0 && before > 0.0 => {
            let off = after / before / ratio;
            !(0.9..=1.1).contains(&off)
        }
        _ => false,
    }
}

fn outcome(standing: &Standing) -> String {
    let changed = standing.pair.map(change).unwrap_or_default();
    match standing.still() {
        Some(still) if changed.is_empty() => plain(&still),
        Some(still) => format!("{changed}, still {}", plain(&still)),
        None => changed,
    }
}

fn picture(page: &Page) -> String {
    if !page.pictured {
        return String::new();
    }
    let measured =
        if page.run.advice.is_some() { "Median of every endpoint before and after" } else { "Median of every endpoint" };
    format!("![{measured}, on a logarithmic scale]({PICTURE})")
}

fn warnings(page: &Page) -> String {
    if page.run.warnings.is_empty() {
        return String::new();
    }
    let lines: Vec<String> = page.run.warnings.iter().map(|warning| format!("> - {}", prose(warning))).collect();
    match lines.as_slice() {
        [only] => format!("> [!WARNING]\n{}", only.replacen("> - ", "> ", 1)),
        _ => format!("> [!WARNING]\n{}", lines.join("\n")),
    }
}
