//! Numbers with units, as people write them: `365d`, `20ms`, `3%/week`, `500MB`, `20-30`, `0.3037 per playlists`, `18h-23h`.
//!
//! Every function takes the text of one scalar and says in its fault what it would have understood.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::error::{Fault, did_you_mean};

/// A number, `_` or `,` between groups of digits allowed: `0.3037`, `3_000`, `1,292,269`. Always finite.
pub fn number(text: &str) -> Result<f64, Fault> {
    let text = text.trim();
    let fault = || Fault::with_help(format!("`{text}` is not a number"), "write e.g. `3000`, `3_000`, `3,000` or `0.25`");
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') || !grouped(digits) {
        return Err(fault());
    }
    let plain: String = text.chars().filter(|c| !matches!(c, '_' | ',')).collect();
    plain.parse::<f64>().ok().filter(|value| value.is_finite()).ok_or_else(fault)
}

/// True when `_` stands between digits and `,` before groups of three.
fn grouped(digits: &str) -> bool {
    let whole = digits.split(['.', 'e', 'E']).next().unwrap_or_default();
    if digits.len() > whole.len() && digits[whole.len()..].contains([',', '_']) {
        return false;
    }
    let commas: Vec<&str> = whole.split(',').collect();
    let underscores = whole.starts_with('_') || whole.ends_with('_') || whole.contains("__");
    !underscores && (commas.len() == 1 || (!commas[0].is_empty() && commas[1..].iter().all(|group| group.len() == 3)))
}

/// A whole number from 0.
pub fn whole(text: &str) -> Result<u64, Fault> {
    let text = text.trim();
    let fault = || Fault::with_help(format!("`{text}` is not a whole number"), "write e.g. `3000`, `3_000` or `3,000`");
    if !grouped(text) || !text.chars().all(|c| c.is_ascii_digit() || matches!(c, '_' | ',')) {
        return Err(fault());
    }
    text.chars().filter(char::is_ascii_digit).collect::<String>().parse().map_err(|_| fault())
}

/// `1m`, `2.5 million`, `250k`, `1_000_000`: a number of rows, at least 1.
pub fn many(text: &str) -> Result<u64, Fault> {
    let text = text.trim();
    let fault =
        || Fault::with_help(format!("`{text}` is not a number of rows"), "write e.g. `1m`, `250k`, `2.5m` or `1_000_000`");
    let (amount, unit) = split_unit(text);
    let unit = match unit.to_lowercase().as_str() {
        "" => 1.0,
        "k" | "thousand" => 1e3,
        "m" | "million" => 1e6,
        "b" | "bn" | "billion" => 1e9,
        _ => return Err(fault()),
    };
    let rows = number(amount).map_err(|_| fault())? * unit;
    // 1.1 million is no whole number of a processor's; times a thousand, large counts would lose their last digits instead.
    let rows = if (rows - rows.round()).abs() < 5e-4 { rows.round() } else { rows };
    // 2^53: whole numbers are exact up to there, and no server holds as many rows.
    if rows.fract() == 0.0 && (1.0..9e15).contains(&rows) { Ok(rows as u64) } else { Err(fault()) }
}

/// `5%` or `0.05`: a share from 0 to 1.
pub fn share(text: &str) -> Result<f64, Fault> {
    let value = percentage(text)?;
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(Fault::with_help(format!("`{}` is not a share", text.trim()), "a share is between 0% and 100%, e.g. `5%` or `0.05`"))
    }
}

/// `5%` as 0.05, `8` as 8: a weight, which may also be written as a percentage.
pub fn percentage(text: &str) -> Result<f64, Fault> {
    match text.trim().strip_suffix('%') {
        Some(hundredths) => Ok(number(hundredths)? / 100.0),
        None => number(text),
    }
}

/// Units of time with their length in seconds.
const TIME_UNITS: [(&str, f64); 9] = [
    ("us", 1e-6),
    ("µs", 1e-6),
    ("ms", 1e-3),
    ("s", 1.0),
    ("m", 60.0),
    ("min", 60.0),
    ("h", 3600.0),
    ("d", 86_400.0),
    ("w", 604_800.0),
];

