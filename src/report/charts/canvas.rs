//! A card with two axes, lines and a key.

use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use crate::report::drawing::{Area, Drawn, EDGE, TEXT, WIDTH, card, text, wide};
use crate::report::palette::{FAINT, GRID, INK, RED};
use crate::units;

const HEIGHT: i32 = 400;
const LEFT: i32 = 84;
const RIGHT: i32 = WIDTH - 200;
const TOP: i32 = 72;
const BOTTOM: i32 = HEIGHT - 58;
/// Opacity of a wide line.
const FADED: f64 = 0.45;
/// Letters of a line across the card.
const LINE_LETTERS: usize = 125;
/// Letters of a name in the key.
const KEY_LETTERS: usize = 22;
/// How a value becomes a place along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// From zero.
    Linear,
    /// Values above zero only.
    Log,
}

pub struct Series {
    /// In the key; one without a name is explained by the subtitle.
    pub name: String,
    pub colour: RGBColor,
    pub points: Vec<(f64, f64)>,
    /// A dot at each point: it was measured.
    pub dots: bool,
    pub stroke: Stroke,
}

impl Series {
    /// What is wide is faded, so that the thin line on it stands out.
    fn shade(&self) -> RGBAColor {
        self.colour.mix(if self.stroke == Stroke::Wide { FADED } else { 1.0 })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    Thin,
    /// Dots alone.
    None,
    /// Stays in sight where a thin line lies on it.
    Wide,
    /// Asked for or computed, not measured.
    Dashed,
}

pub struct Chart {
    pub title: String,
    /// Behind the name of the phase.
    pub subtitle: String,
    pub x_title: &'static str,
    pub x: Scale,
    pub y: Scale,
    pub series: Vec<Series>,
    /// Where the axis along is labelled; those without room are left out.
    pub places: Vec<(f64, String)>,
    /// Places with a word for each.
    pub marks: Vec<(f64, f64, String)>,
}

/// The chart as SVG; `None` when it has no point to show.
pub fn draw(chart: &Chart) -> Option<String> {
    let fits = |series: &Series| series.points.iter().filter(|point| chart.x.takes(point.0) && chart.y.takes(point.1)).count();
    if chart.series.iter().map(fits).max().unwrap_or(0) < 2 {
        return None;
    }
    card(HEIGHT, |area| on(area, chart))
}

impl Scale {
    fn takes(self, value: f64) -> bool {
        value.is_finite() && (value > 0.0 || (self == Scale::Linear && value == 0.0))
    }

    fn of(self, value: f64) -> f64 {
        if self == Scale::Log { value.log10() } else { value }
    }
}

fn on<'a>(area: &Area<'a>, chart: &Chart) -> Drawn<'a> {
    let axes = Axes::over(chart);
    text(area, &chart.title, (EDGE, 24), TEXT + 3.0, INK, HPos::Left)?;
    text(area, &cut(&chart.subtitle, LINE_LETTERS), (EDGE, 46), TEXT, FAINT, HPos::Left)?;
    text(area, chart.x_title, (i32::midpoint(LEFT, RIGHT), HEIGHT - 16), TEXT, FAINT, HPos::Center)?;
    for value in axes.ticks() {
        let y = axes.y(value);
        area.draw(&PathElement::new(vec![(LEFT, y), (RIGHT, y)], GRID.stroke_width(1)))?;
        text(area, &units::limit(value), (LEFT - 8, y), TEXT - 1.0, FAINT, HPos::Right)?;
    }
    let mut free = 0;
    for (place, label) in &chart.places {
        let x = axes.x(*place);
        let half = wide(label) / 2 + 5;
        if x - half >= free {
            text(area, label, (x, BOTTOM + 14), TEXT - 1.0, FAINT, HPos::Center)?;
            free = x + half;
        }
    }
    for series in &chart.series {
        line(area, &axes, chart, series)?;
    }
    for (i, series) in chart.series.iter().filter(|series| !series.name.is_empty()).enumerate() {
        let y = TOP + 8 + 22 * i32::try_from(i).unwrap_or(0);
        area.draw(&Rectangle::new([(RIGHT + 20, y - 2), (RIGHT + 40, y + 1)], series.shade().filled()))?;
        text(area, &cut(&series.name, KEY_LETTERS), (RIGHT + 48, y), TEXT, INK, HPos::Left)?;
    }
    for (x, y, name) in &chart.marks {
        let at = (axes.x(*x), axes.y(*y));
        area.draw(&Circle::new(at, 8, RED.stroke_width(2)))?;
        // Right and below of it, where a curve that rises to it is not, unless that is below the axis.
        let start = at.0.min(RIGHT - wide(name));
        let below = if at.1 + 34 < BOTTOM { at.1 + 24 } else { at.1 - 20 };
        text(area, name, (start, below), TEXT, RED, HPos::Left)?;
    }
    Ok(())
}

