//! Finds the programs of a PostgreSQL server on this machine.
//!
//! A folder counts when `initdb`, `pg_ctl` and `postgres` are all in it and `postgres --version` answers to the user who would
//! run it. The newest version wins unless a major is asked for; of equal ones, the first found.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::ServerError;
use super::user::ServerUser;

/// Older servers lack settings and views that perflab relies on.
pub const OLDEST_MAJOR: u32 = 12;

/// The programs that a server needs; clients such as psql are not among them.
const PROGRAMS: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// Folders where packages put one version beside the other: parent, start of the version's folder, path from there to the programs.
const VERSIONED: &[(&str, &str, &str)] = &[
    ("/usr/lib/postgresql", "", "bin"),                          // Debian, Ubuntu
    ("/usr", "pgsql-", "bin"),                                   // Red Hat, packages of the PostgreSQL project
    ("/opt/homebrew/opt", "postgresql", "bin"),                  // Homebrew on Apple silicon
    ("/usr/local/opt", "postgresql", "bin"),                     // Homebrew on Intel
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"),     // Homebrew on Linux
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"), // Postgres.app
    ("/Library/PostgreSQL", "", "bin"),                          // EDB's installer
    ("/usr/libexec", "postgresql", ""),                          // Alpine
];

/// Where to look for an installed server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Search {
    /// PATH, `pg_config`, and the usual folders of Debian, Red Hat, Alpine, Homebrew and Postgres.app.
    #[default]
    Everywhere,
    /// As if none were installed: only one that perflab fetched, or a new fetch. For tests of the fetch.
    Nowhere,
    /// These folders only.
    In(Vec<PathBuf>),
}

/// The programs of one PostgreSQL server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    pub dir: PathBuf,
    pub major: u32,
    /// As `postgres --version` has it, without the product's name: `15.18 (Debian 15.18-0+deb12u1)`.
    pub version: String,
}

/// The server in the folder that the user named, which may also be the folder above `bin`.
///
/// # Errors
/// It is not one, or not of the major asked for.
pub fn at(dir: &Path, major: Option<u32>, user: &ServerUser) -> Result<Binaries, ServerError> {
    let below = dir.join("bin");
    let dir = if below.join("postgres").exists() { &below } else { dir };
    let dir = &std::path::absolute(dir).map_err(ServerError::file("find", dir))?;
    let binaries = probe(dir, user).map_err(|why| ServerError::NotServerPrograms { dir: dir.clone(), why })?;
    match major {
        Some(asked) if asked != binaries.major => {
            Err(ServerError::WrongMajor { dir: dir.clone(), found: binaries.version, asked })
        }
        _ => Ok(binaries),
    }
}

/// The newest server (of the major asked for) in the folders of `search`; `None` when there is none.
pub fn newest(search: &Search, major: Option<u32>, user: &ServerUser) -> Option<Binaries> {
    let mut best: Option<Binaries> = None;
    for dir in candidates(search) {
        let Ok(found) = probe(&dir, user) else { continue };
        let asked_for = major.is_none_or(|major| major == found.major);
        if asked_for && best.as_ref().is_none_or(|best| version_key(&found.version) > version_key(&best.version)) {
            best = Some(found);
        }
    }
    best
}

/// Folders to try, without repetition, links followed: a `postgres` in `/usr/local/bin` is often a link into the real one.
fn candidates(search: &Search) -> Vec<PathBuf> {
    let folders = match search {
        Search::Nowhere => Vec::new(),
        Search::In(folders) => folders.clone(),
        Search::Everywhere => {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let mut folders: Vec<PathBuf> = std::env::split_paths(&path).filter(|folder| folder.is_absolute()).collect();
            folders.extend(configured(&path));
            for (parent, prefix, below) in VERSIONED {
                folders.extend(versioned(Path::new(parent), prefix, below));
            }
            folders
        }
    };
    let mut candidates: Vec<PathBuf> = Vec::new();
    for folder in folders {
        let Ok(program) = folder.join("postgres").canonicalize() else { continue };
        let real = program.parent().filter(|parent| is_complete(parent)).map_or(folder, Path::to_owned);
        if !candidates.contains(&real) {
            candidates.push(real);
        }
    }
    candidates
}

/// What each `pg_config` of the PATH says.
fn configured(path: &OsStr) -> Option<PathBuf> {
    let program = std::env::split_paths(path).map(|folder| folder.join("pg_config")).find(|program| program.is_file())?;
    let output = Command::new(program).arg("--bindir").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(text.trim())).filter(|folder| folder.is_absolute())
}

fn versioned(parent: &Path, prefix: &str, below: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let named = entries.filter(|entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix)));
    let mut folders: Vec<PathBuf> = named.map(|entry| entry.path().join(below)).collect();
    folders.sort_unstable();
    folders
}

fn is_complete(dir: &Path) -> bool {
    PROGRAMS.iter().all(|program| dir.join(program).is_file())
}

