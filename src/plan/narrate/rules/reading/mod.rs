//! Reading too much: more rows, blocks or bytes than the result needs.

mod bitmap_and;
mod bitmap_lossy;
mod bloat;
mod heap_fetches;
mod index_condition_weak;
mod index_only_possible;
mod index_scan_filters;
mod limit_fooled;
mod needed;
mod no_btree_serves_it;
mod offset_paging;
mod optional_parameter;
mod or_across_columns;
mod partitions_not_pruned;
mod reads_to_return;
mod scattered_heap;
mod seq_scan_discards;
mod seq_scan_keeps;
mod type_mismatch;
mod whole_table_aggregate;
mod whole_table_window;
mod wide_rows;

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    seq_scan_discards::check,
    seq_scan_keeps::check,
    index_scan_filters::check,
    index_condition_weak::check,
    bitmap_lossy::check,
    bitmap_and::check,
    or_across_columns::check,
    heap_fetches::check,
    index_only_possible::check,
    scattered_heap::check,
    bloat::check,
    wide_rows::check,
    reads_to_return::check,
    whole_table_window::check,
    offset_paging::check,
    no_btree_serves_it::check,
    optional_parameter::check,
    type_mismatch::check,
    partitions_not_pruned::check,
    // The LIMIT's estimate goes wrong, but what it does is to read too much.
    limit_fooled::check,
    whole_table_aggregate::check,
];
