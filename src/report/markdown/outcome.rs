//! What was done about a slow endpoint and what came of it.

use super::super::model::{AdviceRun, ExplainedEndpoint, ExplainedPlan, ExplainedStatement, KeptIndex, PairedResult, Verdict};
use super::super::standing::{Standing, change, interval, serving, slo_text};
use super::super::wording::plan_change;
use super::slow::weighed;
use super::text::{LINE, block, code, fold, sentences};
use super::{joined, meaning};
use crate::sql::quote_ident;
use crate::units;

pub(super) fn blocks(advice: &AdviceRun, standing: &Standing, explained: &ExplainedEndpoint) -> Vec<String> {
    let kept = serving(&advice.keep, standing.label);
    let mut blocks = vec![what_we_did(advice, standing, &kept)];
    blocks.push(what_came(standing, explained, &kept));
    if let Some(unsolved) = standing.unsolved {
        blocks.push(format!("**What no index saves.** {}", sentences([unsolved.reason.as_str()])));
    }
    let plans: Vec<(usize, Vec<String>)> = weighed(explained)
        .0
        .into_iter()
        .filter_map(|statement| Some((statement.step, meaning::after_plan(statement.after.as_ref()?))))
        .filter(|(_, plan)| !plan.is_empty())
        .collect();
    match plans.as_slice() {
        [] => {}
        [(_, plan)] => blocks.push(fold("The plan after", plan.join("\n").trim_end())),
        several => {
            let told =
                several.iter().flat_map(|(step, plan)| std::iter::once(format!("**Statement {step}:**")).chain(plan.clone()));
            let title = format!("The plans of {} statements after", units::in_words(several.len()));
            blocks.push(fold(&title, &joined(&told.collect::<Vec<_>>())));
        }
    }
    blocks
}

fn what_we_did(advice: &AdviceRun, standing: &Standing, kept: &[&KeptIndex]) -> String {
    let helped = standing.verdict() == Some(Verdict::Improved) && !advice.keep.is_empty();
    match kept {
        [] if helped => return "**What we did.** Nothing for its own sake: no index was kept for this endpoint, but those kept for others are there, too.".to_owned(),
        [] => return "**What we did.** Nothing: none of the kept indexes serves this endpoint.".to_owned(),
        _ => {}
    }
    format!("**What we did.**\n\n{}", block("sql", &commands(kept)))
}

/// One CREATE INDEX a line, its size and build time in a comment; what extensions they need comes first.
pub(super) fn commands(kept: &[&KeptIndex]) -> String {
    let mut extensions: Vec<&str> = kept.iter().filter_map(|index| index.extension.as_deref()).collect();
    extensions.sort_unstable();
    extensions.dedup();
    let first: String =
        extensions.iter().map(|name| format!("CREATE EXTENSION IF NOT EXISTS {};\n", quote_ident(name))).collect();
    let costs = kept.iter().map(|index| format!("-- {}, {}", units::bytes(index.bytes), units::seconds(index.build_ms / 1000.0)));
    let costs: Vec<String> = costs.collect();
    let room = LINE.saturating_sub(2 + costs.iter().map(|cost| cost.chars().count()).max().unwrap_or(0));
    let statements: Vec<String> = kept.iter().map(|index| command(index.definition.trim(), room)).collect();
    let last_line = |text: &str| text.rsplit('\n').next().unwrap_or_default().chars().count();
    let width = statements.iter().map(|text| last_line(text)).filter(|n| *n <= room).max().unwrap_or(0);
    let line = |(statement, cost): (&String, &String)| {
        format!("{statement}{}  {cost}", " ".repeat(width.saturating_sub(last_line(statement))))
    };
    format!("{first}{}", statements.iter().zip(&costs).map(line).collect::<Vec<_>>().join("\n"))
}

/// A definition with its end, on two lines where it is long.
fn command(definition: &str, room: usize) -> String {
    let whole = format!("{};", definition.trim_end_matches(';'));
    match whole.find(" ON ") {
        Some(at) if whole.chars().count() > room => format!("{}\n  {}", &whole[..at], &whole[at + 1..]),
        _ => whole,
    }
}