/// Asks the programs in a folder who they are; the error says what is wrong with them.
fn probe(dir: &Path, user: &ServerUser) -> Result<Binaries, String> {
    if let Some(missing) = PROGRAMS.iter().find(|program| !dir.join(program).is_file()) {
        return Err(format!("there is no {missing} in it"));
    }
    let output = user.command(dir.join("postgres")).arg("--version").output();
    let output = output.map_err(|error| format!("its postgres cannot be run ({error})"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.trim().strip_prefix("postgres (PostgreSQL) ").unwrap_or_default().to_owned();
    let [major, _] = version_key(&version);
    if !output.status.success() || major == 0 {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`postgres --version` does not answer ({})", said.trim()));
    }
    if major < OLDEST_MAJOR {
        return Err(format!("it is PostgreSQL {version}, and perflab needs {OLDEST_MAJOR} or newer"));
    }
    Ok(Binaries { dir: dir.to_owned(), major, version })
}

/// Major and minor of `18.4`, `17beta1`, `15.18 (Debian …)`; zeros where there is no number.
fn version_key(version: &str) -> [u32; 2] {
    let mut numbers = version.splitn(2, '.').map(|part| {
        let digits = part.find(|c: char| !c.is_ascii_digit()).map_or(part, |end| &part[..end]);
        digits.parse().unwrap_or(0)
    });
    [numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::super::scratch::Scratch;
    use super::*;

    /// A folder whose postgres prints what it is told to.
    fn fake(parent: &Path, name: &str, says: &str) -> PathBuf {
        let dir = parent.join(name);
        fs::create_dir_all(&dir).unwrap();
        for program in PROGRAMS {
            let path = dir.join(program);
            fs::write(&path, format!("#!/bin/sh\necho '{says}'\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        dir
    }

    fn find(folders: &[&PathBuf], major: Option<u32>) -> Option<Binaries> {
        let search = Search::In(folders.iter().map(|folder| (*folder).clone()).collect());
        newest(&search, major, &ServerUser::choose().unwrap())
    }

    #[test]
    fn the_newest_complete_folder_wins_unless_a_major_is_asked_for() {
        let scratch = Scratch::new("locate");
        let old = fake(scratch.path(), "9.6", "postgres (PostgreSQL) 9.6.24");
        let nine = fake(scratch.path(), "15.9", "postgres (PostgreSQL) 15.9 (Debian 15.9-0+deb12u1)");
        let ten = fake(scratch.path(), "15.10", "postgres (PostgreSQL) 15.10");
        let beta = fake(scratch.path(), "17", "postgres (PostgreSQL) 17beta1");
        let mute = fake(scratch.path(), "mute", "");
        let half = fake(scratch.path(), "half", "postgres (PostgreSQL) 18.0");
        fs::remove_file(half.join("initdb")).unwrap();
        let all = [&old, &nine, &ten, &beta, &mute, &half];
        assert_eq!(find(&all, None).unwrap(), Binaries { dir: beta.clone(), major: 17, version: "17beta1".into() });
        assert_eq!(find(&all, Some(15)).unwrap().dir, ten);
        assert_eq!(find(&all, Some(18)), None);
        assert_eq!(find(&[&old], None), None, "a version that perflab cannot use");
    }

    #[test]
    fn links_lead_to_the_real_folder() {
        let scratch = Scratch::new("links");
        let real = fake(scratch.path(), "real", "postgres (PostgreSQL) 16.2");
        let linked = scratch.path().join("linked");
        fs::create_dir(&linked).unwrap();
        symlink(real.join("postgres"), linked.join("postgres")).unwrap();
        assert_eq!(find(&[&linked], None).unwrap().dir, real);
    }

    #[test]
    fn a_named_folder_must_be_right_and_says_why_it_is_not() {
        let scratch = Scratch::new("named");
        let user = ServerUser::choose().unwrap();
        let dir = fake(scratch.path(), "pg/bin", "postgres (PostgreSQL) 16.2");
        assert_eq!(at(dir.parent().unwrap(), None, &user).unwrap().dir, dir);
        assert!(matches!(at(&dir, Some(17), &user), Err(ServerError::WrongMajor { asked: 17, .. })));
        fs::remove_file(dir.join("pg_ctl")).unwrap();
        let why = at(&dir, None, &user).unwrap_err().to_string();
        assert!(why.contains("there is no pg_ctl in it"), "{why}");
    }

    #[test]
    fn versions_side_by_side_are_all_candidates() {
        let scratch = Scratch::new("versioned");
        for name in ["pgsql-14", "pgsql-16", "share"] {
            fs::create_dir(scratch.path().join(name)).unwrap();
        }
        let expected = ["pgsql-14/bin", "pgsql-16/bin"].map(|name| scratch.path().join(name));
        assert_eq!(versioned(scratch.path(), "pgsql-", "bin"), expected);
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(version_key("15.10") > version_key("15.9"));
        assert_eq!(version_key("17beta1"), [17, 0]);
        assert_eq!(version_key("15.18 (Debian 15.18-0+deb12u1)"), [15, 18]);
        assert_eq!(version_key("nonsense"), [0, 0]);
    }
}
