//! A plan that somebody else made, from a file or from stdin.

use std::io::Read;
use std::path::Path;

use anyhow::Context;

use crate::cli::Outcome;
use crate::cli::args::Format;
use crate::cli::ui::Console;
use crate::explain::narrated::narrated;
use crate::plan::Facts;
use crate::report::terminal::{self, PlanView};

/// Says what the plan in a file means; `-` is stdin.
pub(super) fn explain(file: &Path, view: PlanView, console: &Console) -> anyhow::Result<Outcome> {
    let mut text = String::new();
    let named = if file == Path::new("-") { "stdin".into() } else { file.display().to_string() };
    if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).context("cannot read the plan from stdin")?;
    } else {
        text = std::fs::read_to_string(file).with_context(|| format!("cannot read the plan {}", file.display()))?;
    }
    let json = serde_json::from_str(&text)
        .with_context(|| format!("{named} is no JSON; make the plan with EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)"))?;
    let (_, explained) = narrated(json, &Facts::default()).with_context(|| format!("cannot use {named}"))?;
    if console.format == Format::Json {
        console.json(&explained)?;
    } else {
        console.result(&terminal::plan(&explained, console.screen(), view))?;
    }
    Ok(Outcome::Fine)
}
