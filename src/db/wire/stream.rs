//! Bytes to and from a server, and the messages they come in.

use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::ops::Range;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::db::error::DbError;

/// Room for what a server usually answers in one piece.
const ROOM: usize = 16 * 1024;
/// The server's own limit of a message.
const MOST: usize = 1 << 30;

/// A socket that does not block.
#[derive(Debug)]
pub enum Socket {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl AsRawFd for Socket {
    fn as_raw_fd(&self) -> RawFd {
        match self {
            Socket::Unix(socket) => socket.as_raw_fd(),
            Socket::Tcp(socket) => socket.as_raw_fd(),
        }
    }
}

impl Socket {
    fn read(&self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Socket::Unix(socket) => { socket }.read(into),
            Socket::Tcp(socket) => { socket }.read(into),
        }
    }

    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Socket::Unix(socket) => { socket }.write(bytes),
            Socket::Tcp(socket) => { socket }.write(bytes),
        }
    }

    fn second(&self) -> io::Result<OwnedFd> {
        match self {
            Socket::Unix(socket) => socket.as_fd().try_clone_to_owned(),
            Socket::Tcp(socket) => socket.as_fd().try_clone_to_owned(),
        }
    }
}

/// A socket, and what has been read from it beyond the message at hand.
///
/// The event loop watches it for reading only. A unix socket also tells who watches it for writing whenever the server has read
/// something, and each call would wake the client twice.
pub struct Stream {
    socket: AsyncFd<Socket>,
    input: Vec<u8>,
    start: usize,
    end: usize,
}

/// A message: its kind, and where its body stands in [`Stream::body`].
pub type Message = (u8, Range<usize>);

impl Stream {
    /// # Errors
    /// When the event loop takes no more sockets.
    pub fn new(socket: Socket) -> io::Result<Stream> {
        // SAFETY: the socket is the stream's own, stays open and keeps its number until both are dropped.
        let socket = unsafe { AsyncFd::register_with_interest(socket, Interest::READABLE) }?;
        Ok(Stream { socket, input: vec![0; ROOM], start: 0, end: 0 })
    }

    pub async fn send(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let mut full: Option<AsyncFd<OwnedFd>> = None;
        while !bytes.is_empty() {
            match self.socket.get_ref().write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let full = match &mut full {
                        Some(full) => full,
                        none => none.insert(self.watch_for_room()?),
                    };
                    full.writable().await?.clear_ready();
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The same socket under a second number, watched for writing.
    fn watch_for_room(&self) -> io::Result<AsyncFd<OwnedFd>> {
        let second = self.socket.get_ref().second()?;
        // SAFETY: nobody else has this number, and it stays open until the watch is dropped.
        Ok(unsafe { AsyncFd::register_with_interest(second, Interest::WRITABLE) }?)
    }

    /// What is there to read, as much as there is room for; 0 is the end.
    async fn read(socket: &AsyncFd<Socket>, room: &mut [u8]) -> io::Result<usize> {
        loop {
            // Polled, as only one task ever waits here: `readable` would keep a list of those that do.
            let mut ready = poll_fn(|context| socket.poll_read_ready(context)).await?;
            match ready.try_io(|socket| socket.get_ref().read(room)) {
                Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(read) => {
                    // A read that leaves room has emptied the socket; asking again would only tell so.
                    if read.as_ref().is_ok_and(|read| (1..room.len()).contains(read)) {
                        ready.clear_ready();
                    }
                    return read;
                }
                Err(_) => {}
            }
        }
    }

    /// One byte that is no message, which the server answers to the question for TLS.
    pub async fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        match Stream::read(&self.socket, &mut byte).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(byte[0]),
        }
    }

    /// The next message.
    ///
    /// # Errors
    /// When the connection broke, was closed, or carries something else than messages.
    pub async fn message(&mut self) -> Result<Message, DbError> {
        loop {
            if let Some(message) = self.complete()? {
                return Ok(message);
            }
            match Stream::read(&self.socket, &mut self.input[self.end..]).await.map_err(broken)? {
                0 => return Err(DbError::Connection("the server closed it".into())),
                read => self.end += read,
            }
        }
    }

