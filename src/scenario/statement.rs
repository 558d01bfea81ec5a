//! SQL text with `:name` parameters.
//!
//! The reading follows PostgreSQL's own lexer (src/backend/parser/scan.l) as far as finding parameters needs it: what looks
//! like `:name` inside literals, quoted identifiers, dollar quotes and comments is text, `::` is a cast, `:=` names an
//! argument, and the colon of an array slice (`a[1:n]`) separates its bounds.

use super::error::Fault;

/// A statement as the scenario has it and as the server takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The text of the scenario, trimmed, without a trailing semicolon.
    pub written: String,
    /// The same with `$1`, `$2`, … in place of `:name`; the same name has the same number.
    pub numbered: String,
    /// `params[0]` is `$1`.
    pub params: Vec<ParamRef>,
}

/// `:name` or `:step.column`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ParamRef {
    pub name: String,
    /// The column of an earlier step's row.
    pub field: Option<String>,
}

/// As it stands in the statement.
impl std::fmt::Display for ParamRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.field {
            Some(field) => write!(f, ":{}.{field}", self.name),
            None => write!(f, ":{}", self.name),
        }
    }
}

impl Statement {
    /// Reads one statement.
    ///
    /// # Errors
    /// An empty text, a second statement, a literal or comment that does not end, `$1` instead of a name.
    pub fn parse(text: &str) -> Result<Statement, Fault> {
        Statement::read(Lexer { text, at: 0, numbers: false })
    }

    /// [`Statement::parse`] that takes `$1` for a parameter, too, named `1`: for a statement that was copied from a program or a log.
    ///
    /// # Errors
    /// As [`Statement::parse`].
    pub fn parse_numbered(text: &str) -> Result<Statement, Fault> {
        Statement::read(Lexer { text, at: 0, numbers: true })
    }

    fn read(mut lexer: Lexer<'_>) -> Result<Statement, Fault> {
        let text = lexer.text;
        let mut params: Vec<ParamRef> = Vec::new();
        let mut numbered = String::with_capacity(text.len());
        // Open brackets and parentheses; a colon can only separate bounds directly inside of `[`.
        let mut open: Vec<char> = Vec::new();
        // What the last token was, spaces and comments left out.
        let mut before = Token::Other;
        let mut end = None;
        let mut empty = true;
        while let Some((token, piece)) = lexer.next(before, open.last() == Some(&'['))? {
            match token {
                Token::Space | Token::Comment => {
                    numbered.push_str(piece);
                    continue;
                }
                _ if end.is_some() => {
                    let help = "give each statement a step of its own";
                    return Err(Fault::with_help("a second statement after `;`", help));
                }
                Token::Semicolon => {
                    end = Some((lexer.at - 1, numbered.len()));
                    continue;
                }
                Token::Param => {
                    let param = param(piece);
                    let number = params.iter().position(|known| *known == param).unwrap_or_else(|| {
                        params.push(param);
                        params.len() - 1
                    });
                    // `SELECT:a` must not become the identifier `SELECT$1`.
                    if numbered.ends_with(is_ident) {
                        numbered.push(' ');
                    }
                    numbered.push_str(&format!("${}", number + 1));
                }
                _ => {
                    match piece {
                        "[" | "(" => open.extend(piece.chars()),
                        "]" | ")" => _ = open.pop(),
                        _ => {}
                    }
                    numbered.push_str(piece);
                }
            }
            empty = false;
            before = token;
        }
        if empty {
            return Err(Fault::new("there is no statement here"));
        }
        let (written_end, numbered_end) = end.unwrap_or((text.len(), numbered.len()));
        numbered.truncate(numbered_end);
        Ok(Statement { written: text[..written_end].trim().to_owned(), numbered: numbered.trim().to_owned(), params })
    }

    /// The character of [`Statement::written`] that stands where one of [`Statement::numbered`] does, both counted from 1 as the
    /// server counts; within a parameter it is the colon.
    pub fn written_position(&self, position: usize) -> usize {
        written_position(&self.written, &self.numbered, position)
    }
}

