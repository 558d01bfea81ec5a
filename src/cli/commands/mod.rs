//! One command per file: glue between the arguments, the stages and the console.

pub mod advise;
pub mod bench;
pub mod check;
pub mod ci;
pub mod compare;
pub mod completions;
pub mod db;
pub mod explain;
pub mod learn;
pub mod merge;
pub mod migrate_check;
pub mod page;
pub mod report;
pub mod run;
pub mod schema;
pub mod seed;
pub mod why;
