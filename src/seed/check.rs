//! What CHECK constraints and defaults say about the values of one column.
//!
//! PostgreSQL prints both in a canonical form, of which the common patterns are read: comparisons with a constant, BETWEEN (printed
//! as two comparisons), IN (printed as `= ANY (ARRAY[…])`), lists of `=` joined by OR, and the length of a text. What is not
//! understood is left to the server, which checks every row on COPY.

/// What is known about a column's values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// The smallest value and whether it is allowed itself.
    pub low: Option<(f64, bool)>,
    /// The largest value and whether it is allowed itself.
    pub high: Option<(f64, bool)>,
    /// The only values allowed; empty when any is.
    pub allowed: Vec<String>,
    /// At most this many characters.
    pub max_chars: Option<usize>,
}

impl Facts {
    /// Adds what a constraint says about `column` (`VALUE` inside a domain).
    pub fn learn(&mut self, definition: &str, column: &str) {
        let tokens = tokens(definition);
        let condition = match tokens.first() {
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("check") => &tokens[1..],
            _ => &tokens[..],
        };
        self.conjunction(&strip(condition), column);
    }

    fn conjunction(&mut self, tokens: &[Token], column: &str) {
        let parts = split(tokens, "and");
        if parts.len() > 1 {
            parts.iter().for_each(|part| self.conjunction(&strip(part), column));
            return;
        }
        let choices = split(tokens, "or");
        if choices.len() > 1 {
            let equal: Option<Vec<String>> = choices.iter().map(|part| equality(&strip(part), column)).collect();
            self.allowed.extend(equal.unwrap_or_default());
            return;
        }
        self.comparison(tokens, column);
    }

    fn comparison(&mut self, tokens: &[Token], column: &str) {
        let Some(at) = tokens.iter().position(|token| matches!(token, Token::Operator(_))) else { return };
        let Token::Operator(operator) = &tokens[at] else { return };
        let (left, right) = (strip(&tokens[..at]), strip(&tokens[at + 1..]));
        if is_column(&left, column) {
            match number(&right) {
                Some(bound) => self.bound(operator, bound),
                None if operator == "=" => self.allowed.extend(list(&right)),
                None => {}
            }
        } else if is_column(&right, column) {
            if let Some(bound) = number(&left) {
                self.bound(flipped(operator), bound);
            }
        } else if is_length_of(&left, column)
            && let Some(bound) = number(&right)
        {
            self.length(operator, bound);
        }
    }

    fn bound(&mut self, operator: &str, bound: f64) {
        let included = operator.ends_with('=');
        match operator {
            ">" | ">=" if self.low.is_none_or(|(low, _)| low < bound) => self.low = Some((bound, included)),
            "<" | "<=" if self.high.is_none_or(|(high, _)| high > bound) => self.high = Some((bound, included)),
            "=" => self.allowed.push(bound.to_string()),
            _ => {}
        }
    }

    fn length(&mut self, operator: &str, bound: f64) {
        let max = match operator {
            "<" => bound - 1.0,
            "<=" | "=" => bound,
            _ => return,
        };
        if max >= 0.0 {
            self.max_chars = Some(self.max_chars.unwrap_or(usize::MAX).min(max as usize));
        }
    }
}

/// A default that is the same for every row, so that leaving it to the server changes no data: a literal, its casts and signs.
/// `NULL` does not count.
pub fn is_plain_constant(default: &str) -> bool {
    match strip(&tokens(default)).as_slice() {
        [Token::Text(_) | Token::Number(_)] => true,
        [Token::Word(word)] => word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false"),
        [Token::Word(word), Token::Open, Token::Close] => word.eq_ignore_ascii_case("array"),
        _ => false,
    }
}

