//! What a scenario means, after its text was read and checked.
//!
//! Every name that a later stage may have to complain about keeps its [`Location`], so that an error found while
//! talking to the server (an unknown column, a parameter of the wrong type) still points at the line of the file.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use super::condition::Condition;
use super::statement::Statement;

/// A place in the scenario file, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Location {
    pub line: u32,
    pub column: u32,
}

/// A value and the place where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    pub value: T,
    pub at: Location,
}

impl<T> Located<T> {
    pub fn new(value: T, at: Location) -> Self {
        Located { value, at }
    }
}

/// One scenario file: how the data of a service grows and what its endpoints ask.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// `[a-z][a-z0-9_]*`; names the database (`perflab_<name>`) and the report's folder.
    pub name: String,
    /// Heading of the report; the name when absent.
    pub title: Option<String>,
    /// Markdown for the report's first paragraph.
    pub about: Option<String>,
    /// The DDL that makes the tables. `None`: the tables are expected to exist.
    pub schema: Option<Schema>,
    /// `server:`, settings the embedded server shall run with, e.g. `fsync: off`.
    pub server: BTreeMap<String, String>,
    /// `None`: a database that somebody else has filled.
    pub data: Option<Data>,
    pub endpoints: Vec<Endpoint>,
    pub advise: AdviseOptions,
    /// The file itself, for messages.
    pub source: Source,
}

/// The file a scenario came from, kept so that messages can show its lines.
#[derive(Debug, Clone)]
pub struct Source {
    /// As the user typed it.
    pub path: PathBuf,
    pub text: String,
}

/// The DDL file of a scenario.
#[derive(Debug, Clone)]
pub struct Schema {
    /// Resolved against the scenario's folder.
    pub path: PathBuf,
    pub sql: String,
}

/// `data:`, the rows to make.
#[derive(Debug, Clone)]
pub struct Data {
    /// Every row is a function of (seed, table, row number).
    pub seed: u64,
    /// The newest moment that generated times may have, in microseconds since 1970-01-01 UTC. Fixed (2026-01-01 unless
    /// `until:` says otherwise) so that the same scenario gives the same bytes on any day.
    pub until_us: i64,
    pub because: Option<String>,
    /// In the order of the file.
    pub tables: Vec<TableSpec>,
    pub expect: Option<Expect>,
}

/// `data.expect:`, sums that the seeded data must meet.
#[derive(Debug, Clone)]
pub struct Expect {
    pub total_rows: Located<u64>,
    /// Tables that `total_rows` leaves out.
    pub without: Vec<Located<String>>,
}

/// `data.tables.<name>:`
#[derive(Debug, Clone)]
pub struct TableSpec {
    /// `table` or `schema.table`.
    pub name: Located<String>,
    pub rows: Rows,
    /// `fixed: true`: not multiplied by `--scale`.
    pub fixed: bool,
    pub because: Option<String>,
    pub order: Order,
    /// In the order of the file; columns not named here are inferred.
    pub columns: Vec<ColumnSpec>,
}

/// `rows: 3000` or `rows: 0.3037 per playlists`.
#[derive(Debug, Clone, PartialEq)]
pub enum Rows {
    /// Multiplied by `--scale` unless the table is fixed.
    Exactly(u64),
    /// Rounded to the nearest whole number of rows, once, from the other table's count.
    Per { ratio: f64, table: Located<String> },
}

/// `order:`, in which order the rows of a table stand on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Children of one parent side by side, as the first fan-out lays them.
    #[default]
    Grouped,
    /// Interleaved over the parents by a seeded permutation, as rows arrive in life.
    Shuffled,
}

/// `data.tables.<name>.columns.<name>:`
#[derive(Debug, Clone)]
pub struct ColumnSpec {
    pub name: Located<String>,
    pub source: ColumnSource,
    /// `nulls: 5%`, the share of rows without a value, 0 to 1.
    pub nulls: f64,
}

/// Where the values of a column come from.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnSource {
    /// `{ref: playlists, …}`: the key of a row of another table, whether or not the schema declares the foreign key.
    Reference(Reference),
    /// `{through: [users_playlist_position.playlist_id, playlist_songs.song_id]}`
    Through(Through),
    /// A value of its own.
    Value(ValueSpec),
}

/// `{ref: table, fanout: … | pick: …, unique_per: column}`
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    pub table: Located<String>,
    pub assign: Assign,
    /// `unique_per: song_id`: rows that share that column's value never share this one. The table referenced must be
    /// small (its rows are drawn without replacement for each group).
    pub unique_per: Option<Located<String>>,
}

/// How children find their parents.
#[derive(Debug, Clone, PartialEq)]
pub enum Assign {
    /// `fanout:`, the number of children of each parent follows a distribution; the sum is the table's row count, exactly.
    Fanout(Fanout),
    /// `pick:`, each child chooses its parent by itself.
    Pick(Pick),
}

