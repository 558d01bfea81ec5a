//! Schema files as people have them, those of `pg_dump` among them: psql's commands are no SQL.

/// A line of a schema file that cannot be run, and why.
#[derive(Debug, PartialEq, Eq)]
pub struct Unrunnable {
    /// Byte offset of its first character.
    pub at: usize,
    pub why: String,
}

/// The statements of a schema file, every character where it was: what `pg_dump` writes around them for psql
/// (`\restrict`, `\unrestrict`) and for newer servers (`SET transaction_timeout`) is blank.
///
/// # Errors
/// Other commands of psql, and rows behind `COPY … FROM stdin`.
pub fn statements(sql: &str) -> Result<String, Unrunnable> {
    let mut kept = String::with_capacity(sql.len());
    let mut rest = sql;
    let mut line_starts = true;
    while let Some(first) = rest.chars().next() {
        let at = sql.len() - rest.len();
        let length = match first {
            '\\' if line_starts => {
                let line = rest.lines().next().unwrap_or_default();
                if !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict") {
                    let why =
                        format!("`{}` is a command of psql, which perflab does not run; leave the line out", line.trim_end());
                    return Err(Unrunnable { at, why });
                }
                blank(line, &mut kept);
                rest = &rest[line.len()..];
                continue;
            }
            's' | 'S' if line_starts && begins(rest, "set transaction_timeout ") => {
                let length = rest.find(';').map_or(rest.len(), |end| end + 1);
                blank(&rest[..length], &mut kept);
                rest = &rest[length..];
                continue;
            }
            'c' | 'C' if line_starts && begins(rest, "copy ") && is_from_stdin(rest) => {
                let why = "a schema file has no rows; write it with `pg_dump --schema-only`, and keep rows in files of their own \
                           (`from:` of a table reads them)";
                return Err(Unrunnable { at, why: why.to_owned() });
            }
            '\'' => quoted(rest, '\'', kept.ends_with(['e', 'E'])),
            '"' => quoted(rest, '"', false),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => comment(rest),
            '$' if !kept.ends_with(|c: char| c.is_alphanumeric() || c == '_') => dollar_quoted(rest),
            c => c.len_utf8(),
        };
        kept.push_str(&rest[..length]);
        line_starts = first == '\n' || (line_starts && first.is_whitespace());
        rest = &rest[length..];
    }
    Ok(kept)
}

fn blank(text: &str, kept: &mut String) {
    kept.extend(text.chars().map(|c| if c == '\n' { c } else { ' ' }));
}

fn begins(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

fn is_from_stdin(text: &str) -> bool {
    let statement = text.split(';').next().unwrap_or_default().to_ascii_lowercase();
    let words: Vec<&str> = statement.split_whitespace().collect();
    words.windows(2).any(|pair| pair == ["from", "stdin"])
}

/// Bytes up to and with the closing quote. A doubled one closes and opens again.
fn quoted(text: &str, quote: char, escapes: bool) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' if escapes => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Bytes of a comment, which may have others inside.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// Bytes of `$tag$ … $tag$`; 1 where none begins.
fn dollar_quoted(text: &str) -> usize {
    let Some(end) = text[1..].find('$').map(|end| end + 2) else { return 1 };
    let tag = &text[..end];
    let named =
        tag[1..end - 1].chars().enumerate().all(|(at, c)| c == '_' || c.is_alphabetic() || (at > 0 && c.is_alphanumeric()));
    if !named {
        return 1;
    }
    text[end..].find(tag).map_or(text.len(), |close| end + close + tag.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_dump_says_to_psql_is_blank_and_what_stands_in_quotes_stays() {
        let dump = "\\restrict aB1\n\nSET transaction_timeout = 0;\nCREATE TABLE t (a text DEFAULT 'x\n\\d');\n\
                    CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $_$\n\\q\nCOPY t FROM stdin;\n$_$;\n/* /* \n\\d */ */ -- it's\n\\unrestrict aB1\n";
        let kept = statements(dump).unwrap();
        assert_eq!(kept.chars().count(), dump.chars().count());
        assert!(!kept.contains("restrict") && !kept.contains("timeout"), "{kept}");
        assert!(kept.contains("'x\n\\d'") && kept.contains("$_$\n\\q\nCOPY t FROM stdin;\n$_$") && kept.contains("\n\\d */ */"));
    }

    #[test]
    fn other_commands_and_rows_are_named() {
        let found = |sql: &str| statements(sql).unwrap_err();
        assert_eq!(found("SELECT 1;\n  \\connect shop\n").at, 12);
        assert!(found("\\connect shop\n").why.starts_with("`\\connect shop` is a command of psql"));
        assert!(found("COPY public.t (a, b) FROM stdin;\n1\t2\n\\.\n").why.contains("--schema-only"));
        assert!(statements("COPY t FROM '/tmp/x';\nSELECT E'\\'';\n").is_ok());
    }

    proptest! {
        #[test]
        fn every_character_stays_where_it_was(text in "[a-zA-Z$'\"\\\\/*\\-\n ;é_1]{0,80}") {
            if let Ok(kept) = statements(&text) {
                prop_assert_eq!(kept.chars().count(), text.chars().count());
            }
        }
    }
}
