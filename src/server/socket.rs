//! Where the socket goes.
//!
//! The server listens on a unix socket only and asks no password (`trust`): the folder of the socket, mode 0700, is what keeps
//! others out. Those who can enter it are the server's user, which is ourselves unless we are root, and root, whom modes do
//! not stop. So whoever started the server can use it, and nobody else.
//!
//! A socket's path must fit into `sun_path`, 108 bytes on Linux and 104 on macOS, ending zero included. A cluster deep in the
//! file system therefore gets a short folder for its socket, named for a hash of the cluster's path.

use std::path::{Path, PathBuf};

use super::ServerError;
use super::home::{make_private_folder, short_hash};
use super::user::ServerUser;

/// Names the socket's file; nothing listens on it, as there is no TCP.
pub const PORT: u16 = 5432;

/// Bytes that a socket's path may have on every system we run on.
const LONGEST_PATH: usize = 103;

/// The socket's file in its folder, named as clients expect.
pub fn socket_file(folder: &Path) -> PathBuf {
    folder.join(format!(".s.PGSQL.{PORT}"))
}

/// The folder for the socket of the cluster in `cluster`, made if need be.
///
/// # Errors
/// Every folder is too long, or the short ones are taken by somebody else.
pub fn choose_folder(cluster: &Path, user: &ServerUser) -> Result<PathBuf, ServerError> {
    let places = places(cluster, user);
    let Some(place) = places.iter().find(|place| fits(place)) else {
        let tried = places.iter().map(|place| place.display().to_string()).collect::<Vec<_>>().join(", ");
        return Err(ServerError::NoSocketPlace { tried });
    };
    make_private_folder(place, user)?;
    Ok(place.clone())
}

fn places(cluster: &Path, user: &ServerUser) -> Vec<PathBuf> {
    let name = format!("perflab-{}-{}", user.uid(), short_hash(cluster));
    // The runtime folder is private to whom it was made for, so another user's server cannot be put there.
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").filter(|_| user.other().is_none()).map(PathBuf::from);
    let runtime = runtime.filter(|path| path.is_absolute() && path.is_dir());
    let mut places = vec![cluster.join("run")];
    places.extend(runtime.map(|path| path.join(&name)));
    places.push(std::env::temp_dir().join(&name));
    places.push(Path::new("/tmp").join(&name));
    places
}

fn fits(folder: &Path) -> bool {
    socket_file(folder).as_os_str().len() <= LONGEST_PATH
}

#[cfg(test)]
mod tests {
    use super::super::scratch::Scratch;
    use super::*;

    #[test]
    fn a_short_path_keeps_the_socket_beside_its_cluster() {
        let scratch = Scratch::new("socket");
        let user = ServerUser::choose().unwrap();
        assert_eq!(choose_folder(scratch.path(), &user).unwrap(), scratch.path().join("run"));
    }

    #[test]
    fn a_long_path_gets_a_short_folder_of_its_own() {
        let scratch = Scratch::new("socket");
        let user = ServerUser::choose().unwrap();
        let deep = |last: &str| scratch.path().join("a_folder_with_a_long_name".repeat(4)).join(last);
        let (one, other) = (choose_folder(&deep("one"), &user).unwrap(), choose_folder(&deep("other"), &user).unwrap());
        assert!(fits(&one) && !one.starts_with(scratch.path()), "{}", one.display());
        assert_ne!(one, other);
        assert_eq!(choose_folder(&deep("one"), &user).unwrap(), one);
        for folder in [one, other] {
            std::fs::remove_dir(folder).unwrap();
        }
    }

    #[test]
    fn the_limit_counts_the_name_of_the_socket() {
        let folder = |length: usize| PathBuf::from(format!("/{}", "x".repeat(length - 1)));
        assert!(fits(&folder(LONGEST_PATH - "/.s.PGSQL.5432".len())));
        assert!(!fits(&folder(LONGEST_PATH - "/.s.PGSQL.5432".len() + 1)));
    }
}
