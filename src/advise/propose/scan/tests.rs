//! Plans as PostgreSQL writes them, and the indexes proposed for them.

use serde_json::{Value, json};

use super::super::propose;
use crate::advise::candidate::Candidate;
use crate::db::catalog::{Catalog, Column, Container, ElementType, Identity, Index, IndexKey, Table, TableName};
use crate::db::planner_facts::{PlannerColumn, PlannerTable};
use crate::plan::Plan;

/// `a int8, b timestamptz`; `tags _text` is an array and `during tstzrange` a range.
fn catalog(columns: &str) -> Catalog {
    let columns: Vec<(&str, &str)> = columns.split(", ").map(|column| column.split_once(' ').unwrap()).collect();
    let planner = columns.iter().map(|(name, kind)| PlannerColumn {
        name: (*name).to_owned(),
        type_name: (*kind).to_owned(),
        width: Some(8.0),
        null_frac: Some(0.0),
        ..PlannerColumn::default()
    });
    let planner = PlannerTable {
        schema: "public".into(),
        name: "t".into(),
        pages: Some(20_000.0),
        columns: planner.collect(),
        ..PlannerTable::default()
    };
    let table = Table {
        name: TableName::new("public", "t"),
        columns: columns.into_iter().map(column).collect(),
        primary_key: Some(vec!["id".into()]),
        uniques: Vec::new(),
        checks: Vec::new(),
        exclusions: Vec::new(),
        partitions: Vec::new(),
        estimated_rows: 1e6,
        bytes: 0,
    };
    Catalog { tables: vec![table], planner: vec![planner], ..Catalog::default() }
}

fn column((name, base_name): (&str, &str)) -> Column {
    let of = if base_name.starts_with('_') { Some(Container::Array) } else { None };
    let of = of.or(base_name.ends_with("range").then_some(Container::Range));
    let inside = |of| ElementType {
        of,
        oid: 0,
        type_name: String::new(),
        base_oid: 0,
        base_name: String::new(),
        typmod: -1,
        enum_labels: Vec::new(),
        domain_checks: Vec::new(),
        element: None,
    };
    Column {
        name: name.to_owned(),
        type_oid: 0,
        type_name: base_name.to_owned(),
        base_oid: 0,
        base_name: base_name.to_owned(),
        typmod: -1,
        not_null: false,
        default: None,
        identity: Identity::No,
        generated: false,
        sequence: None,
        enum_labels: Vec::new(),
        domain_checks: Vec::new(),
        element: of.map(|of| Box::new(inside(of))),
        dimensions: 0,
    }
}

fn plan(root: Value) -> Plan {
    Plan::from_json(&json!([{ "Plan": root, "Execution Time": 10.0 }])).unwrap()
}

fn scan(filter: &str) -> Value {
    json!({"Node Type": "Seq Scan", "Relation Name": "t", "Schema": "public", "Alias": "t", "Filter": filter, "Actual Rows": 3,
        "Actual Loops": 1, "Rows Removed by Filter": 99_997, "Actual Startup Time": 0.1, "Actual Total Time": 9.0})
}

fn above(mut node: Value, child: Value) -> Value {
    let more =
        json!({"Actual Rows": 3, "Actual Loops": 1, "Actual Startup Time": 9.0, "Actual Total Time": 9.5, "Plans": [child]});
    node.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    node
}

fn found(catalog: &Catalog, root: Value, generic: Option<Value>) -> Vec<Candidate> {
    propose(&plan(root), &[], generic.map(plan).as_ref(), catalog)
}

fn proposed(columns: &str, root: Value) -> Vec<String> {
    found(&catalog(columns), root, None).iter().map(Candidate::target).collect()
}

const NOTHING: Vec<String> = Vec::new();

