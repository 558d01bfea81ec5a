//! Other ways to an endpoint's result, beside its own.

use super::super::model::{VariantResult, VariantRun};
use super::super::other_ways;
use super::super::standing::{change, interval};
use super::table::{Lean, Table};
use super::text::{plain, prose};
use super::{Page, Section, joined};
use crate::units::{amount, count, figure};

const HOW: &str = "The same result by other statements. Whether it is the same was looked at first, for many parameters, the order of \
    the rows left aside; what returns something else was not timed. Then both were called in turn with the same parameters, by one \
    client. “Setup” is the time of what had to be made before the first call, once; times are milliseconds.";

pub(super) fn section(page: &Page) -> Option<Section> {
    let bench = page.run.before.as_ref()?;
    if bench.variants.is_empty() {
        return None;
    }
    let mut blocks = vec![HOW.to_owned()];
    for run in &bench.variants {
        blocks.push(format!("### {}, in other ways", plain(&run.label)));
        blocks.push(table(run));
        blocks.push(other_ways::sentences(run).iter().map(|said| format!("- {}\n", prose(said))).collect());
    }
    Some(Section { title: "Other ways to the same result", body: joined(&blocks) })
}

fn table(run: &VariantRun) -> String {
    let numbers = ["pairs", "own p50", "its p50", "own p95", "its p95"];
    let left = |title| (title, Lean::Left);
    let titles = [left("way"), left("results")].into_iter().chain(numbers.map(|title| (title, Lean::Right)));
    let mut table = Table::new(titles.chain([left("change"), ("statements", Lean::Right), ("setup", Lean::Right)]));
    run.variants.iter().for_each(|variant| table.row(row(variant)));
    table.render()
}

fn row(variant: &VariantResult) -> Vec<String> {
    let mut row = vec![plain(&variant.name), other_ways::results(variant)];
    match &variant.timed {
        None => row.extend(["", "", "", "", "", "not timed"].map(str::to_owned)),
        Some(timed) => {
            let p95 = |ms: Option<f64>| ms.map_or_else(|| "too few".to_owned(), figure);
            let (own, its) = (&timed.before, &timed.after);
            row.extend([count(own.n), figure(own.p50_ms), figure(its.p50_ms), p95(own.p95_ms), p95(its.p95_ms)]);
            row.push(match interval(timed) {
                Some(interval) => format!("{} ({interval})", change(timed)),
                None => change(timed),
            });
        }
    }
    row.push(format!("{} → {}", amount(variant.own_statements_per_call), amount(variant.variant_statements_per_call)));
    row.push(variant.setup_ms.map_or(String::new(), figure));
    row
}
