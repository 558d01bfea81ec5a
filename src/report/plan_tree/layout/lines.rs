//! The lines of the drawing.

use super::columns::{Column, Heat};
use crate::report::plan_tree::{Detail, PlanTree, Row, Strokes};
use crate::report::terminal::Screen;
use crate::report::wording::shortened_inside;
use crate::units::{self, printable};

const BOLD: &str = "\u{1b}[1m";
const FAINT: &str = "\u{1b}[2m";
const RED: &str = "\u{1b}[31m";
const YELLOW: &str = "\u{1b}[33m";
const RESET: &str = "\u{1b}[0m";

/// Characters of the column that marks the worst node.
pub(super) const MARK: usize = 2;

/// What all lines have in common.
pub(super) struct Frame {
    pub(super) screen: Screen,
    pub(super) columns: Vec<Column>,
    /// Characters for guides and names.
    pub(super) room: usize,
    /// There is a column for the mark of the worst.
    pub(super) marked: bool,
    /// Loops have no column; they stand below the node.
    pub(super) loops_below: bool,
    pub(super) tight: bool,
}

/// Title, rows, and what the whole took.
pub(super) fn all(tree: &PlanTree, frame: &Frame) -> Vec<String> {
    let titles: String = frame.columns.iter().map(|column| format!("{} ", column.title)).collect();
    let title = format!("{}{titles} node", frame.margin());
    let mut lines = vec![frame.painted(FAINT, title.trim_end())];
    for (place, row) in tree.rows.iter().enumerate() {
        lines.push(heading(frame, place, row));
        lines.extend(below(frame, row));
    }
    let width = frame.screen.width.saturating_sub(MARK);
    let whole = whole(tree).map(|text| shortened_inside(&text, width, frame.ellipsis()));
    lines.extend(whole.map(|text| format!("{}{}", frame.margin(), frame.painted(FAINT, &text))));
    lines
}

/// Conditions longer than this are cut without regret.
const CONDITION: usize = 44;

/// Characters that the longest name wants, or the longest condition that is no monster, guides included.
pub(super) fn room_wanted(tree: &PlanTree, tight: bool) -> usize {
    let strokes = Strokes { ascii: false, tight, most: usize::MAX };
    let length = |text: &str| text.chars().count();
    let wanted = |row: &Row| {
        let name = length(&row.guides.before_name(strokes)) + length(&row.name.whole()) + length(&tips(row));
        let detail = |detail: &Detail| length(&detail.label) + 2 + length(&detail.text).min(CONDITION);
        let longest = row.details.iter().map(detail).max().unwrap_or(0);
        name.max(length(&row.guides.before_details(strokes)) + longest)
    };
    tree.rows.iter().map(wanted).max().unwrap_or(0)
}

fn heading(frame: &Frame, place: usize, row: &Row) -> String {
    let mut line = frame.mark(row);
    for column in &frame.columns {
        let (text, heat) = &column.cells[place];
        line.push_str(&frame.painted(if row.executed { colour(*heat) } else { FAINT }, text));
        line.push(' ');
    }
    let guides = row.guides.before_name(frame.strokes());
    let tips = tips(row);
    let never = if row.executed { "" } else { " (never executed)" };
    let room = frame.left_beside(&[&guides, &tips, never]);
    let whole = printable(&row.name.whole());
    let name = if whole.chars().count() > room { printable(&row.name.without_index()) } else { whole };
    let name = shortened_inside(&name, room, frame.ellipsis());
    let weight = match row {
        row if !row.executed => FAINT,
        row if row.worst => BOLD,
        _ => "",
    };
    let parts = [(FAINT, guides.as_str()), (weight, &name), (FAINT, never), (YELLOW, &tips)];
    let shown: String = parts.iter().map(|(colour, text)| frame.painted(colour, text)).collect();
    format!("{line} {shown}").trim_end().to_owned()
}

