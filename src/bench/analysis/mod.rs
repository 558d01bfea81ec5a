//! What the steps of a load say together: the law a sweep follows, where more clients stop paying, whether the figures fit
//! each other, and which rate a search tries next.
//!
//! Pure functions over figures: no database, no clock. The engine calls them, the report shows what they return.

pub mod knee;
pub mod little;
pub mod search;
pub mod usl;
