//! The verdict in a paragraph: what was slow, what is fast now and by what, and what indexes cannot do.

use super::super::model::{AdviceRun, SloResult, Unsolved, Verdict};
use super::super::standing::{SLOW_MS, Standing, change, slowest};
use super::Page;
use super::text::{self, plain};
use crate::units::{self, capitalized, counted_in_words, in_words};

/// Sentences in Markdown; none when nothing was measured.
pub(super) fn sentences(page: &Page) -> Vec<String> {
    let slow: Vec<&Standing> = page.standings.iter().filter(|s| s.is_slow()).collect();
    let measured = page.standings.iter().any(|s| s.before_ms().is_some());
    match (&page.run.advice, measured) {
        (Some(advice), true) => advised(page, advice, &slow),
        (None, true) => [Some(format!("{}.", how_slow(page, &slow))), slowest_named(page)].into_iter().flatten().collect(),
        (_, false) => seeded(page).into_iter().collect(),
    }
}

/// What there is to say of a run that only made rows.
fn seeded(page: &Page) -> Option<String> {
    let seed = page.run.seed.as_ref()?;
    let rows = units::counted(seed.rows, "row", "rows");
    Some(format!(
        "{rows} in {}, made in {}.",
        counted_in_words(seed.tables.len(), "table", "tables"),
        units::seconds(seed.seconds)
    ))
}

fn advised(page: &Page, advice: &AdviceRun, slow: &[&Standing]) -> Vec<String> {
    let solved = slow.iter().filter(|s| s.is_solved()).count();
    let start = how_slow(page, slow);
    let first = match (slow.len(), solved, advice.keep.len()) {
        (0, _, 0) => format!("{start}, and no index was kept."),
        (0, _, _) => format!("{start}; {}.", faster_by(page, advice)),
        (_, _, 0) => format!("{start}; {}.", nothing_helped(advice)),
        (1, 0, _) => format!("{start}, and still is not fast; {}.", faster_by(page, advice)),
        (_, 0, _) => format!("{start}, and none of them is fast now; {}.", faster_by(page, advice)),
        (1, _, _) => format!("{start}; it is fast now, by {}.", price(advice)),
        (2, 2, _) => format!("{start}; both are fast now, by {}.", price(advice)),
        (all, some, _) if all == some => format!("{start}; all {} are fast now, by {}.", in_words(all), price(advice)),
        (_, 1, _) => format!("{start}; one is fast now, by {}.", price(advice)),
        (_, some, _) => format!("{start}; {} are fast now, by {}.", in_words(some), price(advice)),
    };
    let rest = [beyond_indexes(&advice.unsolved, slow.len(), solved), slower_now(page)];
    std::iter::once(first).chain(rest.into_iter().flatten()).chain(undecided(advice, slow)).collect()
}

/// `Six of 17 endpoints took over 10 ms`
fn how_slow(page: &Page, slow: &[&Standing]) -> String {
    let all = page.standings.len();
    let promised = slow.iter().filter(|s| s.has_slo()).count();
    let over = format!("took over {}", units::limit_ms(SLOW_MS));
    let (were, their) = if slow.len() > 1 { ("were", "their") } else { ("was", "its") };
    let either = format!("{were} too slow (over {their} SLO, or over {} without one)", units::limit_ms(SLOW_MS));
    let deed = match (slow.len(), promised) {
        (0, _) if page.standings.iter().any(Standing::has_slo) => either,
        (0, _) | (_, 0) => over,
        (1, 1) => "missed its SLO".to_owned(),
        (n, p) if n == p => "missed their SLO".to_owned(),
        _ => either,
    };
    match (slow.len(), page.standings.as_slice()) {
        (0, [only]) => format!("{} takes {}", plain(only.label), only.before_ms().map_or_else(String::new, units::ms)),
        (_, [only]) => format!("{} {deed}", plain(only.label)),
        (0, _) => format!("None of the {} {deed}", counted_in_words(all, "endpoint", "endpoints")),
        (n, _) if n == all => format!("All {} {deed}", counted_in_words(all, "endpoint", "endpoints")),
        (n, _) => format!("{} of {} {deed}", capitalized(&in_words(n)), counted_in_words(all, "endpoint", "endpoints")),
    }
}

fn slowest_named(page: &Page) -> Option<String> {
    let ranked = slowest(&page.standings);
    match ranked.as_slice() {
        [first, _, ..] => Some(format!("The slowest is {} with {}.", plain(first.label), units::ms(first.before_ms()?))),
        _ => None,
    }
}

/// `nine indexes (52.8 MB, built in 1.2 s)`
fn price(advice: &AdviceRun) -> String {
    let kept = counted_in_words(advice.keep.len(), "index", "indexes");
    format!("{kept} ({}, built in {})", units::bytes(advice.total_bytes), units::seconds(advice.total_build_ms / 1000.0))
}

fn faster_by(page: &Page, advice: &AdviceRun) -> String {
    let improved = page.standings.iter().filter(|s| s.verdict() == Some(Verdict::Improved)).count();
    match improved {
        0 if advice.keep.len() == 1 => format!("{} was kept", price(advice)),
        0 => format!("{} were kept", price(advice)),
        n => format!("{} became faster by {}", counted_in_words(n, "endpoint", "endpoints"), price(advice)),
    }
}

