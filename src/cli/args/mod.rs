//! The command line: what was typed, nothing resolved.

mod advise;
mod bench;
mod ci;
mod classes;
mod compare;
mod draw;
mod explain;
mod format;
mod load;
mod migrate_check;
mod schema;
mod why;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use advise::AdviseCommand;
pub use bench::{BenchCommand, MergeCommand, PinArg};
pub use ci::{AnnotationsArg, CiCommand, InconclusiveArg};
pub use classes::{ClassArgs, PlanClassArgs};
pub use compare::CompareArgs;
pub use draw::{DrawFile, Drawing};
pub use explain::{ChangeArgs, ExplainCommand, Which};
pub use format::Format;
pub use load::LoadArgs;
pub use migrate_check::MigrateCheckCommand;
pub use schema::{Described, SchemaArgs};
pub use why::WhyArgs;

/// `work_mem=64MB`, at the first equals sign.
fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("write a name, an equals sign and a value, e.g. `work_mem=64MB`".to_owned()),
    }
}

/// A performance lab for PostgreSQL.
///
/// Reads a scenario, makes its rows, times each endpoint, explains the slow ones, builds candidate indexes for real, keeps those
/// that are proven to pay, and writes the report.
#[derive(Debug, Parser)]
#[command(name = "perflab", version = crate::version::VERSION, max_term_width = 100, propagate_version = true, disable_help_subcommand = true)]
#[command(after_help = "Start with: perflab run scenarios/music.yaml\n\n\
    Exit codes: 0 fine, 1 a finding (a mistake in the scenario, an SLO missed, a regression), 2 could not run, \
    3 inconclusive (not enough data to say).")]
pub struct Cli {
    #[command(flatten)]
    pub server: ServerArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(subcommand)]
    pub command: Command,
}

/// Which PostgreSQL to use.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Server")]
pub struct ServerArgs {
    /// Use this server instead of perflab's own, e.g. postgres://me@host/postgres?sslmode=require
    #[arg(long, global = true, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Folder with initdb, pg_ctl and postgres for perflab's own server [default: the newest found]
    #[arg(long, global = true, env = "PERFLAB_PG_BIN", hide_env_values = true, value_name = "DIR")]
    pub pg_bin: Option<PathBuf>,
    /// Major version of perflab's own server, e.g. 16 [default: the newest found]
    #[arg(long, global = true, env = "PERFLAB_PG_MAJOR", hide_env_values = true, value_name = "MAJOR")]
    pub pg_major: Option<u32>,
    /// Never fetch a server with npm or pip when none is installed
    #[arg(long, global = true)]
    pub no_fetch: bool,
    /// Folder whose .perflab/ holds perflab's own server
    #[arg(long, global = true, env = "PERFLAB_PROJECT", hide_env_values = true, value_name = "DIR", default_value = ".")]
    pub project: PathBuf,
}

impl ServerArgs {
    /// The server that was asked for. An empty `DATABASE_URL` asks for none, as with other programs.
    pub fn url(&self) -> Option<&str> {
        self.database_url.as_deref().filter(|url| !url.is_empty())
    }
}

