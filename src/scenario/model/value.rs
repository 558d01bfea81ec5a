//! Values that a column or a parameter takes by itself.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::Located;
use super::file::FileValues;
use crate::scenario::expression::Expression;

/// A value that depends on nothing but (seed, table, row) and, for [`ValueSpec::By`], [`ValueSpec::Copy`] and
/// templates, on other columns: `column` of the same row, or `reference.column` of the row that a reference points at, with any number
/// of steps (`order_id.user_id.country`).
#[derive(Debug, Clone, PartialEq)]
pub enum ValueSpec {
    /// `{values: [a, b]}` or `{values: {a: 80%, b: 20%}}`; a table with exactly as many rows as unweighted values gets each
    /// once, in order. Weights are relative.
    OneOf(Vec<(Literal, f64)>),
    /// A plain scalar: the same for every row.
    Constant(Literal),
    /// `{range: 1-10}`, `{range: [0.5, 99.99]}`: uniform, bounds included.
    Range { low: f64, high: f64 },
    /// `{range: [2024-01-01, 2024-12-31]}`, `{range: [15 min, 8 h]}`: moments or intervals, uniform, bounds included.
    Between { low: String, high: String },
    /// `{array: {of: {fake: word}, length: 0-5}}`
    Array { of: Box<ValueSpec>, length: RangeInclusive<u64> },
    /// What a service keeps in a column of such a type; for columns that nobody describes.
    Plausible,
    /// `{normal: {mean: 30, deviation: 8, min: 18, max: 99}}`
    Normal { mean: f64, deviation: f64, min: Option<f64>, max: Option<f64> },
    /// `{lognormal: {median: 40, sigma: 0.9, min: 1, max: 5000}}`
    Lognormal { median: f64, sigma: f64, min: Option<f64>, max: Option<f64> },
    /// `{exponential: {mean: 30, min: 0, max: 500}}`: most values just over `min` (0 unless given), `mean` on average.
    Exponential { mean: f64, min: f64, max: Option<f64> },
    /// `{zipf: {exponent: 1.1, max: 1000}}`: 1 to `max`, k with a probability proportional to 1 / k^s.
    Zipf { exponent: f64, max: u64 },
    /// `{pareto: {min: 1, shape: 1.5, max: 10000}}`: the share of values over x is (min / x)^shape.
    Pareto { min: f64, shape: f64, max: Option<f64> },
    /// `{price: {median: 40, sigma: 0.9, min: 1, max: 500}}`: log-normal, ending in .99, .95, .50 or .00. Whole-number columns count
    /// hundredths (cents).
    Price { median: f64, sigma: f64, min: Option<f64>, max: Option<f64> },
    /// `{text: {median: 240, sigma: 0.8, min: 20, max: 4000}}`: sentences; lengths in characters, log-normal.
    Prose { median: f64, sigma: f64, min: u64, max: Option<u64> },
    /// `{words: 1-4}`: words from a list, title case.
    Words(RangeInclusive<u64>),
    /// `{fake: name}`
    Fake(FakeKind),
    /// `{fake: name, locale: de}`
    FakeIn(FakeKind, Locale),
    /// `{template: "https://open.spotify.com/track/{hex:22}"}`
    Template(Template),
    /// `{pattern: "[A-Z]{3}-[0-9]{4,6}"}`: texts that match a regular expression; see [`crate::scenario::pattern`].
    Pattern(String),
    /// `{time: {last: 365d, growth: 3%/week, peak: 18h-23h}}`
    Time(TimeSpec),
    /// `{time: {after: created_at, within: 3d}}`
    Gap(GapSpec),
    /// `{password: {common: 95%, random: 8-20}}`: what an argon2 hash of such a password looks like.
    Password { common: f64, random: RangeInclusive<u64> },
    /// `{by: platform_id, cases: {1: …, 2: …, else: …}}`: the value of another column decides.
    By { column: Located<String>, cases: Vec<(Literal, ValueSpec)>, otherwise: Option<Box<ValueSpec>> },
    /// `{expression: "round(catalog_id.price * quantity, 2)"}`: a formula over the row and the rows that its references lead to.
    Expression(Expression),
    /// `{copy: user_id.country}`: the value of another column, here of the row that `user_id` references.
    Copy(Located<String>),
    /// `{from: {file: names.csv, column: name}}`
    File(Box<FileValues>),
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

/// The language and country of realistic text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Locale {
    #[default]
    En,
    De,
    Fr,
    It,
    Nl,
    PtBr,
    Ja,
    ZhCn,
}

