//! A worker's own lines below its node: `Worker 0:  actual time=0.1..0.2 rows=3 loops=1` and what stands further in.

use serde_json::Value;

use super::figures;
use super::measures::{batches, heap_blocks, sort, sort_groups};
use super::number::{self, Mistake};
use crate::plan::Worker;

/// `Worker 3`
pub(super) fn number_of(label: &str) -> Option<f64> {
    let digits = label.strip_prefix("Worker ").or_else(|| label.strip_prefix("JIT for worker "))?;
    (digits.len() < 10 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}

/// Takes a line of a worker.
pub(super) fn take(worker: &mut Worker, label: &str, value: &str, text: &str) -> Result<(), Mistake> {
    let known = match label {
        "Sort Method" => {
            worker.sort = Some(sort(text, value)?);
            true
        }
        "Full-sort Groups" => {
            worker.full_sort_groups = Some(sort_groups(text, value)?);
            true
        }
        "Pre-sorted Groups" => {
            worker.presorted_groups = Some(sort_groups(text, value)?);
            true
        }
        "Batches" => {
            (worker.hashagg_batches, worker.peak_memory_kb, worker.disk_kb) = batches(text, value)?;
            true
        }
        "Hits" => {
            let (cache, memory) = figures::cache(text, value)?;
            (worker.cache, worker.peak_memory_kb) = (Some(cache), Some(memory));
            true
        }
        "Heap Blocks" => {
            (worker.exact_heap_blocks, worker.lossy_heap_blocks) = heap_blocks(text, value)?;
            true
        }
        _ => {
            figures::usage(&mut worker.buffers, &mut worker.io, label, value, text)?
                || figures::wal(&mut worker.wal, label, value, text)?
        }
    };
    if !known {
        // Else it could not stand among the JSON's keys.
        if label == "JIT" || label.starts_with("Worker") || label.starts_with("Actual ") {
            return Err(Mistake::at(text, label, "a label of a worker's line"));
        }
        worker.other.insert(label.to_owned(), Value::String(value.to_owned()));
    }
    Ok(())
}

/// Takes `actual time=0.1..0.2 rows=3 loops=1`; says whether the line was one.
pub(super) fn actual(worker: &mut Worker, line: &str, text: &str) -> Result<bool, Mistake> {
    let Some(figures) = line.strip_prefix("actual ") else { return Ok(false) };
    number::fields(text, figures, |key, value| {
        match key {
            "time" => (worker.startup_ms, worker.total_ms) = number::range(text, value)?,
            "rows" => worker.rows = Some(number::number(text, value)?),
            "loops" => worker.loops = Some(number::number(text, value)?),
            _ => return Err(Mistake::at(text, key, "time=, rows= or loops=")),
        }
        Ok(())
    })?;
    Ok(true)
}
