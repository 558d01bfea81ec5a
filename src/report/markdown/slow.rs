//! The slow endpoints one by one: where the time goes, what the plan means, what was done and what came of it.

use super::super::measures;
use super::super::model::{EndpointResult, ExplainedEndpoint, ExplainedStatement, KeptIndex, StepResult, Verdict};
use super::super::plan_tree::PlanPicture;
use super::super::standing::{Standing, serving};
use super::super::wording::valued;
use super::table::{Lean, Table};
use super::text::{block, code, fold, one_line, plain, prose, shortened};
use super::{Page, Section, cascade, joined, meaning, outcome, plan, plan_classes, repeats};
use crate::units::{self, amount, figure, percent};

/// Characters of a statement in a table.
const STATEMENT_SHOWN: usize = 70;

pub(super) fn section(page: &Page) -> Option<Section> {
    let blocks: Vec<String> = page.run.explained.iter().flat_map(|explained| endpoint(page, explained)).collect();
    let title = if blocks.len() > 1 && page.run.explained.len() > 1 { "The slow endpoints" } else { "The slow endpoint" };
    (!blocks.is_empty()).then(|| Section { title, body: joined(&blocks) })
}

/// The heading of an explained endpoint, as plain text: `2. POST /song/{song_id}/remove: 44.3 → 0.17 ms`.
pub(super) fn heading(standing: &Standing) -> String {
    let number = standing.explained.map_or_else(String::new, |place| format!("{}. ", place + 1));
    let times = match (standing.before_ms(), standing.after_ms()) {
        // Two medians would look like a change that nothing proved.
        (Some(before), Some(_)) if standing.verdict() == Some(Verdict::WithinNoise) => {
            format!(": {}, no change beyond noise", units::ms(before))
        }
        (Some(before), Some(after)) => format!(": {}", units::ms_change(before, after)),
        (Some(before), None) => format!(": {}", units::ms(before)),
        _ => String::new(),
    };
    format!("{number}{}{times}", one_line(standing.label))
}

fn endpoint(page: &Page, explained: &ExplainedEndpoint) -> Vec<String> {
    let Some(standing) = page.standings.iter().find(|standing| standing.label == explained.label) else { return Vec::new() };
    let mut blocks = vec![format!("### {}", plain(&heading(standing)))];
    blocks.extend(standing.bench.map(where_time_goes));
    blocks.push(meaning::together(&explained.findings));
    let several = explained.statements.len() > 1 || standing.bench.is_some_and(|bench| bench.steps.len() > 1);
    let kept = page.run.advice.as_ref().map_or_else(Vec::new, |advice| serving(&advice.keep, standing.label));
    let (told, minor) = weighed(explained);
    let told_from = blocks.len();
    for statement in told {
        let pictured =
            page.plan_pictures.iter().find(|one| Some(one.endpoint) == standing.explained && one.step == statement.step);
        let mut all = story(statement, pictured);
        all.push(meaning::expectation(statement, &kept));
        all.extend(plan_classes::blocks(statement));
        match repeats::told_before(page, standing, statement) {
            Some(before) => {
                blocks.push(before.sentence(page, statement, explained.statements.len() > 1));
                blocks.push(fold(&format!("Statement {} in full", statement.step), &joined(&all)));
            }
            None => {
                blocks.extend(several.then(|| statement_title(explained, statement)));
                blocks.extend(all);
            }
        }
    }
    blocks.push(folded(explained, &minor, &kept));
    match &page.run.advice {
        Some(advice) if nothing_to_tell(standing) => {
            let title = format!("Its {}, with plans", if several { "statements" } else { "statement" });
            let inside = fold(&title, &joined(&blocks.split_off(told_from)));
            blocks.extend(outcome::blocks(advice, standing, explained));
            blocks.push(inside);
        }
        Some(advice) => blocks.extend(outcome::blocks(advice, standing, explained)),
        None => blocks.extend(meaning::next_steps(explained)),
    }
    blocks
}

/// Endpoints that are told in full though they were fast enough, when something changed.
const TOLD_ANYWAY: usize = 3;

/// Whether an endpoint was fast enough before and is no news now: its plans are there for who wants them.
fn nothing_to_tell(standing: &Standing) -> bool {
    let unchanged = matches!(standing.verdict(), Some(Verdict::WithinNoise | Verdict::NotEnoughData));
    let far_down = standing.explained.is_some_and(|place| place >= TOLD_ANYWAY) && standing.verdict() == Some(Verdict::Improved);
    (unchanged || far_down) && !standing.is_slow() && standing.unsolved.is_none()
}

