//! The groups of fields, see [`crate::plan::detail`].

use super::keep;
use super::slot::Slot;
use crate::plan::detail::*;
use crate::plan::{PlanError, Planning, Trigger};

type Read<T> = Result<T, PlanError>;

/// Takes a buffer or I/O field; says whether the key was one.
pub(super) fn usage(buffers: &mut Option<Buffers>, io: &mut Option<IoTimes>, key: &str, slot: Slot) -> Read<bool> {
    if key.ends_with(" Blocks") && take_blocks(buffers, key, slot)? {
        return Ok(true);
    }
    if !key.contains("I/O ") {
        return Ok(false);
    }
    // A key that later versions may bring leaves no empty times behind.
    let mut times = io.unwrap_or_default();
    let field = match key {
        "I/O Read Time" => &mut times.read_ms,
        "I/O Write Time" => &mut times.write_ms,
        "Shared I/O Read Time" => &mut times.shared_read_ms,
        "Shared I/O Write Time" => &mut times.shared_write_ms,
        "Local I/O Read Time" => &mut times.local_read_ms,
        "Local I/O Write Time" => &mut times.local_write_ms,
        "Temp I/O Read Time" => &mut times.temp_read_ms,
        "Temp I/O Write Time" => &mut times.temp_write_ms,
        _ => return Ok(false),
    };
    *field = Some(slot.number()?);
    *io = Some(times);
    Ok(true)
}

fn take_blocks(buffers: &mut Option<Buffers>, key: &str, slot: Slot) -> Read<bool> {
    let mut blocks = buffers.unwrap_or_default();
    let field = match key {
        "Shared Hit Blocks" => &mut blocks.shared_hit,
        "Shared Read Blocks" => &mut blocks.shared_read,
        "Shared Dirtied Blocks" => &mut blocks.shared_dirtied,
        "Shared Written Blocks" => &mut blocks.shared_written,
        "Local Hit Blocks" => &mut blocks.local_hit,
        "Local Read Blocks" => &mut blocks.local_read,
        "Local Dirtied Blocks" => &mut blocks.local_dirtied,
        "Local Written Blocks" => &mut blocks.local_written,
        "Temp Read Blocks" => &mut blocks.temp_read,
        "Temp Written Blocks" => &mut blocks.temp_written,
        _ => return Ok(false),
    };
    *field = slot.count()?;
    *buffers = Some(blocks);
    Ok(true)
}

/// Takes a WAL field; says whether the key was one.
pub(super) fn wal(wal: &mut Option<Wal>, key: &str, slot: Slot) -> Read<bool> {
    let mut usage = wal.unwrap_or_default();
    let field = match key {
        "WAL Records" => &mut usage.records,
        "WAL FPI" => &mut usage.full_page_images,
        "WAL Bytes" => &mut usage.bytes,
        "WAL Buffers Full" => &mut usage.buffers_full,
        _ => return Ok(false),
    };
    *field = slot.count()?;
    *wal = Some(usage);
    Ok(true)
}

