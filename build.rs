//! Tells the program which commit it is built from, where there is a checkout to ask.
//!
//! Sources that differ from the commit say so. Builds for development carry no commit: every `git commit` would build and link them all
//! anew, and nobody publishes their figures.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What the program is made of.
const SOURCES: [&str; 4] = ["src", "Cargo.toml", "Cargo.lock", "build.rs"];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    if let (Some(commit), Ok(version)) = (release.then(commit).flatten(), std::env::var("CARGO_PKG_VERSION")) {
        println!("cargo:rustc-env=PERFLAB_VERSION={version} at commit {commit}");
    }
}

/// `abc1234`, `abc1234-dirty`; `None` in a package, without git, and in a checkout of something else.
fn commit() -> Option<String> {
    let here = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR")?);
    let top = git(&here, &["rev-parse", "--show-toplevel"])?;
    if Path::new(&top).canonicalize().ok()? != here.canonicalize().ok()? {
        return None;
    }
    let commit = git(&here, &["rev-parse", "--short=7", "HEAD"]).filter(|commit| !commit.is_empty())?;
    let mut status = vec!["--no-optional-locks", "status", "--porcelain", "--"];
    status.extend(SOURCES);
    let changed = git(&here, &status)?;
    watch(&here);
    Some(if changed.is_empty() { commit } else { format!("{commit}-dirty") })
}

/// Runs again when a source changes, which is built anew in any case, and when HEAD moves.
fn watch(here: &Path) {
    for source in SOURCES {
        println!("cargo:rerun-if-changed={source}");
    }
    // The log of HEAD grows with every commit and checkout; where none is kept, HEAD names the branch and the branch its commit.
    let branch = git(here, &["symbolic-ref", "-q", "HEAD"]);
    let named = ["logs/HEAD", "HEAD"].map(str::to_owned).into_iter().chain(branch);
    for file in named.filter_map(|name| git(here, &["rev-parse", "--git-path", &name])) {
        // A file that is missing would be taken for one that changed, each time.
        if here.join(&file).exists() {
            println!("cargo:rerun-if-changed={file}");
        }
    }
}

fn git(here: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").current_dir(here).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