/// The sequence of `nextval('schema.name'::regclass)`, as the server takes it.
pub fn sequence_of_default(default: &str) -> Option<String> {
    let tokens = tokens(default);
    match tokens.as_slice() {
        [Token::Word(function), Token::Open, Token::Text(name), ..] if function == "nextval" => Some(name.clone()),
        _ => None,
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
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
fn tokens(sql: &str) -> Vec<Token> {
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
            '<' | '>' | '=' => {
                while chars.get(at).is_some_and(|c| matches!(c, '<' | '>' | '=')) {
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
fn strip(tokens: &[Token]) -> Vec<Token> {
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
fn split(tokens: &[Token], keyword: &str) -> Vec<Vec<Token>> {
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

fn is_column(tokens: &[Token], column: &str) -> bool {
    matches!(tokens, [Token::Word(word)] if word == column)
}

fn is_length_of(tokens: &[Token], column: &str) -> bool {
    let [Token::Word(function), rest @ ..] = tokens else { return false };
    matches!(function.as_str(), "length" | "char_length" | "character_length") && is_column(&strip(rest), column)
}

fn number(tokens: &[Token]) -> Option<f64> {
    match tokens {
        [Token::Number(number)] => Some(*number),
        // `'-5'::integer`, as the server prints negative constants.
        [Token::Text(text)] => text.parse().ok(),
        _ => None,
    }
}

fn equality(tokens: &[Token], column: &str) -> Option<String> {
    let at = tokens.iter().position(|token| *token == Token::Operator("=".into()))?;
    if !is_column(&strip(&tokens[..at]), column) {
        return None;
    }
    literal(&strip(&tokens[at + 1..]))
}

/// One literal, or those of `ANY (ARRAY[…])`.
fn list(tokens: &[Token]) -> Vec<String> {
    let [Token::Word(any), rest @ ..] = tokens else { return literal(tokens).into_iter().collect() };
    let inner = strip(rest);
    match inner.as_slice() {
        [Token::Word(array), items @ ..] if any.eq_ignore_ascii_case("any") && array.eq_ignore_ascii_case("array") => {
            strip(items).split(|token| *token == Token::Comma).filter_map(|item| literal(&strip(item))).collect()
        }
        _ => Vec::new(),
    }
}

fn literal(tokens: &[Token]) -> Option<String> {
    match tokens {
        [Token::Text(text)] => Some(text.clone()),
        [Token::Number(number)] => Some(number.to_string()),
        _ => None,
    }
}

fn flipped(operator: &str) -> &str {
    match operator {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(definition: &str, column: &str) -> Facts {
        let mut facts = Facts::default();
        facts.learn(definition, column);
        facts
    }

    /// As `pg_get_constraintdef` of PostgreSQL 15 prints them.
    #[test]
    fn the_servers_own_prints_are_understood() {
        let between = facts("CHECK (((rating >= 1) AND (rating <= 5)))", "rating");
        assert_eq!((between.low, between.high), (Some((1.0, true)), Some((5.0, true))));
        let positive = facts("CHECK ((price > (0)::numeric))", "price");
        assert_eq!((positive.low, positive.high), (Some((0.0, false)), None));
        let negative = facts("CHECK ((quantity >= '-10'::integer))", "quantity");
        assert_eq!(negative.low, Some((-10.0, true)));
        let flipped = facts("CHECK ((0 < wallet))", "wallet");
        assert_eq!(flipped.low, Some((0.0, false)));
        let list = facts("CHECK ((target_mood = ANY (ARRAY['HAPPY'::text, 'SAD'::text, 'ANGRY'::text])))", "target_mood");
        assert_eq!(list.allowed, ["HAPPY", "SAD", "ANGRY"]);
        let varchar = "CHECK (((mood)::text = ANY ((ARRAY['a,b'::character varying, 'it''s'::character varying(9)])::text[])))";
        assert_eq!(facts(varchar, "mood").allowed, ["a,b", "it's"]);
        let either = facts("CHECK (((size = 'S'::text) OR (size = 'M'::text)))", "size");
        assert_eq!(either.allowed, ["S", "M"]);
        assert_eq!(facts("CHECK ((char_length((name)::text) <= 20))", "name").max_chars, Some(20));
        assert_eq!(facts("CHECK ((VALUE >= 18))", "VALUE").low, Some((18.0, true)));
    }

    #[test]
    fn what_is_about_other_columns_or_not_understood_says_nothing() {
        for definition in [
            "CHECK ((ends > starts))",
            "CHECK ((other >= 1))",
            "CHECK (((rating >= 1) OR (other = 2)))",
            "CHECK ((rating ~ '^[a-z]+$'::text))",
            "CHECK (((rating % 2) = 0))",
            "CHECK ((",
            "",
        ] {
            assert_eq!(facts(definition, "rating"), Facts::default(), "{definition}");
        }
    }

    #[test]
    fn constant_defaults_are_told_from_those_that_change() {
        for constant in ["0", "'-1'::integer", "'draft'::character varying(10)", "true", "'{}'::jsonb", "ARRAY[]::text[]", "0.00"]
        {
            assert!(is_plain_constant(constant), "{constant}");
        }
        for volatile in ["now()", "CURRENT_TIMESTAMP", "gen_random_uuid()", "NULL::text", "nextval('a_seq'::regclass)", "(1 + 2)"]
        {
            assert!(!is_plain_constant(volatile), "{volatile}");
        }
        assert_eq!(sequence_of_default("nextval('shop.\"Ids\"'::regclass)").as_deref(), Some("shop.\"Ids\""));
        assert_eq!(sequence_of_default("now()"), None);
    }
}