fn nothing_helped(advice: &AdviceRun) -> String {
    match advice.rejected.len() {
        0 => "no index was found to try".to_owned(),
        1 => "the one index that was proposed was not worth keeping".to_owned(),
        n => format!("none of the {} indexes that were proposed was worth keeping", in_words(n)),
    }
}

/// `The sixth, GET /play, is not a matter of indexes: 72.5 ms remain.`
fn beyond_indexes(unsolved: &[Unsolved], slow: usize, solved: usize) -> Option<String> {
    /// More names than this make no sentence; the section on indexes has them all.
    const NAMED: usize = 3;
    /// The section that `advice` writes for them.
    const SEE: &str = "What to do instead: [what no index saves](#what-no-index-saves).";
    if let [only] = unsolved {
        let name = plain(&only.label);
        let why = short_reason(&only.reason);
        let why = if why.is_empty() { why } else { format!(" {why}") };
        let remains = format!("is not a matter of indexes: {} remain.{why} {SEE}", units::ms(only.after_ms));
        let is_last = slow > 1 && solved + 1 == slow;
        return Some(if is_last {
            format!("The {}, {name}, {remains}", units::ordinal(slow))
        } else {
            format!("{name} {remains}")
        });
    }
    let mut named: Vec<String> = unsolved.iter().take(NAMED).map(|u| format!("{} ({})", plain(&u.label), remaining(u))).collect();
    if unsolved.len() > NAMED {
        named.push(format!("{} more", in_words(unsolved.len() - NAMED)));
    }
    let number = capitalized(&in_words(unsolved.len()));
    (!named.is_empty()).then(|| format!("{number} are not a matter of indexes: {}.", units::listed(&named)))
}

/// `72.5 ms remain`; of an endpoint whose median is within the limit what is not.
fn remaining(unsolved: &Unsolved) -> String {
    match unsolved.after_ms > unsolved.target_ms {
        true => format!("{} remain", units::ms(unsolved.after_ms)),
        false => format!(
            "half of the calls take {} or less, but not as many as promised {}",
            units::ms(unsolved.after_ms),
            units::limit_ms(unsolved.target_ms)
        ),
    }
}

/// Those that were slow and are neither proven fast nor given up, so that the numbers add up.
fn undecided(advice: &AdviceRun, slow: &[&Standing]) -> Vec<String> {
    if advice.keep.is_empty() {
        return Vec::new();
    }
    let left = slow.iter().filter(|s| !s.is_solved() && s.unsolved.is_none() && s.after_ms().is_some());
    let kept = |slos: &[SloResult]| !slos.is_empty() && slos.iter().all(|slo| slo.met == Some(true));
    let met = |s: &&&Standing| s.has_slo() && s.pair.is_some_and(|pair| kept(&pair.slo));
    let (met, open): (Vec<&&Standing>, Vec<&&Standing>) = left.partition(met);
    let mut said = Vec::new();
    if !met.is_empty() {
        let its = if met.len() == 1 { "its SLO, near which it is," } else { "their SLO, near which they are," };
        said.push(format!("{} met {its} when measured again beside the indexes, and no difference is proven.", named(&met)));
    }
    if !open.is_empty() {
        let gone = if open.len() == 1 { "it is" } else { "they are" };
        said.push(format!("Of {} it is not proven that {gone} fast now.", named(&open)));
    }
    said
}

/// The endpoints' names, where they are few.
fn named(standings: &[&&Standing]) -> String {
    const NAMED: usize = 3;
    let mut names: Vec<String> = standings.iter().take(NAMED).map(|s| plain(s.label)).collect();
    if standings.len() > NAMED {
        names.push(format!("{} more", in_words(standings.len() - NAMED)));
    }
    units::listed(&names)
}

/// The first sentence of a reason, without what it took under EXPLAIN: that is another clock than the median beside it.
fn short_reason(reason: &str) -> String {
    let first = reason.trim().split_inclusive(". ").next().unwrap_or_default().trim_end();
    let told = match first.split_once(", which takes ") {
        Some((start, rest)) => format!("{start}{}", rest.split_once(" ms").map_or(".", |(_, end)| end)),
        None => first.to_owned(),
    };
    text::sentences([told.as_str()])
}

fn slower_now(page: &Page) -> Option<String> {
    let regressed = page.standings.iter().filter(|s| s.verdict() == Some(Verdict::Regressed));
    let slower: Vec<String> = regressed
        .filter_map(|s| {
            Some(format!("{} is {} ({})", plain(s.label), change(s.pair?), units::ms_change(s.before_ms()?, s.after_ms()?)))
        })
        .collect();
    (!slower.is_empty()).then(|| format!("With the indexes, {}.", units::listed(&slower)))
}

#[cfg(test)]
mod tests {
    use super::short_reason;

    #[test]
    fn a_reason_is_told_without_the_other_clock() {
        let long =
            "The window function numbers all 9 rows of t, which takes 2.7 of 5.2 ms; only then the join keeps 1. No index helps.";
        assert_eq!(short_reason(long), "The window function numbers all 9 rows of t; only then the join keeps 1.");
        assert_eq!(short_reason("It sorts 1.5 MB"), "It sorts 1.5 MB.");
        assert_eq!(short_reason(""), "");
    }
}