fn line<'a>(area: &Area<'a>, axes: &Axes, chart: &Chart, series: &Series) -> Drawn<'a> {
    let shown = series.points.iter().filter(|point| chart.x.takes(point.0) && chart.y.takes(point.1));
    let points: Vec<(i32, i32)> = shown.map(|&(x, y)| (axes.x(x), axes.y(y))).collect();
    match series.stroke {
        Stroke::Thin => area.draw(&PathElement::new(points.clone(), series.colour.stroke_width(2)))?,
        Stroke::Wide => area.draw(&PathElement::new(points.clone(), series.shade().stroke_width(6)))?,
        Stroke::None => {}
        Stroke::Dashed => area.draw(&DashedPathElement::new(points.clone(), 6, 4, series.colour.stroke_width(2)))?,
    }
    let radius = if series.stroke == Stroke::Wide { 7 } else { 4 };
    for point in points.into_iter().filter(|_| series.dots) {
        area.draw(&Circle::new(point, radius, series.shade().filled()))?;
    }
    Ok(())
}

/// Values to pixels.
struct Axes {
    x: (f64, f64),
    y: (f64, f64),
    x_scale: Scale,
    y_scale: Scale,
}

impl Axes {
    fn over(chart: &Chart) -> Axes {
        let shown = || chart.series.iter().flat_map(|series| &series.points).filter(|p| chart.x.takes(p.0) && chart.y.takes(p.1));
        let range = |of: fn(&(f64, f64)) -> f64| {
            shown().map(of).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), at| (low.min(at), high.max(at)))
        };
        let (wide, high) = (range(|point| point.0), range(|point| point.1));
        let x = match chart.x {
            Scale::Linear => (0.0, chart.places.last().map_or(wide.1, |place| wide.1.max(place.0))),
            Scale::Log => (wide.0.log10(), wide.1.log10()),
        };
        let y = match chart.y {
            Scale::Linear => (0.0, if high.1 > 0.0 { high.1 * 1.08 } else { 1.0 }),
            Scale::Log => (high.0.log10(), high.1.log10().max(high.0.log10() + 0.3)),
        };
        Axes { x, y, x_scale: chart.x, y_scale: chart.y }
    }

    fn x(&self, value: f64) -> i32 {
        LEFT + 16 + (share(self.x_scale.of(value), self.x) * f64::from(RIGHT - LEFT - 32)).round() as i32
    }

    fn y(&self, value: f64) -> i32 {
        BOTTOM - 4 - (share(self.y_scale.of(value), self.y) * f64::from(BOTTOM - TOP - 8)).round() as i32
    }

    /// Round numbers that lie on the axis: about five from zero, or those of each decade.
    fn ticks(&self) -> Vec<f64> {
        if self.y_scale == Scale::Linear {
            let rough = self.y.1 / 5.0;
            let ten = 10f64.powf(rough.log10().floor());
            let step = [1.0, 2.0, 5.0, 10.0].map(|digit| digit * ten).into_iter().find(|step| *step >= rough).unwrap_or(rough);
            return (0..=6).map(|i| step * f64::from(i)).filter(|value| *value <= self.y.1).collect();
        }
        let decades = self.y.1 - self.y.0;
        let digits: &[f64] = if decades <= 3.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let every = (decades / 8.0).ceil().max(1.0) as usize;
        let (first, last) = (self.y.0.floor() as i32, self.y.1.ceil() as i32);
        let values = (first..=last).step_by(every).flat_map(|decade| digits.iter().map(move |digit| digit * 10f64.powi(decade)));
        values.filter(|value| (self.y.0..=self.y.1).contains(&value.log10())).collect()
    }
}

fn share(at: f64, (low, high): (f64, f64)) -> f64 {
    if high > low { ((at - low) / (high - low)).clamp(0.0, 1.0) } else { 0.5 }
}

fn cut(words: &str, most: usize) -> String {
    super::super::wording::shortened(words, most)
}
