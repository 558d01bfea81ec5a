//! The colours that all pictures share. Each picture stands on a card of its own, so that it looks the same on a dark page.

use plotters::style::RGBColor;

pub const CARD: RGBColor = RGBColor(255, 255, 255);
pub const INK: RGBColor = RGBColor(36, 41, 47);
pub const FAINT: RGBColor = RGBColor(101, 109, 118);
pub const GRID: RGBColor = RGBColor(228, 231, 235);
/// What something else is held against.
pub const GREY: RGBColor = RGBColor(158, 167, 179);
/// What the eye shall find.
pub const RED: RGBColor = RGBColor(207, 62, 52);
