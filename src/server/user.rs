//! As whom PostgreSQL's programs run.
//!
//! initdb and postgres refuse root, so root hands them to an account without privileges and with no supplementary groups
//! (the standard library drops those when it changes the user of a child). Anybody else runs them under their own name.

use std::ffi::OsStr;
use std::os::unix::fs::lchown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::unistd::{User, getegid, geteuid};

use super::ServerError;

/// Accounts that root may hand the server to, best first: made for PostgreSQL (Linux, macOS), or made to own nothing.
const ACCOUNTS: &[&str] = &["postgres", "_postgres", "nobody"];

/// The account that runs the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUser {
    uid: u32,
    gid: u32,
    /// `None` when it is the one who runs perflab.
    other: Option<String>,
}

impl ServerUser {
    /// Ourselves; for root, the first account of [`ACCOUNTS`] that exists and that a program can really be run as.
    ///
    /// # Errors
    /// We are root and there is no such account, or we have no name, as in a container that is run with a number for a user.
    pub fn choose() -> Result<ServerUser, ServerError> {
        if !geteuid().is_root() {
            if matches!(User::from_uid(geteuid()), Ok(None)) {
                return Err(ServerError::UserWithoutName { uid: geteuid().as_raw() });
            }
            return Ok(ServerUser { uid: geteuid().as_raw(), gid: getegid().as_raw(), other: None });
        }
        let usable = |name: &&str| {
            let account = User::from_name(name).ok().flatten().filter(|account| !account.uid.is_root())?;
            let user = ServerUser { uid: account.uid.as_raw(), gid: account.gid.as_raw(), other: Some((*name).to_owned()) };
            user.may("-d", Path::new("/")).then_some(user)
        };
        ACCOUNTS.iter().find_map(usable).ok_or_else(|| ServerError::NoOtherUser { tried: ACCOUNTS.join(", ") })
    }

    pub fn uid(&self) -> u32 {
        self.uid
    }

    /// The account's name when it is not the one who runs perflab.
    pub fn other(&self) -> Option<&str> {
        self.other.as_deref()
    }

    /// A program to be run as this user: in a process group of its own, so that a Ctrl-C typed at perflab does not reach a server
    /// that is kept for the next command; without input; and without the variables that would change what PostgreSQL does.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").stdin(Stdio::null()).process_group(0);
        let steering = |name: &str| name.starts_with("PG") || name.starts_with("LC_") || name == "LANG" || name == "LANGUAGE";
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(steering)) {
            command.env_remove(name);
        }
        command.env("LC_ALL", "C");
        if self.other.is_some() {
            command.uid(self.uid).gid(self.gid).env("HOME", "/");
        }
        command
    }

    /// Whether `test <flag> <path>` holds for this user: asked by a process of that user, because modes, access lists, mounts and
    /// containers all have a say.
    pub fn may(&self, flag: &str, path: &Path) -> bool {
        let mut command = self.command("/bin/sh");
        command.args(["-c", "test \"$1\" \"$2\"", "sh", flag]).arg(path).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    /// Makes the user the owner of a file that we made.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn give(&self, path: &Path) -> Result<(), ServerError> {
        if self.other.is_none() {
            return Ok(());
        }
        lchown(path, Some(self.uid), Some(self.gid)).map_err(ServerError::file("change the owner of", path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(command: &mut Command) -> String {
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    }

    #[test]
    fn the_server_never_runs_as_root_and_keeps_no_group_of_ours() {
        let user = ServerUser::choose().unwrap();
        let id = output(user.command("id").arg("-u"));
        assert_eq!(id.trim(), user.uid().to_string());
        assert_ne!(id.trim(), "0");
        if user.other().is_some() {
            assert_eq!(output(user.command("id").arg("-G")).split_whitespace().count(), 1);
        }
    }

    #[test]
    fn what_may_be_entered_is_asked_as_that_user() {
        let user = ServerUser::choose().unwrap();
        assert!(user.may("-x", Path::new("/")));
        assert!(!user.may("-w", Path::new("/")), "an unprivileged user can write to the root folder");
        assert!(!user.may("-e", Path::new("/no such file")));
    }

    #[test]
    fn the_language_is_fixed() {
        let user = ServerUser::choose().unwrap();
        assert_eq!(output(user.command("/bin/sh").args(["-c", "echo $LC_ALL$LANG"])).trim(), "C");
    }
}