/// [`Statement::written_position`] where only the two texts of a statement were kept.
pub fn written_position(mut written: &str, mut numbered: &str, position: usize) -> usize {
    let (mut at, mut left) = (1, position.saturating_sub(1));
    while left > 0 {
        let (Some(one), Some(other)) = (written.chars().next(), numbered.chars().next()) else { break };
        // The texts differ only where a parameter stands.
        let (name, number) = if one == other {
            (one.len_utf8(), one.len_utf8())
        } else {
            let space = span(numbered, |c| c == ' ');
            (param_length(written), space + 1 + span(&numbered[space + 1..], |c| c.is_ascii_digit()))
        };
        let taken = numbered[..number].chars().count();
        if taken > left {
            break;
        }
        left -= taken;
        at += written[..name].chars().count();
        (written, numbered) = (&written[name..], &numbered[number..]);
    }
    at
}

fn param(piece: &str) -> ParamRef {
    let name = &piece[1..];
    match name.split_once('.') {
        Some((step, column)) => ParamRef { name: step.to_owned(), field: Some(column.to_owned()) },
        None => ParamRef { name: name.to_owned(), field: None },
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Space,
    Comment,
    Semicolon,
    Param,
    /// Something that can stand before `:` in a slice: a word, a number, a literal, a closing bracket.
    Operand,
    Other,
}

struct Lexer<'t> {
    text: &'t str,
    /// Byte offset of the next token.
    at: usize,
    /// Whether `$1` is a parameter.
    numbers: bool,
}

pub(crate) fn is_ident_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

pub(crate) fn is_ident(c: char) -> bool {
    is_ident_start(c) || c.is_ascii_digit() || c == '$'
}

/// How many bytes at the start of `text` satisfy `test`.
pub(crate) fn span(text: &str, test: impl Fn(char) -> bool) -> usize {
    text.find(|c| !test(c)).unwrap_or(text.len())
}

impl<'t> Lexer<'t> {
    /// The next token and its text; `before` and `in_brackets` tell a slice's colon from a parameter's.
    fn next(&mut self, before: Token, in_brackets: bool) -> Result<Option<(Token, &'t str)>, Fault> {
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else { return Ok(None) };
        let slice = in_brackets && matches!(before, Token::Operand | Token::Param);
        let (token, length) = match first {
            c if c.is_whitespace() => (Token::Space, span(rest, char::is_whitespace)),
            '-' if rest.starts_with("--") => (Token::Comment, span(rest, |c| c != '\n')),
            '/' if rest.starts_with("/*") => (Token::Comment, block_comment(rest)?),
            ';' => (Token::Semicolon, 1),
            '\'' => (Token::Operand, quoted(rest, '\'', false)?),
            'e' | 'E' if rest[1..].starts_with('\'') => (Token::Operand, 1 + quoted(&rest[1..], '\'', true)?),
            '"' => (Token::Operand, quoted(rest, '"', false)?),
            '$' if self.numbers && rest[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                (Token::Param, 1 + span(&rest[1..], |c| c.is_ascii_digit()))
            }
            '$' => (Token::Operand, dollar(rest)?),
            ':' if rest.starts_with("::") || rest.starts_with(":=") => (Token::Other, 2),
            ':' if !slice && rest[1..].starts_with(is_ident_start) => (Token::Param, param_length(rest)),
            c if is_ident_start(c) => word(rest),
            c if c.is_ascii_digit() => (Token::Operand, span(rest, |c| c.is_ascii_alphanumeric() || c == '.' || c == '_')),
            ')' | ']' => (Token::Operand, 1),
            c => (Token::Other, c.len_utf8()),
        };
        self.at += length;
        Ok(Some((token, &rest[..length])))
    }
}

/// Words behind which an expression starts, so that a colon behind them cannot separate the bounds of a slice.
const BEFORE_EXPRESSION: [&str; 10] = ["case", "when", "then", "else", "and", "or", "not", "like", "ilike", "between"];

fn word(rest: &str) -> (Token, usize) {
    let length = span(rest, is_ident);
    let opens = BEFORE_EXPRESSION.iter().any(|word| word.eq_ignore_ascii_case(&rest[..length]));
    (if opens { Token::Other } else { Token::Operand }, length)
}

/// `:name` or `:step.column`; a name has no `$`, which would make the cast of `:a$1` unreadable.
fn param_length(rest: &str) -> usize {
    let word = |text: &str| span(text, |c| is_ident(c) && c != '$');
    let name = 1 + word(&rest[1..]);
    match rest[name..].strip_prefix('.') {
        Some(field) if field.starts_with(is_ident_start) => name + 1 + word(field),
        _ => name,
    }
}

