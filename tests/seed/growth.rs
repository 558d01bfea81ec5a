//! Rows that grow: a larger scale begins with the rows of the smaller, and adding gives what making at once gives.

use std::path::Path;

use crate::common::TestDatabase;
use crate::seeding::{data, runtime, scenario_data, seed};
use perflab::db::{Connection, Target, read_catalog};
use perflab::scenario::model::{Data, Source};
use perflab::seed::{SeedPlan, add, load};

const SCHEMA: &str = r#"
CREATE TABLE tags (id int PRIMARY KEY, label varchar(12) UNIQUE NOT NULL);
CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text UNIQUE NOT NULL, badge int UNIQUE NOT NULL,
    handle varchar(40) UNIQUE NOT NULL, boss_id bigint REFERENCES users, seen timestamptz NOT NULL);
CREATE TABLE profiles (user_id bigint PRIMARY KEY REFERENCES users, bio text);
CREATE TABLE tagged (user_id bigint REFERENCES users, tag_id int REFERENCES tags, PRIMARY KEY (user_id, tag_id));
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, code uuid UNIQUE NOT NULL,
    made timestamptz NOT NULL);
CREATE TABLE lines (order_id bigint NOT NULL REFERENCES orders, line int NOT NULL, tag_id int NOT NULL REFERENCES tags,
    PRIMARY KEY (order_id, line), UNIQUE (order_id, tag_id));
CREATE TABLE shops (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE visits (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, shop_id int NOT NULL REFERENCES shops, user_id bigint NOT NULL REFERENCES users,
    order_id bigint REFERENCES orders);
"#;

const TABLES: &str = "    tags: {rows: 30, fixed: true}
    shops: {rows: 4, fixed: true}
    users: {rows: 90}
    profiles: {rows: 0.5 per users}
    tagged: {rows: 3 per users}
    orders:
      order: shuffled
      columns:
        user_id: {ref: users, fanout: {10%: 8-12, rest: 1-3}}
        made: {time: {last: 90d}}
    lines:
      columns:
        order_id: {ref: orders, fanout: 1-4}
        tag_id: {ref: tags, unique_per: order_id}
    visits:
      rows: 6 per users
      columns:
        shop_id: {ref: shops, fanout: even}
        user_id: {ref: users, pick: {zipf: 1.1}}
        order_id: {through: [orders.id]}
";

/// Every table's first rows as one text per table, by its primary key.
async fn first_rows(connection: &mut Connection, table: &str, rows: u64) -> String {
    let key = format!(
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY array_position(indkey::int2[], attnum)) FROM pg_index
         JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey) WHERE indrelid = '{table}'::regclass AND indisprimary"
    );
    let (key,): (String,) = connection.row(&key).await.unwrap();
    // Rows of a table without a number of its own stand as they came.
    let order = if key == "id" { "id".to_owned() } else { "ctid".to_owned() };
    let sql = format!(
        "SELECT coalesce(md5(string_agg(r::text, E'\\n' ORDER BY n)), '') FROM
         (SELECT t AS r, row_number() OVER (ORDER BY {order}) AS n FROM {table} AS t) AS numbered WHERE n <= {rows}"
    );
    connection.row::<(String,)>(&sql).await.unwrap().0
}

async fn is_prefix(schema: &str, data: &Data, small: f64, large: f64) {
    let mut few = seed(schema, data, small).await;
    let mut many = seed(schema, data, large).await;
    assert_eq!(many.run.not_a_prefix, None);
    for table in &few.run.tables.clone() {
        let of_few = first_rows(&mut few.connection, &table.name, table.rows).await;
        let of_many = first_rows(&mut many.connection, &table.name, table.rows).await;
        assert_eq!(of_few, of_many, "{}", table.name);
    }
    assert!(many.run.tables.iter().all(|table| table.asked == table.rows));
    assert!(many.run.rows as f64 > 2.0 * few.run.rows as f64);
    assert_eq!(many.number("SELECT count(*) FROM pg_constraint WHERE NOT convalidated").await, 0);
}

#[test]
fn scale_3_begins_with_the_rows_of_scale_1() {
    runtime().block_on(is_prefix(SCHEMA, &data(TABLES), 1.0, 3.0));
}

#[test]
fn a_shuffled_tree_keeps_its_branches_when_it_grows() {
    let schema = "CREATE TABLE parts (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, whole_id int REFERENCES parts);";
    let tables = "    parts:
      rows: 120
      order: shuffled
      columns:
        whole_id: {ref: parts, depth: 4}
";
    runtime().block_on(is_prefix(schema, &data(tables), 1.0, 3.0));
}

#[test]
fn the_music_service_at_a_twentieth_and_again_grown() {
    let path = Path::new("scenarios/music.yaml");
    let mut data = scenario_data(Source { path: path.into(), text: std::fs::read_to_string(path).unwrap() });
    data.expect = None;
    data.tables.iter_mut().find(|table| table.name.value == "playlists").unwrap().rows =
        perflab::scenario::model::Rows::Exactly(150);
    let schema = std::fs::read_to_string("schema.sql").unwrap();
    runtime().block_on(is_prefix(&schema, &data, 1.0, 3.0));
}

#[test]
fn adding_again_and_again_gives_what_making_at_once_gives() {
    let data = data(TABLES);
    let scales = [1.0, 2.0, 7.0];
    runtime().block_on(async {
        let database = TestDatabase::new();
        let target = Target::parse(&database.url).unwrap();
        let mut connection = Connection::open(&target).await.unwrap();
        connection.batch(SCHEMA).await.unwrap();
        let catalog = read_catalog(&mut connection).await.unwrap();
        let mut run = load(&SeedPlan::new(&data, &catalog, 1.0).unwrap(), &target, &mut |_| ()).await.unwrap();
        for from in 1..scales.len() {
            let plan = SeedPlan::growing(&data, &catalog, &scales[..=from], from).unwrap();
            let added = add(&plan, &run.hash, &target, &mut |_| ()).await.unwrap();
            assert_eq!(added.rows, run.rows + plan.rows());
            assert!(added.tables.iter().all(|table| table.asked == table.rows), "{:?}", added.tables);
            run = added;
        }
        let at_once = SeedPlan::growing(&data, &catalog, &scales, 0).unwrap();
        assert_eq!(run.hash, at_once.data_hash(3).await.unwrap());
        let (shops,): (i64,) =
            connection.row("SELECT max(n) - min(n) FROM (SELECT count(*) AS n FROM visits GROUP BY shop_id) AS c").await.unwrap();
        assert!(shops <= 1, "still even");
        let fresh = TestDatabase::new();
        let other = Target::parse(&fresh.url).unwrap();
        let mut second = Connection::open(&other).await.unwrap();
        second.batch(SCHEMA).await.unwrap();
        let made = load(&at_once, &other, &mut |_| ()).await.unwrap();
        assert_eq!(made.hash, run.hash);
        for (grown, made) in run.tables.iter().zip(&made.tables) {
            assert_eq!(
                first_rows(&mut connection, &grown.name, grown.rows).await,
                first_rows(&mut second, &made.name, made.rows).await,
                "{}",
                grown.name
            );
            assert_eq!(
                format!("{:?}", grown.fanouts),
                format!("{:?}", made.fanouts),
                "{}: children are counted over old rows and new",
                grown.name
            );
        }
    });
}
