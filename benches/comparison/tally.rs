//! Verdicts, counted.

use std::collections::BTreeMap;

use perflab::bench::compare::compare;
use perflab::report::model::{BenchReport, EndpointComparison, Verdict};

/// What the comparisons of many pairs said.
#[derive(Default)]
pub struct Tally {
    pub pairs: usize,
    /// Pairs in which an endpoint that did not change was called regressed or improved.
    pub alarming: usize,
    /// Such endpoints.
    alarms: usize,
    judged: usize,
    undecided: usize,
    /// Pairs in which the endpoint that was made slower was called regressed.
    caught: Option<usize>,
    /// By endpoint: logarithms of the ratios of medians.
    ratios: BTreeMap<String, Vec<f64>>,
    examples: Vec<String>,
}

impl Tally {
    pub fn add(&mut self, before: &BenchReport, after: &BenchReport) {
        self.count(before, after, None);
    }

    pub fn add_planted(&mut self, before: &BenchReport, after: &BenchReport, slower: &str) {
        self.count(before, after, Some(slower));
    }

    fn count(&mut self, before: &BenchReport, after: &BenchReport, slower: Option<&str>) {
        // The slower endpoint's statement is another one.
        let comparison = compare(("before", before), ("after", after), slower.is_some());
        let alarm = |one: &&EndpointComparison| matches!(one.verdict, Verdict::Regressed | Verdict::Improved);
        let (planted, same): (Vec<_>, Vec<_>) = comparison.endpoints.iter().partition(|one| Some(one.label.as_str()) == slower);
        let alarms: Vec<&&EndpointComparison> = same.iter().filter(|one| alarm(one)).collect();
        self.pairs += 1;
        self.alarming += usize::from(!alarms.is_empty());
        self.alarms += alarms.len();
        self.judged += same.len();
        self.undecided += same.iter().filter(|one| one.verdict == Verdict::NotEnoughData).count();
        self.examples.extend(alarms.iter().map(|one| {
            let metric = &one.metric;
            format!("{} {metric} {:.3} → {:.3}, {:.2} – {:.2}", one.label, one.before, one.after, one.ratio_low, one.ratio_high)
        }));
        for one in same.iter().filter(|one| one.metric == "p50_ms") {
            self.ratios.entry(one.label.clone()).or_default().push(one.ratio.ln());
        }
        if slower.is_some() {
            let caught = planted.iter().any(|one| one.metric == "p50_ms" && one.verdict == Verdict::Regressed);
            *self.caught.get_or_insert(0) += usize::from(caught);
        }
    }

    pub fn print(&self, title: &str) {
        println!("{title}: {} pairs", self.pairs);
        if let Some(caught) = self.caught {
            println!("  regression found in {caught} of {}", self.pairs);
        }
        println!("  pairs with a false alarm: {} of {}", self.alarming, self.pairs);
        println!("  endpoints with a false alarm: {} of {}, {} undecided", self.alarms, self.judged, self.undecided);
        self.examples.iter().take(8).for_each(|example| println!("    {example}"));
        if self.caught.is_none() {
            println!("  medians of two runs differ by (standard deviation, largest):");
            for (label, ratios) in &self.ratios {
                let deviation = (ratios.iter().map(|ratio| ratio * ratio).sum::<f64>() / ratios.len() as f64).sqrt();
                let largest = ratios.iter().map(|ratio| ratio.abs()).fold(0.0, f64::max);
                println!("    {:5.1}% {:5.1}%  {label}", deviation * 100.0, (largest.exp() - 1.0) * 100.0);
            }
        }
    }
}
