//! The colours that all pictures share. Each picture stands on a card of its own, which is dark where the reader's screen is.

use plotters::style::RGBColor;

pub const CARD: RGBColor = RGBColor(255, 255, 255);
pub const INK: RGBColor = RGBColor(36, 41, 47);
pub const FAINT: RGBColor = RGBColor(101, 109, 118);
pub const GRID: RGBColor = RGBColor(228, 231, 235);
/// What something else is held against.
pub const GREY: RGBColor = RGBColor(158, 167, 179);
/// What the eye shall find.
pub const RED: RGBColor = RGBColor(207, 62, 52);
/// What became better.
pub const GREEN: RGBColor = RGBColor(26, 127, 95);
/// What stayed, and what is one of many.
pub const BLUE: RGBColor = RGBColor(84, 110, 165);
/// A promise.
pub const AMBER: RGBColor = RGBColor(191, 135, 0);
/// p50, p95 and p99 of the service time, and of the response time.
pub const SERVICE: [RGBColor; 3] = [RGBColor(150, 205, 184), RGBColor(72, 163, 130), RGBColor(16, 112, 82)];
pub const RESPONSE: [RGBColor; 3] = [RGBColor(176, 192, 226), RGBColor(114, 139, 192), RGBColor(62, 88, 148)];

/// What each colour is on a dark card: what stands out there is what is light.
const DARK: [(RGBColor, &str); 15] = [
    (CARD, "#0d1117"),
    (INK, "#e6edf3"),
    (FAINT, "#9198a1"),
    (GRID, "#2a313c"),
    (GREY, "#6e7681"),
    (RED, "#f47067"),
    (GREEN, "#3fb68b"),
    (BLUE, "#7c9bd6"),
    (AMBER, "#d29922"),
    (SERVICE[0], "#1f5f4a"),
    (SERVICE[1], "#48a382"),
    (SERVICE[2], "#96cdb8"),
    (RESPONSE[0], "#3a4a70"),
    (RESPONSE[1], "#728bc0"),
    (RESPONSE[2], "#b0c0e2"),
];

/// The picture with a second set of colours, for who reads with a dark screen. A program that knows no such rule shows the light card.
pub fn themed(svg: &str) -> String {
    let rule = |(light, dark): &(RGBColor, &str)| {
        let RGBColor(red, green, blue) = light;
        let light = format!("#{red:02X}{green:02X}{blue:02X}");
        format!(".perflab [fill=\"{light}\"]{{fill:{dark}}}.perflab [stroke=\"{light}\"]{{stroke:{dark}}}")
    };
    let rules: String = DARK.iter().map(rule).collect();
    let style = format!("<style>@media (prefers-color-scheme:dark){{{rules}}}</style>");
    match svg.split_once('>') {
        Some((root, rest)) => format!("{} class=\"perflab\">\n{style}{rest}", root.trim_end()),
        None => svg.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_has_its_dark_one() {
        let svg = themed("<svg width=\"9\">\n<rect fill=\"#FFFFFF\"/>\n</svg>\n");
        assert!(svg.starts_with("<svg width=\"9\" class=\"perflab\">\n<style>@media (prefers-color-scheme:dark){"), "{svg}");
        assert!(svg.contains(".perflab [fill=\"#FFFFFF\"]{fill:#0d1117}") && svg.ends_with("<rect fill=\"#FFFFFF\"/>\n</svg>\n"));
        let mut lights: Vec<_> = DARK.iter().map(|(RGBColor(r, g, b), _)| (r, g, b)).collect();
        lights.sort();
        lights.dedup();
        assert_eq!(lights.len(), DARK.len(), "a colour that is there twice would be two dark ones at once");
    }
}
