//! The column of a table that says which SLOs were met, as narrow as they allow: wide tables lose their last column on GitHub.

use super::super::model::{SloResult, SloUnit};
use super::super::standing::slo_text;
use crate::units;

/// What the SLOs of a table have in common.
pub(super) struct Promises {
    /// The percentile, when it is one for all and no endpoint has two.
    metric: Option<String>,
    title: String,
}

impl Promises {
    /// `None` when no endpoint promises anything.
    pub(super) fn of<'a>(endpoints: impl Iterator<Item = &'a [SloResult]>) -> Option<Self> {
        let all: Vec<&[SloResult]> = endpoints.filter(|slos| !slos.is_empty()).collect();
        let first = all.first()?.first()?;
        let alike = |slo: &SloResult| slo.metric == first.metric && is_time_limit(slo);
        let alike = all.iter().all(|slos| slos.len() == 1 && alike(&slos[0]));
        let title = if alike { format!("SLO: {}", first.metric) } else { "SLO".to_owned() };
        Some(Promises { metric: alike.then(|| first.metric.clone()), title })
    }

    pub(super) fn title(&self) -> &str {
        &self.title
    }

    /// `< 20: met` under a title that names the percentile, else `p95 < 20 ms: met`.
    pub(super) fn cell(&self, slos: &[SloResult]) -> String {
        let one = |slo: &SloResult| match (&self.metric, slo.met) {
            (Some(_), Some(met)) => {
                // The longer word may go on a line of its own.
                let outcome = if met { "\u{a0}met" } else { " **missed**" };
                format!("&lt;\u{a0}{}:{outcome}", units::limit(slo.bound))
            }
            (Some(_), None) => format!("&lt;\u{a0}{}: too few calls", units::limit(slo.bound)),
            _ => slo_text(slo),
        };
        slos.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}

/// A number of milliseconds that is not reached, so that the number alone says it.
fn is_time_limit(slo: &SloResult) -> bool {
    slo.unit == SloUnit::Ms && (slo.promise.is_empty() || slo.promise.contains(" < "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slo(metric: &str, met: Option<bool>) -> Vec<SloResult> {
        vec![SloResult { metric: metric.into(), bound: 20.0, met, ..SloResult::default() }]
    }

    #[test]
    fn one_percentile_stands_in_the_title() {
        let all = [slo("p95", Some(true)), Vec::new(), slo("p95", Some(false)), slo("p95", None)];
        let promises = Promises::of(all.iter().map(Vec::as_slice)).expect("three promise");
        let cells: Vec<String> = all.iter().map(|slos| promises.cell(slos).replace('\u{a0}', " ")).collect();
        assert_eq!(promises.title(), "SLO: p95");
        assert_eq!(cells, ["&lt; 20: met", "", "&lt; 20: **missed**", "&lt; 20: too few calls"]);
    }

    #[test]
    fn different_percentiles_are_written_out() {
        let all = [slo("p95", Some(true)), slo("p99", Some(true))];
        let promises = Promises::of(all.iter().map(Vec::as_slice)).expect("both promise");
        assert_eq!((promises.title(), promises.cell(&all[1]).as_str()), ("SLO", "p99 < 20 ms: met"));
        assert!(Promises::of([].into_iter()).is_none());
    }
}