/// `20ms`, `1.5s`, `365d`: longer than nothing.
pub fn duration(text: &str) -> Result<Duration, Fault> {
    let text = text.trim();
    let (amount, unit) = split_unit(text);
    let help = "write e.g. `500us`, `20ms`, `1.5s`, `10min`, `8h`, `365d` or `52w`";
    let Some((_, seconds)) = TIME_UNITS.iter().find(|(name, _)| *name == unit) else {
        let what = if unit.is_empty() { format!("`{text}` has no unit of time") } else { format!("`{text}` is not a duration") };
        return Err(Fault::with_help(what, help));
    };
    let amount = number(amount).map_err(|_| Fault::with_help(format!("`{text}` is not a duration"), help))?;
    Duration::try_from_secs_f64(amount * seconds)
        .ok()
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| Fault::with_help(format!("`{text}` is not a duration that can be waited for"), help))
}

/// `3d` or `1h-3d`: from the shortest to the longest; a single one is the longest, and the shortest is nothing.
pub fn durations(text: &str) -> Result<(Duration, Duration), Fault> {
    match bounds(text) {
        Some((low, high)) => {
            let (low, high) = (duration(low)?, duration(high)?);
            ordered(low <= high, text).map(|()| (low, high))
        }
        None => Ok((Duration::ZERO, duration(text)?)),
    }
}

/// Calls per second beyond which a rate is a slip of the keyboard: no single PostgreSQL server answers as many.
const MOST_PER_SECOND: f64 = 1e7;

/// `1000/s`, `60k/min`, `1_000/s`, `0/s`: calls per second, from 0.
pub fn rate(text: &str) -> Result<f64, Fault> {
    let text = text.trim();
    let fault = || Fault::with_help(format!("`{text}` is not a rate"), "write e.g. `1000/s`, `2.5k/s` or `60k/min`");
    let Some((amount, period)) = text.split_once('/') else {
        if number(text).is_ok() {
            return Err(Fault::with_help(format!("the rate `{text}` has no unit"), format!("write e.g. `{text}/s`")));
        }
        return Err(fault());
    };
    let seconds = match period.trim() {
        "s" | "sec" | "second" => 1.0,
        "m" | "min" | "minute" => 60.0,
        "h" | "hour" => 3600.0,
        _ => return Err(fault()),
    };
    let (amount, unit) = split_unit(amount.trim());
    let factor = match unit {
        "" => 1.0,
        "k" => 1e3,
        "m" | "M" => 1e6,
        _ => return Err(fault()),
    };
    let per_second = number(amount).map_err(|_| fault())? * factor / seconds;
    if per_second < 0.0 {
        return Err(Fault::new(format!("a rate cannot be negative: `{text}`")));
    }
    if per_second > MOST_PER_SECOND {
        let help = format!("at most {MOST_PER_SECOND}/s");
        return Err(Fault::with_help(format!("`{text}` is more than any server answers"), help));
    }
    Ok(per_second)
}

/// Units of size with their bytes: `MB` is a million bytes, `MiB` is 1024 × 1024.
const SIZE_UNITS: [(&str, f64); 9] = [
    ("b", 1.0),
    ("kb", 1e3),
    ("mb", 1e6),
    ("gb", 1e9),
    ("tb", 1e12),
    ("kib", 1024.0),
    ("mib", 1_048_576.0),
    ("gib", 1_073_741_824.0),
    ("tib", 1_099_511_627_776.0),
];

/// `500MB`, `1.5 GiB`, in bytes.
pub fn size(text: &str) -> Result<u64, Fault> {
    let text = text.trim();
    let (amount, unit) = split_unit(text);
    let fault = || Fault::with_help(format!("`{text}` is not a size"), "write e.g. `800kB`, `500MB` or `2GiB`");
    let unit = unit.to_lowercase();
    let (_, bytes) = SIZE_UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(fault)?;
    let total = number(amount).map_err(|_| fault())? * bytes;
    // 2^63: more than any disk, and exact as a float.
    if (0.0..9.2e18).contains(&total) { Ok(total.round() as u64) } else { Err(fault()) }
}

