//! Where and how it was measured, and how to measure it again.

use super::super::model::{Environment, Run, Setting};
use super::table::{Lean, Table};
use super::text::{block, code, fold, plain, prose};
use super::{Page, Section, joined};
use crate::units;

pub(super) fn section(page: &Page) -> Option<Section> {
    let run = page.run;
    let blocks = [machine(&run.environment), placed(run), again(run), stages(run), settings(&run.environment)];
    Some(Section { title: "How it was measured", body: joined(&blocks) })
}

fn machine(environment: &Environment) -> String {
    let server = match environment.server_kind.as_str() {
        "embedded" => format!("perflab's own server from {}", code(&environment.server_origin)),
        "external" => format!("an external server, {}", code(&environment.server_origin)),
        other => format!("{}, {}", plain(other), code(&environment.server_origin)),
    };
    format!(
        "{}, {}, {} of memory, {}. PostgreSQL {}: {server}. Started {}.",
        plain(&environment.cpu),
        units::counted(environment.cores.into(), "core", "cores"),
        units::bytes(environment.memory_bytes),
        plain(&environment.os),
        plain(&environment.server_version),
        plain(&environment.started_at)
    )
}

fn placed(run: &Run) -> String {
    let placement = run.before.as_ref().and_then(|bench| bench.placement.as_ref());
    placement.map_or(String::new(), |placement| format!("{}.", units::capitalized(&placement.described())))
}

fn again(run: &Run) -> String {
    let load = if run.load().is_empty() { "" } else { " --load" };
    let scaled = run.seed.as_ref().filter(|seed| seed.scale.is_finite() && seed.scale != 1.0);
    let scale = scaled.map(|seed| format!(" --scale {}", seed.scale)).unwrap_or_default();
    let command = block("sh", &format!("perflab run {}{scale}{load}", shell_word(&run.scenario.file)));
    let version = format!("Measured by perflab {}. To measure it again:", plain(&run.perflab));
    let same = run.seed.as_ref().filter(|seed| !seed.hash.is_empty() && seed.scale.is_finite()).map(|seed| {
        format!(
            "Seed {} at scale {} makes the same rows on any machine; their hash is {}.",
            seed.seed,
            plain(&seed.scale.to_string()),
            code(&seed.hash)
        )
    });
    format!("{version}\n\n{command}\n{}", same.unwrap_or_default())
}

/// Wall time by stage.
fn stages(run: &Run) -> String {
    if run.stages.is_empty() {
        return String::new();
    }
    let mut table = Table::new([("stage", Lean::Left), ("wall time", Lean::Right)]);
    for stage in &run.stages {
        table.row([plain(&stage.name), units::seconds(stage.seconds)]);
    }
    if run.stages.len() > 1 {
        table.row(["**all**".to_owned(), format!("**{}**", units::seconds(run.stages.iter().map(|stage| stage.seconds).sum()))]);
    }
    table.render()
}

fn settings(environment: &Environment) -> String {
    if environment.settings.is_empty() {
        return String::new();
    }
    let explained = environment.settings.iter().any(|setting| setting.why.is_some());
    let mut columns = vec![("setting", Lean::Left), ("value", Lean::Left)];
    if explained {
        columns.push(("why", Lean::Left));
    }
    let mut table = Table::new(columns);
    for Setting { name, value, why } in &environment.settings {
        let mut row = vec![code(name), code(value)];
        if explained {
            row.push(why.as_deref().map_or_else(|| "as the server has it".to_owned(), prose));
        }
        table.row(row);
    }
    let number = units::counted(environment.settings.len() as u64, "setting", "settings");
    fold(&format!("{number} of the server that differ from PostgreSQL's defaults or were chosen"), &table.render())
}

/// An argument that any POSIX shell takes as one word.
fn shell_word(text: &str) -> String {
    let plain = !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_-./:@%+,=".contains(c));
    if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}
