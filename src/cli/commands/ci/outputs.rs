//! The result in every form that was asked for.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::cli::args::{AnnotationsArg, CiCommand, Format};
use crate::cli::ui::Console;
use crate::report::ci::{annotations, junit, summary};
use crate::report::model::ci::CiRun;
use crate::report::terminal::ci_text;

/// A folder that is not there is said before anything is measured.
///
/// # Errors
/// When one of the files that are asked for cannot be written.
pub fn must_be_writable(args: &CiCommand) -> anyhow::Result<()> {
    for file in [&args.junit, &args.summary, &args.output, &args.write_baseline].into_iter().flatten() {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        anyhow::ensure!(folder.is_dir(), "cannot write {}: there is no folder {}", file.display(), folder.display());
        anyhow::ensure!(!file.is_dir(), "cannot write {}: it is a folder", file.display());
    }
    Ok(())
}

/// Writes files, then stdout.
///
/// # Errors
/// When a file cannot be written.
pub fn write(run: &CiRun, args: &CiCommand, console: &Console) -> anyhow::Result<()> {
    if let Some(file) = &args.junit {
        save(file, &junit(run))?;
    }
    if let Some(file) = &args.output {
        save(file, &(serde_json::to_string_pretty(run).context("the result cannot be written as JSON")? + "\n"))?;
    }
    if let Some(file) = args.summary.clone().or_else(|| from_environment("GITHUB_STEP_SUMMARY")) {
        append(&file, &summary(run))?;
    }
    console.result(&ci_text(run, console.screen()))?;
    console.json(run)?;
    let github = match args.annotations {
        AnnotationsArg::Github => true,
        AnnotationsArg::Auto => std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true"),
        AnnotationsArg::Never => false,
    };
    let lines = if github { annotations(run) } else { String::new() };
    if !lines.is_empty() {
        // Runners read commands from both streams; JSON has stdout for itself.
        if console.format == Format::Json {
            console.note(&lines);
        } else {
            console.result(&lines)?;
        }
    }
    Ok(())
}

fn from_environment(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn save(file: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

fn append(file: &Path, text: &str) -> anyhow::Result<()> {
    let opened = OpenOptions::new().create(true).append(true).open(file);
    opened.and_then(|mut file| file.write_all(text.as_bytes())).with_context(|| format!("cannot write {}", file.display()))
}
