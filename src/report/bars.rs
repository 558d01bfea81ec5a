//! `latency.svg`: every endpoint as a pair of bars on a logarithmic axis, slowest first.
//!
//! The picture stands on a white card, so that it reads the same on a light and on a dark page. Widths of texts are estimated from
//! their letters, on the wide side, since an SVG is laid out before any font is known.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::model::Verdict;
use super::palette::{CARD, FAINT, GREY, GRID, INK, RED};
use super::standing::{Standing, change, slowest};
use crate::units;

const WIDTH: i32 = 960;
const BAR: i32 = 13;
const ROW: i32 = 42;
const HEAD: i32 = 70;
const FOOT: i32 = 34;
const EDGE: i32 = 18;
/// Letters of a label on one line; longer labels go on.
const LABEL_LETTERS: usize = 48;
/// Room for `72.5 ms, 1.4× faster, over 50 ms` at the end of the longest bar.
const VALUE_ROOM: i32 = 225;
/// Pixels of an average letter at [`TEXT`] size in any usual sans-serif font.
const LETTER: i32 = 7;
/// In the legend, whose words are known.
const KEY_LETTER: i32 = 6;
const TEXT: f64 = 13.0;

const FASTER: RGBColor = RGBColor(26, 127, 95);
const SAME: RGBColor = RGBColor(84, 110, 165);

/// One endpoint of the picture.
struct Bars {
    label: Vec<String>,
    before: f64,
    after: Option<(f64, RGBColor, String)>,
}

/// The picture, or `None` when no endpoint was measured.
pub(super) fn latency(standings: &[Standing]) -> Option<String> {
    let bars: Vec<Bars> = slowest(standings).into_iter().filter_map(bars_of).collect();
    if bars.is_empty() {
        return None;
    }
    let mut svg = String::new();
    let height = HEAD + ROW * i32::try_from(bars.len()).ok()?.min(10_000) + FOOT;
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH as u32, height as u32)).into_drawing_area();
        draw(&area, &bars, height).ok()?;
        area.present().ok()?;
    }
    Some(svg)
}

fn bars_of(standing: &Standing) -> Option<Bars> {
    let before = standing.before_ms()?;
    let after = standing.pair.zip(standing.after_ms()).map(|(pair, ms)| {
        let colour = match pair.verdict {
            Verdict::Improved => FASTER,
            Verdict::Regressed => RED,
            Verdict::WithinNoise | Verdict::NotEnoughData => SAME,
        };
        let over = standing.unsolved.map_or_else(String::new, |left| format!(", over {}", units::limit_ms(left.target_ms)));
        (ms, colour, format!("{}, {}{over}", units::ms(ms), change(pair)))
    });
    Some(Bars { label: wrapped(standing.label), before, after })
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type Drawn<'a> = Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>>;

fn draw<'a>(area: &Area<'a>, bars: &[Bars], height: i32) -> Drawn<'a> {
    area.fill(&CARD)?;
    let longest = bars.iter().flat_map(|bar| &bar.label).map(|line| line.chars().count()).max().unwrap_or(0);
    let left = EDGE + LETTER * i32::try_from(longest).unwrap_or(0) + 10;
    let axis = Axis::over(bars, left, WIDTH - EDGE - VALUE_ROOM);
    legend(area, bars)?;
    grid(area, &axis, height)?;
    for (i, bar) in bars.iter().enumerate().take(10_000) {
        row(area, &axis, bar, HEAD + ROW * i32::try_from(i).unwrap_or(0))?;
    }
    Ok(())
}

/// A logarithmic axis from a power of ten to the slowest time.
struct Axis {
    low: f64,
    high: f64,
    left: i32,
    right: i32,
}

impl Axis {
    fn over(bars: &[Bars], left: i32, right: i32) -> Self {
        let times = bars.iter().flat_map(|bar| [Some(bar.before), bar.after.as_ref().map(|after| after.0)]).flatten();
        let logs: Vec<f64> = times.filter(|ms| ms.is_finite() && *ms > 0.0).map(f64::log10).collect();
        let low = logs.iter().copied().fold(f64::INFINITY, f64::min);
        let high = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if logs.is_empty() {
            return Axis { low: -2.0, high: 2.0, left, right };
        }
        // The shortest bar keeps a length: the axis starts a little below it.
        let low = (low - 0.15).floor();
        Axis { low, high: high.max(low + 1.0), left, right }
    }

