//! The report as one page of HTML, in a real browser.

mod acting;
mod browser;
mod commands;
#[path = "../common/mod.rs"]
mod common;
mod find;
mod hostile;
mod reading;
mod report;
