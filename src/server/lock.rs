//! One perflab at a time on a project's server.
//!
//! A lock on an open file belongs to the process: the system drops it when the process ends, however it ends, so there is no
//! stale lock to find and to judge. The file itself stays; removing it would let two processes lock two different files.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use super::{Event, ServerError};

/// Held while alive.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Waits for the lock file at `path`, made if need be; tells of it when it must wait.
///
/// # Errors
/// The file cannot be made or locked.
pub fn acquire(path: &Path, events: &mut dyn FnMut(Event)) -> Result<Lock, ServerError> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(ServerError::file("open the lock file", path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            events(Event::Waiting { lock: path.to_owned() });
            file.lock().map_err(ServerError::file("lock", path))?;
        }
        Err(TryLockError::Error(source)) => return Err(ServerError::File { action: "lock", path: path.to_owned(), source }),
    }
    Ok(Lock { _file: file })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::super::scratch::Scratch;
    use super::*;

    #[test]
    fn the_second_waits_until_the_first_lets_go() {
        let scratch = Scratch::new("lock");
        let path = scratch.path().join("lock");
        let first = acquire(&path, &mut |event| panic!("waited for nobody: {event}")).unwrap();
        let (told, hear) = mpsc::channel();
        let second = std::thread::spawn(move || acquire(&path, &mut |event| told.send(event).unwrap()).is_ok());
        assert!(matches!(hear.recv_timeout(Duration::from_secs(10)), Ok(Event::Waiting { .. })));
        std::thread::sleep(Duration::from_millis(50));
        assert!(!second.is_finished(), "got the lock while the first still held it");
        drop(first);
        assert!(second.join().unwrap());
    }
}
