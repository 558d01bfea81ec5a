//! Every spelling that the model's documentation shows, read into the model.

use std::time::Duration;

use crate::scenario::condition::Condition;
use crate::scenario::model::*;

fn read(text: &str) -> Scenario {
    let source = Source { path: "scenarios/shop.yaml".into(), text: text.to_owned() };
    crate::scenario::parse(source, |path| Ok(format!("-- {}", path.display()))).unwrap_or_else(|errors| panic!("{errors}"))
}

/// The columns of a table `t` of 10 rows, beside the tables `users` and `regions`.
fn columns(yaml: &str) -> Vec<ColumnSpec> {
    let mut text =
        "name: shop\ndata:\n  tables:\n    users: {rows: 10}\n    regions: {rows: 2, fixed: true}\n    t:\n".to_owned();
    text.push_str("      rows: 10\n      columns:\n");
    text.extend(yaml.lines().map(|line| format!("        {line}\n")));
    let mut data = read(&text).data.expect("data");
    data.tables.remove(2).columns
}

fn column(yaml: &str) -> ColumnSource {
    columns(yaml).remove(0).source
}

fn value(yaml: &str) -> ValueSpec {
    match column(&format!("c: {yaml}")) {
        ColumnSource::Value(value) => value,
        other => panic!("{other:?}"),
    }
}

fn assign(yaml: &str) -> Assign {
    match column(&format!("c: {{ref: users, {yaml}}}")) {
        ColumnSource::Reference(reference) => reference.assign,
        other => panic!("{other:?}"),
    }
}

fn text(text: &str) -> Literal {
    Literal::Text(text.to_owned())
}

#[test]
fn the_head_of_a_scenario() {
    let scenario = read(
        "name: shop\ntitle: The shop\nabout: |\n  Sells.\n\n  Shoes.\nschema: ../shop.sql\nserver: {fsync: off, work_mem: 8MB, jit: false}\n\
         data: {tables: {}}\nadvise: {budget: {size: 500MB, write_slowdown: 5%}, keep_if: 20%}\n",
    );
    assert_eq!((scenario.name.as_str(), scenario.title.as_deref()), ("shop", Some("The shop")));
    assert_eq!(scenario.about.as_deref(), Some("Sells.\n\nShoes."));
    let schema = scenario.schema.expect("a schema");
    assert_eq!(schema.path, std::path::Path::new("scenarios/../shop.sql"));
    assert_eq!(schema.sql, "-- scenarios/../shop.sql");
    let server: Vec<(&str, &str)> = scenario.server.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(server, [("fsync", "off"), ("jit", "false"), ("work_mem", "8MB")]);
    let advise = AdviseOptions { size_budget: Some(500_000_000), write_slowdown: Some(0.05), keep_if: 0.2 };
    assert_eq!(scenario.advise, advise);
}

#[test]
fn what_is_not_written_has_a_default() {
    let scenario = read("name: shop\ndata: {tables: {users: {rows: 1}}}\nendpoints: [{route: GET /users, sql: SELECT 1}]\n");
    let data = scenario.data.expect("data");
    assert_eq!((data.seed, data.until_us), (42, 1_767_225_600_000_000));
    assert_eq!((data.tables[0].fixed, data.tables[0].order), (false, Order::Grouped));
    assert_eq!(scenario.advise, AdviseOptions::default());
    let endpoint = &scenario.endpoints[0];
    assert_eq!((endpoint.weight, endpoint.label().as_str(), endpoint.slo.len()), (1.0, "GET /users", 0));
    assert!(endpoint.params.sample.is_none() && endpoint.params.pick == Pick::Uniform);
}

#[test]
fn tables_and_their_rows() {
    let data = read(
        "name: shop\ndata:\n  seed: 7\n  until: 2020-01-01\n  because: So.\n  tables:\n    a: {rows: 3_000, fixed: true, because: Few.}\n    \
         b: {rows: 0.5 per a, order: shuffled}\n  expect: {total_rows: \"3,000\", without: [b]}\n",
    )
    .data
    .expect("data");
    assert_eq!((data.seed, data.until_us, data.because.as_deref()), (7, 1_577_836_800_000_000, Some("So.")));
    assert_eq!((&data.tables[0].rows, data.tables[0].fixed), (&Rows::Exactly(3000), true));
    assert_eq!(data.tables[0].because.as_deref(), Some("Few."));
    let Rows::Per { ratio, table } = &data.tables[1].rows else { panic!("a ratio") };
    assert_eq!((*ratio, table.value.as_str(), table.at), (0.5, "a", Location { line: 8, column: 23 }));
    assert_eq!(data.tables[1].order, Order::Shuffled);
    let expect = data.expect.expect("a sum");
    assert_eq!((expect.total_rows.expect("a sum").value, expect.without[0].value.as_str()), (3000, "b"));
}

