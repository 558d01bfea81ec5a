//! The server's process of a session, where it runs on this machine: what the kernel says of it.

use std::fs;

use crate::db::{Connection, DbError};

/// The process behind a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// `None` when it is not on this machine, or cannot be seen.
    local: Option<i64>,
}

/// Nanoseconds of a process since its start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scheduled {
    pub on_cpu: u64,
    /// Ready to run, waiting for a core.
    pub in_queue: u64,
}

impl Backend {
    /// # Errors
    /// When the connection is lost.
    pub async fn of(connection: &mut Connection, database: &str) -> Result<Backend, DbError> {
        let (pid,): (i64,) = connection.row("SELECT pg_backend_pid()::int8").await?;
        // A server elsewhere, or in another container, has numbers of its own: the process must say that it is ours.
        let title = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let title = String::from_utf8_lossy(&title);
        let local = title.contains("postgres") && title.split([' ', '\0']).any(|word| word == database);
        Ok(Backend { local: local.then_some(pid) })
    }

    /// CPU time and time in the run queue; `None` where the kernel does not tell.
    pub fn scheduled(&self) -> Option<Scheduled> {
        parse_schedstat(&fs::read_to_string(format!("/proc/{}/schedstat", self.local?)).ok()?)
    }
}

/// Number of the session's process; `None` when it is not on this machine.
///
/// # Errors
/// When the connection is lost.
pub async fn backend_here(connection: &mut Connection, database: &str) -> Result<Option<i64>, DbError> {
    Ok(Backend::of(connection, database).await?.local)
}

/// `cpu delay slices`, the first two in nanoseconds (Documentation/scheduler/sched-stats.rst of Linux).
fn parse_schedstat(text: &str) -> Option<Scheduled> {
    let mut fields = text.split_whitespace().map(|field| field.parse().ok());
    let scheduled = Scheduled { on_cpu: fields.next()??, in_queue: fields.next()?? };
    // A kernel built without these statistics shows zeros.
    (scheduled.on_cpu > 0).then_some(scheduled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_line_is_read_and_zeros_are_no_answer() {
        assert_eq!(parse_schedstat("106077 3555500 2\n"), Some(Scheduled { on_cpu: 106_077, in_queue: 3_555_500 }));
        assert_eq!(parse_schedstat("0 0 0\n"), None);
        assert_eq!(parse_schedstat(""), None);
    }
}
