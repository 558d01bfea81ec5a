//! The drawing. Colours are classes of the page's style sheet, so that it is light or dark with the page.

use std::fmt::Write;

use super::entities::{Entity, HEAD, LINE, MARKS, PAD};
use super::layers::{Layers, Route, Spot};
use super::places::{Places, Point, ports};
use crate::report::html::escape;
use crate::report::model::{DataModel, ModelColumn, Relation};

/// The picture, of its natural size.
pub(super) fn draw(model: &DataModel, entities: &[Entity], layers: &Layers, places: &Places, shows: &str) -> String {
    let (width, height) = (places.width.ceil(), places.height.ceil());
    let mut svg = format!(
        "<svg class=\"er\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">\n",
        escape::text(shows)
    );
    // Boxes cover the lines that pass below them; words stand on top of all.
    let lines: Vec<Drawn> = layers.routes.iter().map(|route| reference(model, entities, layers, places, route)).collect();
    let lines: Vec<Drawn> = lines.into_iter().chain(to_themselves(model, entities, places)).collect();
    lines.iter().for_each(|drawn| svg.push_str(&drawn.line));
    for (entity, corner) in entities.iter().zip(&places.boxes) {
        svg.push_str(&table(entity, *corner));
    }
    lines.iter().for_each(|drawn| svg.push_str(&drawn.words));
    svg.push_str("</svg>");
    svg
}

fn table(entity: &Entity, Point { x, y }: Point) -> String {
    let (width, height) = (entity.width, entity.height);
    let mut svg = format!(
        "<g transform=\"translate({x:.1} {y:.1})\"><rect class=\"box\" width=\"{width}\" height=\"{height}\" rx=\"5\"/>\
         <path class=\"head\" d=\"M0 {HEAD}V5a5 5 0 0 1 5-5H{}a5 5 0 0 1 5 5V{HEAD}z\"/>\
         <text class=\"table\" x=\"{PAD}\" y=\"17.5\">{}</text>\n",
        width - 5.0,
        escape::text(&entity.name)
    );
    for (place, line) in entity.lines.iter().enumerate() {
        let base = HEAD + place as f64 * LINE + 14.5;
        let class = if line.key { "key" } else { "column" };
        let _ = writeln!(
            svg,
            "<text class=\"mark\" x=\"{PAD}\" y=\"{base}\">{}</text><text class=\"{class}\" x=\"{}\" y=\"{base}\">{}</text>\
             <text class=\"type\" x=\"{}\" y=\"{base}\" text-anchor=\"end\">{}</text>",
            line.marks,
            PAD + MARKS,
            escape::text(&line.name),
            width - PAD,
            escape::text(&line.type_name)
        );
    }
    if entity.left_out > 0 {
        let base = HEAD + entity.lines.len() as f64 * LINE + 14.5;
        let _ = writeln!(svg, "<text class=\"type\" x=\"{}\" y=\"{base}\">… {} more</text>", PAD + MARKS, entity.left_out);
    }
    svg.push_str("</g>\n");
    svg
}

/// A reference: its line with both ends, and the word on it.
struct Drawn {
    line: String,
    words: String,
}

fn reference(model: &DataModel, entities: &[Entity], layers: &Layers, places: &Places, route: &Route) -> Drawn {
    let (from, to) = ports(model, entities, layers, route);
    let mut points = Vec::new();
    for (i, spot) in route.spots.iter().enumerate() {
        let (corner, layer) = places.spots[*spot];
        match layers.spots[*spot] {
            Spot::Table(table) if i == 0 => {
                // Past the wider boxes of its layer it goes straight, too.
                let y = corner.y + from;
                points.extend([Point { x: corner.x + entities[table].width, y }, Point { x: corner.x + layer, y }]);
            }
            Spot::Table(_) => points.push(Point { x: corner.x, y: corner.y + to }),
            Spot::Passing => {
                let y = corner.y + super::layers::PASSING / 2.0;
                points.extend([Point { x: corner.x, y }, Point { x: corner.x + layer, y }]);
            }
        }
    }
    let mut path = String::new();
    for (i, point) in points.iter().enumerate() {
        let Point { x, y } = *point;
        match i {
            0 => path = format!("M{x:.1} {y:.1}"),
            // Through a layer it goes straight, between two of them in a curve.
            _ if i % 2 == 1 => path.push_str(&format!("H{x:.1}")),
            _ => {
                let middle = f64::midpoint(points[i - 1].x, x);
                path.push_str(&format!("C{middle:.1} {:.1} {middle:.1} {y:.1} {x:.1} {y:.1}", points[i - 1].y));
            }
        }
    }
    let (left, right) = (points.first().copied().unwrap_or_default(), points.last().copied().unwrap_or_default());
    let ends = if route.backward { [(right, -1.0), (left, 1.0)] } else { [(left, 1.0), (right, -1.0)] };
    drawn(model, &model.relations[route.relation], &path, ends)
}