#[test]
fn counts_and_claims_that_the_data_must_meet() {
    let data = read(
        "name: shop\ndata:\n  tables: {a: {rows: 3}}\n  expect: {tables: {a: 3}}\n  check:\n    \
         - {claim: \"a is small\", sql: \"SELECT count(*) FROM a;\", expect: 2-4, within: 5%}\n",
    )
    .data
    .expect("data");
    let expect = data.expect.expect("counts");
    assert_eq!((expect.total_rows, expect.tables[0].0.value.as_str(), expect.tables[0].1.value), (None, "a", 3));
    let claim = &data.checks[0];
    assert_eq!((claim.claim.as_str(), claim.sql.value.as_str()), ("a is small", "SELECT count(*) FROM a"));
    assert_eq!((claim.expect.low, claim.expect.high, claim.within, claim.expect.share), (2.0, 4.0, 0.05, false));
}

#[test]
fn references_and_how_children_find_parents() {
    assert_eq!(assign("pick: uniform"), Assign::Pick(Pick::Uniform));
    assert_eq!(assign("pick: {zipf: 1.05}"), Assign::Pick(Pick::Zipf { exponent: 1.05 }));
    assert_eq!(assign("pick: {repeat: 11}"), Assign::Pick(Pick::Repeat(11)));
    assert_eq!(assign("fanout: even"), Assign::Fanout(Fanout::Even));
    assert_eq!(assign("fanout: poisson"), Assign::Fanout(Fanout::Poisson { mean: None }));
    assert_eq!(assign("fanout: 1-5"), Assign::Fanout(Fanout::Range(1..=5)));
    assert_eq!(assign("fanout: 1"), Assign::Fanout(Fanout::Range(1..=1)));
    assert_eq!(assign("fanout: {zipf: 1.1}"), Assign::Fanout(Fanout::Zipf { exponent: 1.1, mean: None, min: 0, max: None }));
    let lognormal = Fanout::Lognormal { sigma: 0.8, center: None, min: 1, max: Some(250) };
    assert_eq!(assign("fanout: {lognormal: {sigma: 0.8, min: 1, max: 250}}"), Assign::Fanout(lognormal));
    let Assign::Fanout(Fanout::Classes(classes)) = assign("fanout: {classes: {10%: 2-3, rest: 0-5}}") else { panic!("classes") };
    assert_eq!(classes, [FanoutClass { share: 0.1, children: 2..=3 }, FanoutClass { share: 0.9, children: 0..=5 }]);

    let short = assign("fanout: {10%: 2-3, rest: 0-5}");
    assert_eq!(short, Assign::Fanout(Fanout::Classes(classes)), "without the word");

    let columns =
        columns("user_id: {ref: users, nulls: 5%}\nregion_id: {ref: regions, pick: {weights: [8, 1]}, unique_per: user_id}");
    let (ColumnSource::Reference(user), ColumnSource::Reference(region)) = (&columns[0].source, &columns[1].source) else {
        panic!("{columns:?}")
    };
    assert_eq!((user.table.value.as_str(), &user.assign, columns[0].nulls), ("users", &Assign::Pick(Pick::Uniform), 0.05));
    assert_eq!(region.assign, Assign::Pick(Pick::Weights(vec![8.0, 1.0])));
    assert_eq!(region.unique_per.as_ref().map(|per| per.value.as_str()), Some("user_id"));
}

