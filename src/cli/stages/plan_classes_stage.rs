//! The plans of an endpoint's statements for typical, heaviest and missing rows.

use std::time::{Duration, Instant};

use crate::bench::classes::Class;
use crate::cli::ui::Console;
use crate::db::Target;
use crate::explain::classes::{Asked, explain_classes};
use crate::report::model::{Effect, ExplainedEndpoint};
use crate::scenario::model::Scenario;

use super::Bound;
use super::advise_stage::samples;

/// Endpoints of a run whose statements are planned for other rows …
const MOST_IN_A_RUN: usize = 3;
/// … unless this time is over.
const TIME_IN_A_RUN: Duration = Duration::from_secs(20);

/// The classes that are asked for, of whichever endpoint.
pub struct PlanClasses<'a> {
    wanted: &'a [Class],
    /// By endpoint, the query that its parameters come from.
    samples: Vec<Option<&'a str>>,
}

impl<'a> PlanClasses<'a> {
    pub fn new(scenario: &'a Scenario, wanted: &'a [Class]) -> PlanClasses<'a> {
        PlanClasses { wanted, samples: samples(scenario) }
    }

    /// Adds the plans of the classes to an endpoint that was explained by call number `call`.
    pub async fn explain(
        &self,
        target: &Target,
        bound: &Bound,
        (place, call): (usize, u64),
        endpoint: &mut ExplainedEndpoint,
        console: &Console,
    ) -> anyhow::Result<()> {
        if self.wanted.is_empty() {
            return Ok(());
        }
        let stage = console.stage("classes");
        stage.at(0.0, &endpoint.label);
        let Some(own) = bound.workload.endpoints[place].draws.draw(call) else { return Ok(()) };
        let sample = self.samples.get(place).copied().flatten();
        let asked = Asked { workload: &bound.workload, place, sample, wanted: self.wanted, own: &own };
        let found = explain_classes(target, &bound.catalog, asked).await?;
        endpoint.class_notes.clone_from(&found.notes);
        found.add_to(&mut endpoint.statements);
        Ok(())
    }

    /// Adds them to the slowest endpoints of a run. Only to those that read: their calls leave nothing behind, not even dead rows, so
    /// that the seeded rows themselves can be asked.
    pub async fn explain_some(
        &self,
        target: &Target,
        bound: &Bound,
        endpoints: &mut [ExplainedEndpoint],
        console: &Console,
    ) -> anyhow::Result<()> {
        let started = Instant::now();
        let mut explained = 0;
        for endpoint in endpoints {
            let Some(place) = bound.workload.find(&endpoint.label) else { continue };
            let sampled = self.samples.get(place).copied().flatten().is_some();
            if !sampled || bound.workload.endpoints[place].effect != Effect::Reads {
                continue;
            }
            if explained == MOST_IN_A_RUN || started.elapsed() > TIME_IN_A_RUN {
                break;
            }
            explained += 1;
            self.explain(target, bound, (place, 0), endpoint, console).await?;
        }
        Ok(())
    }
}
