//! Tables from files: what is a row, what is not, and what other tables make of them.

use std::io::Write;
use std::path::{Path, PathBuf};

use perflab::db::{Connection, Target, read_catalog};
use perflab::report::model::{FileLoad, SeedRun};
use perflab::scenario::model::{Data, Source};
use perflab::seed::{ReadOptions, SeedError, SeedPlan, Unread, load};

use crate::common::{TestDatabase, target_folder};
use crate::seeding::{runtime, scenario_data};

/// A scenario's folder with files in it.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Folder {
        let path = target_folder().join("files").join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub fn with(self, name: &str, text: &str) -> Folder {
        self.with_bytes(name, text.as_bytes())
    }

    fn with_bytes(self, name: &str, bytes: &[u8]) -> Folder {
        std::fs::write(self.0.join(name), bytes).unwrap();
        self
    }

    fn zipped(self, name: &str, text: &str) -> Folder {
        let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        zip.write_all(text.as_bytes()).unwrap();
        let bytes = zip.finish().unwrap();
        self.with_bytes(name, &bytes)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The data section of a scenario in the folder, from the lines of its tables.
    pub fn data(&self, tables: &str) -> Data {
        let text = format!("name: shop\ndata:\n  seed: 7\n  tables:\n{tables}");
        scenario_data(Source { path: self.0.join("shop.yaml"), text })
    }

    fn rejects(&self, table: &str) -> Vec<Vec<String>> {
        let path = self.0.join("rejects").join(format!("{table}.csv"));
        let mut reader = csv::Reader::from_path(path).unwrap();
        let text = |field: &[u8]| String::from_utf8_lossy(field).into_owned();
        reader.byte_records().map(|record| record.unwrap().iter().map(text).collect()).collect()
    }
}

/// What became of a scenario in a folder.
pub struct Filled {
    // Dropped last, when nobody is connected any more.
    _database: TestDatabase,
    pub connection: Connection,
    pub run: SeedRun,
}

