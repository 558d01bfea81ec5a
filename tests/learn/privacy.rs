//! No row is read, and no value is written unless it is asked for.

use perflab::learn::Options;

use crate::common::TestDatabase;
use crate::learning::{connect, database, described, learned, options, run, try_learned};

const SECRETS: &str = "
CREATE TABLE patients (id bigint PRIMARY KEY, name text NOT NULL, illness text NOT NULL, born date NOT NULL, weight int NOT NULL, seen timestamptz NOT NULL);
INSERT INTO patients SELECT i, 'Person ' || md5(i::text), CASE WHEN i % 3 = 0 THEN 'gout' ELSE 'measles' END,
    date '1931-03-07' + (i * 13) % 27411, 43217 + (i * 7919) % 51235, timestamptz '2024-02-03 04:05:06.789+00' + i * interval '17 minutes 3 seconds'
FROM generate_series(1, 2000) AS i;
CREATE TABLE visits (id bigint PRIMARY KEY, patient_id bigint NOT NULL REFERENCES patients);
INSERT INTO visits SELECT i, 1 + i % 2000 FROM generate_series(1, 6000) AS i;
ANALYZE;
";

/// A login of its own on the test's database, gone with it.
struct Role<'d> {
    database: &'d TestDatabase,
    name: String,
}

impl Role<'_> {
    async fn new<'d>(database: &'d TestDatabase, grants: &str) -> Role<'d> {
        let role = Role { database, name: format!("learner_{}", database.name) };
        let mut connection = connect(&database.url).await;
        connection.batch(&format!("CREATE ROLE {} LOGIN", role.name)).await.unwrap();
        if !grants.is_empty() {
            connection.batch(&format!("GRANT {grants} TO {}", role.name)).await.unwrap();
        }
        connection.close().await;
        role
    }

    fn url(&self) -> String {
        let start = self.database.url.find("user=").unwrap() + 5;
        let end = self.database.url[start..].find('&').map_or(self.database.url.len(), |end| start + end);
        format!("{}{}{}", &self.database.url[..start], self.name, &self.database.url[end..])
    }

    async fn drop(self) {
        let mut connection = connect(&self.database.url).await;
        connection.batch(&format!("DROP OWNED BY {0}; DROP ROLE {0}", self.name)).await.unwrap();
        connection.close().await;
    }
}

#[test]
fn a_role_that_may_read_no_table_learns_all_the_same() {
    run(async {
        let database = database(SECRETS).await;
        let everything = learned(&database.url).await;
        let role = Role::new(&database, "SELECT ON pg_catalog.pg_statistic").await;
        let mut connection = connect(&role.url()).await;
        let refused = connection.row::<(i64,)>("SELECT count(*) FROM patients").await.unwrap_err();
        assert_eq!(refused.sqlstate(), "42501", "{refused}");
        connection.close().await;
        let blind = learned(&role.url()).await;
        assert_eq!(blind.notes, Vec::<String>::new());
        assert_eq!(blind.yaml, everything.yaml);
        assert!(described(&blind, "patients.illness").contains("value_1"));
        role.drop().await;
    });
}

#[test]
fn the_view_and_the_table_behind_it_tell_the_same() {
    run(async {
        let database = database(SECRETS).await;
        let everything = learned(&database.url).await;
        let role = Role::new(&database, "SELECT ON patients, visits").await;
        assert_eq!(learned(&role.url()).await.yaml, everything.yaml);
        role.drop().await;
    });
}

#[test]
fn hidden_statistics_leave_the_counts_and_say_which_right_is_missing() {
    run(async {
        let database = database(SECRETS).await;
        let role = Role::new(&database, "").await;
        let hidden = learned(&role.url()).await;
        assert_eq!(hidden.tables[0].rows, Some(2000));
        assert_eq!(hidden.tables[1].rule, "3 per patients");
        assert!(hidden.tables.iter().all(|table| table.columns.iter().all(|column| column.described.is_none())));
        assert!(
            hidden.notes[0].contains("`patients` and `visits`")
                && hidden.notes[0].contains("GRANT SELECT ON pg_catalog.pg_statistic")
        );
        role.drop().await;
    });
}

#[test]
fn values_are_copied_only_when_asked_for() {
    run(async {
        let database = database(SECRETS).await;
        let mut connection = connect(&database.url).await;
        // Everything of a row that a scenario could give away, as it would be written.
        let sql = "SELECT DISTINCT v FROM patients, LATERAL (VALUES (name), (illness), (born::text), (weight::text), (substr(name, 8))) AS s (v) \
                   UNION SELECT to_char(seen AT TIME ZONE 'UTC', 'HH24:MI:SS') FROM patients";
        let values: Vec<(String,)> = connection.rows(sql).await.unwrap();
        connection.close().await;
        assert!(values.len() > 5000);
        let without = learned(&database.url).await;
        let words: Vec<&str> = without.yaml.split(|c: char| !c.is_alphanumeric() && !"-:.".contains(c)).collect();
        let given_away: Vec<&String> = values
            .iter()
            .map(|(value,)| value)
            .filter(|value| words.contains(&value.as_str()) || without.yaml.contains(&format!("\"{value}\"")))
            .collect();
        assert_eq!(given_away, Vec::<&String>::new(), "{}", without.yaml);
        assert!(!serde_json::to_string(&without).unwrap().contains("measles"));

        let with = try_learned(&database.url, &Options { values: true, ..options() }).await.unwrap();
        assert!(described(&with, "patients.illness").contains("measles: 66."), "{}", with.yaml);
        assert!(described(&with, "patients.weight").contains("43"), "{}", with.yaml);
    });
}