/// Below this share of an endpoint's time a statement is folded away: the page is about what takes the time.
const MINOR_SHARE: f64 = 0.25;

/// The statements whose story is told, and those too small to matter. The largest is always told.
pub(super) fn weighed(explained: &ExplainedEndpoint) -> (Vec<&ExplainedStatement>, Vec<&ExplainedStatement>) {
    let largest = explained.statements.iter().map(|statement| statement.share).fold(0.0, f64::max);
    explained.statements.iter().partition(|statement| statement.share >= MINOR_SHARE || statement.share == largest)
}

/// A statement with its plan and what that means.
fn story(statement: &ExplainedStatement, pictured: Option<&PlanPicture>) -> Vec<String> {
    let mut blocks = vec![sql(statement)];
    blocks.extend(pictured.map(plan::picture));
    let clocks = statement.before.clocks.as_ref().map(|clocks| prose(&measures::clocks(clocks).join(" "))).unwrap_or_default();
    blocks.extend(plan::plan(&statement.before, pictured.is_some(), &clocks));
    blocks.push(meaning::means(&statement.before));
    blocks.extend(cascade::behind(&statement.before));
    blocks
}

/// The minor statements, to be opened by who wants them.
fn folded(explained: &ExplainedEndpoint, minor: &[&ExplainedStatement], kept: &[&KeptIndex]) -> String {
    if minor.is_empty() {
        return String::new();
    }
    let mut blocks = Vec::new();
    for statement in minor {
        blocks.push(statement_title(explained, statement));
        blocks.extend(story(statement, None));
        blocks.extend(statement.expectation.as_ref().map(|_| meaning::expectation(statement, kept)));
        blocks.push(outcome::at_the_server(statement, true, kept).join(" "));
        blocks.extend(statement.after.iter().flat_map(meaning::after_plan));
    }
    let number = units::capitalized(&units::counted_in_words(minor.len(), "more statement", "more statements"));
    let share = percent(minor.iter().map(|statement| statement.share).sum());
    let together = if minor.len() > 1 { " together" } else { "" };
    fold(&format!("{number}, {share} of the time{together}"), &joined(&blocks))
}

fn statement_title(explained: &ExplainedEndpoint, statement: &ExplainedStatement) -> String {
    match explained.statements.len() {
        1 => format!("Statement {}:", statement.step),
        _ => format!("**Statement {}**, {} of the time:", statement.step, percent(statement.share)),
    }
}

/// Which of the statements the time is spent in.
fn where_time_goes(bench: &EndpointResult) -> String {
    let most = bench.steps.iter().max_by(|a, b| a.share.total_cmp(&b.share));
    match (bench.steps.as_slice(), most) {
        ([], _) | (_, None) => String::new(),
        ([only], _) if only.runs_per_call == 1.0 => String::new(),
        ([only], _) => format!("One statement, run {} per call.", runs(only)),
        (steps, Some(most)) => {
            let often = if most.runs_per_call == 1.0 { String::new() } else { format!(", which runs {} per call", runs(most)) };
            let said = format!(
                "{}; {} of the time is the {}{often}.",
                units::capitalized(&units::counted_in_words(steps.len(), "statement", "statements")),
                percent(most.share),
                units::ordinal(most.step)
            );
            let title = format!("The {} statements", units::in_words(steps.len()));
            if steps.len() > 2 { format!("{said}\n\n{}", fold(&title, &step_table(steps))) } else { said }
        }
    }
}

fn runs(step: &StepResult) -> String {
    if step.runs_per_call == 2.0 { "twice".to_owned() } else { format!("{} times", amount(step.runs_per_call)) }
}

fn step_table(steps: &[StepResult]) -> String {
    let columns = [
        ("#", Lean::Right),
        ("statement", Lean::Left),
        ("runs per call", Lean::Right),
        ("rows per call", Lean::Right),
        ("median, ms", Lean::Right),
        ("share", Lean::Right),
    ];
    let mut table = Table::new(columns);
    for step in steps {
        table.row([
            step.step.to_string(),
            code(&shortened(&one_line(&step.sql), STATEMENT_SHOWN)),
            amount(step.runs_per_call),
            amount(step.rows_per_call),
            if step.latency.n == 0 { "never ran".to_owned() } else { figure(step.latency.p50_ms) },
            percent(step.share),
        ]);
    }
    table.render()
}

/// The statement as the author broke its lines, with the values it was explained with.
fn sql(statement: &ExplainedStatement) -> String {
    let mut text = statement.sql.trim().to_owned();
    for parameter in &statement.parameters {
        text.push_str(&format!("\n-- {}", valued(parameter)));
    }
    block("sql", &text)
}
