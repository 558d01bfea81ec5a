//! One [`CiRun`](super::model::ci::CiRun) in, texts out: for JUnit's readers, for a job's summary, for the lines of a
//! change. Pure, as all of `report`; what a terminal shows is in [`terminal`](super::terminal::ci_text).

mod annotations;
mod junit;
mod summary;
pub(super) mod words;

pub use annotations::annotations;
pub use junit::junit;
pub use summary::summary;

#[cfg(test)]
pub(super) mod testing;
