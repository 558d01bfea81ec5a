//! Places inside of a scalar: where the twelfth character of a statement stands in the file.

use super::model::{Located, Location};

/// Where the character of a scalar's text (from 1) stands in the file that the scalar was read from: exact for a scalar of one line and
/// for literal blocks (`|`), the scalar's start where lines were folded.
pub fn place_in(file: &str, scalar: &Located<String>, position: usize) -> Location {
    let lines: Vec<&str> = file.lines().collect();
    let line_of = |number: u32| lines.get((number as usize).saturating_sub(1)).copied().unwrap_or_default();
    let before: String = scalar.value.chars().take(position.saturating_sub(1)).collect();
    let (line, column) = (before.matches('\n').count(), before.chars().rev().take_while(|c| *c != '\n').count());
    let first: Vec<char> = line_of(scalar.at.line).chars().skip((scalar.at.column as usize).saturating_sub(1)).collect();
    let whole = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    if line > 0 {
        // A literal block stands in the file as it is, but for its indentation.
        let at_line = scalar.at.line.saturating_add(whole(line));
        let text = scalar.value.lines().nth(line).unwrap_or_default();
        let indent = line_of(at_line).strip_suffix(text).filter(|indent| indent.trim().is_empty());
        let column = |indent: &str| whole(indent.chars().count() + column + 1);
        return indent.map_or(scalar.at, |indent| Location { line: at_line, column: column(indent) });
    }
    let quote = usize::from(matches!(first.first(), Some('"' | '\'')));
    let same = first.iter().skip(quote).take(before.chars().count()).copied().eq(before.chars());
    if same {
        return Location { column: scalar.at.column.saturating_add(whole(quote + column)), ..scalar.at };
    }
    scalar.at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(file: &str, value: &str, at: (u32, u32), position: usize) -> (u32, u32) {
        let scalar = Located::new(value.to_owned(), Location { line: at.0, column: at.1 });
        let found = place_in(file, &scalar, position);
        (found.line, found.column)
    }

    #[test]
    fn characters_of_statements_are_found_in_the_file() {
        assert_eq!(place("t: {sql: SELECT x}\n", "SELECT x", (1, 10), 8), (1, 17));
        assert_eq!(place("t: {sql: \"SELECT x\"}\n", "SELECT x", (1, 10), 8), (1, 18));
        let block = "t:\n  sql: |\n    SELECT a,\n      x\n";
        assert_eq!(place(block, "SELECT a,\n  x\n", (3, 5), 13), (4, 7));
        let folded = "t:\n  sql: >\n    SELECT a,\n    x\n";
        assert_eq!(place(folded, "SELECT a, x\n", (3, 5), 11), (3, 5), "where it starts");
        assert_eq!(place("", "SELECT", (9, 9), 3), (9, 9));
    }
}