#[test]
fn fanouts_that_say_themselves_how_many() {
    let fanout = |yaml: &str| match assign(yaml) {
        Assign::Fanout(fanout) => fanout,
        other => panic!("{other:?}"),
    };
    assert_eq!(fanout("fanout: {poisson: 1.05}"), Fanout::Poisson { mean: Some(1.05) });
    assert_eq!(fanout("fanout: {poisson: {mean: 1}}"), Fanout::Poisson { mean: Some(1.0) });
    let pareto = |mean, min, max| Fanout::Pareto { shape: 1.5, mean, min, max };
    assert_eq!(fanout("fanout: {pareto: 1.5}"), pareto(None, None, None));
    assert_eq!(fanout("fanout: {pareto: {shape: 1.5, mean: 1, max: 9}}"), pareto(Some(1.0), None, Some(9)));
    let zipf = Fanout::Zipf { exponent: 1.1, mean: Some(1.0), min: 1, max: Some(40) };
    assert_eq!(fanout("fanout: {zipf: {exponent: 1.1, mean: 1, min: 1, max: 40}}"), zipf);
    let lognormal = |center| Fanout::Lognormal { sigma: 0.8, center: Some(center), min: 0, max: None };
    assert_eq!(fanout("fanout: {lognormal: {sigma: 0.8, mean: 1}}"), lognormal(Center::Mean(1.0)));
    assert_eq!(fanout("fanout: {lognormal: {sigma: 0.8, median: 0.726}}"), lognormal(Center::Median(0.726)));
}

#[test]
fn ways_to_pick() {
    let pick = |yaml: &str| match assign(yaml) {
        Assign::Pick(pick) => pick,
        other => panic!("{other:?}"),
    };
    assert_eq!(pick("pick: {lognormal: 0.8}"), Pick::Lognormal { sigma: 0.8 });
    assert_eq!(pick("pick: {lognormal: {sigma: 0.8}}"), Pick::Lognormal { sigma: 0.8 });
    assert_eq!(pick("pick: {pareto: 1.5}"), Pick::Pareto { shape: 1.5 });
    assert_eq!(pick("pick: {zipf: {exponent: 1.5}}"), Pick::Zipf { exponent: 1.5 });
    let classes = [PickClass { rows: 0.01, choices: 0.5 }, PickClass { rows: 0.99, choices: 0.5 }];
    assert_eq!(pick("pick: {classes: {1%: 50%, rest: 50%}}"), Pick::Classes(classes.to_vec()));
    assert_eq!(pick("pick: {1%: 50%, rest: 50%}"), Pick::Classes(classes.to_vec()));
}

#[test]
fn a_table_without_rows_has_those_of_its_fanout() {
    let data = read(
        "name: shop\ndata:\n  tables:\n    a: {rows: 20}\n    b:\n      columns:\n        a_id: {ref: a, fanout: 1-4, nulls: 50%}\n",
    )
    .data
    .expect("data");
    assert_eq!(data.tables[1].rows, Rows::Summed);
    let (column, reference, mean) = data.tables[1].summed_fanouts().next().expect("a fan-out");
    assert_eq!((column.name.value.as_str(), reference.table.value.as_str(), mean), ("a_id", "a", 5.0));
}

#[test]
fn references_through_others() {
    let ColumnSource::Through(through) = column("c: {through: [users.id, public.regions.name], rounds: 1-7}") else {
        panic!("through")
    };
    let hops: Vec<(&str, &str)> = through.hops.iter().map(|hop| (hop.value.table.as_str(), hop.value.column.as_str())).collect();
    assert_eq!((hops, through.rounds), (vec![("users", "id"), ("public.regions", "name")], Some(1..=7)));
}

