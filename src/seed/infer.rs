//! What to put into a column that the scenario does not describe: from its type, its constraints and its name.

use std::time::Duration;

use crate::scenario::model::{FakeKind, Literal, Template, TemplatePart, TimeSpec, ValueSpec};

use super::check::Facts;
use super::infer_bounds;
use super::types::{Kind, PgType, power_of_ten};

const DAY: Duration = Duration::from_secs(86_400);

/// A description of plausible values. `table` tells a person's name from a thing's; `rows` how many must differ if `unique`.
pub fn infer(column: &str, table: &str, of: &PgType, facts: &Facts, unique: bool, rows: u64) -> ValueSpec {
    if !facts.allowed.is_empty() {
        return one_of(facts.allowed.iter().cloned());
    }
    let name = column.to_ascii_lowercase();
    match of.kind {
        Kind::Bool => ValueSpec::OneOf(vec![(Literal::Bool(true), 1.0), (Literal::Bool(false), 1.0)]),
        Kind::Enum => one_of(of.labels.iter().cloned()),
        Kind::Uuid => template([TemplatePart::Uuid]),
        Kind::Date if unique && facts.since.is_none() && facts.until.is_none() => recent(365.max(rows)),
        kind if kind.is_time() => infer_bounds::moments(of, facts).unwrap_or_else(lately),
        Kind::Json | Kind::Jsonb => json(),
        Kind::Bytea => template([TemplatePart::Alnum(32)]),
        Kind::Text => {
            let usual = text(&name, table, unique);
            infer_bounds::text(&usual, of, facts).unwrap_or(usual)
        }
        Kind::Array(_) => array(column, table, of, unique, rows),
        kind if kind.is_integer() => integer(&name, of, facts, unique, rows),
        kind if kind.is_number() => real(&name, of, facts, unique, rows),
        _ => ValueSpec::Plausible,
    }
}

/// Elements of an array that nobody describes: none to five, in the outermost of its dimensions.
const MOST_ELEMENTS: u64 = 5;

fn array(column: &str, table: &str, of: &PgType, unique: bool, rows: u64) -> ValueSpec {
    let Some(element) = &of.element else { return ValueSpec::Plausible };
    let mut facts = Facts::default();
    element.checks.iter().for_each(|check| facts.learn(check, "VALUE"));
    let inner = of.dimensions.clamp(1, 6) - 1;
    let mut spec = infer(column, table, element, &facts, unique, rows.saturating_mul(MOST_ELEMENTS << inner));
    for _ in 0..inner {
        spec = ValueSpec::Array { of: Box::new(spec), length: 2..=2 };
    }
    ValueSpec::Array { of: Box::new(spec), length: u64::from(unique)..=MOST_ELEMENTS }
}

fn one_of(values: impl Iterator<Item = String>) -> ValueSpec {
    ValueSpec::OneOf(values.map(|value| (Literal::Text(value), 1.0)).collect())
}

fn template(parts: impl IntoIterator<Item = TemplatePart>) -> ValueSpec {
    ValueSpec::Template(Template { parts: parts.into_iter().collect() })
}

fn lately() -> ValueSpec {
    recent(365)
}

fn recent(days: u64) -> ValueSpec {
    ValueSpec::Time(TimeSpec::last(DAY.saturating_mul(u32::try_from(days).unwrap_or(u32::MAX))))
}

fn json() -> ValueSpec {
    let text = |text: &str| TemplatePart::Text(text.into());
    template([
        text("{\"id\": "),
        TemplatePart::Row,
        text(", \"name\": \""),
        TemplatePart::Fake(FakeKind::Word),
        text("\", \"tags\": [\""),
        TemplatePart::Fake(FakeKind::Word),
        text("\"]}"),
    ])
}

/// Names of columns that mean a number between two bounds.
const COUNTS: &[(&[&str], f64, f64)] = &[
    (&["rating", "stars", "score", "grade"], 1.0, 5.0),
    (&["age"], 18.0, 90.0),
    (&["year"], 1970.0, 2025.0),
    (&["month"], 1.0, 12.0),
    (&["day"], 1.0, 28.0),
    (&["hour"], 0.0, 23.0),
    (&["percent", "percentage", "discount"], 0.0, 100.0),
    (&["lat", "latitude"], -90.0, 90.0),
    (&["lon", "lng", "longitude"], -180.0, 180.0),
    (&["quantity", "qty", "count", "stock", "amount"], 1.0, 100.0),
    (&["position", "rank", "level", "priority"], 1.0, 100.0),
    (&["duration", "seconds", "minutes"], 1.0, 3_600.0),
];

fn known_range(name: &str) -> Option<(f64, f64)> {
    COUNTS.iter().find(|(words, ..)| has_word(name, words)).map(|(_, low, high)| (*low, *high))
}

