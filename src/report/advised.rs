//! What an advice comes to, in sentences that the terminal and the page share.

use super::model::{AdviceRun, Evidence, KeptIndex, Ledger, LedgerWrite, OtherAdvice, PairedResult, SloUnit, Unsolved};
use super::standing::SLOW_MS;
use crate::units::{self, amount, counted, ms, times};

/// The first words of an advice and what follows them.
#[derive(Debug, PartialEq)]
pub struct Headline {
    pub kind: Kind,
    /// `Keep 8 indexes`, `Nothing to do`, `Estimated, not measured`
    pub lead: String,
    /// Continues the first words, to a full stop.
    pub rest: String,
    /// Further sentences.
    pub more: Vec<String>,
}

/// What the first words are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// There is something that helps.
    Helps,
    /// Nothing to do, and nothing is wrong.
    Fine,
    /// Nothing helps, and something stays slow.
    Stuck,
    Estimated,
}

/// Medians of one call of each endpoint added up, before and after; of those that were measured on both sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sums {
    pub before_ms: f64,
    pub after_ms: f64,
}

/// `None` when no endpoint was measured on both sides.
pub fn sums(advice: &AdviceRun) -> Option<Sums> {
    let both = || advice.endpoints.iter().filter(|pair| pair.before.n > 0 && pair.after.n > 0);
    let sum = |of: fn(&PairedResult) -> f64| both().map(of).sum();
    both().next().is_some().then(|| Sums { before_ms: sum(|pair| pair.before.p50_ms), after_ms: sum(|pair| pair.after.p50_ms) })
}

/// What the advice comes to.
pub fn headline(advice: &AdviceRun) -> Headline {
    if advice.evidence == Evidence::Estimated {
        return estimated(advice);
    }
    if advice.keep.is_empty() && advice.drop.is_empty() && advice.rewrites.is_empty() {
        return nothing(advice);
    }
    let (lead, rest) = match advice.keep.len() as u64 {
        0 => ("No new index".to_owned(), format!("; {}", what_else(advice).join(", "))),
        n => (
            format!("Keep {}", counted(n, "index", "indexes")),
            format!(
                " ({}, built in {}){}",
                units::bytes(advice.total_bytes),
                units::seconds(advice.total_build_ms / 1e3),
                sum(advice)
            ),
        ),
    };
    let mut more = Vec::new();
    if !advice.keep.is_empty() && (!advice.drop.is_empty() || !advice.rewrites.is_empty()) {
        more.push(units::capitalized(&format!("{}.", what_else(advice).join("; "))));
    }
    more.extend(left(advice));
    Headline { kind: Kind::Helps, lead, rest: format!("{rest}."), more }
}

fn sum(advice: &AdviceRun) -> String {
    let Some(Sums { before_ms, after_ms }) = sums(advice).filter(|sums| sums.after_ms > 0.0) else { return String::new() };
    let change = if before_ms > after_ms { format!(", {} faster", times(before_ms / after_ms)) } else { String::new() };
    format!(": one call of each endpoint takes {} in all{change}", units::ms_change(before_ms, after_ms))
}

/// `2 other ways below take a further 72.1 ms off`, `1 index may go (3.1 MB)`
fn what_else(advice: &AdviceRun) -> Vec<String> {
    let mut said = Vec::new();
    let ways = advice.rewrites.len() as u64;
    if ways > 0 {
        let further = if advice.keep.is_empty() { "" } else { "a further " };
        let verb = if ways == 1 { "takes" } else { "take" };
        let saved = further_saving_ms(advice);
        let off = if saved > 0.0 { format!("{verb} {further}{} off", ms(saved)) } else { "helped".to_owned() };
        said.push(format!("{} beside indexes {off}", counted(ways, "change", "changes")));
    }
    if !advice.drop.is_empty() {
        let size = units::bytes(advice.drop.iter().map(|index| index.bytes).sum());
        said.push(format!("{} of the schema may go ({size})", counted(advice.drop.len() as u64, "index", "indexes")));
    }
    said
}

