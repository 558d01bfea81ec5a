//! LIKE and SIMILAR TO as regular expressions whose texts are pleasant to read.

/// What stands for `%` and `_`: any text is allowed there, so words will do.
const SOME: &str = "[a-z]{2,8}";
const ONE: &str = "[a-z]";

/// `x%`: everything but `%` and `_` is itself.
pub fn of_like(pattern: &str) -> String {
    let mut expression = String::from("^");
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '%' => expression.push_str(SOME),
            '_' => expression.push_str(ONE),
            '\\' => literal(chars.next().unwrap_or('\\'), &mut expression),
            c => literal(c, &mut expression),
        }
    }
    expression.push('$');
    expression
}

/// `(a|b)%`: the operators of regular expressions but for the dot and the anchors, which are themselves.
pub fn of_similar(pattern: &str) -> String {
    let mut expression = String::from("^(?:");
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '%' => expression.push_str(SOME),
            '_' => expression.push_str(ONE),
            '[' => {
                // A class ends at the first bracket that is not its first character.
                expression.push('[');
                let class: Vec<char> = chars.clone().collect();
                let first = 1 + usize::from(class.first() == Some(&'^'));
                let end = class.iter().skip(first).position(|c| *c == ']').map_or(class.len(), |end| first + end + 1);
                expression.extend(chars.by_ref().take(end));
            }
            '.' | '^' | '$' => literal(c, &mut expression),
            '\\' => literal(chars.next().unwrap_or('\\'), &mut expression),
            c => expression.push(c),
        }
    }
    expression.push_str(")$");
    expression
}

fn literal(c: char, expression: &mut String) {
    if c.is_ascii_punctuation() {
        expression.push('\\');
    }
    expression.push(c);
}
