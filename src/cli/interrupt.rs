//! Ctrl-C: the command stops, and what it was measuring on goes with it. A bench says what it has before it does.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::bench::live::Stop;
use crate::bench::placement;
use crate::db::{Target, lab};

use super::Outcome;
use super::args::ServerArgs;
use super::laboratory;
use super::ui::Console;
use super::worktree;

/// Exit code 130 is what a shell expects of a program that SIGINT ended.
pub const INTERRUPTED: u8 = 130;
/// Dropping the clones may not keep the user waiting.
const PATIENCE: Duration = Duration::from_secs(5);

/// How a command that measures is asked to end with what it has.
pub struct EndEarly {
    stop: Stop,
    measuring: AtomicBool,
    /// A view on the terminal, which says so itself, may be open.
    shown: bool,
}

impl EndEarly {
    pub fn new(console: &Console) -> EndEarly {
        EndEarly { stop: Stop::default(), measuring: AtomicBool::new(false), shown: console.is_live() }
    }

    /// From here on the first Ctrl-C asks this to stop; before there is nothing to say, and it ends the command.
    pub fn measuring(&self) -> &Stop {
        self.measuring.store(true, Ordering::Relaxed);
        &self.stop
    }

    /// Whether the command was told to end and will.
    fn ask(&self) -> bool {
        let measuring = self.measuring.load(Ordering::Relaxed);
        if measuring {
            self.stop.ask();
            if !self.shown {
                eprintln!("ending with what has been measured; Ctrl-C again ends at once");
            }
        }
        measuring
    }
}

/// Runs a command until it is done, or until SIGINT or SIGTERM. One that measures is asked to end, and ended by the second signal. When
/// it is ended, the clones are dropped, and what was being seeded stays marked as
/// incomplete, so the next run makes it anew.
pub async fn or_interrupted(
    server: &ServerArgs,
    end_early: &EndEarly,
    command: impl Future<Output = anyhow::Result<Outcome>>,
) -> anyhow::Result<Outcome> {
    let mut command = std::pin::pin!(command);
    // The signals first: a command may be busy for a while before it waits for anything, and until somebody listens they just kill.
    let mut finished = tokio::select! {
        biased;
        () = interrupted() => None,
        outcome = &mut command => Some(outcome),
    };
    if finished.is_none() && end_early.ask() {
        finished = tokio::select! {
            outcome = &mut command => Some(outcome),
            () = interrupted() => None,
        };
    }
    match finished {
        Some(outcome) => outcome,
        None => {
            eprintln!("\ninterrupted; dropping what was only there for measuring");
            if let Some(target) = laboratory::running_target(server) {
                let _ = tokio::time::timeout(PATIENCE, drop_clones(&target)).await;
            }
            placement::restore();
            worktree::remove_all();
            std::process::exit(INTERRUPTED.into());
        }
    }
}

async fn drop_clones(target: &Target) {
    // Whatever cannot be dropped now is dropped by the next command on the same scenario.
    let _ = lab::drop_abandoned_clones(target).await;
}

async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => if pressed.is_err() { std::future::pending().await },
        () = terminated => {}
    }
}
