//! Pictures of distributions: all endpoints before and after, an endpoint under other choices of its parameters, and a load as it was
//! varied.

use plotters::style::RGBColor;

use super::super::bars::{colour, promised};
use super::super::model::{Classes, LoadRun, LoadStep};
use super::super::palette::{AMBER, BLUE, GREEN, GREY, RED, RESPONSE, SERVICE};
use super::super::standing::{Standing, slowest};
use super::super::under_load::{side_by_side, step_name, variation};
use super::strips::{Group, OF_FIGURES, OF_HISTOGRAM, Spread, Strip, Strips, draw};
use crate::units;

/// Every endpoint with its times before and after, slowest first. `None` where the run has no histogram.
pub fn endpoints(standings: &[Standing]) -> Option<String> {
    let mut colours = Vec::new();
    let groups: Vec<Group> = slowest(standings).into_iter().filter_map(|standing| endpoint(standing, &mut colours)).collect();
    let named = [(GREY, "before"), (GREEN, "after, faster"), (BLUE, "after, no proven difference"), (RED, "after, slower")];
    let keys = named.iter().filter(|(colour, _)| !colours.is_empty() && (*colour == GREY || colours.contains(colour)));
    let keys = keys.map(|(colour, name)| (*colour, (*name).to_owned())).collect();
    let title = if colours.is_empty() { "Times of every endpoint" } else { "Times before and after" };
    draw(&Strips { title: title.to_owned(), read: OF_HISTOGRAM, groups, keys })
}

/// The pairs where both sides have a histogram, which are the calls that the tables compare; else the first bench.
fn endpoint(standing: &Standing, colours: &mut Vec<RGBColor>) -> Option<Group> {
    let paired = standing.pair.and_then(|pair| {
        let before = Spread::of_histogram(pair.before_histogram.as_deref()?)?;
        let after = Spread::of_histogram(pair.after_histogram.as_deref()?)?;
        colours.push(colour(pair.verdict));
        Some(vec![Strip::new(GREY, before), Strip::new(colour(pair.verdict), after)])
    });
    let alone = || Some(vec![Strip::new(GREY, Spread::of_histogram(standing.bench?.histogram.as_deref()?)?)]);
    let strips = paired.or_else(alone)?;
    Some(Group { label: standing.label.to_owned(), strips, limit: promised(standing) })
}

/// Colours of classes, so that one class has one colour in all groups.
const CLASSES: [RGBColor; 7] = [GREY, BLUE, GREEN, SERVICE[1], RED, RESPONSE[2], AMBER];

/// Endpoints under other choices of their parameters.
pub fn classes(asked: &[(&str, &Classes)]) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for class in asked.iter().flat_map(|(_, classes)| &classes.classes) {
        if !names.contains(&class.class.as_str()) {
            names.push(&class.class);
        }
    }
    let colour = |name: &str| CLASSES[names.iter().position(|known| *known == name).unwrap_or(0) % CLASSES.len()];
    let groups = asked.iter().map(|(label, classes)| {
        let strips = classes.classes.iter().filter_map(|class| {
            let strip = Strip::new(colour(&class.class), Spread::of_latency(&class.latency)?);
            Some(Strip { said: format!("{}: {}", class.class, units::ms(class.latency.p50_ms)), ..strip })
        });
        Group { label: (*label).to_owned(), strips: strips.collect(), limit: None }
    });
    draw(&Strips {
        title: "Times by the choice of parameters".to_owned(),
        read: OF_FIGURES,
        groups: groups.collect(),
        keys: Vec::new(),
    })
}

/// The runs of a phase side by side, at the step that all have: what a user waited, and the service alone.
pub fn varied(phase: &[&LoadRun]) -> Option<String> {
    let rows = side_by_side(phase);
    let (_, first) = rows.first().filter(|_| rows.len() > 1)?;
    let at = if phase.iter().any(|run| run.search.is_some()) { String::new() } else { format!(" at {}", step_name(first)) };
    let apart = rows.iter().any(|(_, step)| step.response.latency.p50_ms > step.service.latency.p50_ms * APART);
    let group = |(run, step): &(&LoadRun, &LoadStep)| Group { label: variation(run), strips: clocks(step, apart), limit: None };
    let groups = rows.iter().map(group).collect();
    let service = apart.then(|| (SERVICE[1], "service time".to_owned()));
    let keys = std::iter::once((RESPONSE[2], "response time".to_owned())).chain(service).collect();
    draw(&Strips { title: format!("{}, varied{at}", phase[0].name), read: OF_HISTOGRAM, groups, keys })
}

/// Service times are drawn beside response times where these are longer by more.
const APART: f64 = 1.05;

fn clocks(step: &LoadStep, apart: bool) -> Vec<Strip> {
    let strip = |(colour, clock): (RGBColor, &super::super::model::Clock)| {
        Some(Strip::new(colour, Spread::of_histogram(clock.histogram.as_deref()?)?))
    };
    [(RESPONSE[2], &step.response), (SERVICE[1], &step.service)]
        .into_iter()
        .take(1 + usize::from(apart))
        .filter_map(strip)
        .collect()
}
