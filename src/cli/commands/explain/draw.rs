//! `--draw`: the plans as pictures or flowcharts.

use std::path::Path;

use anyhow::{Context, bail};

use crate::cli::args::{DrawFile, Drawing};
use crate::cli::ui::Console;
use crate::report::model::{ExplainedPlan, Explanation};
use crate::report::plan_tree::{PlanTree, mermaid, svg};
use crate::units;

/// Refuses a file that could not be written, before anything is done.
pub(super) fn prepare(file: Option<&DrawFile>) -> anyhow::Result<()> {
    match file {
        Some(file) if !file.folder().is_dir() => {
            bail!("--draw: there is no folder {}; make it first", file.folder().display())
        }
        _ => Ok(()),
    }
}

/// One file for each statement's plan, and one for its plan after; their names are numbered when there are several.
pub(super) fn write_all(found: &Explanation, file: Option<&DrawFile>, console: &Console) -> anyhow::Result<()> {
    let Some(file) = file else { return Ok(()) };
    let mut plans: Vec<(String, String, &ExplainedPlan)> = Vec::new();
    let statements = found.endpoints.iter().flat_map(|endpoint| endpoint.statements.iter().map(move |one| (endpoint, one)));
    for (number, (endpoint, statement)) in statements.enumerate() {
        let title = format!("{}, statement {}", endpoint.label, statement.step);
        plans.push((format!("{}", number + 1), title.clone(), &statement.before));
        plans.extend(statement.after.as_ref().map(|after| (format!("{}-after", number + 1), format!("{title}, after"), after)));
    }
    let single = plans.len() == 1;
    for (suffix, title, plan) in plans {
        let path = if single { file.path.clone() } else { file.numbered(&suffix) };
        write(plan, &title, &path, file.kind, console)?;
    }
    Ok(())
}

/// Plans that somebody else made, numbered when there are several.
pub(super) fn write_plans(plans: &[ExplainedPlan], file: Option<&DrawFile>, console: &Console) -> anyhow::Result<()> {
    let Some(file) = file else { return Ok(()) };
    for (place, plan) in plans.iter().enumerate() {
        let path = if plans.len() == 1 { file.path.clone() } else { file.numbered(&(place + 1).to_string()) };
        write(plan, "The plan", &path, file.kind, console)?;
    }
    Ok(())
}

fn write(plan: &ExplainedPlan, title: &str, path: &Path, kind: Drawing, console: &Console) -> anyhow::Result<()> {
    let tree = PlanTree::of(plan, &[]).context("--draw: the plan cannot be drawn")?;
    let took = if plan.execution_ms > 0.0 { format!(": {}", units::ms(plan.execution_ms)) } else { String::new() };
    let drawn = match kind {
        Drawing::Mermaid => mermaid::draw(&tree),
        Drawing::Svg => match svg::draw(&tree, &format!("{title}{took}")) {
            Some(drawn) => drawn,
            None => {
                console.note(format!("{title}: nothing in the plan has a time, blocks or a cost, so it is not drawn"));
                return Ok(());
            }
        },
    };
    std::fs::write(path, drawn).with_context(|| format!("cannot write {}", path.display()))?;
    console.note(format!("drew {}", path.display()));
    Ok(())
}
