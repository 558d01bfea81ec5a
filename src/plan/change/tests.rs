use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::plan::fixtures;

fn scan(node_type: &str, relation: &str, alias: &str, rows: f64, removed: f64) -> Value {
    json!({"Node Type": node_type, "Relation Name": relation, "Alias": alias, "Plan Rows": 1, "Actual Rows": rows,
        "Actual Loops": 1, "Actual Startup Time": 0.0, "Actual Total Time": 2.0, "Rows Removed by Filter": removed})
}

fn over(mut node: Value, children: Vec<Value>) -> Value {
    node["Plans"] = children.into();
    node["Actual Loops"] = 1.into();
    node
}

fn join(node_type: &str, left: Value, right: Value) -> Value {
    over(json!({"Node Type": node_type, "Join Type": "Inner"}), vec![left, right])
}

fn said(before: Value, after: Value) -> Vec<String> {
    let (before, after) = (fixtures::json(before), fixtures::json(after));
    let label = |figures: &Option<NodeFigures>| figures.as_ref().map_or("-".to_owned(), |figures| figures.label.clone());
    let line = |change: &NodeChange| format!("{:?}: {} -> {}", change.kind, label(&change.before), label(&change.after));
    changes(&before, &after).iter().map(line).collect()
}

#[test]
fn an_index_takes_the_place_of_a_sequential_scan() {
    let mut index = scan("Index Scan", "song_history", "song_history", 9.0, 0.0);
    index["Index Name"] = "song_history_song_id_idx".into();
    index["Index Cond"] = "(song_id = 7)".into();
    let mut seq = scan("Seq Scan", "song_history", "song_history", 9.0, 919_030.0);
    seq["Filter"] = "(song_id = 7)".into();
    let limit = |child| over(json!({"Node Type": "Limit"}), vec![child]);
    let sort = |child| over(json!({"Node Type": "Sort", "Sort Key": ["played_at"]}), vec![child]);
    let (before, after) = (limit(sort(seq)), limit(index));
    assert_eq!(
        said(before.clone(), after.clone()),
        [
            "Same: Limit -> Limit",
            "Gone: Sort -> -",
            "Replaced: Seq Scan on song_history -> Index Scan using song_history_song_id_idx on song_history"
        ]
    );
    let found = changes(&fixtures::json(before), &fixtures::json(after));
    let scan = &found[2];
    let read = |figures: &Option<NodeFigures>| figures.as_ref().and_then(|figures| figures.rows_read);
    assert_eq!((read(&scan.before), read(&scan.after)), (Some(919_039.0), Some(9.0)));
    let altered: Vec<&str> = scan.altered.iter().map(|altered| altered.what.as_str()).collect();
    assert_eq!(altered, ["Filter", "Index Cond"]);
}

#[test]
fn a_join_is_known_by_what_it_joins_whatever_its_place() {
    let [a, b, c] = ["a", "b", "c"].map(|name| scan("Seq Scan", name, name, 1.0, 0.0));
    let hash = |child| over(json!({"Node Type": "Hash"}), vec![child]);
    let before = join("Hash Join", join("Hash Join", a.clone(), hash(b.clone())), hash(c.clone()));
    let after = join("Nested Loop", c, join("Hash Join", b, hash(a)));
    assert_eq!(
        said(before, after),
        [
            "Replaced: Hash Join -> Nested Loop",
            "Gone: Hash -> -",
            "Same: Seq Scan on c -> Seq Scan on c",
            "Same: Hash Join -> Hash Join",
            "Same: Seq Scan on b -> Seq Scan on b",
            "Same: Hash -> Hash",
            "Same: Seq Scan on a -> Seq Scan on a",
        ]
    );
}

#[test]
fn a_bitmap_stands_for_the_scan_and_its_index_is_new() {
    let bitmap = over(
        scan("Bitmap Heap Scan", "t", "t", 5.0, 0.0),
        vec![json!({"Node Type": "Bitmap Index Scan", "Index Name": "t_a_idx", "Actual Loops": 1})],
    );
    assert_eq!(
        said(scan("Seq Scan", "t", "t", 5.0, 100.0), bitmap),
        ["Replaced: Seq Scan on t -> Bitmap Heap Scan on t", "New: - -> Bitmap Index Scan on t_a_idx"]
    );
}

#[test]
fn partitions_that_are_pruned_are_gone_and_their_append_is_still_there() {
    let part = |n: usize| scan("Seq Scan", &format!("sales_{n}"), &format!("sales_{n}"), 5.0, 0.0);
    let append = |parts: Vec<Value>| over(json!({"Node Type": "Append"}), parts);
    assert_eq!(
        said(append(vec![part(1), part(2), part(3)]), append(vec![part(2)])),
        [
            "Same: Append -> Append",
            "Gone: Seq Scan on sales_1 -> -",
            "Gone: Seq Scan on sales_3 -> -",
            "Same: Seq Scan on sales_2 -> Seq Scan on sales_2"
        ]
    );
}

