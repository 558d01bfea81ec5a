//! The data model as a picture: tables as boxes, references as lines from the referenced table on the left to the referencing one on the
//! right.
//!
//! ```text
//! DataModel ─ entities ─> boxes ─ layers ─> columns of the picture ─ places ─> where each stands ─ svg ─> the drawing
//! ```
//!
//! The layout is the layered one of Sugiyama, Tagawa and Toda (1981): tables in layers, so that references point to the right; a reference
//! over several layers passes each in a gap of its own; within a layer the order is that of the neighbours. The lines are those of
//! crow's-foot notation.

mod entities;
mod layers;
mod places;
mod svg;

use super::escape;
use crate::report::model::DataModel;
use crate::units;
use entities::entities;
use layers::Layers;

/// The drawing, with the Markdown's `source` to be opened below it.
pub(super) fn draw(model: &DataModel, source: &str) -> String {
    let entities = entities(model);
    let layers = Layers::of(model, &entities);
    let places = places::places(model, &entities, &layers);
    let tables = units::counted(model.tables.len() as u64, "table", "tables");
    let references = units::counted(model.relations.len() as u64, "reference", "references");
    let drawing = svg::draw(model, &entities, &layers, &places, &format!("The data model: {tables}, {references}"));
    let legend = match model.relations.iter().any(|one| one.on_delete.as_deref().is_some_and(svg::is_action)) {
        true => {
            "<p class=\"total\">From left to right: a table, and those that reference it. The words on the lines are what ON DELETE does.</p>\n"
        }
        false if model.relations.is_empty() => "",
        false => "<p class=\"total\">From left to right: a table, and those that reference it.</p>\n",
    };
    format!(
        "<div class=\"scroll\" data-run=\"/model\" tabindex=\"0\" role=\"group\" aria-label=\"Data model\">{drawing}</div>\n{legend}\
         <details class=\"astext\"><summary>As text</summary>\n<div class=\"code\"><pre tabindex=\"0\"><code>{}</code></pre></div>\n</details>\n",
        escape::text(source.trim_end())
    )
}

#[cfg(test)]
mod tests;