#[test]
fn equalities_come_before_a_range() {
    let filter = "((t.b > '2025-01-01'::date) AND (t.a = 7) AND (lower(t.c) = 'x'::text))";
    assert_eq!(proposed("a int8, b timestamp, c text", scan(filter)), ["t (a, (lower(c)), b)"]);
    let ranges = "((t.a = 7) AND (t.b > 1) AND (t.b < 9) AND (t.c > 3))";
    assert_eq!(proposed("a int8, b int8, c int8", scan(ranges)), ["t (a, b)", "t (a, c)"]);
    assert_eq!(proposed("a int8, b int8", scan("(ROW(t.a, t.b) > ROW(3, 4))")), ["t (a, b)"]);
}

#[test]
fn the_key_with_most_values_comes_first_whatever_the_plan_says_first() {
    let mut known = catalog("a int8, b int8");
    known.planner[0].columns[0].n_distinct = Some(5.0);
    known.planner[0].columns[1].n_distinct = Some(-1.0);
    for filter in ["((t.a = 7) AND (t.b = 8))", "((t.b = 8) AND (t.a = 7))"] {
        let candidates = found(&known, scan(filter), None);
        assert_eq!(candidates[0].target(), "t (b, a)");
        assert_eq!(candidates[0].free, 2);
    }
}

#[test]
fn what_is_different_or_of_no_column_or_of_more_than_the_row_gives_nothing() {
    for filter in [
        "(t.a <> 7)",
        "(t.ctid = '(0,1)'::tid)",
        "('x'::text = ANY (t.tags))",
        "((t.a + $0) = 7)",
        "((t.tz + (now() - t.tz)) = '2024-01-01'::date)",
        "(t.a = (SubPlan 1))",
    ] {
        assert_eq!(proposed("a int8, tags _text, tz timestamptz", scan(filter)), NOTHING, "{filter}");
    }
    let utc = "(((t.tz AT TIME ZONE 'UTC'::text))::date = '2024-01-01'::date)";
    assert_eq!(proposed("tz timestamptz", scan(utc)), ["t (((tz AT TIME ZONE 'UTC'::text)::date))"]);
}

#[test]
fn few_rows_are_left_alone() {
    let few = json!({"Node Type": "Seq Scan", "Relation Name": "t", "Schema": "public", "Alias": "t", "Filter": "(t.a = 7)",
        "Actual Rows": 3, "Actual Loops": 1, "Rows Removed by Filter": 50});
    assert_eq!(proposed("a int8", few), NOTHING);
    let planned = json!({"Node Type": "Seq Scan", "Relation Name": "t", "Schema": "public", "Alias": "t", "Filter": "(t.a = 7)",
        "Plan Rows": 3, "Total Cost": 1000.0});
    let found = found(&catalog("a int8"), planned, None);
    assert_eq!(found[0].target(), "t (a)");
    assert!(found[0].potential_ms > 900.0, "cost stands in for time: {}", found[0].potential_ms);
}

#[test]
fn patterns_ask_for_trigrams_and_prefixes_for_a_btree_too() {
    let columns = "a varchar, b text, n int8, id int8";
    let infix = "(((t.a)::text ~~* '%x%'::text) OR (t.b ~~* '%x%'::text))";
    assert_eq!(proposed(columns, scan(infix)), ["t USING gin (a gin_trgm_ops, b gin_trgm_ops)"]);
    let prefix = "(t.b ~~ 'x%'::text)";
    assert_eq!(proposed(columns, scan(prefix)), ["t (b text_pattern_ops)", "t USING gin (b gin_trgm_ops)"]);
    let regex = "((t.a)::text ~ '^x'::text)";
    assert_eq!(proposed(columns, scan(regex))[0], "t (a varchar_pattern_ops)");
    let lower = "(lower(t.b) ~~ 'x%'::text)";
    assert_eq!(proposed(columns, scan(lower))[0], "t ((lower(b)) text_pattern_ops)");
    let behind = "((t.n = 4) AND (t.b ~~ 'x%'::text))";
    let found = proposed(columns, scan(behind));
    assert!(found.contains(&"t (n, b text_pattern_ops)".to_owned()), "{found:?}");
    assert_eq!(proposed(columns, scan("((t.n)::text ~~ 'x%'::text)")), NOTHING);
    let both = proposed(columns, scan("((t.b ~~* '%x%'::text) AND ((t.a)::text ~~* '%y%'::text))"));
    assert!(both.contains(&"t USING gin (b gin_trgm_ops, a gin_trgm_ops)".to_owned()), "{both:?}");
}

