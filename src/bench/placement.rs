//! On which processors client and server run: seen, and chosen where that is possible.
//!
//! A point lookup takes several times as long where the two are on different cores as where they share one, for waking another core
//! takes longer than the lookup; the scheduler's choice between the two can change from run to run.

use std::fs;

use crate::db::{Connection, DbError, Target};
use crate::report::model::Placement;

use super::server_side::backend_here;

/// Where to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pin {
    /// The server has processors that the client has not.
    Apart,
    /// Both on one.
    Same,
}

impl Pin {
    fn name(self) -> &'static str {
        match self {
            Pin::Apart => "apart",
            Pin::Same => "same",
        }
    }

    /// The client's and the server's of these processors.
    fn divide(self, cpus: &[usize]) -> Result<(&[usize], &[usize]), String> {
        match (self, cpus) {
            (Pin::Same, [one, ..]) => Ok((std::slice::from_ref(one), std::slice::from_ref(one))),
            (Pin::Apart, [_, _, ..]) => Ok(cpus.split_at(cpus.len() / 2)),
            _ => Err(format!("--pin apart needs two processors, and perflab may use {}", cpus.len())),
        }
    }
}

/// What was asked for cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PinError {
    #[error("client and server cannot be placed: {0}; leave out --pin")]
    Impossible(String),
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Keeps client and server where they were put. Puts both back when dropped.
#[derive(Debug)]
#[must_use]
pub struct Pinned {
    pin: Pin,
}

/// Puts this process and the server's on processors of their own, or on one. New sessions are where the server's first process is.
///
/// # Errors
/// [`PinError::Impossible`] where there are too few processors, the server is on another machine, or belongs to somebody else.
pub async fn pin(pin: Pin, target: &Target) -> Result<Pinned, PinError> {
    let mut connection = Connection::open(target).await?;
    let backend = backend_here(&mut connection, target.database()).await?;
    // The session's process is there as long as the session, and leads to its parent.
    let placed = backend.ok_or_else(|| "the server is not on this machine".into()).and_then(|backend| system::pin(pin, backend));
    connection.close().await;
    placed.map_err(PinError::Impossible)?;
    Ok(Pinned { pin })
}

impl Pinned {
    /// As `--pin` calls it.
    pub fn name(&self) -> &'static str {
        self.pin.name()
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        restore();
    }
}

/// Puts back what [`pin`] placed; for who ends the process without dropping anything.
pub fn restore() {
    system::restore();
}

/// Where client and server may run, as the kernel lists processors: `0-3,8`.
///
/// # Errors
/// When the connection is lost.
pub async fn seen(target: &Target) -> Result<Placement, DbError> {
    let mut connection = Connection::open(target).await?;
    let backend = backend_here(&mut connection, target.database()).await?;
    let placement = Placement {
        same_machine: backend.is_some(),
        client_cpus: allowed("self").unwrap_or_else(|| "unknown".to_owned()),
        server_cpus: backend.and_then(|pid| allowed(&pid.to_string())),
        pinned: None,
    };
    connection.close().await;
    Ok(placement)
}

fn allowed(process: &str) -> Option<String> {
    status(process, "Cpus_allowed_list:")
}

/// A line of what the kernel says of a process.
fn status(process: &str, name: &str) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    Some(status.lines().find_map(|line| line.strip_prefix(name))?.trim().to_owned())
}

#[cfg(target_os = "linux")]
mod system {
    use std::collections::HashSet;
    use std::sync::{Mutex, PoisonError};

    use nix::errno::Errno;
    use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
    use nix::unistd::Pid;

    use super::{Pin, status};

    /// What the server's first process and this one might use before they were placed.
    struct Before {
        server: (Pid, CpuSet),
        own: CpuSet,
    }

    static BEFORE: Mutex<Option<Before>> = Mutex::new(None);

    /// Places this process and the parent of a session's process; when one of them cannot be, none is.
    pub fn pin(pin: Pin, backend: i64) -> Result<(), String> {
        place(pin, backend).inspect_err(|_| restore())
    }

    fn place(pin: Pin, backend: i64) -> Result<(), String> {
        let own = sched_getaffinity(Pid::from_raw(0)).map_err(|error| error.to_string())?;
        let cpus: Vec<usize> = (0..CpuSet::count()).filter(|cpu| own.is_set(*cpu).unwrap_or(false)).collect();
        let (client, server) = pin.divide(&cpus)?;
        let postmaster = postmaster(backend).ok_or("the server's first process cannot be seen")?;
        let before = sched_getaffinity(postmaster).map_err(|error| error.to_string())?;
        *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(Before { server: (postmaster, before), own });
        set_of(server).and_then(|cpus| sched_setaffinity(postmaster, &cpus)).map_err(|error| match error {
            Errno::EPERM => "the server belongs to another user".to_owned(),
            Errno::EINVAL => "the server may not use the processors that perflab may".to_owned(),
            error => error.to_string(),
        })?;
        set_of(client).and_then(|cpus| every_thread(&cpus)).map_err(|error| error.to_string())
    }

    fn set_of(cpus: &[usize]) -> Result<CpuSet, Errno> {
        let mut set = CpuSet::new();
        cpus.iter().try_for_each(|cpu| set.set(*cpu))?;
        Ok(set)
    }

    /// The parent of a session's process, if it is a server: 0 is what a process outside of this container is called, and would mean
    /// this one.
    fn postmaster(backend: i64) -> Option<Pid> {
        let parent: i32 = status(&backend.to_string(), "PPid:")?.parse().ok()?;
        let is_server = status(&parent.to_string(), "Name:")?.contains("postgres");
        (parent > 0 && is_server).then(|| Pid::from_raw(parent))
    }

    /// Places all threads of this process, those that are started meanwhile too.
    fn every_thread(cpus: &CpuSet) -> Result<(), Errno> {
        let mut placed = HashSet::new();
        loop {
            let listed = std::fs::read_dir("/proc/self/task").map_err(|_| Errno::ENOSYS)?;
            let all = listed.filter_map(|thread| thread.ok()?.file_name().to_str()?.parse::<i32>().ok());
            let fresh: Vec<i32> = all.filter(|thread| placed.insert(*thread)).collect();
            if fresh.is_empty() {
                return Ok(());
            }
            for thread in fresh {
                match sched_setaffinity(Pid::from_raw(thread), cpus) {
                    // It has ended.
                    Ok(()) | Err(Errno::ESRCH) => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }

    pub fn restore() {
        if let Some(Before { server, own }) = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // Who is gone needs nothing.
            let _ = sched_setaffinity(server.0, &server.1);
            let _ = every_thread(&own);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    pub fn pin(_: super::Pin, _: i64) -> Result<(), String> {
        Err("only Linux lets one choose processors".to_owned())
    }

    pub fn restore() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors_are_divided_or_shared() {
        assert_eq!(Pin::Apart.divide(&[0, 1, 4]), Ok(([0].as_slice(), [1, 4].as_slice())));
        assert_eq!(Pin::Same.divide(&[2, 3]), Ok(([2].as_slice(), [2].as_slice())));
        assert!(Pin::Apart.divide(&[5]).is_err_and(|said| said.contains("needs two processors, and perflab may use 1")));
    }
}