impl Filled {
    /// The rows of a query that returns one text.
    pub async fn texts(&mut self, sql: &str) -> Vec<String> {
        let rows: Vec<(Option<String>,)> = self.connection.rows(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows.into_iter().map(|(text,)| text.unwrap_or_else(|| "NULL".to_owned())).collect()
    }

    async fn text(&mut self, sql: &str) -> String {
        self.texts(sql).await.join("; ")
    }

    fn load(&self, table: &str) -> &FileLoad {
        self.run.tables.iter().find(|seeded| seeded.name == table).unwrap().from.as_ref().unwrap()
    }
}

async fn planned(folder: &Folder, schema: &str, data: &Data, threads: usize) -> (TestDatabase, Target, Result<SeedPlan, Unread>) {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    let mut connection = Connection::open(&target).await.unwrap();
    connection.batch(schema).await.unwrap();
    let catalog = read_catalog(&mut connection).await.unwrap();
    connection.close().await;
    let options = ReadOptions { rejects: folder.path().join("rejects"), threads };
    let plan = SeedPlan::reading(data, &catalog, 1.0, &options, &mut |_| {}).await;
    (database, target, plan)
}

pub async fn fill(folder: &Folder, schema: &str, tables: &str) -> Filled {
    let (database, target, plan) = planned(folder, schema, &folder.data(tables), 2).await;
    let plan = plan.unwrap_or_else(|unread| panic!("{unread:?}"));
    let run = load(&plan, &target, &mut |_| {}).await.unwrap_or_else(|error| panic!("{error:?}"));
    let connection = Connection::open(&target).await.unwrap();
    Filled { _database: database, connection, run }
}

/// What is wrong, as the user reads it.
async fn refused(folder: &Folder, schema: &str, tables: &str) -> String {
    let (_database, _, plan) = planned(folder, schema, &folder.data(tables), 2).await;
    match plan {
        Err(Unread::Mistakes(problems)) => {
            let line = |problem: &perflab::seed::SeedProblem| format!("{}:{}: {problem}", problem.at.line, problem.at.column);
            let text = problems.iter().map(line).collect::<Vec<_>>().join("\n");
            text.replace(&format!("{}/", folder.path().display()), "")
        }
        Err(Unread::Failed(error)) => error.to_string().replace(&format!("{}/", folder.path().display()), ""),
        Ok(_) => panic!("nothing is wrong"),
    }
}

const REVIEWS: &str = "
CREATE TABLE products (id int PRIMARY KEY, name varchar(20) NOT NULL, price numeric(8,2));
CREATE TABLE reviews (
    id bigint PRIMARY KEY, product_id int NOT NULL REFERENCES products, rating smallint CHECK (rating BETWEEN 1 AND 5),
    date timestamptz, body text, recommend boolean NOT NULL, response text);
";

#[test]
fn a_table_is_what_its_file_says_and_what_it_does_not_say_is_made() {
    runtime().block_on(async {
        let folder =
            Folder::new("plain").with("products.csv", "id,name\n7,Boots\n9,\"Heels, \"\"red\"\"\"\n3,\"two\nlines\"\n").with(
                "reviews.csv",
                "id,product_id,rating,date,body,recommend,response\n\
             1,9,5,1596080481467,\"good, really\",true,null\n\
             2,9,1,1596080481000,,f,\"thank\nyou\"\n\
             3,3,,0,\"\",0,null\n",
            );
        let mut filled = fill(
            &folder,
            REVIEWS,
            "    products: {from: products.csv}\n    \
             reviews: {from: {file: reviews.csv, time: epoch_ms, \"null\": [\"\", \"null\"]}}\n",
        )
        .await;
        let products = filled.text("SELECT id || ':' || name FROM products ORDER BY ctid").await;
        assert_eq!(products, "7:Boots; 9:Heels, \"red\"; 3:two\nlines");
        assert_eq!(filled.text("SELECT count(price)::text FROM products WHERE price > 0").await, "3", "made by perflab");
        let sql = "SELECT concat_ws('|', id, product_id, coalesce(rating::text, '-'), extract(epoch FROM date)::text, \
                   coalesce(body, '-'), recommend, coalesce(response, '-')) FROM reviews ORDER BY id";
        assert_eq!(
            filled.texts(sql).await,
            ["1|9|5|1596080481.467000|good, really|t|-", "2|9|1|1596080481.000000|-|f|thank\nyou", "3|3|-|0.000000||f|-"]
        );
        let load = filled.load("reviews");
        assert_eq!((load.records, load.rejected, load.rejects_file.as_deref()), (3, 0, None));
        assert_eq!(filled.run.tables[0].rule, "from products.csv");
    });
}

#[test]
fn records_that_are_no_rows_are_counted_and_kept_with_their_reasons() {
    runtime().block_on(async {
        let folder = Folder::new("bad").with("products.csv", "id,name,price\n1,a,1\n2,b,999999.994\n").with_bytes(
            "reviews.csv",
            &[
                b"id,product_id,rating,date,body,recommend,response\r\n1,1,5,,ok,true,\r\n".as_slice(),
                b"2,1,5,,too,few\r\n",
                b"x,1,5,,\"no\nnumber\",true,\r\n",
                b"4,99,5,,no parent,true,\r\n",
                b"1,1,5,,again,true,\r\n",
                b"5,1,6,,check,true,\r\n",
                b"6,1,5,,null,,\r\n",
                b"7,1,5,,\xff,true,\r\n",
                b"8,1,5,1596080481467,epoch,true,\r\n",
                b"9,2,3,2020-07-30 05:41:21+02,ok,true,\r\n",
                b"10,1,5,,\"never closed,true,",
            ]
            .concat(),
        );
        let tables = "    products: {from: products.csv}\n    reviews: {from: {file: reviews.csv, rejects: 90%}}\n";
        let mut filled = fill(&folder, REVIEWS, tables).await;
        assert_eq!(filled.text("SELECT string_agg(id::text, ',' ORDER BY id) FROM reviews").await, "1,9");
        assert_eq!(filled.text("SELECT date::text FROM reviews WHERE id = 9").await, "2020-07-30 03:41:21+00");
        let load = filled.load("reviews");
        assert_eq!((load.records, load.rejected), (11, 9));
        let counts: Vec<String> = load
            .rejects
            .iter()
            .map(|count| format!("{} {}: {}", count.reason, count.column.as_deref().unwrap_or("*"), count.records))
            .collect();
        insta::assert_snapshot!(counts.join("\n"), @r#"
        wrong number of fields *: 1
        a quote that is not closed *: 1
        not UTF-8 body: 1
        NULL in a NOT NULL column recommend: 1
        not a value of the column's type date: 1
        not a value of the column's type id: 1
        outside of a CHECK rating: 1
        duplicate key id: 1
        orphan product_id: 1
        "#);
        let lines: Vec<String> = folder.rejects("reviews").iter().map(|record| record[1..].join(" | ")).collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        3 | wrong number of fields |  | 6 fields where 7 were expected | 2,1,5,,too,few
        4 | not a value of the column's type | id | `x` is not a value of type bigint | x,1,5,,"no
        number",true,
        6 | orphan | product_id | `products` has no such row | 4,99,5,,no parent,true,
        7 | duplicate key | id | an earlier row has the same key | 1,1,5,,again,true,
        8 | outside of a CHECK | rating | 6 is outside of what the column's CHECK allows | 5,1,6,,check,true,
        9 | NULL in a NOT NULL column | recommend | NULL, which the column does not take | 6,1,5,,null,,
        10 | not UTF-8 | body | no UTF-8: invalid utf-8 sequence of 1 bytes from index 0 | 7,1,5,,�,true,
        11 | not a value of the column's type | date | `1596080481467` is not a value of type timestamp with time zone (is it an epoch? say `time: epoch_ms`) | 8,1,5,1596080481467,epoch,true,
        13 | a quote that is not closed |  | a quote is not closed | 10,1,5,,"never closed,true,
        "#);
    });
}

#[test]
fn more_rejects_than_allowed_fail_with_examples() {
    runtime().block_on(async {
        let folder = Folder::new("too_many").with("products.csv", "id,name\n1,a\nb,b\n3,name that is much too long\n4,d\n");
        insta::assert_snapshot!(refused(&folder, REVIEWS, "    products: {from: products.csv}\n").await, @r#"
        products: 2 of 4 records do not fit, more than `rejects: 1%` allows:
          products.csv:3: `b` is not a value of type integer (id)
          products.csv:4: 26 characters, the column holds 20 (name)
        all of them are in rejects/products.csv; correct the files, or allow more with `rejects:` under `from:`
        "#);
        let folder = Folder::new("orphans")
            .with("products.csv", "id,name\n1,a\n")
            .with("reviews.csv", "id,product_id,recommend\n1,2,t\n2,1,t\n");
        let tables =
            "    products: {from: products.csv}\n    reviews: {from: {file: reviews.csv, orphans: fail, rejects: 90%}}\n";
        insta::assert_snapshot!(refused(&folder, REVIEWS, tables).await, @r#"
        reviews: 1 of 2 records are orphans:
          reviews.csv:2: `products` has no such row (product_id)
        all of them are in rejects/reviews.csv; correct the files, or allow more with `rejects:` under `from:`
        "#);
    });
}

#[test]
fn names_that_do_not_fit_are_said_before_a_record_is_read() {
    runtime().block_on(async {
        let folder = Folder::new("names")
            .with("products.csv", "id,nam,etag\n1,a,x\n")
            .with("reviews.csv", "id,product,rating\n1,2,3\n")
            .with("more.csv", "id,recommend\n1,t\n");
        let tables = "    products:\n      from: {file: products.csv, ignore: [etag]}\n    \
                      reviews:\n      from: {file: [reviews.csv, more.csv], columns: {id: idd}}\n      columns: {rating: {range: 1-5}}\n";
        insta::assert_snapshot!(refused(&folder, REVIEWS, tables).await, @r#"
        6:20: `products`: it has no column for `nam` of `products.csv`; did you mean `name`? map it under `columns:`, or name it under `ignore:`
        8:21: `reviews`: it has no column for `product` of `reviews.csv`; did you mean `product_id`? map it under `columns:`, or name it under `ignore:`
        8:59: table `reviews` has no column `idd`; did you mean `id`?
        9:17: `reviews`: `rating` is described and in the file; drop one, or name it under `ignore:`
        8:34: `reviews`: `more.csv` and the first file do not both have `recommend`; files of one table have the same columns
        "#);
    });
}

#[test]
fn several_files_zipped_or_not_are_one_table_on_any_number_of_threads() {
    runtime().block_on(async {
        let mut folder = Folder::new("several");
        for part in 0..4 {
            let mut text = "name,id\n".to_owned();
            (0..20_000).for_each(|row| text.push_str(&format!("\"n\n{row}\",{}\n", part * 20_000 + row)));
            folder = match part % 2 {
                0 => folder.zipped(&format!("p{part}.csv.gz"), &text),
                _ => folder.with(&format!("p{part}.csv"), &text),
            };
        }
        let data = folder.data("    products: {from: \"p*.csv*\", columns: {price: {range: [1, 9]}}}\n");
        let mut hashes = Vec::new();
        for threads in [1, 2, 8] {
            let (_database, target, plan) = planned(&folder, REVIEWS, &data, threads).await;
            let plan = plan.unwrap_or_else(|unread| panic!("{unread:?}"));
            hashes.push(plan.data_hash(threads).await.unwrap());
            if threads == 8 {
                let run = load(&plan, &target, &mut |_| {}).await.unwrap();
                assert_eq!(run.hash, hashes[0]);
                let mut connection = Connection::open(&target).await.unwrap();
                let sql = "SELECT count(*), sum(id), bool_and(name LIKE 'n%') FROM (SELECT id, name, row_number() OVER (ORDER BY ctid) - 1 AS row FROM products) AS p WHERE id = row";
                let found: (i64, i64, bool) = connection.row(sql).await.unwrap();
                assert_eq!(found, (80_000, 80_000 * 79_999 / 2, true));
            }
        }
        assert!(hashes.iter().all(|hash| *hash == hashes[0]));
    });
}

#[test]
fn tables_that_perflab_makes_refer_to_rows_of_files_and_the_other_way_round() {
    runtime().block_on(async {
        let schema = "
            CREATE TABLE brands (id int PRIMARY KEY);
            CREATE TABLE products (sku text PRIMARY KEY, brand_id int REFERENCES brands, label text);
            CREATE TABLE sales (id int PRIMARY KEY, sku text NOT NULL REFERENCES products, label text);";
        let folder = Folder::new("both_ways").with("p.csv", "code;brand_id;label\nA-1;1;x\nB-2;4;y\nC-3;;z\nD-4;3;w\n");
        let tables = "    brands: {rows: 3}\n    \
            products: {from: {file: p.csv, delimiter: \";\", columns: {code: sku}, rejects: 50%}}\n    \
            sales: {rows: 10 per products, columns: {sku: {ref: products, fanout: even}, label: {copy: sku.label}}}\n";
        let mut filled = fill(&folder, schema, tables).await;
        assert_eq!(
            filled.text("SELECT string_agg(sku, ' ' ORDER BY sku) FROM products").await,
            "A-1 C-3 D-4",
            "brand 4 is missing"
        );
        let sql = "SELECT s.sku || ' ' || s.label || ' ' || count(*) FROM sales s JOIN products p USING (sku) \
                   WHERE p.label = s.label GROUP BY s.sku, s.label ORDER BY 1";
        assert_eq!(filled.texts(sql).await, ["A-1 x 10", "C-3 z 10", "D-4 w 10"]);
        assert_eq!(filled.load("products").rejects[0].reason, "orphan");
    });
}

#[test]
fn orphans_may_stay_and_trees_lose_what_hangs_on_them() {
    runtime().block_on(async {
        let schema = "CREATE TABLE nodes (id int PRIMARY KEY, parent_id int REFERENCES nodes)";
        let folder = Folder::new("tree").with("n.csv", "id,parent_id\n1,\n2,3\n3,1\n4,9\n5,4\n6,5\n");
        let mut filled = fill(&folder, schema, "    nodes: {from: {file: n.csv, rejects: 50%}}\n").await;
        assert_eq!(filled.text("SELECT string_agg(id::text, ' ' ORDER BY id) FROM nodes").await, "1 2 3");
        let valid = "SELECT convalidated::text FROM pg_constraint WHERE contype = 'f'";
        assert_eq!(filled.text(valid).await, "true");
        let mut filled = fill(&folder, schema, "    nodes: {from: {file: n.csv, orphans: keep}}\n").await;
        assert_eq!(filled.text("SELECT count(*)::text FROM nodes").await, "6");
        assert_eq!(filled.text(valid).await, "false");
        assert!(filled.load("nodes").orphans_kept > 0);
    });
}

#[test]
fn a_columns_values_come_from_a_file_in_turn_or_by_weight() {
    runtime().block_on(async {
        let schema = "CREATE TABLE towns (id int PRIMARY KEY, name text, drawn text, code text UNIQUE)";
        let folder = Folder::new("values")
            .with("towns.csv", "name,people\nRome,0\nOslo,3\nBonn,1\n")
            .with("codes.csv", "code\na\nb\nc\nd\ne\nf\n");
        let tables = "    towns:\n      rows: 5\n      columns:\n        \
            name: {from: {file: towns.csv, column: name}}\n        \
            drawn: {from: {file: towns.csv, column: name, weight: people}}\n        \
            code: {from: codes.csv}\n";
        let mut filled = fill(&folder, schema, tables).await;
        assert_eq!(
            filled.text("SELECT string_agg(name || code, ' ' ORDER BY id) FROM towns").await,
            "Romea Oslob Bonnc Romed Osloe"
        );
        assert_eq!(filled.text("SELECT count(*)::text FROM towns WHERE drawn IN ('Oslo', 'Bonn')").await, "5");
        let few = tables.replace("rows: 5", "rows: 7").replace("{from: codes.csv}", "{from: {file: codes.csv, draw: in_order}}");
        insta::assert_snapshot!(refused(&folder, schema, &few).await, @r#"
        10:9: `towns.code`: it is unique, but the file gives only 6 different values for 7 rows; give more values, or fewer rows
        "#);
    });
}

#[test]
fn a_file_without_a_header_may_be_read_in_part() {
    runtime().block_on(async {
        let folder = Folder::new("headless").with("p.tsv", "1\tskipped\tone\n2\tskipped\t two \n3\tskipped\tthree\n");
        let tables =
            "    products: {from: {file: p.tsv, delimiter: tab, header: false, columns: [id, ~, name], trim: true, limit: 2}}\n";
        let mut filled = fill(&folder, REVIEWS, tables).await;
        assert_eq!(filled.text("SELECT string_agg(id || name, ' ' ORDER BY id) FROM products").await, "1one 2two");
    });
}

#[test]
fn a_file_that_is_gone_when_its_rows_are_loaded_is_an_error() {
    runtime().block_on(async {
        let folder = Folder::new("gone").with("products.csv", "id,name\n1,a\n");
        let (_database, target, plan) = planned(&folder, REVIEWS, &folder.data("    products: {from: products.csv}\n"), 2).await;
        let plan = plan.unwrap_or_else(|unread| panic!("{unread:?}"));
        std::fs::remove_file(folder.path().join("products.csv")).unwrap();
        let failed = load(&plan, &target, &mut |_| {}).await;
        assert!(matches!(failed, Err(SeedError::File { .. })), "{failed:?}");
    });
}
