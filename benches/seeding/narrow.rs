//! One narrow table at growing sizes: the rate must hold, and memory must not grow.

use perflab::units::{bytes, count};

use crate::project::Project;

/// The memory of the largest run may be this much over that of the smallest.
const FLAT: f64 = 1.25;

pub fn curve(project: &Project, millions: u64) -> anyhow::Result<()> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/seeding");
    let scenario = folder.join("narrow.yaml");
    let mut sizes = vec![1, 10, millions];
    sizes.sort_unstable();
    sizes.dedup();
    println!("narrow rows: events (id, user_id by Zipf of 1 M users, kind, at), keys, foreign key and VACUUM included");
    println!(
        "  {:>13}  {:>8}  {:>11}  {:>12}  {:>9}  {:>11}",
        "rows", "seconds", "rows/s", "COPY rows/s", "on disk", "peak memory"
    );
    let mut peaks = Vec::new();
    for size in sizes {
        let (run, peak) = project.seed_watched(&scenario, &["--scale", &size.to_string()])?;
        let events = run.tables.iter().find(|table| table.name == "events");
        let (rows, copied) = events.map_or((0, 0.0), |table| (table.rows, table.rows as f64 / table.phases.rows));
        println!(
            "  {:>13}  {:>8.2}  {:>11}  {:>12}  {:>9}  {:>11}",
            count(rows),
            run.seconds,
            count(run.rows_per_second as u64),
            count(copied as u64),
            bytes(run.bytes + run.index_bytes),
            peak.map_or_else(|| "unknown".to_owned(), bytes)
        );
        peaks.extend(peak);
    }
    if let [first, .., last] = peaks.as_slice() {
        let ratio = *last as f64 / *first as f64;
        let flat = if ratio <= FLAT { "flat" } else { "NOT flat" };
        println!("  memory of the largest by that of the smallest: {ratio:.2}, {flat}");
    }
    println!();
    Ok(())
}
