//! The statements of one call, one after the other, as far as the server takes them.

use crate::bench::condition::{Scope, holds};
use crate::bench::draw::Draw;
use crate::bench::steps::step_parameters;
use crate::bench::workload::BoundEndpoint;
use crate::db::{Connection, DbError, Reply, Value};

use super::ExplainError;

/// A call on its way through its statements. A statement under `for_each` comes once, for its first item.
pub(super) struct Walk<'e> {
    endpoint: &'e BoundEndpoint,
    draw: &'e Draw,
    kept: Vec<Option<Reply>>,
    next: usize,
}

impl<'e> Walk<'e> {
    pub fn new(endpoint: &'e BoundEndpoint, draw: &'e Draw) -> Walk<'e> {
        Walk { endpoint, draw, kept: endpoint.steps.iter().map(|_| None).collect(), next: 0 }
    }

    /// The next statement that runs, from 0, with its parameters. `None` at the end, and before a value that cannot be bound: that
    /// fails the call in a bench, too, which counts and shows it.
    pub fn next(&mut self) -> Option<(usize, Vec<Value>)> {
        while let Some(step) = self.endpoint.steps.get(self.next) {
            let number = self.next;
            self.next += 1;
            let scope = Scope { kept: &self.kept, draw: self.draw, item: 0 };
            let runs = step.when.as_ref().is_none_or(|condition| holds(condition, scope));
            let items = step.for_each.map_or(1, |source| self.kept[source].as_ref().map_or(0, |reply| reply.len()));
            if runs && items > 0 {
                return step_parameters(step, self.draw, &self.kept, 0).ok().map(|parameters| (number, parameters));
            }
        }
        None
    }

    /// Runs a statement for real: later ones read its rows and find its writes. False when the server refuses it, which ends the call.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn run(&mut self, connection: &mut Connection, number: usize, parameters: &[Value]) -> Result<bool, ExplainError> {
        let reply = connection.query(&self.endpoint.steps[number].sql, parameters).await;
        if refused(&reply)? {
            return Ok(false);
        }
        self.kept[number] = Some(reply?);
        Ok(true)
    }
}

/// Whether the server refused it.
///
/// # Errors
/// When the connection is lost.
pub(super) fn refused<T>(outcome: &Result<T, DbError>) -> Result<bool, DbError> {
    match outcome {
        Err(error) if error.server_message().is_some() => Ok(true),
        Err(DbError::Connection(reason)) => Err(DbError::Connection(reason.clone())),
        _ => Ok(false),
    }
}
