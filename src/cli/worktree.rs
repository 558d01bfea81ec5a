//! Git: where a file stands in its repository, and other commits of it checked out beside, for as long as a command needs them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use anyhow::{Context, bail};

/// What is checked out at the moment: the repository and the folder. An interrupted command ends without dropping its values.
static CHECKED_OUT: Mutex<Vec<(PathBuf, PathBuf)>> = Mutex::new(Vec::new());

/// The repository that a file is in.
#[derive(Debug, Clone)]
pub struct Repository {
    root: PathBuf,
}

impl Repository {
    /// `None` outside of one, and where there is no git.
    pub fn of(file: &Path) -> Option<Repository> {
        let folder = std::fs::canonicalize(file).ok()?.parent()?.to_owned();
        let root = git(&folder, &["rev-parse", "--show-toplevel"]).ok()?;
        Some(Repository { root: std::fs::canonicalize(root).ok()? })
    }

    /// The path of a file below the root.
    pub fn relative(&self, file: &Path) -> Option<PathBuf> {
        Some(std::fs::canonicalize(file).ok()?.strip_prefix(&self.root).ok()?.to_owned())
    }

    /// The commit where this branch left `reference`, so that what has been done there since is not held against it; the commit of the
    /// reference itself where the history is too short to tell.
    ///
    /// # Errors
    /// When there is no such reference.
    pub fn base(&self, reference: &str) -> anyhow::Result<String> {
        let commit = format!("{reference}^{{commit}}");
        let Ok(there) = git(&self.root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]) else {
            bail!(
                "there is no commit `{reference}` in {}; fetch it first (git fetch origin main), and check out with history \
                 (fetch-depth: 0 for actions/checkout)",
                self.root.display()
            );
        };
        Ok(git(&self.root, &["merge-base", "HEAD", &there]).unwrap_or(there))
    }

    /// Checks a commit out in a folder of its own.
    ///
    /// # Errors
    /// What git says.
    pub fn check_out(&self, commit: &str) -> anyhow::Result<Worktree> {
        let folder = std::env::temp_dir().join(format!("perflab-base-{}", std::process::id()));
        let worktree = Worktree { root: self.root.clone(), folder };
        let path = worktree.folder.to_str().context("the folder for temporary files has a name that is no UTF-8")?;
        if let Ok(mut all) = CHECKED_OUT.lock() {
            all.push((worktree.root.clone(), worktree.folder.clone()));
        }
        git(&self.root, &["worktree", "add", "--detach", "--force", path, commit])
            .with_context(|| format!("cannot check {commit} out beside"))?;
        Ok(worktree)
    }
}

/// A commit checked out; gone when it is dropped.
#[derive(Debug)]
pub struct Worktree {
    root: PathBuf,
    folder: PathBuf,
}

impl Worktree {
    /// Where a file of the repository is in it.
    pub fn path(&self, relative: &Path) -> PathBuf {
        self.folder.join(relative)
    }
}

impl Drop for Worktree {
    fn drop(&mut self) {
        remove(&self.root, &self.folder);
        if let Ok(mut all) = CHECKED_OUT.lock() {
            all.retain(|(_, folder)| *folder != self.folder);
        }
    }
}

/// Removes whatever is still checked out, when the command is about to end without a word to its values.
pub fn remove_all() {
    if let Ok(mut all) = CHECKED_OUT.lock() {
        for (root, folder) in all.drain(..) {
            remove(&root, &folder);
        }
    }
}

fn remove(root: &Path, folder: &Path) {
    // Whatever git cannot remove is removed as files are, and forgotten by git's own housekeeping.
    if git(root, &["worktree", "remove", "--force", &folder.to_string_lossy()]).is_err() {
        let _ = std::fs::remove_dir_all(folder);
        let _ = git(root, &["worktree", "prune"]);
    }
}

/// Runs git in a folder: what it says, without the newline at its end.
fn git(folder: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        // A hook of git's has them set; the folder says which repository is meant.
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .stdin(Stdio::null())
        .output()
        .context("git cannot be started; it is needed to tell one commit from another")?;
    if !output.status.success() {
        bail!("git {}: {}", arguments.first().unwrap_or(&""), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}
