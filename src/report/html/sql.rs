//! SQL with its words, strings and comments told apart.
//!
//! Only words in upper case count as words of the language, which is how statements and the report's own SQL are written; names in lower
//! case that happen to be keywords stay plain.

use super::escape;

/// The text as HTML, in `span`s of class `k` (words), `s` (strings) and `c` (comments).
pub(super) fn coloured(sql: &str) -> String {
    let mut html = String::with_capacity(sql.len() * 2);
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let (class, length) = token(rest, first);
        let (text, after) = rest.split_at(length.max(first.len_utf8()));
        match class {
            Some(class) => html.push_str(&format!("<span class=\"{class}\">{}</span>", escape::text(text))),
            None => html.push_str(&escape::text(text)),
        }
        rest = after;
    }
    html
}

/// The class of the token at the beginning of the text, and its length in bytes.
fn token(text: &str, first: char) -> (Option<&'static str>, usize) {
    let up_to = |end: Option<usize>| end.unwrap_or(text.len());
    match first {
        '-' if text.starts_with("--") => (Some("c"), up_to(text.find('\n'))),
        '/' if text.starts_with("/*") => (Some("c"), up_to(text.find("*/").map(|end| end + 2))),
        '\'' => (Some("s"), up_to(text[1..].find('\'').map(|end| end + 2))),
        '"' => (None, up_to(text[1..].find('"').map(|end| end + 2))),
        letter if letter.is_alphabetic() || letter == '_' => {
            let length = up_to(text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$'));
            let word = &text[..length];
            let keyword =
                length > 1 && word.chars().all(|c| c.is_ascii_uppercase() || c == '_') && word.starts_with(|c: char| c != '_');
            (keyword.then_some("k"), length)
        }
        _ => (None, up_to(text.find(|c: char| c.is_alphabetic() || "_-/'\"".contains(c)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_strings_and_comments_are_told_apart() {
        assert_eq!(
            coloured("SELECT a FROM \"B\" WHERE x = 'it''s <b>' -- $1\n/* y"),
            "<span class=\"k\">SELECT</span> a <span class=\"k\">FROM</span> &quot;B&quot; <span class=\"k\">WHERE</span> x = \
             <span class=\"s\">'it'</span><span class=\"s\">'s &lt;b&gt;'</span> <span class=\"c\">-- $1</span>\n<span class=\"c\">/* y</span>"
        );
    }

    proptest! {
        /// Nothing is lost, nothing is added.
        #[test]
        fn the_text_stays(sql in "[-A-Za-z_'\"/*$0-9 \né<]{0,60}") {
            let html = coloured(&sql);
            let mut plain = html.replace("</span>", "");
            for class in ["k", "s", "c"] {
                plain = plain.replace(&format!("<span class=\"{class}\">"), "");
            }
            prop_assert_eq!(plain, escape::text(&sql));
        }
    }
}