/// What the best way for each statement saves per call, added up; ways for the same statement are not.
fn further_saving_ms(advice: &AdviceRun) -> f64 {
    let saving = |other: &OtherAdvice| other.after_ms.map_or(0.0, |after| other.before_ms - after);
    let best = |other: &&OtherAdvice| {
        let same = |rival: &&OtherAdvice| rival.label == other.label && rival.step == other.step;
        // The first of equals counts.
        advice.rewrites.iter().filter(same).fold(None::<&OtherAdvice>, |best, rival| match best {
            Some(best) if saving(best) >= saving(rival) => Some(best),
            _ => Some(rival),
        })
    };
    advice.rewrites.iter().filter(|other| best(other).is_some_and(|best| std::ptr::eq(best, *other))).map(saving).sum()
}

/// How many endpoints stay slow.
fn left(advice: &AdviceRun) -> Option<String> {
    match advice.unsolved.len() as u64 {
        0 => None,
        n => Some(format!(
            "{} slower than {} should be.",
            counted(n, "endpoint stays", "endpoints stay"),
            if n == 1 { "it" } else { "they" }
        )),
    }
}

fn nothing(advice: &AdviceRun) -> Headline {
    let tried = match (advice.rejected.len() as u64, advice.rewrites_rejected.len() as u64) {
        (0, 0) => None,
        (n, 0) => Some(format!("{} tried and refused.", counted(n, "index was", "indexes were"))),
        (0, n) => Some(format!("{} tried and refused.", counted(n, "change beside indexes was", "changes beside indexes were"))),
        (n, m) => Some(format!(
            "{} and {} beside them were tried and refused.",
            counted(n, "index", "indexes"),
            counted(m, "change", "changes")
        )),
    };
    if !advice.unsolved.is_empty() {
        let rest = format!(
            ": {} slower than promised, and nothing that was tried helps.",
            match advice.unsolved.len() as u64 {
                1 => format!("{} stays", advice.unsolved[0].label),
                n => format!("{} stay", counted(n, "endpoint", "endpoints")),
            }
        );
        return Headline { kind: Kind::Stuck, lead: "Nothing to do".to_owned(), rest, more: tried.into_iter().collect() };
    }
    let slowest =
        advice.endpoints.iter().filter(|pair| pair.before.n > 0).max_by(|a, b| a.before.p50_ms.total_cmp(&b.before.p50_ms));
    let rest = match slowest {
        None => ": no call of any endpoint succeeded, so there was nothing to measure.".to_owned(),
        Some(pair) => format!(": {}; the slowest is {} with {}.", enough(advice, pair), pair.label, ms(pair.before.p50_ms)),
    };
    let kind = if slowest.is_some() { Kind::Fine } else { Kind::Stuck };
    Headline { kind, lead: "Nothing to do".to_owned(), rest, more: tried.into_iter().collect() }
}

/// Why all endpoints are quick enough; `slowest` is the one with the largest median.
fn enough(advice: &AdviceRun, slowest: &PairedResult) -> String {
    let promised = advice.endpoints.iter().filter(|pair| pair.slo.iter().any(|slo| slo.unit == SloUnit::Ms)).count();
    match promised {
        _ if slowest.before.p50_ms < 1.0 => "every endpoint takes less than 1 ms".to_owned(),
        0 => format!("every endpoint takes less than {}", units::limit_ms(SLOW_MS.max(slowest.before.p50_ms.ceil()))),
        n if n == advice.endpoints.len() => "every endpoint keeps its promise".to_owned(),
        _ => "every endpoint keeps its promise, or has none and is quick enough".to_owned(),
    }
}

fn estimated(advice: &AdviceRun) -> Headline {
    let rest = match advice.keep.len() as u64 {
        0 => ": the planner expects nothing of any index that was proposed.".to_owned(),
        n => format!(": {} the planner expects to pay. Nothing was built or executed.", counted(n, "index that", "indexes that")),
    };
    Headline { kind: Kind::Estimated, lead: "Estimated, not measured".to_owned(), rest, more: Vec::new() }
}

