//! The parameters of each call: sampled from the seeded rows, or made up.
//!
//! Call number n of an endpoint has the same parameters on every database and in every run of the same seed, so that two
//! databases can be compared call by call.

pub(in crate::bench) mod pick;
mod rows;
pub(in crate::bench) mod sample;
mod source;

use std::sync::Arc;

use crate::db::{Connection, Value};
use crate::report::model::Effect;
use crate::scenario::error::Problem;
use crate::scenario::model::{Endpoint, Location, Pick};
use crate::seed::ParamSetting;
use crate::seed::rng::Key;

use super::error::BenchError;
use pick::Picker;
use rows::Rows;
use source::{Source, Sources, sources};

/// Sampled rows kept per endpoint for one client: more than any time-boxed run calls, and a few hundred kB.
pub const SAMPLE_ROWS: usize = 4096;
/// … and for a load, whose calls shall reach all of a table and not find the same few pages in memory.
pub const LOAD_ROWS: usize = 131_072;

/// A parameter that every call must be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    pub name: String,
    /// OID that the statements using it want; of integers the widest.
    pub type_oid: u32,
    /// Where the first of those statements stands.
    pub at: Location,
}

/// The values of one call, by slot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Draw {
    pub values: Vec<Value>,
}

/// Where an endpoint's parameters come from. Clones share the sampled rows.
#[derive(Debug, Clone)]
pub struct Draws {
    names: Arc<[String]>,
    sources: Arc<[Source]>,
    /// The slots that the columns of `rows` fill, in their order.
    sampled: Arc<[Slot]>,
    /// In a seeded random order.
    rows: Arc<Rows>,
    pick: Pick,
    picker: Picker,
    /// What a call deletes cannot be deleted twice: each row serves once, and then the endpoint has no more calls.
    once: bool,
    seed: u64,
}

/// How the parameters of a workload are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Drawing {
    pub setting: ParamSetting,
    /// Sampled rows to keep per endpoint: [`SAMPLE_ROWS`] or [`LOAD_ROWS`].
    pub rows: usize,
}

impl Draws {
    /// Samples the endpoint's rows on the seeded database.
    ///
    /// # Errors
    /// The inner error lists parameters that nobody provides, and a sample query that fails or finds nothing.
    pub async fn prepare(
        endpoint: &Endpoint,
        slots: &[Slot],
        effect: Effect,
        drawing: Drawing,
        connection: &mut Connection,
    ) -> Result<Result<Draws, Vec<Problem>>, BenchError> {
        let seed = drawing.setting.seed;
        let columns = match &endpoint.params.sample {
            Some(sample) => match connection.prepare(&sample.value).await {
                Ok(prepared) => prepared.columns,
                Err(error) => return Ok(Err(vec![sample::refused(error, sample)?])),
            },
            None => Vec::new(),
        };
        let Sources { names, sources, sampled } = match sources(endpoint, slots, &columns, drawing.setting) {
            Ok(sources) => sources,
            Err(problems) => return Ok(Err(problems)),
        };
        let rows = match &endpoint.params.sample {
            Some(sample) if !sampled.is_empty() => {
                let order = Key::new(seed, &["sample", &endpoint.label()]).bits(0);
                match sample::sample_rows(sample, &sampled, order, drawing.rows, connection).await {
                    Ok(rows) if rows.len() == 0 => return Ok(Err(vec![sample::finds_nothing(sample)])),
                    Ok(rows) => rows,
                    Err(error) => return Ok(Err(vec![sample::refused(error, sample)?])),
                }
            }
            _ => Rows::default(),
        };
        let once = effect == Effect::Deletes && rows.len() > 0;
        Ok(Ok(Draws {
            names: names.into(),
            sources: sources.into(),
            sampled: sampled.into(),
            pick: endpoint.params.pick.clone(),
            picker: Picker::new(&endpoint.params.pick, rows.len(), once, seed),
            rows: Arc::new(rows),
            once,
            seed,
        }))
    }

