//! What the shipped systems are told to do beyond one client: variants and load of a whole run, published figures, and rows out of CSV files.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use common::{clean, projects, target_folder, test_server};

/// A folder of its own for one test, whose scenarios have databases of their own on the shared server.
struct Folder {
    path: PathBuf,
    /// Behind the names of scenarios.
    suffix: String,
}

impl Folder {
    fn new(name: &str) -> Folder {
        test_server();
        let suffix = format!("{name}_{}", std::process::id());
        let path = target_folder().join("systems").join(&suffix);
        fs::create_dir_all(&path).unwrap();
        Folder { path, suffix }
    }

    /// A file of the repository, its scenario renamed.
    fn copy(&self, from: &str, to: &str) {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(from)).unwrap();
        self.write(to, &text);
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.path.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let named = text.lines().map(|line| match line.strip_prefix("name: ") {
            Some(name) => format!("name: {name}_{}\n", self.suffix),
            None => format!("{line}\n"),
        });
        fs::write(path, named.collect::<String>()).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = clean(Command::new(env!("CARGO_BIN_EXE_perflab")));
        command.current_dir(&self.path).arg("--project").arg(projects().join("shared")).args(arguments);
        command.stdin(Stdio::null()).output().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let output = self.run(&[arguments, &["--format", "json"]].concat());
        assert!(output.status.success(), "{arguments:?}: {}", err(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            for scenario in ["shop", "reviews", "reviews_csv"] {
                let drop = format!("DROP DATABASE IF EXISTS perflab_{scenario}_{} WITH (FORCE)", self.suffix);
                self.run(&["db", "psql", "postgres", "--", "-qc", &drop]);
            }
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The shop with a load, two variants of which one is broken, an endpoint whose table is not there, and figures that somebody published.
const SHOP: &str = r#"name: shop
schema: schema.sql
data:
  seed: 7
  tables:
    customer: {rows: 100}
    purchase: {rows: 150 per customer, order: shuffled, columns: {customer_id: {ref: customer}, made_at: {time: {last: 90d}}}}
    line: {rows: 1 per purchase, columns: {purchase_id: {ref: purchase, fanout: even}, amount: {range: 1-100}}}
  check:
    - {claim: nobody bought anything, sql: SELECT count(*) FROM purchase, expect: 0}
endpoints:
  - route: GET /purchases/{customer}
    params: {sample: SELECT id AS customer FROM customer}
    sql: SELECT count(*) FROM purchase WHERE customer_id = :customer
    variants:
      sum: {sql: "SELECT sum(1) FROM purchase WHERE customer_id = :customer"}
      broken: {sql: "SELECT sum(1) FROM purchases WHERE customer_id = :customer"}
  - {route: GET /gone, sql: SELECT * FROM gone}
load:
  - {name: evening, closed: {clients: [1, 2]}, endpoints: ["GET /purchases/{customer}", GET /gone], for: 200ms, warm_up: 0s}
  - {name: never, closed: 1, endpoints: GET /gone, for: 200ms, warm_up: 0s}
vary: {connections: [per_call]}
published:
  source: a write-up
  figures:
    - {endpoint: "GET /purchases/{customer}", clock: explain, before: 20ms, after: 1ms}
    - {endpoint: GET /gone, before: 5ms}
    - {load: evening, clients: 2, think: 1s, rate: 500/s, latency: 10ms}
    - {table: purchase, rows: 15000}
"#;

#[test]
fn a_run_goes_on_without_what_does_not_fit_and_says_so() {
    let shop = Folder::new("whole");
    shop.copy("tests/scenarios/shop/schema.sql", "schema.sql");
    shop.write("shop.yaml", SHOP);
    let output = shop.run(&["run", "shop.yaml", "--load", "--time", "500ms", "-o", "report"]);
    let said = err(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("relation \"gone\" does not exist") && said.contains("--> shop.yaml:18:"), "{said}");
    assert!(said.contains("relation \"purchases\" does not exist") && said.contains("--> shop.yaml:17:"), "{said}");

    let page = fs::read_to_string(shop.path.join("report/report.md")).unwrap();
    let run: serde_json::Value = serde_json::from_slice(&fs::read(shop.path.join("report/run.json")).unwrap()).unwrap();
    let warnings = run["warnings"].to_string();
    assert!(warnings.contains("GET /gone was left out") && warnings.contains("A variant was left out"), "{warnings}");
    assert!(warnings.contains("nobody bought anything"), "{warnings}");

    let ways = &run["before"]["variants"];
    assert_eq!((ways[0]["variants"][0]["name"].as_str(), ways[0]["variants"].as_array().map(Vec::len)), (Some("sum"), Some(1)));
    let kept = run["advice"]["keep"].as_array().unwrap().len();
    assert!(kept > 0, "{}", run["advice"]);
    assert_eq!(ways[0]["with_kept_indexes"], true);
    assert!(page.contains("Both ways were called with the kept indexes in place"), "{page}");

    // As written before, with the indexes as written and varied; the phase that calls nothing else is left out.
    let phases = |load: &serde_json::Value| -> Vec<(String, String)> {
        let of = |run: &serde_json::Value| (run["name"].as_str().unwrap().to_owned(), run["varied"].to_string());
        load.as_array().unwrap().iter().map(of).collect()
    };
    let with = |varied: &str| ("evening".to_owned(), varied.to_owned());
    assert_eq!(phases(&run["before"]["load"]), [with("null")]);
    assert_eq!(
        phases(&run["advice"]["load"]),
        [with(r#"["with the kept indexes"]"#), with(r#"["connections: per call","with the kept indexes"]"#)]
    );
    assert!(page.contains("against the phase with the kept indexes"), "{page}");

    let page = page.replace('\u{a0}', " ");
    let published = page.split("\n## ").find(|part| part.starts_with("As published")).unwrap();
    assert!(published.contains("20 → 1") && published.contains("20×"), "{published}");
    assert!(published.lines().any(|line| line.contains("GET /gone") && line.contains("not measured")), "{published}");
    assert!(
        published.contains("2 clients who think 1.0 s and wait 10.0 ms for a reply make 2/s at most, not 500/s"),
        "{published}"
    );
    assert!(published.contains("Every table whose count is given once holds exactly as many rows here"), "{published}");
}

#[test]
fn the_reviews_are_loaded_from_their_own_export() {
    let reviews = Folder::new("csv");
    reviews.copy("scenarios/reviews.sql", "reviews.sql");
    reviews.copy("scenarios/reviews.yaml", "reviews.yaml");
    reviews.copy("scenarios/csv/reviews_csv.yaml", "csv/reviews_csv.yaml");
    let made = reviews.json(&["seed", "reviews.yaml", "--scale", "0.01", "--export", "csv"]);
    let loaded = reviews.json(&["seed", "csv/reviews_csv.yaml"]);
    let rows = |seeded: &serde_json::Value| -> Vec<(String, u64)> {
        let of = |table: &serde_json::Value| (table["name"].as_str().unwrap().to_owned(), table["rows"].as_u64().unwrap());
        seeded["tables"].as_array().unwrap().iter().map(of).collect()
    };
    assert_eq!(rows(&loaded), rows(&made));
    assert!(loaded["rows"].as_u64() > Some(30_000) && loaded["rows_per_second"].as_f64() > Some(0.0), "{loaded}");
    assert_eq!(loaded["checks"][0]["held"], true);
}