/// The amount and the unit behind it, spaces between them dropped.
fn split_unit(text: &str) -> (&str, &str) {
    let at = text.find(|c: char| c.is_alphabetic()).unwrap_or(text.len());
    (text[..at].trim_end(), &text[at..])
}

/// `3%/week`: how much denser each week is than the one before, compounded from whatever period is written. Over -1.
pub fn growth_per_week(text: &str) -> Result<f64, Fault> {
    let text = text.trim();
    let fault = || Fault::with_help(format!("`{text}` is not a growth"), "write e.g. `3%/week`, `10%/month` or `-2%/week`");
    let (amount, period) = text.split_once('/').ok_or_else(fault)?;
    let days = match period.trim() {
        "day" => 1.0,
        "week" => 7.0,
        "month" => 365.25 / 12.0,
        "year" => 365.25,
        other => {
            let help = did_you_mean(other, ["day", "week", "month", "year"]);
            return Err(Fault { message: format!("`{other}` is not a period of growth"), help });
        }
    };
    let share = amount.trim().strip_suffix('%').ok_or_else(fault).and_then(number).map_err(|_| fault())? / 100.0;
    // Rounded, because the last bits of a power differ between machines, and the seeded rows must not.
    let weekly = (((1.0 + share).powf(7.0 / days) - 1.0) * 1e9).round() / 1e9;
    // Beyond tenfold a week all rows would stand in the last hours, which is not what anybody means.
    if share > -1.0 && weekly.is_finite() && weekly <= 10.0 { Ok(weekly) } else { Err(fault()) }
}

/// `20-30`, `20..30`, `20 to 30` or a single `5`: low and high, as written.
fn bounds(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    if let Some((low, high)) = text.split_once("..").or_else(|| text.split_once(" to ")) {
        return Some((low.trim(), high.trim()));
    }
    // The sign of the first number is not the dash between the two, nor is that of an exponent.
    let bytes = text.as_bytes();
    let dash = (1..bytes.len()).find(|&i| bytes[i] == b'-' && !matches!(bytes[i - 1], b'e' | b'E'));
    dash.map(|at| (text[..at].trim(), text[at + 1..].trim()))
}

/// `20-30` or `5`: whole numbers from 0, both ends included, in order.
pub fn whole_range(text: &str) -> Result<RangeInclusive<u64>, Fault> {
    let fault = || Fault::with_help(format!("`{}` is not a range of whole numbers", text.trim()), "write e.g. `1-5`");
    let (low, high) = bounds(text).unwrap_or((text, text));
    let range = whole(low).map_err(|_| fault())?..=whole(high).map_err(|_| fault())?;
    ordered(range.start() <= range.end(), text).map(|()| range)
}

/// `-10-20`, `-10..20` or `5`: whole numbers.
pub fn signed_range(text: &str) -> Result<RangeInclusive<i64>, Fault> {
    let fault =
        || Fault::with_help(format!("`{}` is not a range of whole numbers", text.trim()), "write e.g. `1-500` or `-10..20`");
    let one = |text: &str| -> Result<i64, Fault> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        i64::try_from(whole(digits)?).map(|value| sign * value).map_err(|_| fault())
    };
    let (low, high) = bounds(text).unwrap_or((text, text));
    let range = one(low).map_err(|_| fault())?..=one(high).map_err(|_| fault())?;
    ordered(range.start() <= range.end(), text).map(|()| range)
}

/// `0.5-99.99`, `-10..20`: numbers in order.
pub fn range(text: &str) -> Result<(f64, f64), Fault> {
    let fault = || Fault::with_help(format!("`{}` is not a range", text.trim()), "write e.g. `1-10` or `[0.5, 99.99]`");
    let (low, high) = bounds(text).unwrap_or((text, text));
    let (low, high) = (number(low).map_err(|_| fault())?, number(high).map_err(|_| fault())?);
    ordered(low <= high, text).map(|()| (low, high))
}

fn ordered(is: bool, text: &str) -> Result<(), Fault> {
    let fault =
        || Fault::with_help(format!("the range `{}` ends before it starts", text.trim()), "write the smaller number first");
    if is { Ok(()) } else { Err(fault()) }
}