    /// The pixel of a time; what is outside stands at the edge.
    fn x(&self, ms: f64) -> i32 {
        let place = if ms > 0.0 { (ms.log10() - self.low) / (self.high - self.low) } else { 0.0 };
        self.left + (place.clamp(0.0, 1.0) * f64::from(self.right - self.left)).round() as i32
    }

    /// Powers of ten to rule, at most about ten.
    fn ticks(&self) -> impl Iterator<Item = f64> {
        let decades = self.high - self.low;
        let step = (decades / 10.0).ceil().max(1.0);
        let (low, count) = (self.low, (decades / step).floor() as i32);
        (0..=count).map(move |i| 10f64.powf(low + step * f64::from(i)))
    }
}

fn legend<'a>(area: &Area<'a>, bars: &[Bars]) -> Drawn<'a> {
    let compared = bars.iter().any(|bar| bar.after.is_some());
    let title = if compared { "Median per endpoint, before and after" } else { "Median per endpoint" };
    text(area, title, (EDGE, 24), TEXT + 3.0, INK, HPos::Left)?;
    if !compared {
        return Ok(());
    }
    let has = |colour: RGBColor| bars.iter().any(|bar| bar.after.as_ref().is_some_and(|after| after.1 == colour));
    let keys = [
        (GREY, "before", true),
        (FASTER, "after, faster", has(FASTER)),
        (SAME, "after, no proven difference", has(SAME)),
        (RED, "after, slower", has(RED)),
    ];
    let mut x = WIDTH - EDGE;
    for (colour, name, _) in keys.into_iter().rev().filter(|key| key.2) {
        x -= KEY_LETTER * i32::try_from(name.len()).unwrap_or(0);
        text(area, name, (x, 24), TEXT, FAINT, HPos::Left)?;
        area.draw(&Rectangle::new([(x - 18, 18), (x - 6, 30)], colour.filled()))?;
        x -= 34;
    }
    Ok(())
}

fn grid<'a>(area: &Area<'a>, axis: &Axis, height: i32) -> Drawn<'a> {
    for ms in axis.ticks() {
        let x = axis.x(ms);
        area.draw(&PathElement::new(vec![(x, HEAD - 8), (x, height - FOOT)], GRID.stroke_width(1)))?;
        for y in [HEAD - 18, height - FOOT + 14] {
            text(area, &tick(ms), (x, y), TEXT - 2.0, FAINT, HPos::Center)?;
        }
    }
    Ok(())
}

fn row<'a>(area: &Area<'a>, axis: &Axis, bar: &Bars, top: i32) -> Drawn<'a> {
    let middle = top + BAR + 2;
    let above = 8 * (i32::try_from(bar.label.len()).unwrap_or(1) - 1);
    for (i, line) in bar.label.iter().enumerate() {
        let y = middle - above + 16 * i32::try_from(i).unwrap_or(0);
        text(area, line, (axis.left - 10, y), TEXT, INK, HPos::Right)?;
    }
    let single = bar.after.is_none();
    let first = if single { top + BAR / 2 + 2 } else { top + 1 };
    span(area, axis, bar.before, first, GREY, &units::ms(bar.before))?;
    if let Some((ms, colour, said)) = &bar.after {
        span(area, axis, *ms, top + BAR + 3, *colour, said)?;
    }
    Ok(())
}

/// One bar with its value at the end.
fn span<'a>(area: &Area<'a>, axis: &Axis, ms: f64, top: i32, colour: RGBColor, said: &str) -> Drawn<'a> {
    let end = axis.x(ms).max(axis.left + 2);
    area.draw(&Rectangle::new([(axis.left, top), (end, top + BAR)], colour.filled()))?;
    text(area, said, (end + 6, top + BAR / 2), TEXT - 1.0, INK, HPos::Left)
}

