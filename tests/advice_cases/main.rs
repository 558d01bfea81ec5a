//! What is advised of small databases that each pose one question.
//!
//! A case is a test: tables and their rows, endpoints, and what must be advised (see [`case::Case`]). To add one, take the file of its
//! family; the expectation is what a careful engineer would do by hand, not what the program does today. Where two answers are as good,
//! both are accepted; where only the clock decides, the case needs other rows. An index that must be kept saves fifty times its cost
//! here, one that must not saves nothing, so that no answer hangs on a busy machine.

#[path = "../common/mod.rs"]
mod common;

mod case;
mod expectation;
mod outcome;
mod tables;

mod arrays;
mod beyond;
mod cascades;
mod covering;
mod cte;
mod equality;
mod existing;
mod expressions;
mod failures;
mod geometry;
mod joins;
mod json;
mod merge;
mod methods;
mod names;
mod none;
mod order;
mod partial;
mod partitions;
mod patterns;
mod repeat;
mod skew;
mod text_search;
mod traps;
mod types;
mod views;
mod weights;
mod writes;
