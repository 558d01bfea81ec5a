//! A statement written another way, by its tokens: what a tip says to write instead, so that it can be tried.
//!
//! No parser of SQL stands behind this. Each way looks for one form, token by token, and leaves a statement that has it in no such form
//! alone; whoever runs the result must see that it returns the same rows.

mod forms;
pub mod outline;
mod places;

use std::fmt;

use super::condition::token::tokens;
use super::quote::quote_identifier;

/// Another way to write a part of a statement. Columns are named without their table and without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rewrite {
    /// `WITH recent AS (…)` becomes `WITH recent AS NOT MATERIALIZED (…)`.
    InlineCte { name: String },
    /// Each `UNION` becomes `UNION ALL`.
    UnionAll,
    /// `a NOT IN (SELECT b …)` becomes NOT EXISTS of a row that is equal.
    NotExists,
    /// `date(column) = day` and `column::date = day` become the range of that day, for the other comparisons, too.
    DayRange { column: String },
    /// `column = $1` and `column::text = $1` become `column = ($1)::type`.
    CastParameter { column: String, to: String },
    /// `(a = $1 OR $1 IS NULL)` becomes `(a = $1)`: the statement to send when the value is there.
    GivenParameter { number: usize },
}

impl fmt::Display for Rewrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rewrite::InlineCte { name } => write!(f, "WITH {} AS NOT MATERIALIZED (…)", quote_identifier(name)),
            Rewrite::UnionAll => f.write_str("UNION ALL in place of UNION"),
            Rewrite::NotExists => f.write_str("NOT EXISTS in place of NOT IN"),
            Rewrite::DayRange { column } => {
                let column = quote_identifier(column);
                write!(f, "{column} >= day AND {column} < day + 1 in place of date({column}) = day")
            }
            Rewrite::CastParameter { column, to } => write!(f, "{} = (…)::{to}", quote_identifier(column)),
            Rewrite::GivenParameter { number } => write!(f, "the condition without OR ${number} IS NULL"),
        }
    }
}

impl Rewrite {
    /// The statement written that way; `None` when it has nothing of the form.
    pub fn apply(&self, sql: &str) -> Option<String> {
        let tokens = tokens(sql);
        let changes = match self {
            Rewrite::InlineCte { name } => forms::inline_cte(&tokens, name),
            Rewrite::UnionAll => forms::union_all(&tokens),
            Rewrite::NotExists => forms::not_exists(sql, &tokens),
            Rewrite::DayRange { column } => forms::day_range(sql, &tokens, column),
            Rewrite::CastParameter { column, to } => forms::cast_parameter(&tokens, column, to),
            Rewrite::GivenParameter { number } => forms::given_parameter(sql, &tokens, *number),
        };
        changed(sql, changes)
    }
}

/// Bytes `from .. to` give way to `text`.
struct Change {
    from: usize,
    to: usize,
    text: String,
}