/// `18h-23h` or `18-23`: hours of the day, 0 to 23, the last one included.
pub fn hours(text: &str) -> Result<RangeInclusive<u8>, Fault> {
    let text = text.trim();
    let fault = || Fault::with_help(format!("`{text}` is not a span of hours"), "write e.g. `18h-23h`; hours go from 0h to 23h");
    let (low, high) = bounds(text).ok_or_else(fault)?;
    let hour = |text: &str| -> Result<u8, Fault> {
        let value = whole(text.strip_suffix('h').unwrap_or(text)).map_err(|_| fault())?;
        u8::try_from(value).ok().filter(|hour| *hour < 24).ok_or_else(fault)
    };
    let range = hour(low)?..=hour(high)?;
    ordered(range.start() <= range.end(), text).map(|()| range)
}

/// `0.3037 per playlists`: the ratio, and the name of the other table with its offset in the text (in characters).
pub fn ratio(text: &str) -> Result<(f64, &str, usize), Fault> {
    let fault = || {
        let message = format!("`{}` is not a number of rows", text.trim());
        Fault::with_help(message, "write e.g. `3000`, or a ratio to another table such as `0.3037 per playlists`")
    };
    let at = text.find(" per ").ok_or_else(fault)?;
    let after = &text[at + " per ".len()..];
    let table = after.trim();
    if table.is_empty() || table.contains(char::is_whitespace) {
        return Err(fault());
    }
    let ratio = number(&text[..at]).map_err(|_| fault())?;
    if ratio < 0.0 {
        return Err(Fault::new(format!("a table cannot have {ratio} rows per row of another")));
    }
    let offset = text[..text.len() - after.trim_start().len()].chars().count();
    Ok((ratio, table, offset))
}