/// The length of a comment that may hold others.
pub(crate) fn block_comment(rest: &str) -> Result<usize, Fault> {
    let mut depth = 0u32;
    let mut at = 0;
    while at < rest.len() {
        let tail = &rest.as_bytes()[at..];
        if tail.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if tail.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return Ok(at);
            }
        } else {
            at += 1;
        }
    }
    Err(Fault::with_help("a comment that starts with `/*` does not end", "comments nest: each `/*` needs its own `*/`"))
}

/// The length of a literal or quoted identifier; its quote doubled is part of it, and so is anything behind a backslash in an
/// `E'…'` literal. A literal goes on when nothing but a line break and spaces stand before the next quote.
pub(crate) fn quoted(rest: &str, quote: char, backslash: bool) -> Result<usize, Fault> {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if backslash && c == '\\' {
            chars.next();
        } else if c == quote {
            if chars.next_if(|(_, next)| *next == quote).is_some() {
                continue;
            }
            let end = at + quote.len_utf8();
            let gap = span(&rest[end..], char::is_whitespace);
            let continues = quote == '\'' && rest[end..end + gap].contains('\n') && rest[end + gap..].starts_with(quote);
            return if continues { Ok(end + gap + quoted(&rest[end + gap..], quote, backslash)?) } else { Ok(end) };
        }
    }
    let start: String = rest.chars().take(20).collect();
    Err(Fault::with_help(
        format!("a quote that does not end: {start}"),
        format!("close it with {quote}; inside, write {quote}{quote}"),
    ))
}