#[test]
fn under_the_collation_c_a_plain_key_serves_prefixes() {
    let mut known = catalog("b text");
    known.planner[0].columns[0].bytewise = true;
    assert_eq!(found(&known, scan("(t.b ~~ 'x%'::text)"), None)[0].target(), "t (b)");
}

#[test]
fn a_sort_above_asks_for_its_order_after_the_equalities() {
    let columns = "a int8, b timestamptz, c int8";
    let sorted = |keys: &[&str]| above(json!({"Node Type": "Sort", "Sort Key": keys}), scan("(t.a = 7)"));
    assert_eq!(proposed(columns, sorted(&["t.b DESC"])), ["t (a)", "t (a, b)"]);
    assert_eq!(proposed(columns, sorted(&["t.b DESC", "t.c"])), ["t (a)", "t (a, b DESC, c)"]);
    assert_eq!(proposed(columns, sorted(&["t.b DESC NULLS LAST"])), ["t (a)", "t (a, b DESC NULLS LAST)"]);
    assert_eq!(proposed(columns, sorted(&["other.b"])), ["t (a)"]);
    let all = |limit: bool| {
        let sort = above(json!({"Node Type": "Sort", "Sort Key": ["t.b"]}), scan("(t.c <> 7)"));
        if limit { above(json!({"Node Type": "Limit"}), sort) } else { sort }
    };
    assert_eq!(proposed(columns, all(true)), ["t (b)"]);
    assert_eq!(proposed(columns, all(false)), NOTHING, "reading a whole table by an index is no gain");
    let list = above(json!({"Node Type": "Sort", "Sort Key": ["t.b"]}), scan("(t.a = ANY ('{1,2}'::bigint[]))"));
    let list = above(json!({"Node Type": "Limit"}), list);
    assert_eq!(proposed(columns, list), ["t (a)", "t (b)"], "rows of several values come in no order");
}

#[test]
fn the_largest_value_is_the_end_of_an_order() {
    let aggregate = |output: &str| above(json!({"Node Type": "Aggregate", "Output": [output]}), scan("(t.a = 7)"));
    assert!(proposed("a int8, b int8", aggregate("max(t.b)")).contains(&"t (a, b)".to_owned()));
    assert!(proposed("a int8, b int8", aggregate("(PARTIAL max(t.b))")).contains(&"t (a, b)".to_owned()));
    assert_eq!(proposed("a int8, b int8", aggregate("sum(t.b)")), ["t (a)"]);
    let both = above(json!({"Node Type": "Aggregate", "Output": ["min(t.b)", "max(t.b)"]}), scan("(t.a <> 7)"));
    assert_eq!(proposed("a int8, b int8", both), ["t (b)"]);
}

#[test]
fn an_index_that_is_read_until_enough_rows_pass_is_wanted_behind_the_filter() {
    let mut known = catalog("id int8, a int8");
    let key = IndexKey { expression: "id".into(), column: Some("id".into()), ..IndexKey::default() };
    known.indexes.push(Index {
        name: "t_pkey".into(),
        table: TableName::new("public", "t"),
        method: "btree".into(),
        definition: String::new(),
        columns: vec![Some("id".into())],
        keys: vec![key],
        included: Vec::new(),
        unique: true,
        nulls_not_distinct: false,
        primary: true,
        constraint: true,
        predicate: None,
        valid: true,
        bytes: 0,
    });
    let reading = json!({"Node Type": "Index Scan", "Index Name": "t_pkey", "Relation Name": "t", "Schema": "public", "Alias": "t",
        "Filter": "(t.a = 7)", "Actual Rows": 3, "Actual Loops": 1, "Rows Removed by Filter": 5000});
    let targets: Vec<String> =
        found(&known, above(json!({"Node Type": "Limit"}), reading), None).iter().map(Candidate::target).collect();
    assert_eq!(targets, ["t (a)", "t (a, id)"]);
}

