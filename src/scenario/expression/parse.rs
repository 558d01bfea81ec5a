//! Tokens to a tree, by the strength with which operators bind (Pratt, "Top down operator precedence", 1973).

use super::token::{Placed, Token, tokens};
use super::{Binary, Expr, ExprNode};
use crate::scenario::error::Fault;
use crate::scenario::quantity;

type Failure = (usize, Fault);

/// Parentheses and operators deeper than this are not written by hand; whatever walks the tree recurses this deep.
const DEEPEST: usize = 64;

/// The same for the tree: chains of operators lean on one side.
const DEEPEST_TREE: usize = 256;

/// `in`, `between` and `case x` repeat their left side; what repeats more pieces than this repeats repetitions.
const MOST_COPIED: usize = 20_000;

/// What binds how strongly, as in PostgreSQL (<https://www.postgresql.org/docs/15/sql-syntax-lexical.html>, table 4.2).
const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const IS: u8 = 4;
const COMPARE: u8 = 5;
const IN: u8 = 6;
const JOIN: u8 = 7;
const ADD: u8 = 8;
const MULTIPLY: u8 = 9;
const NEGATE: u8 = 10;

/// Words that end an operand and so cannot name a column without quotes.
const KEYWORDS: [&str; 12] = ["and", "or", "not", "is", "in", "between", "case", "when", "then", "else", "end", "null"];

pub fn parse(text: &str) -> Result<Expr, Failure> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, next: 0, end: text.chars().count(), depth: 0, copied: 0 };
    let root = parser.expression(0)?;
    match parser.peek() {
        None if root.extent().1 > DEEPEST_TREE => Err((0, Fault::new("the expression is nested too deep"))),
        None => Ok(root),
        Some(token) => {
            let message = format!("{} does not belong here; an operator was expected", shown(token));
            Err((parser.place(), Fault::new(message)))
        }
    }
}

struct Parser<'t> {
    tokens: &'t [Placed],
    next: usize,
    end: usize,
    depth: usize,
    copied: usize,
}

