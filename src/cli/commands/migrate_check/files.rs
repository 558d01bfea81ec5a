//! The files of a migration, read before anything is touched.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::cli::args::MigrateCheckCommand;
use crate::cli::ui::Console;
use crate::migrate::Script;
use crate::scenario::error::{ScenarioError, ScenarioErrors};

/// What is to be run.
pub struct Files {
    pub migration: Script,
    /// With the file's name.
    pub rollback: Option<(String, Script)>,
}

impl Files {
    /// Reads all of them, and sees that the page can be written.
    ///
    /// # Errors
    /// Files that cannot be read; everything in them that cannot be run.
    pub fn read(args: &MigrateCheckCommand, console: &Console) -> anyhow::Result<Files> {
        let texts = args.files.iter().map(|file| text(file)).collect::<anyhow::Result<Vec<_>>>()?;
        let rollback = args.rollback.as_deref().map(text).transpose()?;
        let mut wrong = Vec::new();
        let migration = kept(Script::read(texts, args.single_transaction), &mut wrong);
        let name = rollback.as_ref().map(|(path, _)| path.display().to_string());
        let rollback = rollback.map(|file| kept(Script::read(vec![file], args.single_transaction), &mut wrong));
        if let Some(last) = wrong.pop() {
            wrong.into_iter().for_each(|one| console.error(&ScenarioError::Invalid(one).into()));
            return Err(ScenarioError::Invalid(last).into());
        }
        let names: Vec<String> = args.files.iter().map(|file| file.display().to_string()).collect();
        anyhow::ensure!(!migration.statements.is_empty(), "there is no statement in {}", names.join(", "));
        if let Some(file) = &args.output {
            let opened = std::fs::OpenOptions::new().append(true).create(true).open(file);
            opened.map(drop).with_context(|| format!("cannot write {}; name another file", file.display()))?;
        }
        Ok(Files { migration, rollback: name.zip(rollback) })
    }
}

fn kept(read: Result<Script, Vec<ScenarioErrors>>, wrong: &mut Vec<ScenarioErrors>) -> Script {
    read.unwrap_or_else(|errors| {
        wrong.extend(errors);
        Script::default()
    })
}

/// `-` is stdin.
fn text(file: &Path) -> anyhow::Result<(PathBuf, String)> {
    if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("cannot read the migration from stdin")?;
        return Ok(("stdin".into(), text));
    }
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read the migration {}", file.display()))?;
    Ok((file.to_owned(), text))
}
