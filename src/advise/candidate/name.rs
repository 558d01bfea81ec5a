//! What an index is called: as PostgreSQL would call it (`table_column_column_idx`).

use super::{Candidate, Key};
use crate::plan::condition::{Expr, parse};

/// Bytes of a name (`NAMEDATALEN` less one).
const LONGEST: usize = 63;
/// Of these, kept for `_idx` and a number of three digits.
const ENDING: usize = 7;

/// The first of `table_column_idx`, `table_column_idx2` … that is not taken.
pub(super) fn name(candidate: &Candidate, taken: &dyn Fn(&str) -> bool) -> String {
    let mut stem = words(&candidate.table.name);
    let parts = candidate.keys.iter().map(part).chain(candidate.include.iter().map(|column| words(column)));
    for part in parts.chain(endings(candidate)) {
        stem.push('_');
        stem.push_str(&part);
    }
    let stem = cut(&stem).trim_end_matches('_');
    let plain = format!("{stem}_idx");
    if !taken(&plain) {
        return plain;
    }
    (2_u32..).map(|number| format!("{stem}_idx{number}")).find(|name| !taken(name)).unwrap_or(plain)
}

/// What the columns do not tell.
fn endings(candidate: &Candidate) -> impl Iterator<Item = String> {
    let class = |wanted: &str| candidate.keys.iter().any(|key| key.operator_class.is_some_and(|class| class.ends_with(wanted)));
    let told = [
        (class("_trgm_ops"), "trgm"),
        (class("_pattern_ops"), "pattern"),
        (candidate.method == super::Method::Brin, "brin"),
        (candidate.method == super::Method::Hash, "hash"),
        (candidate.predicate.is_some(), "partial"),
    ];
    told.into_iter().filter(|(is, _)| *is).map(|(_, word)| word.to_owned())
}

/// A column's name; of a function call the function's, as PostgreSQL has it; of any other expression its words.
fn part(key: &Key) -> String {
    match (&key.column, parse(&key.expression)) {
        (Some(column), _) => words(column),
        (None, Expr::Function { name, .. }) => words(name.rsplit('.').next().unwrap_or(&name)),
        (None, _) => words(&key.expression),
    }
}

/// Letters and digits in lower case, everything else as one underscore.
fn words(text: &str) -> String {
    let kept: String = text.chars().flat_map(char::to_lowercase).map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    kept.split('_').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_")
}

/// At most so many bytes that the ending has room, whole characters only.
fn cut(stem: &str) -> &str {
    let mut end = stem.len().min(LONGEST - ENDING);
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    &stem[..end]
}

#[cfg(test)]
mod tests {
    use super::super::{Key, Method};
    use super::*;
    use crate::db::catalog::TableName;

    fn named(table: &str, keys: Vec<Key>) -> String {
        Candidate::new(TableName::new("public", table), Method::Btree, keys, "why".into()).name(&|_| false)
    }

    #[test]
    fn names_follow_postgresql() {
        assert_eq!(named("song_history", vec![Key::column("user_id"), Key::column("at")]), "song_history_user_id_at_idx");
        assert_eq!(named("users", vec![Key::expression("lower((email)::text)")]), "users_lower_idx");
        assert_eq!(named("Order Lines", vec![Key::column("Größe")]), "order_lines_größe_idx");
        assert_eq!(named("t", vec![Key::expression("(doc ->> 'k'::text)")]), "t_doc_k_text_idx");
        let partial = Candidate {
            include: vec!["total".into()],
            predicate: Some("(open)".into()),
            ..Candidate::btree(&TableName::new("public", "t"), &["a".to_owned()], "why".into())
        };
        assert_eq!(partial.name(&|_| false), "t_a_total_partial_idx");
    }

    #[test]
    fn long_names_are_cut_between_characters_and_numbered() {
        let long = named(&"ä".repeat(40), vec![Key::column("b")]);
        assert!(long.len() <= LONGEST && long.ends_with("ä_idx"), "{long}");
        let index = Candidate::btree(&TableName::new("public", "x".repeat(63)), &["y".to_owned()], "why".into());
        let first = index.name(&|_| false);
        let second = index.name(&|name| name == first);
        assert!(second.len() <= LONGEST && second.ends_with("_idx2"), "{second}");
    }
}
