//! `perflab report`

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::cli::Outcome;
use crate::cli::args::ReportArgs;
use crate::cli::ui::Console;
use crate::report::model::Run;
use crate::report::{json, markdown};
use crate::scenario::load;

use super::page;

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
    console.result(&format!("{}", page::written(&run, &folder, console)?.display()))?;
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

/// Writes run.json, the page and its pictures; each file is there whole or not at all. Pictures of an earlier run that this one does
/// not make go.
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
    remove_old_pictures(folder, &rendered)
}

/// Files by the names of a report's pictures that are none of it any more; everything else in the folder is somebody's own.
fn remove_old_pictures(folder: &Path, rendered: &markdown::Rendered) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let current = rendered.files.iter().any(|(path, _)| *path == name);
        if markdown::is_picture(&name) && !current && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            let old = entry.path();
            std::fs::remove_file(&old)
                .with_context(|| format!("cannot remove {}, a picture of an earlier run", old.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_of_an_earlier_run_go_and_nothing_else() {
        let folder = std::env::temp_dir().join(format!("perflab-pictures-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for name in
            ["latency.svg", "plan-1-3.svg", "load-2-rate.svg", "plan-2-after.svg", "drawing.svg", "notes.md", "load-1.txt"]
        {
            std::fs::write(folder.join(name), "").unwrap();
        }
        let rendered = markdown::Rendered { files: vec![("latency.svg".to_owned(), Vec::new())] };
        remove_old_pictures(&folder, &rendered).unwrap();
        let mut left: Vec<String> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        std::fs::remove_dir_all(&folder).unwrap();
        left.sort();
        assert_eq!(left, ["drawing.svg", "latency.svg", "load-1.txt", "notes.md", "plan-2-after.svg"]);
    }
}