fn shown(token: &Token) -> String {
    match token {
        Token::Number(number) => format!("`{number}`"),
        Token::Interval(_) => "a duration".to_owned(),
        Token::Text(text) => format!("'{text}'"),
        Token::Word(word) | Token::Quoted(word) => format!("`{word}`"),
        Token::Sign(sign) => format!("`{sign}`"),
    }
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    fn place(&self) -> usize {
        self.tokens.get(self.next).map_or(self.end, |(at, _)| *at)
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(Token::Sign(found)) if *found == sign)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(found)) if found.eq_ignore_ascii_case(word))
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let found = self.is_sign(sign);
        self.next += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.next += usize::from(found);
        found
    }

    fn expected(&self, what: &str) -> Failure {
        let found = self.peek().map_or("the expression ends".to_owned(), |token| format!("{} stands here", shown(token)));
        (self.place(), Fault::new(format!("{found} where {what} was expected")))
    }

    fn expect_sign(&mut self, sign: &str) -> Result<(), Failure> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.expected(&format!("`{sign}`"))) }
    }

    fn expect_word(&mut self, word: &str) -> Result<(), Failure> {
        if self.take_word(word) { Ok(()) } else { Err(self.expected(&format!("`{word}`"))) }
    }

    /// An operand and all operators behind it that bind stronger than `least`.
    fn expression(&mut self, least: u8) -> Result<Expr, Failure> {
        if self.depth == DEEPEST {
            return Err((self.place(), Fault::new(format!("the expression is nested more than {DEEPEST} deep"))));
        }
        self.depth += 1;
        let result = self.operators(least);
        self.depth -= 1;
        result
    }

    fn operators(&mut self, least: u8) -> Result<Expr, Failure> {
        let mut left = self.operand()?;
        // Each round makes the tree one deeper.
        for _ in 0..DEEPEST {
            left = match self.operator(left, least)? {
                (left, true) => left,
                (left, false) => return Ok(left),
            };
        }
        let message = format!("more than {DEEPEST} operators follow each other; use parentheses or `case`");
        Err((self.place(), Fault::new(message)))
    }

    /// The next operator with its right side, if one binds stronger than `least`.
    fn operator(&mut self, left: Expr, least: u8) -> Result<(Expr, bool), Failure> {
        let at = self.place();
        if let Some((operator, strength)) = self.binary().filter(|(_, strength)| *strength > least) {
            self.next += 1;
            let right = self.expression(strength)?;
            return Ok((binary(at, operator, left, right), true));
        }
        if self.is_word("is") && IS > least {
            return self.is_something(left).map(|expr| (expr, true));
        }
        let negated = self.is_word("not");
        let after = self.tokens.get(self.next + usize::from(negated)).map(|(_, token)| token);
        let follows = |word: &str| matches!(after, Some(Token::Word(found)) if found.eq_ignore_ascii_case(word));
        if IN <= least || !(follows("in") || follows("between")) {
            return Ok((left, false));
        }
        self.next += usize::from(negated);
        let found = if self.take_word("in") { self.in_list(at, left)? } else { self.between(at, left)? };
        let found = if negated { Expr { at, node: ExprNode::Not(Box::new(found)) } } else { found };
        Ok((found, true))
    }

    fn binary(&self) -> Option<(Binary, u8)> {
        Some(match self.peek()? {
            Token::Sign("+") => (Binary::Add, ADD),
            Token::Sign("-") => (Binary::Subtract, ADD),
            Token::Sign("*") => (Binary::Multiply, MULTIPLY),
            Token::Sign("/") => (Binary::Divide, MULTIPLY),
            Token::Sign("%") => (Binary::Remainder, MULTIPLY),
            Token::Sign("||") => (Binary::Join, JOIN),
            Token::Sign("=" | "==") => (Binary::Equal, COMPARE),
            Token::Sign("<>" | "!=") => (Binary::Unequal, COMPARE),
            Token::Sign("<") => (Binary::Less, COMPARE),
            Token::Sign("<=") => (Binary::AtMost, COMPARE),
            Token::Sign(">") => (Binary::More, COMPARE),
            Token::Sign(">=") => (Binary::AtLeast, COMPARE),
            Token::Word(word) if word.eq_ignore_ascii_case("and") => (Binary::And, AND),
            Token::Word(word) if word.eq_ignore_ascii_case("or") => (Binary::Or, OR),
            _ => return None,
        })
    }

    fn is_something(&mut self, left: Expr) -> Result<Expr, Failure> {
        let at = self.place();
        self.next += 1;
        let negated = self.take_word("not");
        self.expect_word("null")?;
        let is = Expr { at, node: ExprNode::IsNull(Box::new(left)) };
        Ok(if negated { Expr { at, node: ExprNode::Not(Box::new(is)) } } else { is })
    }

    /// `x in (a, b)` is `x = a or x = b`.
    fn in_list(&mut self, at: usize, left: Expr) -> Result<Expr, Failure> {
        self.expect_sign("(")?;
        let mut items = self.arguments()?;
        self.count_copies(&left, items.len())?;
        // Balanced, so that a long list does not make a deep tree.
        fn any(at: usize, left: &Expr, items: &mut [Expr]) -> Expr {
            let half = items.len() / 2;
            match items {
                [item] => {
                    let item = std::mem::replace(item, Expr { at, node: ExprNode::Null });
                    binary(at, Binary::Equal, left.clone(), item)
                }
                items => {
                    let (first, rest) = items.split_at_mut(half);
                    binary(at, Binary::Or, any(at, left, first), any(at, left, rest))
                }
            }
        }
        if items.is_empty() {
            return Err((at, Fault::new("`in ()` names nothing")));
        }
        Ok(any(at, &left, &mut items))
    }

    /// `x between a and b` is `x >= a and x <= b`.
    fn between(&mut self, at: usize, left: Expr) -> Result<Expr, Failure> {
        self.expect_word("between")?;
        let low = self.expression(IN)?;
        self.expect_word("and")?;
        let high = self.expression(IN)?;
        self.count_copies(&left, 1)?;
        let from = binary(at, Binary::AtLeast, left.clone(), low);
        Ok(binary(at, Binary::And, from, binary(at, Binary::AtMost, left, high)))
    }

    fn count_copies(&mut self, of: &Expr, times: usize) -> Result<(), Failure> {
        self.copied = self.copied.saturating_add(of.extent().0.saturating_mul(times));
        if self.copied <= MOST_COPIED { Ok(()) } else { Err((self.place(), Fault::new("the expression repeats too much"))) }
    }

    fn operand(&mut self) -> Result<Expr, Failure> {
        let at = self.place();
        let of = |node| Ok(Expr { at, node });
        let Some(token) = self.peek().cloned() else { return Err(self.expected("a value")) };
        match token {
            Token::Word(word) => self.word(at, &word),
            Token::Sign("(") => {
                self.next += 1;
                let inner = self.expression(0)?;
                self.expect_sign(")")?;
                Ok(inner)
            }
            Token::Sign("-") => {
                self.next += 1;
                of(ExprNode::Negate(Box::new(self.expression(NEGATE)?)))
            }
            Token::Sign("+") => {
                self.next += 1;
                self.expression(NEGATE)
            }
            Token::Sign(_) => Err(self.expected("a value")),
            Token::Quoted(name) => {
                self.next += 1;
                of(ExprNode::Column(self.path(name)?))
            }
            Token::Number(number) => {
                self.next += 1;
                of(ExprNode::Number(number))
            }
            Token::Interval(micros) => {
                self.next += 1;
                of(ExprNode::Interval(micros))
            }
            Token::Text(text) => {
                self.next += 1;
                of(ExprNode::Text(text))
            }
        }
    }

    fn word(&mut self, at: usize, word: &str) -> Result<Expr, Failure> {
        let lower = word.to_ascii_lowercase();
        let node = match lower.as_str() {
            "not" => {
                self.next += 1;
                return Ok(Expr { at, node: ExprNode::Not(Box::new(self.expression(NOT)?)) });
            }
            "case" => return self.case(at),
            "null" => ExprNode::Null,
            "true" => ExprNode::Bool(true),
            "false" => ExprNode::Bool(false),
            _ if KEYWORDS.contains(&lower.as_str()) => return Err(self.expected("a value")),
            _ => return self.name(at, word, lower),
        };
        self.next += 1;
        Ok(Expr { at, node })
    }

    /// A function, a moment (`date '2025-06-01'`) or a column.
    fn name(&mut self, at: usize, word: &str, lower: String) -> Result<Expr, Failure> {
        self.next += 1;
        if self.take_sign("(") {
            let arguments = self.arguments()?;
            return Ok(Expr { at, node: ExprNode::Call(lower, arguments) });
        }
        if let (Some(Token::Text(text)), "date" | "timestamp" | "timestamptz") = (self.peek(), lower.as_str()) {
            let moment = quantity::moment_us(text).map_err(|fault| (self.place(), fault))?;
            self.next += 1;
            return Ok(Expr { at, node: ExprNode::Moment(moment) });
        }
        Ok(Expr { at, node: ExprNode::Column(self.path(word.to_owned())?) })
    }

    /// `.column` any number of times.
    fn path(&mut self, first: String) -> Result<String, Failure> {
        let mut path = first;
        while self.take_sign(".") {
            match self.peek() {
                Some(Token::Word(name) | Token::Quoted(name)) => {
                    path.push('.');
                    path.push_str(name);
                    self.next += 1;
                }
                _ => return Err(self.expected("the name of a column")),
            }
        }
        Ok(path)
    }

    /// What stands between the parentheses, the second one included.
    fn arguments(&mut self) -> Result<Vec<Expr>, Failure> {
        let mut arguments = Vec::new();
        if self.take_sign(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression(0)?);
            if self.take_sign(")") {
                return Ok(arguments);
            }
            if !self.take_sign(",") {
                return Err(self.expected("`,` or `)`"));
            }
        }
    }

    /// `case when … then … else … end`, `case x when a then …`.
    fn case(&mut self, at: usize) -> Result<Expr, Failure> {
        self.next += 1;
        let subject = if self.is_word("when") { None } else { Some(self.expression(0)?) };
        let mut branches = Vec::new();
        while self.is_word("when") {
            let place = self.place();
            self.next += 1;
            let when = self.expression(0)?;
            let when = match &subject {
                Some(subject) => {
                    self.count_copies(subject, 1)?;
                    binary(place, Binary::Equal, subject.clone(), when)
                }
                None => when,
            };
            self.expect_word("then")?;
            branches.push((when, self.expression(0)?));
        }
        if branches.is_empty() {
            return Err(self.expected("`when`"));
        }
        let otherwise = if self.take_word("else") { self.expression(0)? } else { Expr { at, node: ExprNode::Null } };
        self.expect_word("end")?;
        Ok(Expr { at, node: ExprNode::Case(branches, Box::new(otherwise)) })
    }
}

