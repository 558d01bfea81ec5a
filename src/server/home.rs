//! Where a project's clusters live: `.perflab/` in the project folder, or a stand-in when the server's user cannot enter it.
//!
//! ```text
//! .perflab/.gitignore            *
//! .perflab/lock                  held while one perflab starts or stops a server
//! .perflab/place                 only when the clusters are kept elsewhere: where
//! .perflab/pg15/settings.conf    what perflab chose and what the scenario asked for; rewritten before each start
//! .perflab/pg15/server/          the server user's own, mode 0700: data/ and server.log
//! .perflab/pg15/run/             the same, with the socket in it
//! ```
//!
//! One cluster per major version, as their files are not compatible. `server/` and `run/` are the only folders that the
//! server's user owns, and perflab writes no file into them, so root never follows a link that this user has put there.

use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;
use sha2::{Digest, Sha256};

use super::user::ServerUser;
use super::{Event, ServerError};

/// Where root keeps state that another user must reach (Filesystem Hierarchy Standard 3.0, section 5.8).
const STATE_FOLDER: &str = "/var/lib/perflab";

/// The folders of one project.
#[derive(Debug, Clone)]
pub struct Home {
    /// `<project>/.perflab`
    marker: PathBuf,
    /// The marker, or its stand-in.
    root: PathBuf,
}

impl Home {
    /// Finds or makes the folders of the project.
    ///
    /// # Errors
    /// The project folder does not exist or cannot be written, or the server's user can enter no folder that would do.
    pub fn open(project: &Path, user: &ServerUser, events: &mut dyn FnMut(Event)) -> Result<Home, ServerError> {
        let project = project.canonicalize().map_err(ServerError::file("find the project folder", project))?;
        let marker = project.join(".perflab");
        make_folder(&marker, user)?;
        let ignore = marker.join(".gitignore");
        if !ignore.exists() {
            fs::write(&ignore, "*\n").map_err(ServerError::file("write", &ignore))?;
        }
        if user.other().is_none() || user.may("-x", &marker) {
            return Ok(Home { root: marker.clone(), marker });
        }
        let root = stand_in(&project, &marker, user, events)?;
        Ok(Home { marker, root })
    }

    /// The folders of the project if perflab ever made them; makes nothing.
    pub fn existing(project: &Path) -> Option<Home> {
        let project = project.canonicalize().ok()?;
        let marker = project.join(".perflab");
        let root = noted_place(&project, &marker).unwrap_or_else(|| marker.clone());
        marker.is_dir().then_some(Home { marker, root })
    }

    pub fn lock_file(&self) -> PathBuf {
        self.marker.join("lock")
    }

    /// The folder of the cluster of that major version; it need not exist.
    pub fn cluster(&self, major: u32) -> PathBuf {
        self.root.join(format!("pg{major}"))
    }

    /// The major versions that there is a cluster folder for, ascending.
    pub fn majors(&self) -> Vec<u32> {
        let entries = fs::read_dir(&self.root).into_iter().flatten().flatten();
        let mut majors: Vec<u32> =
            entries.filter_map(|entry| entry.file_name().to_str()?.strip_prefix("pg")?.parse().ok()).collect();
        majors.sort_unstable();
        majors
    }
}

/// A folder that the server's user can enter; noted in the project so that it stays the same.
fn stand_in(project: &Path, marker: &Path, user: &ServerUser, events: &mut dyn FnMut(Event)) -> Result<PathBuf, ServerError> {
    if let Some(place) = noted_place(project, marker)
        && user.may("-x", &place)
    {
        return Ok(place);
    }
    let places = places(project);
    let usable = |place: &&PathBuf| make_folder(place, user).is_ok() && user.may("-x", place);
    let Some(place) = places.iter().find(usable) else {
        let tried = places.iter().map(|place| place.display().to_string()).collect::<Vec<_>>().join(", ");
        return Err(ServerError::NoPlace { user: user.other().unwrap_or_default().to_owned(), tried });
    };
    let note = marker.join("place");
    fs::write(&note, format!("{}\n", place.display())).map_err(ServerError::file("write", &note))?;
    events(Event::Relocated {
        project: project.to_owned(),
        place: place.clone(),
        user: user.other().unwrap_or_default().to_owned(),
    });
    Ok(place.clone())
}

/// What `.perflab/place` says, if it is one of the places that this project could have: the file may come with a checkout and
/// must not send root anywhere else.
fn noted_place(project: &Path, marker: &Path) -> Option<PathBuf> {
    let note = fs::read_to_string(marker.join("place")).ok()?;
    places(project).into_iter().find(|place| place.as_path() == Path::new(note.trim_end()) && owned_by_us(place))
}

fn places(project: &Path) -> [PathBuf; 2] {
    let name = short_hash(project);
    [Path::new(STATE_FOLDER).join(&name), std::env::temp_dir().join(format!("perflab-state-{name}"))]
}

