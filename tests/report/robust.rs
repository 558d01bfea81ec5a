//! Any figures and any texts make a page.

use perflab::report::json;
use perflab::report::markdown::render;
use perflab::report::model::*;
use perflab::report::terminal::{self, PlanLayout, Screen, advice_table, bench_table, explanation, kept_table, seed_table};
use proptest::prelude::*;

use crate::music;

fn verdicts() -> impl Strategy<Value = Verdict> {
    prop_oneof![Just(Verdict::Improved), Just(Verdict::Regressed), Just(Verdict::WithinNoise), Just(Verdict::NotEnoughData)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_run_is_rendered(
        floats in proptest::collection::vec(proptest::num::f64::ANY, 8),
        n: u64,
        verdict in verdicts(),
        text in "\\PC{0,60}",
        wild in any::<String>(),
        columns: usize,
    ) {
        let mut run = music::run();
        run.scenario.title = wild.clone();
        run.scenario.file = text.clone();
        run.model.tables[0].name = wild.clone();
        run.stages[0].seconds = floats[0];
        let seed = run.seed.as_mut().unwrap();
        (seed.rows, seed.seconds, seed.scale) = (n, floats[1], floats[2]);
        (seed.tables[0].rows, seed.tables[0].bytes, seed.tables[0].seconds) = (n, n, floats[1]);
        let bench = run.before.as_mut().unwrap();
        (bench.seconds, bench.client_cpu) = (floats[0], floats[2]);
        bench.endpoints[0].latency = Latency { n, p50_ms: floats[3], max_ms: floats[4], p95_ms: Some(floats[5]), ..Latency::default() };
        bench.endpoints[1].label = wild.clone();
        bench.endpoints[2].rows_per_call = floats[6];
        let plan = &mut run.explained[1].statements[0];
        (plan.before.execution_ms, plan.before.rows_read, plan.before.blocks, plan.share) = (floats[6], floats[7], n, floats[0]);
        (plan.sql, plan.before.text) = (wild.clone(), text.clone());
        plan.before.findings[0].sentence = wild.clone();
        let advice = run.advice.as_mut().unwrap();
        (advice.total_bytes, advice.total_build_ms) = (n, floats[3]);
        advice.keep[0].definition = wild.clone();
        let pair = &mut advice.endpoints[0];
        (pair.before.p50_ms, pair.after.p50_ms, pair.before.n) = (floats[3], floats[4], n);
        (pair.ratio, pair.ratio_low, pair.ratio_high, pair.verdict) = (floats[5], floats[6], floats[7], verdict);

        for (name, bytes) in render(&run).files {
            let page = String::from_utf8(bytes).unwrap();
            prop_assert!(!page.contains("NaN") && !page.contains("inf ms"), "{name}: {page}");
            prop_assert_eq!(crate::honest::broken_table(&page), None, "{}: {}", name, page);
        }
        let screen = Screen { width: columns, color: true, ascii: false };
        seed_table(run.seed.as_ref().unwrap(), screen);
        bench_table(run.before.as_ref().unwrap(), screen);
        advice_table(run.advice.as_ref().unwrap(), screen);
        kept_table(run.advice.as_ref().unwrap(), screen);
        terminal::plan(&run.explained[1].statements[0].before, screen, PlanLayout::Tree);
        let index = TriedIndex { name: wild.clone(), definition: text, bytes: n, build_ms: floats[0], used_by: vec![wild], ..TriedIndex::default() };
        let shown = explanation(&Explanation { format: FORMAT_VERSION, endpoints: run.explained, indexes: vec![index], ..Explanation::default() }, Screen { color: false, ..screen }, PlanLayout::Tree);
        prop_assert!(!shown.contains("NaN") && !shown.contains('\u{1b}'), "{shown}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_run_comes_back_from_its_file_to_the_last_digit(seconds in 1e-9..1e9f64, p50 in proptest::num::f64::NORMAL, about in any::<String>()) {
        let mut run = music::run();
        run.scenario.about = Some(about);
        run.stages[0].seconds = seconds;
        run.before.as_mut().unwrap().endpoints[0].latency.p50_ms = p50;
        let text = json::write(&run).unwrap();
        prop_assert_eq!(json::write(&json::read(&text).unwrap()).unwrap(), text);
    }
}

#[test]
fn a_figure_that_is_no_number_is_not_stored() {
    let mut run = music::run();
    run.stages[0].seconds = f64::NAN;
    assert!(json::write(&run).is_err());
}
