//! The time of an endpoint, of one of its statements, or of a trigger of one, beside ours by the same clock.

use super::super::model::{ExplainedEndpoint, ExplainedPlan, Published, PublishedClock, PublishedTime, Run};
use super::super::standing::{Standing, standings};
use super::{exact, gain};
use crate::units;

/// A published time with its counterpart.
pub struct TimeBeside<'a> {
    pub published: &'a PublishedTime,
    /// What was measured here, by [`TimeBeside::clock`]; nothing when there is no counterpart.
    pub before_ms: Option<f64>,
    pub after_ms: Option<f64>,
    /// Whose clock the two are by: that of the published one, or the client's where the endpoint was not explained.
    pub clock: PublishedClock,
}

/// All of them, in the order of the scenario.
pub fn times<'a>(run: &'a Run, published: &'a Published) -> Vec<TimeBeside<'a>> {
    let standings = standings(run);
    published.times.iter().map(|time| beside(run, &standings, time)).collect()
}

fn beside<'a>(run: &Run, standings: &[Standing], published: &'a PublishedTime) -> TimeBeside<'a> {
    let standing = standings.iter().find(|standing| standing.label == published.label);
    let explained = standing.and_then(|standing| run.explained.get(standing.explained?));
    let (before, after) = explained.map_or((None, None), |endpoint| explained_by(published, endpoint));
    // An endpoint that is not among the slow ones was explained for this figure alone.
    let (before, after) =
        if before.is_some() { (before, after) } else { (published.explained_before_ms, published.explained_after_ms) };
    if before.is_some() && published.clock != PublishedClock::Client {
        return TimeBeside { published, before_ms: before, after_ms: after, clock: published.clock };
    }
    // What a trigger or a planner takes is nobody's to see from outside.
    let visible = published.constraint.is_none() && published.clock != PublishedClock::Planning;
    let (before_ms, after_ms) = match (standing.filter(|_| visible), published.statement) {
        (None, _) => (None, None),
        (Some(standing), None) => (standing.before_ms(), standing.after_ms()),
        (Some(standing), Some(number)) => (of_step(standing, number), None),
    };
    TimeBeside { published, before_ms, after_ms, clock: PublishedClock::Client }
}

fn explained_by(published: &PublishedTime, endpoint: &ExplainedEndpoint) -> (Option<f64>, Option<f64>) {
    let statements = endpoint.statements.iter();
    let before = by_plans(published, statements.clone().map(|statement| (statement.step, &statement.before)));
    let any_after = endpoint.statements.iter().any(|statement| statement.after.is_some());
    let after = statements.map(|statement| (statement.step, statement.after.as_ref().unwrap_or(&statement.before)));
    let after = any_after.then(|| by_plans(published, after)).flatten();
    (before, after)
}

/// What plans of an endpoint's call say of the same thing by the same clock: milliseconds of the statement that is meant, or of all. Each
/// plan comes with the number of its statement, from 1. `None` when no plan speaks of it.
pub fn by_plans<'p>(published: &PublishedTime, plans: impl Iterator<Item = (usize, &'p ExplainedPlan)>) -> Option<f64> {
    let of_it = |number: usize| published.statement.is_none_or(|meant| meant == number);
    let figures = plans.filter(|(number, _)| of_it(*number)).filter_map(|(_, plan)| of_plan(plan, published));
    figures.fold(None, |sum, figure| Some(sum.unwrap_or(0.0) + figure))
}

fn of_plan(plan: &ExplainedPlan, published: &PublishedTime) -> Option<f64> {
    match (&published.constraint, published.clock) {
        (Some(constraint), _) => {
            plan.implied.iter().find(|implied| implied.constraint == *constraint).map(|implied| implied.trigger_ms)
        }
        (None, PublishedClock::Planning) => Some(plan.planning_ms),
        (None, _) => Some(plan.execution_ms),
    }
}

fn of_step(standing: &Standing, number: usize) -> Option<f64> {
    let step = standing.bench?.steps.iter().find(|step| step.step == number)?;
    (step.latency.n > 0).then_some(step.latency.p50_ms)
}

impl TimeBeside<'_> {
    /// What the figure is of: `statement 2, trigger song_history_user_id_fkey, by EXPLAIN`.
    pub fn of(&self) -> String {
        let published = self.published;
        let by = match published.clock {
            PublishedClock::Client => "at the client",
            PublishedClock::Explain => "by EXPLAIN",
            PublishedClock::Planning => "planning, by EXPLAIN",
        };
        let statement = published.statement.map(|number| format!("statement {number}"));
        let trigger = published.constraint.as_ref().map(|constraint| format!("trigger of {constraint}"));
        let parts = [published.what.clone(), statement, trigger, Some(by.to_owned())];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// `65.261 → 1.217`; a blank is said.
    pub fn as_published(&self) -> String {
        let before = self.published.before_ms.map_or_else(|| "not given".to_owned(), exact);
        self.published.after_ms.map_or_else(|| before.clone(), |after| format!("{before} → {}", exact(after)))
    }

    /// `79.6 → 6.7`, with the clock where it is another than the published one.
    pub fn here(&self) -> String {
        let Some(before) = self.before_ms else { return "not measured".to_owned() };
        let both = self
            .after_ms
            .map_or_else(|| units::figure(before), |after| format!("{} → {}", units::figure(before), units::figure(after)));
        let other = self.clock != self.published.clock;
        if other { format!("{both} at the client") } else { both }
    }

    /// How many times as fast after, as published.
    pub fn published_gain(&self) -> Option<f64> {
        gain(self.published.before_ms, self.published.after_ms)
    }

    /// How many times as fast after, here.
    pub fn gain(&self) -> Option<f64> {
        gain(self.before_ms, self.after_ms)
    }

    /// Whether it is of all that a call does, and not of a statement or a trigger.
    pub fn is_whole(&self) -> bool {
        self.published.statement.is_none() && self.published.constraint.is_none()
    }
}
