//! Tokens into an expression, by recursive descent.
//!
//! A group in parentheses that cannot be read becomes text on its own, and reading goes on behind its closing parenthesis, which
//! is known beforehand; so every token is looked at once whatever the text is.

use super::token::{Kind, Token, tokens, unquoted};
use super::{Column, Constant, Expr};

/// Groups nested deeper than this are kept as text. Real conditions stay under ten.
pub const MAX_NESTING: usize = 48;

/// Casts in a row, or comparisons without parentheses, beyond this are kept as text: PostgreSQL writes two casts at most.
const MAX_CHAIN: usize = 8;

/// Reads a condition. Whatever cannot be read is [`Expr::Other`].
pub fn parse(text: &str) -> Expr {
    let tokens = tokens(text);
    let closing = closing(&tokens);
    let mut parser = Parser { text, tokens: &tokens, closing: &closing, at: 0, nesting: 0 };
    match parser.expression() {
        Some(expr) if parser.at == tokens.len() => expr,
        _ => Expr::Other(text.trim().to_owned()),
    }
}

/// For each opening parenthesis or bracket the index of the one that closes it; `usize::MAX` when none does.
fn closing(tokens: &[Token]) -> Vec<usize> {
    let mut closing = vec![usize::MAX; tokens.len()];
    let mut open = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open | Kind::OpenBracket => open.push(i),
            Kind::Close | Kind::CloseBracket => {
                if let Some(start) = open.pop() {
                    closing[start] = i;
                }
            }
            _ => {}
        }
    }
    closing
}

