use proptest::prelude::*;

use super::*;

fn texts<'s>(outline: &Outline<'s>, spans: &[Span]) -> Vec<&'s str> {
    spans.iter().map(|span| outline.text(span)).collect()
}

#[test]
fn clauses_are_found_in_their_places() {
    let sql = "WITH a AS (SELECT id, LEAD(id) OVER (PARTITION BY p, q ORDER BY id) AS next FROM t), b (x) AS MATERIALIZED (VALUES (1)) \
               SELECT DISTINCT a.next n, count(*), s.*, CASE WHEN 1 = 1 AND 2 = 2 THEN 1 END FROM a JOIN s.u AS s ON s.id = a.id, b \
               WHERE a.id BETWEEN 1 AND 2 AND (s.x = 1 OR s.y IS DISTINCT FROM 2) AND s.z = $1::int GROUP BY 1 HAVING true \
               ORDER BY n DESC, s.id NULLS FIRST LIMIT 5 OFFSET $2 ROWS";
    let outline = Outline::of(sql).unwrap();
    let select = &outline.query.select;
    assert_eq!(
        texts(&outline, &select.conjuncts),
        ["a.id BETWEEN 1 AND 2", "(s.x = 1 OR s.y IS DISTINCT FROM 2)", "s.z = $1::int"]
    );
    let names: Vec<Option<&str>> = select.items.iter().map(|item| item.name.as_deref()).collect();
    assert_eq!(names, [Some("n"), Some("count"), None, None]);
    assert!(select.items[2].star && select.distinct.is_some());
    let sources: Vec<(&str, &str)> =
        select.relations.iter().map(|one| (one.alias.as_str(), one.on.as_ref().map_or("", |on| outline.text(on)))).collect();
    assert_eq!(sources, [("a", ""), ("s", "s.id = a.id"), ("b", "")]);
    assert_eq!(select.relations[1].table.as_deref(), Some("s.u"));
    assert_eq!(
        select.order_by.iter().map(|key| (outline.text(&key.expression), key.descending, key.special)).collect::<Vec<_>>(),
        [("n", true, false), ("s.id", false, true)]
    );
    assert_eq!(select.skipped.as_ref().map(|span| outline.text(span)), Some("$2"));
    assert_eq!(select.limit.as_ref().map(|span| outline.text(span)), Some("LIMIT 5"));
    let inner = &outline.query.ctes[0].query.as_ref().unwrap().select;
    assert!(inner.items[1].window && !inner.items[0].window);
    let partitions = outline.partitions(inner).unwrap();
    assert_eq!(texts(&outline, &partitions[0]), ["p", "q"]);
    assert!(outline.query.ctes[1].renamed && outline.query.ctes[1].query.is_none());
    let (column, operator, value) = outline.comparison(&select.conjuncts[2]).unwrap();
    assert_eq!((column.name.as_str(), operator, outline.text(&value)), ("z", "=", "$1::int"));
}

#[test]
fn derived_tables_and_joins_are_told_apart() {
    let sql = "SELECT 1 FROM (SELECT * FROM t WHERE x) AS d LEFT OUTER JOIN u USING (id) CROSS JOIN LATERAL (SELECT 1) l";
    let outline = Outline::of(sql).unwrap();
    let relations = &outline.query.select.relations;
    assert_eq!(
        relations.iter().map(|one| (one.join, one.lateral, one.using)).collect::<Vec<_>>(),
        [(Join::Inner, false, false), (Join::Left, false, true), (Join::Inner, true, false)]
    );
    assert!(relations[0].query.as_ref().is_some_and(|query| query.select.filter.is_some()));
}

#[test]
fn other_forms_are_left_alone() {
    for sql in [
        "",
        "INSERT INTO t SELECT 1",
        "SELECT 1 UNION SELECT 2",
        "SELECT (1",
        "VALUES (1)",
        "SELECT 1 FROM t WHERE",
        "SELECT 1 FROM t WHERE a WHERE b",
        "SELECT 1 FROM t FETCH FIRST ROW ONLY",
        "WITH a (SELECT 1) SELECT 1",
    ] {
        assert!(Outline::of(sql).is_none(), "{sql}");
    }
    for sql in [
        "SELECT 1 FROM f(1)",
        "SELECT 1 FROM (a JOIN b ON true)",
        "SELECT 1 FROM t AS x (y)",
        "SELECT 1 FROM t TABLESAMPLE system (1)",
    ] {
        assert!(Outline::of(sql).is_some_and(|outline| outline.query.select.relations.is_empty()), "{sql}");
    }
}

#[test]
fn the_table_of_an_update_is_named() {
    assert_eq!(updated_table("UPDATE ONLY shop.\"Users\" AS u SET a = 1").as_deref(), Some("shop.Users"));
    assert_eq!(updated_table("update Users SET a = 1").as_deref(), Some("users"));
    assert_eq!((updated_table("SELECT 1 FROM update"), updated_table("UPDATE")), (None, None));
}

#[test]
fn lines_of_a_literal_stay_where_they_are() {
    assert!(Outline::of("SELECT 'a',\n  1").unwrap().movable());
    assert!(!Outline::of("SELECT 'a\n  b'").unwrap().movable());
}

#[test]
fn parameters_are_numbered_anew() {
    assert_eq!(
        renumbered("a = $3 AND b = $1 AND c = $3 AND '$2'"),
        ("a = $2 AND b = $1 AND c = $2 AND '$2'".to_owned(), vec![1, 3])
    );
}

proptest! {
    #[test]
    fn any_text_is_survived(sql in "[a-z $()'\"=:.,|/*-]{0,80}|(with|select|from|where|group by|order by|limit|offset|join|on|as|over|partition by|case|end|and|or|between|not|distinct|a|t\\.b|\\(|\\)|,|\\$1|=|\\*| ){0,30}") {
        if let Some(outline) = Outline::of(&sql) {
            let select = &outline.query.select;
            prop_assert!(outline.text(&select.span).to_lowercase().starts_with("select"));
            let _ = outline.partitions(select);
            for span in select.conjuncts.iter().chain(select.items.iter().map(|item| &item.span)) {
                let _ = (outline.text(span), outline.comparison(span), outline.column(span), outline.call(span), outline.divided(span, None));
            }
        }
        let _ = renumbered(&sql);
    }
}
