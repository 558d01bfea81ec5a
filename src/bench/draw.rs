//! The parameters of each call: sampled from the seeded rows, or made up.
//!
//! Call number n of an endpoint has the same parameters on every database and in every run of the same seed, so that two
//! databases can be compared call by call.

use rand_distr::{Distribution, Zipf};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use crate::db::connect::value_at;
use crate::db::value::{integer_width, oid};
use crate::db::{Connection, DbError, Value};
use crate::report::model::Effect;
use crate::scenario::columns_of;
use crate::scenario::error::Problem;
use crate::scenario::model::{Endpoint, Literal, Located, Location, Pick, ValueSpec};
use crate::seed::ParamMaker;
use crate::seed::pick::Skew;
use crate::seed::rng::Key;
use crate::sql::quote_ident;

use super::error::BenchError;

/// Sampled rows kept per endpoint: more than any time-boxed run calls, and a few hundred kB.
const SAMPLE_ROWS: usize = 4096;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw {
    pub values: Vec<Value>,
}

/// Where an endpoint's parameters come from.
pub struct Draws {
    names: Vec<String>,
    sources: Vec<Source>,
    /// In a seeded random order.
    rows: Vec<Vec<Value>>,
    pick: Pick,
    /// What a call deletes cannot be deleted twice: each row serves once, and then the endpoint has no more calls.
    once: bool,
    seed: u64,
}

enum Source {
    Sampled { column: usize },
    Made { maker: ParamMaker, type_oid: u32 },
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
        seed: u64,
        connection: &mut Connection,
    ) -> Result<Result<Draws, Vec<Problem>>, BenchError> {
        let mut problems = Vec::new();
        let columns = match &endpoint.params.sample {
            Some(sample) => match connection.prepare(&sample.value).await {
                Ok(prepared) => prepared.columns,
                Err(error) => return refused(error, sample),
            },
            None => Vec::new(),
        };
        let slots = &with_referenced(endpoint, slots);
        let label = endpoint.label();
        let mut sources = Vec::new();
        let mut sampled: Vec<&Slot> = Vec::new();
        for slot in slots {
            if let Some((name, spec)) = made_by(endpoint, &slot.name) {
                match ParamMaker::new(spec, slot.type_oid, &label, &slot.name, seed) {
                    Ok(maker) => sources.push(Source::Made { maker, type_oid: slot.type_oid }),
                    Err(error) => problems.push(Problem { at: name.at, message: error.to_string(), help: None }),
                }
            } else if columns.contains(&slot.name) {
                sources.push(Source::Sampled { column: sampled.len() });
                sampled.push(slot);
            } else {
                problems.push(nobody_provides(slot, &columns));
            }
        }
        let rows = match &endpoint.params.sample {
            Some(sample) if problems.is_empty() && !sampled.is_empty() => {
                match sample_rows(sample, &sampled, Key::new(seed, &["sample", &label]).bits(0), connection).await {
                    Ok(rows) if rows.is_empty() => {
                        problems.push(finds_nothing(sample));
                        rows
                    }
                    Ok(rows) => rows,
                    Err(error) => return refused(error, sample),
                }
            }
            _ => Vec::new(),
        };
        if !problems.is_empty() {
            return Ok(Err(problems));
        }
        Ok(Ok(Draws {
            names: slots.iter().map(|slot| slot.name.clone()).collect(),
            once: effect == Effect::Deletes && !rows.is_empty(),
            sources,
            rows,
            pick: endpoint.params.pick.clone(),
            seed,
        }))
    }

    /// The parameters of call number `call`; `None` when every sampled row has been used up.
    pub fn draw(&self, call: u64) -> Option<Draw> {
        let row: &[Value] = if self.rows.is_empty() { &[] } else { &self.rows[self.row_number(call)?] };
        Some(Draw { values: (0..self.sources.len()).map(|slot| self.value(slot, call, row, 0)).collect() })
    }

    /// `depth` counts how many made values asked for each other on the way here.
    fn value(&self, slot: usize, call: u64, row: &[Value], depth: usize) -> Value {
        match &self.sources[slot] {
            Source::Sampled { column } => row[*column].clone(),
            Source::Made { maker, type_oid } => {
                Value { oid: *type_oid, bytes: maker.value_beside(call, &|name| self.text(name, call, row, depth + 1)) }
            }
        }
    }

    /// Another parameter of the call as text, for values that depend on it; `None` when it is NULL or depends on itself.
    fn text(&self, name: &str, call: u64, row: &[Value], depth: usize) -> Option<String> {
        let slots = (0..self.sources.len()).filter(|slot| depth <= self.sources.len() && self.names[*slot] == name);
        slots.filter_map(|slot| self.value(slot, call, row, depth).as_text()).next()
    }

    fn row_number(&self, call: u64) -> Option<usize> {
        let rows = self.rows.len() as u64;
        if self.once {
            return (call < rows).then_some(call as usize);
        }
        let number = match &self.pick {
            // The sample is in random order, so walking it is a uniform choice that repeats nothing before it must.
            Pick::Uniform => call % rows,
            Pick::Repeat(different) => call % (*different).clamp(1, rows),
            Pick::Zipf { exponent } => {
                let ranks = Zipf::new(rows as f64, *exponent).ok()?;
                (ranks.sample(&mut self.rng(call)) as u64 - 1).min(rows - 1)
            }
            Pick::Lognormal { .. } | Pick::Pareto { .. } | Pick::Classes(_) => {
                Skew::new(&self.pick, rows)?.rank(rows, &mut Key::new(self.seed, &["sample"]).stream(call))
            }
            Pick::Weights(weights) => weighted(weights, self.rng(call).next_u64()).min(rows - 1),
        };
        Some(number as usize)
    }

    fn rng(&self, call: u64) -> Xoshiro256PlusPlus {
        Xoshiro256PlusPlus::seed_from_u64(self.seed ^ call.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// Names of the slots, in their order.
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

/// The slots of the statements, then one as text for every parameter that a made value depends on.
fn with_referenced(endpoint: &Endpoint, slots: &[Slot]) -> Vec<Slot> {
    let mut all = slots.to_vec();
    let mut looked_at = 0;
    while let Some(name) = all.get(looked_at).map(|slot| slot.name.clone()) {
        looked_at += 1;
        let Some((at, spec)) = made_by(endpoint, &name) else { continue };
        for other in columns_of(spec) {
            let readable = |slot: &Slot| {
                slot.name == other && (Value::passes(slot.type_oid, oid::TEXT) || integer_width(slot.type_oid).is_some())
            };
            if !all.iter().any(readable) {
                let number = made_by(endpoint, other).is_some_and(|(_, spec)| makes_numbers(spec));
                let type_oid = if number { oid::INT8 } else { oid::TEXT };
                all.push(Slot { name: other.to_owned(), type_oid, at: at.at });
            }
        }
    }
    all
}

fn made_by<'e>(endpoint: &'e Endpoint, name: &str) -> Option<&'e (Located<String>, ValueSpec)> {
    endpoint.params.values.iter().find(|(known, _)| known.value == name)
}