/// What an index costs those who write, in sentences; none when nothing was measured.
pub fn price(index: &KeptIndex) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(cost) = &index.insert_cost {
        let more = cost.with_us_per_row - cost.without_us_per_row;
        let wal = cost.with_wal_bytes_per_row - cost.without_wal_bytes_per_row;
        said.push(format!("a row inserted costs {} µs and {} of WAL more", units::figure(more.max(0.0)), wal_bytes(wal)));
    }
    if let Some(ledger) = &index.ledger {
        said.extend(ledger.writes.iter().map(|write| format!("a call of {} costs {}", write.label, write_cost(write))));
    }
    said
}

/// `0.012 ms, 180 bytes of WAL and 2 HOT updates more`
pub fn write_cost(write: &LedgerWrite) -> String {
    let mut parts = vec![match write.cost_ms {
        cost if cost > 0.0 => ms(cost),
        _ => "no time that can be told".to_owned(),
    }];
    if write.wal_bytes >= 0.5 {
        parts.push(format!("{} of WAL", wal_bytes(write.wal_bytes)));
    }
    if write.hot_lost > 0.0 {
        parts.push(format!("{} HOT {}", amount(write.hot_lost), if write.hot_lost == 1.0 { "update" } else { "updates" }));
    }
    let note = if write.note.is_empty() { String::new() } else { format!(" ({})", write.note) };
    format!("{} more{note}", units::listed(&parts))
}

/// What a call saves without an index, in the words of [`write_cost`].
pub fn write_saving(write: &LedgerWrite) -> String {
    write_cost(write).replacen(" more", "", 1)
}

fn wal_bytes(bytes: f64) -> String {
    counted(bytes.max(0.0).round() as u64, "byte", "bytes")
}

/// `+1,204 ms`: what 1,000 calls of the mix save with the index.
pub fn net(ledger: &Ledger) -> String {
    let sign = if ledger.net_ms > 0.0 { "+" } else { "" };
    format!("{sign}{}", units::figure(ledger.net_ms))
}

/// `POST /song/remove takes 33.7 ms without it and 0.17 with it`, for each endpoint that uses the index.
pub fn missed(index: &KeptIndex) -> Option<String> {
    let served: Vec<String> = index
        .serves
        .iter()
        .map(|served| {
            format!("{} takes {} without it and {} with it", served.label, ms(served.without_ms), units::figure(served.with_ms))
        })
        .collect();
    (!served.is_empty()).then(|| format!("{}.", served.join("; ")))
}

/// `104.7 → 0.19 ms, 550× faster`
pub fn other_result(other: &OtherAdvice) -> String {
    match other.after_ms {
        Some(after) if after > 0.0 && other.before_ms > after => {
            format!("{}, {} faster", units::ms_change(other.before_ms, after), times(other.before_ms / after))
        }
        Some(after) => units::ms_change(other.before_ms, after),
        None => format!("{} as it is", ms(other.before_ms)),
    }
}

/// Which statement of which endpoint it is about.
pub fn other_place(label: &str, step: Option<usize>) -> String {
    step.map_or_else(|| label.to_owned(), |step| format!("{label}, statement {step}"))
}

/// `stays at 72.5 ms, over its 50 ms. Most of what is left is statement 3.`
pub fn stays(unsolved: &Unsolved) -> String {
    format!("{}. Most of what is left is statement {}.", stays_over(unsolved), unsolved.step)
}

/// `stays at 72.5 ms, over its 50 ms`; what promises a p95 may well miss it with a median below.
pub fn stays_over(unsolved: &Unsolved) -> String {
    let (after, target) = (ms(unsolved.after_ms), units::limit_ms(unsolved.target_ms));
    if unsolved.after_ms < unsolved.target_ms {
        return format!("has a median of {after} and is over its {target} all the same");
    }
    format!("stays at {after}, over its {target}")
}