fn changed(sql: &str, mut changes: Vec<Change>) -> Option<String> {
    changes.sort_by_key(|change| change.from);
    let (mut out, mut at) = (String::new(), 0);
    for change in changes.iter() {
        // One inside another waits for the next time.
        if change.from < at {
            continue;
        }
        out += &sql[at..change.from];
        out += &change.text;
        at = change.to;
    }
    (!changes.is_empty()).then(|| out + &sql[at..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cte(name: &str) -> Rewrite {
        Rewrite::InlineCte { name: name.to_owned() }
    }

    fn day() -> Rewrite {
        Rewrite::DayRange { column: "made_at".to_owned() }
    }

    #[test]
    fn a_cte_is_inlined_by_its_name() {
        let sql = "WITH a AS (SELECT 1), Recent (x) AS MATERIALIZED (SELECT 2) SELECT recent FROM recent AS a (b)";
        assert_eq!(
            cte("recent").apply(sql).unwrap(),
            "WITH a AS (SELECT 1), Recent (x) AS NOT MATERIALIZED (SELECT 2) SELECT recent FROM recent AS a (b)"
        );
        assert_eq!(cte("a").apply("WITH a AS (SELECT 1) TABLE a").unwrap(), "WITH a AS NOT MATERIALIZED (SELECT 1) TABLE a");
        for left_alone in
            ["WITH b AS (SELECT 1) TABLE b", "WITH a AS NOT MATERIALIZED (SELECT 1) TABLE a", "SELECT 'WITH a AS ('"]
        {
            assert_eq!(cte("a").apply(left_alone), None, "{left_alone}");
        }
        assert_eq!(cte("a").apply("WITH RECURSIVE a AS (SELECT 1) TABLE a"), None, "it cannot be");
    }

    #[test]
    fn unions_keep_what_they_find() {
        let sql = "SELECT 1 UNION SELECT 2 UNION ALL SELECT 3 union distinct SELECT 'union' -- UNION";
        assert_eq!(
            Rewrite::UnionAll.apply(sql).unwrap(),
            "SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 union ALL SELECT 'union' -- UNION"
        );
        assert_eq!(Rewrite::UnionAll.apply("SELECT 1 UNION ALL SELECT 2"), None);
    }

    #[test]
    fn what_is_quoted_or_commented_out_is_no_statement() {
        for quoted in
            ["SELECT $$ UNION $$", "SELECT $a$ UNION $b$ UNION $a$", "SELECT 1 /* UNION /* */ UNION */", "SELECT 1-- UNION"]
        {
            assert_eq!(Rewrite::UnionAll.apply(quoted), None, "{quoted}");
        }
        assert_eq!(Rewrite::UnionAll.apply("SELECT 2-/* x */1 UNION SELECT 2").unwrap(), "SELECT 2-/* x */1 UNION ALL SELECT 2");
    }

    #[test]
    fn not_in_becomes_not_exists() {
        let sql = "SELECT 1 FROM a x WHERE x.id NOT IN (SELECT a_id FROM b WHERE (c)) AND x.d NOT IN (1, 2)";
        assert_eq!(
            Rewrite::NotExists.apply(sql).unwrap(),
            "SELECT 1 FROM a x WHERE NOT EXISTS (SELECT 1 FROM (SELECT a_id FROM b WHERE (c)) AS listed (value) \
             WHERE listed.value = x.id) AND x.d NOT IN (1, 2)"
        );
    }

    #[test]
    fn a_day_is_a_range_of_times() {
        for (given, expected) in [
            ("date(s.made_at) = $1", "(s.made_at >= ($1)::date AND s.made_at < ($1)::date + 1)"),
            ("made_at::date >= '2024-01-01'", "made_at >= ('2024-01-01')::date"),
            ("cast(made_at AS date) <= current_date", "made_at < (current_date)::date + 1"),
            ("\"made_at\"::DATE > DATE '2024-01-01'", "\"made_at\" >= (DATE '2024-01-01')::date + 1"),
        ] {
            assert_eq!(day().apply(given).as_deref(), Some(expected), "{given}");
        }
        for other in ["date(made_on) = $1", "made_at::date = $1 + 7", "made_at = $1", "made_at::date <> $1"] {
            assert_eq!(day().apply(other), None, "{other}");
        }
    }

    #[test]
    fn the_parameter_is_cast_and_not_the_column() {
        let rewrite = Rewrite::CastParameter { column: "id".to_owned(), to: "bigint".to_owned() };
        assert_eq!(
            rewrite.apply("SELECT 1 WHERE t.id::text = $1::text AND b = $2").unwrap(),
            "SELECT 1 WHERE t.id = ($1)::bigint AND b = $2"
        );
        assert_eq!(rewrite.apply("id = $1").unwrap(), "id = ($1)::bigint");
        assert_eq!(rewrite.apply("id = 7 OR id.x = $1"), None);
    }

    #[test]
    fn a_given_parameter_needs_no_or() {
        let rewrite = Rewrite::GivenParameter { number: 2 };
        assert_eq!(rewrite.apply("WHERE a AND (b = $2 OR $2::int IS NULL)").unwrap(), "WHERE a AND (b = $2)");
        assert_eq!(rewrite.apply("WHERE ($2 IS NULL OR f(b) = $2)").unwrap(), "WHERE (f(b) = $2)");
        for other in ["WHERE (b = $2 OR $1 IS NULL)", "WHERE (b = $2 OR c OR $2 IS NULL)", "WHERE b = $2 OR $2 IS NULL"] {
            assert_eq!(rewrite.apply(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(sql in "[a-z $()'\"=:.,|/*-]{0,80}|(with|union|a|not in|\\(|\\)|select|\\$1|or|is null|date|::|=|as| |\\.|made_at){0,24}") {
            let ways = [cte("a"), Rewrite::UnionAll, Rewrite::NotExists, day(), Rewrite::GivenParameter { number: 1 },
                Rewrite::CastParameter { column: "a".into(), to: "int".into() }];
            for way in ways {
                let _ = way.apply(&sql);
            }
        }
    }
}
