//! pg_dump: the schema of a database as SQL, made fit for one batch on another server, and a whole database copied to another server.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::server;

use super::args::ServerArgs;
use super::laboratory;

/// The DDL of the database.
///
/// # Errors
/// Why there is none and what to do about it, as a sentence.
pub fn schema(args: &ServerArgs, url: &str) -> Result<String, String> {
    let Some(program) = program(args, "pg_dump") else {
        return Err(
            "there is no pg_dump on this machine; install one (Debian: postgresql-client), or make the schema where there is: \
                    pg_dump --schema-only --no-owner --no-privileges"
                .to_owned(),
        );
    };
    let mut command = pg_dump(&program, url);
    command.arg("--schema-only");
    let output = command.output().map_err(|error| format!("{} cannot be run: {error}", program.display()))?;
    if !output.status.success() {
        let first = first_line(&output.stderr);
        return Err(format!(
            "the schema could not be read ({first}); as a role that owns the tables, or may read them: \
             pg_dump --schema-only --no-owner --no-privileges"
        ));
    }
    Ok(for_one_batch(&String::from_utf8_lossy(&output.stdout)))
}

/// Fills an empty database with a copy of another one: its schema, its rows and its indexes, owned by whoever fills it.
///
/// # Errors
/// Why there is no copy and what to do about it, as a sentence.
pub fn copy(args: &ServerArgs, from: &str, to: &str) -> Result<(), String> {
    let missing = |name| format!("there is no {name} on this machine; install one (Debian: postgresql-client)");
    let dump = program(args, "pg_dump").ok_or_else(|| missing("pg_dump"))?;
    let psql = program(args, "psql").ok_or_else(|| missing("psql"))?;
    let cannot = |program: &Path| format!("{} cannot be run", program.display());
    let mut dumping = pg_dump(&dump, from);
    let mut dumping =
        dumping.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|error| format!("{}: {error}", cannot(&dump)))?;
    let mut filling = Command::new(&psql);
    filling.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname"]).arg(to);
    let rows = dumping.stdout.take().map_or_else(Stdio::null, Stdio::from);
    let filled = filling.stdin(rows).stdout(Stdio::null()).stderr(Stdio::piped()).output();
    let filled = filled.map_err(|error| format!("{}: {error}", cannot(&psql)))?;
    // pg_dump says little; its complaints fit the pipe, and nobody has to read along.
    let dumped = dumping.wait_with_output().map_err(|error| format!("{}: {error}", cannot(&dump)))?;
    // psql ends with 3 when a statement failed, and then breaks pg_dump's pipe.
    if !filled.status.success() {
        return Err(format!("the copy could not be filled ({})", first_line(&filled.stderr)));
    }
    if !dumped.status.success() {
        return Err(format!("the database could not be read ({})", first_line(&dumped.stderr)));
    }
    Ok(())
}

fn first_line(said: &[u8]) -> String {
    String::from_utf8_lossy(said).lines().next().unwrap_or("no reason given").trim().to_owned()
}

/// pg_dump of a database, without what belongs to its server.
fn pg_dump(program: &Path, url: &str) -> Command {
    let (url, password) = without_password(url);
    let mut command = Command::new(program);
    command.args(["--no-owner", "--no-privileges", "--no-publications", "--no-subscriptions", "--no-tablespaces"]);
    command.arg("--dbname").arg(url).stdin(Stdio::null());
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    command
}

fn program(args: &ServerArgs, name: &str) -> Option<PathBuf> {
    server::client_program(&laboratory::options(args), name)
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
