//! Distributions of times, one strip each, on a common logarithmic axis.
//!
//! A strip is a line from the shortest time to the longest, a pale band from p5 to p95, a box of the middle half, a stroke at the median
//! and a ring at p99. What too few calls cannot tell is not drawn: a percentile needs one call beyond it, as in the tables.

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::super::drawing::{Area, Drawn, EDGE, LogAxis, TEXT, WIDTH, card, text, wide, wrapped};
use super::super::model::Latency;
use super::super::palette::{AMBER, FAINT, GREY, INK};
use super::percentiles::stored;
use crate::units;

/// Pixels a strip takes with the room below it.
const STRIP: i32 = 15;
/// Half the height of a box.
const HALF: i32 = 4;
/// Between two groups.
const GAP: i32 = 9;
const HEAD: i32 = 88;
const FOOT: i32 = 34;
const LABEL_LETTERS: usize = 44;
/// Room for `154.5 ms of 1,204 calls`.
const VALUE_ROOM: i32 = 190;
/// What is drawn of a histogram.
pub const OF_HISTOGRAM: &str = "line: shortest to longest · pale: p5 to p95 · box: the middle half · stroke: median · ring: p99";
/// What is drawn where there are figures alone.
pub const OF_FIGURES: &str = "line: shortest to longest · pale: median to p95 · stroke: median · ring: p99";

/// A distribution as far as it is known, ms.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Spread {
    pub n: u64,
    pub min: f64,
    /// p5 and p95; need 20 calls.
    pub most: Option<(f64, f64)>,
    /// p25 and p75; need 4 calls.
    pub middle: Option<(f64, f64)>,
    pub median: f64,
    /// Needs 100 calls.
    pub p99: Option<f64>,
    pub max: f64,
}

pub struct Strip {
    pub colour: RGBColor,
    pub spread: Spread,
    /// What stands at the end of the line.
    pub said: String,
}

/// Strips under one label.
pub struct Group {
    pub label: String,
    pub strips: Vec<Strip>,
    /// What is promised, ms.
    pub limit: Option<f64>,
}

pub struct Strips {
    pub title: String,
    /// How a strip is to be read.
    pub read: &'static str,
    pub groups: Vec<Group>,
    /// What the colours mean.
    pub keys: Vec<(RGBColor, String)>,
}

impl Spread {
    /// Of a stored histogram; `None` where there is none, or nothing in it.
    pub fn of_histogram(text: &str) -> Option<Spread> {
        let histogram = stored(text).filter(|histogram| !histogram.is_empty())?;
        let n = histogram.len();
        let at = |quantile: f64| histogram.value_at_quantile(quantile) as f64 / 1e6;
        Some(Spread {
            n,
            min: histogram.min() as f64 / 1e6,
            most: supported(n, 0.95).then(|| (at(0.05), at(0.95))),
            middle: supported(n, 0.75).then(|| (at(0.25), at(0.75))),
            median: at(0.5),
            p99: supported(n, 0.99).then(|| at(0.99)),
            max: histogram.max() as f64 / 1e6,
        })
    }

    /// Of the figures alone: there is no box, and the band begins at the median.
    pub fn of_latency(latency: &Latency) -> Option<Spread> {
        (latency.n > 0).then(|| Spread {
            n: latency.n,
            min: latency.min_ms,
            most: latency.p95_ms.map(|p95| (latency.p50_ms, p95)),
            middle: None,
            median: latency.p50_ms,
            p99: latency.p99_ms,
            max: latency.max_ms,
        })
    }

    fn times(&self) -> [f64; 2] {
        [self.min, self.max]
    }
}

/// Whether at least one of so many calls lies beyond the quantile.
fn supported(n: u64, quantile: f64) -> bool {
    n as f64 * (1.0 - quantile) >= 1.0 - 1e-9
}

impl Strip {
    /// With the median and the calls at its end.
    pub fn new(colour: RGBColor, spread: Spread) -> Strip {
        let said = format!("{}, {}", units::ms(spread.median), units::counted(spread.n, "call", "calls"));
        Strip { colour, spread, said }
    }
}

/// The picture; `None` without a strip.
pub fn draw(strips: &Strips) -> Option<String> {
    if strips.groups.iter().all(|group| group.strips.is_empty()) {
        return None;
    }
    let height = HEAD + strips.groups.iter().map(height).sum::<i32>() + FOOT;
    card(height, |area| on(area, strips, height))
}

fn height(group: &Group) -> i32 {
    let lines = i32::try_from(wrapped(&group.label, LABEL_LETTERS).len()).unwrap_or(1);
    let strips = i32::try_from(group.strips.len()).unwrap_or(1).min(1_000);
    (STRIP * strips).max(14 * lines) + GAP
}

fn on<'a>(area: &Area<'a>, strips: &Strips, height_of_card: i32) -> Drawn<'a> {
    text(area, &strips.title, (EDGE, 24), TEXT + 3.0, INK, HPos::Left)?;
    text(area, strips.read, (EDGE, 46), TEXT - 1.0, FAINT, HPos::Left)?;
    keys(area, strips)?;
    let longest = strips.groups.iter().flat_map(|group| wrapped(&group.label, LABEL_LETTERS)).map(|line| wide(&line)).max();
    let shown = strips.groups.iter().flat_map(|group| &group.strips).flat_map(|strip| strip.spread.times());
    let limits = strips.groups.iter().filter_map(|group| group.limit);
    let axis = LogAxis::over(shown.chain(limits), EDGE + longest.unwrap_or(0) + 10, WIDTH - EDGE - VALUE_ROOM);
    axis.rule(area, HEAD - 10, height_of_card - FOOT)?;
    let mut top = HEAD;
    for group in &strips.groups {
        let tall = height(group);
        row(area, &axis, group, top, tall - GAP)?;
        top += tall;
    }
    Ok(())
}