/// Children per parent. The mean is given by the row counts of both tables; the shape by this.
#[derive(Debug, Clone, PartialEq)]
pub enum Fanout {
    /// `fanout: even`: as equal as whole numbers allow. With as many children as parents: exactly one each.
    Even,
    /// `fanout: 1-5`
    Range(RangeInclusive<u64>),
    /// `fanout: {lognormal: {sigma: 0.8, min: 5, max: 250}}`
    Lognormal { sigma: f64, min: u64, max: Option<u64> },
    /// `fanout: poisson`
    Poisson,
    /// `fanout: {zipf: 1.1}`: the parent of rank r gets a share proportional to 1 / r^s; ranks are scattered over the rows.
    Zipf { exponent: f64 },
    /// `fanout: {classes: {1%: 20-30, rest: 1-5}}`: shares sum to 1 (`rest` is filled in).
    Classes(Vec<FanoutClass>),
}

/// A share of the parents and how many children each of them has.
#[derive(Debug, Clone, PartialEq)]
pub struct FanoutClass {
    /// 0 to 1.
    pub share: f64,
    pub children: RangeInclusive<u64>,
}

/// How one of n rows is chosen: for foreign keys (`pick:` of a column) and for parameters (`pick:` of an endpoint).
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Pick {
    #[default]
    Uniform,
    /// `pick: {zipf: 1.05}`: the row of rank r is chosen with a probability proportional to 1 / r^s; ranks are scattered.
    Zipf { exponent: f64 },
    /// `pick: {weights: [8, 1]}`: by row number; as many weights as rows.
    Weights(Vec<f64>),
    /// `pick: {repeat: 11}`: only this many different rows, in turn.
    Repeat(u64),
}

/// A foreign key that a row can reach by following others: `through: [a.x, b.y]` starts from the value that this row shares
/// with table `a` (both reference the same table), takes `x` of a matching row of `a`, then `y` of a row of `b` that has
/// the same `x`.
#[derive(Debug, Clone, PartialEq)]
pub struct Through {
    /// One or two hops, each `table.column`.
    pub hops: Vec<Located<Hop>>,
    /// `rounds: 1-7`: rows walk along everything that the first hop's row can reach, in order, this many times and then
    /// part of the way. This decides how many rows each row of the first hop's table gets, and with it the column that both
    /// share. `None`: each row picks one of the reachable rows by itself.
    pub rounds: Option<RangeInclusive<u64>>,
}

/// `table.column`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    pub table: String,
    pub column: String,
}

/// A value that depends on nothing but (seed, table, row) and, for [`ValueSpec::By`] and templates, on the same row.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueSpec {
    /// `{values: [a, b]}` or `{values: {a: 80%, b: 20%}}`; a table with exactly as many rows as unweighted values gets each
    /// once, in order. Weights are relative.
    OneOf(Vec<(Literal, f64)>),
    /// A plain scalar: the same for every row.
    Constant(Literal),
    /// `{range: 1-10}`, `{range: [0.5, 99.99]}`: uniform, bounds included.
    Range { low: f64, high: f64 },
    /// `{normal: {mean: 30, deviation: 8, min: 18, max: 99}}`
    Normal { mean: f64, deviation: f64, min: Option<f64>, max: Option<f64> },
    /// `{lognormal: {median: 40, sigma: 0.9, min: 1, max: 5000}}`
    Lognormal { median: f64, sigma: f64, min: Option<f64>, max: Option<f64> },
    /// `{words: 1-4}`: words from a list, title case.
    Words(RangeInclusive<u64>),
    /// `{fake: name}`
    Fake(FakeKind),
    /// `{template: "https://open.spotify.com/track/{hex:22}"}`
    Template(Template),
    /// `{time: {last: 365d, growth: 3%/week, peak: 18h-23h}}`
    Time(TimeSpec),
    /// `{password: {common: 95%, random: 8-20}}`: what an argon2 hash of such a password looks like.
    Password { common: f64, random: RangeInclusive<u64> },
    /// `{by: platform_id, cases: {1: …, 2: …, else: …}}`: the value of another column of the row decides.
    By { column: Located<String>, cases: Vec<(Literal, ValueSpec)>, otherwise: Option<Box<ValueSpec>> },
    /// `sequence`: the row number, from 1.
    Sequence,
    /// `default`: left to the server's own default.
    Default,
}

/// A scalar as the file has it.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
}

/// Kinds of realistic text, from word lists in English.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FakeKind {
    FirstName,
    LastName,
    Name,
    Username,
    Email,
    Company,
    City,
    Country,
    Street,
    Phone,
    Word,
    Sentence,
    Paragraph,
    Url,
}

