//! What was measured of a statement beside its plan, in the words that page and terminal share: three clocks, blocks and WAL with all
//! that triggers ran, and the proof of a cascade's indexes.

use super::model::{CascadeProof, Clocks, Footprint, TableFootprint};
use crate::units;

/// A clock must be so much slower than another, as a ratio …
const WORTH_A_WORD: f64 = 1.15;
/// … and in milliseconds, before it is said: below, a median of five says nothing.
const WORTH_A_WORD_MS: f64 = 0.1;

/// The three figures with their labels, then what they mean where they are far apart.
pub fn clocks(clocks: &Clocks) -> Vec<String> {
    let times = match clocks.runs {
        1 => "one execution under each".to_owned(),
        runs => format!("medians of {} executions, in turn", units::in_words(runs as usize)),
    };
    let mut said = vec![format!(
        "Three clocks ({times}): plain {}, as the application sees it, from sending to the last row; EXPLAIN ANALYZE {} with TIMING OFF \
         and {} with TIMING ON, at the server, without the {} of planning.",
        units::ms(clocks.plain_ms),
        units::ms(clocks.timing_off_ms),
        units::ms(clocks.timing_on_ms),
        units::ms(clocks.planning_ms)
    )];
    // Of one execution each, nobody knows what is noise.
    if clocks.runs > 1 {
        said.extend(timing(clocks));
        said.extend(explaining(clocks));
    }
    said
}

fn timing(clocks: &Clocks) -> Option<String> {
    beyond_noise(clocks, clocks.timing_on_ms, clocks.timing_off_ms)
        .map(|ratio| format!("Timing made it {ratio:.1} times as slow: in the plan's figures judge shares, not milliseconds."))
}

/// EXPLAIN against the application, planning added to the former since the latter waits for it.
fn explaining(clocks: &Clocks) -> Option<String> {
    let explained = clocks.timing_off_ms + clocks.planning_ms;
    if let Some(ratio) = beyond_noise(clocks, explained, clocks.plain_ms) {
        return Some(format!("EXPLAIN itself, which counts at every node, made it {ratio:.1} times as slow."));
    }
    beyond_noise(clocks, clocks.plain_ms, explained).map(|_| {
        format!(
            "EXPLAIN leaves out {} that the application waits for: rows made ready to be sent, the way there and back, the reading.",
            units::ms(clocks.plain_ms - explained)
        )
    })
}

/// [`apart`], and by more than executions of one clock differ among themselves.
fn beyond_noise(clocks: &Clocks, slow: f64, quick: f64) -> Option<f64> {
    apart(slow, quick).filter(|ratio| *ratio > 1.0 + 2.0 * clocks.noise)
}

/// How many times `slow` is `quick`, where that matters.
fn apart(slow: f64, quick: f64) -> Option<f64> {
    (quick > 0.0 && slow / quick >= WORTH_A_WORD && slow - quick >= WORTH_A_WORD_MS).then(|| slow / quick)
}

/// The whole against the plan's own figures, then the tables.
pub fn footprint(footprint: &Footprint) -> Vec<String> {
    let of_plan = match footprint.plan_wal_bytes {
        Some(wal) => format!("its BUFFERS and WAL say {} and {}", blocks(footprint.plan_blocks), units::bytes(wal)),
        None => format!("its BUFFERS say {}", blocks(footprint.plan_blocks)),
    };
    let whole = format!(
        "With all that its triggers ran, the statement touched {} and wrote {} of WAL (counted around {}); the plan knows \
         of its own part only: {of_plan}.",
        blocks(footprint.blocks),
        units::bytes(footprint.wal_bytes),
        match footprint.runs {
            1 => "one execution".to_owned(),
            runs => format!("{} executions, the one with the least WAL", units::in_words(runs as usize)),
        }
    );
    let tables: Vec<String> = footprint.tables.iter().map(table).collect();
    if tables.is_empty() { vec![whole] } else { vec![whole, format!("By table: {}.", tables.join("; "))] }
}

fn blocks(n: u64) -> String {
    units::counted(n, "block", "blocks")
}

fn table(table: &TableFootprint) -> String {
    let counts = [
        (table.rows_read, "row read", "rows read"),
        (table.inserted, "inserted", "inserted"),
        (table.updated, "updated", "updated"),
        (table.deleted, "deleted", "deleted"),
    ];
    let said = counts.iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| units::counted(*n, one, many));
    let said: Vec<String> = std::iter::once(blocks(table.blocks)).chain(said).collect();
    format!("{} {}", table.table, said.join(", "))
}