    /// Draws of given rows, all of whose values are parameters: the slots name their columns. Nothing is made up.
    pub fn of_rows<'v>(slots: Vec<Slot>, rows: impl IntoIterator<Item = &'v [Value]>, pick: &Pick, seed: u64) -> Draws {
        let rows = kept(&slots, rows);
        Draws {
            names: slots.iter().map(|slot| slot.name.clone()).collect(),
            sources: (0..slots.len()).map(|column| Source::Sampled { column }).collect(),
            sampled: slots.into(),
            pick: pick.clone(),
            picker: Picker::new(pick, rows.len(), false, seed),
            rows: Arc::new(rows),
            once: false,
            seed,
        }
    }

    /// The same rows chosen in another way. What serves once goes on serving once.
    #[must_use]
    pub fn with_pick(&self, pick: &Pick) -> Draws {
        Draws { pick: pick.clone(), picker: Picker::new(pick, self.rows.len(), self.once, self.seed), ..self.clone() }
    }

    /// These parameters for an endpoint whose statements ask for those of `other`: the same values in the order in which they are
    /// asked for there. `None` when it asks for other parameters, or for one as another type.
    pub fn asked_like(&self, other: &Draws) -> Option<Draws> {
        let type_of = |draws: &Draws, name: &str| {
            let sampled = draws.sampled.iter().find(|slot| slot.name == name).map(|slot| slot.type_oid);
            let place = draws.names.iter().position(|known| known == name)?;
            match &draws.sources[place] {
                Source::Made { type_oid, .. } => Some(*type_oid),
                Source::Sampled { .. } => sampled,
            }
        };
        let mut sources = Vec::new();
        for name in other.names.iter() {
            let place = self.names.iter().position(|known| known == name)?;
            if type_of(self, name) != type_of(other, name) {
                return None;
            }
            sources.push(self.sources[place].clone());
        }
        Some(Draws { names: other.names.clone(), sources: sources.into(), ..self.clone() })
    }

    /// Other rows in place of the sampled ones, as [`Draws::sampled_row`] gives them, used in turn.
    #[must_use]
    pub fn with_rows<'v>(&self, rows: impl IntoIterator<Item = &'v [Value]>) -> Draws {
        let rows = kept(&self.sampled, rows);
        let picker = Picker::new(&Pick::Uniform, rows.len(), self.once, self.seed);
        Draws { pick: Pick::Uniform, picker, rows: Arc::new(rows), ..self.clone() }
    }

    /// The parameters of call number `call`; `None` when every sampled row has been used up.
    pub fn draw(&self, call: u64) -> Option<Draw> {
        let mut draw = Draw::default();
        self.draw_into(call, &mut draw).then_some(draw)
    }

    /// [`Draws::draw`] into a draw of an earlier call, whose memory is used again; false when every sampled row has been used up.
    #[inline]
    pub fn draw_into(&self, call: u64, draw: &mut Draw) -> bool {
        let Some(row) = self.row(call) else { return false };
        if draw.values.len() != self.sources.len() {
            draw.values.resize(self.sources.len(), Value::null(0));
        }
        for (value, source) in draw.values.iter_mut().zip(self.sources.iter()) {
            match source {
                Source::Sampled { column } => self.rows.copy_to(row, *column, value),
                made => *value = self.value(made, call, row, 0),
            }
        }
        true
    }

    /// How many calls there are parameters for, whoever makes them; `None` when they never end. What deletes ends, because a row
    /// is deleted once.
    pub fn calls(&self) -> Option<u64> {
        if self.rows.len() == 0 { None } else { self.picker.calls() }
    }

    /// Sampled rows to choose from; 0 when nothing is sampled.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// The slots that sampled rows fill, in the order of [`Draws::sampled_row`].
    pub fn sampled(&self) -> &[Slot] {
        &self.sampled
    }

    /// The values of the sampled row that a call uses; `None` when every row has been used up or nothing is sampled.
    pub fn sampled_row(&self, call: u64) -> Option<Vec<Value>> {
        if self.rows.len() == 0 {
            return None;
        }
        let row = self.picker.row(call)?;
        let value = |column| {
            let mut value = Value::null(0);
            self.rows.copy_to(row, column, &mut value);
            value
        };
        Some((0..self.sampled.len()).map(value).collect())
    }

    /// How rows are chosen.
    pub fn pick(&self) -> &Pick {
        &self.pick
    }

    /// Whether each row serves one call only.
    pub fn serves_once(&self) -> bool {
        self.once
    }

    /// Whether some of the parameters are made up for each call.
    pub fn makes_values(&self) -> bool {
        self.sources.iter().any(|source| matches!(source, Source::Made { .. }))
    }

    /// Calls as many users would make who know nothing of each other; see [`Picker::anew`].
    pub(super) fn anew(&self) -> Draws {
        Draws { picker: Picker::anew(&self.pick, self.rows.len(), self.seed), once: false, ..self.clone() }
    }

    /// The way of [`Draws::anew`] to choose among so many rows, sampled or not.
    pub(super) fn anew_among(&self, rows: usize) -> Picker {
        Picker::anew(&self.pick, rows, self.seed)
    }

    /// Names of the slots, in their order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The sampled row of a call; any number when nothing is sampled.
    fn row(&self, call: u64) -> Option<usize> {
        if self.rows.len() == 0 { Some(0) } else { self.picker.row(call) }
    }

    /// `depth` counts how many made values asked for each other on the way here.
    fn value(&self, source: &Source, call: u64, row: usize, depth: usize) -> Value {
        match source {
            Source::Sampled { column } => {
                let mut value = Value::null(0);
                self.rows.copy_to(row, *column, &mut value);
                value
            }
            Source::Made { maker, type_oid } => {
                Value { oid: *type_oid, bytes: maker.value_beside(call, &|name| self.text(name, call, row, depth + 1)) }
            }
        }
    }

    /// Another parameter of the call as text, for values that depend on it; `None` when it is NULL or depends on itself.
    fn text(&self, name: &str, call: u64, row: usize, depth: usize) -> Option<String> {
        let named = self.sources.iter().zip(self.names.iter()).filter(|(_, known)| *known == name && depth <= self.sources.len());
        named.filter_map(|(source, _)| self.value(source, call, row, depth).as_text()).next()
    }
}

