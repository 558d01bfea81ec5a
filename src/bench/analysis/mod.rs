//! What a load's figures mean: pure functions over what was counted.

pub mod knee;
pub mod little;
pub mod search;
pub mod usl;
