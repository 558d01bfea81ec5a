//! The schema of a database as SQL: what `pg_dump --schema-only` prints, made fit for one batch on another server.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::server;

use super::args::ServerArgs;
use super::laboratory;

/// The DDL of the database.
///
/// # Errors
/// Why there is none and what to do about it, as a sentence.
pub fn schema(args: &ServerArgs, url: &str) -> Result<String, String> {
    let Some(program) = program(args) else {
        return Err(
            "there is no pg_dump on this machine; install one (Debian: postgresql-client), or make the schema where there is: \
                    pg_dump --schema-only --no-owner --no-privileges"
                .to_owned(),
        );
    };
    let (url, password) = without_password(url);
    let mut command = Command::new(&program);
    command.args([
        "--schema-only",
        "--no-owner",
        "--no-privileges",
        "--no-publications",
        "--no-subscriptions",
        "--no-tablespaces",
    ]);
    command.arg("--dbname").arg(url).stdin(Stdio::null());
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    let output = command.output().map_err(|error| format!("{} cannot be run: {error}", program.display()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().next().unwrap_or("no reason given").trim().to_owned();
        return Err(format!(
            "the schema could not be read ({first}); as a role that owns the tables, or may read them: \
             pg_dump --schema-only --no-owner --no-privileges"
        ));
    }
    Ok(for_one_batch(&String::from_utf8_lossy(&output.stdout)))
}

fn program(args: &ServerArgs) -> Option<PathBuf> {
    server::client_program(&laboratory::options(args), "pg_dump")
}

/// Parameters of a URL that libpq knows; it refuses others, some of which are this program's driver's own.
const OF_LIBPQ: &[&str] = &[
    "host",
    "hostaddr",
    "port",
    "user",
    "dbname",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "sslcrl",
    "options",
    "passfile",
    "connect_timeout",
    "application_name",
    "target_session_attrs",
];

/// The URL for another program's arguments, which anybody on the machine can read, and the password for its environment.
fn without_password(url: &str) -> (String, Option<String>) {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let mut password = None;
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match name {
            "password" => password = Some(decoded(value)),
            _ if OF_LIBPQ.contains(&name) => kept.push(pair),
            _ => {}
        }
    }
    let (scheme, rest) = base.split_once("://").unwrap_or(("postgres", base));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let authority = match authority.rsplit_once('@') {
        Some((login, host)) => {
            let (user, secret) = login.split_once(':').map_or((login, None), |(user, secret)| (user, Some(secret)));
            password = secret.map(decoded).or(password);
            format!("{user}@{host}")
        }
        None => authority.to_owned(),
    };
    let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    (format!("{scheme}://{authority}{path}{query}"), password)
}

/// `%40` is `@`.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let escaped =
            (bytes[i] == b'%').then(|| text.get(i + 1..i + 3)).flatten().and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(escaped.unwrap_or(bytes[i]));
        i += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Takes out what psql alone understands, settings that an older server may not know or that would outlast the batch, and what every new
/// database has already.
fn for_one_batch(dump: &str) -> String {
    let mut preamble = true;
    let mut lines: Vec<&str> = Vec::new();
    for line in dump.lines() {
        preamble &= !line.starts_with("CREATE ") && !line.starts_with("ALTER ");
        let setting = line.starts_with("SET ") && !line.starts_with("SET check_function_bodies");
        let of_session = preamble && (setting || line.starts_with("SELECT pg_catalog.set_config("));
        // Since August 2025 pg_dump brackets its output with these.
        let of_psql = line.starts_with("\\restrict ") || line.starts_with("\\unrestrict ");
        let doubled = line.is_empty() && lines.last().is_none_or(|last| last.is_empty() || *last == "--");
        if of_session || of_psql || doubled {
            continue;
        }
        lines.push(if line == "CREATE SCHEMA public;" { "CREATE SCHEMA IF NOT EXISTS public;" } else { line });
    }
    let mut text = lines.join("\n").trim().to_owned();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_moves_to_the_environment() {
        let (url, password) = without_password("postgres://me:s%40cret@db:5433/shop?sslmode=require&statement-cache-capacity=5");
        assert_eq!((url.as_str(), password.as_deref()), ("postgres://me@db:5433/shop?sslmode=require", Some("s@cret")));
        let (url, password) = without_password("postgresql:///shop?host=/run/pg&password=x%zz");
        assert_eq!((url.as_str(), password.as_deref()), ("postgresql:///shop?host=/run/pg", Some("x%zz")));
        assert_eq!(without_password("postgres://db/shop"), ("postgres://db/shop".to_owned(), None));
    }

    #[test]
    fn a_dump_becomes_one_batch() {
        let dump = "--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\nSET statement_timeout = 0;\nSET transaction_timeout = 0;\n\
            SELECT pg_catalog.set_config('search_path', '', false);\nSET check_function_bodies = false;\n\nCREATE SCHEMA public;\n\n\n\
            CREATE FUNCTION public.f() RETURNS void\n    LANGUAGE sql\n    AS $$\nSET statement_timeout = 5;\n$$;\n\n\\unrestrict abc\n";
        assert_eq!(
            for_one_batch(dump),
            "--\n-- PostgreSQL database dump\n--\nSET check_function_bodies = false;\n\nCREATE SCHEMA IF NOT EXISTS public;\n\n\
             CREATE FUNCTION public.f() RETURNS void\n    LANGUAGE sql\n    AS $$\nSET statement_timeout = 5;\n$$;\n"
        );
    }
}