/// The length of `$$…$$` or `$tag$…$tag$`.
pub(crate) fn dollar(rest: &str) -> Result<usize, Fault> {
    let word = span(&rest[1..], |c| is_ident(c) && c != '$');
    let tag = &rest[..1 + word];
    if tag[1..].starts_with(|c: char| c.is_ascii_digit()) {
        return Err(Fault::with_help(format!("`{tag}` is a numbered parameter"), "name parameters: `:user_id`"));
    }
    if !rest[tag.len()..].starts_with('$') {
        return Ok(tag.len());
    }
    let delimiter = &rest[..tag.len() + 1];
    match rest[delimiter.len()..].find(delimiter) {
        Some(body) => Ok(body + 2 * delimiter.len()),
        None => Err(Fault::new(format!("a literal that starts with `{delimiter}` does not end"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbered(text: &str) -> String {
        Statement::parse(text).expect("a statement").numbered
    }

    fn names(text: &str) -> Vec<String> {
        Statement::parse(text).expect("a statement").params.iter().map(|param| param.to_string()[1..].to_owned()).collect()
    }

    #[test]
    fn names_become_numbers_and_keep_them() {
        let statement = Statement::parse(" SELECT :a, :b, :a, :items.catalog_id;\n").expect("a statement");
        assert_eq!(statement.numbered, "SELECT $1, $2, $1, $3");
        assert_eq!(statement.written, "SELECT :a, :b, :a, :items.catalog_id");
        assert_eq!(statement.params[2], ParamRef { name: "items".into(), field: Some("catalog_id".into()) });
    }

    #[test]
    fn numbers_are_names_where_they_are_asked_for() {
        let statement = Statement::parse_numbered("SELECT $2::int, :name, $2, $1, $$ $3 $$ -- $4").expect("a statement");
        assert_eq!(statement.numbered, "SELECT $1::int, $2, $1, $3, $$ $3 $$ -- $4");
        let names: Vec<&str> = statement.params.iter().map(|param| param.name.as_str()).collect();
        assert_eq!(names, ["2", "name", "1"]);
        assert_eq!(statement.written_position(19), 22, "the comma behind the name");
        assert!(Statement::parse("SELECT $1").is_err());
    }

    #[test]
    fn literals_comments_and_identifiers_are_left_alone() {
        for text in [
            "SELECT 'it''s :a'",
            r"SELECT E'\':a'",
            r"SELECT e'\\'",
            "SELECT 'a'\n  ':b'",
            "SELECT E'a'\n'\\':b'",
            "SELECT \"a:b\"\" :c\"",
            "SELECT $$ :a ; $$",
            "SELECT $x$ :a $$ $x$",
            "SELECT 1 -- :a ; b\n",
            "SELECT 1 /* :a /* :b */ ; */",
            "SELECT foo$bar$baz, foo$1",
            "SELECT U&'d\\0061t'",
        ] {
            let statement = Statement::parse(text).expect(text);
            assert_eq!(statement.params, [], "{text}");
            assert_eq!(statement.numbered, text.trim());
        }
        // A backslash is an ordinary character in a plain literal.
        assert_eq!(numbered(r"SELECT '\', :a"), r"SELECT '\', $1");
        assert_eq!(numbered(r"SELECT type'\', :a"), r"SELECT type'\', $1");
    }

    #[test]
    fn casts_named_arguments_and_slices_are_not_parameters() {
        assert_eq!(numbered("SELECT :a::text, '{}'::jsonb"), "SELECT $1::text, '{}'::jsonb");
        assert_eq!(numbered("SELECT f(x := :a)"), "SELECT f(x := $1)");
        assert_eq!(numbered("SELECT a[1:2], a[lo:hi], a[f(1):n]"), "SELECT a[1:2], a[lo:hi], a[f(1):n]");
        assert_eq!(numbered("SELECT a[:i], a[:i:n], ARRAY[:x, :y]"), "SELECT a[$1], a[$1:n], ARRAY[$2, $3]");
        assert_eq!(numbered("SELECT a[CASE WHEN :x THEN 1 END:n], a[f(:x)]"), "SELECT a[CASE WHEN $1 THEN 1 END:n], a[f($1)]");
        assert_eq!(numbered("SELECT:a"), "SELECT $1");
        assert_eq!(names("SELECT x FROM t WHERE a=:a AND b=:b.c AND d=(:e)"), ["a", "b.c", "e"]);
    }

    #[test]
    fn a_place_in_the_numbered_text_is_found_in_the_written_one() {
        let statement = Statement::parse("  SELECT 'é', :playlist_id, nam, :step.column, x FROM t;").expect("a statement");
        assert_eq!(statement.numbered, "SELECT 'é', $1, nam, $2, x FROM t");
        for piece in ["SELECT", "'é'", "nam", "x FROM"] {
            let place = |text: &str| text[..text.find(piece).expect(piece)].chars().count() + 1;
            assert_eq!(statement.written_position(place(&statement.numbered)), place(&statement.written), "{piece}");
        }
        assert_eq!(statement.written_position(14), statement.written_position(13), "within a parameter");
        assert_eq!(Statement::parse("SELECT:a, b").expect("a statement").written_position(12), 11);
    }

    #[test]
    fn one_statement_only() {
        assert!(Statement::parse("SELECT 1; SELECT 2").unwrap_err().message.contains("second statement"));
        assert_eq!(numbered("SELECT 1; -- done\n"), "SELECT 1");
        for bad in ["", " \n", "-- nothing", ";", "SELECT '", "SELECT \"a", "SELECT /* /* */", "SELECT $$a", "SELECT $1"] {
            assert!(Statement::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "[a-zé:$'\"\\-/*;\\[\\]\\\\ \n1E.]{0,60}") {
            if let Ok(statement) = Statement::parse(&text) {
                prop_assert!(!statement.written.is_empty());
                let ends = [&statement.numbered, &statement.written].map(|text| text.chars().count() + 1);
                prop_assert_eq!(statement.written_position(ends[0]), ends[1]);
            }
        }

        #[test]
        fn quoted_text_is_never_read(text in "[a-z:;$\"/* -]{0,30}") {
            for quoted in [format!("'{text}'"), format!("$tag9${text}$tag9$"), format!("\"{}\"", text.replace('"', "\"\""))] {
                let statement = Statement::parse(&format!("SELECT {quoted}, :p")).expect("a statement");
                prop_assert_eq!(&statement.numbered, &format!("SELECT {quoted}, $1"));
            }
        }

        #[test]
        fn each_distinct_name_has_one_number(names in prop::collection::vec("[a-z][a-z0-9_]{0,6}", 1..12)) {
            let text = format!("SELECT {}", names.iter().map(|name| format!(":{name}")).collect::<Vec<_>>().join(", "));
            let statement = Statement::parse(&text).expect("a statement");
            let back: Vec<String> = statement.numbered["SELECT ".len()..]
                .split(", ")
                .map(|number| statement.params[number[1..].parse::<usize>().expect("a number") - 1].name.clone())
                .collect();
            prop_assert_eq!(back, names);
        }
    }
}
