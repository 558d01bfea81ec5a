//! The loads of the write-ups through the command line: files with the faults that such files have, what became of them, and back.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Output;

use perflab::db::{Connection, Target};
use serde_json::Value;

use crate::common::{perflab, projects, test_server};
use crate::files::Folder;
use crate::seeding::runtime;

const PRODUCTS: u32 = 300;

/// The files of both services: most of what is in them is well.
fn write_files(folder: &Path) {
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    let mut text = "id,name,slogan,description,category,default_price\n".to_owned();
    (1..=PRODUCTS)
        .for_each(|id| writeln!(text, "{id}, Shoe {id},\"Walk, then \"\"run\"\"\",\"two\nlines\",  Kicks,{id}.50").unwrap());
    write("product.csv", &text);
    let mut text = "id,product_id,feature,value\n".to_owned();
    (1..=PRODUCTS * 2).for_each(|id| {
        writeln!(text, "{id},{},\"Sole\",{}", id.div_ceil(2), if id % 3 == 0 { "null" } else { "\"Rubber\"" }).unwrap()
    });
    write("features.csv", &text);
    let mut text = "id,productId,name,sale_price,original_price,default?\n".to_owned();
    (1..=PRODUCTS * 2).for_each(|id| {
        writeln!(text, "{id},{},Style {id},{},140,{}", id.div_ceil(2), if id % 2 == 0 { "null" } else { "35" }, id % 2).unwrap()
    });
    write("styles.csv", &text);
    // Ten photos of styles that are not there, one with a url whose quote nobody closed.
    let mut text = "id,styleId,url,thumbnail_url\n".to_owned();
    (1..=1000).for_each(|id| {
        writeln!(text, "{id},{},\"http://a/{id}\",\"http://b/{id}\"", if id % 100 == 0 { 9999 } else { id % 600 + 1 }).unwrap()
    });
    text.push_str("1001,1,\"http://open,http://b\n");
    write("photos.csv", &text);
    let mut text = "id,styleId,size,quantity\n".to_owned();
    (1..=3000).for_each(|id| writeln!(text, "{id},{},XL,{}", id % 600 + 1, id % 50).unwrap());
    write("skus.csv", &text);
    // A related product 0 is how the files say that there is none.
    let mut text = "id,current_product_id,related_product_id\n".to_owned();
    (1..=1000).for_each(|id| writeln!(text, "{id},{},{}", id % PRODUCTS + 1, if id % 50 == 0 { 0 } else { id % 7 + 1 }).unwrap());
    write("related.csv", &text);
    let head = "id,product_id,rating,date,summary,body,recommend,reported,reviewer_name,reviewer_email,response,helpfulness\n";
    for part in 0..2 {
        let mut text = head.to_owned();
        for id in part * 900 + 1..=part * 900 + 900 {
            let (rating, response) =
                (if id % 300 == 0 { 6 } else { id % 5 + 1 }, if id % 4 == 0 { "\"Thanks, all\"" } else { "null" });
            let reported = if id % 10 == 0 { "true" } else { "false" };
            writeln!(text, "{id},{},{rating},{},\"Good, {id}\",\"It said \"\"fit\"\"\nand it did\",true,{reported},n{id},n{id}@x.io,{response},{}", id % PRODUCTS + 1, 1_596_080_481_467_u64 + u64::from(id), id % 30).unwrap();
        }
        match part {
            0 => write("reviews_1.csv", &text),
            _ => zip(folder, "reviews_2.csv.gz", &text),
        }
    }
    let mut text = "id,review_id,url\n".to_owned();
    (1..=500).for_each(|id| writeln!(text, "{id},{},http://p/{id}", id * 3).unwrap());
    write("reviews_photos.csv", &text);
    let mut text = "id,product_id,name\n".to_owned();
    (1..=PRODUCTS * 3)
        .for_each(|id| writeln!(text, "{id},{},{}", id.div_ceil(3), ["Fit", "Size", "Width"][id as usize % 3]).unwrap());
    write("characteristics.csv", &text);
    let mut text = "id,characteristic_id,review_id,value\n".to_owned();
    (1..=3600).for_each(|id| {
        writeln!(text, "{},{},{},{}", if id == 7 { 6 } else { id }, id % 900 + 1, id % 1800 + 1, id % 5 + 1).unwrap()
    });
    zip(folder, "characteristic_reviews.csv.gz", &text);
}

fn zip(folder: &Path, name: &str, text: &str) {
    let mut zip = flate2::write::GzEncoder::new(std::fs::File::create(folder.join(name)).unwrap(), flate2::Compression::fast());
    zip.write_all(text.as_bytes()).unwrap();
    zip.finish().unwrap();
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let project = projects().join("shared");
    perflab().current_dir(folder).arg("--project").arg(&project).args(arguments).output().unwrap()
}