fn text<'a>(area: &Area<'a>, words: &str, at: (i32, i32), size: f64, colour: RGBColor, lean: HPos) -> Drawn<'a> {
    // plotters writes a font-size of 1/1.24 of what it is given.
    let style = TextStyle::from(("Helvetica, Arial, sans-serif", size * 1.24)).color(&colour).pos(Pos::new(lean, VPos::Center));
    area.draw(&Text::new(printable(words), at, style))
}

/// A power of ten with its unit.
fn tick(ms: f64) -> String {
    match ms {
        ms if (999.5..1e15).contains(&ms) => format!("{} s", units::count((ms / 1000.0).round() as u64)),
        ms if (0.00095..1e15).contains(&ms) => format!("{} ms", format!("{ms:.3}").trim_end_matches('0').trim_end_matches('.')),
        ms => format!("{ms:.0e} ms"),
    }
}

/// Without what XML 1.0 forbids, even escaped.
fn printable(words: &str) -> String {
    words.chars().map(|c| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { ' ' } else { c }).collect()
}

/// A label on as many lines as it needs, broken after a blank or slash where it can be.
fn wrapped(label: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in printable(label).split_inclusive([' ', '/']) {
        for piece in pieces(word) {
            let line = lines.last().map_or(0, |line| line.chars().count());
            if line > 0 && line + piece.trim_end().chars().count() > LABEL_LETTERS {
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
fn pieces(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    letters.chunks(LABEL_LETTERS).map(|piece| piece.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::model::{Latency, PairedResult};

    fn pair(label: &str, before: f64, after: f64) -> PairedResult {
        let latency = |p50_ms| Latency { n: 40, p50_ms, ..Latency::default() };
        PairedResult {
            label: label.into(),
            before: latency(before),
            after: latency(after),
            ratio: after / before,
            ratio_low: 0.1,
            ratio_high: 0.2,
            verdict: Verdict::Improved,
            slo: Vec::new(),
            errors: Vec::new(),
        }
    }

    fn picture(pairs: &[PairedResult]) -> Option<String> {
        let standing =
            |pair| Standing { label: "GET /<a>&\u{0}", bench: None, pair: Some(pair), unsolved: None, explained: None };
        latency(&pairs.iter().map(standing).collect::<Vec<_>>())
    }

    #[test]
    fn labels_cannot_break_the_picture() {
        let svg = picture(&[pair("", 100.0, 1.0)]).unwrap();
        assert!(svg.contains("GET /&lt;a&gt;&amp;") && !svg.contains('\u{0}'), "{svg}");
    }

    #[test]
    fn no_endpoint_no_picture() {
        assert!(picture(&[]).is_none());
    }

    #[test]
    fn long_labels_keep_every_letter() {
        let label = "GET /a-very-long-route/{with_some}/{parameters}/and/a/tail (and the name of its case, which is long)";
        let lines = wrapped(label);
        assert!(lines.len() > 1 && lines.iter().all(|line| line.chars().count() <= LABEL_LETTERS), "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), label.replace(' ', ""));
    }

    #[test]
    fn a_tenth_of_the_time_is_one_decade_shorter() {
        let axis = Axis { low: -2.0, high: 2.0, left: 0, right: 400 };
        assert_eq!([0.0, 0.001, 0.01, 0.1, 10.0, 100.0, 1e9].map(|ms| axis.x(ms)), [0, 0, 0, 100, 300, 400, 400]);
    }

    proptest! {
        #[test]
        fn bars_stay_on_the_card(before in proptest::num::f64::ANY, after in proptest::num::f64::ANY) {
            let svg = picture(&[pair("", before, after), pair("", 3.0, 1e-3)]).unwrap();
            for rect in svg.lines().filter(|line| line.starts_with("<rect")) {
                let attribute = |name: &str| -> i32 {
                    rect.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next()?.parse().ok()).unwrap()
                };
                prop_assert!(attribute("x") >= 0 && attribute("width") >= 0 && attribute("x") + attribute("width") <= WIDTH, "{rect}");
            }
        }
    }
}