/// The index that had no room in the name, the loops that have no column, then the details.
fn below(frame: &Frame, row: &Row) -> Vec<String> {
    let guides = row.guides.before_details(frame.strokes());
    let room = frame.left_beside(&[&guides]);
    let name_room = frame.left_beside(&[&row.guides.before_name(frame.strokes()), &tips(row)]);
    let moved = row.name.by.as_ref().filter(|_| row.name.whole().chars().count() > name_room);
    let loops = (frame.loops_below && row.node.is_some() && row.loops > 1.0).then(|| loops(row));
    let extra = moved.cloned().into_iter().chain(loops).map(|label| Detail { label, text: String::new() });
    let blank = " ".repeat(frame.columns.iter().map(|column| column.width() + 1).sum());
    let line = |detail: Detail| {
        let text = detail_text(&detail, room, frame.ellipsis());
        format!("{}{blank} {}", frame.margin(), frame.painted(FAINT, &format!("{guides}{text}"))).trim_end().to_owned()
    };
    extra.chain(row.details.iter().cloned()).map(line).collect()
}

/// `Filter, drops 919,030: (song_id = 27482)`, the condition cut in its middle.
fn detail_text(detail: &Detail, room: usize, ellipsis: &str) -> String {
    let label = printable(&detail.label);
    if detail.text.is_empty() {
        return shortened_inside(&label, room, ellipsis);
    }
    let left = room.saturating_sub(label.chars().count() + 2);
    shortened_inside(&format!("{label}: {}", shortened_inside(&printable(&detail.text), left.max(8), ellipsis)), room, ellipsis)
}

/// `911 loops`, `3 processes`, `30 loops in 3 processes`
fn loops(row: &Row) -> String {
    let loops = format!("{} loops", units::amount(row.loops));
    match (row.processes > 1.0, row.loops > row.processes) {
        (true, false) => format!("{} processes", units::amount(row.processes)),
        (true, true) => format!("{loops} in {} processes", units::amount(row.processes)),
        (false, _) => loops,
    }
}

/// ` [1] [3]`
fn tips(row: &Row) -> String {
    row.tips.iter().map(|number| format!(" [{number}]")).collect()
}

/// `planning 0.18 ms, execution 44.4 ms, of these 12.1 ms just-in-time compilation`
fn whole(tree: &PlanTree) -> Option<String> {
    let parts =
        [("planning", tree.planning_ms), ("execution", tree.execution_ms), ("of these just-in-time compilation", tree.jit_ms)];
    let said: Vec<String> = parts.iter().filter_map(|(what, ms)| ms.map(|ms| format!("{what} {}", units::ms(ms)))).collect();
    (!said.is_empty()).then(|| said.join(", "))
}

fn colour(heat: Heat) -> &'static str {
    match heat {
        Heat::Cold => "",
        Heat::Warm => YELLOW,
        Heat::Hot => RED,
    }
}

impl Frame {
    fn strokes(&self) -> Strokes {
        Strokes { ascii: self.screen.ascii, tight: self.tight, most: self.room * 11 / 20 }
    }

    fn ellipsis(&self) -> &'static str {
        if self.screen.ascii { "..." } else { "…" }
    }

    fn margin(&self) -> String {
        " ".repeat(if self.marked { MARK } else { 0 })
    }

    fn mark(&self, row: &Row) -> String {
        let mark = if self.screen.ascii { ">" } else { "►" };
        if row.worst && self.marked { format!("{} ", self.painted(RED, mark)) } else { self.margin() }
    }

    /// Characters of the tree's column that these leave.
    fn left_beside(&self, texts: &[&str]) -> usize {
        self.room.saturating_sub(texts.iter().map(|text| text.chars().count()).sum())
    }

    fn painted(&self, colour: &str, text: &str) -> String {
        if self.screen.color && !colour.is_empty() && !text.trim().is_empty() {
            format!("{colour}{text}{RESET}")
        } else {
            text.to_owned()
        }
    }
}