/// Twelve hexadecimal digits that stand for a path.
pub fn short_hash(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Makes a folder of our own if it is missing; one that another user must pass through is opened to everybody.
pub fn make_folder(path: &Path, user: &ServerUser) -> Result<(), ServerError> {
    if !path.is_dir() {
        fs::create_dir_all(path).map_err(ServerError::file("make the folder", path))?;
        if user.other().is_some() {
            fs::set_permissions(path, Permissions::from_mode(0o755)).map_err(ServerError::file("set the mode of", path))?;
        }
    }
    if user.other().is_some() && !owned_by_us(path) {
        let owner = fs::symlink_metadata(path).map_err(ServerError::file("look at", path))?.uid();
        return Err(ServerError::Owner { path: path.to_owned(), owner, expected: geteuid().as_raw() });
    }
    Ok(())
}

/// Makes a folder that nobody but the server's user (and root) can enter, or checks that it is one.
///
/// The check matters in shared folders such as `/tmp`, where anybody may have made the name before us.
///
/// # Errors
/// The name is taken by something that is not such a folder.
pub fn make_private_folder(path: &Path, user: &ServerUser) -> Result<(), ServerError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => user.give(path)?,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(source) => return Err(ServerError::File { action: "make the folder", path: path.to_owned(), source }),
    }
    let found = fs::symlink_metadata(path).map_err(ServerError::file("look at", path))?;
    if found.is_dir() && found.uid() == geteuid().as_raw() {
        // Ours from before: a kill between making and giving away.
        user.give(path)?;
    } else if !found.is_dir() || found.uid() != user.uid() {
        return Err(ServerError::Owner { path: path.to_owned(), owner: found.uid(), expected: user.uid() });
    }
    fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(ServerError::file("set the mode of", path))
}

fn owned_by_us(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir() && found.uid() == geteuid().as_raw())
}

#[cfg(test)]
mod tests {
    use super::super::scratch::Scratch;
    use super::*;

    #[test]
    fn the_project_is_left_clean_for_git() {
        let scratch = Scratch::new("home");
        let user = ServerUser::choose().unwrap();
        let home = Home::open(scratch.path(), &user, &mut |_| {}).unwrap();
        assert_eq!(fs::read_to_string(scratch.path().join(".perflab/.gitignore")).unwrap(), "*\n");
        assert_eq!(home.cluster(15), scratch.path().join(".perflab/pg15"));
        assert!(home.majors().is_empty());
        for name in ["pg17", "pg9", "pgx", "run"] {
            fs::create_dir(scratch.path().join(".perflab").join(name)).unwrap();
        }
        assert_eq!(home.majors(), [9, 17]);
    }

    #[test]
    fn a_project_the_server_cannot_enter_gets_a_stand_in() {
        let scratch = Scratch::new("closed");
        let user = ServerUser::choose().unwrap();
        fs::set_permissions(scratch.path(), Permissions::from_mode(0o700)).unwrap();
        let mut told = Vec::new();
        let home = Home::open(scratch.path(), &user, &mut |event| told.push(event)).unwrap();
        if user.other().is_none() {
            assert_eq!((home.root, told), (scratch.path().join(".perflab"), vec![]), "a user can always enter its own folder");
            return;
        }
        assert!(matches!(told.as_slice(), [Event::Relocated { place, .. }] if place == &home.root), "{told:?}");
        assert!(user.may("-x", &home.root));
        let again = Home::open(scratch.path(), &user, &mut |event| panic!("told twice: {event}")).unwrap();
        assert_eq!(again.root, home.root);
        assert_eq!(Home::existing(scratch.path()).unwrap().root, home.root);
        fs::remove_dir_all(&home.root).unwrap();
    }

    #[test]
    fn a_note_cannot_point_elsewhere() {
        let scratch = Scratch::new("note");
        let user = ServerUser::choose().unwrap();
        let home = Home::open(scratch.path(), &user, &mut |_| {}).unwrap();
        fs::write(home.marker.join("place"), "/etc\n").unwrap();
        assert_eq!(Home::existing(scratch.path()).unwrap().root, home.marker);
    }

    #[test]
    fn a_private_folder_is_private_and_must_be_ours() {
        let scratch = Scratch::new("private");
        let user = ServerUser::choose().unwrap();
        let path = scratch.path().join("run");
        for _ in 0..2 {
            make_private_folder(&path, &user).unwrap();
            let found = fs::metadata(&path).unwrap();
            assert_eq!((found.mode() & 0o777, found.uid()), (0o700, user.uid()));
        }
        let link = scratch.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(matches!(make_private_folder(&link, &user), Err(ServerError::Owner { .. })), "followed a link");
    }
}
