//! One element of a `Sort Key`: `lower(name) COLLATE "C" DESC NULLS LAST`.

use super::{Expr, parse};

/// What to sort by and in which direction.
#[derive(Debug, Clone, PartialEq)]
pub struct SortKey {
    pub expr: Expr,
    pub descending: bool,
    /// When it is not the direction's default (first for DESC, last for ASC).
    pub nulls_first: Option<bool>,
}

impl SortKey {
    /// Reads an element of `Sort Key` or `Presorted Key`.
    pub fn parse(text: &str) -> SortKey {
        let mut rest = text.trim();
        let mut nulls_first = None;
        for (suffix, first) in [(" NULLS FIRST", true), (" NULLS LAST", false)] {
            if let Some(stripped) = rest.strip_suffix(suffix) {
                (rest, nulls_first) = (stripped, Some(first));
            }
        }
        let descending = rest.ends_with(" DESC");
        SortKey { expr: parse(rest.strip_suffix(" DESC").unwrap_or(rest)), descending, nulls_first }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_direction_and_nulls() {
        let key = SortKey::parse("song_history.created_at DESC NULLS LAST");
        assert_eq!(
            (key.expr.to_string().as_str(), key.descending, key.nulls_first),
            ("song_history.created_at", true, Some(false))
        );
        let key = SortKey::parse("lower((name)::text) COLLATE \"C\"");
        assert_eq!((key.descending, key.nulls_first), (false, None));
        assert!(matches!(key.expr, Expr::Collate { .. }));
    }
}
