//! `latency.svg`: every endpoint as a pair of bars on a logarithmic axis, slowest first, with its SLO as a stroke across them.

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::drawing::{Area, Drawn, EDGE, LogAxis, TEXT, WIDTH, card, text, wide, wrapped};
use super::model::{SloUnit, Verdict};
use super::palette::{AMBER, BLUE, CARD, FAINT, GREEN, GREY, INK, RED};
use super::standing::{Standing, change, slowest};
use crate::units;

const BAR: i32 = 11;
const ROW: i32 = 34;
const HEAD: i32 = 72;
const FOOT: i32 = 34;
/// Letters of a label on one line; longer labels go on.
const LABEL_LETTERS: usize = 44;
/// Room for `72.5 ms, 1.4× faster, over 50 ms` at the end of the longest bar.
const VALUE_ROOM: i32 = 225;
/// In the legend, whose words are known.
const KEY_LETTER: i32 = 6;

/// One endpoint of the picture.
struct Bars {
    label: Vec<String>,
    before: f64,
    after: Option<(f64, RGBColor, String)>,
    /// The tightest time it promises, ms.
    limit: Option<f64>,
}

/// The picture, or `None` when no endpoint was measured.
pub(super) fn latency(standings: &[Standing]) -> Option<String> {
    let bars: Vec<Bars> = slowest(standings).into_iter().filter_map(bars_of).collect();
    if bars.is_empty() {
        return None;
    }
    let height = HEAD + ROW * i32::try_from(bars.len()).ok()?.min(10_000) + FOOT;
    card(height, |area| draw(area, &bars, height))
}

/// The tightest of an endpoint's SLOs on its times, ms.
pub(super) fn promised(standing: &Standing) -> Option<f64> {
    let slos = standing.bench.map(|bench| bench.slo.as_slice()).into_iter().chain(standing.pair.map(|pair| pair.slo.as_slice()));
    let bounds = slos.flatten().filter(|slo| slo.unit == SloUnit::Ms && slo.bound > 0.0).map(|slo| slo.bound);
    bounds.min_by(f64::total_cmp)
}

fn bars_of(standing: &Standing) -> Option<Bars> {
    let before = standing.before_ms()?;
    let after = standing.pair.zip(standing.after_ms()).map(|(pair, ms)| {
        let over = standing.still().map_or_else(String::new, |still| format!(", {still}"));
        (ms, colour(pair.verdict), format!("{}, {}{over}", units::ms(ms), change(pair)))
    });
    Some(Bars { label: wrapped(standing.label, LABEL_LETTERS), before, after, limit: promised(standing) })
}

/// Of what was measured after.
pub(super) fn colour(verdict: Verdict) -> RGBColor {
    match verdict {
        Verdict::Improved => GREEN,
        Verdict::Regressed => RED,
        Verdict::WithinNoise | Verdict::NotEnoughData => BLUE,
    }
}

fn draw<'a>(area: &Area<'a>, bars: &[Bars], height: i32) -> Drawn<'a> {
    let longest = bars.iter().flat_map(|bar| &bar.label).map(|line| wide(line)).max().unwrap_or(0);
    let times = bars.iter().flat_map(|bar| [Some(bar.before), bar.after.as_ref().map(|after| after.0), bar.limit]).flatten();
    let axis = LogAxis::over(times, EDGE + longest + 10, WIDTH - EDGE - VALUE_ROOM);
    legend(area, bars)?;
    axis.rule(area, HEAD - 8, height - FOOT)?;
    for (i, bar) in bars.iter().enumerate().take(10_000) {
        row(area, &axis, bar, HEAD + ROW * i32::try_from(i).unwrap_or(0))?;
    }
    Ok(())
}

fn legend<'a>(area: &Area<'a>, bars: &[Bars]) -> Drawn<'a> {
    let compared = bars.iter().any(|bar| bar.after.is_some());
    let title = if compared { "Median per endpoint, before and after" } else { "Median per endpoint" };
    text(area, title, (EDGE, 24), TEXT + 3.0, INK, HPos::Left)?;
    let has = |colour: RGBColor| bars.iter().any(|bar| bar.after.as_ref().is_some_and(|after| after.1 == colour));
    let keys = [
        (GREY, "before", compared),
        (GREEN, "after, faster", has(GREEN)),
        (BLUE, "after, no proven difference", has(BLUE)),
        (RED, "after, slower", has(RED)),
        (AMBER, "SLO", bars.iter().any(|bar| bar.limit.is_some())),
    ];
    let mut x = WIDTH - EDGE;
    for (colour, name, _) in keys.into_iter().rev().filter(|key| key.2) {
        x -= KEY_LETTER * i32::try_from(name.len()).unwrap_or(0) + 4;
        text(area, name, (x, 24), TEXT, FAINT, HPos::Left)?;
        let key = if colour == AMBER { [(x - 10, 16), (x - 8, 32)] } else { [(x - 18, 18), (x - 6, 30)] };
        area.draw(&Rectangle::new(key, colour.filled()))?;
        x -= 32;
    }
    Ok(())
}

fn row<'a>(area: &Area<'a>, axis: &LogAxis, bar: &Bars, top: i32) -> Drawn<'a> {
    let middle = top + BAR + 1;
    let above = 7 * (i32::try_from(bar.label.len()).unwrap_or(1) - 1);
    for (i, line) in bar.label.iter().enumerate() {
        let y = middle - above + 14 * i32::try_from(i).unwrap_or(0);
        text(area, line, (axis.left - 10, y), TEXT, INK, HPos::Right)?;
    }
    let single = bar.after.is_none();
    let first = if single { top + BAR / 2 + 2 } else { top };
    if let Some(x) = bar.limit.map(|limit| axis.x(limit)) {
        area.draw(&Rectangle::new([(x - 1, top - 5), (x + 1, top + 2 * BAR + 7)], AMBER.filled()))?;
    }
    span(area, axis, bar.before, first, GREY, &units::ms(bar.before))?;
    if let Some((ms, colour, said)) = &bar.after {
        span(area, axis, *ms, top + BAR + 2, *colour, said)?;
    }
    Ok(())
}

/// One bar with its value at the end.
fn span<'a>(area: &Area<'a>, axis: &LogAxis, ms: f64, top: i32, colour: RGBColor, said: &str) -> Drawn<'a> {
    let end = axis.x(ms).max(axis.left + 2);
    area.draw(&Rectangle::new([(axis.left, top), (end, top + BAR)], colour.filled()))?;
    // What stands behind the words, the stroke of the SLO, gives way to them.
    let words = [(end + 2, top + 1), ((end + 6 + wide(said) * 6 / 7).min(WIDTH), top + BAR - 1)];
    area.draw(&Rectangle::new(words, CARD.filled()))?;
    text(area, said, (end + 6, top + BAR / 2), TEXT - 1.0, INK, HPos::Left)
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
            ..PairedResult::default()
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
