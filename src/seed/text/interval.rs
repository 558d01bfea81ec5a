//! Intervals: months, days and microseconds, which the server keeps apart.

const SECOND_US: f64 = 1e6;
const DAY_US: f64 = 86_400e6;

#[derive(Default)]
struct Parts {
    months: f64,
    days: f64,
    us: f64,
}

/// `1 year 2 months 3 days 04:05:06.7`, `3 days ago`, `90m`, `P1DT2H`: the microseconds, days and months of it.
pub fn read(text: &str) -> Option<Vec<u8>> {
    let lower = text.to_ascii_lowercase();
    let lower = lower.trim_start_matches('@').trim();
    let (body, sign) = match lower.strip_suffix("ago") {
        Some(body) => (body.trim_end(), -1.0),
        None => (lower, 1.0),
    };
    let parts = match body.strip_prefix('p') {
        Some(body) => iso(body)?,
        None => words(body)?,
    };
    // The fraction of a month is days, that of a day is time (interval_in of PostgreSQL 15).
    let months = parts.months.trunc();
    let days = parts.days + parts.months.fract() * 30.0;
    let us = (parts.us + days.fract() * DAY_US).round();
    let fits = months.abs() < 2e9 && days.abs() < 2e9 && us.abs() < 9e18;
    fits.then(|| binary((us * sign) as i64, (days.trunc() * sign) as i32, (months * sign) as i32))
}

/// The value's bytes.
pub fn binary(us: i64, days: i32, months: i32) -> Vec<u8> {
    let mut value = us.to_be_bytes().to_vec();
    value.extend_from_slice(&days.to_be_bytes());
    value.extend_from_slice(&months.to_be_bytes());
    value
}

/// The part of `text` that is a number, and the rest.
fn number(text: &str) -> Option<(f64, &str)> {
    let digits = |c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-');
    let end = text.find(|c| !digits(c)).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

fn words(text: &str) -> Option<Parts> {
    let mut parts = Parts::default();
    let mut rest = text;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let word = rest.split_whitespace().next().unwrap_or_default();
        if word.contains(':') {
            parts.us += clock(word)?;
            rest = rest[word.len()..].trim_start();
            continue;
        }
        let (amount, behind) = number(rest)?;
        let behind = behind.trim_start();
        let end = behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len());
        parts.add(amount, &behind[..end])?;
        rest = behind[end..].trim_start();
    }
    Some(parts)
}

/// `4:05`, `-04:05:06.7`
fn clock(text: &str) -> Option<f64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1.0, text),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut fields = text.split(':').map(|field| field.parse::<f64>().ok().filter(|number| *number >= 0.0));
    let (hours, minutes, seconds) = (fields.next()??, fields.next()??, fields.next().unwrap_or(Some(0.0))?);
    let whole = fields.next().is_none() && minutes < 60.0 && seconds < 60.0;
    whole.then(|| sign * ((hours * 3600.0 + minutes * 60.0) * SECOND_US + (seconds * SECOND_US).round()))
}

impl Parts {
    /// The units that the server knows, by their first letters.
    fn add(&mut self, amount: f64, unit: &str) -> Option<()> {
        match unit {
            "us" | "usec" | "usecs" | "microsecond" | "microseconds" => self.us += amount,
            "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => self.us += amount * 1e3,
            "" | "s" | "sec" | "secs" | "second" | "seconds" => self.us += amount * SECOND_US,
            "m" | "min" | "mins" | "minute" | "minutes" => self.us += amount * 60.0 * SECOND_US,
            "h" | "hr" | "hrs" | "hour" | "hours" => self.us += amount * 3600.0 * SECOND_US,
            "d" | "day" | "days" => self.days += amount,
            "w" | "week" | "weeks" => self.days += amount * 7.0,
            "mon" | "mons" | "month" | "months" => self.months += amount,
            "y" | "yr" | "yrs" | "year" | "years" => self.months += amount * 12.0,
            "dec" | "decade" | "decades" => self.months += amount * 120.0,
            "c" | "cent" | "century" | "centuries" => self.months += amount * 1200.0,
            _ => return None,
        }
        Some(())
    }
}

/// What follows the `P` of ISO 8601: `1y2m3dt4h5m6s`.
fn iso(text: &str) -> Option<Parts> {
    let mut parts = Parts::default();
    let (date, time) = text.split_once('t').unwrap_or((text, ""));
    if date.is_empty() && time.is_empty() {
        return None;
    }
    for (mut rest, month) in [(date, "mon"), (time, "min")] {
        while !rest.is_empty() {
            let (amount, behind) = number(rest)?;
            let unit = behind.get(..1)?;
            parts.add(amount, if unit == "m" { month } else { unit })?;
            rest = &behind[1..];
        }
    }
    Some(parts)
}

/// As the server prints intervals (`intervalstyle = postgres`).
pub fn print(us: i64, days: i32, months: i32) -> String {
    let mut words = Vec::new();
    let mut put = |amount: i32, one: &str, many: &str| {
        if amount != 0 {
            words.push(format!("{amount} {}", if amount == 1 { one } else { many }));
        }
    };
    put(months / 12, "year", "years");
    put(months % 12, "mon", "mons");
    put(days, "day", "days");
    if us != 0 || words.is_empty() {
        let seconds = us.unsigned_abs() / 1_000_000;
        let fraction = format!("{:06}", us.unsigned_abs() % 1_000_000);
        let fraction = fraction.trim_end_matches('0');
        let dot = if fraction.is_empty() { "" } else { "." };
        let sign = if us < 0 { "-" } else { "" };
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        words.push(format!("{sign}{hours:02}:{minutes:02}:{:02}{dot}{fraction}", seconds % 60));
    }
    words.join(" ")
}
