//! The service under load.
//!
//! A phase of `load:` becomes steps ([`phase`]); a step runs on one thread per core ([`step`], [`worker`]), each with an event loop, its
//! connections and its clients ([`closed`]) or its part of the schedule ([`open`]). What a thread counts ([`tally`]) falls into windows of
//! time that all threads share ([`gate`]). The server is behind a seam ([`execute`]), so that a fake one can stall.

pub mod closed;
pub mod cpu;
pub mod execute;
pub mod gate;
pub mod judge;
pub mod lane;
pub mod mix;
pub mod open;
pub mod phase;
pub mod plan;
pub mod result;
pub mod room;
pub mod schedule;
pub mod steady;
pub mod step;
pub mod tally;
#[cfg(test)]
mod tests;
pub mod timer;
pub mod worker;
