//! Shown output held against real output: the words in their order, whatever the figures.

/// So many words of a cell stand on its first line in a table of any width that is shown.
const CELL_WORDS: usize = 3;

/// What of the shown output the real one does not have, in order. `…` stands for anything. Numbers, their units and how lines are broken do
/// not count; of a table's row only the first words of the first cell with words do, for verdicts hang on the machine, and where a cell
/// breaks on the width of the others.
pub fn missing(shown: &str, real: &str) -> Option<String> {
    let real = normal(real);
    let mut rest = real.as_str();
    for chunk in chunks(shown) {
        let wanted = normal(&chunk);
        match rest.find(&wanted) {
            Some(at) => rest = &rest[at + wanted.len()..],
            None => return Some(chunk),
        }
    }
    None
}

/// The pieces that must be found: sentences over several lines as one, rows of tables by themselves.
fn chunks(shown: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for line in shown.lines() {
        if let Some(cell) = row(line) {
            let words: Vec<&str> = cell.split(' ').take(CELL_WORDS).collect();
            found.extend([words.join(" "), String::new()]);
        } else {
            for (number, part) in line.split('…').enumerate() {
                if number > 0 {
                    found.push(String::new());
                }
                let last = found.last_mut().unwrap();
                last.push_str(part);
                last.push('\n');
            }
        }
    }
    found.retain(|chunk| !normal(chunk).is_empty());
    found
}

/// The first cell with words of a line that is laid out in columns.
fn row(line: &str) -> Option<&str> {
    let cells: Vec<&str> = line.trim().split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    let has_words = |cell: &&str| cell.chars().filter(|c| c.is_alphabetic()).count() >= 3;
    (cells.len() >= 3).then(|| cells.into_iter().find(has_words)).flatten()
}

/// Words with one blank between them; a number is `#`, and its unit nothing.
fn normal(text: &str) -> String {
    let mut figures = String::new();
    for c in text.replace(" <", " ").replace(" >", " ").chars() {
        let inner = matches!(c, '.' | ',' | '-' | ':') && figures.ends_with('#');
        match c {
            c if c.is_ascii_digit() && figures.ends_with('#') => {}
            c if c.is_ascii_digit() => figures.push('#'),
            // Within a number or behind it: 1,792.5 and 2025-12-18 and the end of a sentence alike.
            _ if inner => {}
            // Lines, bars and marks of the drawing.
            c if ('\u{2500}'..='\u{25ff}').contains(&c) => figures.push(' '),
            c => figures.push(c),
        }
    }
    let units = ["ms", "s", "µs", "min", "kB", "MB", "GB", "bytes"];
    let words: Vec<&str> = figures
        .split_whitespace()
        .map(unhashed)
        .filter(|word| !units.contains(&word.trim_end_matches([',', ';', ')', '.', ':'])))
        .collect();
    words.join(" ")
}

/// A hash is a number, too.
fn unhashed(word: &str) -> &str {
    let hash = word.len() >= 20 && word.chars().all(|c| matches!(c, '#' | ',' | 'a'..='f'));
    if hash { "#" } else { word }
}

#[test]
fn figures_and_breaks_do_not_count_and_words_do() {
    let real = "Keep 3 indexes (48.3 MB, built in 1.8 s): one\ncall takes 12 ms.\n\nindex   size   why\n──────\none (b)   12 kB  met\nThe end\n";
    assert_eq!(
        missing("Keep 7 indexes (1,048 kB, built\nin 12 min): one call takes 0.5 s.\n…\none (b)  1 MB  missed\n", real),
        None
    );
    assert_eq!(missing("one … takes 3 ms.\n…\nThe end", real), None);
    assert!(missing("Drop 3 indexes", real).is_some());
    assert!(missing("The end\nKeep", real).is_some(), "the order counts");
    assert!(missing("one (c)  1 MB  met", real).is_some());
}
