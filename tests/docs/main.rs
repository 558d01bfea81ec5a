//! What the pages show is what the program does: commands, scenarios, links, and the guide from its first line to its last.

#[path = "../common/mod.rs"]
mod common;

mod commands;
mod guide;
mod json;
mod links;
mod pages;
mod scenarios;
mod shown;
