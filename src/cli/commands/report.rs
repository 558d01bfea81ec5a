//! `perflab report`

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::cli::Outcome;
use crate::cli::args::ReportArgs;
use crate::cli::ui::Console;
use crate::report::model::Run;
use crate::report::{json, markdown};
use crate::scenario::load;

/// Name of the stored run beside its report.
const RUN_FILE: &str = "run.json";

/// Renders the stored run again.
pub fn run(args: &ReportArgs, console: &Console) -> anyhow::Result<Outcome> {
    let folder = match &args.output {
        Some(folder) => folder.clone(),
        None => folder_of(&load(&args.scenario.scenario)?.name),
    };
    let stored = folder.join(RUN_FILE);
    let text = std::fs::read_to_string(&stored).with_context(|| {
        format!("cannot read {}; `perflab run {}` makes it", stored.display(), args.scenario.scenario.display())
    })?;
    let run = json::read(&text).with_context(|| format!("cannot use {}", stored.display()))?;
    write(&run, &folder)?;
    console.result(&format!("{}", folder.join(markdown::PAGE).display()))?;
    console.json(&run)?;
    Ok(Outcome::Fine)
}

/// Where a scenario's report goes unless the user says otherwise.
pub fn folder_of(name: &str) -> PathBuf {
    Path::new("reports").join(name)
}

/// Makes the report's folder, so that a path that cannot be written is known before an hour of measuring.
pub fn prepare(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the report's folder {}", folder.display()))
}

/// Writes run.json, the page and its pictures; each file is there whole or not at all.
pub fn write(run: &Run, folder: &Path) -> anyhow::Result<()> {
    prepare(folder)?;
    let stored = json::write(run)?;
    let rendered = markdown::render(run);
    let files = rendered.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
    for (path, bytes) in files.chain([(RUN_FILE, stored.as_bytes())]) {
        let whole = folder.join(path);
        let part = folder.join(format!(".{path}.part"));
        std::fs::write(&part, bytes)
            .and_then(|()| std::fs::rename(&part, &whole))
            .with_context(|| format!("cannot write {}", whole.display()))?;
    }
    Ok(())
}
