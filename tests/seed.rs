//! Rows in a real server: what was asked is there, what was taken away is back.

mod common;

use std::path::Path;

use common::TestDatabase;
use perflab::db::{Connection, Target, read_catalog};
use perflab::report::model::SeedRun;
use perflab::scenario::model::{Data, Source};
use perflab::seed::{SeedError, SeedEvent, SeedPlan, load};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// A database that was just seeded, and what the seeding said of it.
struct Seeded {
    // Dropped last, when nobody is connected any more.
    _database: TestDatabase,
    connection: Connection,
    plan: SeedPlan,
    run: SeedRun,
    events: Vec<SeedEvent>,
}

/// The `data:` section of a scenario, from the lines of its tables.
fn data(tables: &str) -> Data {
    let text = format!("name: shop\ndata:\n  seed: 7\n  tables:\n{tables}");
    scenario_data(Source { path: "shop.yaml".into(), text })
}

fn scenario_data(source: Source) -> Data {
    let read = |path: &Path| std::fs::read_to_string(path);
    perflab::scenario::parse(source, read).unwrap_or_else(|errors| panic!("{errors}")).data.unwrap()
}

async fn try_seed(
    schema: &str,
    data: &Data,
    scale: f64,
) -> (TestDatabase, Target, SeedPlan, Result<SeedRun, SeedError>, Vec<SeedEvent>) {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    let mut connection = Connection::open(&target).await.unwrap();
    connection.batch(schema).await.unwrap();
    let catalog = read_catalog(&mut connection).await.unwrap();
    connection.close().await;
    let plan = SeedPlan::new(data, &catalog, scale).unwrap_or_else(|problems| panic!("{problems:?}"));
    let mut events = Vec::new();
    let run = load(&plan, &target, &mut |event| events.push(event)).await;
    (database, target, plan, run, events)
}

async fn seed(schema: &str, data: &Data, scale: f64) -> Seeded {
    let (database, target, plan, run, events) = try_seed(schema, data, scale).await;
    let connection = Connection::open(&target).await.unwrap();
    Seeded { _database: database, connection, plan, run: run.unwrap_or_else(|error| panic!("{error:?}")), events }
}

impl Seeded {
    async fn number(&mut self, sql: &str) -> i64 {
        let (number,): (i64,) = self.connection.row(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        number
    }
}

#[test]
fn the_music_service_gets_its_rows_at_a_tenth() {
    let path = Path::new("scenarios/music.yaml");
    let data = scenario_data(Source { path: path.into(), text: std::fs::read_to_string(path).unwrap() });
    let schema = std::fs::read_to_string("schema.sql").unwrap();
    runtime().block_on(async {
        let mut music = seed(&schema, &data, 0.1).await;
        assert!(music.run.tables.iter().all(|table| table.asked == table.rows), "{:?}", music.run.tables);
        assert_eq!(
            music.number("SELECT count(*) FROM song_history").await as u64,
            music.plan.tables.iter().find(|table| table.name.name == "song_history").unwrap().rows
        );
        let strangers = "SELECT count(*) FROM song_history h WHERE NOT EXISTS (SELECT FROM users_playlist_position p
            JOIN playlist_songs s ON s.playlist_id = p.playlist_id WHERE p.user_id = h.user_id AND s.song_id = h.song_id)";
        assert_eq!(music.number(strangers).await, 0, "users play only songs of their own lists");
        assert_eq!(
            music.number("SELECT count(*) FROM links l JOIN links o USING (song_id, platform_id) WHERE o.id > l.id").await,
            0
        );
        assert_eq!(
            music
                .number("SELECT count(*) FROM links WHERE (platform_id = 1) <> (song_url LIKE 'https://open.spotify.com/%')")
                .await,
            0
        );
        assert_eq!(music.number("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated").await, 8);
        assert_eq!(music.number("SELECT relallvisible::int8 - relpages FROM pg_class WHERE relname = 'song_history'").await, 0);

        let history = music.run.tables.iter().find(|table| table.name == "song_history").unwrap();
        let seen = history.fanouts.iter().find(|fanout| fanout.column == "user_id").unwrap();
        let counted = "SELECT max(plays), count(*), percentile_disc(0.99) WITHIN GROUP (ORDER BY plays)
            FROM (SELECT count(*) AS plays FROM song_history GROUP BY user_id) AS h";
        let (max, users, p99): (i64, i64, i64) = music.connection.row(counted).await.unwrap();
        assert_eq!((seen.max as i64, seen.parents as i64, seen.p99 as i64), (max, users, p99));
        assert_eq!(music.run.data_hash, music.plan.data_hash(1).await.unwrap());
    });
}

