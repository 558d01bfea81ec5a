//! Every endpoint before and after, measured in pairs.

use super::super::model::{AdviceRun, PairedResult};
use super::super::standing::{change, interval};
use super::endpoints::failure;
use super::promises::Promises;
use super::table::{Lean, Table};
use super::text::plain;
use super::{Page, Section, joined};
use crate::units::{self, figure};

pub(super) fn section(page: &Page) -> Option<Section> {
    let advice = page.run.advice.as_ref().filter(|advice| !advice.endpoints.is_empty())?;
    let blocks = [how(page, advice), table(page, advice), page.distributions(), failures(advice)];
    Some(Section { title: "Endpoints after", body: joined(&blocks) })
}

fn how(page: &Page, advice: &AdviceRun) -> String {
    let with = match advice.keep.len() {
        0 => "both as the schema leaves it since no index was kept, so that any difference is noise".to_owned(),
        1 => "one as the schema leaves it, the other with the kept index".to_owned(),
        n => format!("one as the schema leaves it, the other with the {} kept indexes", units::in_words(n)),
    };
    let apart = if advice.keep.is_empty() { String::new() } else { measured_anew(page) };
    format!(
        "Medians in milliseconds, on two clones of the data, {with}: the same parameters on both, in turn \
         (A B B A).{apart} A change is the median of the pairs' own quotients, which need not be the quotient of the two medians. An \
         interval is that of the change, or, where none was proven, that of after ÷ before."
    )
}

/// Why this “before” is not that of the first bench, with the endpoint where the two lie furthest apart.
fn measured_anew(page: &Page) -> String {
    let both = page.standings.iter().filter_map(|standing| {
        let first = standing.bench.filter(|bench| bench.latency.n > 0)?.latency.p50_ms;
        let paired = standing.pair.filter(|pair| pair.before.n > 0)?.before.p50_ms;
        (first > 0.0 && paired > 0.0).then(|| (standing, first, paired, (first / paired).max(paired / first)))
    });
    match both.max_by(|a, b| a.3.total_cmp(&b.3)) {
        None => String::new(),
        Some((.., apart)) if apart < 1.1 => {
            " Both columns were measured anew, so that “before” differs a little from the table above.".to_owned()
        }
        Some((standing, first, paired, _)) => format!(
            " Both columns were measured anew, later in the run, so that “before” is not the figure of the table above; furthest apart is \
             {} with {} there and {} here.",
            plain(standing.label),
            units::ms(first),
            figure(paired)
        ),
    }
}

fn table(page: &Page, advice: &AdviceRun) -> String {
    let promises = Promises::of(advice.endpoints.iter().map(|pair| pair.slo.as_slice()));
    let mut columns = vec![
        ("endpoint", Lean::Left),
        ("pairs", Lean::Right),
        ("before", Lean::Right),
        ("after", Lean::Right),
        ("change", Lean::Left),
        ("95% interval", Lean::Left),
    ];
    columns.extend(promises.as_ref().map(|promises| (promises.title(), Lean::Left)));
    let mut table = Table::new(columns);
    for pair in &advice.endpoints {
        let name = match page.standings.iter().find(|standing| standing.label == pair.label) {
            Some(standing) => page.linked(standing),
            None => plain(&pair.label),
        };
        let pairs = pair.before.n.min(pair.after.n);
        let mut row =
            vec![name, units::count(pairs), median(pair.before.n, pair.before.p50_ms), median(pair.after.n, pair.after.p50_ms)];
        row.extend([change(pair), between(pair)]);
        row.extend(promises.as_ref().map(|promises| promises.cell(&pair.slo)));
        table.row(row);
    }
    table.render()
}

fn median(n: u64, p50_ms: f64) -> String {
    if n == 0 { "no call".to_owned() } else { figure(p50_ms) }
}

fn between(pair: &PairedResult) -> String {
    interval(pair).unwrap_or_else(|| "too few pairs".to_owned())
}

fn failures(advice: &AdviceRun) -> String {
    let lines: Vec<String> =
        advice.endpoints.iter().flat_map(|pair| pair.errors.iter().map(|error| failure(&pair.label, error))).collect();
    if lines.is_empty() {
        String::new()
    } else {
        format!("**Failed calls**, which are in none of these times:\n\n{}", lines.join("\n"))
    }
}