fn keys<'a>(area: &Area<'a>, strips: &Strips) -> Drawn<'a> {
    let mut x = WIDTH - EDGE;
    let promised = strips.groups.iter().any(|group| group.limit.is_some()).then(|| (AMBER, "SLO".to_owned()));
    for (colour, name) in strips.keys.iter().cloned().chain(promised).rev() {
        x -= wide(&name);
        text(area, &name, (x, 24), TEXT, FAINT, HPos::Left)?;
        let key = if colour == AMBER { [(x - 10, 16), (x - 8, 32)] } else { [(x - 18, 18), (x - 6, 30)] };
        area.draw(&Rectangle::new(key, colour.filled()))?;
        x -= 32;
    }
    Ok(())
}

fn row<'a>(area: &Area<'a>, axis: &LogAxis, group: &Group, top: i32, tall: i32) -> Drawn<'a> {
    let lines = wrapped(&group.label, LABEL_LETTERS);
    let first = top + tall / 2 - 7 * (i32::try_from(lines.len()).unwrap_or(1) - 1);
    for (i, line) in lines.iter().enumerate() {
        text(area, line, (axis.left - 10, first + 14 * i32::try_from(i).unwrap_or(0)), TEXT, INK, HPos::Right)?;
    }
    if let Some(x) = group.limit.map(|limit| axis.x(limit)) {
        area.draw(&Rectangle::new([(x - 1, top - 2), (x + 1, top + tall + 2)], AMBER.filled()))?;
    }
    for (i, strip) in group.strips.iter().enumerate().take(1_000) {
        one(area, axis, strip, top + STRIP * i32::try_from(i).unwrap_or(0) + STRIP / 2)?;
    }
    Ok(())
}

fn one<'a>(area: &Area<'a>, axis: &LogAxis, strip: &Strip, y: i32) -> Drawn<'a> {
    let Strip { colour, spread, said } = strip;
    let bar = |from: f64, to: f64, half: i32| {
        let (start, end) = (axis.x(from), axis.x(to));
        [(start, y - half), (end.max(start + 2), y + half)]
    };
    area.draw(&PathElement::new(vec![(axis.x(spread.min), y), (axis.x(spread.max), y)], GREY.stroke_width(1)))?;
    if let Some((low, high)) = spread.most {
        area.draw(&Rectangle::new(bar(low, high, HALF), colour.mix(0.35).filled()))?;
    }
    if let Some((low, high)) = spread.middle {
        area.draw(&Rectangle::new(bar(low, high, HALF), colour.filled()))?;
    }
    for end in [spread.min, spread.max] {
        area.draw(&Circle::new((axis.x(end), y), 2, colour.filled()))?;
    }
    if let Some(p99) = spread.p99 {
        area.draw(&Circle::new((axis.x(p99), y), 4, colour.stroke_width(1)))?;
    }
    let median = axis.x(spread.median);
    area.draw(&Rectangle::new([(median - 1, y - HALF - 2), (median + 1, y + HALF + 2)], INK.filled()))?;
    text(area, said, (axis.right + 12, y), TEXT - 1.0, INK, HPos::Left)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use hdrhistogram::Histogram;
    use hdrhistogram::serialization::{Serializer, V2DeflateSerializer};

    use super::*;

    fn of(ms: std::ops::RangeInclusive<u64>) -> Spread {
        let mut histogram = Histogram::<u64>::new_with_bounds(1, 3_600_000_000_000, 3).unwrap();
        ms.for_each(|ms| histogram.record(ms * 1_000_000).unwrap());
        let mut bytes = Vec::new();
        V2DeflateSerializer::new().serialize(&histogram, &mut bytes).unwrap();
        Spread::of_histogram(&STANDARD.encode(bytes)).unwrap()
    }

    #[test]
    fn what_few_calls_cannot_tell_is_not_drawn() {
        let known = |n| {
            let spread = of(1..=n);
            (spread.middle.is_some(), spread.most.is_some(), spread.p99.is_some())
        };
        assert_eq!(
            [3, 4, 19, 20, 99, 100].map(known),
            [
                (false, false, false),
                (true, false, false),
                (true, false, false),
                (true, true, false),
                (true, true, false),
                (true, true, true)
            ]
        );
    }

    #[test]
    fn a_strip_has_the_figures_of_its_histogram() {
        let spread = of(1..=1_000);
        let near = |a: f64, b: f64| (a / b - 1.0).abs() < 0.002;
        let (low, high) = spread.most.unwrap();
        assert!(near(spread.median, 500.0) && near(low, 50.0) && near(high, 950.0) && near(spread.p99.unwrap(), 990.0));
        assert!(Spread::of_histogram("no histogram").is_none());
    }

    #[test]
    fn no_strip_no_picture() {
        let group = Group { label: "GET /".into(), strips: Vec::new(), limit: None };
        assert_eq!(draw(&Strips { title: String::new(), read: OF_FIGURES, groups: vec![group], keys: Vec::new() }), None);
    }
}
