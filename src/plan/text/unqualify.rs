//! Taking away the qualification that VERBOSE gives to columns.

use crate::plan::quote::quote_identifier;

/// The expression with `alias.` removed wherever it qualifies a column; quoted strings are left alone.
pub(crate) fn without_alias(expression: &str, alias: &str) -> String {
    let prefix = format!("{}.", quote_identifier(alias));
    let mut out = String::with_capacity(expression.len());
    let mut rest = expression;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let starts_name = !(before.is_alphanumeric() || matches!(before, '_' | '.' | '$' | '"'));
        // A whole row keeps its name: `songs.*`.
        if starts_name && rest.starts_with(&prefix) && !rest[prefix.len()..].starts_with('*') {
            rest = &rest[prefix.len()..];
            // What follows is the column's name, not another qualification.
            before = '.';
            continue;
        }
        let length = if c == '\'' || c == '"' { quoted_length(rest, c, before == 'E') } else { c.len_utf8() };
        out.push_str(&rest[..length]);
        before = c;
        rest = &rest[length..];
    }
    out
}

/// Bytes of the quoted text that starts here, doubled quotes (and, in `E''`, backslashes) skipped.
fn quoted_length(text: &str, quote: char, escapes: bool) -> usize {
    let bytes = text.as_bytes();
    let mut i = 1;
    while i < bytes.len() {
        if bytes[i] == b'\\' && escapes {
            i += 2;
        } else if bytes[i] == quote as u8 {
            if bytes.get(i + 1) != Some(&(quote as u8)) {
                return i + 1;
            }
            i += 2;
        } else {
            i += 1;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_alias_goes() {
        assert_eq!(without_alias("(songs.id = links.id)", "songs"), "(id = links.id)");
        assert_eq!(without_alias("(my_songs.id = 'songs.id'::text)", "songs"), "(my_songs.id = 'songs.id'::text)");
        assert_eq!(without_alias("(\"Table\".\"Id\" = E'it\\'s Table.')", "Table"), "(\"Id\" = E'it\\'s Table.')");
        assert_eq!(without_alias("x.songs.id + songs.songs", "songs"), "x.songs.id + songs");
        assert_eq!(without_alias("'open", "songs"), "'open");
        assert_eq!(without_alias("((songs.* IS NULL) OR songs.id)", "songs"), "((songs.* IS NULL) OR id)");
    }
}
