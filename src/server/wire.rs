//! Just enough of PostgreSQL's protocol 3.0 to ask a server on a unix socket whether it is there and how it is set.
//!
//! This module has no runtime to await anything in, and the fetched packages carry no psql; a startup packet and the simple
//! query protocol are a page of code. No passwords: the socket's folder is what keeps others out (see [`super`]).
//! Source: PostgreSQL 18 documentation, chapter 54 "Frontend/Backend Protocol".

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// How long a server may think about one message before we call it silent.
const PATIENCE: Duration = Duration::from_secs(10);
/// What these sessions call themselves, so that they are not taken for users of the server.
pub const APPLICATION: &str = "perflab server check";
/// Larger messages than this do not come from the questions asked here.
const MAX_MESSAGE: u32 = 1 << 20;

/// An open session.
#[derive(Debug)]
pub struct Session {
    stream: UnixStream,
}

/// Why a session or a query failed.
#[derive(Debug)]
pub enum WireError {
    /// Nobody listens, or the connection broke.
    Unreachable(io::Error),
    /// The server's own words, with the SQLSTATE.
    Refused { state: String, message: String },
}

/// One row: the values as text, `None` for NULL.
pub type Row = Vec<Option<String>>;

impl Session {
    /// Connects to `socket` and waits until the server is ready for a query.
    pub fn open(socket: &Path, user: &str, database: &str) -> Result<Session, WireError> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut session = Session { stream };
        let mut body = 196_608_u32.to_be_bytes().to_vec(); // protocol 3.0
        for (name, value) in [("user", user), ("database", database), ("application_name", APPLICATION)] {
            body.extend([name.as_bytes(), b"\0", value.as_bytes(), b"\0"].concat());
        }
        body.push(0);
        session.send(None, &body)?;
        session.collect_rows()?;
        Ok(session)
    }

    /// Runs one statement and returns its rows.
    pub fn query(&mut self, sql: &str) -> Result<Vec<Row>, WireError> {
        self.send(Some(b'Q'), &[sql.as_bytes(), b"\0"].concat())?;
        self.collect_rows()
    }

    fn send(&mut self, kind: Option<u8>, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len() + 4).map_err(io::Error::other)?;
        let mut message: Vec<u8> = kind.into_iter().collect();
        message.extend(length.to_be_bytes());
        message.extend(body);
        self.stream.write_all(&message)
    }

    /// Reads until `ReadyForQuery`; an error of the server ends the reading, as the session is not used after one.
    fn collect_rows(&mut self) -> Result<Vec<Row>, WireError> {
        let mut rows = Vec::new();
        loop {
            let (kind, body) = self.receive()?;
            match kind {
                b'Z' => return Ok(rows),
                b'E' => return Err(parse_error(&body)),
                b'D' => rows.push(parse_row(&body).ok_or_else(|| malformed("a malformed row"))?),
                b'R' if body.get(..4) != Some(&[0; 4]) => {
                    return Err(malformed("a request for a password, which perflab's own servers never make"));
                }
                _ => {}
            }
        }
    }

    fn receive(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let mut head = [0; 5];
        self.stream.read_exact(&mut head)?;
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
        if !(4..MAX_MESSAGE).contains(&length) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a PostgreSQL message"));
        }
        let mut body = vec![0; length as usize - 4];
        self.stream.read_exact(&mut body)?;
        Ok((head[0], body))
    }
}

fn malformed(what: &str) -> WireError {
    WireError::Unreachable(io::Error::new(io::ErrorKind::InvalidData, format!("the server sent {what}")))
}

/// `DataRow`: a count, then each value's length (-1 for NULL) and bytes.
fn parse_row(body: &[u8]) -> Option<Row> {
    let (count, mut rest) = body.split_first_chunk::<2>()?;
    let mut row = Vec::new();
    for _ in 0..u16::from_be_bytes(*count) {
        let (length, after) = rest.split_first_chunk::<4>()?;
        rest = after;
        let value = match i32::from_be_bytes(*length) {
            -1 => None,
            length => {
                let (value, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
                rest = after;
                Some(String::from_utf8_lossy(value).into_owned())
            }
        };
        row.push(value);
    }
    Some(row)
}

/// `ErrorResponse`: fields of a letter and a string, ended by a zero.
fn parse_error(body: &[u8]) -> WireError {
    let field = |letter: u8| {
        let found = body.split(|byte| *byte == 0).find(|field| field.first() == Some(&letter));
        found.map_or_else(String::new, |field| String::from_utf8_lossy(&field[1..]).into_owned())
    };
    WireError::Refused { state: field(b'C'), message: field(b'M') }
}

impl WireError {
    /// `cannot_connect_now`: starting up, recovering or shutting down; worth another try.
    pub fn is_not_yet(&self) -> bool {
        matches!(self, WireError::Refused { state, .. } if state == "57P03")
    }
}

impl From<io::Error> for WireError {
    fn from(error: io::Error) -> Self {
        WireError::Unreachable(error)
    }
}

impl std::fmt::Display for WireError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            WireError::Unreachable(error) => write!(f, "{error}"),
            WireError::Refused { state, message } => write!(f, "{message} (SQLSTATE {state})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use proptest::prelude::*;

    use super::super::scratch::Scratch;
    use super::*;

    fn answer(bytes: &'static [u8]) -> Result<Session, WireError> {
        let scratch = Scratch::new("wire");
        let socket = scratch.path().join("s");
        let listener = UnixListener::bind(&socket).unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut startup = [0; 16];
            stream.read_exact(&mut startup).unwrap();
            stream.write_all(bytes).unwrap();
        });
        let session = Session::open(&socket, "postgres", "postgres");
        server.join().unwrap();
        session
    }

    #[test]
    fn ready_starting_and_password_are_told_apart() {
        assert!(answer(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I").is_ok());
        let starting = answer(b"E\0\0\0\x16C57P03\0Mstarting\0\0").unwrap_err();
        assert!(starting.is_not_yet(), "{starting}");
        let refused = answer(b"E\0\0\0\x12C53300\0Mfull\0\0").unwrap_err();
        assert!(!refused.is_not_yet());
        assert_eq!(refused.to_string(), "full (SQLSTATE 53300)");
        assert!(answer(b"R\0\0\0\x08\0\0\0\x0a").unwrap_err().to_string().contains("password"));
    }

    #[test]
    fn something_else_on_the_socket_is_no_server() {
        assert!(matches!(answer(b"HTTP/1.1 400 Bad Request\r\n\r\n"), Err(WireError::Unreachable(_))));
        assert!(matches!(answer(b""), Err(WireError::Unreachable(_))));
    }

    #[test]
    fn rows_keep_nulls() {
        assert_eq!(parse_row(b"\0\x02\0\0\0\x01a\xff\xff\xff\xff"), Some(vec![Some("a".into()), None]));
        assert_eq!(parse_row(b"\0\x01\0\0\0\x09a"), None, "a value longer than its message");
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parsers_panic(body: Vec<u8>) {
            let _ = parse_row(&body);
            let _ = parse_error(&body);
        }
    }
}