#[cfg(test)]
mod tests {
    use super::super::model::{DroppedAdvice, Latency, RejectedIndex};
    use super::*;

    fn pair(label: &str, before: f64, after: f64) -> PairedResult {
        let latency = |p50_ms| Latency { n: 20, p50_ms, ..Latency::default() };
        PairedResult { label: label.into(), before: latency(before), after: latency(after), ..PairedResult::default() }
    }

    #[test]
    fn a_median_below_the_target_is_not_called_over_it() {
        let unsolved = |after_ms| Unsolved {
            label: "GET /a".into(),
            step: 1,
            sql: String::new(),
            after_ms,
            target_ms: 10.0,
            reason: String::new(),
        };
        assert_eq!(stays_over(&unsolved(12.0)), "stays at 12.0 ms, over its 10 ms");
        assert_eq!(stays_over(&unsolved(0.38)), "has a median of 0.38 ms and is over its 10 ms all the same");
    }

    fn said(advice: &AdviceRun) -> String {
        let headline = headline(advice);
        format!("{}{} {}", headline.lead, headline.rest, headline.more.join(" ")).trim_end().to_owned()
    }

    fn other(label: &str, step: usize, before_ms: f64, after_ms: f64) -> OtherAdvice {
        OtherAdvice { label: label.into(), step: Some(step), before_ms, after_ms: Some(after_ms), ..OtherAdvice::default() }
    }

    #[test]
    fn nothing_to_do_has_a_reason() {
        let quick = AdviceRun { endpoints: vec![pair("GET /a", 0.4, 0.4), pair("GET /b", 0.7, 0.7)], ..AdviceRun::default() };
        assert_eq!(said(&quick), "Nothing to do: every endpoint takes less than 1 ms; the slowest is GET /b with 0.70 ms.");
        let slower = AdviceRun {
            endpoints: vec![pair("GET /a", 4.0, 4.0)],
            rejected: vec![RejectedIndex { definition: String::new(), because: String::new(), reason: String::new() }],
            ..AdviceRun::default()
        };
        assert_eq!(
            said(&slower),
            "Nothing to do: every endpoint takes less than 10 ms; the slowest is GET /a with 4.0 ms. 1 index was tried and refused."
        );
        let unsolved = Unsolved {
            label: "GET /a".into(),
            step: 1,
            sql: String::new(),
            after_ms: 90.0,
            target_ms: 10.0,
            reason: String::new(),
        };
        let stuck = AdviceRun { unsolved: vec![unsolved], ..slower };
        assert_eq!(
            said(&stuck),
            "Nothing to do: GET /a stays slower than promised, and nothing that was tried helps. 1 index was tried and refused."
        );
        assert!(said(&AdviceRun::default()).contains("no call of any endpoint succeeded"));
    }

    #[test]
    fn ways_for_one_statement_are_not_added_up() {
        let advice = AdviceRun {
            keep: vec![KeptIndex::default()],
            total_bytes: 53 << 20,
            total_build_ms: 1234.0,
            drop: vec![DroppedAdvice { bytes: 8192, ..DroppedAdvice::default() }],
            rewrites: vec![other("a", 1, 10.0, 4.0), other("a", 1, 10.0, 2.0), other("a", 2, 3.0, 1.0)],
            endpoints: vec![pair("a", 401.0, 105.0), pair("never called", 0.0, 0.0)],
            ..AdviceRun::default()
        };
        assert_eq!(
            said(&advice),
            "Keep 1 index (53.0 MB, built in 1.2 s): one call of each endpoint takes 401.0 → 105.0 ms in all, 3.8× faster. 3 changes beside \
             indexes take a further 10.0 ms off; 1 index of the schema may go (8 kB)."
        );
        let none = AdviceRun { keep: Vec::new(), ..advice };
        assert_eq!(said(&none), "No new index; 3 changes beside indexes take 10.0 ms off, 1 index of the schema may go (8 kB).");
    }
}
