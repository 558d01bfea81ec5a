//! Any EXPLAIN output into [`Plan`]s: JSON and text, of PostgreSQL 12 to 18, as psql, auto_explain, pgAdmin, Markdown and people's
//! pastes frame it.
//!
//! ```text
//! text ─ lines (frame, log) ─> lines as EXPLAIN printed them ─┬─ json ─> Plan
//!                                                             └─ text ─> Plan ─ settle ─> what follows from the rest
//! ```
//!
//! Every plan in the text is found; what is between them (prose, statements, log entries) is passed over. A line is looked at a
//! bounded number of times, and no function calls itself deeper than [`MAX_DEPTH`](crate::plan::MAX_DEPTH).
//!
//! Text tells less than JSON; [`Plan::as_text_tells`] is the list of what.

mod error;
mod frame;
mod json;
mod lines;
mod log;
mod normal;
mod text;

use serde_json::Value;

pub use error::ReadError;
use lines::{Kind, Lines};

use super::Plan;

/// A plan and where it stood.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundPlan {
    pub plan: Plan,
    /// The JSON it was read from; `None` when it was read from text.
    pub json: Option<Value>,
    /// First and last line, from 1.
    pub first: usize,
    pub last: usize,
    /// What auto_explain says the statement took, ms.
    pub duration_ms: Option<f64>,
    /// What was left out of it.
    pub notes: Vec<String>,
}

/// What a text holds.
#[derive(Debug, Default)]
pub struct Findings {
    /// In the order of the text.
    pub plans: Vec<FoundPlan>,
    /// Plans that were passed over, because something is wrong with them.
    pub problems: Vec<ReadError>,
}

impl FoundPlan {
    /// What the statement took, ms: its execution, else what auto_explain says, else the root's time. `None` when nothing was
    /// measured.
    pub fn time_ms(&self) -> Option<f64> {
        let root = || self.plan.root.actual_total_ms.map(|ms| ms * self.plan.root.loops());
        self.plan.execution_ms.or(self.duration_ms).or_else(root)
    }
}

impl Findings {
    /// The places of the plans, slowest first; those that were not measured come last, the costliest first.
    pub fn slowest_first(&self) -> Vec<usize> {
        let key = |place: &usize| {
            let plan = &self.plans[*place];
            (plan.time_ms().unwrap_or(-1.0), plan.plan.root.total_cost.unwrap_or(-1.0))
        };
        let mut places: Vec<usize> = (0..self.plans.len()).collect();
        places.sort_by(|a, b| {
            let ((a_ms, a_cost), (b_ms, b_cost)) = (key(a), key(b));
            b_ms.total_cmp(&a_ms).then(b_cost.total_cmp(&a_cost))
        });
        places
    }

    /// What was left out of the plans.
    pub fn notes(&self) -> Vec<&str> {
        self.plans.iter().flat_map(|plan| &plan.notes).map(String::as_str).collect()
    }
}

impl Plan {
    /// Reads the one plan in a text.
    ///
    /// # Errors
    /// When there is none, or several, or anything is wrong with it: with the line, the column, what was expected and what to do.
    pub fn read(text: &str) -> Result<Plan, ReadError> {
        let mut found = read_plans(text)?;
        if !found.problems.is_empty() {
            return Err(found.problems.swap_remove(0));
        }
        if found.plans.len() > 1 {
            let lines: Vec<String> = found.plans.iter().take(10).map(|plan| plan.first.to_string()).collect();
            return Err(ReadError::Several { count: found.plans.len(), lines: lines.join(", ") });
        }
        found.plans.pop().map(|found| found.plan).ok_or(ReadError::Empty)
    }
}

/// Reads every plan in a text: a log, a report, a terminal's scrollback.
///
/// # Errors
/// When there is no whole plan in it: what is wrong with the first that is broken, or that there is none.
pub fn read_plans(text: &str) -> Result<Findings, ReadError> {
    let mut lines = Lines::of(text);
    let mut found = find(&mut lines);
    if found.plans.is_empty() {
        return Err(if found.problems.is_empty() { nothing(&lines) } else { found.problems.swap_remove(0) });
    }
    Ok(found)
}

fn find(lines: &mut Lines) -> Findings {
    let mut found = Findings::default();
    let mut duration = None;
    let mut try_json = true;
    while let Some(line) = lines.peek(0) {
        let before = found.plans.len() + found.problems.len();
        if let Kind::Log(ms) = line.kind {
            duration = Some(ms);
            lines.skip(1);
        } else if line.kind != Kind::Content {
            lines.skip(1);
        } else if try_json && json::begins(line) {
            try_json = json::take(lines, duration, &mut found);
        } else if text::begins(lines) {
            text::take(lines, duration, &mut found);
        } else {
            lines.skip(1);
        }
        if found.plans.len() + found.problems.len() > before {
            duration = None;
        }
    }
    found
}

/// Why there is no plan in the text.
fn nothing(lines: &Lines) -> ReadError {
    let starting = |start: &str| lines.contents().find(|line| line.text.starts_with(start)).map(|line| line.number);
    if lines.contents().next().is_none() {
        ReadError::Empty
    } else if let Some(line) = starting("<explain") {
        ReadError::Format { format: "XML", line }
    } else if let Some(line) = starting("- Plan:").or_else(|| starting("Plan:")).or_else(|| starting("Node Type:")) {
        ReadError::Format { format: "YAML", line }
    } else {
        ReadError::Nothing { lines: lines.len() }
    }
}

#[cfg(test)]
mod tests;