/// How to print.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Text for people, one JSON value for programs, or the report as one page
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    pub format: Format,
    /// When to colour [auto: on a terminal, unless NO_COLOR is set]
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    /// Draw with ASCII characters alone [default: unless the locale is UTF-8]
    #[arg(long, global = true)]
    pub ascii: bool,
    /// No progress and no notes; errors and results only
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// The whole loop: seed, bench, explain the slowest, advise, bench again, report
    #[command(after_help = "Example: perflab run scenarios/music.yaml")]
    Run(RunArgs),
    /// Find every mistake in a scenario, without a server
    #[command(after_help = "Example: perflab check scenarios/music.yaml")]
    Check(ScenarioArgs),
    /// Make the tables and fill them
    #[command(after_help = "Example: perflab seed scenarios/music.yaml --scale 10")]
    Seed(SeedCommand),
    /// Write a scenario from a live database, without reading a row of it
    ///
    /// Only the catalog and the planner's statistics are read (pg_class, pg_stats). Row counts become ratios, foreign keys fan-outs, columns
    /// ranges, distributions, weights, spans of time. No value of a row is written unless --values is given: common values are numbered,
    /// bounds rounded. Tables must have been analyzed; pg_stats shows the columns that the role may read. A role that may read nothing
    /// needs one right, given by a superuser: GRANT SELECT ON pg_catalog.pg_statistic TO it.
    #[command(after_help = "Examples:\n  perflab learn --database-url postgres://me@host/shop --output shop.yaml\n  \
        perflab learn --database-url postgres://me@host/shop --format json")]
    Learn(LearnArgs),
    /// Time every endpoint, with one client and under load
    ///
    /// One client calls every endpoint in turn; then comes the scenario's `load:`, or the load that the flags describe: a closed loop
    /// (--clients), whose clients wait for their replies, or an open one (--rate), whose calls arrive on a schedule. Everything is
    /// committed, in a copy of the seeded database that is dropped afterwards. Ctrl-C ends it early and reports what it has.
    #[command(after_help = "Examples:\n  perflab bench scenarios/music.yaml --time 20s\n  \
        perflab bench scenarios/music.yaml --clients 1,2,4,8,16 --duration 5s\n  \
        perflab bench scenarios/music.yaml --rate 500/s --endpoint \"GET /song/search/{q}\"\n  \
        perflab bench scenarios/music.yaml --classes=uniform,repeat,heaviest")]
    Bench(BenchCommand),
    /// Hold two stored runs against each other: slower, faster, the same, or unknown
    ///
    /// Counts (statements, rows read, WAL) are compared as they are, times by the ratio of their medians with a bootstrap interval,
    /// corrected for the number of endpoints. Exits with 1 when something regressed, with 3 when that cannot be told, with 2 when
    /// rows or statements are not the same.
    #[command(after_help = "Examples:\n  perflab bench scenarios/music.yaml --output monday.json\n  \
        perflab compare monday.json tuesday.json")]
    Compare(CompareArgs),
    /// Gate a change: plans, work, promises and times against a baseline or another commit
    ///
    /// What is the same on every machine comes first: whether calls work, statements per call, the plan of every statement, rows, blocks
    /// and WAL. Then the scenario's promises, then times, side by side with --base-ref. Whatever looks worse is measured again on a fresh
    /// copy, and reported when it comes back. Exits with 1 when something is proven, with 3 when it cannot be told, with 2 when it could not run.
    #[command(after_help = "Examples:\n  perflab ci scenarios/music.yaml --base-ref origin/main --junit junit.xml\n  \
        perflab ci scenarios/music.yaml --write-baseline ci/music.json\n  \
        perflab ci scenarios/music.yaml --baseline ci/music.json --no-times")]
    Ci(CiCommand),
    /// Join the runs of a load that several machines shared
    Merge(MergeCommand),
    /// Run EXPLAIN ANALYZE and say what it means, before and after candidate indexes
    #[command(after_help = "Examples:\n  perflab explain scenarios/music.yaml\n  \
        perflab explain scenarios/music.yaml \"POST /song/{song_id}/remove\" --index \"CREATE INDEX ON song_history (song_id)\"\n  \
        perflab explain scenarios/music.yaml --sql \"SELECT count(*) FROM songs\" --set work_mem=64MB\n  \
        perflab explain --database-url postgres://me@host/shop --sql 'SELECT * FROM orders WHERE id = $1' --param 1=42\n  \
        perflab explain --plan plan.json\n  \
        psql -c \"EXPLAIN (ANALYZE, BUFFERS) SELECT 1\" | perflab explain --plan -\n  \
        perflab explain --plan postgresql.log --which all")]
    Explain(ExplainCommand),
    /// Build candidate indexes, measure them, keep those that are proven to pay
    ///
    /// Says what to keep, what to drop, what helps beside indexes and what nothing helps, each with its figures. All of it happens in copies
    /// of the seeded database that are dropped afterwards. A statement that the server refuses is named, and the other endpoints are advised.
    /// A scenario without `data:` is about a database that is there already: named by --database-url, it is only read, and the advice is an
    /// estimate, unless a copy may be made to measure on.
    #[command(after_help = "Examples:\n  perflab advise scenarios/music.yaml --migration indexes.sql\n  \
        perflab advise shop.yaml --database-url postgres://me@host/shop\n  \
        perflab advise shop.yaml --database-url postgres://me@host/shop --copy-here")]
    Advise(AdviseCommand),
    /// Try a migration on copies: what it locks, whom it keeps waiting, what it changes
    ///
    /// The files are read as psql reads them, and run on copies of the seeded database that are dropped afterwards: once alone, for time,
    /// locks, rewrites, size and WAL of each statement; once while the endpoints are called; and then every endpoint is timed on the
    /// migrated and on the seeded rows in turn. Exits with 1 when the migration fails, when a call waits longer than --max-wait, fails,
    /// no longer fits the schema or is proven slower; with 3 when there was too little data to tell.
    #[command(after_help = "Examples:\n  perflab migrate-check scenarios/music.yaml 0042_add_mood.sql\n  \
        perflab migrate-check scenarios/music.yaml -1 0042.up.sql --rollback 0042.down.sql --output check.md\n  \
        perflab migrate-check scenarios/music.yaml 0042_add_mood.sql --long-reader 2s")]
    MigrateCheck(MigrateCheckCommand),
    /// Render reports/NAME/ again from its run.json
    #[command(
        after_help = "Examples:\n  perflab report scenarios/music.yaml\n  perflab report scenarios/music.yaml --format html"
    )]
    Report(ReportArgs),
    /// Say where a number of a report comes from
    ///
    /// Every number of a line, or one number wherever the page has it, with JSON pointers into run.json and the raw values; the
    /// likeliest first, by what the line, the column and the headings speak of. Exits with 1 when a number comes from nowhere.
    #[command(
        after_help = "Examples:\n  perflab why reports/music/report.md:57\n  perflab why music 126.3\n  perflab why scenarios/music.yaml \"48.3 MB\" --format json"
    )]
    Why(WhyArgs),
    /// The JSON Schema of a scenario or of a result, to stdout
    ///
    /// Editors complete and check a scenario with it; `perflab check` knows more than any schema can.
    #[command(
        after_help = "Examples:\n  perflab schema > scenario.schema.json\n  perflab schema run\n  perflab schema --page > SCENARIO.md"
    )]
    Schema(SchemaArgs),
    /// perflab's own PostgreSQL server
    #[command(after_help = "Example: perflab db psql perflab_music")]
    Db {
        #[command(subcommand)]
        action: DbAction,
    },
    /// Shell completion, e.g. perflab completions bash > ~/.local/share/bash-completion/completions/perflab
    Completions {
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Clone, Args)]
pub struct ScenarioArgs {
    /// The scenario file
    pub scenario: PathBuf,
}

