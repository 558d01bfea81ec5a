//! What all pictures are drawn with: the card, text on it, and an axis of times.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::palette::{CARD, themed};
use crate::units;

pub type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
pub type Drawn<'a> = Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>>;

/// Pixels from the card's edge to what is on it.
pub const EDGE: i32 = 18;
/// Pixels a card is wide: GitHub shows no more.
pub const WIDTH: i32 = 960;
pub const TEXT: f64 = 13.0;
/// Pixels of an average letter at [`TEXT`] size in any usual sans-serif font, on the wide side: an SVG is laid out before any font is
/// known.
pub const LETTER: i32 = 7;

/// A picture of that height. `None` when it cannot be drawn.
pub fn card(height: i32, draw: impl for<'a> FnOnce(&Area<'a>) -> Drawn<'a>) -> Option<String> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH as u32, u32::try_from(height).ok()?)).into_drawing_area();
        area.fill(&CARD).ok()?;
        draw(&area).ok()?;
        area.present().ok()?;
    }
    Some(themed(&svg))
}

/// A line of text, its middle at that height.
pub fn text<'a>(area: &Area<'a>, words: &str, at: (i32, i32), size: f64, colour: RGBColor, lean: HPos) -> Drawn<'a> {
    // plotters writes a font-size of 1/1.24 of what it is given.
    let style = TextStyle::from(("Helvetica, Arial, sans-serif", size * 1.24)).color(&colour).pos(Pos::new(lean, VPos::Center));
    area.draw(&Text::new(printable(words), at, style))
}

/// Without what XML 1.0 forbids, even escaped.
pub fn printable(words: &str) -> String {
    words.chars().map(|c| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { ' ' } else { c }).collect()
}

/// Pixels that a text takes at [`TEXT`] size.
pub fn wide(words: &str) -> i32 {
    LETTER * i32::try_from(words.chars().count()).unwrap_or(i32::MAX / 64).min(1_000)
}

/// A label on as many lines as it needs, broken after a blank or slash where it can be.
pub fn wrapped(label: &str, letters: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in printable(label).split_inclusive([' ', '/']) {
        for piece in pieces(word, letters) {
            let line = lines.last().map_or(0, |line| line.chars().count());
            if line > 0 && line + piece.trim_end().chars().count() > letters {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                line.push_str(&piece);
            }
        }
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// A word, cut where it alone is longer than a line.
fn pieces(word: &str, letters: usize) -> Vec<String> {
    let all: Vec<char> = word.chars().collect();
    all.chunks(letters.max(1)).map(|piece| piece.iter().collect()).collect()
}

/// A logarithmic axis of milliseconds.
pub struct LogAxis {
    /// Powers of ten.
    pub low: f64,
    pub high: f64,
    pub left: i32,
    pub right: i32,
}

impl LogAxis {
    /// From the power of ten below the shortest time to the longest.
    pub fn over(times: impl IntoIterator<Item = f64>, left: i32, right: i32) -> Self {
        let logs: Vec<f64> = times.into_iter().filter(|ms| ms.is_finite() && *ms > 0.0).map(f64::log10).collect();
        let low = logs.iter().copied().fold(f64::INFINITY, f64::min);
        let high = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if logs.is_empty() {
            return LogAxis { low: -2.0, high: 2.0, left, right };
        }
        // The shortest bar keeps a length: the axis starts a little below it.
        let low = (low - 0.15).floor();
        LogAxis { low, high: high.max(low + 1.0), left, right }
    }

    /// The pixel of a time; what is outside stands at the edge.
    pub fn x(&self, ms: f64) -> i32 {
        let place = if ms > 0.0 { (ms.log10() - self.low) / (self.high - self.low) } else { 0.0 };
        self.left + (place.clamp(0.0, 1.0) * f64::from(self.right - self.left)).round() as i32
    }

    /// Powers of ten to rule, at most about ten.
    pub fn ticks(&self) -> impl Iterator<Item = f64> {
        let decades = self.high - self.low;
        let step = (decades / 10.0).ceil().max(1.0);
        let (low, count) = (self.low, (decades / step).floor() as i32);
        (0..=count).map(move |i| 10f64.powf(low + step * f64::from(i)))
    }

    /// The rules of the axis from `top` to `bottom`, with their times above and below.
    pub fn rule<'a>(&self, area: &Area<'a>, top: i32, bottom: i32) -> Drawn<'a> {
        for ms in self.ticks() {
            let x = self.x(ms);
            area.draw(&PathElement::new(vec![(x, top), (x, bottom)], super::palette::GRID.stroke_width(1)))?;
            for y in [top - 10, bottom + 14] {
                text(area, &tick(ms), (x, y), TEXT - 2.0, super::palette::FAINT, HPos::Center)?;
            }
        }
        Ok(())
    }
}

/// A power of ten with its unit.
fn tick(ms: f64) -> String {
    match ms {
        ms if (999.5..1e15).contains(&ms) => format!("{} s", units::count((ms / 1000.0).round() as u64)),
        ms if (0.00095..1e15).contains(&ms) => format!("{} ms", format!("{ms:.3}").trim_end_matches('0').trim_end_matches('.')),
        ms => format!("{ms:.0e} ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_labels_keep_every_letter() {
        let label = "GET /a-very-long-route/{with_some}/{parameters}/and/a/tail (and the name of its case, which is long)";
        let lines = wrapped(label, 48);
        assert!(lines.len() > 1 && lines.iter().all(|line| line.chars().count() <= 48), "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), label.replace(' ', ""));
    }

    #[test]
    fn a_tenth_of_the_time_is_one_decade_shorter() {
        let axis = LogAxis { low: -2.0, high: 2.0, left: 0, right: 400 };
        assert_eq!([0.0, 0.001, 0.01, 0.1, 10.0, 100.0, 1e9].map(|ms| axis.x(ms)), [0, 0, 0, 100, 300, 400, 400]);
    }
}