#[test]
fn a_join_asks_for_its_columns_alone_and_behind_the_equalities() {
    let other = json!({"Node Type": "Seq Scan", "Relation Name": "u", "Alias": "u"});
    let mut join = above(json!({"Node Type": "Hash Join", "Hash Cond": "((t.id = u.t_id) AND (t.b = u.b))"}), scan("(t.a = 7)"));
    join["Plans"].as_array_mut().unwrap().push(other);
    assert_eq!(proposed("a int8, id int8, b int8", join), ["t (a)", "t (a, id, b)", "t (id, b)"]);
    let inner = scan("(t.a = u.id)");
    let top = above(json!({"Node Type": "Sort", "Sort Key": ["t.b DESC"]}), inner);
    let lateral = proposed("a int8, b int8", above(json!({"Node Type": "Limit"}), top));
    assert_eq!(lateral, ["t (a)", "t (a, b)", "t (b)"]);
}

#[test]
fn every_branch_of_an_or_gets_its_own() {
    let filter = "((t.c = 1) AND ((t.a = 7) OR (t.b = 8)))";
    assert_eq!(proposed("a int8, b int8, c int8", scan(filter)), ["t (c)", "t (c, a)", "t (c, b)"]);
}

#[test]
fn columns_are_carried_along_when_they_are_few_and_narrow() {
    let reading = |output: &[&str], lock: bool| {
        let mut node = scan("(t.a = 7)");
        node["Actual Rows"] = json!(3000);
        node["Output"] = json!(output);
        if lock { above(json!({"Node Type": "LockRows"}), node) } else { node }
    };
    let columns = "a int8, b int8, wide text, id int8";
    assert_eq!(proposed(columns, reading(&["t.b"], false)), ["t (a)", "t (a) INCLUDE (b)"]);
    assert_eq!(proposed(columns, reading(&["t.b"], true)), ["t (a)"]);
    assert_eq!(proposed(columns, reading(&["t.b", "t.ctid"], false)), ["t (a)"]);
    assert_eq!(proposed(columns, reading(&["t.b", "t.wide", "t.id"], false)), ["t (a)"], "a second table");
    let mut key = reading(&["t.b"], false);
    key["Filter"] = json!("(t.id = 7)");
    assert_eq!(proposed(columns, key), ["t (id)"], "one row at a time");
    let mut known = catalog(columns);
    known.planner[0].columns[2].width = Some(400.0);
    assert_eq!(found(&known, reading(&["t.wide"], false), None).len(), 1);
    let mut group =
        above(json!({"Node Type": "Aggregate", "Group Key": ["t.b"], "Output": ["t.b", "count(*)"]}), scan("(t.a = 7)"));
    (group["Actual Rows"], group["Plans"][0]["Actual Rows"]) = (json!(30), json!(3000));
    group["Plans"][0]["Output"] = json!(["t.a", "t.b", "t.wide", "t.id"]);
    assert_eq!(proposed(columns, group), ["t (a)", "t (a, b)", "t (a) INCLUDE (b)"]);
}