impl Locale {
    /// Every locale with the word that names it in a scenario.
    pub const ALL: [(&'static str, Locale); 8] = [
        ("en", Locale::En),
        ("de", Locale::De),
        ("fr", Locale::Fr),
        ("it", Locale::It),
        ("nl", Locale::Nl),
        ("pt_br", Locale::PtBr),
        ("ja", Locale::Ja),
        ("zh_cn", Locale::ZhCn),
    ];
}

/// Kinds of realistic text, from the word lists of a [`Locale`]; mail addresses and user names are ASCII in all of them.
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
    /// `nurse`
    Job,
    /// `Velvet Chair`
    Product,
    /// `turquoise`
    Color,
    /// ISO 4217: `EUR`
    Currency,
    /// ISO 3166: `DE`
    CountryCode,
    State,
    Zip,
    Title,
    /// An IPv4 address of the ranges for documentation (RFC 5737).
    Ip,
    UserAgent,
    /// Looks like an IBAN; the bank and the check digits do not exist.
    Iban,
    /// Sixteen digits from the test range 4000 00, with a wrong check digit.
    CreditCard,
    /// 64 hexadecimal digits, as of SHA-256.
    Hash,
    /// `velvet-chair-7`
    Slug,
    Latitude,
    Longitude,
}

impl FakeKind {
    /// Every kind with the word that names it in a scenario.
    pub const ALL: [(&'static str, FakeKind); 30] = [
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
        ("job", FakeKind::Job),
        ("product", FakeKind::Product),
        ("color", FakeKind::Color),
        ("currency", FakeKind::Currency),
        ("country_code", FakeKind::CountryCode),
        ("state", FakeKind::State),
        ("zip", FakeKind::Zip),
        ("title", FakeKind::Title),
        ("ip", FakeKind::Ip),
        ("user_agent", FakeKind::UserAgent),
        ("iban", FakeKind::Iban),
        ("credit_card", FakeKind::CreditCard),
        ("hash", FakeKind::Hash),
        ("slug", FakeKind::Slug),
        ("latitude", FakeKind::Latitude),
        ("longitude", FakeKind::Longitude),
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
    /// `{column:song_name}`: another column, as in [`ValueSpec::By`] (or another parameter of the same call).
    Column(String),
}

/// Moments in the last `span` before [`Data::until_us`](super::Data::until_us).
#[derive(Debug, Clone, PartialEq)]
pub struct TimeSpec {
    pub span: Duration,
    /// `growth: 3%/week` is 0.03: how much denser each week is than the one before.
    pub growth_per_week: f64,
    /// `peak: 18h-23h`: hours of the day (UTC) that see three times the rows of the others.
    pub peak_hours: Option<RangeInclusive<u8>>,
    /// `weekend: 1.5`, `weekdays: {mon: 0.5}`: how busy each day of the week (UTC) is beside one of 1, from Monday on.
    pub weekdays: Option<[f64; 7]>,
    /// `recency: 30d`: rows become half as many with every such span into the past.
    pub half_life: Option<Duration>,
    pub order: TimeOrder,
}

impl TimeSpec {
    /// Any moment of a span is as likely as the others.
    pub fn last(span: Duration) -> TimeSpec {
        TimeSpec { span, growth_per_week: 0.0, peak_hours: None, weekdays: None, half_life: None, order: TimeOrder::AsRowsCome }
    }
}

/// `order:` of moments, over the rows of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeOrder {
    /// Later rows have later moments, unless a fan-out lays the rows of one parent side by side.
    #[default]
    AsRowsCome,
    /// `rising`: later rows have later moments, whatever the layout.
    Rising,
    /// `random`: the row number says nothing.
    Random,
}

/// `{time: {after: order_id.created_at, within: 3d}}`: a moment that follows another, or goes before it.
#[derive(Debug, Clone, PartialEq)]
pub struct GapSpec {
    /// A column or a path, as in [`ValueSpec::By`]. Where it is NULL, so is this.
    pub from: Located<String>,
    /// `before:` rather than `after:`.
    pub before: bool,
    /// `within: 3d` or `within: 1h-3d`: the shortest and the longest gap; short ones are the most frequent. `None` (after only): any
    /// moment until [`Data::until_us`](super::Data::until_us), each as likely. No gap leads past that moment.
    pub within: Option<(Duration, Duration)>,
}
