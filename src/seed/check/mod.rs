//! What CHECK constraints and defaults say about the values of one column.
//!
//! PostgreSQL prints both in a canonical form, of which the common patterns are read: comparisons with a constant, BETWEEN (printed
//! as two comparisons), IN (printed as `= ANY (ARRAY[…])`), lists of `=` joined by OR, the length of a text, regular expressions,
//! LIKE and SIMILAR TO, and comparisons of two columns. What is not understood is left to the server, which is asked of some rows before
//! the load and checks every row on COPY.

mod like;
mod tokens;

use like::{of_like, of_similar};
use tokens::{Token, split, strip, tokens};

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
    /// At least this many.
    pub min_chars: usize,
    /// The earliest and the latest moment, or another value that is no number, and whether it is allowed itself.
    pub since: Option<(String, bool)>,
    pub until: Option<(String, bool)>,
    /// A regular expression that the text matches.
    pub pattern: Option<String>,
    /// `this = upper(this)`: only capital letters; `Some(false)` for `lower`: none.
    pub capitals: Option<bool>,
    /// Numbers reach from the smallest to the largest, whatever is usual: partitions wait for them.
    pub spread: bool,
    /// Other columns of the row that this one is below or above.
    pub beside: Vec<Beside>,
}

/// `this < that`, of two columns of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Beside {
    pub other: String,
    /// Smaller or earlier than the other, else larger or later.
    pub below: bool,
    /// Equal will not do.
    pub strict: bool,
}

/// Columns of which exactly one is set: `(a IS NULL) <> (b IS NULL)`, `num_nonnulls(a, b) = 1`.
pub fn exclusive(definition: &str) -> Option<Vec<String>> {
    let tokens = tokens(definition);
    let condition = match tokens.first() {
        Some(Token::Word(word)) if word.eq_ignore_ascii_case("check") => strip(&tokens[1..]),
        _ => strip(&tokens),
    };
    let at = condition.iter().rposition(|token| matches!(token, Token::Operator(_)))?;
    let Token::Operator(operator) = &condition[at] else { return None };
    let (left, right) = (strip(&condition[..at]), strip(&condition[at + 1..]));
    match (left.as_slice(), operator.as_str()) {
        ([Token::Word(function), names @ ..], "=") if function == "num_nonnulls" && right == [Token::Number(1.0)] => {
            let names = strip(names);
            names.split(|token| *token == Token::Comma).map(|name| word(&strip(name))).collect()
        }
        (left, "<>") => {
            let (first, second) = (null_test(left)?, null_test(&right)?);
            (first.1 == second.1).then(|| vec![first.0, second.0])
        }
        (left, "=") => {
            let (first, second) = (null_test(left)?, null_test(&right)?);
            (first.1 != second.1).then(|| vec![first.0, second.0])
        }
        _ => None,
    }
}

/// `a IS NULL`, `a IS NOT NULL`: the column, and whether it is to be NULL.
fn null_test(tokens: &[Token]) -> Option<(String, bool)> {
    let is = |token: &Token, wanted: &str| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case(wanted));
    match tokens {
        [name, a, b] if is(a, "is") && is(b, "null") => Some((word(std::slice::from_ref(name))?, true)),
        [name, a, b, c] if is(a, "is") && is(b, "not") && is(c, "null") => Some((word(std::slice::from_ref(name))?, false)),
        _ => None,
    }
}

