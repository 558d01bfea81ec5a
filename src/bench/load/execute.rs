//! The seam between the load and what is called: a server in life, a fake in tests.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::bench::draw::{Draw, Draws};
use crate::bench::session::Session;
use crate::bench::workload::Workload;
use crate::db::{DbError, Link, Target};

/// What a worker calls through.
#[allow(async_fn_in_trait, reason = "workers run on the thread they were made on, so no future of theirs has to be Send")]
pub trait Execute {
    /// Calls endpoint number `place` with its parameters number `number`.
    async fn call(&mut self, place: usize, number: u64) -> Called;

    /// Ends it in order.
    async fn close(self);
}

/// Makes what a worker calls through.
#[allow(async_fn_in_trait, reason = "see Execute")]
pub trait Connect {
    type Executor: Execute + 'static;
    /// # Errors
    /// When the server cannot be reached or refuses a statement.
    async fn connect(&self) -> Result<Self::Executor, DbError>;
}

/// What became of a call.
#[derive(Debug)]
pub enum Called {
    Made(Made),
    /// The endpoint's parameters are used up; nothing was sent.
    UsedUp,
}

/// A call that reached the server.
#[derive(Debug, Default)]
pub struct Made {
    /// Time to connect, when the call had a connection of its own; part of its service time.
    pub connect: Option<Duration>,
    pub failed: Option<Failed>,
    /// Times that it was made again.
    pub retries: u32,
    /// Whether its connection was lost and made anew.
    pub lost: bool,
}

/// A call that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    pub sqlstate: String,
    pub message: String,
    /// From 1.
    pub step: usize,
}

/// What the connections of one thread are made from.
#[derive(Clone)]
pub struct Service {
    pub workload: Arc<Workload>,
    /// By endpoint, when the load chooses other rows than the endpoints say.
    pub draws: Arc<Vec<Draws>>,
    pub target: Target,
    /// The endpoints that are called.
    pub places: Vec<usize>,
    /// A connection for each call.
    pub per_call: bool,
}

/// One connection of a [`Service`], or the wish for one per call.
pub struct Caller {
    service: Service,
    session: Option<Session<Link>>,
    /// Of the call at hand; its memory is used again.
    draw: Draw,
}

/// Pause after a call on a connection that could not be made again.
const GONE_PAUSE: Duration = Duration::from_millis(100);

impl Connect for Service {
    type Executor = Caller;

    async fn connect(&self) -> Result<Caller, DbError> {
        let session = match self.per_call {
            true => None,
            false => Some(Session::over(&self.target, &self.workload, &self.places).await?),
        };
        Ok(Caller { service: self.clone(), session, draw: Draw::default() })
    }
}

impl Execute for Caller {
    async fn call(&mut self, place: usize, number: u64) -> Called {
        if !self.service.draws[place].draw_into(number, &mut self.draw) {
            return Called::UsedUp;
        }
        let mut made = Made::default();
        let kept = self.session.is_some();
        let mut session = match self.session.take() {
            Some(session) => session,
            None => {
                let started = Instant::now();
                let opened = Session::over(&self.service.target, &self.service.workload, &[place]).await;
                made.connect = Some(started.elapsed());
                match opened {
                    Ok(session) => session,
                    Err(error) => return Called::Made(Made { failed: Some(failed(0, &error)), ..made }),
                }
            }
        };
        match session.call(&self.service.workload, place, &self.draw).await {
            Ok(call) => {
                made.retries = call.retries;
                made.lost = call.lost;
                made.failed = call.failed.map(|failure| failed(failure.step, &failure.error));
            }
            // The server did not come back. Whoever asks again at once is told the same, so the loop is slowed down.
            Err(error) => {
                made.failed = Some(failed(0, &error));
                tokio::time::sleep(GONE_PAUSE).await;
            }
        }
        if kept {
            self.session = Some(session);
        } else {
            session.close().await;
        }
        Called::Made(made)
    }

    async fn close(self) {
        if let Some(session) = self.session {
            session.close().await;
        }
    }
}

fn failed(step: usize, error: &DbError) -> Failed {
    Failed { sqlstate: error.sqlstate().to_owned(), message: error.to_string(), step: step + 1 }
}
