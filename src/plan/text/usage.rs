//! `Buffers:`, `I/O Timings:` and `WAL:`. Zero counters are not shown.

use super::writer::Writer;
use crate::plan::{Buffers, IoTimes, Wal};

/// Whether [`buffers`] would print anything.
pub(super) fn any(buffers: Option<&Buffers>, io: Option<&IoTimes>) -> bool {
    buffers.is_some_and(|buffers| *buffers != Buffers::default()) || io.is_some_and(|io| io_groups(io, "").next().is_some())
}

pub(super) fn buffers(w: &mut Writer, buffers: Option<&Buffers>, io: Option<&IoTimes>) {
    if !w.options.buffers {
        return;
    }
    if let Some(b) = buffers {
        let groups = [
            (
                "shared",
                vec![
                    ("hit", b.shared_hit),
                    ("read", b.shared_read),
                    ("dirtied", b.shared_dirtied),
                    ("written", b.shared_written),
                ],
            ),
            (
                "local",
                vec![("hit", b.local_hit), ("read", b.local_read), ("dirtied", b.local_dirtied), ("written", b.local_written)],
            ),
            ("temp", vec![("read", b.temp_read), ("written", b.temp_written)]),
        ];
        let shown: Vec<String> = groups.iter().filter_map(|(name, counters)| group(name, counters)).collect();
        w.list("Buffers", &shown);
    }
    if let Some(io) = io {
        let both = if w.plan.form.is_some() { "shared/local " } else { "shared " };
        let shown: Vec<String> = io_groups(io, both).collect();
        w.list("I/O Timings", &shown);
    }
}

/// `shared hit=3 read=1`, or nothing when all are zero.
fn group(name: &str, counters: &[(&str, u64)]) -> Option<String> {
    let shown: Vec<String> = counters.iter().filter(|(_, n)| *n > 0).map(|(what, n)| format!("{what}={n}")).collect();
    (!shown.is_empty()).then(|| format!("{name} {}", shown.join(" ")))
}

/// PostgreSQL up to 14 prints `read=…` alone, 15 and 16 call the same `shared` beside `temp`, 17 tells shared from local. The first
/// minor versions of 15 and 16 wrote `shared/local`, which a plan read from text has: `both` is what to call it.
fn io_groups<'a>(io: &'a IoTimes, both: &'a str) -> impl Iterator<Item = String> + 'a {
    let both = if io.temp_read_ms.or(io.temp_write_ms).is_some() { both } else { "" };
    [
        (both, io.read_ms, io.write_ms),
        ("shared ", io.shared_read_ms, io.shared_write_ms),
        ("local ", io.local_read_ms, io.local_write_ms),
        ("temp ", io.temp_read_ms, io.temp_write_ms),
    ]
    .into_iter()
    .filter_map(|(name, read, write)| {
        let shown: Vec<String> = [("read", read), ("write", write)]
            .into_iter()
            .filter_map(|(what, ms)| ms.filter(|ms| *ms > 0.0).map(|ms| format!("{what}={ms:.3}")))
            .collect();
        (!shown.is_empty()).then(|| format!("{name}{}", shown.join(" ")))
    })
}

pub(super) fn wal(w: &mut Writer, wal: Option<&Wal>) {
    let Some(wal) = wal.filter(|_| w.options.wal) else { return };
    let counters =
        [("records", wal.records), ("fpi", wal.full_page_images), ("bytes", wal.bytes), ("buffers full", wal.buffers_full)];
    if let Some(shown) = group("WAL:", &counters) {
        w.line(format_args!("{shown}"));
    }
}
