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

#[test]
fn the_owner_of_a_tenant_is_one_of_its_users_or_nobody() {
    let schema = "CREATE TABLE tenants (id uuid PRIMARY KEY, slug text NOT NULL, owner_id bigint, CHECK (slug = lower(slug)));
        CREATE TABLE users (tenant_id uuid NOT NULL REFERENCES tenants, id bigint GENERATED ALWAYS AS IDENTITY,
            code varchar(6) NOT NULL CHECK (code = upper(code)), PRIMARY KEY (tenant_id, id));
        ALTER TABLE tenants ADD FOREIGN KEY (id, owner_id) REFERENCES users (tenant_id, id) DEFERRABLE INITIALLY DEFERRED;";
    runtime().block_on(async {
        let mut seeded = seed(schema, &data("    tenants: {rows: 50}\n    users: {rows: 100}\n"), 1.0).await;
        let owned =
            seeded.number("SELECT count(*) FROM tenants JOIN users ON tenant_id = tenants.id AND users.id = owner_id").await;
        let alone = seeded
            .number(
                "SELECT count(*) FROM tenants t WHERE owner_id IS NULL AND NOT EXISTS (SELECT FROM users WHERE tenant_id = t.id)",
            )
            .await;
        assert!(owned > 30 && alone > 0 && owned + alone == 50, "{owned} {alone}");
        assert_eq!(seeded.number("SELECT count(*) FROM users WHERE code ~ '^[A-Z]+$'").await, 100);
    });
}

#[test]
fn materialized_views_have_the_rows_in_the_order_of_their_dependence() {
    let schema = "CREATE TABLE sales (id int PRIMARY KEY, day int NOT NULL);
        CREATE MATERIALIZED VIEW z_days AS SELECT day, count(*) AS n FROM sales GROUP BY day WITH NO DATA;
        CREATE VIEW between AS SELECT * FROM z_days;
        CREATE MATERIALIZED VIEW a_all AS SELECT sum(n)::int8 AS n FROM between WITH NO DATA;";
    runtime().block_on(async {
        let schema = schema.replace("between", "in_between");
        let mut seeded = seed(&schema, &data("    sales: {rows: 70}\n"), 1.0).await;
        assert_eq!(seeded.number("SELECT n FROM a_all").await, 70);
    });
}
