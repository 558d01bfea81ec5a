//! The frame of the page: head, contents, buttons, style and script.
//!
//! The policy in the head lets the browser run the one script and use the one style sheet that are in the page, known by their hashes, and
//! fetch nothing at all (Content Security Policy Level 3, <https://www.w3.org/TR/CSP3/>).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::body::{Body, Heading};
use super::escape;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The whole page. `rules` is CSS of the pictures; `perflab` the version that measured.
pub(super) fn whole(body: &Body, rules: &str, perflab: &str) -> String {
    let style = format!("\n{STYLE}{rules}");
    let script = format!("\n{SCRIPT}");
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(&style),
        hash(&script)
    );
    let title = escape::text(&body.title);
    let mut page = String::with_capacity(body.html.len() + style.len() + script.len() + 4096);
    page.push_str(&format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" content=\"perflab {}\">\n\
         <title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n",
        escape::text(perflab)
    ));
    page.push_str("<a class=\"skip\" href=\"#content\">Skip the contents</a>\n");
    page.push_str(&contents(&body.headings));
    page.push_str("<main id=\"content\">\n");
    page.push_str(&body.html);
    page.push_str("</main>\n");
    page.push_str(&format!("<script>{script}</script>\n</body>\n</html>\n"));
    page
}

/// Links to the sections and what is below them. The buttons come from the script, without which they would do nothing.
fn contents(headings: &[Heading]) -> String {
    let mut html =
        "<nav aria-label=\"Contents\">\n<div class=\"tools\"></div>\n<ul>\n<li><a href=\"#content\">Verdict</a>".to_owned();
    let mut below = false;
    for heading in headings {
        let link = format!("<a href=\"#{}\">{}</a>", escape::text(&heading.id), escape::text(&heading.text));
        match (heading.level, below) {
            (2, true) => html.push_str(&format!("</li></ul></li>\n<li>{link}")),
            (2, false) => html.push_str(&format!("</li>\n<li>{link}")),
            (_, true) => html.push_str(&format!("</li>\n<li>{link}")),
            (_, false) => html.push_str(&format!("\n<ul><li>{link}")),
        }
        below = heading.level > 2;
    }
    html.push_str(if below { "</li></ul></li>\n</ul>\n</nav>\n" } else { "</li>\n</ul>\n</nav>\n" });
    html
}

/// The hash by which the policy knows a text.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heading(level: usize, id: &str) -> Heading {
        Heading { level, id: id.into(), text: format!("<{id}>") }
    }

    #[test]
    fn contents_are_lists_in_lists() {
        let html = contents(&[heading(2, "a"), heading(3, "b"), heading(3, "c"), heading(2, "d")]);
        assert!(html.contains(
            "<li><a href=\"#a\">&lt;a&gt;</a>\n<ul><li><a href=\"#b\">&lt;b&gt;</a></li>\n<li><a href=\"#c\">&lt;c&gt;</a></li></ul></li>\n\
             <li><a href=\"#d\">&lt;d&gt;</a></li>\n</ul>"
        ), "{html}");
        for headings in [vec![], vec![heading(3, "x")], vec![heading(2, "x")], vec![heading(2, "x"), heading(3, "y")]] {
            let html = contents(&headings);
            for tag in ["ul", "li"] {
                assert_eq!(html.matches(&format!("<{tag}>")).count(), html.matches(&format!("</{tag}>")).count(), "{html}");
            }
        }
    }

    #[test]
    fn script_and_style_are_small() {
        assert!(SCRIPT.len() < 10_000 && STYLE.len() < 16_000, "{} {}", SCRIPT.len(), STYLE.len());
        assert!(!SCRIPT.contains("</script") && !STYLE.contains("</style"));
    }
}
