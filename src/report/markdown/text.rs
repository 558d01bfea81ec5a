//! Text into Markdown as GitHub reads it: what a user wrote must come out as they wrote it, and never as markup.

use super::super::wording::{full_stop, wrapped};
pub use super::super::wording::{one_line, shortened};

/// Plain text in a line of Markdown. Line breaks become blanks; markup, HTML and `$…$` formulas are taken literally.
pub fn plain(text: &str) -> String {
    let letters: Vec<char> = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let inside_word = |i: usize| {
        let is_word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
        i > 0 && is_word(letters.get(i - 1)) && is_word(letters.get(i + 1))
    };
    let mut escaped = String::with_capacity(text.len());
    for (i, &letter) in letters.iter().enumerate() {
        match letter {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '$' => escaped.push_str("&#36;"),
            // `song_id` stays readable in the source: an underscore inside a word is never emphasis.
            '_' if inside_word(i) => escaped.push('_'),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '#' => escaped.extend(['\\', letter]),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A sentence that may name code between backticks, as findings and reasons do; everything else in it is plain.
pub fn prose(sentence: &str) -> String {
    let parts: Vec<&str> = sentence.trim().split('`').collect();
    if parts.len().is_multiple_of(2) {
        return plain(sentence.trim());
    }
    let marked = parts.iter().enumerate().map(|(i, part)| match i % 2 {
        1 if !part.is_empty() => code(part),
        _ => plain(part),
    });
    marked.collect()
}

/// Sentences in one paragraph, each closed by a full stop if it has no end of its own.
pub fn sentences<'a>(all: impl IntoIterator<Item = &'a str>) -> String {
    let closed = all.into_iter().map(str::trim).filter(|s| !s.is_empty()).map(|s| format!("{}{}", prose(s), full_stop(s)));
    closed.collect::<Vec<_>>().join(" ")
}

/// Plain text with its paragraphs, which empty lines part.
pub fn paragraphs(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().map(str::trim).collect();
    let parts = lines.split(|line| line.is_empty()).filter(|part| !part.is_empty()).map(|part| prose(&part.join(" ")));
    parts.collect::<Vec<_>>().join("\n\n")
}

/// Code within a line, its line breaks turned to blanks.
pub fn code(text: &str) -> String {
    let flat = one_line(text);
    let ticks = "`".repeat(longest_run(&flat, '`') + 1);
    // A blank keeps a backtick at either end apart from the fence; CommonMark takes one away on both sides.
    let pad = if flat.is_empty() || flat.starts_with('`') || flat.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{flat}{pad}{ticks}")
}

/// Characters of a line of code on GitHub's page; longer ones must be scrolled.
pub const LINE: usize = 110;

/// A block of code with the author's own line breaks, ended by a newline. Lines of SQL that a page would cut off are wrapped.
pub fn block(language: &str, text: &str) -> String {
    let clean: String = text
        .replace("\r\n", "\n")
        .chars()
        .map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c })
        .collect();
    let clean = if language == "sql" { wrapped(&clean, LINE) } else { clean };
    let fence = "`".repeat((longest_run(&clean, '`') + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}\n", clean.trim_matches('\n').trim_end())
}

/// What a reader may open, ended by a newline. The summary is plain text.
pub fn fold(summary: &str, body: &str) -> String {
    let summary = summary.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<details><summary>{summary}</summary>\n\n{}\n\n</details>\n", body.trim_end())
}

/// The name by which GitHub links to a heading: lower case, blanks as hyphens, punctuation left out.
pub fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter_map(|c| match c {
        ' ' => Some(' '),
        c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
        _ => None,
    });
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Markdown of the author's, put under a heading of the report: its own headings move two levels down, an open code block is closed.
pub fn embedded(markdown: &str) -> String {
    let mut fence: Option<&str> = None;
    let mut lines = Vec::new();
    for line in markdown.trim().lines() {
        let marker = ["```", "~~~"].into_iter().find(|marker| line.trim_start().starts_with(marker));
        fence = match (fence, marker) {
            (None, Some(opened)) => Some(opened),
            (Some(open), Some(closed)) if open == closed => None,
            (state, _) => state,
        };
        let level = line.chars().take_while(|c| *c == '#').count();
        let is_heading = fence.is_none() && (1..=6).contains(&level) && line[level..].starts_with(' ');
        lines.push(if is_heading { format!("{}{}", "#".repeat((level + 2).min(6)), &line[level..]) } else { line.to_owned() });
    }
    lines.extend(fence.map(str::to_owned));
    lines.join("\n")
}

fn longest_run(text: &str, letter: char) -> usize {
    text.split(|c| c != letter).map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_taken_literally() {
        assert_eq!(plain("a|b *c* `d`\n<e> [f](g) $h$"), "a|b \\*c\\* \\`d\\` &lt;e&gt; \\[f\\](g) &#36;h&#36;");
        assert_eq!(plain("/song/{song_id} _x_"), "/song/{song_id} \\_x\\_");
    }

    #[test]
    fn sentences_keep_their_code() {
        assert_eq!(prose("reads `a|b*` *twice*"), "reads `a|b*` \\*twice\\*");
        assert_eq!(prose("one ` alone"), "one \\` alone");
        assert_eq!(sentences(["it reads 9", "It ends."]), "it reads 9. It ends.");
    }

    #[test]
    fn fences_outgrow_what_they_hold() {
        assert_eq!(code("a `b`"), "`` a `b` ``");
        assert_eq!(block("sql", "SELECT '```'\n"), "````sql\nSELECT '```'\n````\n");
    }

    #[test]
    fn anchors_are_githubs() {
        assert_eq!(anchor("2. POST /song/{song_id}/remove: 44.3 → 0.17 ms"), "2-post-songsong_idremove-443--017-ms");
    }

    #[test]
    fn embedded_markdown_stays_under_its_heading() {
        assert_eq!(embedded("# Title\n```\n# no title\n"), "### Title\n```\n# no title\n```");
    }
}
