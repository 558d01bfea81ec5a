//! Conditions by recursive descent: `or` over `and` over `not` over one question.

use crate::scenario::error::Fault;

use super::token::{Token, tokens};
use super::{Condition, Operand, Relation};

/// Deeper ones would be a slip, and every level is one of this program's own stack.
const DEEPEST: usize = 50;

const HELP: &str = "write `STEP is empty`, `STEP.COLUMN is null` or a comparison such as `STEP.COLUMN >= :parameter`, joined by `and`, `or` and `not`";

pub fn condition(text: &str) -> Result<Condition, Fault> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0 };
    let condition = parser.any()?;
    match parser.peek() {
        None => Ok(condition),
        Some(Token::Close) => Err(Fault::new("a `)` without its `(`")),
        Some(token) => Err(Fault::with_help(format!("`{token}` cannot stand here in a condition"), HELP)),
    }
}

struct Parser<'t> {
    tokens: &'t [Token],
    at: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<&'t Token> {
        let token = self.peek();
        self.at += usize::from(token.is_some());
        token
    }

    /// Takes the word if it comes next.
    fn takes(&mut self, word: &str) -> bool {
        let comes = matches!(self.peek(), Some(Token::Word(next)) if next.eq_ignore_ascii_case(word));
        self.at += usize::from(comes);
        comes
    }

    fn any(&mut self) -> Result<Condition, Fault> {
        let mut parts = vec![self.all()?];
        while self.takes("or") {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Condition::Any))
    }

    fn all(&mut self) -> Result<Condition, Fault> {
        let mut parts = vec![self.not()?];
        while self.takes("and") {
            parts.push(self.not()?);
        }
        Ok(one_or(parts, Condition::All))
    }

    fn not(&mut self) -> Result<Condition, Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Fault::new(format!("the condition is more than {DEEPEST} levels deep")));
        }
        let condition = if self.takes("not") {
            Condition::Not(Box::new(self.not()?))
        } else if self.peek() == Some(&Token::Open) {
            self.at += 1;
            let inner = self.any()?;
            match self.next() {
                Some(Token::Close) => inner,
                _ => return Err(Fault::new("a `(` without its `)`")),
            }
        } else {
            self.question()?
        };
        self.depth -= 1;
        Ok(condition)
    }

    fn question(&mut self) -> Result<Condition, Fault> {
        let start = self.at;
        let Some(subject) = self.next() else {
            return Err(Fault::with_help("the condition ends where a question should stand", HELP));
        };
        if let Token::Word(word) = subject
            && self.takes("is")
        {
            let negated = self.takes("not");
            return match self.next() {
                Some(Token::Word(state)) if state.eq_ignore_ascii_case("empty") => emptiness(word, negated),
                Some(Token::Word(state)) if state.eq_ignore_ascii_case("null") => nullness(word, negated),
                _ => Err(self.not_a_condition(start)),
            };
        }
        let Some(Token::Relation(relation)) = self.peek() else { return Err(self.not_a_condition(start)) };
        self.at += 1;
        let Some(other) = self.next() else {
            return Err(Fault::with_help(format!("nothing stands behind `{}`", relation.sign()), HELP));
        };
        compare(subject, *relation, other)
    }

    fn not_a_condition(&self, start: usize) -> Fault {
        let ends = |token: &&Token| match token {
            Token::Word(word) => word.eq_ignore_ascii_case("and") || word.eq_ignore_ascii_case("or"),
            Token::Open | Token::Close => true,
            _ => false,
        };
        let words: Vec<String> = self.tokens[start..].iter().take_while(|token| !ends(token)).map(Token::to_string).collect();
        let words = if words.is_empty() { self.tokens[start].to_string() } else { words.join(" ") };
        Fault::with_help(format!("`{words}` is not a condition"), HELP)
    }
}

fn one_or(mut parts: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    if parts.len() == 1 { parts.remove(0) } else { join(parts) }
}

fn emptiness(word: &str, negated: bool) -> Result<Condition, Fault> {
    if let Some((step, _)) = word.split_once('.') {
        let message = format!("`{word}` is a column, and only a step can be empty");
        return Err(Fault::with_help(message, format!("write `{step} is empty`")));
    }
    let step = name(word)?;
    Ok(if negated { Condition::NotEmpty { step } } else { Condition::Empty { step } })
}

fn nullness(word: &str, negated: bool) -> Result<Condition, Fault> {
    let Some((step, column)) = word.split_once('.') else {
        let help = format!("write `{word}.COLUMN is null`, or `{word} is empty`");
        return Err(Fault::with_help(format!("`{word}` is a step, and only a column can be null"), help));
    };
    let (step, column) = (name(step)?, name(column)?);
    Ok(if negated { Condition::NotNull { step, column } } else { Condition::Null { step, column } })
}

fn compare(left: &Token, relation: Relation, right: &Token) -> Result<Condition, Fault> {
    if let Token::Word(word) = right
        && word.eq_ignore_ascii_case("null")
    {
        let not = if relation == Relation::Unequal { "not " } else { "" };
        return Err(Fault::with_help("nothing compares with null", format!("write `{left} is {not}null`")));
    }
    let (left, right) = (operand(left)?, operand(right)?);
    let literal = |operand: &Operand| !matches!(operand, Operand::Column { .. } | Operand::Param(_));
    if literal(&left) && literal(&right) {
        let help = "compare a column of an earlier step, or a parameter";
        return Err(Fault::with_help(format!("`{left} {} {right}` always gives the same", relation.sign()), help));
    }
    Ok(Condition::Compare { left, relation, right })
}

fn operand(token: &Token) -> Result<Operand, Fault> {
    match token {
        Token::Number(number) => Ok(Operand::Number(number.clone())),
        Token::Text(text) => Ok(Operand::Text(text.clone())),
        Token::Param(param) => Ok(Operand::Param(name(param)?)),
        Token::Word(word) if word.eq_ignore_ascii_case("true") => Ok(Operand::Bool(true)),
        Token::Word(word) if word.eq_ignore_ascii_case("false") => Ok(Operand::Bool(false)),
        Token::Word(word) => match word.split_once('.') {
            Some((step, column)) => Ok(Operand::Column { step: name(step)?, column: name(column)? }),
            None => {
                let help =
                    format!("write `{word}.COLUMN` for a column of a step, `:{word}` for a parameter, `'{word}'` for a text");
                Err(Fault::with_help(format!("`{word}` is nothing that can be compared"), help))
            }
        },
        Token::Relation(_) | Token::Open | Token::Close => {
            Err(Fault::with_help(format!("`{token}` is nothing that can be compared"), HELP))
        }
    }
}

/// The name of a step, a column or a parameter.
fn name(text: &str) -> Result<String, Fault> {
    let reserved = ["is", "not", "and", "or", "null", "empty"].iter().any(|word| word.eq_ignore_ascii_case(text));
    if reserved || text.is_empty() || text.contains('.') || text.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(Fault::with_help(format!("`{text}` is not a name"), HELP));
    }
    Ok(text.to_owned())
}
