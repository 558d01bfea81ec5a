use super::*;
use crate::plan::fixtures;
use crate::plan::{TextOptions, narrate, summary, to_text};

fn printed(plan: &Plan) -> String {
    to_text(plan, TextOptions::everything())
}

/// The captured texts by name.
fn texts() -> Vec<(String, String)> {
    fixtures::texts()
}

#[test]
fn what_is_read_is_printed_byte_for_byte() {
    let mut wrong = Vec::new();
    for (name, text) in texts() {
        match Plan::read(&text) {
            Ok(plan) if printed(&plan) == text => {}
            Ok(plan) => wrong.push(format!("{name}\n--- read\n{text}--- printed\n{}", printed(&plan))),
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Text and JSON of one statement, run twice: equal as far as text tells.
#[test]
fn text_and_json_are_one_plan() {
    let mut wrong = Vec::new();
    for (name, json, text) in fixtures::pairs() {
        let read = Plan::read(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (theirs, ours) = (format!("{:#?}", json.as_text_tells()), format!("{:#?}", read.as_text_tells()));
        if theirs != ours {
            let (theirs, ours) = theirs.lines().zip(ours.lines()).find(|(theirs, ours)| theirs != ours).unwrap();
            wrong.push(format!("{name}: JSON has {theirs}, text {ours}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// What perflab says of a plan does not depend on the format.
#[test]
fn text_and_json_mean_the_same() {
    let facts = fixtures::facts();
    for (name, json, text) in fixtures::pairs() {
        let read = Plan::read(&text).unwrap();
        let said = |plan: &Plan| (summary(plan, &facts), format!("{:#?}", narrate(plan, &facts)));
        assert_eq!(said(&read), said(&json), "{name}");
    }
}

/// Without VERBOSE the text says `Trigger for constraint …` alone; what a foreign key did is told all the same.
#[test]
fn cascades_are_told_from_text() {
    let text = "\
Delete on songs  (cost=0.29..8.31 rows=0 width=0) (actual time=0.095..0.095 rows=0 loops=1)
  ->  Index Scan using songs_pkey on songs  (cost=0.29..8.31 rows=1 width=6) (actual time=0.015..0.016 rows=1 loops=1)
        Index Cond: (id = 27482)
Planning Time: 0.212 ms
Trigger for constraint links_song_id_fkey on songs: time=6.414 calls=1
Trigger for constraint song_history_song_id_fkey on songs: time=68.636 calls=1
Execution Time: 88.127 ms
";
    let plan = Plan::read(text).unwrap();
    assert_eq!(printed(&plan), text);
    let tips = narrate(&plan, &fixtures::facts());
    assert_eq!(tips[0].rule, "cascade-without-index", "{tips:#?}");
    assert!(tips.iter().all(|tip| tip.rule != "user-trigger"), "{tips:#?}");
    let kind = |operation: &str, relation: &str| {
        let text = text.replace("Delete on songs", &format!("{operation} on {relation}")).replace(" on songs:", ":");
        let plan = Plan::read(&text).unwrap_or_else(|error| panic!("{error}"));
        plan.triggers()[0].name.clone()
    };
    assert_eq!(kind("Delete", "links"), "RI_ConstraintTrigger_a_");
    assert_eq!(kind("Insert", "links"), "RI_ConstraintTrigger_c_");
    assert_eq!(kind("Update", "links"), "RI_ConstraintTrigger_c_");
    assert_eq!(kind("Update", "songs"), "RI_ConstraintTrigger_a_");
}

#[test]
fn json_is_read_as_it_is() {
    for (name, json, _) in fixtures::pairs() {
        let text = fixtures::file(&format!("{name}.json"));
        assert_eq!(Plan::read(&text).unwrap(), json, "{name}");
    }
}

/// The JSON of every version printed is what that version's server prints.
#[test]
fn json_of_all_versions_prints_the_servers_text() {
    let mut wrong = Vec::new();
    for (name, json, text) in fixtures::pairs() {
        // JSON rounds 0.1 removed rows per loop to 0.
        let theirs: String =
            text.split_inclusive('\n').filter(|line| !(line.contains("Rows Removed by ") && line.ends_with(": 0\n"))).collect();
        let ours = printed(&json);
        if ours != theirs {
            wrong.push(format!("{name}\n--- server\n{theirs}--- ours\n{ours}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

mod any;
mod broken;
mod frames;

/// A line is looked at a bounded number of times, whatever stands in it.
#[test]
fn the_work_grows_with_the_lines() {
    let hostile =
        ["Sort Key: 'open\n", "->  Seq Scan on a  (cost=\n", "[\n", "{\n", "(\n", "'\n", "Result\n", "|\n", "CTE x\n", "\n"];
    let mut texts: Vec<String> = hostile.iter().map(|line| line.repeat(2_000)).collect();
    let root = "Append  (cost=0.00..1.00 rows=1 width=4)\n";
    texts.extend(hostile.iter().map(|line| root.to_owned() + &format!("  {line}").repeat(2_000)));
    texts.push(
        root.to_owned() + &"  ->  Seq Scan on a  (cost=0.00..1.00 rows=1 width=4)\n        Filter: (a > 1)\n".repeat(5_000),
    );
    for text in texts {
        let mut lines = Lines::of(&text);
        find(&mut lines);
        let count = text.lines().count();
        assert!(lines.looks() < count * 120, "{} looks at {count} lines of {:?}", lines.looks(), text.lines().nth(1));
    }
}

#[test]
fn ten_thousand_lines_and_five_thousand_levels() {
    let mut wide = "Append  (cost=0.00..1.00 rows=1 width=4)\n".to_owned();
    wide.push_str(&"  ->  Seq Scan on a  (cost=0.00..1.00 rows=1 width=4)\n        Filter: (a > 1)\n".repeat(5_000));
    let plan = Plan::read(&wide).unwrap();
    assert_eq!(plan.node_count, 5_001);
    assert_eq!(printed(&plan), wide);
    let deep: String = (0..5_000).map(|i| format!("{}->  Limit  (cost=0.00..1.00 rows=1 width=4)\n", " ".repeat(i))).collect();
    let error = Plan::read(deep.strip_prefix("->  ").unwrap()).unwrap_err().to_string();
    insta::assert_snapshot!(error, @"the plan is nested deeper than 100 nodes at line 101; simplify the statement, or explain its parts");
}
