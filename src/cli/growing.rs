//! `perflab seed --add`: more rows in a lab that has some, without making those anew.

use anyhow::{Context, bail, ensure};

use crate::db::{Connection, read_catalog};
use crate::report::model::SeedRun;
use crate::scenario::model::Data;
use crate::seed::{self, SeedEvent, SeedPlan};
use crate::units;

use super::amount;
use super::args::SeedArgs;
use super::laboratory::Laboratory;
use super::seeding::{ensure_seeded, fingerprint, seeded_before, sources};
use super::ui::Console;

/// Grows the lab's rows to the scale that was asked for; a lab without rows, or with a seeding that did not end, is made anew. The rows are
/// those, with the hash, that making the same scales one after the other at once would give.
///
/// # Errors
/// Rows that are of another scenario, seed or generator, were changed, or are more already; rows that cannot be added without changing
/// others; a server that fails, which leaves the lab incomplete.
pub async fn grow(laboratory: &mut Laboratory, args: &SeedArgs, console: &Console) -> anyhow::Result<SeedRun> {
    let Some((mark, before)) = seeded_before(laboratory).await? else {
        return ensure_seeded(laboratory, args, console).await;
    };
    let (data, schema) = sources(laboratory, args)?;
    let database = laboratory.lab.database().to_owned();
    let content = seed::content_digest(&data).context("the files that rows come from cannot be read")?;
    ensure!(
        mark == fingerprint(&data, &schema, before.scale, &content),
        "the rows of {database} are of another scenario, schema, seed or version of perflab, so none can be added; leave --add out to make them anew"
    );
    let scale = amount::scale(args, &data, console)?;
    if scale == before.scale {
        console.note(format!("{database} has these rows already"));
        return Ok(SeedRun { reused: true, ..before });
    }
    ensure!(
        scale > before.scale,
        "{database} has scale {} already, more than {scale}; leave --add out to make fewer rows",
        before.scale
    );
    let scales = if before.scales.is_empty() { vec![before.scale] } else { before.scales.clone() };
    let plan = plan(laboratory, &data, [scales, vec![scale]].concat()).await?;
    laboratory.lab.incomplete().await?;
    let stage = console.stage("add");
    let target = laboratory.lab.target();
    let tell = &mut |event: SeedEvent| stage.at(event.share, event.what);
    let seeded = seed::add(&plan, &before.hash, &target, tell).await?;
    console.note(format!("{database}: scale {} to {scale}, {} rows added", before.scale, units::count(plan.rows())));
    let stored = serde_json::to_value(&seeded).context("the seeding's result cannot be stored")?;
    laboratory.lab.complete(&fingerprint(&data, &schema, scale, &content), stored).await?;
    Ok(seeded)
}

/// The rows to add, once it is certain that those before are as they were made.
async fn plan(laboratory: &Laboratory, data: &Data, scales: Vec<f64>) -> anyhow::Result<SeedPlan> {
    if let Some(table) = data.tables.iter().find(|table| !table.rows.are_known()) {
        bail!(
            "`{}` is read from a file or derived by SQL and does not grow; leave --add out to make all rows anew",
            table.name.value
        );
    }
    let mut connection = Connection::open(&laboratory.lab.target()).await?;
    let catalog = read_catalog(&mut connection).await?;
    let plan = SeedPlan::growing(data, &catalog, &scales, scales.len() - 1).map_err(|problems| {
        let why = problems.first().map(ToString::to_string).unwrap_or_default();
        anyhow::anyhow!("no rows can be added: {why}; leave --add out to make all rows anew")
    })?;
    for table in &plan.tables {
        let (rows,): (i64,) = connection.row(&format!("SELECT count(*) FROM {}", table.name.sql())).await?;
        let (rows, made) = (rows.unsigned_abs(), table.earlier());
        if rows != made {
            bail!(
                "{} has {} rows, not the {} that were made, so none can be added; --force makes them anew",
                table.name,
                units::count(rows),
                units::count(made)
            );
        }
    }
    connection.close().await;
    Ok(plan)
}
