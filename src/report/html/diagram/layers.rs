//! Which layer each table stands in, and in which order.

use super::entities::Entity;
use crate::report::model::DataModel;

/// Pixels between two boxes of a layer.
pub(super) const GAP: f64 = 26.0;
/// Pixels that a passing reference takes of a layer.
pub(super) const PASSING: f64 = 8.0;
/// A layer that is higher gives tables to the next one, unless the tables together want a larger picture.
const HIGH: f64 = 760.0;
/// Times that the order of each layer follows that of its neighbours.
const SWEEPS: usize = 12;

/// Something that has a place in a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    /// A table, by its place in the model.
    Table(usize),
    /// A reference on its way through.
    Passing,
}

/// A reference that is drawn from left to right through neighbouring layers.
#[derive(Debug, Clone)]
pub(super) struct Route {
    /// Place of the relation in the model.
    pub(super) relation: usize,
    /// Spots from left to right.
    pub(super) spots: Vec<usize>,
    /// The referencing table stands on the left: the references go around in a circle.
    pub(super) backward: bool,
}

/// Spots in layers, from left to right, each from top to bottom.
pub(super) struct Layers {
    pub(super) spots: Vec<Spot>,
    /// Places in `spots`.
    pub(super) layers: Vec<Vec<usize>>,
    pub(super) routes: Vec<Route>,
    /// Tables that reference nothing and are not referenced, by their place in the model.
    pub(super) alone: Vec<usize>,
}

impl Layers {
    /// The layers of a model's tables.
    pub(super) fn of(model: &DataModel, entities: &[Entity]) -> Layers {
        let links = links(model);
        let tied = |table: usize| links.iter().any(|link| link.parent == table || link.child == table);
        let (tied, alone): (Vec<usize>, Vec<usize>) = (0..entities.len()).partition(|table| tied(*table));
        let level = levels(entities, &tied, &forward(entities.len(), &links));
        let mut layers = Layers { spots: Vec::new(), layers: Vec::new(), routes: Vec::new(), alone };
        let mut spot_of = vec![0; entities.len()];
        for table in tied {
            spot_of[table] = layers.add(level[table], Spot::Table(table));
        }
        for link in links.iter().filter(|link| link.parent != link.child) {
            let backward = level[link.parent] > level[link.child];
            let (left, right) = if backward { (link.child, link.parent) } else { (link.parent, link.child) };
            let mut spots = vec![spot_of[left]];
            spots.extend((level[left] + 1..level[right]).map(|level| layers.add(level, Spot::Passing)));
            spots.push(spot_of[right]);
            layers.routes.push(Route { relation: link.relation, spots, backward });
        }
        layers.order();
        layers
    }

    fn add(&mut self, level: usize, spot: Spot) -> usize {
        if self.layers.len() <= level {
            self.layers.resize(level + 1, Vec::new());
        }
        self.spots.push(spot);
        self.layers[level].push(self.spots.len() - 1);
        self.spots.len() - 1
    }

    /// Pairs of spots in neighbouring layers that a line joins.
    pub(super) fn steps(&self) -> Vec<(usize, usize)> {
        self.routes.iter().flat_map(|route| route.spots.windows(2).map(|pair| (pair[0], pair[1]))).collect()
    }

    /// Orders each layer by the mean place of its neighbours on one side, then on the other, and so on; the order with the fewest crossings
    /// stays.
    fn order(&mut self) {
        let steps = self.steps();
        // Neighbours of each spot on its left and on its right.
        let mut beside = vec![[Vec::new(), Vec::new()]; self.spots.len()];
        for (left, right) in &steps {
            beside[*right][0].push(*left);
            beside[*left][1].push(*right);
        }
        let mut best = (crossings(&self.layers, &steps), self.layers.clone());
        for sweep in 0..SWEEPS {
            let side = sweep % 2;
            let places = self.layers.len();
            for i in 0..places {
                let layer = if side == 0 { i } else { places - 1 - i };
                let place = ranks(&self.layers, self.spots.len());
                let mean = |spot: usize| match beside[spot][side].as_slice() {
                    [] => place[spot],
                    neighbours => neighbours.iter().map(|one| place[*one]).sum::<f64>() / neighbours.len() as f64,
                };
                let mut keyed: Vec<(f64, usize)> = self.layers[layer].iter().map(|spot| (mean(*spot), *spot)).collect();
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
                self.layers[layer] = keyed.into_iter().map(|(_, spot)| spot).collect();
            }
            let crossed = crossings(&self.layers, &steps);
            if crossed < best.0 {
                best = (crossed, self.layers.clone());
            }
        }
        self.layers = best.1;
    }
}

/// A relation between two tables of the model.
#[derive(Debug, Clone, Copy)]
struct Link {
    relation: usize,
    parent: usize,
    child: usize,
}

