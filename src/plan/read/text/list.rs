//! `a, (b + c), 'd, e'::text`: expressions with commas between.

/// The expressions of a list. Commas in brackets and in quotes are the expressions' own; when brackets or quotes are not closed,
/// the list is one expression.
pub(super) fn expressions(list: &str) -> Vec<String> {
    let mut balance = Balance::default();
    let mut parts = Vec::new();
    let mut start = 0;
    let mut chars = list.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        balance.feed(c);
        if c == ',' && balance.is_closed() && chars.peek().is_some_and(|(_, next)| *next == ' ') {
            parts.push(list[start..at].to_owned());
            start = at + 2;
        }
    }
    if !balance.is_closed() {
        return vec![list.to_owned()];
    }
    parts.push(list[start..].to_owned());
    parts
}

/// Whether brackets and quotes are closed, character by character.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Balance {
    depth: usize,
    quote: Option<char>,
    /// The quoted text is `E'…'`, where a backslash escapes.
    escapes: bool,
    escaped: bool,
    before: Option<char>,
}

impl Balance {
    pub(super) fn feed(&mut self, c: char) {
        match (self.quote, c) {
            (Some(_), _) if self.escaped => self.escaped = false,
            (Some(_), '\\') if self.escapes => self.escaped = true,
            // A doubled quote closes and opens again.
            (Some(quote), c) if c == quote => self.quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => {
                self.quote = Some(c);
                // After a doubled quote it is the same text still.
                self.escapes = c == '\'' && (self.before == Some('E') || self.before == Some('\'') && self.escapes);
            }
            (None, '(' | '[') => self.depth += 1,
            (None, ')' | ']') => self.depth = self.depth.saturating_sub(1),
            (None, _) => {}
        }
        self.before = Some(c);
    }

    pub(super) fn of(text: &str) -> Self {
        let mut balance = Balance::default();
        balance.feed_all(text);
        balance
    }

    pub(super) fn feed_all(&mut self, text: &str) {
        text.chars().for_each(|c| self.feed(c));
    }

    pub(super) fn in_quotes(&self) -> bool {
        self.quote.is_some()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.depth == 0 && self.quote.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_of_expressions_stay() {
        let list = "u.id, ('(a, b'::text || u.name), ROW(u.id, 'it''s, x'), E'a\\', b', \"a, b\".c, ARRAY[1, 2]";
        let parts = ["u.id", "('(a, b'::text || u.name)", "ROW(u.id, 'it''s, x')", "E'a\\', b'", "\"a, b\".c", "ARRAY[1, 2]"];
        assert_eq!(expressions(list), parts);
        assert_eq!(expressions("(open, a"), ["(open, a"]);
        assert_eq!(expressions("'open, a"), ["'open, a"]);
        assert_eq!(expressions("a,b"), ["a,b"]);
    }
}