#[test]
fn conditions_fixed_in_the_text_make_a_part() {
    let mut known = catalog("id int8, a int8, state text, gone timestamptz");
    let state = &mut known.planner[0].columns[2];
    (state.n_distinct, state.most_common) = (Some(3.0), vec![("done".into(), 0.95), ("open".into(), 0.04)]);
    known.planner[0].columns[3].null_frac = Some(0.3);
    let targets = |filter: &str, generic: &str| -> Vec<String> {
        found(&known, scan(filter), Some(scan(generic))).iter().map(Candidate::target).collect()
    };
    let filter = "((t.a = 7) AND (t.state = 'open'::text))";
    let part = "t (a) WHERE (state = 'open'::text)".to_owned();
    assert!(targets(filter, "((t.a = $1) AND (t.state = 'open'::text))").contains(&part));
    assert!(!targets(filter, "((t.a = $1) AND (t.state = $2))").contains(&part), "a parameter is not fixed");
    let rare = "(t.state = 'open'::text)";
    assert!(targets(rare, rare).contains(&"t (id) WHERE (state = 'open'::text)".to_owned()));
    let most = "((t.a = 7) AND (t.state = 'done'::text))";
    assert!(targets(most, most).iter().all(|target| !target.contains("WHERE (state = 'done'")), "most rows are no part");
    let nulls = "((t.a = 7) AND (t.gone IS NULL))";
    assert!(targets(nulls, "((t.a = $1) AND (t.gone IS NULL))").contains(&"t (a) WHERE (gone IS NULL)".to_owned()));
    let different = "((t.a = 7) AND (t.state <> 'done'::text))";
    let other = targets(different, "((t.a = $1) AND (t.state <> 'done'::text))");
    assert!(other.contains(&"t (a) WHERE (state <> 'done'::text)".to_owned()), "{other:?}");
}

#[test]
fn a_literal_of_many_values_is_a_key_and_no_part() {
    let mut known = catalog("id int8, a int8, paid bool");
    known.planner[0].columns[1].n_distinct = Some(400.0);
    let filter = "((t.a = 7) AND t.paid)";
    let targets: Vec<String> = found(&known, scan(filter), Some(scan(filter))).iter().map(Candidate::target).collect();
    assert!(targets.contains(&"t (a) WHERE (paid)".to_owned()), "{targets:?}");
}

#[test]
fn skewed_values_make_a_part_of_the_others() {
    let mut known = catalog("id int8, state text, parent int8");
    known.planner[0].columns[1].most_common = vec![("done".into(), 0.95)];
    known.planner[0].columns[2].null_frac = Some(0.9);
    let candidates = found(&known, scan("(t.state = 'open'::text)"), None);
    let part = candidates.iter().find(|candidate| candidate.predicate.is_some()).unwrap();
    assert_eq!(part.target(), "t (state) WHERE (state <> 'done'::text)");
    assert!(part.because.iter().any(|because| because.contains("custom plans")), "{:?}", part.because);
    assert!(found(&known, scan("(t.state = 'done'::text)"), None).iter().all(|candidate| candidate.predicate.is_none()));
    known.planner[0].columns[1].type_name = "character varying(20)".into();
    let part = found(&known, scan("((t.state)::text = 'open'::text)"), None);
    assert!(part.iter().any(|candidate| candidate.target() == "t (state) WHERE ((state)::text <> 'done'::text)"));
    let child = found(&known, scan("(t.parent = 7)"), None);
    assert!(child.iter().any(|candidate| candidate.target() == "t (parent) WHERE (parent IS NOT NULL)"));
}