/// Takes a field of a finished sort; says whether the key was one.
pub(super) fn sort(sort: &mut Option<SortUse>, key: &str, slot: Slot) -> Read<bool> {
    match key {
        "Sort Method" => sort.get_or_insert_default().method = slot.text()?,
        "Sort Space Used" => sort.get_or_insert_default().space_kb = slot.number()?,
        "Sort Space Type" => sort.get_or_insert_default().space_type = slot.text()?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// Takes a field of a Memoize's cache; says whether the key was one.
pub(super) fn cache(cache: &mut Option<CacheUse>, key: &str, slot: Slot) -> Read<bool> {
    let mut usage = cache.unwrap_or_default();
    let field = match key {
        "Cache Hits" => &mut usage.hits,
        "Cache Misses" => &mut usage.misses,
        "Cache Evictions" => &mut usage.evictions,
        "Cache Overflows" => &mut usage.overflows,
        _ => return Ok(false),
    };
    *field = slot.number()?;
    *cache = Some(usage);
    Ok(true)
}

pub(super) fn sort_groups(slot: Slot) -> Read<SortGroups> {
    let mut groups = SortGroups::default();
    for (key, value) in slot.object()? {
        let slot = Slot::new(value, slot.path.key(key));
        match key.as_str() {
            "Group Count" => groups.count = slot.number()?,
            "Sort Methods Used" => groups.methods = slot.texts()?,
            "Sort Space Memory" => groups.memory = Some(sort_space(slot)?),
            "Sort Space Disk" => groups.disk = Some(sort_space(slot)?),
            _ => {}
        }
    }
    Ok(groups)
}

fn sort_space(slot: Slot) -> Read<SortSpace> {
    let mut space = SortSpace::default();
    for (key, value) in slot.object()? {
        let slot = Slot::new(value, slot.path.key(key));
        match key.as_str() {
            "Average Sort Space Used" => space.average_kb = slot.number()?,
            "Peak Sort Space Used" => space.peak_kb = slot.number()?,
            _ => {}
        }
    }
    Ok(space)
}

pub(super) fn grouping_set(slot: Slot) -> Read<GroupingSet> {
    let mut set = GroupingSet::default();
    for (key, value) in slot.object()? {
        let slot = Slot::new(value, slot.path.key(key));
        match key.as_str() {
            "Sort Key" => set.sort_key = slot.texts()?,
            "Hash Keys" => set.keys = KeySet::Hash(slot.list(|slot| slot.texts())?),
            "Group Keys" => set.keys = KeySet::Group(slot.list(|slot| slot.texts())?),
            _ => {}
        }
    }
    Ok(set)
}

pub(super) fn target_table(slot: Slot) -> Read<TargetTable> {
    let mut table = TargetTable::default();
    for (key, value) in slot.object()? {
        let slot = Slot::new(value, slot.path.key(key));
        match key.as_str() {
            "Relation Name" => table.relation = slot.text()?,
            "Schema" => table.schema = Some(slot.text()?),
            "Alias" => table.alias = slot.text()?,
            _ => keep(&mut table.other, key, value),
        }
    }
    Ok(table)
}

pub(super) fn worker(slot: Slot) -> Read<Worker> {
    let mut worker = Worker::default();
    for (key, value) in slot.object()? {
        let slot = Slot::new(value, slot.path.key(key));
        match key.as_str() {
            "Worker Number" => worker.number = slot.number()?,
            "Actual Startup Time" => worker.startup_ms = Some(slot.number()?),
            "Actual Total Time" => worker.total_ms = Some(slot.number()?),
            "Actual Rows" => worker.rows = Some(slot.number()?),
            "Actual Loops" => worker.loops = Some(slot.number()?),
            "Full-sort Groups" => worker.full_sort_groups = Some(sort_groups(slot)?),
            "Pre-sorted Groups" => worker.presorted_groups = Some(sort_groups(slot)?),
            "HashAgg Batches" => worker.hashagg_batches = Some(slot.number()?),
            "Peak Memory Usage" => worker.peak_memory_kb = Some(slot.number()?),
            "Disk Usage" => worker.disk_kb = Some(slot.number()?),
            "Exact Heap Blocks" => worker.exact_heap_blocks = Some(slot.number()?),
            "Lossy Heap Blocks" => worker.lossy_heap_blocks = Some(slot.number()?),
            "JIT" => worker.jit = Some(jit(slot)?),
            key if usage(&mut worker.buffers, &mut worker.io, key, slot)?
                || wal(&mut worker.wal, key, slot)?
                || sort(&mut worker.sort, key, slot)?
                || cache(&mut worker.cache, key, slot)? => {}
            _ => keep(&mut worker.other, key, value),
        }
    }
    Ok(worker)
}

pub(super) fn jit(slot: Slot) -> Read<Jit> {
    let mut jit = Jit::default();
    for (key, value) in slot.object()? {
        let slot = Slot::new(value, slot.path.key(key));
        match key.as_str() {
            "Functions" => jit.functions = slot.number()?,
            "Options" => jit_options(&mut jit, slot)?,
            "Timing" => jit_timing(&mut jit, slot)?,
            _ => {}
        }
    }
    Ok(jit)
}

fn jit_options(jit: &mut Jit, slot: Slot) -> Read<()> {
    for (key, value) in slot.object()? {
        let slot = Slot::new(value, slot.path.key(key));
        match key.as_str() {
            "Inlining" => jit.inlining = slot.flag()?,
            "Optimization" => jit.optimization = slot.flag()?,
            "Expressions" => jit.expressions = slot.flag()?,
            "Deforming" => jit.deforming = slot.flag()?,
            _ => {}
        }
    }
    Ok(())
}

fn jit_timing(jit: &mut Jit, slot: Slot) -> Read<()> {
    for (key, value) in slot.object()? {
        let slot = Slot::new(value, slot.path.key(key));
        match key.as_str() {
            // An object from PostgreSQL 17 on.
            "Generation" if value.is_object() => {
                for (key, value) in slot.object()? {
                    let slot = Slot::new(value, slot.path.key(key));
                    match key.as_str() {
                        "Deform" => jit.deform_ms = Some(slot.number()?),
                        "Total" => jit.generation_ms = slot.number()?,
                        _ => {}
                    }
                }
            }
            "Generation" => jit.generation_ms = slot.number()?,
            "Inlining" => jit.inlining_ms = slot.number()?,
            "Optimization" => jit.optimization_ms = slot.number()?,
            "Emission" => jit.emission_ms = slot.number()?,
            "Total" => jit.total_ms = Some(slot.number()?),
            _ => {}
        }
    }
    Ok(())
}

pub(super) fn planning(slot: Slot) -> Read<Planning> {
    let mut planning = Planning::default();
    for (key, value) in slot.object()? {
        let slot = Slot::new(value, slot.path.key(key));
        match key.as_str() {
            "Memory Used" => planning.memory_used_kb = Some(slot.number()?),
            "Memory Allocated" => planning.memory_allocated_kb = Some(slot.number()?),
            key => {
                usage(&mut planning.buffers, &mut planning.io, key, slot)?;
            }
        }
    }
    Ok(planning)
}

pub(super) fn serialization(slot: Slot) -> Read<Serialization> {
    let mut serialization = Serialization::default();
    for (key, value) in slot.object()? {
        let slot = Slot::new(value, slot.path.key(key));
        match key.as_str() {
            "Time" => serialization.time_ms = Some(slot.number()?),
            "Output Volume" => serialization.output_kb = slot.number()?,
            "Format" => serialization.format = slot.text()?,
            key => {
                usage(&mut serialization.buffers, &mut serialization.io, key, slot)?;
            }
        }
    }
    Ok(serialization)
}

pub(super) fn trigger(slot: Slot) -> Read<Trigger> {
    let mut trigger = Trigger::default();
    for (key, value) in slot.object()? {
        let slot = Slot::new(value, slot.path.key(key));
        match key.as_str() {
            "Trigger Name" => trigger.name = slot.text()?,
            "Constraint Name" => trigger.constraint = Some(slot.text()?),
            "Relation" => trigger.relation = slot.text()?,
            "Time" => trigger.time_ms = Some(slot.number()?),
            "Calls" => trigger.calls = slot.number()?,
            _ => {}
        }
    }
    Ok(trigger)
}

pub(super) fn settings(slot: Slot) -> Read<Vec<(String, String)>> {
    slot.object()?.iter().map(|(key, value)| Ok((key.clone(), Slot::new(value, slot.path.key(key)).scalar()?))).collect()
}
