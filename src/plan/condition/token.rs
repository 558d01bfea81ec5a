//! Text into tokens: conditions as plans show them, and whole statements. Any text has tokens; what SQL would not accept becomes [`Kind::Stray`].

/// A piece of the text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::plan) struct Token<'t> {
    pub(in crate::plan) kind: Kind,
    /// As written.
    pub(in crate::plan) text: &'t str,
    /// Byte offset of its start.
    pub(in crate::plan) at: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plan) enum Kind {
    Word,
    /// In double quotes.
    Quoted,
    Number,
    /// `'…'`, `E'…'`, `B'…'`
    Text,
    /// `$1`
    Param,
    Operator,
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    Comma,
    Dot,
    /// `::`
    Cast,
    Stray,
}

/// The characters that operators are made of (Lexical Structure, PostgreSQL documentation).
const OPERATOR: &str = "+-*/<>=~!@#%^&|`?";

pub(in crate::plan) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let blank = if c.is_whitespace() { c.len_utf8() } else { comment(&text[at..]) };
        if blank > 0 {
            at += blank;
            continue;
        }
        let (kind, length) = next(&text[at..], c);
        tokens.push(Token { kind, text: &text[at..at + length], at });
        at += length;
    }
    tokens
}

/// Bytes of the comment at the start of `rest`, 0 when there is none; those in `/* … */` may hold others.
fn comment(rest: &str) -> usize {
    if rest.starts_with("--") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if !rest.starts_with("/*") {
        return 0;
    }
    let (mut depth, mut at) = (1, 2);
    while depth > 0 {
        let Some(next) = rest[at..].find(['*', '/']) else { return rest.len() };
        at += next;
        match rest.as_bytes().get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    at
}

/// Bytes of the operator at the start of `rest`, which ends where a comment begins.
fn operator(rest: &str) -> usize {
    let end = rest.find(|c: char| !OPERATOR.contains(c)).unwrap_or(rest.len());
    [rest[1..end].find("--"), rest[1..end].find("/*")].into_iter().flatten().min().map_or(end, |comment| 1 + comment)
}

/// Bytes of the `$tag$ … $tag$` at the start of `rest`; `None` when no tag stands there.
fn dollar_quoted(rest: &str) -> Option<usize> {
    let tag = rest[1..].find('$').map(|end| &rest[..end + 2])?;
    let name = &tag[1..tag.len() - 1];
    let named = name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.starts_with(|c: char| c.is_ascii_digit());
    named.then(|| rest[tag.len()..].find(tag).map_or(rest.len(), |end| end + 2 * tag.len()))
}

fn next(rest: &str, first: char) -> (Kind, usize) {
    let run = |accept: &dyn Fn(char) -> bool| rest.find(|c: char| !accept(c)).unwrap_or(rest.len());
    match first {
        '(' => (Kind::Open, 1),
        ')' => (Kind::Close, 1),
        '[' => (Kind::OpenBracket, 1),
        ']' => (Kind::CloseBracket, 1),
        ',' => (Kind::Comma, 1),
        ':' if rest.starts_with("::") => (Kind::Cast, 2),
        '"' => (Kind::Quoted, quoted(rest, '"', false)),
        '\'' => (Kind::Text, quoted(rest, '\'', false)),
        'E' | 'e' | 'B' | 'b' | 'X' | 'x' if rest[1..].starts_with('\'') => {
            (Kind::Text, 1 + quoted(&rest[1..], '\'', matches!(first, 'E' | 'e')))
        }
        '$' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => {
            (Kind::Param, 1 + rest[1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - 1))
        }
        '$' => dollar_quoted(rest).map_or((Kind::Stray, 1), |length| (Kind::Text, length)),
        '0'..='9' => (Kind::Number, number(rest)),
        '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => (Kind::Number, number(rest)),
        '.' => (Kind::Dot, 1),
        c if c.is_alphabetic() || c == '_' => (Kind::Word, run(&|c| c.is_alphanumeric() || c == '_' || c == '$')),
        c if OPERATOR.contains(c) => (Kind::Operator, operator(rest)),
        c => (Kind::Stray, c.len_utf8()),
    }
}

/// Digits, one point, an exponent.
fn number(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let digits = |mut i: usize| {
        while bytes.get(i).is_some_and(u8::is_ascii_digit) {
            i += 1;
        }
        i
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    end
}

/// Bytes of the quoted text at the start of `rest`; to the end when it never closes.
fn quoted(rest: &str, quote: char, escapes: bool) -> usize {
    let (bytes, quote) = (rest.as_bytes(), quote as u8);
    let mut i = 1;
    while i < bytes.len() {
        match bytes[i] {
            b'\\' if escapes => i += 2,
            b if b == quote && bytes.get(i + 1) == Some(&quote) => i += 2,
            b if b == quote => return i + 1,
            _ => i += 1,
        }
    }
    rest.len()
}

/// The value of a quoted identifier or string token.
pub(in crate::plan) fn unquoted(token: &str) -> String {
    let (body, quote, escapes) = match token.as_bytes() {
        [b'"', ..] => (&token[1..], '"', false),
        [b'\'', ..] => (&token[1..], '\'', false),
        [b'E' | b'e', b'\'', ..] => (&token[2..], '\'', true),
        [_, b'\'', ..] => (&token[2..], '\'', false),
        _ => return token.to_owned(),
    };
    let body = body.strip_suffix(quote).unwrap_or(body);
    let mut value = String::with_capacity(body.len());
    let mut chars = body.chars().peekable();
    while let Some(c) = chars.next() {
        if c == quote && chars.peek() == Some(&quote) {
            chars.next();
        }
        match c {
            // ruleutils writes no other escape than the doubled backslash.
            '\\' if escapes => value.extend(chars.next()),
            c => value.push(c),
        }
    }
    value
}