fn links(model: &DataModel) -> Vec<Link> {
    let place = |name: &str| model.tables.iter().position(|table| table.name == name);
    let link = |(relation, one): (usize, &crate::report::model::Relation)| {
        Some(Link { relation, parent: place(&one.referenced)?, child: place(&one.table)? })
    };
    model.relations.iter().enumerate().filter_map(link).collect()
}

/// Parent and child of the links that close no circle: a link back to a table whose children are still being looked at is left out.
fn forward(tables: usize, links: &[Link]) -> Vec<(usize, usize)> {
    let mut children = vec![Vec::new(); tables];
    for link in links.iter().filter(|link| link.parent != link.child) {
        if !children[link.parent].contains(&link.child) {
            children[link.parent].push(link.child);
        }
    }
    // 0 not seen, 1 being looked at, 2 done. With a stack of its own, since nobody bounds the depth of a model.
    let mut state = vec![0_u8; tables];
    let mut kept = Vec::new();
    for root in 0..tables {
        let mut stack = vec![(root, 0)];
        while let Some((table, next)) = stack.pop() {
            if next == 0 {
                if state[table] != 0 {
                    continue;
                }
                state[table] = 1;
            }
            match children[table].get(next) {
                Some(&child) => {
                    stack.push((table, next + 1));
                    if state[child] != 1 {
                        kept.push((table, child));
                        stack.push((child, 0));
                    }
                }
                None => state[table] = 2,
            }
        }
    }
    kept
}

/// The layer of each table: right of all that it references, as near to what references it as that leaves it.
fn levels(entities: &[Entity], tied: &[usize], links: &[(usize, usize)]) -> Vec<usize> {
    let mut level = vec![0; entities.len()];
    push_right(&mut level, links, entities.len());
    for _ in 0..entities.len() {
        let near = |table: usize| links.iter().filter(|(parent, _)| *parent == table).map(|(_, child)| level[*child]).min();
        let roots = tied.iter().filter(|table| links.iter().all(|(_, child)| child != *table));
        let moved: Vec<(usize, usize)> = roots.filter_map(|table| Some((*table, near(*table)?.checked_sub(1)?))).collect();
        let before = level.clone();
        moved.into_iter().for_each(|(table, to)| level[table] = to);
        if level == before {
            break;
        }
    }
    let whole: f64 = tied.iter().map(|table| entities[*table].height + GAP).sum();
    // A picture about as high as wide, when it must be large.
    let most = HIGH.max((whole * 300.0).sqrt() * 1.1);
    let mut at = 0;
    while at <= level.iter().copied().max().unwrap_or(0) && at < entities.len() {
        let here: Vec<usize> = tied.iter().copied().filter(|table| level[*table] == at).collect();
        let height: f64 = here.iter().map(|table| entities[*table].height + GAP).sum();
        // What nothing references moves on, the largest first; where all are referenced nothing does.
        let last = |table: &usize| links.iter().all(|(parent, _)| parent != table);
        let moving = here.iter().copied().filter(last).max_by(|a, b| entities[*a].height.total_cmp(&entities[*b].height));
        match moving.filter(|_| height > most && here.len() > 1) {
            Some(table) => level[table] += 1,
            None => at += 1,
        }
    }
    level
}

/// Moves children right of their parents. Links form no circle, so that as many rounds as there are tables are enough.
fn push_right(level: &mut [usize], links: &[(usize, usize)], rounds: usize) {
    for _ in 0..rounds {
        let mut moved = false;
        for (parent, child) in links {
            if level[*child] <= level[*parent] {
                level[*child] = level[*parent] + 1;
                moved = true;
            }
        }
        if !moved {
            return;
        }
    }
}

/// The place of each spot in its layer, 0 to 1 and more for long layers, so that layers of different lengths compare.
fn ranks(layers: &[Vec<usize>], spots: usize) -> Vec<f64> {
    let mut place = vec![0.0; spots];
    for layer in layers {
        for (i, spot) in layer.iter().enumerate() {
            place[*spot] = (i as f64 + 0.5) / layer.len() as f64;
        }
    }
    place
}

fn crossings(layers: &[Vec<usize>], steps: &[(usize, usize)]) -> usize {
    let place = ranks(layers, layers.iter().flatten().max().map_or(0, |most| most + 1));
    let mut layer_of = vec![0; place.len()];
    layers.iter().enumerate().for_each(|(i, layer)| layer.iter().for_each(|spot| layer_of[*spot] = i));
    let mut between = vec![Vec::new(); layers.len()];
    steps.iter().for_each(|(left, right)| between[layer_of[*left]].push((place[*left], place[*right])));
    let mut crossed = 0;
    for steps in &between {
        for (i, a) in steps.iter().enumerate() {
            crossed += steps[i + 1..].iter().filter(|b| (a.0 - b.0) * (a.1 - b.1) < 0.0).count();
        }
    }
    crossed
}
