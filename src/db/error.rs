//! What can go wrong between perflab and a server.

use std::fmt;

use sqlx::postgres::{PgDatabaseError, PgErrorPosition, PgSeverity};

/// A failure of the server, of the connection, or of what came back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DbError {
    #[error("cannot connect to {server}")]
    Connect {
        server: String,
        #[source]
        source: Box<DbError>,
    },
    #[error("{0}")]
    Server(Box<ServerMessage>),
    /// A connection that was lost could not be made again.
    #[error(
        "the connection to {server} was lost and could not be made again: {reason}; see that the server runs, then try again"
    )]
    Gone { server: String, reason: String },
    /// The connection broke or the protocol was not followed.
    #[error("the connection to the server failed: {0}; see that the server runs and can be reached, then try again")]
    Connection(String),
    /// A URL that is no PostgreSQL URL.
    #[error("`{given}` is not a PostgreSQL connection URL: {reason}; it looks like postgres://user@host:5432/database")]
    Url { given: String, reason: String },
    /// The server answered, but not what was asked.
    #[error("{0}")]
    Unexpected(String),
    #[error("{0}")]
    NotALab(String),
    #[error("{what}")]
    During {
        what: String,
        #[source]
        source: Box<DbError>,
    },
}

/// An ERROR as PostgreSQL reports it, from its fields.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServerMessage {
    /// Five characters.
    pub sqlstate: String,
    /// FATAL or PANIC: the server has ended the session with it.
    pub fatal: bool,
    pub message: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
    /// Character of the statement, from 1.
    pub position: Option<usize>,
    /// The constraint and the column it is about, where the server says so.
    pub constraint: Option<String>,
    pub column: Option<String>,
    /// What the server was doing: `COPY users, line 5, column age`.
    pub context: Option<String>,
}

impl ServerMessage {
    /// Everything but the hint, for messages that show it as their help.
    pub fn without_hint(&self) -> String {
        let position = self.position.map_or(String::new(), |position| format!(", at character {position}"));
        let detail = self.detail.as_ref().map_or(String::new(), |detail| format!("; {detail}"));
        format!("{} (SQLSTATE {}{position}){detail}", self.message, self.sqlstate)
    }
}

impl fmt::Display for ServerMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.without_hint())?;
        if let Some(hint) = &self.hint {
            write!(f, "; hint: {hint}")?;
        }
        Ok(())
    }
}

impl DbError {
    /// The same failure with a sentence of what was being done.
    pub fn during(self, what: impl Into<String>) -> DbError {
        DbError::During { what: what.into(), source: Box::new(self) }
    }

    /// The server says what is wrong with a login, and not what to do about it.
    pub(super) fn with_next_step(mut self) -> DbError {
        if let DbError::Server(message) = &mut self {
            let step = match message.sqlstate.as_str() {
                "3D000" => Some("end the URL in a database that exists, e.g. /postgres"),
                "28P01" | "28000" => {
                    Some("look at the URL's user and password; special characters are written with %, e.g. %40 for @")
                }
                "53300" => Some("close other sessions, or raise max_connections"),
                _ => None,
            };
            message.hint = message.hint.take().or(step.map(str::to_owned));
        }
        self
    }

    /// The failure of a statement that was sent with `before` characters in front of it: the place that the server names is moved
    /// back to the statement's own, and left out when it is none of its `length` characters.
    pub fn moved_back(self, before: usize, length: usize) -> DbError {
        self.placed(|position| position.checked_sub(before).filter(|own| (1..=length + 1).contains(own)))
    }

    /// The failure with the place that the server names put where `place` says, or left out.
    pub fn placed(mut self, place: impl Fn(usize) -> Option<usize>) -> DbError {
        if let DbError::Server(message) = &mut self {
            message.position = message.position.and_then(place);
        }
        self
    }

    /// The server's own report, however deep it lies.
    pub fn server_message(&self) -> Option<&ServerMessage> {
        match self {
            DbError::Server(message) => Some(message),
            DbError::Connect { source, .. } | DbError::During { source, .. } => source.server_message(),
            _ => None,
        }
    }

    /// SQLSTATE, `connection` when the connection broke without one, or `client` when the failure was on this side of the wire.
    pub fn sqlstate(&self) -> &str {
        match self.server_message() {
            Some(message) => &message.sqlstate,
            None if self.lost() => "connection",
            None => "client",
        }
    }

    /// Whether the session is gone: the connection broke, or the server ended it.
    pub fn lost(&self) -> bool {
        match self {
            DbError::Connection(_) | DbError::Gone { .. } | DbError::Connect { .. } => true,
            DbError::Server(message) => message.fatal,
            DbError::During { source, .. } => source.lost(),
            _ => false,
        }
    }

    /// Whether another try of the same transaction may succeed: a serialization failure (40001) or a deadlock (40P01).
    pub fn passes(&self) -> bool {
        matches!(self.sqlstate(), "40001" | "40P01")
    }

    /// The message and what caused it, in one line.
    pub fn with_causes(&self) -> String {
        let causes = std::iter::successors(std::error::Error::source(self), |cause| cause.source());
        causes.fold(self.to_string(), |said, cause| format!("{said}: {cause}"))
    }
}

impl From<sqlx::Error> for DbError {
    /// sqlx's own text ends with the line of the server's C source, so the message is built from its fields.
    fn from(error: sqlx::Error) -> Self {
        let sqlx::Error::Database(database) = &error else {
            return DbError::Connection(error.to_string());
        };
        let Some(postgres) = database.try_downcast_ref::<PgDatabaseError>() else {
            return DbError::Connection(error.to_string());
        };
        DbError::Server(Box::new(ServerMessage {
            sqlstate: postgres.code().to_owned(),
            fatal: matches!(postgres.severity(), PgSeverity::Fatal | PgSeverity::Panic),
            message: postgres.message().to_owned(),
            detail: postgres.detail().map(str::to_owned),
            hint: postgres.hint().map(str::to_owned),
            position: match postgres.position() {
                Some(PgErrorPosition::Original(position)) => Some(position),
                _ => None,
            },
            constraint: postgres.constraint().map(str::to_owned),
            column: postgres.column().map(str::to_owned),
            context: postgres.r#where().map(str::to_owned),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_moved_back_or_left_out() {
        let moved = |position| {
            let message = ServerMessage { position: Some(position), ..ServerMessage::default() };
            DbError::Server(Box::new(message)).moved_back(8, 5).server_message().and_then(|message| message.position)
        };
        assert_eq!((moved(9), moved(13), moved(14)), (Some(1), Some(5), Some(6)), "the end of the statement is a place too");
        assert_eq!((moved(8), moved(15)), (None, None));
    }

    #[test]
    fn a_refused_login_says_what_to_do() {
        let refused = |sqlstate: &str, hint: Option<&str>| {
            let (message, hint) = ("no".to_owned(), hint.map(str::to_owned));
            let said = ServerMessage { sqlstate: sqlstate.into(), message, detail: None, hint, ..ServerMessage::default() };
            DbError::Server(Box::new(said)).with_next_step().to_string()
        };
        assert!(refused("3D000", None).contains("hint: end the URL in a database that exists"));
        assert!(refused("28P01", Some("its own")).ends_with("hint: its own"));
        assert_eq!(refused("XX000", None), "no (SQLSTATE XX000)");
    }
}
