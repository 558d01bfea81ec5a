//! Broken and cut texts: one sentence, with the place.

use super::*;

fn message(text: &str) -> String {
    match read_plans(text) {
        Ok(found) => format!("{} read, {:?}", found.plans.len(), found.notes()),
        Err(error) => match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}

#[test]
fn one_sentence_with_the_place() {
    insta::assert_snapshot!(message(""), @"nothing to read: the text is empty; pass what EXPLAIN printed");
    insta::assert_snapshot!(message("hello\nworld\n"), @"no plan found in 2 lines; pass what EXPLAIN printed, as text (it begins with a line like `Seq Scan on songs  (cost=0.00..4.10 rows=1 width=8)`) or as JSON");
    insta::assert_snapshot!(message("<explain xmlns=\"http://www.postgresql.org/2009/explain\">\n  <Query>"), @"the plan is in EXPLAIN's XML format (line 1); make it with FORMAT JSON or with FORMAT TEXT");
    insta::assert_snapshot!(message("QUERY PLAN\n- Plan:\n    Node Type: \"Result\"\n"), @"the plan is in EXPLAIN's YAML format (line 2); make it with FORMAT JSON or with FORMAT TEXT");
    insta::assert_snapshot!(message("Sort  (cost=0.00..x rows=1 width=4)\n"), @"line 1, column 19: `x` where a number was expected; pass the plan whole, as EXPLAIN printed it");
    insta::assert_snapshot!(message("> Sort  (cost=0.00..1.00 rows=1 width=4)\n>   Sort Key: a\n"), @"the plan of line 1 ends at line 2, but Sort at line 1 needs 1 input and has 0; pass the plan whole, as EXPLAIN printed it");
    insta::assert_snapshot!(message("Limit  (cost=0.00..1.00 rows=1 width=4)\n  Wrong line\n  ->  Result  (cost=0.00..0.01 rows=1 width=4)\n"), @"line 2, column 3: `Wrong line` where a line of a plan: a node after `->`, or a label with a colon was expected; pass the plan as EXPLAIN printed it, or make it with FORMAT JSON");
    insta::assert_snapshot!(message("  ->  Seq Scan on a  (cost=0.00..1.00 rows=1 width=4)\nSeq Scan on b\n"), @r#"1 read, ["line 1 begins with an arrow: the nodes above it are missing"]"#);
    insta::assert_snapshot!(message("Hash Join  (cost=1.00..2.00 rows=1 width=4)\n->  Seq Scan on a  (cost=0.00..1.00 rows=1 width=4)\n"), @"line 2, column 1: `->  Seq Scan on a  (cost=0.00..1.00 rows…` where a line further in than the plan's first (the indentation tells which node belongs to which) was expected; pass the plan whole, as EXPLAIN printed it");
    insta::assert_snapshot!(message("Seq Scan on a  (cost=0.00..1.00 rows=1 width=4)\n  Buffers: shared hit=many\n  Filter: (a)\n"), @"line 2, column 23: `many` where a whole number was expected; pass the plan as EXPLAIN printed it, or make it with FORMAT JSON");
    insta::assert_snapshot!(message("Aggregate  (cost=1.00..2.00 rows=1 width=4)\n  ->  Seq Scan on a  (cost=0.00..1.00 rows=1 wi"), @"line 2, column 48: the end of the line where `)` was expected; pass the plan whole, as EXPLAIN printed it");
    insta::assert_snapshot!(message("2026-11-21 LOG:  duration: 1.0 ms  plan:\n\tQuery Text: SELECT 1\n"), @"line 2, column 1: the end of the log entry where the plan of the statement at line 2 was expected; pass the plan whole, as EXPLAIN printed it");
}

#[test]
fn broken_json_has_a_place_too() {
    insta::assert_snapshot!(message("QUERY PLAN\n-----\n [   +\n   { +\n     \"Plan\": {  +\n      \"Node Type\": \"Result\", +\n"), @"line 6, column 28: the JSON that begins at line 3 ends before its brackets are closed; pass the plan whole, as EXPLAIN printed it");
    insta::assert_snapshot!(message("[{\"Plan\": {\"Node Type\": \"Result\",,}}]"), @"line 1, column 34: the JSON that begins at line 1 is broken: key must be a string; pass the plan whole, as EXPLAIN printed it");
    insta::assert_snapshot!(message("[{\"Plan\": {\"Node Type\": 7}}]"), @r#"the JSON that begins at line 1 cannot be used: not a plan: $.Plan["Node Type"] should be a string, but is 7; pass what EXPLAIN (FORMAT JSON) printed, whole"#);
    insta::assert_snapshot!(message("[\"Utility Statement\"]"), @r#"the JSON that begins at line 1 cannot be used: no plan: EXPLAIN says "Utility Statement"; only SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES and EXECUTE have one"#);
    let deep = "[{\"Plan\": ".to_owned() + &"{\"Node Type\": \"Limit\", \"Plans\": [".repeat(5000);
    insta::assert_snapshot!(message(&deep), @"line 1, column 2089: the JSON that begins at line 1 is nested too deep to be read; pass the plan whole, as EXPLAIN printed it");
}

/// A line that was cut in the middle is left out, and said to be; a tree that is cut is refused.
#[test]
fn a_plan_is_cut() {
    let text = fixtures::file("45-delete-cascade.txt");
    let mut read = 0;
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        match read_plans(&text[..end]) {
            Ok(found) => {
                read += 1;
                let plan = printed(&found.plans[0].plan);
                assert!(
                    text.starts_with(plan.trim_end()) || !found.notes().is_empty() || text[..end].ends_with(char::is_numeric),
                    "{plan}"
                );
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    assert!(read > 300, "{read}");
    let cut = &text[..text.find("calls=1\nTrigger for constraint song").unwrap()];
    let found = read_plans(cut).unwrap();
    assert_eq!(found.plans[0].notes, ["line 4 is cut off and left out"]);
    assert!(printed(&found.plans[0].plan).ends_with("Index Cond: (id = 27482)\n"));
}

#[test]
fn what_follows_a_plan_is_not_cut_off() {
    let text = fixtures::file("45-delete-cascade.txt");
    for after in ["  count\n-------\n   911\n(1 row)\n", "   I see two things here,\n   both of them bad\n", "Much better!\n"] {
        let found = read_plans(&format!("{text}{after}")).unwrap();
        assert_eq!(found.notes(), Vec::<&str>::new(), "{after}");
        assert_eq!(printed(&found.plans[0].plan), text, "{after}");
    }
}

#[test]
fn a_broken_plan_does_not_hide_the_others() {
    let good = fixtures::file("45-delete-cascade.txt");
    let bad = "Hash Join  (cost=1.00..2.00 rows=1 width=4)\n  ->  Seq Scan on a  (cost=0.00..1.00 rows=1 width=4)\n";
    let found = read_plans(&format!("{good}\n\n{bad}\n\n{good}")).unwrap();
    assert_eq!(found.plans.len(), 2);
    insta::assert_snapshot!(found.problems[0], @"the plan of line 10 ends at line 11, but Hash Join at line 10 needs 2 inputs and has 1; pass the plan whole, as EXPLAIN printed it");
    assert!(Plan::read(&format!("{good}\n{bad}")).is_err());
    insta::assert_snapshot!(Plan::read(&format!("{good}\n\n{good}")).unwrap_err(), @"2 plans in the text, at the lines 1, 10; pass one of them");
}
