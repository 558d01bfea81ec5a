//! One statement in both formats.

use perflab::db::{Connection, DbError, Reply, Value};
use perflab::plan::walk::nodes;
use perflab::plan::{Plan, PlanNode, TextOptions, to_text};

use crate::Tally;

/// A way to explain: the options that the text is made with, those of the JSON, and what of the JSON is printed.
pub struct Way {
    text: &'static str,
    json: &'static str,
    shown: fn() -> TextOptions,
}

/// Planned alone, with everything that VERBOSE adds.
const VERBOSE: Way = Way { text: "VERBOSE", json: "VERBOSE, FORMAT JSON", shown: TextOptions::everything };
/// What perflab shows: VERBOSE in the JSON, but not in the text.
const TAKEN_AWAY: Way = Way { text: "COSTS", json: "VERBOSE, FORMAT JSON", shown: TextOptions::default };
/// Executed. What depends on the clock or on the state of the caches is off.
const EXECUTED: Way = Way {
    text: "ANALYZE, TIMING OFF, SUMMARY OFF, BUFFERS OFF",
    json: "ANALYZE, TIMING OFF, SUMMARY OFF, BUFFERS OFF, FORMAT JSON",
    shown: TextOptions::everything,
};
/// Executed, with all that is counted.
const COUNTED: Way = Way {
    text: "ANALYZE, VERBOSE, BUFFERS, WAL, SETTINGS, TIMING OFF, SUMMARY OFF",
    json: "ANALYZE, VERBOSE, BUFFERS, WAL, SETTINGS, TIMING OFF, SUMMARY OFF, FORMAT JSON",
    shown: TextOptions::everything,
};

/// Planned only: nothing can differ from run to run.
pub const PLANNED: &[&Way] = &[&VERBOSE, &TAKEN_AWAY];
/// Where the JSON does not say what taking VERBOSE away needs, see the head of `plan::text`.
pub const LOST: &[&Way] = &[&VERBOSE, &EXECUTED, &COUNTED];
pub const ALL: &[&Way] = &[&VERBOSE, &TAKEN_AWAY, &EXECUTED, &COUNTED];

/// Executions may differ by themselves (dead rows found and marked, blocks evicted, workers that come late): one of so many pairs must
/// agree. What is printed wrongly is so in all of them.
const TRIES: usize = 4;

/// Compares each way; the connection is in a transaction, and the statement's effects are undone.
pub async fn compare(
    connection: &mut Connection,
    name: &str,
    sql: &str,
    parameters: &[Value],
    ways: &[&Way],
    tally: &mut Tally,
) -> Result<(), DbError> {
    tally.statements += 1;
    for way in ways {
        tally.comparisons += 1;
        if let Some(difference) = difference(connection, sql, parameters, way, tally).await? {
            tally.wrong.push(format!("{name}: EXPLAIN ({}) {sql}\n{difference}", way.text));
        }
    }
    Ok(())
}

async fn difference(
    connection: &mut Connection,
    sql: &str,
    parameters: &[Value],
    way: &Way,
    tally: &mut Tally,
) -> Result<Option<String>, DbError> {
    let mut last = None;
    for _ in 0..if way.text.contains("ANALYZE") { TRIES } else { 1 } {
        let theirs = undone(connection, &format!("EXPLAIN ({}) {sql}", way.text), parameters).await?;
        let json = undone(connection, &format!("EXPLAIN ({}) {sql}", way.json), parameters).await?;
        let json = lines(&json).concat();
        let plan = serde_json::from_str(&json).map_err(|error| error.to_string());
        let plan = match plan.and_then(|json| Plan::from_json(&json).map_err(|error| error.to_string())) {
            Ok(plan) => plan,
            Err(error) => return Ok(Some(format!("{error}\n{json}"))),
        };
        tally.nodes.extend(nodes(&plan.root).map(kind));
        let theirs = lines(&theirs).iter().filter(|line| !rounded_away(line)).map(|line| format!("{line}\n")).collect::<String>();
        let ours = to_text(&plan, (way.shown)());
        if ours == theirs {
            return Ok(None);
        }
        last = Some(format!("--- server\n{theirs}--- ours\n{ours}"));
    }
    Ok(last)
}

/// The one loss: the JSON rounds a tenth of a removed row per loop to 0, as it says of none; the text says it.
fn rounded_away(line: &str) -> bool {
    line.contains("Rows Removed by ") && line.ends_with(": 0")
}

async fn undone(connection: &mut Connection, sql: &str, parameters: &[Value]) -> Result<Reply, DbError> {
    connection.batch("SAVEPOINT undone").await?;
    let reply = connection.query(sql, parameters).await;
    connection.batch("ROLLBACK TO undone; RELEASE undone").await?;
    reply
}

fn lines(reply: &Reply) -> Vec<String> {
    let line = |row| String::from_utf8(reply.bytes_at(row, 0).flatten().expect("a line").to_vec()).expect("UTF-8");
    (0..reply.len()).map(line).collect()
}

/// The node's type with what makes the printer say it differently.
fn kind(node: &PlanNode) -> String {
    let parallel = if node.parallel_aware { "Parallel " } else { "" };
    let variants = [&node.strategy, &node.partial_mode, &node.operation, &node.join_type, &node.command, &node.scan_direction];
    let plain = ["Plain", "Simple", "Inner", "Forward", "NoMovement"];
    let said = variants.into_iter().flatten().filter(|variant| !plain.contains(&variant.as_str()));
    let said: String = said.map(|variant| format!(", {variant}")).collect();
    format!("{parallel}{}{said}", node.node_type)
}
