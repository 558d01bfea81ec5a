//! The two files of a migration.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::cli::ui::Console;
use crate::report::migration::migration;
use crate::report::model::AdviceRun;

/// Where the migration and its rollback go.
pub struct Files {
    up: PathBuf,
    down: PathBuf,
}

impl Files {
    /// Found out before the minutes of measuring rather than after them; what stands in the files stays until there is something better.
    ///
    /// # Errors
    /// When one of them cannot be written.
    pub fn writable(up: &Path) -> anyhow::Result<Files> {
        let files = Files { up: up.to_owned(), down: rollback_of(up) };
        for file in [&files.up, &files.down] {
            let opened = std::fs::OpenOptions::new().append(true).create(true).open(file);
            opened.map(drop).with_context(|| format!("cannot write the migration {}; name another file", file.display()))?;
        }
        Ok(files)
    }

    /// # Errors
    /// When one of them cannot be written after all.
    pub fn write(&self, advice: &AdviceRun, console: &Console) -> anyhow::Result<()> {
        let migration = migration(advice);
        for (file, text) in [(&self.up, migration.up), (&self.down, migration.down)] {
            std::fs::write(file, text).with_context(|| format!("cannot write the migration {}", file.display()))?;
        }
        console.note(format!("wrote {} and, to undo it, {}", self.up.display(), self.down.display()));
        Ok(())
    }
}

/// `x.up.sql` → `x.down.sql`, `x.sql` → `x.rollback.sql`, as the tools that run migrations pair them.
fn rollback_of(up: &Path) -> PathBuf {
    let name = up.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = match (name.strip_suffix(".up.sql"), name.rsplit_once('.')) {
        (Some(stem), _) => format!("{stem}.down.sql"),
        (None, Some((stem, ending))) if !stem.is_empty() => format!("{stem}.rollback.{ending}"),
        _ => format!("{name}.rollback"),
    };
    up.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollback_stands_beside_its_migration() {
        let of = |up: &str| rollback_of(Path::new(up)).display().to_string();
        assert_eq!(of("a.b/x.sql"), "a.b/x.rollback.sql");
        assert_eq!(of("0001_indexes.up.sql"), "0001_indexes.down.sql");
        assert_eq!(of("x"), "x.rollback");
        assert_eq!(of("/tmp/.sql"), "/tmp/.sql.rollback");
    }
}
