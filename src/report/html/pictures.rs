//! The report's pictures as a part of the page, in colours that follow it.
//!
//! A picture is drawn in fixed colours on a white card. Where the page is dark, a rule per colour gives another one: the picture's own where
//! it brings a style sheet that says so, else one as far from black as the first is from white.

use std::collections::{BTreeMap, HashMap};

/// The pictures by the file that the Markdown links to.
pub(super) struct Pictures {
    svgs: HashMap<String, String>,
    /// Every colour of a picture, in upper case, and what it is in the dark.
    colours: BTreeMap<String, String>,
}

impl Pictures {
    /// Those of the report's files that are pictures.
    pub(super) fn of(files: &[(String, Vec<u8>)]) -> Pictures {
        let mut pictures = Pictures { svgs: HashMap::new(), colours: BTreeMap::new() };
        for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".svg")) {
            let svg = pictures.adapted(&String::from_utf8_lossy(bytes));
            pictures.svgs.insert(path.clone(), svg);
        }
        pictures
    }

    /// The picture as an element; `None` when the report has no such file.
    pub(super) fn inline(&self, address: &str, alt: &str) -> Option<String> {
        let svg = self.svgs.get(address.trim_start_matches("./"))?;
        let (class, alt) = ("class=\"picture\" role=\"img\"", super::escape::text(alt));
        Some(format!("<span {class} aria-label=\"{alt}\">{svg}</span>"))
    }

    /// CSS for the dark, one rule per colour.
    pub(super) fn rules(&self) -> String {
        let rule = |(light, dark): (&String, &String)| {
            let both = format!("light-dark({light},{dark})");
            // Selectors tell upper from lower case in values of attributes unless they say otherwise.
            format!(".picture [fill=\"{light}\" i]{{fill:{both}}}.picture [stroke=\"{light}\" i]{{stroke:{both}}}\n")
        };
        self.colours.iter().map(rule).collect()
    }

    /// The picture without its style sheet, whose colours are noted, and without what stands before the root element.
    fn adapted(&mut self, svg: &str) -> String {
        let mut whole = &svg[svg.find("<svg").unwrap_or(0)..];
        let mut adapted = String::with_capacity(whole.len());
        while let Some((before, after)) = whole.split_once("<style>") {
            let (sheet, rest) = after.split_once("</style>").unwrap_or((after, ""));
            self.colours.extend(dark_colours(sheet));
            adapted.push_str(before);
            whole = rest;
        }
        adapted.push_str(whole);
        for attribute in ["fill=\"#", "stroke=\"#"] {
            for value in adapted.split(attribute).skip(1).filter_map(|rest| rest.get(..6)) {
                let light = format!("#{}", value.to_ascii_uppercase());
                if let (false, Some(dark)) = (self.colours.contains_key(&light), in_the_dark(value)) {
                    self.colours.insert(light, dark);
                }
            }
        }
        // Line breaks around a text would be shown as blanks by nobody, and are most of the file's lines.
        adapted.replace("\n</text>", "</text>").trim().to_owned()
    }
}

/// The pairs of `[fill="#FFFFFF"]{fill:#0D1117}`.
fn dark_colours(sheet: &str) -> Vec<(String, String)> {
    let pair = |rest: &str| {
        let (light, rule) = rest.split_once('"')?;
        let dark = rule.split_once("{fill:")?.1.split(['}', ';']).next()?;
        let are_colours = [light, dark].iter().all(|one| one.strip_prefix('#').is_some_and(|digits| channels(digits).is_some()));
        are_colours.then(|| (light.to_ascii_uppercase(), dark.to_ascii_uppercase()))
    };
    sheet.split("[fill=\"").skip(1).filter_map(pair).collect()
}

/// What stands on white stands on the cards of the page where it is dark.
const CARD: &str = "#171C23";
/// Lightness of the darkest and of the lightest on such a card.
const DARKEST: f64 = 0.12;
const LIGHTEST: f64 = 0.93;

/// The colour of the same hue whose lightness (of HSL) is turned around.
fn in_the_dark(digits: &str) -> Option<String> {
    let rgb = channels(digits)?;
    if rgb == [1.0; 3] {
        return Some(CARD.to_owned());
    }
    let (most, least) = (rgb.iter().copied().fold(0.0, f64::max), rgb.iter().copied().fold(1.0, f64::min));
    let light = f64::midpoint(most, least);
    let turned = LIGHTEST - (LIGHTEST - DARKEST) * light;
    // What the eye shall find stays a colour: neither ink nor card.
    let turned = if most - least > 0.2 { turned.clamp(0.48, 0.64) } else { turned };
    let room = |light: f64| 1.0 - (2.0 * light - 1.0).abs();
    let scale = if room(light) > 1e-9 { (room(turned) / room(light)).min(1.1) } else { 0.0 };
    let shown = rgb.map(|channel| (((channel - light) * scale + turned).clamp(0.0, 1.0) * 255.0).round() as u8);
    Some(format!("#{:02X}{:02X}{:02X}", shown[0], shown[1], shown[2]))
}

/// Red, green and blue, each 0 to 1, of six hexadecimal digits.
fn channels(digits: &str) -> Option<[f64; 3]> {
    if digits.len() != 6 || !digits.is_ascii() {
        return None;
    }
    let channel = |from: usize| u8::from_str_radix(&digits[from..from + 2], 16).ok().map(|value| f64::from(value) / 255.0);
    Some([channel(0)?, channel(2)?, channel(4)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_lose_their_sheet_and_keep_its_colours() {
        let svg = "<?xml version=\"1.0\"?><svg width=\"9\">\n<style>@media (prefers-color-scheme:dark){.p [fill=\"#ffffff\"]{fill:#0d1117}\
                   .p [stroke=\"#ffffff\"]{stroke:#0d1117}}</style><rect fill=\"#FFFFFF\"/><path stroke=\"#24292F\"/></svg>\n";
        let pictures = Pictures::of(&[("a.svg".into(), svg.into()), ("report.md".into(), Vec::new())]);
        let shown = pictures.inline("./a.svg", "\"a\" & b").unwrap();
        assert!(shown.contains("aria-label=\"&quot;a&quot; &amp; b\"><svg width=\"9\">\n<rect"), "{shown}");
        assert!(!shown.contains("style") && pictures.inline("b.svg", "").is_none());
        let rules = pictures.rules();
        assert!(rules.contains(".picture [fill=\"#FFFFFF\" i]{fill:light-dark(#FFFFFF,#0D1117)}"), "{rules}");
        assert!(rules.contains("[stroke=\"#24292F\" i]"), "{rules}");
    }

    #[test]
    fn light_and_dark_change_places_and_hues_stay() {
        let lightness = |colour: &str| channels(&colour[1..]).unwrap().iter().sum::<f64>() / 3.0;
        assert!(lightness(&in_the_dark("FFFFFF").unwrap()) < 0.12 && lightness(&in_the_dark("24292F").unwrap()) > 0.7);
        let [red, green, blue] = channels(&in_the_dark("CF3E34").unwrap()[1..]).unwrap();
        assert!(red > green + 0.3 && red > blue + 0.3);
        assert_eq!([in_the_dark("12345"), in_the_dark("12345g")], [None, None]);
    }
}