#[test]
fn a_subquery_that_became_a_join_reads_the_same_table() {
    let mut sub = scan("Seq Scan", "line", "l", 3.0, 9.0);
    sub["Parent Relationship"] = "SubPlan".into();
    sub["Subplan Name"] = "SubPlan 1".into();
    let before = over(scan("Seq Scan", "purchase", "p", 3.0, 0.0), vec![sub]);
    let after = join("Hash Join", scan("Seq Scan", "purchase", "p", 3.0, 0.0), scan("Seq Scan", "line", "l", 3.0, 0.0));
    let lines = said(before, after);
    assert_eq!(lines[0], "New: - -> Hash Join");
    assert!(lines[1].ends_with("Seq Scan on purchase p -> Seq Scan on purchase p"), "{lines:?}");
    assert!(lines[2].ends_with("Seq Scan on line l -> Seq Scan on line l"), "{lines:?}");
}

#[test]
fn other_aliases_are_the_same_relations() {
    let of = |one: &str, two: &str| join("Hash Join", scan("Seq Scan", "a", one, 1.0, 0.0), scan("Seq Scan", "b", two, 1.0, 0.0));
    assert!(
        said(of("a", "b"), of("x", "y")).iter().all(|line| line.starts_with("Same")),
        "{:?}",
        said(of("a", "b"), of("x", "y"))
    );
}

#[test]
fn rows_that_a_limit_did_not_ask_for_are_not_estimated_wrong() {
    let limited = |between: Option<&str>| {
        let mut scan = scan("Seq Scan", "t", "t", 5.0, 0.0);
        scan["Plan Rows"] = 1000.into();
        let below = match between {
            Some(kind) => over(json!({"Node Type": kind, "Plan Rows": 1000, "Actual Rows": 5}), vec![scan]),
            None => scan,
        };
        let plan = fixtures::json(over(json!({"Node Type": "Limit", "Plan Rows": 5, "Actual Rows": 5}), vec![below]));
        let last = changes(&plan, &plan).pop().unwrap().before.unwrap();
        last.estimate.map(|estimate| estimate.factor)
    };
    assert_eq!(limited(None), None);
    assert_eq!(limited(Some("Result")), None);
    assert_eq!(limited(Some("Sort")), Some(200.0), "a sort reads all there is");
}

#[test]
fn a_plan_has_not_changed_against_itself() {
    for (name, plan) in fixtures::all().into_iter().chain(fixtures::timed()) {
        let found = changes(&plan, &plan);
        assert!(same_plan(&found), "{name}: {found:#?}");
        assert!(found.iter().all(|change| change.before == change.after), "{name}");
    }
}

/// Every node of both plans stands in one change, and a change has a side for what its kind says.
fn accounted_for(before: &Plan, after: &Plan) -> Result<(), TestCaseError> {
    let found = changes(before, after);
    let mut seen = [vec![0; before.node_count], vec![0; after.node_count]];
    for change in &found {
        change.before.iter().for_each(|figures| seen[0][figures.node] += 1);
        change.after.iter().for_each(|figures| seen[1][figures.node] += 1);
        let sides = (change.before.is_some(), change.after.is_some());
        let expected = match change.kind {
            ChangeKind::Gone => (true, false),
            ChangeKind::New => (false, true),
            _ => (true, true),
        };
        prop_assert_eq!(sides, expected);
        prop_assert_eq!(
            change.kind == ChangeKind::Altered,
            sides == (true, true) && !change.altered.is_empty() && change.kind != ChangeKind::Replaced
        );
    }
    prop_assert!(seen.iter().flatten().all(|times| *times == 1), "{:?}", seen);
    Ok(())
}

/// Plans of a few operations over a few relations, so that many nodes are alike.
fn any_plan() -> impl Strategy<Value = Value> {
    let types = prop::sample::select(vec!["Seq Scan", "Index Scan", "Bitmap Heap Scan"]);
    let leaf = (types, 0..3, 0..2)
        .prop_map(|(kind, relation, alias)| scan(kind, &format!("r{relation}"), &format!("a{relation}_{alias}"), 1.0, 0.0));
    leaf.prop_recursive(6, 40, 3, |inner| {
        let kinds = ["Hash Join", "Nested Loop", "Append", "Sort", "Limit", "Hash", "Aggregate", "Gather", "Materialize", "Odd"];
        let relationship = prop::sample::select(vec!["Outer", "SubPlan", "InitPlan"]);
        (prop::sample::select(kinds.to_vec()), prop::collection::vec(inner, 1..4), relationship).prop_map(
            |(kind, children, how)| {
                let mut node = json!({"Node Type": kind, "Parent Relationship": how});
                if how != "Outer" {
                    node["Subplan Name"] = "SubPlan 1".into();
                }
                over(node, children)
            },
        )
    })
}

proptest! {
    #[test]
    fn every_node_is_in_one_change(before in any_plan(), after in any_plan()) {
        let (before, after) = (fixtures::json(before), fixtures::json(after));
        accounted_for(&before, &after)?;
        accounted_for(&after, &before)?;
        prop_assert!(same_plan(&changes(&before, &before)));
    }

    #[test]
    fn every_node_of_real_plans_is_in_one_change(one in 0_usize..1000, other in 0_usize..1000) {
        let plans = fixtures::all();
        accounted_for(&plans[one % plans.len()].1, &plans[other % plans.len()].1)?;
    }
}
