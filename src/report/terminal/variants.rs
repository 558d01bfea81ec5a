//! Other ways to an endpoint's result.

use super::super::model::{PairedResult, VariantResult, VariantRun, Verdict};
use super::super::other_ways;
use super::super::standing::{change, interval};
use super::Screen;
use super::grid::{Grid, Paint, number, text, word};
use super::sheet::Sheet;
use crate::units::{amount, count, figure, printable};

/// A table for each endpoint that has other ways, with what to know of them.
pub fn variants_text(runs: &[VariantRun], screen: Screen) -> String {
    let blocks: Vec<String> = runs
        .iter()
        .map(|run| {
            let mut sheet = Sheet::new(screen);
            sheet.heading(&format!("Other ways to the result of {}", printable(&run.label)));
            sheet.laid_out(&table(run, screen));
            other_ways::sentences(run).iter().for_each(|said| sheet.item(said));
            sheet.finish()
        })
        .collect();
    blocks.join("\n\n")
}

fn table(run: &VariantRun, screen: Screen) -> String {
    let mut grid = Grid::new(vec![
        text("way"),
        word("results", 0),
        number("pairs", 5),
        number("own p50 ms", 0),
        number("its p50 ms", 0),
        word("", 0),
        word("95% interval", 3),
        number("statements", 2),
        number("setup ms", 4),
        number("refresh ms", 1),
    ]);
    for variant in &run.variants {
        let plain = |text: String| (text, Paint::Plain);
        let ms = |of: fn(&PairedResult) -> f64| variant.timed.as_ref().map_or(String::new(), |timed| figure(of(timed)));
        let optional = |ms: Option<f64>| ms.map_or(String::new(), figure);
        grid.painted(vec![
            plain(printable(&variant.name)),
            results(variant),
            plain(variant.timed.as_ref().map_or(String::new(), |timed| count(timed.before.n))),
            plain(ms(|timed| timed.before.p50_ms)),
            plain(ms(|timed| timed.after.p50_ms)),
            verdict(variant),
            plain(variant.timed.as_ref().and_then(interval).unwrap_or_default()),
            plain(format!("{} → {}", amount(variant.own_statements_per_call), amount(variant.variant_statements_per_call))),
            plain(optional(variant.setup_ms)),
            plain(optional(variant.refresh.as_ref().map(|refresh| refresh.ms))),
        ]);
    }
    grid.render(screen)
}

fn results(variant: &VariantResult) -> (String, Paint) {
    let fine = variant.failures.is_empty() && variant.equality.proven();
    (other_ways::results(variant), if fine { Paint::Plain } else { Paint::Bad })
}

fn verdict(variant: &VariantResult) -> (String, Paint) {
    match &variant.timed {
        None => ("not timed".to_owned(), Paint::Faint),
        Some(timed) => {
            let paint = match timed.verdict {
                Verdict::Improved => Paint::Good,
                Verdict::Regressed => Paint::Bad,
                Verdict::WithinNoise | Verdict::NotEnoughData => Paint::Faint,
            };
            (change(timed), paint)
        }
    }
}
