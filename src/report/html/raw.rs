//! HTML that stands in the Markdown: the report's own few tags, and whatever a scenario's `about:` holds.
//!
//! Tags that neither run nor load anything are kept, bare of all attributes but those read here; all others are shown as the text that they
//! are. Nothing is copied from the input but escaped text, so no spelling of a tag can come through that this file does not know.

use super::escape;

/// A piece of HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// To be written as it stands: escaped already.
    Text(String),
    /// An opening tag, written without attributes other than these.
    Open {
        tag: &'static str,
        attributes: Vec<(&'static str, String)>,
    },
    /// A tag without content: `br`, `hr`.
    Void(&'static str),
    Close(&'static str),
    /// `<img src alt>`
    Image {
        address: String,
        alt: String,
    },
}

/// Tags with content that are kept.
const KEPT: [&str; 17] =
    ["a", "b", "code", "dd", "del", "details", "div", "dl", "dt", "em", "i", "kbd", "p", "strong", "sub", "summary", "sup"];
/// Tags that are left out while their content stays: of a `picture` the `img` in it is what is shown.
const DROPPED: [&str; 3] = ["picture", "source", "span"];

/// The pieces of a stretch of HTML.
pub(super) fn pieces(html: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        push_text(&mut pieces, &rest[..start]);
        rest = &rest[start..];
        if let Some(after) = rest.strip_prefix("<!--") {
            rest = after.find("-->").map_or("", |end| &after[end + 3..]);
            continue;
        }
        match tag(rest) {
            Some((piece, length)) => {
                pieces.extend(piece);
                rest = &rest[length..];
            }
            None => {
                push_text(&mut pieces, "<");
                rest = &rest[1..];
            }
        }
    }
    push_text(&mut pieces, rest);
    pieces
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    if text.is_empty() {
        return;
    }
    // An entity stays one: `&shy;`, `&lt;`. Neither can become a tag.
    let escaped = escape::text(text).replace("&amp;", "&");
    let escaped: Vec<String> =
        escaped.split('&').enumerate().map(|(i, part)| if i > 0 { entity(part) } else { part.to_owned() }).collect();
    match pieces.last_mut() {
        Some(Piece::Text(before)) => before.push_str(&escaped.concat()),
        _ => pieces.push(Piece::Text(escaped.concat())),
    }
}

/// What followed an ampersand, which stays bare before the name of an entity only.
fn entity(after: &str) -> String {
    let name = after.split_once(';').map_or("", |(name, _)| name);
    let named = !name.is_empty() && name.len() < 32 && name.trim_start_matches('#').chars().all(|c| c.is_ascii_alphanumeric());
    if named { format!("&{after}") } else { format!("&amp;{after}") }
}

/// The tag at the beginning of the text and its length in bytes; `None` when it is none that is known.
fn tag(text: &str) -> Option<(Option<Piece>, usize)> {
    let (closing, from) = if text.starts_with("</") { (true, 2) } else { (false, 1) };
    let name: String = text[from..].chars().take_while(char::is_ascii_alphanumeric).collect();
    let lower = name.to_ascii_lowercase();
    let (attributes, end) = attributes(text, from + name.len())?;
    let value = |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
    let piece = match lower.as_str() {
        dropped if DROPPED.contains(&dropped) => None,
        "br" | "hr" if closing => None,
        "br" => Some(Piece::Void("br")),
        "hr" => Some(Piece::Void("hr")),
        "img" => Some(Piece::Image { address: value("src")?, alt: value("alt").unwrap_or_default() }),
        other => {
            let tag = KEPT.iter().find(|kept| **kept == other)?;
            Some(if closing { Piece::Close(tag) } else { Piece::Open { tag, attributes: kept(tag, value) } })
        }
    };
    Some((piece, end))
}

/// The attributes that a tag keeps.
fn kept(tag: &str, value: impl Fn(&str) -> Option<String>) -> Vec<(&'static str, String)> {
    match tag {
        "details" => value("open").map(|_| ("open", String::new())).into_iter().collect(),
        "a" => {
            let address = value("href").and_then(|href| escape::address(&href).map(str::to_owned)).map(|href| ("href", href));
            let id = value("id").or_else(|| value("name")).filter(|id| !id.is_empty()).map(|id| ("id", id));
            address.into_iter().chain(id).collect()
        }
        _ => Vec::new(),
    }
}

/// Names and values up to the end of the tag, and where that is. `None` when the tag does not end.
fn attributes(text: &str, from: usize) -> Option<(Vec<(String, String)>, usize)> {
    let mut found = Vec::new();
    let mut at = from;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        let rest = &text[at..];
        if rest.starts_with('>') {
            return Some((found, at + 1));
        }
        if rest.starts_with('/') {
            at += 1;
            continue;
        }
        let name = rest.find(|c: char| c.is_whitespace() || "/>=\"'<`".contains(c))?;
        if name == 0 {
            return None;
        }
        let after = rest[name..].trim_start();
        let Some(value) = after.strip_prefix('=').map(str::trim_start) else {
            found.push((rest[..name].to_ascii_lowercase(), String::new()));
            at += name;
            continue;
        };
        let (value, after) = match value.chars().next()? {
            quote @ ('"' | '\'') => value[1..].split_once(quote)?,
            _ => value.split_at(value.find(|c: char| c.is_whitespace() || c == '>')?),
        };
        found.push((rest[..name].to_ascii_lowercase(), value.to_owned()));
        at = text.len() - after.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn open(tag: &'static str) -> Piece {
        Piece::Open { tag, attributes: Vec::new() }
    }

    #[test]
    fn the_reports_own_tags_stay() {
        assert_eq!(
            pieces("<details><summary>Two &lt; three</summary>\n"),
            [
                open("details"),
                open("summary"),
                Piece::Text("Two &lt; three".into()),
                Piece::Close("summary"),
                Piece::Text("\n".into())
            ]
        );
        assert_eq!(
            pieces("a<br/>state&shy;ments"),
            [Piece::Text("a".into()), Piece::Void("br"), Piece::Text("state&shy;ments".into())]
        );
        assert_eq!(
            pieces("<picture><source srcset='d.svg'><img width=9 alt='a > b' src=\"l.svg\" /></picture>"),
            [Piece::Image { address: "l.svg".into(), alt: "a > b".into() }]
        );
    }

    #[test]
    fn what_acts_is_shown_as_text() {
        for bad in
            ["<script>alert(1)</script>", "<iframe src=x>", "<svg onload=x>", "<style>*{}</style>", "<img>", "<scr", "< b>"]
        {
            let expected = escape::text(bad);
            assert_eq!(pieces(bad), [Piece::Text(expected)], "{bad}");
        }
        assert_eq!(pieces("<b onclick=\"x\" style='y'>"), [open("b")]);
        assert_eq!(pieces("<a href=javascript:x>"), [open("a")]);
        assert_eq!(pieces("<!-- <script> -->a & b"), [Piece::Text("a &amp; b".into())]);
    }

    proptest! {
        /// Whatever is written, no text holds a bracket.
        #[test]
        fn no_text_opens_a_tag(html in "[<>a-z/='\" !&;#-]{0,60}") {
            for piece in pieces(&html) {
                if let Piece::Text(text) = piece {
                    prop_assert!(!text.contains(['<', '>']), "{text}");
                }
            }
        }
    }
}