fn what_came(standing: &Standing, explained: &ExplainedEndpoint, kept: &[&KeptIndex]) -> String {
    /// More items than this are listed; fewer make a paragraph.
    const IN_A_PARAGRAPH: usize = 3;
    let mut said: Vec<String> = standing.pair.map(paired).into_iter().collect();
    let several = explained.statements.len() > 1;
    said.extend(weighed(explained).0.into_iter().map(|statement| at_the_server(statement, several, kept).join(" ")));
    said.retain(|item| !item.is_empty());
    said.extend(without_each(standing, kept));
    said.extend(standing.pair.into_iter().flat_map(|pair| &pair.slo).map(|slo| format!("Its SLO is {}.", slo_text(slo))));
    match said.len() {
        0 => String::new(),
        n if n > IN_A_PARAGRAPH => format!("**What came of it.**\n\n- {}", said.join("\n- ")),
        _ => format!("**What came of it.** {}", said.join(" ")),
    }
}

/// The measured pairs, at the client.
fn paired(pair: &PairedResult) -> String {
    let pairs = pair.before.n.min(pair.after.n);
    if pairs == 0 {
        return "No call succeeded both without and with the indexes.".to_owned();
    }
    let over = format!("Over {} of calls with the same parameters, in turn", units::counted(pairs, "pair", "pairs"));
    let medians = units::ms_change(pair.before.p50_ms, pair.after.p50_ms);
    let outcome = match (pair.verdict, interval(pair)) {
        (Verdict::NotEnoughData, _) => "too few to prove a difference".to_owned(),
        (Verdict::WithinNoise, Some(interval)) => {
            format!("no difference beyond noise (95% interval of after ÷ before: {interval})")
        }
        (_, Some(interval)) => format!("{} (95% interval {interval})", change(pair)),
        (_, None) => change(pair),
    };
    format!("{over}: {medians} at the client, {outcome}.")
}

/// Rows, blocks and time of one statement before and after, and whether the expectation held.
pub(super) fn at_the_server(statement: &ExplainedStatement, several: bool, kept: &[&KeptIndex]) -> Vec<String> {
    let Some(after) = &statement.after else { return Vec::new() };
    let changes = plan_change(&statement.before, after, " of the server's time");
    let whose = if several { format!("Statement {}", statement.step) } else { "The statement".to_owned() };
    let mut said = vec![format!("{whose} under EXPLAIN: {}.", units::listed(&changes))];
    if let Some((expectation, held)) = statement.expectation.as_ref().and_then(|e| Some((e, e.held?))) {
        let limit = units::limit_ms(expectation.at_most_ms);
        said.push(if held {
            format!("The expectation of at most {limit} held.")
        } else {
            format!("The expectation of at most {limit} did not hold{}", why_not(statement, after, kept))
        });
    }
    said
}

/// Why more remained than expected: the index was passed over, or the plan after says itself where the time is.
fn why_not(statement: &ExplainedStatement, after: &ExplainedPlan, kept: &[&KeptIndex]) -> String {
    let triggers: f64 = after.implied.iter().filter(|implied| !implied.deferred).map(|implied| implied.trigger_ms).sum();
    let passed_over = !kept.is_empty() && !kept.iter().any(|index| meaning::used(statement, index));
    if passed_over && triggers < after.execution_ms / 2.0 {
        return ": with these parameters the planner still takes another way than the index.".to_owned();
    }
    let told = after.findings.iter().filter(|finding| finding.rule != "summary");
    match told.max_by(|a, b| a.saves_ms.total_cmp(&b.saves_ms)) {
        Some(finding) => format!(". {}", sentences([finding.sentence.as_str()])),
        None => ".".to_owned(),
    }
}

/// What the endpoint would take without one index while the others stay.
fn without_each(standing: &Standing, kept: &[&KeptIndex]) -> Option<String> {
    let mut without: Vec<(&str, f64, f64)> = kept
        .iter()
        .flat_map(|index| {
            index.serves.iter().filter(|s| s.label == standing.label).map(|s| (index.name.as_str(), s.with_ms, s.without_ms))
        })
        .collect();
    without.sort_by(|a, b| b.2.total_cmp(&a.2));
    let said: Vec<String> = without
        .iter()
        .map(|(name, with, without)| format!("{} without {}", units::ms_change(*with, *without), code(name)))
        .collect();
    (said.len() > 1).then(|| format!("Taking one index away and leaving the others: {}.", units::listed(&said)))
}
