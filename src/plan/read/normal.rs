//! What text tells of a plan, so that a plan read from text can be compared with the JSON of the same execution.

use serde_json::{Map, Value};

use crate::plan::{Buffers, IoTimes, Plan, PlanNode, Wal, Worker};

impl Plan {
    /// The plan with everything taken out that EXPLAIN's text leaves out. Plans read from the text and from the JSON of one
    /// execution are equal after it. The text does not tell:
    ///
    /// - counts that are zero: removed rows, heap blocks, buffers, I/O times, WAL, tuples of MERGE, planned partitions, disk usage; whether
    ///   there were BUFFERS, WAL or SETTINGS at all when all of it is zero;
    /// - `Inner Unique`, `Disabled` and `Single Copy` when false;
    /// - the names of triggers of constraints, without VERBOSE, and their tables, when only one is written to;
    /// - workers of whom nothing is said;
    /// - whether a function with an alias like its name has one (both are taken for given);
    /// - whether I/O times of PostgreSQL 15 and 16 are those of shared blocks alone;
    /// - whether a value that perflab does not know is a string or a number;
    /// - whether the child of an INSERT, UPDATE or DELETE is an only one (`Outer`) or one of several (`Member`, before
    ///   PostgreSQL 14).
    pub fn as_text_tells(&self) -> Plan {
        let mut plan = self.clone();
        let verbose = super::super::walk::nodes(&self.root).any(|node| node.schema.is_some() || !node.output.is_empty());
        node(&mut plan.root, verbose);
        if let Some(planning) = &mut plan.planning {
            none_of_zero(&mut planning.buffers);
            io(&mut planning.io);
        }
        let said = |planning: &super::super::Planning| {
            planning.buffers.is_some() || planning.io.is_some() || planning.memory_used_kb.is_some()
        };
        plan.planning = plan.planning.filter(said);
        if let Some(serialization) = &mut plan.serialization {
            none_of_zero(&mut serialization.buffers);
            io(&mut serialization.io);
        }
        plan.settings = plan.settings.filter(|settings| !settings.is_empty());
        for trigger in plan.triggers.iter_mut().flatten().filter(|trigger| !verbose && trigger.constraint.is_some()) {
            trigger.name.clear();
        }
        as_strings(&mut plan.other);
        plan.form = None;
        plan
    }
}

fn node(node: &mut PlanNode, verbose: bool) {
    for count in [
        &mut node.removed_by_filter,
        &mut node.removed_by_index_recheck,
        &mut node.removed_by_join_filter,
        &mut node.exact_heap_blocks,
        &mut node.lossy_heap_blocks,
        &mut node.planned_partitions,
        &mut node.subplans_removed,
        &mut node.disk_kb,
    ] {
        none_of_zero(count);
    }
    for flag in [&mut node.disabled, &mut node.single_copy, &mut node.inner_unique] {
        none_of_zero(flag);
    }
    if !verbose {
        (node.inner_unique, node.function_call, node.table_function_call) = (None, None, None);
    }
    if node.scan_direction.as_deref() == Some("NoMovement") {
        node.scan_direction = Some("Forward".to_owned());
    }
    if node.node_type == "Function Scan" && node.function.is_none() {
        node.function.clone_from(&node.alias);
    }
    if node.node_type == "ModifyTable" {
        let members = |child: &&mut PlanNode| child.parent_relationship.as_deref() == Some("Member");
        for child in node.children.iter_mut().filter(members) {
            child.parent_relationship = Some("Outer".to_owned());
        }
    }
    if let Some(conflict) = &mut node.conflict {
        none_of_zero(&mut conflict.removed_by_filter);
    }
    if let Some(merge) = &mut node.merge
        && node.operation.as_deref() == Some("Merge")
    {
        [&mut merge.inserted, &mut merge.updated, &mut merge.deleted, &mut merge.skipped].into_iter().for_each(none_of_zero);
    }
    none_of_zero(&mut node.merge);
    none_of_zero(&mut node.buffers);
    none_of_zero(&mut node.wal);
    io(&mut node.io);
    as_strings(&mut node.other);
    node.workers.iter_mut().for_each(worker);
    node.workers.retain(|worker| *worker != Worker { number: worker.number, ..Worker::default() });
    node.children.iter_mut().for_each(|child| self::node(child, verbose));
}

fn worker(worker: &mut Worker) {
    none_of_zero(&mut worker.exact_heap_blocks);
    none_of_zero(&mut worker.lossy_heap_blocks);
    none_of_zero(&mut worker.disk_kb);
    none_of_zero::<Buffers>(&mut worker.buffers);
    none_of_zero::<Wal>(&mut worker.wal);
    io(&mut worker.io);
    as_strings(&mut worker.other);
}

fn none_of_zero<T: Default + PartialEq>(value: &mut Option<T>) {
    if *value == Some(T::default()) {
        *value = None;
    }
}

fn io(io: &mut Option<IoTimes>) {
    if let Some(io) = io {
        // PostgreSQL 15 and 16 call `shared` what JSON calls nothing.
        io.shared_read_ms = io.shared_read_ms.or(io.read_ms.take());
        io.shared_write_ms = io.shared_write_ms.or(io.write_ms.take());
        for ms in [
            &mut io.read_ms,
            &mut io.write_ms,
            &mut io.shared_read_ms,
            &mut io.shared_write_ms,
            &mut io.local_read_ms,
            &mut io.local_write_ms,
            &mut io.temp_read_ms,
            &mut io.temp_write_ms,
        ] {
            none_of_zero(ms);
        }
    }
    none_of_zero(io);
}

fn as_strings(other: &mut Map<String, Value>) {
    for value in other.values_mut().filter(|value| value.is_number() || value.is_boolean()) {
        *value = Value::String(value.to_string());
    }
}