fn binary(at: usize, operator: Binary, left: Expr, right: Expr) -> Expr {
    Expr { at, node: ExprNode::Binary(operator, Box::new(left), Box::new(right)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The tree with parentheses around everything.
    fn tree(text: &str) -> String {
        fn show(expr: &Expr) -> String {
            match &expr.node {
                ExprNode::Null => "null".into(),
                ExprNode::Number(number) => number.to_string(),
                ExprNode::Text(text) => format!("'{text}'"),
                ExprNode::Bool(value) => value.to_string(),
                ExprNode::Interval(micros) => format!("{}s", micros / 1_000_000),
                ExprNode::Moment(micros) => format!("@{}", micros / 1_000_000),
                ExprNode::Column(path) => path.clone(),
                ExprNode::Negate(inner) => format!("(-{})", show(inner)),
                ExprNode::Not(inner) => format!("(not {})", show(inner)),
                ExprNode::Binary(sign, left, right) => format!("({} {} {})", show(left), sign.sign(), show(right)),
                ExprNode::IsNull(inner) => format!("({} is null)", show(inner)),
                ExprNode::Case(branches, otherwise) => {
                    let branches: String =
                        branches.iter().map(|(when, then)| format!("{} → {}, ", show(when), show(then))).collect();
                    format!("case({branches}{})", show(otherwise))
                }
                ExprNode::Call(name, arguments) => {
                    format!("{name}({})", arguments.iter().map(show).collect::<Vec<_>>().join(", "))
                }
            }
        }
        show(&parse(text).unwrap_or_else(|(at, fault)| panic!("{text}: {at}: {fault:?}")))
    }

    #[test]
    fn operators_bind_as_in_sql() {
        for (text, expected) in [
            ("1 + 2 * 3 - 4", "((1 + (2 * 3)) - 4)"),
            ("-a.b * 2", "((-a.b) * 2)"),
            ("not a = 1 or b and c", "((not (a = 1)) or (b and c))"),
            ("a || 'x' || b <> 'it''s'", "(((a || 'x') || b) <> 'it's')"),
            ("a in (1, 2) and b not between 3 and 4 + 1", "(((a = 1) or (a = 2)) and (not ((b >= 3) and (b <= (4 + 1)))))"),
            ("a is not null = b", "((not (a is null)) = b)"),
            ("created_at + 1.5d > date '1970-01-02'", "((created_at + 129600s) > @86400)"),
            ("ROUND(\"Odd name\".price * 2, 1)", "round((Odd name.price * 2), 1)"),
            ("case when a then 1 when b then 2 end", "case(a → 1, b → 2, null)"),
            ("CASE kind WHEN 'x' THEN 1 ELSE 0 END + 1", "(case((kind = 'x') → 1, 0) + 1)"),
        ] {
            assert_eq!(tree(text), expected, "{text}");
        }
    }

    #[test]
    fn mistakes_have_their_place() {
        for (text, at, message) in [
            ("1 +", 3, "the expression ends where a value was expected"),
            ("(1 + 2", 6, "the expression ends where `)` was expected"),
            ("1 2", 2, "`2` does not belong here; an operator was expected"),
            ("a ? b", 2, "`?` means nothing in an expression"),
            ("a || 'b", 5, "a ' without its partner"),
            ("3 parsec", 2, "`parsec` does not belong here; an operator was expected"),
            ("3parsec", 0, "`3parsec` is not a duration"),
            ("case x end", 7, "`end` stands here where `when` was expected"),
            ("round(1,", 8, "the expression ends where a value was expected"),
            ("a is 3", 5, "`3` stands here where `null` was expected"),
            ("date 'soon'", 5, "`soon` is not a date"),
        ] {
            let (place, fault) = parse(text).unwrap_err();
            assert_eq!((place, fault.message.as_str()), (at, message), "{text}");
        }
        assert!(parse(&"(".repeat(5_000)).unwrap_err().1.message.contains("nested"));
        assert!(parse(&"-".repeat(5_000)).unwrap_err().1.message.contains("nested"));
        assert!(parse(&format!("a{}", " in (1, 2)".repeat(60))).unwrap_err().1.message.contains("repeats too much"));
        assert!(parse(&format!("{}1{}", "(1+".repeat(20), "+1)".repeat(20))).is_ok());
        assert!(parse(&"1+".repeat(5_000)).unwrap_err().1.message.contains("operators"));
    }

    proptest! {
        #[test]
        fn never_panics(text in r#"([a-z(),.'"+*/%<>=|! 0-9é-]|case |when |then |else |end |and |not |in |is |between |null |3d ){0,24}"#) {
            if let Err((at, _)) = parse(&text) {
                prop_assert!(at <= text.chars().count());
            }
        }

        #[test]
        fn what_is_shown_reads_back(a in 0..100_u32, b in 0..100_u32, signs in proptest::collection::vec("(\\+|-|\\*|/|%|=|<>|<|<=|and|or|\\|\\|)", 1..6)) {
            let text = signs.iter().fold(a.to_string(), |text, sign| format!("{text} {sign} {b}"));
            let shown = tree(&text);
            prop_assert_eq!(&tree(&shown), &shown);
        }
    }
}
