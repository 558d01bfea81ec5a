//! `{pattern: "…"}`: regular expressions, as the `regex` crate writes them.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;

use super::error::Fault;

/// Groups nested deeper than this are no format of a field; whatever walks the expression recurses this deep.
const DEEPEST: u32 = 60;

/// The expression that a pattern means.
///
/// # Errors
/// What is no regular expression, with what the parser makes of it; look-around and back-references, which describe no regular
/// language.
pub fn parse(text: &str) -> Result<Hir, Fault> {
    let fault = |reason: String| {
        let message = format!("`{}` is not a pattern: {reason}", super::yaml::shorten(text));
        Fault::with_help(
            message,
            r"write a regular expression such as `[A-Z]{3}-\d{4,6}`; a backslash sets special characters apart",
        )
    };
    ParserBuilder::new().nest_limit(DEEPEST).build().parse(text).map_err(|error| match error {
        regex_syntax::Error::Parse(error) => fault(format!("{} (at character {})", error.kind(), error.span().start.column)),
        regex_syntax::Error::Translate(error) => fault(format!("{} (at character {})", error.kind(), error.span().start.column)),
        error => fault(error.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_expression_is_refused_with_its_place() {
        assert!(parse(r"^[A-Z]{3}-\d{4,6}(x|y)?$").is_ok());
        let refused = |text| parse(text).unwrap_err().message;
        assert_eq!(refused("[a-z"), "`[a-z` is not a pattern: unclosed character class (at character 1)");
        assert!(refused("ab{3,1}").contains("at character 3"));
        assert!(refused("(?=a)b").contains("look-around"));
        assert!(refused(r"(a)\1").contains("backreferences"));
    }

    proptest! {
        #[test]
        fn never_panics(text in r"[\[\](){}|a-c0-3,.*+?^$\\dw-]{0,24}") {
            let _ = parse(&text);
        }
    }
}
