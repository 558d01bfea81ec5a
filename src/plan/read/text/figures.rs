//! Lines made of figures: `Buffers:`, `I/O Timings:`, `WAL:`, the hash table's and the cache's.

use super::number::{Mistake, count, kilobytes, number, parts};
use crate::plan::{Buffers, CacheUse, HashUse, IoTimes, Wal};

/// Takes `Buffers:` and `I/O Timings:`; says whether the label was one.
pub(super) fn usage(
    into: &mut Option<Buffers>,
    io: &mut Option<IoTimes>,
    label: &str,
    value: &str,
    text: &str,
) -> Result<bool, Mistake> {
    match label {
        "Buffers" => *into = Some(buffers(text, value)?),
        "I/O Timings" => *io = Some(timings(text, value)?),
        _ => return Ok(false),
    }
    Ok(true)
}

/// `shared hit=3 read=1, temp read=7 written=7`
fn buffers(text: &str, value: &str) -> Result<Buffers, Mistake> {
    let mut blocks = Buffers::default();
    grouped(text, value, |group, key, value| {
        let field = match (group, key) {
            ("shared", "hit") => &mut blocks.shared_hit,
            ("shared", "read") => &mut blocks.shared_read,
            ("shared", "dirtied") => &mut blocks.shared_dirtied,
            ("shared", "written") => &mut blocks.shared_written,
            ("local", "hit") => &mut blocks.local_hit,
            ("local", "read") => &mut blocks.local_read,
            ("local", "dirtied") => &mut blocks.local_dirtied,
            ("local", "written") => &mut blocks.local_written,
            ("temp", "read") => &mut blocks.temp_read,
            ("temp", "written") => &mut blocks.temp_written,
            _ => return Err(Mistake::at(text, key, "hit=, read=, dirtied= or written= of shared, local or temp")),
        };
        *field = count(text, value)?;
        Ok(())
    })?;
    Ok(blocks)
}

/// `shared/local read=1.500, temp read=0.250`; the figure that is not there beside one that is was zero.
fn timings(text: &str, value: &str) -> Result<IoTimes, Mistake> {
    let mut io = IoTimes::default();
    grouped(text, value, |group, key, value| {
        let (read, write) = match group {
            "" => (&mut io.read_ms, &mut io.write_ms),
            // The first minor versions of PostgreSQL 15 and 16, which have the temporary files' beside it.
            "shared/local" => {
                io.temp_read_ms.get_or_insert_default();
                io.temp_write_ms.get_or_insert_default();
                (&mut io.read_ms, &mut io.write_ms)
            }
            "shared" => (&mut io.shared_read_ms, &mut io.shared_write_ms),
            "local" => (&mut io.local_read_ms, &mut io.local_write_ms),
            "temp" => (&mut io.temp_read_ms, &mut io.temp_write_ms),
            _ => return Err(Mistake::at(text, group, "shared, local or temp")),
        };
        let field = match key {
            "read" => {
                write.get_or_insert_default();
                read
            }
            "write" => {
                read.get_or_insert_default();
                write
            }
            _ => return Err(Mistake::at(text, key, "read= or write=")),
        };
        *field = Some(number(text, value)?);
        Ok(())
    })?;
    Ok(io)
}

/// `group key=value key=value, group key=value`
fn grouped<'a>(
    text: &str,
    list: &'a str,
    mut take: impl FnMut(&'a str, &'a str, &'a str) -> Result<(), Mistake>,
) -> Result<(), Mistake> {
    let mut group = "";
    for word in list.split([',', ' ', '\t']).filter(|word| !word.is_empty()) {
        match word.split_once('=') {
            Some((key, value)) => take(group, key, value)?,
            None => group = word,
        }
    }
    if list.trim().is_empty() { Err(Mistake::at(text, list, "figures like hit=1")) } else { Ok(()) }
}

/// Takes `WAL: records=6 fpi=1 bytes=448 buffers full=2`; says whether the label was it.
pub(super) fn wal(into: &mut Option<Wal>, label: &str, value: &str, text: &str) -> Result<bool, Mistake> {
    if label != "WAL" {
        return Ok(false);
    }
    let mut wal = Wal::default();
    grouped(text, value, |_, key, value| {
        let field = match key {
            "records" => &mut wal.records,
            "fpi" => &mut wal.full_page_images,
            "bytes" => &mut wal.bytes,
            "full" => &mut wal.buffers_full,
            _ => return Err(Mistake::at(text, key, "records=, fpi=, bytes= or buffers full=")),
        };
        *field = count(text, value)?;
        Ok(())
    })?;
    *into = Some(wal);
    Ok(true)
}

/// `1024 (originally 512)  Batches: 1 (originally 1)  Memory Usage: 9kB`: the table and its kB.
pub(super) fn hash(text: &str, value: &str) -> Result<(HashUse, f64), Mistake> {
    let (buckets, [batches, memory]) = parts(text, "Buckets", value, ["Batches", "Memory Usage"])?;
    let (buckets, original_buckets) = originally(text, buckets)?;
    let (batches, original_batches) = originally(text, batches)?;
    Ok((HashUse { buckets, original_buckets, batches, original_batches }, kilobytes(text, memory)?))
}

fn originally(text: &str, value: &str) -> Result<(f64, f64), Mistake> {
    let Some((now, before)) = value.split_once("(originally") else {
        let now = number(text, value)?;
        return Ok((now, now));
    };
    let before = before.trim().strip_suffix(')').ok_or_else(|| Mistake::at(text, before, "a number and `)`"))?;
    Ok((number(text, now.trim())?, number(text, before)?))
}

/// `2089  Misses: 911  Evictions: 0  Overflows: 0  Memory Usage: 100kB`: the counts and the kB.
pub(super) fn cache(text: &str, value: &str) -> Result<(CacheUse, f64), Mistake> {
    let labels = ["Misses", "Evictions", "Overflows", "Memory Usage"];
    let (hits, [misses, evictions, overflows, memory]) = parts(text, "Hits", value, labels)?;
    let number = |value| number(text, value);
    let cache =
        CacheUse { hits: number(hits)?, misses: number(misses)?, evictions: number(evictions)?, overflows: number(overflows)? };
    Ok((cache, kilobytes(text, memory)?))
}