#[test]
fn what_a_btree_cannot_find_gets_gin_or_gist() {
    let columns = "doc jsonb, tags _text, body text, v tsvector, during tstzrange, ip inet, place point";
    for (filter, index) in [
        ("(t.doc @> '{\"k\": 1}'::jsonb)", "t USING gin (doc jsonb_path_ops)"),
        ("(t.doc @? '$.\"k\"'::jsonpath)", "t USING gin (doc jsonb_path_ops)"),
        ("(t.doc ? 'k'::text)", "t USING gin (doc)"),
        ("((t.doc -> 'k'::text) @> '3'::jsonb)", "t USING gin (((doc -> 'k'::text)) jsonb_path_ops)"),
        ("((t.doc ->> 'k'::text) = '4'::text)", "t (((doc ->> 'k'::text)))"),
        ("(t.tags && '{a}'::text[])", "t USING gin (tags)"),
        (
            "(to_tsvector('english'::regconfig, t.body) @@ to_tsquery('x'::text))",
            "t USING gin ((to_tsvector('english'::regconfig, body)))",
        ),
        ("(t.v @@ '''x'''::tsquery)", "t USING gin (v)"),
        ("('2024-01-01 00:00:00+00'::timestamp with time zone <@ t.during)", "t USING gist (during)"),
        ("(t.ip << '10.0.0.0/8'::inet)", "t USING gist (ip inet_ops)"),
        ("(t.place <@ '(1,1),(0,0)'::box)", "t USING gist (place)"),
        ("(t.body % 'hello'::text)", "t USING gin (body gin_trgm_ops)"),
    ] {
        let found = proposed(columns, scan(filter));
        assert_eq!(found.first().map(String::as_str), Some(index), "{filter}");
    }
    let near = |key: &str| {
        let sort = above(json!({"Node Type": "Sort", "Sort Key": [key]}), scan("(t.body <> 'x'::text)"));
        proposed(columns, above(json!({"Node Type": "Limit"}), sort))
    };
    assert_eq!(near("((t.place <-> '(3,4)'::point))")[0], "t USING gist (place)");
    assert_eq!(near("((t.body <-> 'x'::text))")[0], "t USING gist (body gist_trgm_ops)");
}

#[test]
fn rows_in_order_and_wide_values_get_smaller_indexes_beside() {
    let mut known = catalog("at timestamptz, token text");
    known.planner[0].columns[0].correlation = Some(0.99);
    known.planner[0].columns[1].width = Some(65.0);
    let targets = |filter: &str| -> Vec<String> { found(&known, scan(filter), None).iter().map(Candidate::target).collect() };
    assert_eq!(targets("(t.at > '2025-01-01 00:00:00+00'::timestamp with time zone)"), ["t (at)", "t USING brin (at)"]);
    assert_eq!(targets("(t.token = 'x'::text)"), ["t (token)", "t USING hash (token)"]);
}

#[test]
fn partitions_ask_for_one_index_on_their_table() {
    let mut known = catalog("a int8, at timestamptz");
    for leaf in ["t1", "t2"] {
        known.roots.insert(TableName::new("parts", leaf), TableName::new("public", "t"));
    }
    let leaf = |number: u32| {
        let mut node = scan(&format!("(t_{number}.a = 7)"));
        (node["Schema"], node["Relation Name"], node["Alias"]) =
            ("parts".into(), format!("t{number}").into(), format!("t_{number}").into());
        node
    };
    let mut append = above(json!({"Node Type": "Append"}), leaf(1));
    append["Plans"].as_array_mut().unwrap().push(leaf(2));
    let sort = above(json!({"Node Type": "Sort", "Sort Key": ["t.at DESC"]}), append);
    let candidates = found(&known, above(json!({"Node Type": "Limit"}), sort), None);
    let targets: Vec<String> = candidates.iter().map(Candidate::target).collect();
    assert_eq!(targets, ["t (a)", "t (a, at)"]);
    assert!(candidates[0].potential_ms > 0.0);
}

#[test]
fn a_scan_gets_a_few_candidates_at_most() {
    let columns: Vec<String> = (0..12).map(|i| format!("c{i} text")).collect();
    let filter: Vec<String> = (0..12).map(|i| format!("(t.c{i} ~~ 'x%'::text)")).collect();
    assert_eq!(proposed(&columns.join(", "), scan(&format!("({})", filter.join(" AND ")))).len(), super::MOST_PER_SCAN);
}
