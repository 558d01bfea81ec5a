//! What drawing the parameters of a call costs: `cargo bench --bench drawing`.
//!
//! A load generator draws before every call, so this is paid once per call on the client's side. Each figure is the best of some
//! rounds, in nanoseconds per draw; calls go on from round to round, so that the rows are read from all over memory.

use std::hint::black_box;
use std::time::Instant;

use perflab::bench::draw::{Draw, Draws, LOAD_ROWS, Slot};
use perflab::db::Value;
use perflab::scenario::model::{Location, Pick, PickClass};

const CALLS: u64 = 500_000;
const ROUNDS: u64 = 8;

fn main() {
    let classes = vec![PickClass { rows: 0.01, choices: 0.5 }, PickClass { rows: 0.99, choices: 0.5 }];
    let ways = [
        ("uniform", Pick::Uniform),
        ("repeat 11", Pick::Repeat(11)),
        ("zipf 1.1", Pick::Zipf { exponent: 1.1 }),
        ("pareto 1.5", Pick::Pareto { shape: 1.5 }),
        ("1%: 50%", Pick::Classes(classes)),
    ];
    println!("{:<24}{:>14}{:>20}", "of 131,072 rows", "draw() ns", "draw_into() ns");
    for parameters in [1, 3] {
        for (name, pick) in &ways {
            let draws = draws(parameters, pick);
            let fresh = nanos(|call| _ = black_box(draws.draw(black_box(call))));
            let mut draw = Draw::default();
            let again = nanos(|call| _ = black_box(draws.draw_into(black_box(call), &mut draw)));
            println!("{:<24}{fresh:>14.1}{again:>20.1}", format!("{name}, {parameters} of bigint"));
        }
    }
}

fn draws(parameters: usize, pick: &Pick) -> Draws {
    let slot = |number| Slot { name: format!("p{number}"), type_oid: 20, at: Location::default() };
    let rows: Vec<Vec<Value>> = (0..LOAD_ROWS as i64).map(|id| vec![Value::int8(id); parameters]).collect();
    Draws::of_rows((0..parameters).map(slot).collect(), rows.iter().map(Vec::as_slice), pick, 42)
}

fn nanos(mut draw: impl FnMut(u64)) -> f64 {
    let round = |round: u64, draw: &mut dyn FnMut(u64)| {
        let started = Instant::now();
        (round * CALLS..(round + 1) * CALLS).for_each(&mut *draw);
        started.elapsed().as_secs_f64() * 1e9 / CALLS as f64
    };
    (0..ROUNDS).map(|number| round(number, &mut draw)).fold(f64::INFINITY, f64::min)
}
