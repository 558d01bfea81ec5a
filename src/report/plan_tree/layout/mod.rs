//! The tree as lines: figures on the left, in columns that stay aligned however deep the tree is, the nodes on the right.
//!
//! Nothing wraps. What there is no room for goes in this order: the planned rows, the percentage beside the bar, the loops; then an
//! index's name moves below its node, and names and conditions are cut in their middle. Colour says nothing that a word or a sign
//! does not.

mod bar;
mod columns;
mod lines;

use super::PlanTree;
use crate::report::terminal::Screen;
use columns::{CHOICES, Choice, Column, NARROW, columns};
use lines::{Frame, room_wanted};

/// Names get at least so many characters before columns that matter are left out.
const FEWEST: usize = 24;
/// Of the screen's width, what the tree may claim before columns give way.
const CLAIM: f64 = 0.55;
/// No line is longer, whatever the screen.
const WIDEST: usize = 500;

/// The tree on a screen, lines without a newline at the end of the last.
pub fn text(tree: &PlanTree, screen: Screen) -> String {
    let screen = Screen { width: screen.width.min(WIDEST), ..screen };
    let choice = choose(tree, screen);
    let columns = columns(tree, choice, screen.ascii);
    let room = room(tree, &columns, screen.width);
    let frame = Frame { screen, columns, room, marked: tree.timed, loops_below: !choice.loops, tight: choice.short };
    lines::all(tree, &frame).join("\n")
}

/// The most figures that leave the nodes enough room.
fn choose(tree: &PlanTree, screen: Screen) -> Choice {
    let claim = (screen.width as f64 * CLAIM) as usize;
    let leaves = |choice: &Choice, fewest: usize| room(tree, &columns(tree, *choice, screen.ascii), screen.width) >= fewest;
    let wide = CHOICES.iter().find(|choice| leaves(choice, room_wanted(tree, choice.short).min(claim)));
    let least = CHOICES[CHOICES.len() - 1];
    wide.copied().unwrap_or_else(|| {
        std::iter::once(&least).chain(&NARROW).find(|choice| leaves(choice, FEWEST)).copied().unwrap_or(NARROW[NARROW.len() - 1])
    })
}

/// Characters that the columns leave to the tree.
fn room(tree: &PlanTree, columns: &[Column], width: usize) -> usize {
    let figures: usize = columns.iter().map(|column| column.width() + 1).sum();
    let mark = if tree.timed { lines::MARK } else { 0 };
    width.saturating_sub(figures + mark + 1).max(FEWEST / 2)
}