impl FakeKind {
    /// Every kind with the word that names it in a scenario.
    pub const ALL: [(&'static str, FakeKind); 14] = [
        ("first_name", FakeKind::FirstName),
        ("last_name", FakeKind::LastName),
        ("name", FakeKind::Name),
        ("username", FakeKind::Username),
        ("email", FakeKind::Email),
        ("company", FakeKind::Company),
        ("city", FakeKind::City),
        ("country", FakeKind::Country),
        ("street", FakeKind::Street),
        ("phone", FakeKind::Phone),
        ("word", FakeKind::Word),
        ("sentence", FakeKind::Sentence),
        ("paragraph", FakeKind::Paragraph),
        ("url", FakeKind::Url),
    ];
}

/// Literal text with generated pieces between `{` and `}`; `{{` and `}}` are literal braces.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    pub parts: Vec<TemplatePart>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum TemplatePart {
    Text(String),
    /// `{row}`: the row number from 1; in a parameter: the number of the call.
    Row,
    /// `{hex:25}`
    Hex(u32),
    /// `{digits:9}`
    Digits(u32),
    /// `{letters:8}`, lower case.
    Letters(u32),
    /// `{alnum:22}`, upper, lower and digits.
    Alnum(u32),
    /// `{uuid}`
    Uuid,
    /// `{int:1-500}`
    Int(RangeInclusive<i64>),
    /// `{name}`, `{word}`, … any [`FakeKind`].
    Fake(FakeKind),
    /// `{column:song_name}`: another column of the same row (or another parameter of the same call).
    Column(String),
}

/// Moments in the last `span` before [`Data::until_us`].
#[derive(Debug, Clone, PartialEq)]
pub struct TimeSpec {
    pub span: Duration,
    /// `growth: 3%/week` is 0.03: how much denser each week is than the one before.
    pub growth_per_week: f64,
    /// `peak: 18h-23h`: hours of the day (UTC) that see three times the rows of the others.
    pub peak_hours: Option<RangeInclusive<u8>>,
}

/// One API route and the statements it runs.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// `GET /song/{song_id}/play`
    pub route: Located<String>,
    /// `case: with ad`, tells endpoints of one route apart.
    pub case: Option<String>,
    /// Relative frequency in the service's traffic; 1 unless said.
    pub weight: f64,
    pub params: Params,
    pub steps: Vec<Step>,
    pub slo: Vec<Slo>,
}

impl Endpoint {
    /// `GET /song/{song_id}/play (with ad)`; unique within a scenario.
    pub fn label(&self) -> String {
        match &self.case {
            Some(case) => format!("{} ({case})", self.route.value),
            None => self.route.value.clone(),
        }
    }
}

/// `params:`, where the parameters of a call come from.
#[derive(Debug, Clone, Default)]
pub struct Params {
    /// A query over the seeded rows; its columns are parameters.
    pub sample: Option<Located<String>>,
    /// Which of the sampled rows a call uses.
    pub pick: Pick,
    /// Parameters made up for each call, e.g. the name of a new song.
    pub values: Vec<(Located<String>, ValueSpec)>,
}

/// One statement of an endpoint.
#[derive(Debug, Clone)]
pub struct Step {
    pub statement: Located<Statement>,
    /// `as: position`: later steps read `:position.pos` from its first row.
    pub name: Option<Located<String>>,
    /// `when: position is empty`
    pub when: Option<Located<Condition>>,
    /// `for_each: items`: once for each row of that earlier step; `:items.column` is the row at hand.
    pub for_each: Option<Located<String>>,
}

/// `slo: {p95: 20ms}`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slo {
    pub metric: Metric,
    pub below: Duration,
}

/// A figure of a latency distribution that can be promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    P50,
    P95,
    P99,
    Mean,
    Max,
}

impl Metric {
    /// Every metric with its name in scenarios and reports.
    pub const ALL: [(&'static str, Metric); 5] =
        [("p50", Metric::P50), ("p95", Metric::P95), ("p99", Metric::P99), ("mean", Metric::Mean), ("max", Metric::Max)];

    pub fn name(self) -> &'static str {
        Metric::ALL.iter().find(|(_, metric)| *metric == self).map_or("", |(name, _)| name)
    }
}

/// `advise: {budget: {size: 500MB, write_slowdown: 5%}, keep_if: 10%}`
#[derive(Debug, Clone, PartialEq)]
pub struct AdviseOptions {
    /// Bytes all kept indexes may take together.
    pub size_budget: Option<u64>,
    /// The share by which a writing endpoint may become slower, 0 to 1; what proves slower than that is said in the advice.
    pub write_slowdown: Option<f64>,
    /// The smallest gain (share of an endpoint's time) for which an index is kept, 0 to 1.
    pub keep_if: f64,
}

impl Default for AdviseOptions {
    fn default() -> Self {
        AdviseOptions { size_budget: None, write_slowdown: None, keep_if: 0.10 }
    }
}
