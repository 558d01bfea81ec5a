//! Wrong estimates: which node is to blame, why, and what came of it.
//!
//! [`blame`] finds the first bad node and its cause; each cause has a rule of its own, so that one mistake is one tip.

pub(super) mod blame;
mod correlated_columns;
mod function_rows;
mod group_count_wrong;
mod nested_loop_underestimated;
mod stale_statistics;
mod wrong_estimate;

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    wrong_estimate::check,
    stale_statistics::check,
    correlated_columns::check,
    group_count_wrong::check,
    function_rows::check,
    nested_loop_underestimated::check,
];
