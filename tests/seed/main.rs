//! Rows in a real server: what was asked is there, what was taken away is back.

mod checks;
#[path = "../common/mod.rs"]
mod common;
mod derived;
mod etl;
mod fidelity;
mod files;
mod growth;
mod music;
mod partitions;
mod random;
mod seeding;
mod shapes;
mod structure;
mod trial;
mod types;
mod values;
