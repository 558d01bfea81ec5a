//! Statements that a server takes and a measurement does not: those that end the transaction of a call, that belong to no call, or
//! that wait for more than their reply.

use crate::scenario::error::Fault;

/// What is wrong with a statement as a step of an endpoint, with what to do instead.
pub fn unfit(sql: &str) -> Option<Fault> {
    let words = words(sql);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let fault = |what: String, help: &str| Some(Fault::with_help(what, help));
    match words.as_slice() {
        ["BEGIN" | "COMMIT" | "END" | "SAVEPOINT" | "RELEASE", ..] | ["START" | "PREPARE", "TRANSACTION", ..] => fault(
            format!("`{}` in a step: the steps of an endpoint are one transaction already", words[0]),
            "leave it out; perflab begins and commits around the steps",
        ),
        ["ROLLBACK" | "ABORT", ..] => fault(
            format!("`{}` in a step: every call is committed", words[0]),
            "leave it out; give the steps that shall not always run a `when:`",
        ),
        ["SET", next, ..] if !matches!(*next, "LOCAL" | "CONSTRAINTS" | "TRANSACTION") => fault(
            "`SET` in a step holds for all later calls of its connection".into(),
            "write `SET LOCAL`, or put it in `server:`",
        ),
        ["VACUUM" | "CLUSTER" | "CHECKPOINT", ..] | ["ALTER", "SYSTEM", ..] => apart(words[0]),
        ["CREATE" | "DROP", "DATABASE" | "TABLESPACE", ..] => apart(&words[..2].join(" ")),
        ["CREATE" | "DROP" | "REINDEX" | "REFRESH", ..] if words.contains(&"CONCURRENTLY") => apart("CONCURRENTLY"),
        ["COPY", ..] if words.contains(&"STDIN") => fault(
            "`COPY … FROM STDIN` in a step: a call has no rows to send behind its statement".into(),
            "write an INSERT; `INSERT … SELECT … FROM unnest(:names::text[])` makes many rows at once",
        ),
        ["COPY", ..] if words.contains(&"STDOUT") => {
            fault("`COPY … TO STDOUT` in a step: its rows are not a reply".into(), "write the query by itself")
        }
        ["LISTEN" | "UNLISTEN", ..] => {
            fault(format!("`{}` in a step: nobody waits for its messages", words[0]), "leave it out; `NOTIFY` is fine")
        }
        ["DISCARD" | "DEALLOCATE", ..] => {
            fault(format!("`{}` in a step throws away the prepared statements of the calls", words[0]), "leave it out")
        }
        _ => None,
    }
}

fn apart(what: &str) -> Option<Fault> {
    let help = "run it before or after, e.g. `perflab db psql`; the server refuses it inside of a transaction, or it disturbs all other calls";
    Some(Fault::with_help(format!("`{what}` in a step is no part of a call"), help))
}

/// The words of a statement in capitals, comments, literals and quoted names left out.
fn words(sql: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let end = |close: &str, from: usize| rest[from..].find(close).map_or(rest.len(), |at| from + at + close.len());
        let length = match first {
            '\'' => end("'", 1),
            '"' => end("\"", 1),
            '-' if rest.starts_with("--") => end("\n", 2),
            '/' if rest.starts_with("/*") => end("*/", 2),
            c if c.is_alphabetic() => {
                let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                words.push(rest[..length].to_ascii_uppercase());
                length
            }
            other => other.len_utf8(),
        };
        rest = &rest[length..];
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_breaks_a_measurement_is_refused() {
        let bad = [
            "begin",
            "/* x */ -- y\nCOMMIT",
            "start transaction",
            "ROLLBACK TO a",
            "VACUUM (ANALYZE) t",
            "create database x",
            "CREATE INDEX CONCURRENTLY ON t (a)",
            "COPY t (a) FROM STDIN",
            "COPY (SELECT 1) TO stdout",
            "LISTEN news",
            "SET work_mem = '1MB'",
            "DISCARD ALL",
        ];
        for sql in bad {
            assert!(unfit(sql).is_some_and(|fault| fault.help.is_some()), "{sql}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is_not() {
        let good = [
            "SELECT 'BEGIN'",
            "SET LOCAL work_mem = '1MB'",
            "SET CONSTRAINTS ALL DEFERRED",
            "COPY t FROM '/stdin'",
            "UPDATE t SET commit = 1",
            "NOTIFY news",
            "CREATE INDEX ON t (a)",
            "PREPARE a AS SELECT 1",
            "SELECT \"stdin\" FROM t",
        ];
        for sql in good {
            assert_eq!(unfit(sql), None, "{sql}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(sql in "[a-z'\"\\-/* \nß]{0,40}") {
            let _ = unfit(&sql);
        }
    }
}
