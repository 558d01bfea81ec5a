//! Tables as boxes: which lines they have, and how large that makes them.

use crate::report::model::{DataModel, ModelColumn, ModelTable};
use crate::report::wording::{one_line, shortened_inside};

/// Pixels of a letter of the drawing's fixed-width font at its size.
pub(super) const LETTER: f64 = 7.25;
pub(super) const LINE: f64 = 19.0;
pub(super) const HEAD: f64 = 26.0;
/// Between the edge of a box and its text.
pub(super) const PAD: f64 = 9.0;
/// Pixels of the column of key marks.
pub(super) const MARKS: f64 = 38.0;
/// Letters of the longest name and type that are shown whole.
const NAME: usize = 30;
const TYPE: usize = 18;
/// Tables of more columns show those that are keys and the first of the others.
const MOST_LINES: usize = 22;

/// A table's box.
pub(super) struct Entity {
    pub(super) name: String,
    pub(super) lines: Vec<Line>,
    /// Columns that have no line.
    pub(super) left_out: usize,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A column's line.
pub(super) struct Line {
    /// As the catalog has it.
    pub(super) column: String,
    pub(super) name: String,
    pub(super) type_name: String,
    /// `PK`, `FK`, `UK` and their sums.
    pub(super) marks: String,
    pub(super) key: bool,
}

impl Entity {
    /// Where a column's lines end, from the top of the box; the head's middle when it has no line.
    pub(super) fn port(&self, column: Option<&String>) -> f64 {
        let place = column.and_then(|column| self.lines.iter().position(|line| line.column == *column));
        place.map_or(HEAD / 2.0, |place| HEAD + (place as f64 + 0.5) * LINE)
    }
}

/// One per table, in the model's order.
pub(super) fn entities(model: &DataModel) -> Vec<Entity> {
    model.tables.iter().map(|table| entity(model, table)).collect()
}

fn entity(model: &DataModel, table: &ModelTable) -> Entity {
    let lines: Vec<Line> = table.columns.iter().map(|column| line(model, table, column)).collect();
    let mut room = MOST_LINES.saturating_sub(lines.iter().filter(|line| line.key).count());
    let (shown, left_out): (Vec<Line>, Vec<Line>) = lines.into_iter().partition(|line| {
        let shown = line.key || room > 0;
        room -= usize::from(shown && !line.key);
        shown
    });
    let name = shortened_inside(&one_line(&table.name), NAME + MARKS as usize / 8, "…");
    let letters = |text: &str| text.chars().count() as f64 * LETTER;
    let widest =
        shown.iter().map(|line| MARKS + letters(&line.name) + 2.0 * LETTER + letters(&line.type_name)).fold(0.0, f64::max);
    let width = widest.max(letters(&name) * 1.1).max(110.0) + 2.0 * PAD;
    let lines_drawn = shown.len() + usize::from(!left_out.is_empty());
    let height = HEAD + lines_drawn as f64 * LINE + if lines_drawn > 0 { 5.0 } else { 0.0 };
    Entity { name, lines: shown, left_out: left_out.len(), width: width.ceil(), height }
}

fn line(model: &DataModel, table: &ModelTable, column: &ModelColumn) -> Line {
    let referencing = model.relations.iter().any(|one| one.table == table.name && one.columns.contains(&column.name));
    let referenced =
        model.relations.iter().any(|one| one.referenced == table.name && one.referenced_columns.contains(&column.name));
    let marks = [(column.primary_key, "PK"), (referencing, "FK"), (column.unique && !column.primary_key, "UK")];
    let marks: Vec<&str> = marks.iter().filter(|(applies, _)| *applies).map(|(_, mark)| *mark).collect();
    Line {
        column: column.name.clone(),
        name: shortened_inside(&one_line(&column.name), NAME, "…"),
        type_name: shortened_inside(&short_type(&one_line(&column.type_name)), TYPE, "…"),
        key: column.primary_key || referencing || referenced,
        marks: marks.join(" "),
    }
}

/// PostgreSQL's other name of a type with a long one.
fn short_type(type_name: &str) -> String {
    type_name
        .replace("character varying", "varchar")
        .replace("timestamp with time zone", "timestamptz")
        .replace("timestamp without time zone", "timestamp")
        .replace("time without time zone", "time")
        .replace("double precision", "float8")
}
