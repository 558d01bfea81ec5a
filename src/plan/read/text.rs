//! A plan in PostgreSQL's text layout.
//!
//! Which node a line belongs to follows from its indentation compared with that of the lines above it, not from its amount, so a
//! plan may be indented by tabs or wider than PostgreSQL does it. The order of the lines is that of
//! `src/backend/commands/explain.c`, but nothing depends on it.

mod figures;
mod heading;
mod joined;
mod list;
mod measures;
mod names;
mod number;
mod property;
mod sets;
mod settle;
mod statement;
mod target;
mod tree;
mod worker;

use super::error::{AS_PRINTED, PASTE_WHOLE, ReadError};
use super::lines::{Kind, Line, Lines};
use super::{Findings, FoundPlan};
use joined::Joined;
use number::Mistake;
use tree::{Outcome, Tree};

/// Whether the next line is a plan's first: its root, or `Query Text:` of auto_explain above it; or its middle, when the first
/// line got lost.
pub(super) fn begins(lines: &Lines) -> bool {
    let Some(line) = lines.peek(0) else { return false };
    if line.text.starts_with("Query Text:") {
        return true;
    }
    let split = heading::split(&line.text);
    if split.is_certain() {
        return true;
    }
    split.figures.is_empty() && split.is_known() && !split.arrow && stands_alone(lines, line)
}

/// Whether a name without figures is a plan all the same (COSTS OFF): a plan's line follows, or it stands where a plan stands.
fn stands_alone(lines: &Lines, line: &Line) -> bool {
    let framed = lines.passed().is_none_or(|before| before.kind != Kind::Content && before.kind != Kind::Blank);
    match lines.peek(1) {
        None => framed,
        Some(next) if next.kind != Kind::Content => framed && next.kind == Kind::End,
        Some(next) => {
            let split = heading::split(&next.text);
            let further_in = next.indent > line.indent;
            further_in && (split.arrow && split.is_known() || tree::is_plan_line(&next.text))
                || statement::part(&next.text).is_some()
        }
    }
}

/// Takes the plan that begins at the next line.
pub(super) fn take(lines: &mut Lines, duration_ms: Option<f64>, found: &mut Findings) {
    let first = lines.peek(0).map_or(1, |line| line.number);
    let mut plan = Reader { tree: Tree::default(), notes: Vec::new(), first, last: first };
    match plan.read(lines) {
        Ok(()) => {
            let Reader { tree, notes, first, last } = plan;
            match tree.finish(first, last) {
                Ok(plan) => found.plans.push(FoundPlan { plan, json: None, first, last, duration_ms, notes }),
                Err(problem) => found.problems.push(problem),
            }
        }
        Err(problem) => {
            found.problems.push(problem);
            pass_rest(lines);
        }
    }
}

/// Passes the line that is wrong and what is left of its plan, which is no plan of its own.
fn pass_rest(lines: &mut Lines) {
    lines.skip(1);
    while let Some(line) = lines.peek(0) {
        let split = heading::split(&line.text);
        if line.kind != Kind::Content || !split.arrow && split.is_certain() || !tree::is_plan_line(&line.text) {
            break;
        }
        lines.skip(1);
    }
}

struct Reader {
    tree: Tree,
    notes: Vec<String>,
    first: usize,
    last: usize,
}

impl Reader {
    fn read(&mut self, lines: &mut Lines) -> Result<(), ReadError> {
        self.query_text(lines)?;
        while self.pass_blanks(lines) {
            let Some(line) = lines.peek(0) else { break };
            let base = self.tree.base().unwrap_or(line.indent);
            let joined = joined::join(lines, base);
            let line = line.clone();
            match self.tree.take(&line, &joined.text) {
                Ok(Outcome::Taken) => {}
                Ok(Outcome::Over) => {
                    if statement::is_cut(&line.text) && self.is_cut(lines, &line, &joined) {
                        self.leave_out(&line);
                        self.last = line.number;
                        lines.skip(1);
                    }
                    break;
                }
                Err(_) if self.ends_before(lines, &line, &joined) => break,
                Err(_) if self.is_cut(lines, &line, &joined) => {
                    self.leave_out(&line);
                }
                Err(mistake) => return Err(self.broken(&line, mistake, lines.peek(joined.lines).is_none())),
            }
            if self.first == line.number && line.text.starts_with("->") {
                self.notes.push(format!("line {} begins with an arrow: the nodes above it are missing", line.number));
            }
            self.last = line.number + joined.lines - 1;
            lines.skip(joined.lines);
        }
        Ok(())
    }

