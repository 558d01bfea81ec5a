//! The pages and tables of whole runs, as a reader sees them.

mod behind;
mod changed;
mod classes;
mod explained;
mod honest;
mod load;
mod music;
mod music_advice;
mod music_data;
mod music_load;
mod music_plans;
mod pages;
mod plan_trees;
mod published;
mod repeats;
mod robust;
mod tables;
