//! The figures beside the tree: which there is room for, and what stands in them.

use super::bar::bar;
use crate::report::plan_tree::{PlanTree, Row};
use crate::units;

/// Estimates that are less off than this are as good as right.
const AS_PLANNED: f64 = 2.0;
/// From these factors on an estimate is worth a look (yellow), and a cause of bad plans (red); explain.depesz.com draws the same lines.
const OFF: f64 = 10.0;
const FAR_OFF: f64 = 100.0;
/// From this share on a node is worth a look.
const NOTABLE_SHARE: f64 = 0.2;

/// How much a reader should care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heat {
    Cold,
    Warm,
    Hot,
}

/// One column of figures, all cells equally wide.
pub(super) struct Column {
    pub(super) title: String,
    pub(super) cells: Vec<(String, Heat)>,
}

/// Which figures are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Choice {
    /// Large counts in thousands and millions.
    pub(super) short: bool,
    /// Letters of the bar.
    bar: usize,
    percent: bool,
    planned: bool,
    pub(super) loops: bool,
    off: bool,
    blocks: bool,
}

const ALL: Choice = Choice { short: false, bar: 8, percent: true, planned: true, loops: true, off: true, blocks: true };

/// From most to least; each leaves the tree more room.
pub(super) const CHOICES: [Choice; 6] = [
    ALL,
    Choice { bar: 5, ..ALL },
    Choice { bar: 5, short: true, ..ALL },
    Choice { bar: 5, short: true, planned: false, ..ALL },
    Choice { bar: 5, short: true, planned: false, percent: false, ..ALL },
    Choice { bar: 5, short: true, planned: false, percent: false, loops: false, ..ALL },
];

/// For screens on which even the least of [`CHOICES`] leaves hardly a name readable.
pub(super) const NARROW: [Choice; 2] =
    [Choice { bar: 3, blocks: false, ..CHOICES[5] }, Choice { bar: 3, blocks: false, off: false, ..CHOICES[5] }];

/// The columns of a choice; those in which nothing would stand are left out.
pub(super) fn columns(tree: &PlanTree, choice: Choice, ascii: bool) -> Vec<Column> {
    let number = |x: f64| if choice.short { units::short_amount(x) } else { units::amount(x) };
    let mut columns = Vec::new();
    if tree.timed {
        let places = decimals(tree);
        columns.push(right("ms", tree, |row| (row.own_ms.map(|ms| units::decimal(ms, places)).unwrap_or_default(), heat(row))));
        columns.push(share(tree, choice, ascii));
    }
    if tree.analyzed {
        columns.push(right("rows", tree, |row| cold(row.rows.map(number))));
        if choice.planned {
            columns.push(right("planned", tree, |row| cold(row.planned.filter(|_| row.executed).map(number))));
        }
        if choice.off {
            columns.push(right("off by", tree, |row| off(row, choice.short, ascii)));
        }
        if choice.loops {
            let several = tree.rows.iter().any(|row| row.loops > 1.0);
            let loops = |row: &Row| row.node.filter(|_| several && row.executed).map(|_| number(row.loops));
            columns.push(right("loops", tree, |row| cold(loops(row))));
        }
        if choice.blocks && tree.buffers {
            columns.push(right("blocks", tree, |row| cold(row.blocks.map(|n| number(n as f64)))));
        }
    } else {
        columns.push(right("cost", tree, |row| cold(row.cost.map(|cost| units::decimal(cost, 2)))));
        columns.push(right("planned rows", tree, |row| cold(row.planned.map(number))));
    }
    columns.retain(|column| column.cells.iter().any(|cell| !cell.0.trim().is_empty()));
    columns
}

/// So many decimals that a thousandth of the statement's time shows, at most PostgreSQL's three.
fn decimals(tree: &PlanTree) -> usize {
    match tree.rows.iter().filter_map(|row| row.own_ms).fold(0.0, f64::max) {
        ms if ms >= 10_000.0 => 0,
        ms if ms >= 100.0 => 1,
        ms if ms >= 10.0 => 2,
        _ => 3,
    }
}

fn share(tree: &PlanTree, choice: Choice, ascii: bool) -> Column {
    let percents: Vec<String> =
        tree.rows.iter().map(|row| row.own_ms.map(|_| units::percent(row.share)).unwrap_or_default()).collect();
    let widest = percents.iter().map(|percent| percent.chars().count()).max().unwrap_or(0);
    let cells = tree.rows.iter().zip(percents).map(|(row, percent)| {
        let drawn = bar(row.share, choice.bar, ascii);
        let text = if choice.percent { format!("{drawn} {percent:>widest$}") } else { drawn };
        (text, heat(row))
    });
    let cells: Vec<(String, Heat)> = cells.collect();
    let width = cells.first().map_or(0, |cell| cell.0.chars().count());
    Column { title: format!("{:<width$}", "share"), cells }.evened()
}

fn heat(row: &Row) -> Heat {
    match row {
        row if row.worst => Heat::Hot,
        row if row.share >= NOTABLE_SHARE => Heat::Warm,
        _ => Heat::Cold,
    }
}

/// `14× under`: fourteen times as many rows came as were planned.
fn off(row: &Row, short: bool, ascii: bool) -> (String, Heat) {
    let Some(estimate) = row.estimate.filter(|estimate| estimate.factor >= AS_PLANNED) else { return cold(None) };
    let written = if short && estimate.factor >= 1_000.0 {
        format!("{}×", units::short_amount(estimate.factor))
    } else {
        units::times(estimate.factor)
    };
    let factor = if ascii { written.replace('×', "x") } else { written };
    let heat = match estimate.factor {
        factor if factor >= FAR_OFF => Heat::Hot,
        factor if factor >= OFF => Heat::Warm,
        _ => Heat::Cold,
    };
    (format!("{factor} {}", if estimate.under { "under" } else { "over " }), heat)
}

fn cold(text: Option<String>) -> (String, Heat) {
    (text.unwrap_or_default(), Heat::Cold)
}

fn right(title: &str, tree: &PlanTree, cell: impl Fn(&Row) -> (String, Heat)) -> Column {
    Column { title: title.to_owned(), cells: tree.rows.iter().map(cell).collect() }.evened()
}

impl Column {
    /// Title and cells padded on the left to the width of the widest.
    fn evened(mut self) -> Column {
        let width =
            self.cells.iter().map(|cell| &cell.0).chain([&self.title]).map(|text| text.chars().count()).max().unwrap_or(0);
        self.title = format!("{:>width$}", self.title);
        for (text, _) in &mut self.cells {
            *text = format!("{text:>width$}");
        }
        self
    }

    pub(super) fn width(&self) -> usize {
        self.title.chars().count()
    }
}
