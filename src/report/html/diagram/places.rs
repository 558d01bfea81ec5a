//! Where each box stands: as straight as the order allows.

use super::entities::Entity;
use super::layers::{GAP, Layers, PASSING, Spot};
use crate::report::model::DataModel;

/// Pixels around the drawing, and between two layers: room for the ends of lines and the words on them.
pub(super) const EDGE: f64 = 14.0;
const BETWEEN: f64 = 108.0;
/// Tables without references stand in rows at least this wide.
const ROW: f64 = 900.0;
/// Times that the boxes follow the lines.
const ROUNDS: usize = 30;

/// A point or the upper left corner of a box, in pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// Where everything is.
pub(super) struct Places {
    /// Upper left corners of the tables, in the model's order.
    pub(super) boxes: Vec<Point>,
    /// Per spot of the layers its upper left corner, and the width of its layer.
    pub(super) spots: Vec<(Point, f64)>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Places all tables.
pub(super) fn places(model: &DataModel, entities: &[Entity], layers: &Layers) -> Places {
    let height = |spot: usize| match layers.spots[spot] {
        Spot::Table(table) => entities[table].height,
        Spot::Passing => PASSING,
    };
    let tops = tops(layers, &ties_of(model, entities, layers), height);
    let mut spots = vec![(Point::default(), 0.0); layers.spots.len()];
    let mut boxes = vec![Point::default(); entities.len()];
    let highest = tops.iter().copied().fold(f64::INFINITY, f64::min);
    let (mut x, mut bottom) = (EDGE, EDGE);
    for layer in &layers.layers {
        let width = layer.iter().map(|spot| width(layers.spots[*spot], entities)).fold(0.0, f64::max);
        for spot in layer {
            let corner = Point { x, y: tops[*spot] - highest + EDGE };
            spots[*spot] = (corner, width);
            bottom = f64::max(bottom, corner.y + height(*spot));
            if let Spot::Table(table) = layers.spots[*spot] {
                boxes[table] = corner;
            }
        }
        x += width + BETWEEN;
    }
    let right = if layers.layers.is_empty() { EDGE } else { x - BETWEEN };
    let below = if layers.layers.is_empty() { EDGE } else { bottom + GAP };
    let (wide, low) = in_rows(&mut boxes, entities, &layers.alone, right.max(ROW), below);
    Places { boxes, spots, width: right.max(wide) + EDGE, height: bottom.max(low) + EDGE }
}

fn width(spot: Spot, entities: &[Entity]) -> f64 {
    match spot {
        Spot::Table(table) => entities[table].width,
        Spot::Passing => 0.0,
    }
}

/// The tables without references, in rows. Returns how far right and how far down they reach.
fn in_rows(boxes: &mut [Point], entities: &[Entity], alone: &[usize], room: f64, top: f64) -> (f64, f64) {
    let (mut at, mut row, mut reached) = (Point { x: EDGE, y: top }, 0.0, (0.0, 0.0));
    for table in alone {
        let entity = &entities[*table];
        if at.x > EDGE && at.x + entity.width > room {
            at = Point { x: EDGE, y: at.y + row + GAP };
            row = 0.0;
        }
        boxes[*table] = at;
        row = f64::max(row, entity.height);
        reached = (f64::max(reached.0, at.x + entity.width), f64::max(reached.1, at.y + entity.height));
        at.x += entity.width + GAP;
    }
    reached
}

/// A line to a neighbouring spot, with the heights at which it leaves one and reaches the other, from their tops.
struct Tie {
    own: f64,
    other: usize,
    there: f64,
}

/// The lines of each spot.
fn ties_of(model: &DataModel, entities: &[Entity], layers: &Layers) -> Vec<Vec<Tie>> {
    let mut ties: Vec<Vec<Tie>> = layers.spots.iter().map(|_| Vec::new()).collect();
    for route in &layers.routes {
        let (first, last) = ports(model, entities, layers, route);
        let end = route.spots.len() - 1;
        let height = |i: usize| match i {
            0 => first,
            i if i == end => last,
            _ => PASSING / 2.0,
        };
        for i in 0..end {
            let (left, right) = (route.spots[i], route.spots[i + 1]);
            ties[left].push(Tie { own: height(i), other: right, there: height(i + 1) });
            ties[right].push(Tie { own: height(i + 1), other: left, there: height(i) });
        }
    }
    ties
}

/// Where a route leaves the box on its left and reaches that on its right, from their tops.
pub(super) fn ports(model: &DataModel, entities: &[Entity], layers: &Layers, route: &super::layers::Route) -> (f64, f64) {
    let relation = &model.relations[route.relation];
    let port = |spot: Option<&usize>, column: Option<&String>| match spot.map(|spot| layers.spots[*spot]) {
        Some(Spot::Table(table)) => entities[table].port(column),
        _ => PASSING / 2.0,
    };
    let (referenced, referencing) = (relation.referenced_columns.first(), relation.columns.first());
    let (left, right) = if route.backward { (referencing, referenced) } else { (referenced, referencing) };
    (port(route.spots.first(), left), port(route.spots.last(), right))
}

/// The top of each spot: where its lines would be straight on average, in its layer's order, without overlaps.
fn tops(layers: &Layers, ties: &[Vec<Tie>], height: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut tops = vec![0.0; layers.spots.len()];
    let room = |spot: usize| height(spot) + if layers.spots[spot] == Spot::Passing { GAP / 2.0 } else { GAP };
    for layer in &layers.layers {
        let mut y = 0.0;
        for spot in layer {
            tops[*spot] = y;
            y += room(*spot);
        }
    }
    for round in 0..ROUNDS {
        for i in 0..layers.layers.len() {
            let layer = &layers.layers[if round % 2 == 0 { i } else { layers.layers.len() - 1 - i }];
            let wanted: Vec<f64> = layer.iter().map(|spot| straight(&ties[*spot], tops[*spot], &tops)).collect();
            let sizes: Vec<f64> = layer.iter().map(|spot| room(*spot)).collect();
            for (spot, top) in layer.iter().zip(apart(&wanted, &sizes)) {
                tops[*spot] = top;
            }
        }
    }
    tops
}

/// The top at which a spot's lines are straight on average; where it is when it has none.
fn straight(ties: &[Tie], top: f64, tops: &[f64]) -> f64 {
    match ties {
        [] => top,
        ties => ties.iter().map(|tie| tops[tie.other] + tie.there - tie.own).sum::<f64>() / ties.len() as f64,
    }
}

/// The tops nearest to those wanted (least squares) that keep the order and do not overlap: an isotonic regression by pooling adjacent
/// violators (Ayer et al. 1955), once the sizes above each are taken away.
fn apart(wanted: &[f64], sizes: &[f64]) -> Vec<f64> {
    let mut above = Vec::with_capacity(sizes.len());
    let mut sum = 0.0;
    for size in sizes {
        above.push(sum);
        sum += size;
    }
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (wanted, above) in wanted.iter().zip(&above) {
        let mut pool = (wanted - above, 1);
        while let Some(last) = pools.last().copied().filter(|last| last.0 > pool.0) {
            pools.pop();
            let count = last.1 + pool.1;
            pool = ((last.0 * last.1 as f64 + pool.0 * pool.1 as f64) / count as f64, count);
        }
        pools.push(pool);
    }
    let offsets = pools.iter().flat_map(|(offset, count)| std::iter::repeat_n(*offset, *count));
    offsets.zip(&above).map(|(offset, above)| offset + above).collect()
}

#[cfg(test)]
mod tests {
    use super::apart;

    #[test]
    fn boxes_stay_in_order_and_apart() {
        assert_eq!(apart(&[0.0, 100.0], &[10.0, 10.0]), [0.0, 100.0]);
        assert_eq!(apart(&[5.0, 5.0], &[10.0, 10.0]), [0.0, 10.0]);
        assert_eq!(apart(&[30.0, 0.0, 50.0], &[10.0, 10.0, 10.0]), [10.0, 20.0, 50.0]);
        assert_eq!(apart(&[], &[]), [0.0; 0]);
    }
}
