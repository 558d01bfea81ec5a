//! What the commands print: tables of rows asked and got, of endpoints timed, of endpoints before and after, of indexes kept; and plans
//! with what they mean.
//!
//! Each takes a part of a run and the [`Screen`] it is for and returns text without a newline at its end. Nothing is printed here,
//! and neither the terminal nor `NO_COLOR` is asked: who prints has decided already. Colour says nothing that a word does not.
//! On a narrow screen the columns that matter least are left out.

mod advice;
mod bench;
mod ci;
mod classes;
mod comparison;
mod explain;
mod grid;
mod load;
mod migration_check;
mod promises;
mod seed;
mod seed_files;
mod seed_shapes;
mod sheet;
mod variants;

pub use advice::{AdviceView, advice_table, advice_text, kept_table};
pub use bench::bench_table;
pub use ci::ci_text;
pub use classes::classes_table;
pub use comparison::comparison_text;
pub use explain::{explanation, plan};
pub use load::load_text;
pub use migration_check::migration_text;
pub use promises::promises_text;
pub use seed::{seed_table, seed_text};
pub use variants::variants_text;

/// How plans are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PlanLayout {
    /// One row per node with its own figures, see [`plan_tree`](super::plan_tree).
    #[default]
    Tree,
    /// As PostgreSQL prints them.
    Text,
}

/// How plans are shown, and how much of what they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PlanView {
    pub layout: PlanLayout,
    /// Every tip, instead of the three worth most.
    pub all_tips: bool,
}

impl From<PlanLayout> for PlanView {
    fn from(layout: PlanLayout) -> PlanView {
        PlanView { layout, all_tips: false }
    }
}

/// What a text is laid out for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Characters in a line.
    pub width: usize,
    /// Whether ANSI colours are wanted.
    pub color: bool,
    /// Only ASCII can be shown.
    pub ascii: bool,
}