fn makes_numbers(spec: &ValueSpec) -> bool {
    match spec {
        ValueSpec::OneOf(values) => values.iter().all(|(value, _)| matches!(value, Literal::Int(_))),
        ValueSpec::Range { .. }
        | ValueSpec::Normal { .. }
        | ValueSpec::Lognormal { .. }
        | ValueSpec::Exponential { .. }
        | ValueSpec::Zipf { .. }
        | ValueSpec::Pareto { .. }
        | ValueSpec::Sequence => true,
        ValueSpec::Constant(value) => matches!(value, Literal::Int(_)),
        _ => false,
    }
}

/// The place in `weights` that a uniform 64-bit number falls on.
fn weighted(weights: &[f64], random: u64) -> u64 {
    let total: f64 = weights.iter().sum();
    let mut left = random as f64 / u64::MAX as f64 * total;
    for (place, weight) in weights.iter().enumerate() {
        left -= weight;
        if left < 0.0 {
            return place as u64;
        }
    }
    weights.len().saturating_sub(1) as u64
}

/// Rows of the sample query, cast to the statements' types, in a random order that depends on `seed` alone. Each endpoint has its
/// own, or two that delete from one table would always be after the same rows.
async fn sample_rows(
    sample: &Located<String>,
    slots: &[&Slot],
    seed: u64,
    connection: &mut Connection,
) -> Result<Vec<Vec<Value>>, DbError> {
    let mut columns = Vec::new();
    for slot in slots {
        // Without a length given (-1), `char` is `bpchar`; with none to give (NULL) it would be `character`, one character long.
        let (type_name,): (String,) = connection.row(&format!("SELECT format_type({}, -1)", slot.type_oid)).await?;
        columns.push(format!("CAST(s.{} AS {type_name})", quote_ident(&slot.name)));
    }
    // Row numbers are hashed, not values: a value that stands in many rows is as likely here as it is there. Scans that start
    // anywhere or in parallel would number the rows anew each time.
    connection.batch("BEGIN; SET LOCAL synchronize_seqscans = off; SET LOCAL max_parallel_workers_per_gather = 0").await?;
    let reply = connection
        .query(
            &format!(
                "SELECT {} FROM (SELECT s.*, row_number() OVER () AS perflab_row FROM ({}\n) AS s) AS s \
                 ORDER BY hashint8extended(s.perflab_row, {}) LIMIT {SAMPLE_ROWS}",
                columns.join(", "),
                sample.value,
                seed as i64
            ),
            &[],
        )
        .await;
    connection.batch("ROLLBACK").await?;
    let reply = reply?;
    Ok(reply
        .rows
        .iter()
        .map(|row| (0..slots.len()).map(|column| value_at(row, column).unwrap_or(Value::null(slots[column].type_oid))).collect())
        .collect())
}

