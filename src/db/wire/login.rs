//! The way into a session.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256};
use sqlx::ConnectOptions;
use sqlx::postgres::PgSslMode;
use tokio::net::{TcpStream, UnixStream};

use crate::db::connect::Target;
use crate::db::error::DbError;

use super::message::{self, Body};
use super::stream::{Socket, Stream, broken};

/// Where the server is and who asks. The driver's own reading of the URL and of the environment, so that both mean the same.
pub struct Login {
    socket: Option<PathBuf>,
    host: String,
    port: u16,
    tls: TlsWish,
    user: String,
    password: Option<String>,
    settings: Vec<(&'static str, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TlsWish {
    Never,
    IfOffered,
    Needed,
}

impl Login {
    pub fn of(target: &Target) -> Login {
        let options = target.options();
        let host = options.get_host();
        let folder = options.get_socket().cloned().or_else(|| host.starts_with('/').then(|| PathBuf::from(host)));
        let url = options.to_url_lossy();
        let password = url.password().map(|password| percent_decode_str(password).decode_utf8_lossy().into_owned());
        let fixed = [("DateStyle", "ISO, MDY"), ("client_encoding", "UTF8"), ("TimeZone", "UTC"), ("extra_float_digits", "2")];
        let asked = [
            ("user", Some(options.get_username())),
            ("database", options.get_database()),
            ("application_name", options.get_application_name()),
            ("options", options.get_options()),
        ];
        let asked = asked.into_iter().filter_map(|(name, value)| Some((name, value?)));
        Login {
            socket: folder.map(|folder| folder.join(format!(".s.PGSQL.{}", options.get_port()))),
            host: host.to_owned(),
            port: options.get_port(),
            tls: match options.get_ssl_mode() {
                PgSslMode::Disable | PgSslMode::Allow => TlsWish::Never,
                PgSslMode::Prefer => TlsWish::IfOffered,
                _ => TlsWish::Needed,
            },
            user: options.get_username().to_owned(),
            password,
            settings: fixed.into_iter().chain(asked).map(|(name, value)| (name, value.to_owned())).collect(),
        }
    }
}

/// Connects and logs in; `None` when that takes what only the driver can: TLS, a password that is not known here, another way to
/// show who one is.
///
/// # Errors
/// When the server cannot be reached or says no.
pub async fn log_in(login: &Login) -> Result<Option<Stream>, DbError> {
    let Some(mut stream) = connect(login).await? else { return Ok(None) };
    let mut out = Vec::new();
    let settings: Vec<(&str, &str)> = login.settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    message::startup(&mut out, &settings);
    stream.send(&out).await.map_err(broken)?;
    loop {
        let found = stream.message().await?;
        match found.0 {
            b'Z' => return Ok(Some(stream)),
            b'E' => return Err(DbError::Server(Box::new(message::read_error(stream.body(&found)))).with_next_step()),
            b'R' => {
                let question = stream.body(&found).to_vec();
                if !answer(&mut stream, login, &question).await? {
                    return Ok(None);
                }
            }
            _ => {}
        }
    }
}

async fn connect(login: &Login) -> Result<Option<Stream>, DbError> {
    if let Some(path) = &login.socket {
        let socket = UnixStream::connect(path).await.and_then(UnixStream::into_std).map_err(broken)?;
        return Stream::new(Socket::Unix(socket)).map(Some).map_err(broken);
    }
    if login.tls == TlsWish::Needed {
        return Ok(None);
    }
    let socket = TcpStream::connect((login.host.as_str(), login.port)).await.map_err(broken)?;
    socket.set_nodelay(true).map_err(broken)?;
    let socket = socket.into_std().map_err(broken)?;
    let mut stream = Stream::new(Socket::Tcp(socket)).map_err(broken)?;
    if login.tls == TlsWish::IfOffered {
        stream.send(&message::SSL_REQUEST).await.map_err(broken)?;
        if stream.byte().await.map_err(broken)? != b'N' {
            return Ok(None);
        }
    }
    Ok(Some(stream))
}

/// Answers one question of the server's; false when there is no answer here.
async fn answer(stream: &mut Stream, login: &Login, question: &[u8]) -> Result<bool, DbError> {
    let mut body = Body(question);
    let kind = body.u32()?;
    if kind == 0 {
        return Ok(true);
    }
    let Some(password) = &login.password else { return Ok(false) };
    let mut out = Vec::new();
    match kind {
        3 => message::password(&mut out, password.as_bytes()),
        5 => {
            let salt = body.u32()?.to_be_bytes();
            message::password(&mut out, md5_hash(login.user.as_bytes(), password.as_bytes(), salt).as_bytes());
        }
        10 if body.0.split(|byte| *byte == 0).any(|mechanism| mechanism == SCRAM_SHA_256.as_bytes()) => {
            return scram(stream, password).await.map(|()| true);
        }
        _ => return Ok(false),
    }
    stream.send(&out).await.map_err(broken)?;
    Ok(true)
}

/// SCRAM-SHA-256 (RFC 7677) without channel binding, for there is no TLS.
async fn scram(stream: &mut Stream, password: &str) -> Result<(), DbError> {
    let mut scram = ScramSha256::new(password.as_bytes(), ChannelBinding::unsupported());
    let mut out = Vec::new();
    message::sasl_start(&mut out, SCRAM_SHA_256, scram.message());
    stream.send(&out).await.map_err(broken)?;
    let challenge = challenge(stream, 11).await?;
    scram.update(&challenge).map_err(broken)?;
    out.clear();
    message::sasl_answer(&mut out, scram.message());
    stream.send(&out).await.map_err(broken)?;
    let proof = self::challenge(stream, 12).await?;
    scram.finish(&proof).map_err(broken)
}

/// What the server says at this step of the exchange.
async fn challenge(stream: &mut Stream, step: u32) -> Result<Vec<u8>, DbError> {
    loop {
        let found = stream.message().await?;
        let mut body = Body(stream.body(&found));
        match found.0 {
            b'E' => return Err(DbError::Server(Box::new(message::read_error(body.0))).with_next_step()),
            b'R' if body.u32()? == step => return Ok(body.0.to_vec()),
            b'R' => return Err(DbError::Connection("the server did not follow SCRAM".into())),
            _ => {}
        }
    }
}