/// What decides the rows.
#[derive(Debug, Clone, Args)]
pub struct SeedArgs {
    /// Multiply the row counts (of tables that are not `fixed`)
    /// [default: 1]
    #[arg(long, value_name = "FACTOR")]
    pub scale: Option<f64>,
    /// As many rows in all tables together, as nearly as a scale can: 1m, 250k, 1_000_000
    #[arg(long, value_name = "COUNT", conflicts_with = "scale", value_parser = super::amount::rows)]
    pub rows: Option<u64>,
    /// Other rows of the same shape [default: the scenario's seed]
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// Make the rows anew even if those in place are what was asked for
    #[arg(long)]
    pub force: bool,
}

/// How long to measure.
#[derive(Debug, Clone, Copy, Args)]
pub struct TimeArgs {
    /// How long to measure all endpoints together: 20s, 2min, 500ms or seconds; slow ones may take longer to get their 20 calls
    #[arg(long, default_value = "4s", value_name = "TIME", value_parser = super::amount::time)]
    pub time: Duration,
}

#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    #[command(flatten)]
    pub seed: SeedArgs,
    #[command(flatten)]
    pub time: TimeArgs,
    #[command(flatten)]
    pub classes: ClassArgs,
    /// Drive the scenario's `load:`, too: on the schema as it is, then with the kept indexes and all that `vary:` asks for
    #[arg(long)]
    pub load: bool,
    /// Folder for the report [default: reports/NAME]
    #[arg(long, short, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Clone, Args)]
pub struct SeedCommand {
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// Show every column: what was asked, NULLs, distinct values, smallest and largest
    #[arg(long, short = 'v')]
    pub columns: bool,
    /// Write every seeded table to DIR/TABLE.csv afterwards
    #[arg(long, value_name = "DIR")]
    pub export: Option<PathBuf>,
    /// Write .csv.gz instead
    #[arg(long, requires = "export")]
    pub export_gz: bool,
    #[command(flatten)]
    pub seed: SeedArgs,
    /// Keep the rows that are there and add those that are missing
    #[arg(long, conflicts_with = "force")]
    pub add: bool,
}

#[derive(Debug, Clone, Args)]
pub struct LearnArgs {
    /// Where to write the scenario [default: stdout]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Where to write the schema, with pg_dump --schema-only [default: beside --output, ending in .sql]
    #[arg(long, value_name = "FILE")]
    pub schema_out: Option<PathBuf>,
    /// Copy the most common values and the smallest and largest as they are
    #[arg(long)]
    pub values: bool,
    /// Only these tables, and those they reference
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub tables: Vec<String>,
    /// Name of the scenario [default: that of the database]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Overwrite files that exist
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Clone, Args)]
pub struct ReportArgs {
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// Folder of the report [default: reports/NAME]
    #[arg(long, short, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Clone, Subcommand)]
pub enum DbAction {
    /// Start it, if it is not running
    Start,
    /// Stop it
    Stop,
    /// Say whether it runs, where, and how
    Status,
    /// Print the connection URL of a database of it
    Url {
        /// e.g. perflab_music
        #[arg(default_value = "postgres")]
        database: String,
    },
    /// Open psql on a database of it
    Psql {
        /// e.g. perflab_music
        #[arg(default_value = "postgres")]
        database: String,
        /// Handed to psql, e.g. -- -c 'SELECT 1'
        #[arg(last = true)]
        arguments: Vec<String>,
    },
}