/// What the statement takes with all indexes that its cascade lacked, and instead of what.
pub fn proof(proof: &CascadeProof) -> String {
    let n = proof.indexes.len();
    let these = if n == 1 { "this index".to_owned() } else { format!("these {} indexes", units::in_words(n)) };
    let (Some(after), None) = (proof.after_ms, &proof.refused) else {
        let why = proof.refused.as_deref().unwrap_or("the server did not say why");
        return format!("What {these} would save could not be tried here: {why}.");
    };
    let times = match proof.runs {
        1 => "one execution each".to_owned(),
        runs => format!("medians of {}", units::in_words(runs as usize)),
    };
    let bytes = proof.indexes.iter().map(|index| index.bytes).sum();
    let build: f64 = proof.indexes.iter().map(|index| index.build_ms).sum();
    let made = format!("{}, built in {}", units::bytes(bytes), units::seconds(build / 1e3));
    let unused = proof.indexes.iter().filter(|index| !index.used).count();
    let unused = match unused {
        0 => String::new(),
        all if all == n => if n == 1 { " It was not used." } else { " None was used." }.to_owned(),
        1 => " One of them was not used.".to_owned(),
        some => format!(" {} of them were not used.", units::capitalized(&units::in_words(some))),
    };
    let said = match apart(proof.before_ms, after) {
        Some(_) => format!("the statement takes {} instead of {}", units::ms(after), units::ms(proof.before_ms)),
        None => format!("nothing that shows: the statement takes {}, before {}", units::ms(after), units::ms(proof.before_ms)),
    };
    format!("With {these} ({made}, and rolled back) {said} ({times}, under EXPLAIN).{unused}")
}

/// `song_history_song_id_fkey 33.5 → 0.031 ms`
pub fn proven_triggers(proof: &CascadeProof) -> Vec<String> {
    let of = |trigger: &super::model::ProvenTrigger| {
        format!("{} {}", trigger.constraint, units::ms_change(trigger.before_ms, trigger.after_ms))
    };
    proof.triggers.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::super::model::{ProvenIndex, ProvenTrigger};
    use super::*;

    fn three(plain_ms: f64, timing_off_ms: f64, timing_on_ms: f64) -> String {
        clocks(&Clocks { runs: 5, noise: 0.05, plain_ms, planning_ms: 0.2, timing_off_ms, timing_on_ms })[1..].join(" ")
    }

    #[test]
    fn clocks_that_are_apart_are_told_apart() {
        insta::assert_snapshot!(three(74.0, 97.0, 172.0), @"Timing made it 1.8 times as slow: in the plan's figures judge shares, not milliseconds. EXPLAIN itself, which counts at every node, made it 1.3 times as slow.");
        insta::assert_snapshot!(three(90.0, 20.0, 21.0), @"EXPLAIN leaves out 69.8 ms that the application waits for: rows made ready to be sent, the way there and back, the reading.");
        assert_eq!(three(0.15, 0.03, 0.06), "", "small figures are noise");
        let noisy =
            Clocks { runs: 5, noise: 0.45, plain_ms: 74.0, timing_off_ms: 97.0, timing_on_ms: 172.0, ..Clocks::default() };
        assert_eq!(clocks(&noisy).len(), 1, "1.8 times is within what its executions differ by");
        let once =
            clocks(&Clocks { runs: 1, noise: 0.0, plain_ms: 0.3, planning_ms: 0.1, timing_off_ms: 0.2, timing_on_ms: 2.2 });
        assert_eq!(once.len(), 1, "{once:?}");
        assert!(once[0].starts_with("Three clocks (one execution under each): plain 0.30 ms"), "{}", once[0]);
    }

    #[test]
    fn the_whole_is_told_from_the_plans_part() {
        let history = TableFootprint {
            table: "song_history".into(),
            blocks: 6_757,
            rows_read: 919_039,
            deleted: 9,
            ..TableFootprint::default()
        };
        let songs = TableFootprint { table: "songs".into(), blocks: 4, rows_read: 1, deleted: 1, ..TableFootprint::default() };
        let whole = Footprint {
            runs: 3,
            wal_bytes: 1_650,
            plan_wal_bytes: Some(120),
            blocks: 6_761,
            plan_blocks: 4,
            tables: vec![history, songs],
        };
        insta::assert_snapshot!(footprint(&whole).join("\n"), @"
        With all that its triggers ran, the statement touched 6,761 blocks and wrote 2 kB of WAL (counted around three executions, the one with the least WAL); the plan knows of its own part only: its BUFFERS and WAL say 4 blocks and 120 bytes.
        By table: song_history 6,757 blocks, 919,039 rows read, 9 deleted; songs 4 blocks, 1 row read, 1 deleted.
        ");
    }

    #[test]
    fn a_proof_says_what_it_takes_or_why_it_does_not_know() {
        let index = |used| ProvenIndex { statement: "CREATE INDEX ON a (b)".into(), bytes: 1 << 20, build_ms: 150.0, used };
        let mut proven = CascadeProof {
            indexes: vec![index(true), index(true), index(false)],
            runs: 3,
            before_ms: 51.2,
            after_ms: Some(0.12),
            triggers: vec![ProvenTrigger { constraint: "a_b_fkey".into(), table: "a".into(), before_ms: 33.5, after_ms: 0.031 }],
            refused: None,
        };
        insta::assert_snapshot!(proof(&proven), @"With these three indexes (3.0 MB, built in 0.45 s, and rolled back) the statement takes 0.12 ms instead of 51.2 ms (medians of three, under EXPLAIN). One of them was not used.");
        insta::assert_snapshot!(proven_triggers(&proven).join(", "), @"a_b_fkey 33.5 → 0.031 ms");
        proven.after_ms = Some(51.0);
        assert!(proof(&proven).contains("nothing that shows"), "{}", proof(&proven));
        proven = CascadeProof { refused: Some("no".into()), after_ms: None, indexes: vec![index(false)], ..proven };
        insta::assert_snapshot!(proof(&proven), @"What this index would save could not be tried here: no.");
    }
}
