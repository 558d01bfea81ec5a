//! The words in front of an index's table: `CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS name ON …`.

/// What they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexHead {
    pub concurrently: bool,
    pub if_not_exists: bool,
    /// As the catalog has it; `None` when the server is to find one.
    pub name: Option<String>,
    /// The statement without CONCURRENTLY, the rest to the letter.
    pub plain: String,
}

impl IndexHead {
    /// Reads the beginning of a statement; `None` when it is no CREATE INDEX.
    pub fn read(statement: &str) -> Option<IndexHead> {
        let mut words = Words { text: statement, at: 0 };
        let mut next = || words.next();
        let is = |word: &Option<(usize, &str)>, key: &str| word.is_some_and(|(_, word)| word.eq_ignore_ascii_case(key));
        let mut word = next();
        if !is(&word, "create") {
            return None;
        }
        word = next();
        if is(&word, "unique") {
            word = next();
        }
        if !is(&word, "index") {
            return None;
        }
        word = next();
        let mut plain = statement.to_owned();
        let concurrently = is(&word, "concurrently");
        if let Some((start, concurrently)) = word.filter(|_| concurrently) {
            let end = start + concurrently.len();
            plain = format!("{}{}", &statement[..start], statement[end..].trim_start());
            word = next();
        }
        let if_not_exists = is(&word, "if");
        if if_not_exists {
            let (not, exists) = (next(), next());
            if !is(&not, "not") || !is(&exists, "exists") {
                return None;
            }
            word = next();
        }
        let name = if is(&word, "on") { None } else { Some(identifier(word?.1)) };
        if name.is_some() && !is(&next(), "on") {
            return None;
        }
        Some(IndexHead { concurrently, if_not_exists, name, plain })
    }
}

/// A name as the catalog has it: folded to lower case unless it is quoted.
pub fn identifier(written: &str) -> String {
    match written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => written.to_lowercase(),
    }
}

/// Words and quoted names with their places, blanks and comments left out.
struct Words<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Words<'t> {
    fn next(&mut self) -> Option<(usize, &'t str)> {
        loop {
            let rest = &self.text[self.at..];
            let blank = rest.len() - rest.trim_start().len();
            if blank > 0 {
                self.at += blank;
            } else if rest.starts_with("--") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += rest.find("*/").map_or(rest.len(), |end| end + 2);
            } else {
                let length = length_of_word(rest);
                let start = self.at;
                self.at += length;
                return (length > 0).then(|| (start, &rest[..length]));
            }
        }
    }
}

fn length_of_word(rest: &str) -> usize {
    let Some(first) = rest.chars().next() else { return 0 };
    if first == '"' {
        let mut quotes = rest.char_indices().skip(1).filter(|(_, c)| *c == '"').map(|(at, _)| at).peekable();
        while let Some(at) = quotes.next() {
            if quotes.next_if_eq(&(at + 1)).is_none() {
                return at + 1;
            }
        }
        return rest.len();
    }
    let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
    word.max(first.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(statement: &str) -> String {
        IndexHead::read(statement).unwrap().plain
    }

    #[test]
    fn concurrently_is_left_out_only_where_it_is_the_keyword() {
        assert_eq!(plain("create unique index CONCURRENTLY i ON t (a)"), "create unique index i ON t (a)");
        let literal = "CREATE INDEX CONCURRENTLY i ON t (a) WHERE b = 'x  y'";
        assert_eq!(plain(literal), "CREATE INDEX i ON t (a) WHERE b = 'x  y'");
        assert_eq!(plain("CREATE INDEX i ON concurrently (a)"), "CREATE INDEX i ON concurrently (a)");
        let head = IndexHead::read("CREATE /* now */ INDEX\n-- later\nCONCURRENTLY IF NOT EXISTS i ON t (a)").unwrap();
        assert!(head.concurrently && head.if_not_exists);
        assert_eq!(head.plain, "CREATE /* now */ INDEX\n-- later\nIF NOT EXISTS i ON t (a)");
    }

    #[test]
    fn names_are_read_as_the_catalog_has_them() {
        let name = |statement: &str| IndexHead::read(statement).unwrap().name;
        assert_eq!(name("CREATE INDEX ON t (a)"), None);
        assert_eq!(name("CREATE INDEX CONCURRENTLY ON t (a)"), None);
        assert_eq!(name("CREATE INDEX Mine ON t (a)").as_deref(), Some("mine"));
        assert_eq!(name("CREATE INDEX IF NOT EXISTS \"My \"\"own\" ON t (a)").as_deref(), Some("My \"own"));
        assert_eq!(name("create index if\nnot   exists mine on t (a)").as_deref(), Some("mine"));
    }

    #[test]
    fn nothing_else_is_a_create_index() {
        for other in
            ["DROP INDEX i", "CREATE TABLE index (a int)", "CREATE INDEX IF i ON t (a)", "CREATE INDEX i", "", "\"create\" index"]
        {
            assert_eq!(IndexHead::read(other), None, "{other}");
        }
    }
}
