//! The words of an expression as the server prints it.

#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// A name or keyword; quotes removed.
    Word(String),
    Number(f64),
    Text(String),
    Operator(String),
    Open,
    Close,
    Comma,
    /// Anything else, which no pattern has.
    Other,
}

/// Casts (`::numeric(10,2)[]`) are dropped: the values they give are those of the literal.
pub fn tokens(sql: &str) -> Vec<Token> {
    let chars: Vec<char> = sql.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let start = at;
        match chars[at] {
            c if c.is_whitespace() => at += 1,
            ':' if chars.get(at + 1) == Some(&':') => at = after_cast(&chars, at + 2),
            '\'' | '"' => {
                let (text, end) = quoted(&chars, at);
                at = end;
                tokens.push(if chars[start] == '"' { Token::Word(text) } else { Token::Text(text) });
            }
            c if c.is_ascii_digit() || (matches!(c, '-' | '.') && chars.get(at + 1).is_some_and(char::is_ascii_digit)) => {
                at += 1;
                while chars.get(at).is_some_and(|c| c.is_ascii_digit() || *c == '.') {
                    at += 1;
                }
                let text: String = chars[start..at].iter().collect();
                tokens.push(text.parse().map_or(Token::Other, Token::Number));
            }
            c if c.is_alphabetic() || c == '_' => {
                while chars.get(at).is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.')) {
                    at += 1;
                }
                tokens.push(Token::Word(chars[start..at].iter().collect()));
            }
            '<' | '>' | '=' | '~' | '!' => {
                while chars.get(at).is_some_and(|c| matches!(c, '<' | '>' | '=' | '~' | '!' | '*')) {
                    at += 1;
                }
                tokens.push(Token::Operator(chars[start..at].iter().collect()));
            }
            c => {
                at += 1;
                tokens.push(match c {
                    '(' | '[' => Token::Open,
                    ')' | ']' => Token::Close,
                    ',' => Token::Comma,
                    _ => Token::Other,
                });
            }
        }
    }
    tokens
}

/// Text between quotes, doubled ones made single, and the place behind it.
fn quoted(chars: &[char], start: usize) -> (String, usize) {
    let quote = chars[start];
    let (mut text, mut at) = (String::new(), start + 1);
    while at < chars.len() {
        if chars[at] == quote {
            if chars.get(at + 1) != Some(&quote) {
                return (text, at + 1);
            }
            at += 1;
        }
        text.push(chars[at]);
        at += 1;
    }
    (text, at)
}

/// The place behind a type's name: words, quoted names, a modifier in parentheses, array brackets.
fn after_cast(chars: &[char], mut at: usize) -> usize {
    const SECOND_WORDS: [&str; 5] = [" varying", " precision", " without time zone", " with time zone", " zone"];
    if chars.get(at) == Some(&'"') {
        at = quoted(chars, at).1;
    }
    while chars.get(at).is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.')) {
        at += 1;
    }
    let rest: String = chars[at..].iter().take(24).collect();
    if let Some(words) = SECOND_WORDS.iter().find(|words| rest.starts_with(**words)) {
        at += words.len();
    }
    if chars.get(at) == Some(&'(') {
        while at < chars.len() && chars[at] != ')' {
            at += 1;
        }
        at += 1;
    }
    while chars.get(at) == Some(&'[') && chars.get(at + 1) == Some(&']') {
        at += 2;
    }
    at.min(chars.len())
}

/// Without parentheses around the whole.
pub fn strip(tokens: &[Token]) -> Vec<Token> {
    let mut inner = tokens;
    while let [Token::Open, middle @ .., Token::Close] = inner {
        let mut depth = 1;
        let whole = middle.iter().all(|token| {
            depth += match token {
                Token::Open => 1,
                Token::Close => -1,
                _ => 0,
            };
            depth > 0
        });
        if !whole {
            break;
        }
        inner = middle;
    }
    inner.to_vec()
}

/// The parts between a keyword that stands outside all parentheses.
pub fn split(tokens: &[Token], keyword: &str) -> Vec<Vec<Token>> {
    let (mut parts, mut depth) = (vec![Vec::new()], 0);
    for token in tokens {
        match token {
            Token::Open => depth += 1,
            Token::Close => depth -= 1,
            Token::Word(word) if depth == 0 && word.eq_ignore_ascii_case(keyword) => {
                parts.push(Vec::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(token.clone());
        }
    }
    parts
}
