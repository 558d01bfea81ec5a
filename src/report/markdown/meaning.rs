//! A plan, what it means, and what must come of it: the part of a slow endpoint's story that is known before anything is built.

use super::super::model::{ExplainedEndpoint, ExplainedPlan, ExplainedStatement, Finding, KeptIndex};
use super::super::standing::index_target;
use super::super::tips::parted;
use super::super::wording;
use super::joined;
use super::plan;
use super::text::{code, fold, prose, sentences};
use crate::units;

/// More findings than this are listed; fewer make a paragraph.
const IN_A_PARAGRAPH: usize = 2;

/// The plan with the indexes and what is left to say of it; to be folded, so that no length is too long.
pub(super) fn after_plan(plan: &ExplainedPlan) -> Vec<String> {
    if plan.text.trim().is_empty() {
        return Vec::new();
    }
    [plan::opened(plan), vec![said(&worth_saying(plan, false))]].concat()
}

/// Rules whose sentence names the rows that one scan reads.
const NAMES_THE_ROWS: [&str; 10] = [
    "seq-scan-discards",
    "index-scan-filters",
    "no-btree-serves-it",
    "offset-paging",
    "reads-to-return",
    "whole-table-window",
    "limit-fooled",
    "type-mismatch",
    "or-across-columns",
    "optional-parameter",
];

/// The findings without those that repeat others: the sum of the rows when a scan's own sentence names them, and each foreign
/// key when the table of what they ran stands below (`tabled`).
pub(super) fn worth_saying(plan: &ExplainedPlan, tabled: bool) -> Vec<&Finding> {
    let rows_named = plan.findings.iter().any(|finding| NAMES_THE_ROWS.contains(&finding.rule.as_str()));
    let keys_listed = tabled && plan.implied.len() > 1;
    let repeats = |finding: &Finding| match finding.rule.as_str() {
        "summary" => rows_named && finding.sentence.starts_with("It reads "),
        "cascade-without-index" => keys_listed,
        _ => false,
    };
    plan.findings.iter().filter(|finding| !repeats(finding)).collect()
}

/// "What it means", from the findings: where the time goes, the tips worth most, and the others to be opened.
pub(super) fn means(plan: &ExplainedPlan) -> String {
    let all = worth_saying(plan, true);
    if all.len() <= IN_A_PARAGRAPH {
        return if all.is_empty() { String::new() } else { format!("**What it means.** {}", said(&all)) };
    }
    let found = parted(all, false);
    let mut blocks = vec![format!("**What it means.** {}", said(&found.summary)).trim_end().to_owned()];
    blocks.push(numbered(&found.shown, 1));
    if !found.folded.is_empty() {
        let title = units::counted_in_words(found.folded.len(), "more tip", "more tips");
        blocks.push(fold(&units::capitalized(&title), &numbered(&found.folded, found.shown.len() + 1)));
    }
    joined(&blocks).trim_end().to_owned()
}

/// What the statements of an endpoint say together, with what to do about it.
pub(super) fn together(findings: &[Finding]) -> String {
    let all = |finding: &Finding| sentences([finding.sentence.as_str()].into_iter().chain(finding.next_step.as_deref()));
    match findings {
        [] => String::new(),
        [only] => format!("**Together.** {}", all(only)),
        many => {
            let items: Vec<String> = many.iter().map(|finding| format!("- {}", all(finding))).collect();
            format!("**Together.**\n\n{}", items.join("\n"))
        }
    }
}

pub(super) fn said(findings: &[&Finding]) -> String {
    sentences(findings.iter().map(|finding| finding.sentence.as_str()))
}

/// A list that goes on from a number.
pub(super) fn numbered(tips: &[&Finding], first: usize) -> String {
    let item = |(i, tip): (usize, &&Finding)| {
        let tried = tip.tried.as_ref().map(|tried| format!("Tried: {}", wording::tried(tried)));
        format!("{}. {}", first + i, sentences([tip.sentence.as_str()].into_iter().chain(tried.as_deref())))
    };
    tips.iter().enumerate().map(item).collect::<Vec<_>>().join("\n")
}

/// "What we expect", and of which index. Nothing when no index was built for the statement.
pub(super) fn expectation(statement: &ExplainedStatement, kept: &[&KeptIndex]) -> String {
    let Some(expectation) = &statement.expectation else {
        return match statement.after {
            Some(_) if !kept.is_empty() => {
                "**What we expect.** Nothing to rely on: the plan names no time that an index is sure to save.".to_owned()
            }
            _ => String::new(),
        };
    };
    let limit = units::limit_ms(expectation.at_most_ms);
    let targets: Vec<String> = meant(statement, kept).iter().map(|index| code(index_target(&index.definition))).collect();
    let with = if targets.is_empty() { String::new() } else { format!("With {}, at", units::listed(&targets)) };
    let at = if with.is_empty() { "At" } else { &with };
    format!(
        "**What we expect.** {at} most {limit} of the server's time must remain. {}",
        sentences([expectation.sentence.as_str()])
    )
    .trim_end()
    .to_owned()
}

/// The kept indexes that a statement's expectation is about: on a table that it or its foreign keys read.
fn meant<'a>(statement: &ExplainedStatement, kept: &[&'a KeptIndex]) -> Vec<&'a KeptIndex> {
    let reads = |index: &&&KeptIndex| {
        let looked_up = statement.before.implied.iter().any(|implied| {
            let lacked = implied.missing_index.as_deref().map(index_target);
            lacked.is_some_and(|lacked| lacked.split(" (").next() == Some(index.table.as_str()))
        });
        looked_up || statement.before.text.contains(&format!("Seq Scan on {}", index.table)) || used(statement, index)
    };
    kept.iter().filter(reads).copied().collect()
}

/// Whether the plan after, or that of a statement a foreign key ran, goes by the index.
pub(super) fn used(statement: &ExplainedStatement, index: &KeptIndex) -> bool {
    fn named(plan: &ExplainedPlan, name: &str) -> bool {
        let by_itself = |word: &str| word.trim_matches('"') == name;
        plan.text.split_whitespace().any(by_itself)
            || plan.implied.iter().filter_map(|implied| implied.plan.as_deref()).any(|own| named(own, name))
    }
    statement.after.as_ref().is_some_and(|after| named(after, &index.name))
}

/// What the findings say to do, for a run that tried no index.
pub(super) fn next_steps(explained: &ExplainedEndpoint) -> Vec<String> {
    let mut steps: Vec<&str> = Vec::new();
    for finding in explained.statements.iter().flat_map(shown_tips) {
        if let Some(step) = finding.next_step.as_deref().filter(|step| !steps.contains(step)) {
            steps.push(step);
        }
    }
    match steps.as_slice() {
        [] => Vec::new(),
        [only] => vec![format!("**What to try.** {}", sentences([*only]))],
        many => {
            let items: Vec<String> = many.iter().map(|step| format!("- {}", prose(step))).collect();
            vec![format!("**What to try.**\n\n{}", items.join("\n"))]
        }
    }
}

/// The tips that the page shows of a statement and of what foreign keys ran behind it.
fn shown_tips(statement: &ExplainedStatement) -> Vec<&Finding> {
    let implied = statement.before.implied.iter().filter_map(|implied| implied.plan.as_deref());
    std::iter::once(&statement.before).chain(implied).flat_map(|plan| parted(&plan.findings, false).shown).collect()
}
