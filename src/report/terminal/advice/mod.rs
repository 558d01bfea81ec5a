//! Advice: what it comes to, every endpoint before and after, and what to keep, drop, write otherwise and leave alone.

mod lists;
mod tables;

use super::super::advised::{Headline, Kind, headline};
use super::super::model::{AdviceRun, Evidence};
use super::Screen;
use super::sheet::{GREEN, RED, Sheet, YELLOW};

pub use tables::{advice_table, kept_table};

/// How much of an advice is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AdviceView {
    /// Everything that was refused and all SQL, instead of the most telling.
    pub all: bool,
}

/// What `perflab advise` says: the verdict first, then the figures, then each thing to do with its reason and its price.
pub fn advice_text(advice: &AdviceRun, view: AdviceView, screen: Screen) -> String {
    let mut sheet = Sheet::new(screen);
    verdict(&headline(advice), &mut sheet);
    match advice.evidence {
        Evidence::Measured if !advice.endpoints.is_empty() => {
            sheet.gap();
            sheet.laid_out(&advice_table(advice, screen));
        }
        Evidence::Estimated if !advice.estimates.is_empty() => {
            sheet.gap();
            sheet.laid_out(&tables::estimates_table(advice, screen));
        }
        _ => {}
    }
    lists::keep(advice, &mut sheet);
    lists::drop(advice, &mut sheet);
    lists::beside(advice, view, &mut sheet);
    lists::unsolved(advice, &mut sheet);
    lists::rejected(advice, view, &mut sheet);
    lists::notes(advice, &mut sheet);
    readable(sheet.finish(), screen)
}

fn verdict(headline: &Headline, sheet: &mut Sheet) {
    let colour = match headline.kind {
        Kind::Helps | Kind::Fine => GREEN,
        Kind::Stuck => RED,
        Kind::Estimated => YELLOW,
    };
    sheet.led(colour, &headline.lead, &headline.rest);
    headline.more.iter().for_each(|sentence| sheet.text(sentence));
}

/// Perflab's own signs in ASCII, each by as many characters, so that columns stay columns. What others named keeps its letters.
fn readable(text: String, screen: Screen) -> String {
    const SIGNS: [(char, char); 6] = [('→', '>'), ('×', 'x'), ('µ', 'u'), ('–', '-'), ('÷', '/'), ('…', '.')];
    if !screen.ascii {
        return text;
    }
    let plain = |c: char| SIGNS.iter().find(|(sign, _)| *sign == c).map_or(c, |(_, plain)| *plain);
    text.chars().map(plain).collect()
}