fn word(tokens: &[Token]) -> Option<String> {
    match tokens {
        [Token::Word(word)] => Some(word.clone()),
        _ => None,
    }
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
            // `a IS NULL OR …`: what is said of a value is kept by all that are made.
            let mut said = choices.iter().map(|part| strip(part)).filter(|part| null_test(part).is_none());
            if let (Some(only), None) = (said.next(), said.next()) {
                return self.conjunction(&only, column);
            }
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
        let own_case = |one: &[Token], other: &[Token]| is_column(one, column).then(|| case_of(other, column)).flatten();
        if let Some(capitals) = own_case(&left, &right).or_else(|| own_case(&right, &left)).filter(|_| operator == "=") {
            self.capitals = Some(capitals);
        } else if is_column(&left, column) {
            self.against(operator, &right);
        } else if is_column(&right, column) {
            self.against(flipped(operator), &left);
        } else if is_length_of(&left, column)
            && let Some(bound) = number(&right)
        {
            self.length(operator, bound);
        }
    }

    /// What a comparison with a constant, a list, a pattern or another column says.
    fn against(&mut self, operator: &str, other: &[Token]) {
        if let Some(bound) = number(other) {
            return self.bound(operator, bound);
        }
        let included = operator.ends_with('=');
        match (operator, other) {
            ("=", other) => self.allowed.extend(list(other)),
            (">" | ">=", [Token::Text(text)]) => self.since = Some((text.clone(), included)),
            ("<" | "<=", [Token::Text(text)]) => self.until = Some((text.clone(), included)),
            ("~", [Token::Text(text)]) => self.pattern = Some(text.clone()),
            ("~*", [Token::Text(text)]) => self.pattern = Some(format!("(?i){text}")),
            ("~", [Token::Word(function), rest @ ..]) if function.starts_with("similar_") => {
                if let Some(Token::Text(text)) = strip(rest).first() {
                    self.pattern = Some(of_similar(text));
                }
            }
            ("~~" | "~~*", [Token::Text(text)]) => self.pattern = Some(of_like(text)),
            (">" | ">=" | "<" | "<=", [Token::Word(name)]) => {
                self.beside.push(Beside { other: name.clone(), below: operator.starts_with('<'), strict: !included });
            }
            _ => {}
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
        let min = match operator {
            ">" => bound + 1.0,
            ">=" | "=" => bound,
            _ => 0.0,
        };
        self.min_chars = self.min_chars.max(min.clamp(0.0, 1e6) as usize);
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

/// `upper(column)` or `lower(column)`: whether it is the former.
fn case_of(tokens: &[Token], column: &str) -> Option<bool> {
    match tokens {
        [Token::Word(function), rest @ ..] if matches!(function.as_str(), "upper" | "lower") => {
            is_column(&strip(rest), column).then_some(function == "upper")
        }
        _ => None,
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

fn is_column(tokens: &[Token], column: &str) -> bool {
    matches!(tokens, [Token::Word(word)] if word == column)
}

fn is_length_of(tokens: &[Token], column: &str) -> bool {
    let [Token::Word(function), rest @ ..] = tokens else { return false };
    let of = strip(rest);
    match (function.as_str(), of.as_slice()) {
        // Texts that are made have no space at their ends.
        ("length" | "char_length" | "character_length", [Token::Word(trim), inner @ ..]) if trim == "btrim" || trim == "TRIM" => {
            is_column(&strip(inner), column)
        }
        ("length" | "char_length" | "character_length" | "octet_length", of) => is_column(of, column),
        _ => false,
    }
}

fn number(tokens: &[Token]) -> Option<f64> {
    match tokens {
        [Token::Number(number)] => Some(*number),
        // `'-5'::integer`, as the server prints negative constants; `'$5.00'::money`.
        [Token::Text(text)] => text.parse().ok().or_else(|| text.strip_prefix('$')?.replace(',', "").parse().ok()),
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
    fn lengths_patterns_moments_and_neighbours_are_understood() {
        let bounds = facts("CHECK (((char_length((name)::text) >= 3) AND (length(name) < 9)))", "name");
        assert_eq!((bounds.min_chars, bounds.max_chars), (3, Some(8)));
        assert_eq!(facts("CHECK ((octet_length(code) = 4))", "code").min_chars, 4);
        assert_eq!(facts("CHECK ((length(btrim(name)) > 0))", "name").min_chars, 1);
        let pattern = |definition: &str| facts(definition, "word").pattern.unwrap_or_default();
        assert_eq!(pattern("CHECK (((word)::text ~ '^[0-9]+$'::text))"), "^[0-9]+$");
        assert_eq!(pattern("CHECK ((word ~* '^a'::text))"), "(?i)^a");
        assert_eq!(pattern("CHECK ((word ~~ 'x.%_'::text))"), "^x\\.[a-z]{2,8}[a-z]$");
        assert_eq!(pattern("CHECK ((word ~ similar_to_escape('(a|b)%c.'::text)))"), "^(?:(a|b)[a-z]{2,8}c\\.)$");
        let born = facts("CHECK (((born >= '1900-01-01'::date) AND (born < '2020-01-01'::date)))", "born");
        assert_eq!((born.since, born.until), (Some(("1900-01-01".into(), true)), Some(("2020-01-01".into(), false))));
        let beside = |definition: &str, column: &str| facts(definition, column).beside;
        let strict = vec![Beside { other: "starts".into(), below: false, strict: true }];
        assert_eq!(beside("CHECK ((ends > starts))", "ends"), strict);
        assert_eq!(beside("CHECK (((ends IS NULL) OR (ends > starts)))", "ends"), strict);
        assert_eq!(beside("CHECK ((low <= high))", "high"), [Beside { other: "low".into(), below: false, strict: false }]);
        assert_eq!(facts("CHECK (((share IS NULL) OR (share > 0)))", "share").low, Some((0.0, false)));
    }

    #[test]
    fn of_some_columns_exactly_one_is_set() {
        let both = Some(vec!["a".to_owned(), "b".to_owned()]);
        assert_eq!(exclusive("CHECK (((a IS NULL) <> (b IS NULL)))"), both);
        assert_eq!(exclusive("CHECK (((a IS NULL) = (b IS NOT NULL)))"), both);
        assert_eq!(exclusive("CHECK ((num_nonnulls(a, b) = 1))"), both);
        for other in ["CHECK (((a IS NULL) = (b IS NULL)))", "CHECK ((num_nonnulls(a, b) = 2))", "CHECK ((a <> b))", "CHECK (("] {
            assert_eq!(exclusive(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_about_other_columns_or_not_understood_says_nothing() {
        for definition in [
            "CHECK ((ends > starts))",
            "CHECK ((abs(rating) > 2))",
            "CHECK ((other >= 1))",
            "CHECK (((rating >= 1) OR (other = 2)))",
            "CHECK ((rating !~ '^[a-z]+$'::text))",
            "CHECK ((rating <> 3))",
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
