//! A plan as a picture: the tree on the left, and beside each node where in the whole its own time lies.
//!
//! A node's own part (dark) is followed by those of the nodes below it (pale), so that the dark parts of all rows cover the axis once
//! from left to right: what is wide is what takes long. The picture stands on a white card, as all of them do. Without timing the
//! bars are blocks, without ANALYZE costs.

mod spans;

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::{PlanTree, Row};
use crate::report::drawing::{Area, Drawn, EDGE, TEXT, card, text};
use crate::report::palette::{BLUE, FAINT, GREY, GRID, INK, RED};
use crate::report::wording::{shortened, shortened_inside};
use crate::units;
use spans::{Measure, Span, spans};

const HEAD: i32 = 78;
const FOOT: i32 = 16;
const ROW: i32 = 26;
const BAR: i32 = 14;
/// Pixels by which a level is set in.
const STEP: i32 = 16;
/// Where the bars begin and end; behind them stand the figures.
const LEFT: i32 = 430;
const RIGHT: i32 = 740;
/// Pixels of an average letter in any usual sans-serif font.
const LETTER: f64 = 6.6;
/// Larger plans leave out the nodes that matter least.
const MOST_ROWS: usize = 40;
/// Deeper levels are not set in further, so that names keep room.
const DEEPEST: usize = 14;
/// Estimates that are further off are worth a word.
const OFF: f64 = 10.0;
/// The picture under a title. `None` when no node has anything to show as length.
pub fn draw(tree: &PlanTree, title: &str) -> Option<String> {
    let measure = Measure::of(tree);
    let spans = spans(tree, measure);
    let whole: f64 = spans.iter().map(|span| span.own).sum();
    if whole <= 0.0 || !whole.is_finite() {
        return None;
    }
    let shown = shown(&spans);
    let left_out = tree.rows.len() - shown.len();
    let lines = shown.len() + usize::from(left_out > 0);
    let height = HEAD + ROW * i32::try_from(lines).ok()? + FOOT;
    let picture = Picture { tree, measure, spans, whole, shown, left_out };
    card(height, |area| picture.on(area, title, height))
}

struct Picture<'a> {
    tree: &'a PlanTree,
    measure: Measure,
    spans: Vec<Span>,
    whole: f64,
    /// Places of the rows drawn, in their order.
    shown: Vec<usize>,
    left_out: usize,
}

/// The rows with the most below them; a parent has never less than its child.
fn shown(spans: &[Span]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..spans.len()).collect();
    places.sort_by(|a, b| spans[*b].whole.total_cmp(&spans[*a].whole).then(a.cmp(b)));
    places.truncate(MOST_ROWS);
    places.sort_unstable();
    places
}