const EVERYTHING: &str = r#"
CREATE TYPE mood AS ENUM ('happy', 'sad');
CREATE DOMAIN adult AS int CHECK (VALUE >= 18 AND VALUE < 120);
CREATE TABLE people (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email varchar(30) NOT NULL,
    age adult NOT NULL,
    feels mood,
    born date NOT NULL,
    wakes time,
    seen timestamp(0) NOT NULL DEFAULT now(),
    balance numeric(7,2) NOT NULL CHECK (balance > 0),
    rate real NOT NULL,
    share double precision NOT NULL,
    flags smallint NOT NULL,
    code char(6) NOT NULL UNIQUE,
    picture bytea,
    settings jsonb NOT NULL,
    raw json,
    active bool NOT NULL DEFAULT true,
    tags text[] NOT NULL DEFAULT '{}',
    place point,
    initial text GENERATED ALWAYS AS (left(email, 1)) STORED
);
CREATE UNIQUE INDEX people_email ON people (lower(email));
CREATE TABLE "Order" (
    number serial PRIMARY KEY,
    "Person" uuid NOT NULL REFERENCES people ON DELETE CASCADE,
    line int NOT NULL,
    parent int REFERENCES "Order",
    UNIQUE ("Person", line) DEFERRABLE
);
CREATE INDEX order_recent ON "Order" (number DESC) WHERE line = 1;
CREATE TABLE audit (id bigint GENERATED BY DEFAULT AS IDENTITY, what text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit (what) VALUES (TG_OP); RETURN NEW; END $$;
CREATE TRIGGER noted AFTER INSERT ON "Order" FOR EACH ROW EXECUTE FUNCTION note();
CREATE TABLE measured (at timestamptz NOT NULL, value int NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE measured_all PARTITION OF measured FOR VALUES FROM (MINVALUE) TO (MAXVALUE);
CREATE INDEX ON measured (at);
"#;

#[test]
fn every_type_goes_in_undescribed_and_keys_triggers_and_sequences_are_as_before() {
    let tables = "    people: {rows: 500}
    Order:
      rows: 4 per people
      columns:
        Person: {ref: people, fanout: 1-9}
    measured: {rows: 300}
";
    runtime().block_on(async {
        let shape = "SELECT string_agg(line, E'\\n' ORDER BY line) FROM (
            SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || convalidated AS line FROM pg_constraint WHERE connamespace = 'public'::regnamespace
            UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
            UNION ALL SELECT tgname || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal) AS s";
        let bare = TestDatabase::new();
        let mut untouched = Connection::open(&Target::parse(&bare.url).unwrap()).await.unwrap();
        untouched.batch(EVERYTHING).await.unwrap();
        let (before,): (String,) = untouched.row(shape).await.unwrap();
        untouched.close().await;

        let mut seeded = seed(EVERYTHING, &data(tables), 1.0).await;
        let (after,): (String,) = seeded.connection.row(shape).await.unwrap();
        assert_eq!(before, after);
        for table in &seeded.run.tables {
            assert_eq!(table.asked, table.rows, "{}", table.name);
        }
        assert_eq!(seeded.number("SELECT count(*) FROM audit").await, 0, "triggers do not fire");
        assert_eq!(seeded.number("SELECT count(*) FROM people WHERE length(code) = 6 AND balance > 0 AND email LIKE '%@%'").await, 500);
        assert_eq!(seeded.number("SELECT count(DISTINCT feels) FROM people").await, 2);
        assert_eq!(seeded.number("SELECT count(*) FROM people WHERE settings ? 'id' AND raw->>'id' IS NOT NULL AND place IS NULL").await, 500);
        assert_eq!(seeded.number("SELECT count(*) FROM \"Order\" WHERE parent >= number").await, 0);
        assert_eq!(seeded.number("SELECT nextval('\"Order_number_seq\"')").await, 2001);
        let shares: Vec<f64> = seeded.events.iter().map(|event| event.share).collect();
        assert!(shares.is_sorted() && shares.last() == Some(&1.0), "{shares:?}");
    });
}

#[test]
fn a_row_that_the_server_refuses_names_the_table_and_the_reason() {
    let schema = "CREATE TABLE t (id int PRIMARY KEY, word text NOT NULL CHECK (word ~ '^[0-9]+$'))";
    runtime().block_on(async {
        let (_database, _, _, run, _) = try_seed(schema, &data("    t: {rows: 10}\n"), 1.0).await;
        let error = run.unwrap_err();
        assert_eq!(error.to_string(), "t cannot be filled");
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("t_word_check"), "{cause}");
    });
}
