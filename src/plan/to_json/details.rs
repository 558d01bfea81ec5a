//! The groups of fields that some nodes have.

use serde_json::{Value, json};

use super::{Object, number};
use crate::plan::{
    Buffers, CacheUse, GroupingSet, IoTimes, Jit, KeySet, Planning, Serialization, SortGroups, SortSpace, SortUse, TargetTable,
    Trigger, Wal, Worker,
};

pub(super) fn usage(into: &mut Object, buffers: Option<&Buffers>, io: Option<&IoTimes>) {
    if let Some(b) = buffers {
        for (key, blocks) in [
            ("Shared Hit Blocks", b.shared_hit),
            ("Shared Read Blocks", b.shared_read),
            ("Shared Dirtied Blocks", b.shared_dirtied),
            ("Shared Written Blocks", b.shared_written),
            ("Local Hit Blocks", b.local_hit),
            ("Local Read Blocks", b.local_read),
            ("Local Dirtied Blocks", b.local_dirtied),
            ("Local Written Blocks", b.local_written),
            ("Temp Read Blocks", b.temp_read),
            ("Temp Written Blocks", b.temp_written),
        ] {
            into.value(key, Some(blocks.into()));
        }
    }
    if let Some(io) = io {
        for (key, ms) in [
            ("I/O Read Time", io.read_ms),
            ("I/O Write Time", io.write_ms),
            ("Shared I/O Read Time", io.shared_read_ms),
            ("Shared I/O Write Time", io.shared_write_ms),
            ("Local I/O Read Time", io.local_read_ms),
            ("Local I/O Write Time", io.local_write_ms),
            ("Temp I/O Read Time", io.temp_read_ms),
            ("Temp I/O Write Time", io.temp_write_ms),
        ] {
            into.number(key, ms);
        }
    }
}

pub(super) fn wal(into: &mut Object, wal: Option<&Wal>) {
    if let Some(wal) = wal {
        into.value("WAL Records", Some(wal.records.into()));
        into.value("WAL FPI", Some(wal.full_page_images.into()));
        into.value("WAL Bytes", Some(wal.bytes.into()));
        into.value("WAL Buffers Full", Some(wal.buffers_full.into()));
    }
}

pub(super) fn sort(into: &mut Object, sort: Option<&SortUse>) {
    if let Some(sort) = sort {
        into.text("Sort Method", Some(&sort.method));
        into.number("Sort Space Used", Some(sort.space_kb));
        into.text("Sort Space Type", Some(&sort.space_type));
    }
}

pub(super) fn sort_groups(groups: &SortGroups) -> Value {
    let space = |space: SortSpace| json!({"Average Sort Space Used": number(space.average_kb), "Peak Sort Space Used": number(space.peak_kb)});
    let mut into = Object::default();
    into.number("Group Count", Some(groups.count));
    into.texts("Sort Methods Used", &groups.methods);
    into.value("Sort Space Memory", groups.memory.map(space));
    into.value("Sort Space Disk", groups.disk.map(space));
    Value::Object(into.0)
}

pub(super) fn cache(into: &mut Object, cache: Option<&CacheUse>) {
    if let Some(cache) = cache {
        into.number("Cache Hits", Some(cache.hits));
        into.number("Cache Misses", Some(cache.misses));
        into.number("Cache Evictions", Some(cache.evictions));
        into.number("Cache Overflows", Some(cache.overflows));
    }
}

pub(super) fn grouping_set(set: &GroupingSet) -> Value {
    let mut into = Object::default();
    into.texts("Sort Key", &set.sort_key);
    match &set.keys {
        KeySet::Hash(keys) => into.value("Hash Keys", Some(json!(keys))),
        KeySet::Group(keys) => into.value("Group Keys", Some(json!(keys))),
    }
    Value::Object(into.0)
}

pub(super) fn target_table(table: &TargetTable) -> Value {
    let mut into = Object::default();
    into.text("Relation Name", Some(&table.relation));
    into.text("Schema", table.schema.as_ref());
    into.text("Alias", Some(&table.alias));
    into.rest(&table.other);
    Value::Object(into.0)
}

pub(super) fn worker(worker: &Worker) -> Value {
    let mut into = Object::default();
    for (key, value) in [
        ("Worker Number", Some(worker.number)),
        ("Actual Startup Time", worker.startup_ms),
        ("Actual Total Time", worker.total_ms),
        ("Actual Rows", worker.rows),
        ("Actual Loops", worker.loops),
        ("HashAgg Batches", worker.hashagg_batches),
        ("Peak Memory Usage", worker.peak_memory_kb),
        ("Disk Usage", worker.disk_kb),
        ("Exact Heap Blocks", worker.exact_heap_blocks),
        ("Lossy Heap Blocks", worker.lossy_heap_blocks),
    ] {
        into.number(key, value);
    }
    sort(&mut into, worker.sort.as_ref());
    into.value("Full-sort Groups", worker.full_sort_groups.as_ref().map(sort_groups));
    into.value("Pre-sorted Groups", worker.presorted_groups.as_ref().map(sort_groups));
    cache(&mut into, worker.cache.as_ref());
    into.value("JIT", worker.jit.as_ref().map(jit));
    usage(&mut into, worker.buffers.as_ref(), worker.io.as_ref());
    wal(&mut into, worker.wal.as_ref());
    into.rest(&worker.other);
    Value::Object(into.0)
}

pub(super) fn jit(jit: &Jit) -> Value {
    let mut into = Object::default();
    into.number("Functions", Some(jit.functions));
    let options = json!({"Inlining": jit.inlining, "Optimization": jit.optimization, "Expressions": jit.expressions,
        "Deforming": jit.deforming});
    into.value("Options", Some(options));
    into.value(
        "Timing",
        jit.total_ms.map(|total| {
            let generation = match jit.deform_ms {
                Some(deform) => json!({"Deform": deform, "Total": jit.generation_ms}),
                None => json!(jit.generation_ms),
            };
            json!({"Generation": generation, "Inlining": jit.inlining_ms, "Optimization": jit.optimization_ms,
                "Emission": jit.emission_ms, "Total": total})
        }),
    );
    Value::Object(into.0)
}

pub(super) fn planning(planning: &Planning) -> Value {
    let mut into = Object::default();
    usage(&mut into, planning.buffers.as_ref(), planning.io.as_ref());
    into.number("Memory Used", planning.memory_used_kb);
    into.number("Memory Allocated", planning.memory_allocated_kb);
    Value::Object(into.0)
}

pub(super) fn serialization(serialization: &Serialization) -> Value {
    let mut into = Object::default();
    into.number("Time", serialization.time_ms);
    into.number("Output Volume", Some(serialization.output_kb));
    into.text("Format", Some(&serialization.format));
    usage(&mut into, serialization.buffers.as_ref(), serialization.io.as_ref());
    Value::Object(into.0)
}

pub(super) fn trigger(trigger: &Trigger) -> Value {
    let mut into = Object::default();
    into.text("Trigger Name", Some(&trigger.name));
    into.text("Constraint Name", trigger.constraint.as_ref());
    into.text("Relation", Some(&trigger.relation));
    into.number("Time", trigger.time_ms);
    into.number("Calls", Some(trigger.calls));
    Value::Object(into.0)
}