/// `2026-01-01` or `2026-01-01T12:00:00Z`, in microseconds since 1970-01-01 UTC.
pub fn moment_us(text: &str) -> Result<i64, Fault> {
    let text = text.trim();
    let midnight = || text.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|day| day.timestamp());
    let moment = if text.len() <= "2026-01-01".len() { midnight() } else { text.parse::<jiff::Timestamp>().ok() };
    let help = "write e.g. `2026-01-01` or `2026-01-01T12:00:00Z`";
    moment.map(jiff::Timestamp::as_microsecond).ok_or_else(|| Fault::with_help(format!("`{text}` is not a date"), help))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_may_be_grouped() {
        assert_eq!(number("3,000"), Ok(3000.0));
        assert_eq!(number("1_292_269"), Ok(1_292_269.0));
        assert_eq!(number(" -0.25 "), Ok(-0.25));
        assert_eq!(number("1e3"), Ok(1000.0));
        for bad in ["", "1,5", "1,0000", ",000", "_1", "1__0", "inf", "nan", "1e999", "1.0,00", "ten", "1 000"] {
            assert!(number(bad).is_err(), "{bad}");
        }
        assert_eq!(whole("1,292,269"), Ok(1_292_269));
        for bad in ["-1", "1.5", "1e3", "", "99999999999999999999"] {
            assert!(whole(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn many_rows_are_written_short() {
        for (text, rows) in [
            ("1m", 1_000_000),
            ("250k", 250_000),
            ("2.5M", 2_500_000),
            ("1_000_000", 1_000_000),
            ("0.1k", 100),
            ("1.1 billion", 1_100_000_000),
            ("7", 7),
            ("78973898208743", 78_973_898_208_743),
        ] {
            assert_eq!(many(text), Ok(rows), "{text}");
        }
        for bad in ["", "0", "-1m", "1.5", "1mb", "m", "1e30k", "0.0001k"] {
            assert!(many(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn durations_need_a_unit() {
        assert_eq!(duration("20ms"), Ok(Duration::from_millis(20)));
        assert_eq!(duration("1.5 s"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("365d"), Ok(Duration::from_secs(365 * 86_400)));
        assert_eq!(duration("30us"), Ok(Duration::from_micros(30)));
        assert!(duration("20").unwrap_err().message.contains("no unit"));
        assert_eq!(durations("1h-3d"), Ok((Duration::from_secs(3600), Duration::from_secs(3 * 86_400))));
        assert_eq!(durations("3d"), Ok((Duration::ZERO, Duration::from_secs(3 * 86_400))));
        assert!(durations("3d-1h").is_err() && durations("1-3d").is_err());
        for bad in ["0ms", "-1s", "20 parsecs", "ms", "1e300d"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn rates_are_per_second() {
        assert_eq!(rate("1_000/s"), Ok(1000.0));
        assert_eq!(rate("60k/min"), Ok(1000.0));
        assert_eq!(rate("0.5 / second"), Ok(0.5));
        assert_eq!(rate("1000").unwrap_err().help.as_deref(), Some("write e.g. `1000/s`"));
        for bad in ["-1/s", "x/s", "5/week", "1e9/s", "/s", "5 parsecs/s"] {
            assert!(rate(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes_are_decimal_unless_they_say_otherwise() {
        assert_eq!(size("500MB"), Ok(500_000_000));
        assert_eq!(size("1.5 GiB"), Ok(1_610_612_736));
        for bad in ["500", "5 parsecs", "-1MB", "99999999TB"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn shares_stay_between_nothing_and_all() {
        assert_eq!(share("5%"), Ok(0.05));
        assert_eq!(share("0.05"), Ok(0.05));
        assert!(share("105%").is_err() && share("-1%").is_err() && share("5").is_err());
        assert_eq!(percentage("8"), Ok(8.0));
    }

    #[test]
    fn growth_is_compounded_to_a_week() {
        assert_eq!(growth_per_week("3%/week"), Ok(0.03));
        assert!((growth_per_week("10%/year").expect("a growth") - 0.001_828).abs() < 1e-5);
        assert!(growth_per_week("3%/wek").unwrap_err().help.expect("help").contains("`week`"));
        for bad in ["3%", "3/week", "-100%/week", "900%/day"] {
            assert!(growth_per_week(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn ranges_are_ordered() {
        assert_eq!(whole_range("20-30"), Ok(20..=30));
        assert_eq!(whole_range("5"), Ok(5..=5));
        assert_eq!(signed_range("-10..20"), Ok(-10..=20));
        assert_eq!(signed_range("-10-20"), Ok(-10..=20));
        assert_eq!(signed_range("-10--5"), Ok(-10..=-5));
        assert_eq!(range("0.5-99.99"), Ok((0.5, 99.99)));
        assert!(whole_range("30-20").unwrap_err().message.contains("ends before"));
        assert!(whole_range("-5").is_err() && whole_range("a-b").is_err() && range("1-").is_err());
        assert_eq!(hours("18h-23h"), Ok(18..=23));
        assert_eq!(hours("9-17"), Ok(9..=17));
        assert!(hours("18h-24h").is_err() && hours("22h-3h").is_err() && hours("5h").is_err());
    }

    #[test]
    fn ratios_name_a_table() {
        assert_eq!(ratio("0.3037 per playlists"), Ok((0.3037, "playlists", 11)));
        for bad in ["0.3 par x", "x per y", "1 per ", "1 per a b", "-1 per a"] {
            assert!(ratio(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn moments_are_utc() {
        assert_eq!(moment_us("2026-01-01"), Ok(1_767_225_600_000_000));
        assert_eq!(moment_us("2026-01-01T00:00:01Z"), Ok(1_767_225_601_000_000));
        assert!(moment_us("2026-13-01").is_err() && moment_us("tomorrow").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_a_value_or_a_fault(text in "[0-9a-zµ%/., _\\-]{0,14}") {
            let _ = (number(&text), many(&text), whole(&text), share(&text), duration(&text), size(&text), hours(&text), moment_us(&text));
            let _ = (rate(&text), growth_per_week(&text), whole_range(&text), signed_range(&text), range(&text), ratio(&text));
        }

        #[test]
        fn whole_ranges_read_back(low in 0..1_000_000u64, more in 0..1_000_000u64) {
            prop_assert_eq!(whole_range(&format!("{low}-{}", low + more)), Ok(low..=low + more));
        }

        #[test]
        fn signed_ranges_read_back(low in -1_000_000..1_000_000i64, more in 0..1_000_000i64) {
            prop_assert_eq!(signed_range(&format!("{low}..{}", low + more)), Ok(low..=low + more));
        }
    }
}
