//! A small service, seeded once, timed again and again.

use std::cell::Cell;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use perflab::report::json;
use perflab::report::model::BenchReport;

use crate::project::{Project, readable_by_all};

/// What is done to the service before it is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Plain,
    /// One endpoint counts a fifth further.
    FifthSlower,
    /// … twice as far.
    TwiceAsSlow,
    /// The index of another endpoint is gone.
    NoIndex,
}

const COUNTING: &str = "GET /count";
const INDEXED: &str = "GET /customers/{id}/purchases";
/// Numbers that [`COUNTING`] counts: some milliseconds.
const COUNTED: u32 = 30_000;

impl Kind {
    pub fn title(self) -> &'static str {
        match self {
            Kind::Plain => "nothing changed",
            Kind::FifthSlower => "one endpoint with 20% more work",
            Kind::TwiceAsSlow => "one endpoint with twice the work",
            Kind::NoIndex => "one endpoint without its index",
        }
    }

    /// The endpoint that gets slower.
    pub fn endpoint(self) -> &'static str {
        if self == Kind::NoIndex { INDEXED } else { COUNTING }
    }

    fn counted(self) -> u32 {
        match self {
            Kind::FifthSlower => COUNTED / 5 * 6,
            Kind::TwiceAsSlow => COUNTED * 2,
            Kind::Plain | Kind::NoIndex => COUNTED,
        }
    }
}

/// The seeded service on a server of its own.
pub struct Service {
    project: Project,
    time: String,
    runs: Cell<u32>,
}

const SCHEMA: &str = "CREATE TABLE customer (id int PRIMARY KEY, name text NOT NULL, city text NOT NULL, visits int NOT NULL);
CREATE TABLE purchase (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id int NOT NULL REFERENCES customer,
  amount int NOT NULL, note text);
CREATE INDEX purchase_customer_id_idx ON purchase (customer_id);
";

impl Service {
    pub fn start(folder: Option<&Path>, seconds: f64) -> anyhow::Result<Service> {
        let project = Project::start(folder)?;
        let service = Service { project, time: seconds.to_string(), runs: Cell::new(0) };
        service.write("schema.sql", SCHEMA)?;
        for kind in [Kind::Plain, Kind::FifthSlower, Kind::TwiceAsSlow] {
            service.write(&file(kind), &scenario(kind))?;
        }
        let rows = service.project.seed(&service.path(&file(Kind::Plain)), &[])?.rows;
        eprintln!("{rows} rows seeded; every run is {seconds} s over six endpoints");
        Ok(service)
    }

    /// A run of its own, as anybody would make it.
    pub fn run(&self, kind: Kind) -> anyhow::Result<BenchReport> {
        if kind == Kind::NoIndex {
            self.psql("DROP INDEX purchase_customer_id_idx")?;
        }
        let measured = self.bench(kind);
        if kind == Kind::NoIndex {
            self.psql("CREATE INDEX purchase_customer_id_idx ON purchase (customer_id)")?;
            self.psql("VACUUM ANALYZE purchase")?;
        }
        measured
    }

    fn bench(&self, kind: Kind) -> anyhow::Result<BenchReport> {
        let output = self.path(&format!("run-{}.json", self.runs.get()));
        self.runs.set(self.runs.get() + 1);
        let (scenario, saved) = (self.path(&file(kind)), output.to_string_lossy().into_owned());
        self.project.perflab(&["bench", &scenario.to_string_lossy(), "--time", &self.time, "--quiet", "--output", &saved])?;
        let text = std::fs::read_to_string(&output).with_context(|| format!("{} was not written", output.display()))?;
        Ok(json::read_bench(&text)?)
    }

    fn psql(&self, sql: &str) -> anyhow::Result<()> {
        self.project.psql("perflab_comparison", sql).map(drop)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.project.folder.join(name)
    }

    fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let path = self.path(name);
        std::fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
        readable_by_all(&path)
    }
}

fn file(kind: Kind) -> String {
    format!("count-{}.yaml", kind.counted())
}

fn scenario(kind: Kind) -> String {
    let mut text = String::from(
        r#"name: comparison
title: A service to be compared with itself
schema: schema.sql
data:
  seed: 7
  tables:
    customer: {rows: 5000}
    purchase: {rows: 20 per customer}
endpoints:
  - route: GET /customers/{id}
    params: {sample: SELECT id FROM customer}
    steps: [SELECT name FROM customer WHERE id = :id]
  - route: GET /customers/{id}/purchases
    params: {sample: SELECT id FROM customer}
    steps: ["SELECT id, amount FROM purchase WHERE customer_id = :id ORDER BY amount LIMIT 20"]
  - route: GET /cities
    steps: ["SELECT city, count(*), sum(visits) FROM customer GROUP BY city ORDER BY 2 DESC LIMIT 10"]
  - route: POST /purchases
    params: {sample: SELECT id FROM customer}
    steps: ["INSERT INTO purchase (customer_id, amount) VALUES (:id, 5)"]
  - route: POST /visits/{id}
    params: {sample: SELECT id FROM customer}
    steps:
      - SELECT visits FROM customer WHERE id = :id
      - UPDATE customer SET visits = visits + 1 WHERE id = :id
"#,
    );
    // Writing to a string does not fail.
    let _ = write!(
        text,
        "  - route: {COUNTING}\n    steps: [\"SELECT count(*) FROM generate_series(1, {}) AS n WHERE n % 7 = 3\"]\n",
        kind.counted()
    );
    text
}
