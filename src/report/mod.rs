//! One [`model::Run`] in, pages and pictures out. Pure: no database, no clock, no environment.
//!
//! - [`markdown::render`] writes `report.md` and the pictures beside it;
//! - [`terminal`] lays out the tables that the commands print;
//! - [`plan_tree`] draws plans as trees, for both;
//! - [`json`] writes and reads `run.json`, the value that all of it comes from.
//!
//! Nothing here decides what is fast or which index pays: that is in the run. What is derived (a ratio turned around, a sum, which
//! endpoints are slow) is derived once, in `standing`.

mod advised;
pub mod bars;
mod charts;
mod checked;
mod checks;
pub mod ci;
mod drawing;
pub mod error;
pub mod html;
pub mod json;
pub mod markdown;
mod measures;
pub mod migration;
pub mod model;
mod other_ways;
mod palette;
pub mod plan_tree;
pub mod published;
mod sparkline;
mod standing;
pub mod terminal;
mod tips;
mod under_load;
pub mod why;
mod wording;