    pub fn body(&self, message: &Message) -> &[u8] {
        &self.input[message.1.clone()]
    }

    /// A message that has been read whole; makes room for the rest of one that has not.
    fn complete(&mut self) -> Result<Option<Message>, DbError> {
        let read = &self.input[self.start..self.end];
        let mut wanted = ROOM / 2;
        if let Some((head, rest)) = read.split_first_chunk::<5>() {
            let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
            if !(4..MOST).contains(&length) {
                return Err(DbError::Connection("what answers is no PostgreSQL server".into()));
            }
            if rest.len() >= length - 4 {
                let kind = head[0];
                let body = self.start + 5..self.start + 1 + length;
                self.start = body.end;
                return Ok(Some((kind, body)));
            }
            wanted = wanted.max(1 + length - read.len());
        }
        self.make_room(wanted);
        Ok(None)
    }

    fn make_room(&mut self, wanted: usize) {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        if self.input.len() - self.end < wanted {
            self.input.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.input.len() - self.end < wanted {
            self.input.resize(self.end + wanted, 0);
        }
    }
}

pub fn broken(error: io::Error) -> DbError {
    DbError::Connection(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    use tokio::io::AsyncWriteExt;

    /// What is read when a server writes these pieces, one after the other.
    fn read(pieces: &[&[u8]]) -> Vec<Result<(u8, Vec<u8>), String>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        runtime.block_on(async {
            let (mut server, client) = tokio::net::UnixStream::pair().unwrap();
            let mut stream = Stream::new(Socket::Unix(client.into_std().unwrap())).unwrap();
            let write = async move {
                for piece in pieces {
                    server.write_all(piece).await.unwrap();
                    tokio::task::yield_now().await;
                }
            };
            let read = async {
                let mut found = Vec::new();
                loop {
                    let message = stream.message().await;
                    let ended = message.is_err();
                    found.push(
                        message.map(|message| (message.0, stream.body(&message).to_vec())).map_err(|error| error.to_string()),
                    );
                    if ended {
                        return found;
                    }
                }
            };
            tokio::join!(write, read).1
        })
    }

    #[test]
    fn messages_are_put_together_from_any_pieces() {
        let read = read(&[b"Z\0\0", b"\0\x05IC\0\0\0\x06a\0D", b"\0\0\0\x04"]);
        assert_eq!(read[..3], [Ok((b'Z', b"I".to_vec())), Ok((b'C', b"a\0".to_vec())), Ok((b'D', vec![]))]);
        assert!(read[3].as_ref().is_err_and(|error| error.contains("closed")));
    }

    #[test]
    fn a_message_may_be_larger_than_the_room_for_it() {
        let mut sent = b"D\0\x03\x00\x04".to_vec();
        sent.resize(5 + 0x30000, 7);
        sent.extend(b"Z\0\0\0\x05I");
        let read = read(&[&sent[..9], &sent[9..]]);
        assert_eq!(read[0].as_ref().map(|(kind, body)| (*kind, body.len())), Ok((b'D', 0x30000)));
        assert_eq!(read[1], Ok((b'Z', b"I".to_vec())));
    }

    #[test]
    fn what_the_socket_has_no_room_for_is_sent_when_it_has() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        let sent: Vec<u8> = (0..4_000_000_u32).map(|place| place as u8).collect();
        let arrived = runtime.block_on(async {
            use tokio::io::AsyncReadExt;
            let (mut server, client) = tokio::net::UnixStream::pair().unwrap();
            let mut stream = Stream::new(Socket::Unix(client.into_std().unwrap())).unwrap();
            let mut arrived = vec![0; sent.len()];
            let (sending, reading) = tokio::join!(stream.send(&sent), server.read_exact(&mut arrived));
            sending.unwrap();
            reading.unwrap();
            arrived
        });
        assert!(arrived == sent);
    }

    #[test]
    fn something_else_is_no_server() {
        let read = read(&[b"HTTP/1.1 400 Bad Request\r\n\r\n"]);
        assert!(read[0].as_ref().is_err_and(|error| error.contains("no PostgreSQL server")), "{read:?}");
    }
}