/// The JSON of a seeding that went well.
fn seed(folder: &Path, arguments: &[&str]) -> Value {
    let output = run(folder, &[&["seed", "etl.yaml", "--format", "json"], arguments].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn table<'v>(seeded: &'v Value, name: &str) -> &'v Value {
    seeded["tables"].as_array().unwrap().iter().find(|table| table["name"] == name).unwrap()
}

/// A hash of every table's contents, whatever the order of its rows.
async fn contents(database: &str) -> Vec<(String, String)> {
    let mut connection = Connection::open(&Target::parse(&test_server().url(database)).unwrap()).await.unwrap();
    let tables: Vec<(String,)> = connection
        .rows("SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1")
        .await
        .unwrap();
    let mut contents = Vec::new();
    for (table,) in tables {
        let sql = format!("SELECT md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) FROM {table} AS t");
        let (hash,): (String,) = connection.row(&sql).await.unwrap();
        contents.push((table, hash));
    }
    connection.close().await;
    contents
}

#[test]
fn files_with_faults_are_loaded_exported_and_loaded_again() {
    test_server();
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/etl");
    let text = std::fs::read_to_string(scenario.join("etl.yaml")).unwrap();
    let schema = std::fs::read_to_string(scenario.join("schema.sql")).unwrap();
    let name = |which: &str| format!("etl_{which}_{}", std::process::id());
    let named = |which: &str| text.replace("name: etl\n", &format!("name: {}\n", name(which)));
    let folder = Folder::new("etl").with("schema.sql", &schema).with("etl.yaml", &named("in"));
    write_files(folder.path());
    let checked = run(folder.path(), &["check", "etl.yaml"]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));

    let seeded = seed(folder.path(), &["--export", "out", "--export-gz"]);
    let summary = |name: &str| {
        let (table, load) = (table(&seeded, name), &table(&seeded, name)["from"]);
        let rejects = load["rejects"].as_array().into_iter().flatten();
        let reasons =
            rejects.map(|reject| format!(" {} {} {}", reject["records"], reject["reason"], reject["column"]).replace('"', ""));
        format!("{name}: {} of {}{}", table["rows"], load["records"], reasons.collect::<String>())
    };
    let tables = [
        "products",
        "features",
        "styles",
        "photos",
        "skus",
        "related",
        "reviews",
        "reviews_photos",
        "characteristics",
        "characteristic_reviews",
    ];
    insta::assert_snapshot!(tables.map(summary).join("\n"), @r#"
    products: 300 of 300
    features: 600 of 600
    styles: 600 of 600
    photos: 990 of 1001 1 a quote that is not closed null 10 orphan style_id
    skus: 3000 of 3000
    related: 980 of 1000 20 orphan related_product_id
    reviews: 1794 of 1800 6 outside of a CHECK rating
    reviews_photos: 495 of 500 5 orphan review_id
    characteristics: 900 of 900
    characteristic_reviews: 3587 of 3600 1 duplicate key id 12 orphan review_id
    "#);
    assert_eq!(
        (table(&seeded, "carts")["rows"].as_u64(), table(&seeded, "review_meta")["rows"].as_u64()),
        (Some(900), Some(270))
    );
    assert!(seed(folder.path(), &[])["reused"].as_bool().unwrap(), "the same files");
    let shown = run(folder.path(), &["seed", "etl.yaml"]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("photos: 1,001 records in 1 file, 11 rejected: 1 a quote that is not closed"), "{shown}");

    // The same tables from what was exported; the derived one and the one made by perflab from files, too.
    let mut back = format!("name: {}\nschema: schema.sql\ndata:\n  tables:\n", name("back"));
    for table in seeded["tables"].as_array().unwrap() {
        let name = table["name"].as_str().unwrap();
        writeln!(back, "    {name}: {{from: ../etl/out/{name}.csv.gz}}").unwrap();
    }
    let other = Folder::new("etl_back").with("schema.sql", &schema).with("etl.yaml", &back);
    let again = seed(other.path(), &[]);
    assert_eq!(again["rows"], seeded["rows"]);
    runtime().block_on(async {
        let (one, two) =
            (contents(&format!("perflab_{}", name("in"))).await, contents(&format!("perflab_{}", name("back"))).await);
        assert_eq!(one.len(), 12);
        assert_eq!(one, two);
    });

    // A changed file makes the rows anew.
    std::fs::write(
        folder.path().join("characteristics.csv"),
        std::fs::read_to_string(folder.path().join("characteristics.csv")).unwrap().replace("Fit", "Fat"),
    )
    .unwrap();
    let changed = seed(folder.path(), &[]);
    assert!(!changed["reused"].as_bool().unwrap() && changed["hash"] != seeded["hash"]);
    runtime().block_on(async {
        let mut connection = Connection::open(&Target::parse(&test_server().url("postgres")).unwrap()).await.unwrap();
        for which in ["in", "back"] {
            connection.batch(&format!("DROP DATABASE perflab_{} WITH (FORCE)", name(which))).await.unwrap();
        }
        connection.close().await;
    });
}