fn integer(name: &str, of: &PgType, facts: &Facts, unique: bool, rows: u64) -> ValueSpec {
    let epoch = matches!(of.kind, Kind::Int8) && (has_word(name, &["date", "timestamp", "epoch"]) || name.ends_with("_at"));
    if epoch && facts.low.is_none() && facts.high.is_none() {
        return lately();
    }
    let (low, high) = known_range(name).filter(|_| !unique).unwrap_or((1.0, 10_000.0));
    // Ten times as many as needed leaves gaps, as life does.
    let wanted = if unique { high.max(rows as f64 * 10.0) } else { high };
    let most = of.kind.integer_bounds().map_or(f64::MAX, |(_, most)| most as f64);
    let (low, high) = within(facts, low, wanted.min(most), 1.0);
    ValueSpec::Range { low, high }
}

fn real(name: &str, of: &PgType, facts: &Facts, unique: bool, rows: u64) -> ValueSpec {
    let digits = of.digits.map_or(2, |(_, scale)| scale);
    let floating = matches!(of.kind, Kind::Float4 | Kind::Float8);
    let step = if floating { 1e-6 } else { power_of_ten(-digits) };
    let most = of.largest().unwrap_or(f64::MAX);
    if facts.high.is_none()
        && !unique
        && most >= 1_000.0
        && has_word(name, &["price", "cost", "fee", "total", "salary", "wallet", "balance"])
    {
        let (low, high) = within(facts, 0.0, 5_000.0_f64.min(most), step);
        return ValueSpec::Lognormal { median: 40.0, sigma: 0.9, min: Some(low.max(step)), max: Some(high) };
    }
    let (low, high) = known_range(name).filter(|_| !unique).unwrap_or((0.0, step.max(1.0) * 1_000.0));
    // Floating point numbers that must differ are whole.
    let gap = if floating { 1.0 } else { step };
    let wanted = if unique { high.max(rows as f64 * 10.0 * gap) } else { high };
    let (low, high) = within(facts, low, wanted.min(most), step);
    ValueSpec::Range { low, high }
}

/// The bounds, moved into those the constraints leave; `step` is the distance to a bound that is not allowed itself.
fn within(facts: &Facts, low: f64, high: f64, step: f64) -> (f64, f64) {
    let least = facts.low.map(|(bound, allowed)| if allowed { bound } else { bound + step });
    let most = facts.high.map(|(bound, allowed)| if allowed { bound } else { bound - step });
    let width = high - low;
    match (least, most) {
        (Some(least), Some(most)) if facts.spread => (least, most),
        (Some(least), Some(most)) if high < least || low > most => (least, most),
        (Some(least), Some(most)) => (low.max(least), high.min(most)),
        (Some(least), None) if high <= least => (least, least + width),
        (Some(least), None) => (low.max(least), high),
        (None, Some(most)) if low >= most => (most - width, most),
        (None, Some(most)) => (low, high.min(most)),
        (None, None) => (low, high),
    }
}

/// Words of column names and the text they promise, most telling first.
const FAKES: &[(&[&str], FakeKind)] = &[
    (&["email", "mail"], FakeKind::Email),
    (&["username", "login", "handle", "nickname"], FakeKind::Username),
    (&["first", "firstname", "forename"], FakeKind::FirstName),
    (&["last", "lastname", "surname"], FakeKind::LastName),
    (&["url", "link", "website", "image", "photo", "thumbnail", "avatar", "href", "uri"], FakeKind::Url),
    (&["city", "town"], FakeKind::City),
    (&["country"], FakeKind::Country),
    (&["street", "address"], FakeKind::Street),
    (&["phone", "mobile", "fax"], FakeKind::Phone),
    (&["company", "brand", "vendor", "manufacturer", "organization"], FakeKind::Company),
    (&["fullname", "artist", "author", "reviewer", "owner", "customer"], FakeKind::Name),
    (&["description", "body", "bio", "content", "about", "review"], FakeKind::Paragraph),
    (&["summary", "comment", "note", "notes", "message", "slogan", "response", "caption"], FakeKind::Sentence),
    (&["category", "tag", "genre", "type", "kind", "group"], FakeKind::Word),
];

const PEOPLE: &[&str] = &["user", "customer", "person", "people", "employee", "member", "author", "artist", "account", "contact"];

