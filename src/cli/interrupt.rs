//! Ctrl-C: the command stops, and what it was measuring on goes with it.

use std::time::Duration;

use crate::db::{Target, lab};

use super::Outcome;
use super::args::ServerArgs;
use super::laboratory;

/// Exit code 130 is what a shell expects of a program that SIGINT ended.
const INTERRUPTED: i32 = 130;
/// Dropping the clones may not keep the user waiting.
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs a command until it is done, or until SIGINT or SIGTERM; then the clones are dropped, and what was being seeded stays marked as
/// incomplete, so the next run makes it anew.
pub async fn or_interrupted(
    server: &ServerArgs,
    command: impl Future<Output = anyhow::Result<Outcome>>,
) -> anyhow::Result<Outcome> {
    let finished = tokio::select! {
        outcome = command => Some(outcome),
        () = interrupted() => None,
    };
    match finished {
        Some(outcome) => outcome,
        None => {
            eprintln!("\ninterrupted; dropping what was only there for measuring");
            if let Some(target) = laboratory::running_target(server) {
                let _ = tokio::time::timeout(PATIENCE, drop_clones(&target)).await;
            }
            std::process::exit(INTERRUPTED);
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