    /// auto_explain's statement, which may have any number of lines; the first heading with figures ends it.
    fn query_text(&mut self, lines: &mut Lines) -> Result<(), ReadError> {
        let Some(line) = lines.peek(0).filter(|line| line.text.starts_with("Query Text:")) else { return Ok(()) };
        let (number, base) = (line.number, line.indent);
        let mut query = line.text["Query Text:".len()..].trim_start().to_owned();
        lines.skip(1);
        loop {
            let Some(line) = lines.peek(0).filter(|line| !matches!(line.kind, Kind::Log(_))) else {
                return Err(ReadError::Broken {
                    line: lines.passed().map_or(number, |line| line.number),
                    column: 1,
                    found: "the end of the log entry".to_owned(),
                    expected: format!("the plan of the statement at line {number}"),
                    next: PASTE_WHOLE,
                });
            };
            if line.kind == Kind::Content && heading::split(&line.text).is_certain() {
                break;
            }
            if let Some(parameters) = line.text.strip_prefix("Query Parameters:") {
                self.tree.plan.other.insert("Query Parameters".into(), parameters.trim().into());
            } else {
                query.push('\n');
                query.push_str(joined::without_indent(&line.raw, base));
            }
            lines.skip(1);
        }
        self.tree.plan.query_text = Some(query);
        Ok(())
    }

    /// Passes blank lines and borders, if the plan goes on behind them; says whether there is a line to read.
    fn pass_blanks(&self, lines: &mut Lines) -> bool {
        let mut blank = 0;
        loop {
            match lines.peek(blank) {
                Some(line) if line.kind == Kind::Blank => blank += 1,
                Some(line) if line.kind == Kind::Content => {
                    let goes_on = blank == 0 || self.tree.continues_with(line);
                    // Those passed over for nothing need no second look.
                    lines.skip(blank);
                    return goes_on;
                }
                _ => {
                    lines.skip(blank);
                    return false;
                }
            }
        }
    }

    /// Whether a line that cannot be read is the last, in the middle of which the plan was cut off. A node's own line is not
    /// left out: the tree would be another.
    fn is_cut(&self, lines: &Lines, line: &Line, joined: &Joined) -> bool {
        let is_last = lines.peek(joined.lines).is_none_or(|next| next.kind != Kind::Content);
        is_last && self.tree.has_root() && !line.text.starts_with("->") && !"->".starts_with(&*line.text)
    }

    /// Whether a line without arrow and label is somebody's word behind the plan: more follows, but no line of the plan.
    fn ends_before(&self, lines: &Lines, line: &Line, joined: &Joined) -> bool {
        let split = heading::split(&line.text);
        if split.arrow || !split.figures.is_empty() || line.text.contains(':') || !self.tree.has_root() {
            return false;
        }
        match lines.peek(joined.lines) {
            None => false,
            Some(next) => next.kind != Kind::Content || !self.tree.continues_with(next),
        }
    }

    fn leave_out(&mut self, line: &Line) {
        self.notes.push(format!("line {} is cut off and left out", line.number));
    }

    fn broken(&self, line: &Line, mistake: tree::Wrong, is_last: bool) -> ReadError {
        match mistake {
            tree::Wrong::TooDeep => ReadError::TooDeep { limit: crate::plan::MAX_DEPTH, line: line.number },
            tree::Wrong::Mistake(Mistake { before, found, expected }) => ReadError::Broken {
                line: line.number,
                column: line.before + before + 1,
                found,
                expected,
                next: if is_last { PASTE_WHOLE } else { AS_PRINTED },
            },
        }
    }
}