fn nobody_provides(slot: &Slot, columns: &[String]) -> Problem {
    let help = if columns.is_empty() {
        format!("add `sample:` with a query that returns `{0}`, or `values: {{{0}: …}}`", slot.name)
    } else {
        format!("the sample returns {}; name one of them `{}`, or add it under `values:`", columns.join(", "), slot.name)
    };
    Problem { at: slot.at, message: format!("nothing provides the parameter `:{}`", slot.name), help: Some(help) }
}

fn finds_nothing(sample: &Located<String>) -> Problem {
    Problem {
        at: sample.at,
        message: "the sample query returns no row, so there is nothing to call the endpoint with".into(),
        help: Some("look at its WHERE, or at the rows of the tables it reads".into()),
    }
}

fn refused(error: DbError, sample: &Located<String>) -> Result<Result<Draws, Vec<Problem>>, BenchError> {
    match error.server_message() {
        Some(message) => {
            let message = format!("the server refuses the sample query: {message}");
            Ok(Err(vec![Problem { at: sample.at, message, help: None }]))
        }
        None => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::PickClass;

    fn draws(rows: i64, pick: Pick, once: bool) -> Draws {
        Draws {
            names: vec!["id".into()],
            sources: vec![Source::Sampled { column: 0 }],
            rows: (0..rows).map(|id| vec![Value::int8(id)]).collect(),
            pick,
            once,
            seed: 1,
        }
    }

    fn ids(draws: &Draws, calls: u64) -> Vec<i64> {
        (0..calls).filter_map(|call| draws.draw(call)?.values[0].as_integer()).collect()
    }

    #[test]
    fn what_is_consumed_is_drawn_once() {
        assert_eq!(ids(&draws(3, Pick::Zipf { exponent: 1.0 }, true), 5), vec![0, 1, 2]);
        assert_eq!(ids(&draws(3, Pick::Uniform, false), 5), vec![0, 1, 2, 0, 1]);
    }

    #[test]
    fn repeat_uses_that_many_rows() {
        assert_eq!(ids(&draws(10, Pick::Repeat(2), false), 5), vec![0, 1, 0, 1, 0]);
        assert_eq!(ids(&draws(1, Pick::Repeat(11), false), 2), vec![0, 0]);
    }

    #[test]
    fn zipf_prefers_low_ranks_and_stays_in_range_and_is_repeatable() {
        let zipf = draws(50, Pick::Zipf { exponent: 1.2 }, false);
        let drawn = ids(&zipf, 2000);
        let first = drawn.iter().filter(|id| **id == 0).count();
        let tenth = drawn.iter().filter(|id| **id == 9).count();
        assert!(first > 4 * tenth, "{first} against {tenth}");
        assert!(drawn.iter().all(|id| (0..50).contains(id)));
        assert_eq!(drawn, ids(&zipf, 2000));
    }

    #[test]
    fn classes_and_skews_prefer_low_ranks_too() {
        let classes = [PickClass { rows: 0.1, choices: 0.9 }, PickClass { rows: 0.9, choices: 0.1 }];
        for (pick, least) in
            [(Pick::Classes(classes.to_vec()), 870), (Pick::Pareto { shape: 1.05 }, 850), (Pick::Lognormal { sigma: 2.5 }, 850)]
        {
            let drawn = ids(&draws(50, pick.clone(), false), 1000);
            let low = drawn.iter().filter(|id| **id < 5).count();
            assert!(low > least && low < 940 && drawn.iter().all(|id| (0..50).contains(id)), "{pick:?}: {low}");
        }
    }

    #[test]
    fn weights_decide_by_row() {
        let weighted = draws(2, Pick::Weights(vec![9.0, 1.0]), false);
        let second = ids(&weighted, 1000).iter().filter(|id| **id == 1).count();
        assert!((50..200).contains(&second), "{second}");
    }
}