fn kept<'v>(slots: &[Slot], given: impl IntoIterator<Item = &'v [Value]>) -> Rows {
    let mut rows = Rows::new(slots.iter().map(|slot| slot.type_oid));
    given.into_iter().for_each(|row| rows.push(|column| row.get(column)?.bytes.as_deref()));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(rows: i64, pick: &Pick, once: bool) -> Draws {
        let slot = Slot { name: "id".into(), type_oid: 20, at: Location::default() };
        let rows: Vec<[Value; 1]> = (0..rows).map(|id| [Value::int8(id)]).collect();
        let draws = Draws::of_rows(vec![slot], rows.iter().map(|row| row.as_slice()), pick, 1);
        Draws { once, ..draws }.with_pick(pick)
    }

    fn ids(draws: &Draws, calls: u64) -> Vec<i64> {
        (0..calls).filter_map(|call| draws.draw(call)?.values[0].as_integer()).collect()
    }

    #[test]
    fn what_is_consumed_is_drawn_once_in_whatever_way_it_is_picked() {
        let once = draws(3, &Pick::Uniform, true);
        assert_eq!((ids(&once, 5), once.calls()), (vec![0, 1, 2], Some(3)));
        assert_eq!(ids(&once.with_pick(&Pick::Repeat(1)), 5), [0, 1, 2]);
    }

    #[test]
    fn another_pick_chooses_among_the_same_rows() {
        let uniform = draws(10, &Pick::Uniform, false);
        let repeating = uniform.with_pick(&Pick::Repeat(2));
        assert_eq!((ids(&repeating, 5), repeating.calls()), (vec![0, 1, 0, 1, 0], None));
        assert!(Arc::ptr_eq(&uniform.rows, &repeating.rows));
    }

    #[test]
    fn other_rows_take_the_place_of_the_sampled_ones() {
        let draws = draws(10, &Pick::Repeat(2), false);
        let chosen = [draws.sampled_row(1).unwrap(), vec![Value::int8(77)]];
        assert_eq!(ids(&draws.with_rows(chosen.iter().map(Vec::as_slice)), 3), [1, 77, 1]);
    }

    #[test]
    fn a_draw_is_filled_again() {
        let draws = draws(3, &Pick::Uniform, false);
        let mut draw = Draw { values: vec![Value::text("longer than a number"), Value::null(25)] };
        assert!(draws.draw_into(2, &mut draw));
        assert_eq!(Some(draw), draws.draw(2));
    }

    #[test]
    fn workers_share_draws() {
        fn shared<T: Send + Sync>(_: &T) {}
        shared(&draws(1, &Pick::Uniform, false));
    }
}
