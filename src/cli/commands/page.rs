//! `--format html`: the report as one page, beside the other files of it.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::cli::args::Format;
use crate::cli::ui::Console;
use crate::report::model::Run;
use crate::report::{html, markdown};

/// The page that a reader of the report in a folder opens. Where HTML was asked for, that is `report.html`, which is written here; one of an
/// earlier run is written anew in any case, so that a folder never tells of two runs.
///
/// # Errors
/// When the file cannot be written.
pub fn written(run: &Run, folder: &Path, console: &Console) -> anyhow::Result<PathBuf> {
    let page = folder.join(html::PAGE);
    let asked = console.format == Format::Html;
    if asked || page.is_file() {
        let part = folder.join(format!(".{}.part", html::PAGE));
        std::fs::write(&part, html::render(run, &markdown::render(run)))
            .and_then(|()| std::fs::rename(&part, &page))
            .with_context(|| format!("cannot write {}", page.display()))?;
    }
    Ok(if asked { page } else { folder.join(markdown::PAGE) })
}
