//! Tables that hang together by more than one key.

use crate::common::TestDatabase;
use crate::seeding::{data, runtime, seed};
use perflab::db::{Connection, Target, read_catalog};
use perflab::seed::SeedPlan;

const TENANTS: &str = "
CREATE TABLE tenants (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE users (tenant_id int NOT NULL REFERENCES tenants, id bigint NOT NULL, email text NOT NULL, PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, email));
CREATE TABLE projects (tenant_id int NOT NULL REFERENCES tenants, id bigint NOT NULL, PRIMARY KEY (tenant_id, id));
CREATE TABLE members (
    tenant_id int NOT NULL, user_id bigint NOT NULL, project_id bigint NOT NULL, role text NOT NULL CHECK (role IN ('owner', 'guest')),
    PRIMARY KEY (tenant_id, project_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users, FOREIGN KEY (tenant_id, project_id) REFERENCES projects
);
CREATE TABLE pages (
    tenant_id int NOT NULL REFERENCES tenants, id bigint NOT NULL, parent_id bigint, author bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, parent_id) REFERENCES pages DEFERRABLE,
    FOREIGN KEY (tenant_id, author) REFERENCES users
);
CREATE TABLE reactions (user_id bigint NOT NULL, tenant_id int NOT NULL, kind text NOT NULL CHECK (kind IN ('up', 'down', 'heart')),
    UNIQUE (tenant_id, user_id, kind), FOREIGN KEY (tenant_id, user_id) REFERENCES users);
";

#[test]
fn rows_agree_in_the_tenant_they_share() {
    let tables = "    tenants: {rows: 5}
    users: {rows: 60}
    projects: {rows: 20}
    members: {rows: 150}
    pages: {rows: 200}
    reactions: {rows: 90, columns: {user_id: {ref: users, fanout: 0-3}}}
";
    runtime().block_on(async {
        let mut seeded = seed(TENANTS, &data(tables), 1.0).await;
        assert_eq!(seeded.number("SELECT count(*) FROM members").await, 150);
        assert_eq!(seeded.number("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated").await, 8);
        assert!(seeded.number("SELECT count(*) FROM pages WHERE parent_id IS NOT NULL").await > 150);
        assert!(seeded.number("SELECT count(DISTINCT user_id) FROM members").await > 30);
        assert_eq!(
            seeded.number("SELECT max(n) FROM (SELECT count(*) AS n FROM reactions GROUP BY tenant_id, user_id) AS s").await,
            3
        );
    });
}

#[test]
fn trees_have_the_levels_asked_for() {
    let schema = "CREATE TABLE categories (id int PRIMARY KEY, parent_id int REFERENCES categories, name text NOT NULL);
        CREATE TABLE staff (id int PRIMARY KEY, boss int NOT NULL REFERENCES staff);";
    let tables = "    categories: {rows: 500, columns: {parent_id: {ref: categories, depth: 5, roots: 7}}}
    staff: {rows: 40, order: shuffled}
";
    let levels = "WITH RECURSIVE tree AS (SELECT id, 1 AS level FROM categories WHERE parent_id IS NULL
        UNION ALL SELECT c.id, level + 1 FROM categories c JOIN tree ON c.parent_id = tree.id)";
    runtime().block_on(async {
        let mut seeded = seed(schema, &data(tables), 1.0).await;
        assert_eq!(seeded.number(&format!("{levels} SELECT max(level)::int8 FROM tree")).await, 5);
        assert_eq!(seeded.number(&format!("{levels} SELECT count(*) FROM tree")).await, 500);
        assert_eq!(seeded.number(&format!("{levels} SELECT count(*) FROM tree WHERE level = 1")).await, 7);
        assert!((1..10).contains(&seeded.number("SELECT count(*) FROM staff WHERE boss = id").await));
    });
}

#[test]
fn tables_that_inherit_keep_their_rows() {
    let schema = "CREATE TABLE events (id bigint NOT NULL, what text); CREATE TABLE clicks (x int NOT NULL) INHERITS (events);
        CREATE UNLOGGED TABLE scratch (id int PRIMARY KEY);
        CREATE TABLE guarded (id int PRIMARY KEY); ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
        CREATE RULE no_insert AS ON INSERT TO guarded DO INSTEAD NOTHING;";
    runtime().block_on(async {
        let tables = "    events: {rows: 30}\n    clicks: {rows: 50}\n    scratch: {rows: 9}\n    guarded: {rows: 8}\n";
        let mut seeded = seed(schema, &data(tables), 1.0).await;
        assert!(seeded.run.tables.iter().all(|table| table.asked == table.rows), "{:?}", seeded.run.tables);
        assert_eq!(seeded.number("SELECT count(*) FROM events").await, 80);
    });
}

#[test]
fn what_cannot_hold_is_said_with_the_name_of_the_constraint() {
    let schema = "CREATE TABLE bookings (id int PRIMARY KEY, stay daterange NOT NULL, CONSTRAINT no_overlap EXCLUDE USING gist (stay WITH &&));
        CREATE TABLE flags (a bool NOT NULL, b bool NOT NULL, CONSTRAINT every_pair_once UNIQUE (a, b));
        CREATE TABLE roots (id int PRIMARY KEY, up int REFERENCES roots);";
    let tables = "    bookings: {rows: 10}\n    flags: {rows: 5}\n    roots: {rows: 3, columns: {up: {ref: roots, depth: 9}}}\n";
    runtime().block_on(async {
        let database = TestDatabase::new();
        let mut connection = Connection::open(&Target::parse(&database.url).unwrap()).await.unwrap();
        connection.batch(schema).await.unwrap();
        let catalog = read_catalog(&mut connection).await.unwrap();
        connection.close().await;
        let problems = SeedPlan::new(&data(tables), &catalog, 1.0).unwrap_err();
        let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(texts.join("\n"));
    });
}
