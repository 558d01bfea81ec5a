//! Rows made, encoded and hashed, and sent nowhere.

use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use perflab::db::{Connection, Target, read_catalog};
use perflab::seed::SeedPlan;
use perflab::units::count;

use crate::project::Project;
use crate::{median, verdict};

/// Narrow rows per second on two cores.
const BAR: f64 = 5e6;

/// Times the scenario's million.
const SCALE: f64 = 10.0;

const THREADS: usize = 2;

pub fn rate(project: &Project) -> anyhow::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/seeding/narrow.yaml");
    let scenario = perflab::scenario::load(&path)?;
    let (data, schema) = (scenario.data.context("narrow has data")?, scenario.schema.context("narrow has a schema")?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    project.psql("postgres", "CREATE DATABASE generation")?;
    let url = project.url("generation")?;
    let catalog = runtime.block_on(async {
        let mut connection = Connection::open(&Target::parse(&url)?).await?;
        connection.batch(&schema.sql).await?;
        let catalog = read_catalog(&mut connection).await?;
        connection.close().await;
        anyhow::Ok(catalog)
    })?;
    let plan = SeedPlan::new(&data, &catalog, SCALE).map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
    let (mut rates, mut undisturbed, mut shares) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..5 {
        let (start, cpu) = (Instant::now(), cpu_seconds()?);
        runtime.block_on(plan.data_hash(THREADS))?;
        let (seconds, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds()? - cpu);
        rates.push(plan.rows() as f64 / seconds);
        undisturbed.push(plan.rows() as f64 / cpu * THREADS as f64);
        shares.push(cpu / seconds / THREADS as f64);
    }
    let (rate, undisturbed, share) = (median(rates), median(undisturbed), median(shares));
    println!("generation alone, {THREADS} threads: {} narrow rows/s", count(rate as u64));
    println!(
        "  {} rows per CPU second of {THREADS} cores, of which it got {:.0}%: {}",
        count(undisturbed as u64),
        share * 100.0,
        verdict(undisturbed > BAR, "5 M rows/s")
    );
    Ok(())
}

/// Of this process, all threads.
fn cpu_seconds() -> anyhow::Result<f64> {
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_SELF)?;
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}
