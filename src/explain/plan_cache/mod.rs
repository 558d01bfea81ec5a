//! Generic against custom plan: what becomes of a statement that a driver prepares on the server.
//!
//! PostgreSQL plans the first five executions of a prepared statement for their own values. From then on it takes a plan for any value
//! (the generic plan) as long as its estimated cost is not above the average of the five, planning included; `plan_cache_mode` decides
//! instead of it (PostgreSQL documentation, PREPARE, and `choose_custom_plan` in plancache.c).

pub mod compare;
pub mod prepared;
pub mod timing;
pub mod verdict;