fn text(name: &str, table: &str, unique: bool) -> ValueSpec {
    if has_word(name, &["password", "passwd"]) {
        return ValueSpec::Password { common: 0.5, random: 8..=20 };
    }
    if has_word(name, &["uuid", "guid"]) {
        return template([TemplatePart::Uuid]);
    }
    if has_word(name, &["token", "key", "hash", "salt", "secret", "digest", "checksum"]) {
        return template([TemplatePart::Hex(32)]);
    }
    if has_word(name, &["zip", "postal", "postcode", "sku", "code", "number"]) {
        return template([TemplatePart::Digits(if unique { 12 } else { 6 })]);
    }
    if has_word(name, &["currency"]) {
        return one_of(["EUR", "USD", "GBP"].into_iter().map(str::to_owned)).unless(unique);
    }
    if has_word(name, &["status", "state"]) {
        return one_of(["active", "pending", "closed"].into_iter().map(str::to_owned)).unless(unique);
    }
    if has_word(name, &["full"]) || (has_word(name, &["name"]) && is_about_people(name, table)) {
        return ValueSpec::Fake(FakeKind::Name);
    }
    match FAKES.iter().find(|(words, _)| has_word(name, words)) {
        Some((_, kind)) => ValueSpec::Fake(*kind),
        None => ValueSpec::Words(1..=4),
    }
}

trait Unless {
    /// Words instead, when the few values of a list would not do.
    fn unless(self, unique: bool) -> ValueSpec;
}

impl Unless for ValueSpec {
    fn unless(self, unique: bool) -> ValueSpec {
        if unique { ValueSpec::Words(1..=4) } else { self }
    }
}

/// `users.name`, `reviewer_name`; not `users.first_name`, which has a kind of its own.
fn is_about_people(name: &str, table: &str) -> bool {
    let table = table.to_ascii_lowercase();
    (name == "name" && has_word(&table, PEOPLE)) || has_word(name, &["artist", "author", "reviewer", "customer", "owner"])
}

/// One of the words stands in the name between underscores, singular or plural.
fn has_word(name: &str, words: &[&str]) -> bool {
    name.split('_').any(|part| words.iter().any(|word| part == *word || part.strip_suffix('s') == Some(*word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inferred(column: &str, table: &str, base: &str, typmod: i32, checks: &[&str]) -> ValueSpec {
        let of = PgType::named(base, typmod, base, &[]).unwrap();
        let mut facts = Facts::default();
        checks.iter().for_each(|check| facts.learn(check, column));
        infer(column, table, &of, &facts, false, 100)
    }

    #[test]
    fn names_tell_what_a_text_is() {
        let fake = |kind| ValueSpec::Fake(kind);
        assert_eq!(inferred("email", "users", "text", -1, &[]), fake(FakeKind::Email));
        assert_eq!(inferred("name", "users", "text", -1, &[]), fake(FakeKind::Name));
        assert_eq!(inferred("name", "playlists", "text", -1, &[]), ValueSpec::Words(1..=4));
        assert_eq!(inferred("first_name", "users", "text", -1, &[]), fake(FakeKind::FirstName));
        assert_eq!(inferred("reviewer_name", "reviews", "text", -1, &[]), fake(FakeKind::Name));
        assert_eq!(inferred("song_url", "links", "text", -1, &[]), fake(FakeKind::Url));
        assert_eq!(inferred("authorization_key", "songs", "varchar", 29, &[]), template([TemplatePart::Hex(32)]));
        assert!(matches!(inferred("password", "users", "text", -1, &[]), ValueSpec::Password { .. }));
    }

    #[test]
    fn constraints_bound_what_a_name_suggests() {
        assert_eq!(inferred("rating", "reviews", "int4", -1, &[]), ValueSpec::Range { low: 1.0, high: 5.0 });
        let wider = inferred("rating", "reviews", "int4", -1, &["CHECK (((rating >= 0) AND (rating < 4)))"]);
        assert_eq!(wider, ValueSpec::Range { low: 1.0, high: 3.0 });
        let elsewhere = inferred("amount", "t", "int4", -1, &["CHECK (((amount >= 500) AND (amount <= 600)))"]);
        assert_eq!(elsewhere, ValueSpec::Range { low: 500.0, high: 600.0 });
        assert_eq!(inferred("age", "t", "int4", -1, &["CHECK ((age > 200))"]), ValueSpec::Range { low: 201.0, high: 273.0 });
        let listed = inferred("mood", "t", "text", -1, &["CHECK ((mood = ANY (ARRAY['HAPPY'::text, 'SAD'::text])))"]);
        assert_eq!(listed, one_of(["HAPPY".to_owned(), "SAD".to_owned()].into_iter()));
    }

    #[test]
    fn prices_are_skewed_and_epochs_are_moments() {
        assert!(matches!(inferred("price", "t", "numeric", (10 << 16 | 2) + 4, &[]), ValueSpec::Lognormal { .. }));
        assert!(
            matches!(inferred("price", "t", "numeric", (4 << 16 | 2) + 4, &[]), ValueSpec::Range { high, .. } if high < 100.0)
        );
        assert!(matches!(inferred("date", "reviews", "int8", -1, &[]), ValueSpec::Time(_)));
        assert!(matches!(inferred("created_at", "t", "timestamptz", -1, &[]), ValueSpec::Time(_)));
    }
}
