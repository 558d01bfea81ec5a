//! `tsquery`: words joined by `&`, `|`, `!` and `<->`.

use super::vector::lexeme;

/// Tags and operators of `ts_type.h`.
const VALUE: u8 = 1;
const OPERATOR: u8 = 2;
const NOT: u8 = 1;
const AND: u8 = 2;
const OR: u8 = 3;
const PHRASE: u8 = 4;

/// Deeper would only be a slip; the parser calls itself.
const DEEPEST: usize = 200;

/// `fat & (rat | !cat:*A) <-> hat`
pub fn read(text: &str) -> Option<Vec<u8>> {
    let mut reader = Reader { rest: text.trim(), depth: 0 };
    if reader.rest.is_empty() {
        return Some(vec![0; 4]);
    }
    let (items, count) = reader.joined(OR)?;
    reader.rest.is_empty().then(|| [&u32::to_be_bytes(count)[..], &items].concat())
}

/// Items in Polish notation, the right operand before the left, and how many they are.
type Items = (Vec<u8>, u32);

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl Reader<'_> {
    fn skip(&mut self, wanted: &str) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    /// Operands of an operator and of those that bind more tightly.
    fn joined(&mut self, operator: u8) -> Option<Items> {
        let next = |reader: &mut Self| match operator {
            OR => reader.joined(AND),
            AND => reader.joined(PHRASE),
            _ => reader.operand(),
        };
        let mut left = next(self)?;
        while let Some(distance) = self.operator(operator)? {
            let right = next(self)?;
            let mut items = vec![OPERATOR, operator];
            if operator == PHRASE {
                items.extend_from_slice(&distance.to_be_bytes());
            }
            left = ([items, right.0, left.0].concat(), left.1 + right.1 + 1);
        }
        Some(left)
    }

    /// `Some(None)`: another operator or the end follows.
    fn operator(&mut self, operator: u8) -> Option<Option<u16>> {
        match operator {
            OR => Some(self.skip("|").then_some(0)),
            AND => Some(self.skip("&").then_some(0)),
            _ if self.skip("<->") => Some(Some(1)),
            _ if self.skip("<") => {
                let (distance, behind) = self.rest.split_once('>')?;
                let distance = distance.trim().parse().ok().filter(|distance| *distance <= 16_384)?;
                self.rest = behind.trim_start();
                Some(Some(distance))
            }
            _ => Some(None),
        }
    }

    fn operand(&mut self) -> Option<Items> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let items = if self.skip("!") {
            let (items, count) = self.operand()?;
            ([vec![OPERATOR, NOT], items].concat(), count + 1)
        } else if self.skip("(") {
            let inner = self.joined(OR)?;
            self.skip(")").then_some(inner)?
        } else {
            (self.value()?, 1)
        };
        self.depth -= 1;
        Some(items)
    }

    fn value(&mut self) -> Option<Vec<u8>> {
        let (word, behind) = lexeme(self.rest, |c| matches!(c, ':' | '&' | '|' | '!' | '(' | ')' | '<'))?;
        let (mut weights, mut prefix) = (0, 0);
        let mut rest = behind;
        if let Some(marks) = behind.strip_prefix(':') {
            let end = marks.find(|c: char| !c.is_ascii_alphabetic() && c != '*').unwrap_or(marks.len());
            for mark in marks[..end].chars() {
                match mark.to_ascii_uppercase() {
                    '*' => prefix = 1,
                    mark @ 'A'..='D' => weights |= 1 << (b'D' - mark as u8),
                    _ => return None,
                }
            }
            rest = &marks[end..];
        }
        self.rest = rest.trim_start();
        Some([&[VALUE, weights, prefix], word.as_bytes(), &[0]].concat())
    }
}

/// A query that means the same, with a pair of parentheses around every operator but the first.
pub fn print(value: &[u8]) -> String {
    let mut rest = value.get(4..).unwrap_or_default();
    printed(&mut rest, 0).unwrap_or_default()
}

fn printed(rest: &mut &[u8], depth: usize) -> Option<String> {
    let mut next = |count: usize| {
        let (taken, behind) = rest.split_at_checked(count)?;
        *rest = behind;
        Some(taken.to_vec())
    };
    if depth > DEEPEST {
        return None;
    }
    if next(1)?[0] == VALUE {
        let marks = next(2)?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        let word = String::from_utf8_lossy(&rest[..end]).replace('\\', "\\\\").replace('\'', "''");
        *rest = &rest[end + 1..];
        let mut text = format!("'{word}'");
        if marks != [0, 0] {
            text.push(':');
            text.push_str(if marks[1] != 0 { "*" } else { "" });
            "ABCD".chars().zip([8, 4, 2, 1]).filter(|(_, bit)| marks[0] & bit != 0).for_each(|(mark, _)| text.push(mark));
        }
        return Some(text);
    }
    let operator = next(1)?[0];
    let sign = match operator {
        NOT => return Some(format!("!{}", printed(rest, depth + 1)?)),
        AND => "&".to_owned(),
        OR => "|".to_owned(),
        _ => {
            let distance = next(2)?;
            match u16::from_be_bytes([distance[0], distance[1]]) {
                1 => "<->".to_owned(),
                distance => format!("<{distance}>"),
            }
        }
    };
    let (right, left) = (printed(rest, depth + 1)?, printed(rest, depth + 1)?);
    Some(if depth == 0 { format!("{left} {sign} {right}") } else { format!("( {left} {sign} {right} )") })
}