struct Parser<'t> {
    text: &'t str,
    tokens: &'t [Token<'t>],
    closing: &'t [usize],
    at: usize,
    nesting: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.at).copied()
    }

    fn next_kind(&self, ahead: usize) -> Option<Kind> {
        self.tokens.get(self.at + ahead).map(|token| token.kind)
    }

    fn is_word(&self, ahead: usize, word: &str) -> bool {
        self.tokens.get(self.at + ahead).is_some_and(|token| token.kind == Kind::Word && token.text.eq_ignore_ascii_case(word))
    }

    /// Takes the words when all of them come next.
    fn take_words(&mut self, words: &[&str]) -> bool {
        let all = words.iter().enumerate().all(|(i, word)| self.is_word(i, word));
        if all {
            self.at += words.len();
        }
        all
    }

    fn take(&mut self, kind: Kind) -> Option<Token<'t>> {
        let token = self.peek().filter(|token| token.kind == kind)?;
        self.at += 1;
        Some(token)
    }

    /// One step deeper, or nothing when that is too deep.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.nesting >= MAX_NESTING {
            return None;
        }
        self.nesting += 1;
        let result = read(self);
        self.nesting -= 1;
        result
    }

    fn expression(&mut self) -> Option<Expr> {
        self.list("OR", Expr::Or, |parser| parser.list("AND", Expr::And, Self::negation))
    }

    fn list(&mut self, word: &str, join: fn(Vec<Expr>) -> Expr, read: impl Fn(&mut Self) -> Option<Expr>) -> Option<Expr> {
        let first = read(self)?;
        if !self.is_word(0, word) {
            return Some(first);
        }
        let mut parts = vec![first];
        while self.take_words(&[word]) {
            parts.push(read(self)?);
        }
        Some(join(parts))
    }

    fn negation(&mut self) -> Option<Expr> {
        if self.take_words(&["NOT"]) {
            let operand = self.nested(Self::negation)?;
            return Some(Expr::Not(Box::new(operand)));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Option<Expr> {
        let mut left = self.operand()?;
        for _ in 0..MAX_CHAIN {
            if self.take_words(&["IS"]) {
                left = self.is_test(left)?;
            } else if let Some(op) = self.operator() {
                left = self.right_side(left, op)?;
            } else {
                return Some(left);
            }
        }
        None
    }

    fn is_test(&mut self, left: Expr) -> Option<Expr> {
        let operand = Box::new(left);
        let negated = self.take_words(&["NOT"]);
        if self.take_words(&["NULL"]) {
            return Some(Expr::IsNull { operand, negated });
        }
        if self.take_words(&["DISTINCT", "FROM"]) {
            let op = if negated { "IS NOT DISTINCT FROM" } else { "IS DISTINCT FROM" };
            return Some(Expr::Compare { left: operand, op: op.to_owned(), right: Box::new(self.operand()?) });
        }
        let test = ["TRUE", "FALSE", "UNKNOWN", "DOCUMENT", "NORMALIZED"].into_iter().find(|test| self.take_words(&[test]))?;
        Some(Expr::Is { operand, test: format!("{}{test}", if negated { "NOT " } else { "" }) })
    }

    /// A symbol, `OPERATOR(schema.=)` or `AT TIME ZONE`.
    fn operator(&mut self) -> Option<String> {
        if self.take_words(&["AT", "TIME", "ZONE"]) {
            return Some("AT TIME ZONE".to_owned());
        }
        if self.is_word(0, "OPERATOR") && self.next_kind(1) == Some(Kind::Open) {
            let close = self.closing[self.at + 1];
            let op = self.slice(self.at, close)?;
            self.at = close + 1;
            return Some(op);
        }
        self.take(Kind::Operator).map(|token| token.text.to_owned())
    }

    fn right_side(&mut self, left: Expr, op: String) -> Option<Expr> {
        let all = self.is_word(0, "ALL");
        if (all || self.is_word(0, "ANY")) && self.next_kind(1) == Some(Kind::Open) {
            self.at += 1;
            let right = self.group()?;
            return Some(Expr::Any { left: Box::new(left), op, right: Box::new(right), all });
        }
        Some(Expr::Compare { left: Box::new(left), op, right: Box::new(self.operand()?) })
    }

    fn operand(&mut self) -> Option<Expr> {
        if let Some(op) = self.take(Kind::Operator) {
            let operand = self.nested(Self::operand)?;
            return Some(Expr::Prefix { op: op.text.to_owned(), operand: Box::new(operand) });
        }
        let mut expr = self.primary()?;
        for _ in 0..MAX_CHAIN {
            expr = match self.next_kind(0) {
                Some(Kind::Cast) => {
                    self.at += 1;
                    Expr::Cast { operand: Box::new(expr), type_name: self.type_name()? }
                }
                Some(Kind::Word) if self.take_words(&["COLLATE"]) => {
                    Expr::Collate { operand: Box::new(expr), collation: self.name()? }
                }
                // `(InitPlan 1).col1` is one parameter.
                Some(Kind::Dot) if matches!(expr, Expr::Param(_) | Expr::SubPlan(_)) => {
                    self.at += 1;
                    self.name()?;
                    expr
                }
                _ => return Some(expr),
            };
        }
        None
    }

    fn primary(&mut self) -> Option<Expr> {
        let token = self.peek()?;
        match token.kind {
            Kind::Open => self.group(),
            Kind::Number => {
                self.at += 1;
                Some(Expr::Constant(Constant::Number(token.text.to_owned())))
            }
            Kind::Text => {
                self.at += 1;
                Some(Expr::Constant(Constant::Text(unquoted(token.text))))
            }
            Kind::Param => {
                self.at += 1;
                Some(Expr::Param(token.text.to_owned()))
            }
            Kind::Word | Kind::Quoted => self.named(token),
            _ => None,
        }
    }

    /// What stands in parentheses; as text when it cannot be read.
    fn group(&mut self) -> Option<Expr> {
        let open = self.at;
        let close = self.closing[open];
        if close == usize::MAX {
            return None;
        }
        let read = self.nested(|parser| {
            parser.at += 1;
            parser.expression()
        });
        let whole = self.at == close;
        self.at = close + 1;
        match read {
            Some(expr) if whole => Some(expr),
            _ => Some(Expr::Other(self.slice(open, close)?)),
        }
    }

    /// A keyword constant, a subplan, a function or a column.
    fn named(&mut self, token: Token<'t>) -> Option<Expr> {
        if let Some(plan) = self.subplan() {
            return Some(plan);
        }
        if token.kind == Kind::Word && self.next_kind(1) != Some(Kind::Dot) {
            if let Some(constant) = keyword_constant(token.text) {
                self.at += 1;
                return Some(Expr::Constant(constant));
            }
            // Only written in upper case by ruleutils; a column called so would be quoted.
            if matches!(token.text, "CASE" | "WHEN" | "THEN" | "ELSE" | "END" | "FROM" | "DISTINCT" | "NOT" | "AND" | "OR" | "IS")
            {
                return None;
            }
        }
        let mut names = vec![self.name()?];
        while self.next_kind(0) == Some(Kind::Dot) {
            self.at += 1;
            names.push(self.name()?);
        }
        match self.next_kind(0) {
            Some(Kind::Open) => {
                let arguments = self.arguments()?;
                Some(Expr::Function { name: names.join("."), arguments })
            }
            Some(Kind::OpenBracket) if token.text == "ARRAY" => {
                let arguments = self.arguments()?;
                Some(Expr::Function { name: "ARRAY".to_owned(), arguments })
            }
            _ if token.kind == Kind::Word && token.text.starts_with("CURRENT_") => {
                Some(Expr::Function { name: names.join("."), arguments: Vec::new() })
            }
            _ => {
                let name = names.pop()?;
                Some(Expr::Column(Column { qualifier: names.pop(), name }))
            }
        }
    }

    /// `SubPlan 1`, `hashed SubPlan 1`, `InitPlan 1`, `InitPlan 1 (returns $0)`
    fn subplan(&mut self) -> Option<Expr> {
        let start = self.at;
        let hashed = usize::from(self.is_word(0, "hashed"));
        let init = self.is_word(hashed, "InitPlan");
        if !(init || self.is_word(hashed, "SubPlan")) || self.next_kind(hashed + 1) != Some(Kind::Number) {
            return None;
        }
        self.at += hashed + 2;
        let text = self.slice(start, self.at - 1)?;
        Some(if init { Expr::Param(text) } else { Expr::SubPlan(text) })
    }

    /// Comma-separated expressions in parentheses or brackets; a single text when they cannot be read.
    fn arguments(&mut self) -> Option<Vec<Expr>> {
        let open = self.at;
        let close = self.closing[open];
        if close == usize::MAX {
            return None;
        }
        if close == open + 1 {
            self.at = close + 1;
            return Some(Vec::new());
        }
        let read = self.nested(|parser| {
            parser.at += 1;
            let mut arguments = Vec::new();
            // `EXTRACT(year FROM a)`
            if parser.next_kind(0) == Some(Kind::Word) && parser.is_word(1, "FROM") {
                arguments.push(Expr::Constant(Constant::Word(parser.peek()?.text.to_owned())));
                parser.at += 2;
            }
            // `count(*)`
            if parser.peek().is_some_and(|token| token.text == "*") && parser.at + 1 == close {
                parser.at += 1;
                return Some(vec![Expr::Constant(Constant::Word("*".to_owned()))]);
            }
            arguments.push(parser.expression()?);
            while parser.take(Kind::Comma).is_some() {
                arguments.push(parser.expression()?);
            }
            Some(arguments)
        });
        let whole = self.at == close;
        self.at = close + 1;
        match read {
            Some(arguments) if whole => Some(arguments),
            _ => Some(vec![Expr::Other(self.slice(open + 1, close - 1)?)]),
        }
    }

    /// `text`, `character varying(20)`, `timestamp without time zone`, `public.mood[]`
    fn type_name(&mut self) -> Option<String> {
        let start = self.at;
        let first = self.peek()?.text;
        self.name()?;
        if self.next_kind(0) == Some(Kind::Dot) {
            self.at += 1;
            self.name()?;
        }
        match first {
            "character" | "bit" => {
                self.take_words(&["varying"]);
            }
            "double" => {
                self.take_words(&["precision"]);
            }
            "interval" => {
                while ["year", "month", "day", "hour", "minute", "second", "to"].iter().any(|word| self.take_words(&[word])) {}
            }
            _ => {}
        }
        if self.next_kind(0) == Some(Kind::Open) {
            let close = self.closing[self.at];
            if close == usize::MAX {
                return None;
            }
            self.at = close + 1;
        }
        let _ = self.take_words(&["with", "time", "zone"]) || self.take_words(&["without", "time", "zone"]);
        while self.next_kind(0) == Some(Kind::OpenBracket) && self.next_kind(1) == Some(Kind::CloseBracket) {
            self.at += 2;
        }
        self.slice(start, self.at - 1)
    }

    /// An identifier, unquoted.
    fn name(&mut self) -> Option<String> {
        let token = self.peek().filter(|token| matches!(token.kind, Kind::Word | Kind::Quoted))?;
        self.at += 1;
        Some(if token.kind == Kind::Quoted { unquoted(token.text) } else { token.text.to_owned() })
    }

    /// The text from the token `from` to the token `to`, both included.
    fn slice(&self, from: usize, to: usize) -> Option<String> {
        let (from, to) = (self.tokens.get(from)?, self.tokens.get(to)?);
        self.text.get(from.at..to.at + to.text.len()).map(str::to_owned)
    }
}

fn keyword_constant(word: &str) -> Option<Constant> {
    match word {
        "true" => Some(Constant::Boolean(true)),
        "false" => Some(Constant::Boolean(false)),
        "NULL" => Some(Constant::Null),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::plan::{fixtures, walk};

    /// Conditions of captured plans and of the documentation, which must come back as they were.
    #[test]
    fn reads_and_writes_what_postgresql_deparses() {
        for text in [
            "((song_history.user_id = 300) AND (x.created_at >= '2025-01-01'::timestamp without time zone))",
            "(id = ANY ('{1,2}'::bigint[]))",
            "(lower(name) = 'x'::text)",
            "((name)::text ~~ 'ab%'::text)",
            "((name)::text ~~* '%it''s%'::text)",
            "((a IS NULL) OR (b IS NOT NULL) OR (NOT c))",
            "(a.x = b.y)",
            "(user_id = $0)",
            "(NOT (hashed SubPlan 1))",
            "(SubPlan 2)",
            "(\"Table\".\"Id\" = 7)",
            "(note <> E'it''s \\\\ 7'::text)",
            "(EXTRACT(year FROM created_at) = '2024'::numeric)",
            "(date_part('year'::text, created_at) = '2024'::double precision)",
            "((price)::numeric(10,2) < 12.50)",
            "((data ->> 'kind'::text) = 'x'::text)",
            "((- a) < 1e10)",
            "(COALESCE(a, b, 0) IS NOT DISTINCT FROM 3)",
            "((name COLLATE \"C\") >= 'a'::text)",
            "(ROW(a, b) > ROW(1, 2))",
            "(tags && ARRAY['a'::text, 'b'::text])",
            "(active IS TRUE)",
            "(created_at >= (CURRENT_DATE - 7))",
            "((t AT TIME ZONE 'UTC'::text) > now())",
            "(a <> ALL ('{1,2}'::integer[]))",
            "(s.mood = 'HAPPY'::public.mood)",
            "(a OPERATOR(public.=) b)",
            "active",
        ] {
            let expr = parse(text);
            assert!(!expr.has_unknown(), "{text}: {expr:?}");
            assert_eq!(expr.to_string(), text);
        }
    }

    #[test]
    fn what_cannot_be_read_stays_text_in_its_group() {
        let expr = parse("((a = 1) AND (CASE WHEN b THEN 1 ELSE 2 END = 2))");
        let parts: Vec<&Expr> = expr.conjuncts().collect();
        assert_eq!(parts[0].to_string(), "(a = 1)");
        assert_eq!(parts[1], &Expr::Other("(CASE WHEN b THEN 1 ELSE 2 END = 2)".into()));
        assert!(expr.has_unknown());
    }

    #[test]
    fn every_condition_of_the_captured_plans_is_read() {
        for (name, plan) in fixtures::all().into_iter().chain(fixtures::timed()) {
            for node in walk::nodes(&plan.root) {
                for (label, text) in node.conditions().filter(|(label, _)| label.ends_with("Cond") || label.ends_with("Filter")) {
                    let expr = parse(text);
                    assert!(!expr.has_unknown(), "{name} {label}: {text}");
                    // Not the text: PostgreSQL doubles the parentheses of expressions from below.
                    assert_eq!(parse(&expr.to_string()), expr, "{name} {label}: {text}");
                }
            }
        }
    }

    #[test]
    fn later_versions_name_init_plans() {
        assert_eq!(parse("(id = (InitPlan 1).col1)").to_string(), "(id = (InitPlan 1))");
    }

    #[test]
    fn nesting_is_limited_and_time_is_linear() {
        let deep = format!("{}a{}", "(".repeat(200_000), ")".repeat(200_000));
        let half = "(a = ".repeat(200_000);
        let list = format!("({})", vec!["(a = 1)"; 100_000].join(" AND "));
        let operators = "-".repeat(10_000) + &"- ".repeat(100_000);
        let casts = format!("a{}", "::text".repeat(100_000));
        let chain = "a = ".repeat(100_000) + "a";
        let start = thread_time();
        assert!(parse(&casts).has_unknown());
        assert!(parse(&chain).has_unknown());
        assert!(parse(&deep).has_unknown());
        assert!(parse(&half).has_unknown());
        assert!(parse(&operators).has_unknown());
        assert_eq!(parse(&list).conjuncts().count(), 100_000);
        // Of the processor, so that a busy machine changes nothing: in quadratic time it would take minutes.
        assert!(thread_time() - start < Duration::from_secs(10));
    }

    fn thread_time() -> Duration {
        nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID.now().unwrap().into()
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,80}") {
            let _ = parse(&text).to_string();
        }

        /// Text made of the pieces that conditions are made of reaches the grammar's corners.
        #[test]
        fn any_pieces_are_read(pieces in prop::collection::vec(prop::sample::select(vec![
            "(", ")", "[", "]", "a", "b.c", ".", ",", "::", "text", "AND", "OR", "NOT", "IS", "NULL", "ANY", "=", "~~", "-", "'x", "'y'",
            "E'\\", "\"q", "\"Q\"", "$1", "1.5e", "CASE", "END", "SubPlan", "hashed", "1", "COLLATE", "EXTRACT", "FROM", "ARRAY", "interval",
            "timestamp", "with", "time", "zone", "OPERATOR", "é", "\\",
        ]), 0..40)) {
            let text = pieces.join(" ");
            let _ = parse(&text).to_string();
            let _ = parse(&pieces.concat()).columns();
            let _ = crate::plan::condition::classify(&parse(&text), "a");
        }

        /// What we print, we read back as the same.
        #[test]
        fn printing_is_stable(pieces in prop::collection::vec(prop::sample::select(vec![
            "(a = 1)", "(b.c ~~ 'x%'::text)", "(d IS NULL)", "(e = ANY ('{1}'::integer[]))", "(lower(f) = 'it''s'::text)", "(NOT g)",
        ]), 2..6), or in any::<bool>()) {
            let text = format!("({})", pieces.join(if or { " OR " } else { " AND " }));
            let once = parse(&text);
            prop_assert_eq!(once.to_string(), text);
        }
    }
}