/// References of a table to itself, around its right side.
fn to_themselves(model: &DataModel, entities: &[Entity], places: &Places) -> Vec<Drawn> {
    let mut all = Vec::new();
    for relation in model.relations.iter().filter(|one| one.table == one.referenced) {
        let Some(table) = model.tables.iter().position(|table| table.name == relation.table) else { continue };
        let (entity, corner) = (&entities[table], places.boxes[table]);
        let x = corner.x + entity.width;
        let (from, to) =
            (corner.y + entity.port(relation.referenced_columns.first()), corner.y + entity.port(relation.columns.first()));
        let path = format!("M{x:.1} {from:.1}C{0:.1} {from:.1} {0:.1} {to:.1} {x:.1} {to:.1}", x + 44.0);
        all.push(drawn(model, relation, &path, [(Point { x, y: from }, 1.0), (Point { x, y: to }, 1.0)]));
    }
    all
}

/// The line, its ends and its word. Each end says where it is and which way leads out of the box; the referenced one comes first.
fn drawn(model: &DataModel, relation: &Relation, path: &str, ends: [(Point, f64); 2]) -> Drawn {
    let child = model.tables.iter().find(|table| table.name == relation.table);
    let columns: Vec<&ModelColumn> = child
        .map_or_else(Vec::new, |table| table.columns.iter().filter(|column| relation.columns.contains(&column.name)).collect());
    let keys = child.map_or(0, |table| table.columns.iter().filter(|column| column.primary_key).count());
    let always = !columns.is_empty() && columns.iter().all(|column| column.not_null);
    let alone = matches!(columns.as_slice(), [only] if only.unique || (only.primary_key && keys == 1));
    let class = if relation.on_delete.is_some() { "reference" } else { "reference known" };
    let action = relation.on_delete.as_deref().filter(|action| is_action(action)).map(str::to_lowercase);
    let told = format!(
        "{}.{} references {}.{}{}",
        relation.table,
        relation.columns.join(", "),
        relation.referenced,
        relation.referenced_columns.join(", "),
        match (&action, &relation.on_delete) {
            (Some(action), _) => format!(", on delete {action}"),
            (None, Some(_)) => String::new(),
            (None, None) => ", as the scenario knows".to_owned(),
        }
    );
    let [(parent, out_of_parent), (child, out_of_child)] = ends;
    let line = format!(
        "<g class=\"{class}\"><title>{}</title><path class=\"line\" d=\"{path}\"/>{}{}</g>\n",
        escape::text(&told),
        parent_end(parent, out_of_parent, always),
        child_end(child, out_of_child, alone)
    );
    let words = action.map_or_else(String::new, |action| {
        let anchor = if out_of_child < 0.0 { "end" } else { "start" };
        let (x, y) = (child.x + out_of_child * 21.0, child.y - 4.0);
        format!("<text class=\"action\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>\n", escape::text(&action))
    });
    Drawn { line, words }
}

/// Whether ON DELETE does more than to refuse, which is what it does when nobody says anything.
pub(super) fn is_action(on_delete: &str) -> bool {
    !on_delete.eq_ignore_ascii_case("no action")
}

/// Exactly one (two bars), or none or one (a bar and a ring).
fn parent_end(Point { x, y }: Point, out: f64, always: bool) -> String {
    let bar = |distance: f64| format!("M{:.1} {:.1}v10", x + out * distance, y - 5.0);
    match always {
        true => format!("<path class=\"end\" d=\"{}{}\"/>", bar(6.0), bar(10.0)),
        false => format!("<path class=\"end\" d=\"{}\"/>{}", bar(6.0), ring(x + out * 12.5, y)),
    }
}

/// Any number (a crow's foot and a ring), or none or one (a bar and a ring).
fn child_end(Point { x, y }: Point, out: f64, alone: bool) -> String {
    let foot = match alone {
        true => format!("M{:.1} {:.1}v10", x + out * 8.0, y - 5.0),
        false => format!("M{x:.1} {:.1}L{:.1} {y:.1}L{x:.1} {:.1}", y - 5.5, x + out * 11.0, y + 5.5),
    };
    format!("<path class=\"end\" d=\"{foot}\"/>{}", ring(x + out * 15.0, y))
}

fn ring(x: f64, y: f64) -> String {
    format!("<circle class=\"ring\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.6\"/>")
}
