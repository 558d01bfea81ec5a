use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Script {
    Script::read(vec![("m.sql".into(), text.to_owned())], false).unwrap_or_else(|wrong| panic!("{}", wrong[0]))
}

fn texts(text: &str) -> Vec<String> {
    read(text).statements.into_iter().map(|statement| statement.text).collect()
}

fn wrong(text: &str) -> String {
    Script::read(vec![("m.sql".into(), text.to_owned())], false).map(|_| ()).unwrap_err()[0].to_string()
}

#[test]
fn semicolons_in_text_end_nothing() {
    let bodies = [
        "SELECT 'a;''b', E'c\\';d', \"e;f\", $$g;h$$, $x$ ;$$; $x$",
        "SELECT 1 -- ; none\n+ 1",
        "SELECT /* a; /* b; */ c; */ 1",
        "CREATE RULE r AS ON INSERT TO t DO (INSERT INTO u VALUES (1); NOTIFY t)",
        "CREATE OR REPLACE FUNCTION f(a int) RETURNS int BEGIN ATOMIC SELECT CASE WHEN a > 1 THEN 1 ELSE 2 END; SELECT $1; END",
        "DO $$ BEGIN PERFORM 1; END $$",
    ];
    assert_eq!(texts(&(bodies.join(";\n") + ";")), bodies);
}

#[test]
fn every_statement_knows_its_place_and_its_characters_do() {
    let script = read("-- first\nSET lock_timeout = '1s';\n\n  ALTER TABLE t\n    ADD COLUMN é int,\n    DROP x");
    let places: Vec<(u32, u32)> = script.statements.iter().map(|one| (one.at.line, one.at.column)).collect();
    assert_eq!(places, [(2, 1), (4, 3)]);
    let alter = &script.statements[1];
    let position = alter.text.chars().position(|c| c == 'x').unwrap() + 1;
    assert_eq!(alter.place_of(position), Location { line: 6, column: 10 });
    assert_eq!(alter.place_of(7), Location { line: 4, column: 9 });
}

#[test]
fn kinds_are_told_by_words_and_not_by_names() {
    let kinds: Vec<Kind> = read(
        "BEGIN; START TRANSACTION; COMMIT; END; ROLLBACK; ROLLBACK TO a; ROLLBACK WORK TO a; SET x = 1; SAVEPOINT a; VACUUM t;
         CREATE UNIQUE INDEX CONCURRENTLY i ON t (a); DROP INDEX CONCURRENTLY i; REINDEX INDEX CONCURRENTLY i;
         ALTER TABLE a.t DETACH PARTITION b.p CONCURRENTLY; CREATE INDEX i ON t (concurrently_made); REINDEX (CONCURRENTLY) TABLE t;
         REFRESH MATERIALIZED VIEW CONCURRENTLY v; UPDATE t SET a = 1; COMMIT",
    )
    .statements
    .iter()
    .map(|statement| statement.kind)
    .collect();
    use Kind::*;
    assert_eq!(
        kinds,
        [
            Begin, Begin, Commit, Commit, Rollback, Setting, Setting, Setting, Setting, Alone, Alone, Alone, Alone, Alone,
            Ordinary, Alone, Ordinary, Ordinary, Commit
        ]
    );
}

#[test]
fn what_reaches_beyond_the_copy_is_refused_all_at_once() {
    let said = wrong(
        "CREATE ROLE app;\nALTER SYSTEM SET fsync = off;\nGRANT a TO b;\nGRANT CONNECT ON DATABASE d TO a;\nDROP DATABASE d;\n\
         COPY t FROM STDIN;\n\\i other.sql\n\\connect d\n\\set who me\nREASSIGN OWNED BY a TO b;\nCOMMENT ON DATABASE d IS 'x';",
    );
    for line in 1..=11 {
        assert!(said.contains(&format!("--> m.sql:{line}:1")), "line {line}: {said}");
    }
    assert!(said.ends_with("11 mistakes in m.sql"), "{said}");
    assert_eq!(texts("GRANT SELECT ON t TO app; CREATE USER MAPPING FOR me SERVER s").len(), 2);
}

#[test]
fn psqls_harmless_commands_are_passed_over() {
    assert_eq!(
        texts("\\set ON_ERROR_STOP on\n\\timing\n\\echo a; b\nSELECT 1\\g\nSELECT 2;\n\\q\nnothing 'of this"),
        ["SELECT 1", "SELECT 2"]
    );
}

#[test]
fn what_does_not_end_is_said_where_it_begins() {
    assert!(wrong("SELECT 1;\nSELECT 'abc").contains("--> m.sql:2:8"), "{}", wrong("SELECT 1;\nSELECT 'abc"));
    assert!(wrong("/* a").contains("--> m.sql:1:1"));
    assert!(wrong("BEGIN;\nCOMMIT;\nBEGIN;\nSELECT 1;").contains("--> m.sql:3:1"));
}

#[test]
fn one_transaction_is_put_around_what_has_none() {
    let single = |text: &str| Script::read(vec![("m.sql".into(), text.to_owned())], true);
    let texts: Vec<String> = single("SELECT 1; SELECT 2").unwrap().statements.into_iter().map(|one| one.text).collect();
    assert_eq!(texts, ["BEGIN", "SELECT 1", "SELECT 2", "COMMIT"]);
    let said = single("BEGIN; COMMIT; CREATE INDEX CONCURRENTLY ON t (a)").map(|_| ()).unwrap_err()[0].to_string();
    assert!(said.contains("3 mistakes") && said.contains("--single-transaction"), "{said}");
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(text in "[-a-zE'\"$/*\\\\;() \n1é]{0,80}") {
        let _ = Script::read(vec![("m.sql".into(), text)], true);
    }

    #[test]
    fn statements_come_back_as_they_were(parts in prop::collection::vec("[a-z]{1,6}( '[^'\\\\]{0,6}'| \\$\\$[^$\\\\]{0,6}\\$\\$| /\\*[^*/\\\\]{0,6}\\*/ [a-z])?", 1..6)) {
        let expected: Vec<String> = parts.iter().filter(|part| !part.is_empty()).cloned().collect();
        // Words that mean something to us are another test's.
        prop_assume!(expected.iter().all(|part| !part.starts_with("copy") && !part.starts_with("grant")));
        prop_assert_eq!(texts(&parts.join(" ;\n")), expected);
    }
}
