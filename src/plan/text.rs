//! PostgreSQL's own text layout, from the JSON: what `EXPLAIN` without FORMAT would have printed for the same execution.
//!
//! The authority is `src/backend/commands/explain.c`; the order of the lines, the spaces and the rounding follow it, and the
//! tests compare byte for byte with what a server printed. Three things the JSON does not tell, and we cannot know:
//! a count of removed rows that PostgreSQL rounded to 0 (the text prints it, we do not); whether a statement names more relations
//! than its plan shows, which decides if upper nodes qualify columns when VERBOSE is taken away; and the order in which worker
//! lines were made.

mod heading;
mod properties;
mod statement;
mod unqualify;
mod usage;
mod writer;

use super::Plan;
pub(crate) use heading::type_name;
pub(crate) use unqualify::without_alias;
use writer::Writer;

/// Which parts to print. A part that the JSON lacks is never printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextOptions {
    /// `Output:` lines, schemas, trigger names, each worker's own figures. When the JSON was made with VERBOSE and this is off,
    /// columns lose the qualification that VERBOSE gave them.
    pub verbose: bool,
    pub costs: bool,
    pub timing: bool,
    pub buffers: bool,
    pub wal: bool,
    pub settings: bool,
    /// Planning and execution time.
    pub summary: bool,
}

/// `EXPLAIN (ANALYZE, BUFFERS)`
impl Default for TextOptions {
    fn default() -> Self {
        TextOptions { verbose: false, costs: true, timing: true, buffers: true, wal: false, settings: false, summary: true }
    }
}

impl TextOptions {
    /// Everything that the JSON has.
    pub fn everything() -> Self {
        TextOptions { verbose: true, wal: true, settings: true, ..TextOptions::default() }
    }
}

/// The plan as `EXPLAIN` prints it, lines ending in `\n`.
pub fn to_text(plan: &Plan, options: TextOptions) -> String {
    let mut writer = Writer::new(plan, options);
    statement::write(&mut writer);
    writer.out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::fixtures;

    #[test]
    fn equals_the_servers_text_byte_for_byte() {
        let mut wrong = Vec::new();
        for (name, plan) in fixtures::all().into_iter().filter(|(name, _)| name.as_bytes()[0].is_ascii_digit()) {
            // The one loss: the JSON rounds 0.1 removed rows per loop to 0, the text says `Rows Removed by Filter: 0`.
            let theirs: String = fixtures::file(&format!("{name}.txt"))
                .split_inclusive('\n')
                .filter(|line| !(line.contains("Rows Removed by ") && line.ends_with(": 0\n")))
                .collect();
            let ours = to_text(&plan, TextOptions::everything());
            if ours != theirs {
                wrong.push(format!("{name}\n--- server\n{theirs}--- ours\n{ours}"));
            }
        }
        assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    }

    /// The JSON of a VERBOSE run rendered without VERBOSE equals what the server prints without.
    #[test]
    fn verbosity_can_be_taken_away() {
        for name in ["59-verbose", "60-verbose-modify"] {
            let plain = fixtures::file(&format!("{name}.plain.txt"));
            assert_eq!(to_text(&fixtures::plan(name), TextOptions::default()), plain, "{name}");
        }
    }

    #[test]
    fn times_summary_and_jit_as_documented() {
        // The layout of the documentation's examples (Using EXPLAIN, PostgreSQL 15) with JIT added.
        let plan = fixtures::json(
            json!({"Plan": {"Node Type": "Seq Scan", "Relation Name": "tenk1", "Alias": "tenk1", "Startup Cost": 0.00,
            "Total Cost": 483.00, "Plan Rows": 7000, "Plan Width": 244, "Actual Startup Time": 0.016, "Actual Total Time": 5.107,
            "Actual Rows": 7000, "Actual Loops": 1, "Filter": "(ten < 7)", "Rows Removed by Filter": 3000,
            "Shared Hit Blocks": 345, "Shared Read Blocks": 0, "Temp Read Blocks": 1, "I/O Read Time": 0.0, "I/O Write Time": 1.5,
            "Temp I/O Read Time": 0.25, "Temp I/O Write Time": 0.0},
            "Planning Time": 0.1, "Execution Time": 5.9, "Triggers": [{"Trigger Name": "t", "Relation": "tenk1", "Time": 0.5, "Calls": 7}],
            "JIT": {"Functions": 3, "Options": {"Inlining": false, "Optimization": true, "Expressions": true, "Deforming": true},
            "Timing": {"Generation": 0.5, "Inlining": 0.0, "Optimization": 0.25, "Emission": 1.0, "Total": 1.75}}}),
        );
        insta::assert_snapshot!(to_text(&plan, TextOptions::everything()), @r"
        Seq Scan on tenk1  (cost=0.00..483.00 rows=7000 width=244) (actual time=0.016..5.107 rows=7000 loops=1)
          Filter: (ten < 7)
          Rows Removed by Filter: 3000
          Buffers: shared hit=345, temp read=1
          I/O Timings: shared write=1.500, temp read=0.250
        Planning Time: 0.100 ms
        Trigger t on tenk1: time=0.500 calls=7
        JIT:
          Functions: 3
          Options: Inlining false, Optimization true, Expressions true, Deforming true
          Timing: Generation 0.500 ms, Inlining 0.000 ms, Optimization 0.250 ms, Emission 1.000 ms, Total 1.750 ms
        Execution Time: 5.900 ms
        ");
        let bare = TextOptions { costs: false, timing: false, buffers: false, summary: false, ..TextOptions::default() };
        insta::assert_snapshot!(to_text(&plan, bare), @r"
        Seq Scan on tenk1 (actual rows=7000 loops=1)
          Filter: (ten < 7)
          Rows Removed by Filter: 3000
        Trigger t on tenk1: calls=7
        ");
    }

    #[test]
    fn eighteen_prints_fractions_searches_and_storage() {
        let plan = fixtures::json(
            json!({"Plan": {"Node Type": "WindowAgg", "Disabled": false, "Actual Rows": 3.00, "Actual Loops": 1,
            "Window": "w1 AS (PARTITION BY a)", "Run Condition": "(x < 3)", "Storage": "Memory", "Maximum Storage": 17, "Plans": [
            {"Node Type": "Index Scan", "Parent Relationship": "Outer", "Disabled": true, "Scan Direction": "Forward", "Index Name": "i",
            "Relation Name": "t", "Alias": "t", "Actual Rows": 0.33, "Actual Loops": 3, "Index Cond": "(a = 1)", "Index Searches": 3,
            "Shared Hit Blocks": 4, "Shared I/O Read Time": 0.25, "Shared I/O Write Time": 0.0, "Local I/O Read Time": 0.5}]},
            "Planning": {"Shared Hit Blocks": 0, "Memory Used": 12, "Memory Allocated": 16},
            "Serialization": {"Time": 0.5, "Output Volume": 2, "Format": "text", "Shared Hit Blocks": 1}}),
        );
        insta::assert_snapshot!(to_text(&plan, TextOptions::everything()), @r"
        WindowAgg (actual rows=3.00 loops=1)
          Window: w1 AS (PARTITION BY a)
          Run Condition: (x < 3)
          Storage: Memory  Maximum Storage: 17kB
          ->  Index Scan using i on t (actual rows=0.33 loops=3)
                Disabled: true
                Index Cond: (a = 1)
                Index Searches: 3
                Buffers: shared hit=4
                I/O Timings: shared read=0.250, local read=0.500
        Planning:
          Memory: used=12kB  allocated=16kB
        Serialization: time=0.500 ms  output=2kB  format=text
          Buffers: shared hit=1
        ");
    }
}
