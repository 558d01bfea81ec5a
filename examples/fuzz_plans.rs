//! Throws broken plans at everything that reads them: `cargo run --example fuzz_plans -- [SECONDS] [SEED]`.
//!
//! Each input is made of captured plans (tests/plans) by cutting, doubling, swapping, joining and overwriting, and is read, drawn,
//! measured and narrated. A panic is caught, its input kept in target/fuzz/, and the exit code is 1. The input at work is in
//! target/fuzz/current, for what cannot be caught (a stack that overflows). The same seed makes the same inputs.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use perflab::plan::{Facts, PlanMetrics, TextOptions, narrate, read_plans, summary, to_json, to_text};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// What an input is made longer than is not worth its time.
const LONGEST: usize = 200_000;

/// Pieces that mean something to a reader of plans.
const WORDS: &[&str] = &[
    "->  ",
    "(cost=0.00..1.00 rows=1 width=4)",
    "(actual time=0.1..0.2 rows=3 loops=4)",
    "(never executed)",
    "Filter: (a = 'x",
    "'",
    "\"",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\\",
    "InitPlan 1 (returns $0)",
    "CTE x",
    "SubPlan 2",
    "Worker 0:  ",
    "JIT:",
    "Planning:",
    "Buffers: shared hit=1",
    "Sort Key: a, b",
    "Group Key: ()",
    "Hash Key: a",
    "Batches: 5  Memory Usage: 4kB",
    "Sort Method: quicksort  Memory: 25kB",
    "QUERY PLAN",
    "-----",
    "(1 row)",
    "```",
    "| ",
    " |",
    "+",
    "> ",
    "\t",
    "        ",
    "duration: 1.0 ms  plan:",
    "Query Text: SELECT 1",
    "Trigger x: calls=1",
    "Settings: a = 'b', c = 'd'",
    "1e309",
    "-1",
    "NaN",
    "99999999999999999999",
    "0",
    "\u{a0}",
    "\u{feff}",
    "é",
    "🦀",
    "\0",
    "\r",
    "\n",
    ",",
    ":",
    "..",
    "\"Plan\": {",
    "\"Node Type\": \"Sort\"",
    "\"Plans\": [",
    "null",
    "true",
    "-[ RECORD 1 ]---",
    "#011",
    "[5-2] ",
];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().map_or(Ok(10), |text| text.parse());
    let seed: Result<u64, _> = arguments.next().map_or(Ok(1), |text| text.parse());
    let (Ok(seconds), Ok(seed)) = (seconds, seed) else {
        eprintln!("usage: cargo run --example fuzz_plans -- [SECONDS] [SEED]");
        return ExitCode::from(2);
    };
    let plans = captured(Path::new("tests/plans"));
    if plans.is_empty() {
        eprintln!("no plans in tests/plans; run it in the project's folder");
        return ExitCode::from(2);
    }
    let kept = Path::new("target/fuzz");
    if let Err(error) = fs::create_dir_all(kept) {
        eprintln!("cannot make {}: {error}", kept.display());
        return ExitCode::from(2);
    }
    let end = Instant::now() + Duration::from_secs(seconds);
    let (mut inputs, mut whole, mut crashes) = (0_u64, 0_u64, 0_u64);
    let mut slowest = (Duration::ZERO, 0, 0);
    while Instant::now() < end {
        let input = made(&plans, &mut Xoshiro256PlusPlus::seed_from_u64(seed ^ inputs.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        // Nothing is lost when it cannot be written but help in a case that should not happen.
        let _ = fs::write(kept.join("current"), &input);
        let began = Instant::now();
        match catch_unwind(AssertUnwindSafe(|| used(&input))) {
            Ok(found) => whole += u64::from(found > 0),
            Err(_) => {
                crashes += 1;
                let file = kept.join(format!("crash-{seed}-{inputs}"));
                let _ = fs::write(&file, &input);
                eprintln!("input {inputs} panicked; it is in {}", file.display());
            }
        }
        slowest = slowest.max((began.elapsed(), input.len(), inputs));
        inputs += 1;
    }
    let (time, bytes, number) = slowest;
    println!("{inputs} inputs from {} plans, {whole} with a plan in them, {crashes} crashes", plans.len());
    println!("slowest: input {number}, {bytes} bytes in {:.1} ms", time.as_secs_f64() * 1000.0);
    if crashes == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

/// Reads the input and does with its plans all that perflab does without a database; the number of plans.
fn used(input: &str) -> usize {
    let Ok(found) = read_plans(input) else { return 0 };
    for plan in &found.plans {
        let plan = &plan.plan;
        let facts = Facts::default();
        let bare = TextOptions { costs: false, timing: false, buffers: false, summary: false, ..TextOptions::default() };
        for options in [TextOptions::default(), TextOptions::everything(), bare] {
            to_text(plan, options);
        }
        PlanMetrics::of(plan);
        summary(plan, &facts);
        narrate(plan, &facts);
        to_json(plan);
        plan.as_text_tells();
    }
    for problem in &found.problems {
        let _ = problem.to_string();
    }
    found.plans.len()
}

/// Every captured plan, text and JSON.
fn captured(folder: &Path) -> Vec<String> {
    let mut plans = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return plans };
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    // The order of a folder is the file system's.
    paths.sort();
    for path in paths {
        if path.is_dir() {
            plans.extend(captured(&path));
        } else if path.extension().is_some_and(|extension| extension == "txt" || extension == "json") {
            plans.extend(fs::read_to_string(&path));
        }
    }
    plans
}

/// An input: plans joined and spoiled.
fn made(plans: &[String], random: &mut Xoshiro256PlusPlus) -> String {
    let mut input = String::new();
    for _ in 0..random.random_range(1..=3) {
        input.push_str(&plans[random.random_range(0..plans.len())]);
        if random.random_range(0..3) > 0 {
            break;
        }
    }
    if random.random_range(0..4) == 0 {
        input = framed(&input, random);
    }
    for _ in 0..random.random_range(0..8) {
        input = spoiled(input, plans, random);
        if input.len() > LONGEST {
            let end = boundary(&input, LONGEST);
            input.truncate(end);
        }
    }
    input
}

/// Each line in a frame.
fn framed(input: &str, random: &mut Xoshiro256PlusPlus) -> String {
    let kind = random.random_range(0..7);
    let line = |line: &str| match kind {
        0 => format!("| {line:<100} |"),
        1 => format!(" {line:<100}+"),
        2 => format!("> {line}"),
        3 => format!("\"{}\"", line.replace('"', "\"\"")),
        4 => format!("\t{line}"),
        5 => format!("db-1  | {line}"),
        _ => format!("QUERY PLAN | {line}"),
    };
    input.lines().map(|text| line(text) + "\n").collect()
}

fn spoiled(mut input: String, plans: &[String], random: &mut Xoshiro256PlusPlus) -> String {
    let length = input.len();
    let at = boundary(&input, random.random_range(0..=length));
    let to = boundary(&input, (at + random.random_range(0..80)).min(length));
    match random.random_range(0..11) {
        0 => input.truncate(at),
        1 => _ = input.drain(..at),
        2 => input.replace_range(at..to, ""),
        3 => input.insert_str(at, WORDS[random.random_range(0..WORDS.len())]),
        4 => input.replace_range(at..to, WORDS[random.random_range(0..WORDS.len())]),
        5 => {
            let piece = input[at..to].repeat(random.random_range(1..40));
            input.insert_str(at, &piece);
        }
        6 => {
            let other = &plans[random.random_range(0..plans.len())];
            input.insert_str(at, &other[boundary(other, random.random_range(0..=other.len()))..]);
        }
        7 => {
            let mut lines: Vec<&str> = input.lines().collect();
            if lines.len() > 1 {
                let (a, b) = (random.random_range(0..lines.len()), random.random_range(0..lines.len()));
                lines.swap(a, b);
            }
            return lines.join("\n");
        }
        8 => {
            // Deeper and deeper: each line further in than the last.
            let step = random.random_range(0..4);
            return input.lines().take(300).enumerate().map(|(i, line)| format!("{}{line}\n", " ".repeat(step * i))).collect();
        }
        9 => {
            let bytes: Vec<u8> = (0..random.random_range(1..40)).map(|_| random.random()).collect();
            input.insert_str(at, &String::from_utf8_lossy(&bytes));
        }
        _ => {
            let digit = char::from(b'0' + random.random_range(0..10_u8)).to_string();
            if let Some(found) = input[at..].find(|c: char| c.is_ascii_digit()) {
                input.replace_range(at + found..at + found + 1, &digit.repeat(random.random_range(1..25)));
            }
        }
    }
    input
}

/// The nearest place at or before, where a character begins.
fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