#[test]
fn values() {
    assert_eq!(value("5"), ValueSpec::Constant(Literal::Int(5)));
    assert_eq!(value("\"5\""), ValueSpec::Constant(text("5")));
    assert_eq!(value("~"), ValueSpec::Constant(Literal::Null));
    assert_eq!(value("{value: 0.5}"), ValueSpec::Constant(Literal::Float(0.5)));
    assert_eq!(value("sequence"), ValueSpec::Sequence);
    assert_eq!(value("default"), ValueSpec::Default);
    assert_eq!(value("\"default\""), ValueSpec::Constant(text("default")));
    assert_eq!(
        value("{values: [a, 2, true]}"),
        ValueSpec::OneOf(vec![(text("a"), 1.0), (Literal::Int(2), 1.0), (Literal::Bool(true), 1.0)])
    );
    assert_eq!(value("{values: {a: 80%, b: 20%}}"), ValueSpec::OneOf(vec![(text("a"), 0.8), (text("b"), 0.2)]));
    assert_eq!(value("{range: 1-10}"), ValueSpec::Range { low: 1.0, high: 10.0 });
    assert_eq!(value("{range: [-0.5, 99.99]}"), ValueSpec::Range { low: -0.5, high: 99.99 });
    let normal = ValueSpec::Normal { mean: 30.0, deviation: 8.0, min: Some(18.0), max: None };
    assert_eq!(value("{normal: {mean: 30, deviation: 8, min: 18}}"), normal);
    let lognormal = ValueSpec::Lognormal { median: 40.0, sigma: 0.9, min: Some(1.0), max: Some(5000.0) };
    assert_eq!(value("{lognormal: {median: 40, sigma: 0.9, min: 1, max: \"5,000\"}}"), lognormal);
    assert_eq!(value("{words: 1-4}"), ValueSpec::Words(1..=4));
    assert_eq!(value("{fake: first_name}"), ValueSpec::Fake(FakeKind::FirstName));
    assert_eq!(value("{template: \"a{row}\"}"), ValueSpec::Template(Template::parse("a{row}").expect("a template")));
    let time = TimeSpec { growth_per_week: 0.03, peak_hours: Some(18..=23), ..TimeSpec::last(Duration::from_secs(365 * 86_400)) };
    assert_eq!(value("{time: {last: 365d, growth: 3%/week, peak: 18h-23h}}"), ValueSpec::Time(time));
    assert_eq!(value("{password: {common: 95%, random: 8-20}}"), ValueSpec::Password { common: 0.95, random: 8..=20 });
}

#[test]
fn a_value_that_another_column_decides() {
    let ValueSpec::By { column, cases, otherwise } = value("{by: kind, cases: {1: a, x: {words: 2}, else: sequence}}") else {
        panic!("by")
    };
    assert_eq!(column.value, "kind");
    assert_eq!(cases, [(Literal::Int(1), ValueSpec::Constant(text("a"))), (text("x"), ValueSpec::Words(2..=2))]);
    assert_eq!(otherwise.as_deref(), Some(&ValueSpec::Sequence));
}

#[test]
fn an_endpoint_of_many_steps() {
    let scenario = read(
        "name: shop\nendpoints:\n  - route: POST /carts/{cart_id}/checkout\n    case: full\n    weight: 2.5\n    params:\n      \
         sample: SELECT id AS cart_id FROM carts;\n      pick: {zipf: 1.1}\n      values: {note: {words: 3}}\n    steps:\n      \
         - {sql: \"SELECT catalog_id FROM items WHERE cart_id = :cart_id\", as: items}\n      \
         - {sql: \"UPDATE stock SET n = n - 1 WHERE id = :items.catalog_id\", for_each: items}\n      \
         - {sql: \"SELECT :note::text\", when: items is not empty}\n      - SELECT 1\n    slo: {p99: 1s, p95: 20ms}\n",
    );
    let endpoint = &scenario.endpoints[0];
    assert_eq!((endpoint.label().as_str(), endpoint.weight), ("POST /carts/{cart_id}/checkout (full)", 2.5));
    assert_eq!(endpoint.params.sample.as_ref().map(|sample| sample.value.as_str()), Some("SELECT id AS cart_id FROM carts"));
    assert_eq!(endpoint.params.pick, Pick::Zipf { exponent: 1.1 });
    assert_eq!(endpoint.params.values[0].1, ValueSpec::Words(3..=3));
    let steps = &endpoint.steps;
    assert_eq!(steps[0].name.as_ref().map(|name| name.value.as_str()), Some("items"));
    assert_eq!(steps[1].for_each.as_ref().map(|step| step.value.as_str()), Some("items"));
    assert_eq!(steps[2].when.as_ref().map(|when| &when.value), Some(&Condition::NotEmpty { step: "items".to_owned() }));
    assert_eq!(steps[3].statement.value.numbered, "SELECT 1");
    let slo: Vec<(Metric, f64)> = endpoint.slo.iter().map(|slo| (slo.metric, slo.bound)).collect();
    assert_eq!(slo, [(Metric::P99, 1000.0), (Metric::P95, 20.0)]);
}

#[test]
fn a_statement_knows_its_line() {
    let scenario = read(
        "name: shop\nendpoints:\n  - route: GET /a\n    sql: |\n      SELECT 1\n      + 1\n  - {route: GET /b, sql: SELECT 2}\n",
    );
    assert_eq!(scenario.endpoints[0].steps[0].statement.at, Location { line: 5, column: 7 });
    assert_eq!(scenario.endpoints[1].steps[0].statement.at, Location { line: 7, column: 26 });
}
