//! What a plan says, in the order a reader wants it: where the time goes, the few tips worth most, the rest for who asks.

use super::model::Finding;

/// As many tips are shown at once. Who reads a fourth has not done the first three.
pub const SHOWN: usize = 3;

/// The rule whose sentences say where the time goes; all others are tips.
const SUMMARY: &str = "summary";

/// Findings, parted. Tips are numbered from 1 through both lists, as drawings of the plan point at them.
pub struct Parted<'a> {
    pub summary: Vec<&'a Finding>,
    /// At most [`SHOWN`], unless all were wanted.
    pub shown: Vec<&'a Finding>,
    pub folded: Vec<&'a Finding>,
}

/// Parts findings, whose tips are ranked already.
pub fn parted<'a>(findings: impl IntoIterator<Item = &'a Finding>, all: bool) -> Parted<'a> {
    let (summary, mut shown): (Vec<_>, Vec<_>) = findings.into_iter().partition(|finding| finding.rule == SUMMARY);
    let kept = if all { shown.len() } else { SHOWN.min(shown.len()) };
    let folded = shown.split_off(kept);
    Parted { summary, shown, folded }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings() -> Vec<Finding> {
        let rules = ["summary", "a", "b", "summary", "c", "d", "e"];
        rules.into_iter().map(|rule| Finding { rule: rule.into(), ..Finding::default() }).collect()
    }

    fn rules(findings: &[&Finding]) -> String {
        findings.iter().map(|finding| finding.rule.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn three_tips_are_shown_and_the_rest_folded() {
        let all = findings();
        let parted = parted(&all, false);
        assert_eq!([rules(&parted.summary), rules(&parted.shown), rules(&parted.folded)], ["summary summary", "a b c", "d e"]);
    }

    #[test]
    fn who_asks_gets_all() {
        let all = findings();
        let parted = parted(&all, true);
        assert_eq!([rules(&parted.shown), rules(&parted.folded)], ["a b c d e", ""]);
    }
}