impl Picture<'_> {
    fn on<'a>(&self, area: &Area<'a>, title: &str, height: i32) -> Drawn<'a> {
        text(area, &shortened(title, 110), (EDGE, 24), TEXT + 3.0, INK, HPos::Left)?;
        self.key(area)?;
        self.axis(area, height)?;
        let parents = self.tree.parents();
        for (line, place) in self.shown.iter().enumerate() {
            let y = middle(line);
            if let Some(above) = parents[*place].and_then(|parent| self.shown.iter().position(|shown| *shown == parent)) {
                elbow(area, &self.tree.rows[*place], middle(above), y)?;
            }
            self.row(area, *place, y)?;
        }
        if self.left_out > 0 {
            let said = format!("and {} that matter less", units::counted(self.left_out as u64, "more node", "more nodes"));
            text(area, &said, (EDGE, middle(self.shown.len())), TEXT, FAINT, HPos::Left)?;
        }
        Ok(())
    }

    fn key<'a>(&self, area: &Area<'a>) -> Drawn<'a> {
        let (own, worst) = match self.measure {
            Measure::Time => ("own time", "the most of it"),
            Measure::Blocks => ("own blocks", "the most of them"),
            Measure::Cost => ("own cost, as estimated", "the most of it"),
        };
        let mut x = EDGE;
        for (colour, name) in [(BLUE, own), (RED, worst), (GRID, "of the nodes below")] {
            area.draw(&Rectangle::new([(x, 42), (x + 12, 54)], colour.filled()))?;
            text(area, name, (x + 18, 48), TEXT - 1.0, FAINT, HPos::Left)?;
            x += 18 + (LETTER * name.len() as f64) as i32 + 22;
        }
        Ok(())
    }

    /// Quarters of the whole.
    fn axis<'a>(&self, area: &Area<'a>, height: i32) -> Drawn<'a> {
        for quarter in 0..=4 {
            let value = self.whole * f64::from(quarter) / 4.0;
            let x = self.x(value);
            area.draw(&PathElement::new(vec![(x, HEAD - 8), (x, height - FOOT)], GRID.stroke_width(1)))?;
            text(area, &self.amount(value), (x, HEAD - 18), TEXT - 2.0, FAINT, HPos::Center)?;
        }
        Ok(())
    }

    fn row<'a>(&self, area: &Area<'a>, place: usize, y: i32) -> Drawn<'a> {
        let (row, span) = (&self.tree.rows[place], self.spans[place]);
        let most = self.spans.iter().map(|span| span.own).fold(0.0, f64::max);
        let worst = self.tree.rows.len() > 1 && span.own == most;
        let x = name_x(row);
        let room = (f64::from(LEFT - x - 16) / LETTER) as usize;
        let ink = if row.executed { INK } else { FAINT };
        text(area, &fitted(row, room), (x, y), TEXT, ink, HPos::Left)?;
        let (start, end) = (self.x(span.start), self.x(span.start + span.whole));
        let own_end = self.x(span.start + span.own);
        let top = y - BAR / 2;
        if end > own_end {
            area.draw(&Rectangle::new([(own_end, top), (end, top + BAR)], GRID.filled()))?;
        }
        if span.own > 0.0 {
            let colour = if worst { RED } else { BLUE };
            area.draw(&Rectangle::new([(start, top), (own_end.max(start + 2), top + BAR)], colour.filled()))?;
        }
        let figures = if row.executed { self.figures(row, span) } else { "never executed".to_owned() };
        text(area, &figures, (RIGHT + 12, y), TEXT - 1.0, if worst { RED } else { ink }, HPos::Left)
    }

    /// `119.1 ms, 50%, 14× under`
    fn figures(&self, row: &Row, span: Span) -> String {
        // As the tree has it: of the statement's time, of which a little is in no node.
        let share = if self.measure == Measure::Time { row.share } else { span.own / self.whole };
        let mut parts = vec![self.amount(span.own), units::percent(share)];
        if let Some(estimate) = row.estimate.filter(|estimate| estimate.factor >= OFF) {
            let factor = format!("{}×", units::short_amount(estimate.factor));
            parts.push(format!("rows {factor} {}", if estimate.under { "under" } else { "over" }));
        }
        parts.join(", ")
    }

    fn amount(&self, value: f64) -> String {
        match self.measure {
            Measure::Time => units::ms(value),
            Measure::Blocks => units::count(value.round() as u64),
            Measure::Cost => units::amount(value),
        }
    }

    fn x(&self, value: f64) -> i32 {
        LEFT + ((value / self.whole).clamp(0.0, 1.0) * f64::from(RIGHT - LEFT)).round() as i32
    }
}

fn middle(line: usize) -> i32 {
    HEAD + ROW * i32::try_from(line).unwrap_or(0) + ROW / 2
}

fn name_x(row: &Row) -> i32 {
    EDGE + STEP * i32::try_from(row.guides.depth().min(DEEPEST)).unwrap_or(0)
}

/// The name, without the index when there is no room for both.
fn fitted(row: &Row, room: usize) -> String {
    let whole = row.name.whole();
    let name = if whole.chars().count() > room { row.name.without_index() } else { whole };
    shortened_inside(&name, room, "…")
}

/// From below the parent's first letter to the child's name.
fn elbow<'a>(area: &Area<'a>, row: &Row, above: i32, y: i32) -> Drawn<'a> {
    let x = name_x(row);
    let line = vec![(x - STEP + 5, above + 9), (x - STEP + 5, y), (x - 3, y)];
    area.draw(&PathElement::new(line, GREY.stroke_width(1)))
}
