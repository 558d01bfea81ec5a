//! Text and addresses into HTML.

/// Text between tags or inside of a double-quoted attribute.
pub(super) fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 16);
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\0' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

/// An address that a link may have: a place of the page, a file beside it, the web, a mailbox. `None` of anything that could run.
pub(super) fn address(address: &str) -> Option<&str> {
    // Browsers leave out control characters and blanks where they look for the scheme.
    if address.chars().any(|c| c.is_control()) || address.starts_with(char::is_whitespace) {
        return None;
    }
    let scheme = address.split(['/', '?', '#']).next().and_then(|start| start.split_once(':')).map(|(scheme, _)| scheme);
    match scheme {
        None => Some(address).filter(|address| !address.starts_with("//")),
        Some(scheme) => ["http", "https", "mailto"].iter().any(|known| scheme.eq_ignore_ascii_case(known)).then_some(address),
    }
}

/// The name by which the page's own links know a heading: that of GitHub, lower case, blanks as hyphens, punctuation left out.
pub(super) fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Names that are taken; the second of a name gets a number, as on GitHub.
#[derive(Debug, Default)]
pub(super) struct Ids {
    taken: std::collections::HashSet<String>,
}

impl Ids {
    /// The name itself where it is free.
    pub(super) fn take(&mut self, wanted: &str) -> String {
        let wanted = if wanted.is_empty() { "section" } else { wanted };
        let numbered = (1..).map(|number| format!("{wanted}-{number}"));
        // The numbers never end, so neither does the search without a find.
        let free = std::iter::once(wanted.to_owned()).chain(numbered).find(|id| !self.taken.contains(id)).unwrap_or_default();
        self.taken.insert(free.clone());
        free
    }

    /// Whether the name was free; it is taken now.
    pub(super) fn claim(&mut self, id: &str) -> bool {
        self.taken.insert(id.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_text() {
        assert_eq!(text("a<b & \"c\">\0"), "a&lt;b &amp; &quot;c&quot;&gt;\u{fffd}");
    }

    #[test]
    fn what_could_run_is_no_address() {
        for good in ["#a:b", "run.json", "plans/a:b.svg?x", "https://a.example/x", "MAILTO:me@a.example", "?a:b"] {
            assert_eq!(address(good), Some(good));
        }
        for bad in [
            "javascript:alert(1)",
            "JavaScript:x",
            "java\nscript:x",
            " javascript:x",
            "data:text/html,x",
            "//a.example",
            "vbscript:",
        ] {
            assert_eq!(address(bad), None, "{bad}");
        }
    }

    #[test]
    fn anchors_are_githubs_and_each_is_taken_once() {
        assert_eq!(anchor("2. POST /song/{song_id}/remove: 44.3 → 0.17 ms"), "2-post-songsong_idremove-443--017-ms");
        let mut ids = Ids::default();
        assert_eq!(["a", "a", "", "a"].map(|id| ids.take(id)), ["a", "a-1", "section", "a-2"]);
        assert!(!ids.claim("a") && ids.claim("b"));
    }
}
