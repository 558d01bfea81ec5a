//! `numeric` of any size, and `money`.

use crate::seed::encode::put_decimal;

const NAN: u16 = 0xC000;
const INFINITY: u16 = 0xD000;
const MINUS_INFINITY: u16 = 0xF000;

/// What `numeric` holds (<https://www.postgresql.org/docs/15/datatype-numeric.html>): digits before and after the point.
const MOST_WHOLE: i64 = 131_072;
const MOST_FRACTION: i64 = 16_383;

/// A number with an exponent if it likes, `NaN` or an infinity. Digits that a scale leaves no room for are rounded by the server;
/// digits before the point are too many when they leave the type.
pub fn read(text: &str, digits: Option<(u32, i32)>) -> Option<Vec<u8>> {
    let special = match text.to_ascii_lowercase().as_str() {
        "nan" => Some(NAN),
        "infinity" | "inf" | "+infinity" | "+inf" => Some(INFINITY),
        "-infinity" | "-inf" => Some(MINUS_INFINITY),
        _ => None,
    };
    if let Some(sign) = special {
        return (digits.is_none() || sign == NAN).then(|| [0, 0, sign, 0].into_iter().flat_map(u16::to_be_bytes).collect());
    }
    let number = Number::parse(text)?;
    let room = digits.map_or(MOST_WHOLE, |(precision, scale)| i64::from(precision) - i64::from(scale));
    if number.fraction > MOST_FRACTION || (!number.digits.is_empty() && number.magnitude() > room) {
        return None;
    }
    Some(number.binary())
}

/// `$1,234.56`, `-5`, in hundredths.
pub fn read_money(text: &str) -> Option<Vec<u8>> {
    let plain: String = text.chars().filter(|c| !matches!(c, '$' | ',')).collect();
    let number = Number::parse(&plain)?;
    let places = 2 - number.fraction;
    if places < 0 || number.magnitude() > 17 {
        return None;
    }
    let digits = number.digits.iter().fold(0_i64, |sum, digit| sum * 10 + i64::from(*digit));
    let hundredths = digits.checked_mul(10_i64.checked_pow(u32::try_from(places).ok()?)?)?;
    Some((if number.negative { -hundredths } else { hundredths }).to_be_bytes().to_vec())
}

struct Number {
    negative: bool,
    /// Decimal digits without leading zeros.
    digits: Vec<u8>,
    /// How many of them stand after the point; negative: zeros that follow them.
    fraction: i64,
}

impl Number {
    fn parse(text: &str) -> Option<Number> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !plain(whole) || !plain(fraction) || whole.len() + fraction.len() == 0 {
            return None;
        }
        let digits = whole.bytes().chain(fraction.bytes()).map(|byte| byte - b'0').skip_while(|digit| *digit == 0).collect();
        Some(Number { negative, digits, fraction: fraction.len() as i64 - i64::from(exponent) })
    }

    /// Digits before the point; negative when zeros follow it.
    fn magnitude(&self) -> i64 {
        self.digits.len() as i64 - self.fraction
    }

    /// Digits to the base of 10,000 as the server keeps them.
    fn binary(&self) -> Vec<u8> {
        let shown = self.fraction.max(0) as u16;
        // Zeros at both ends until the point stands between two groups of four.
        let behind = (4 - self.fraction.rem_euclid(4)) % 4;
        let mut decimal = self.digits.clone();
        decimal.extend(std::iter::repeat_n(0, behind as usize));
        let groups_behind = (self.fraction + behind) / 4;
        let missing = (4 - decimal.len() % 4) % 4;
        let mut groups: Vec<u16> = std::iter::repeat_n(0, missing)
            .chain(decimal)
            .collect::<Vec<u8>>()
            .chunks_exact(4)
            .map(|four| four.iter().fold(0, |sum, digit| sum * 10 + u16::from(*digit)))
            .collect();
        let mut weight = groups.len() as i64 - groups_behind - 1;
        let leading = groups.iter().take_while(|group| **group == 0).count();
        groups.drain(..leading);
        weight -= leading as i64;
        while groups.last() == Some(&0) {
            groups.pop();
        }
        if groups.is_empty() {
            weight = 0;
        }
        let sign = if self.negative && !groups.is_empty() { 0x4000 } else { 0 };
        let head = [groups.len() as u16, weight as i16 as u16, sign, shown];
        head.into_iter().chain(groups).flat_map(u16::to_be_bytes).collect()
    }
}

/// The number that a `numeric` field's bytes are.
pub fn print(value: &[u8]) -> String {
    let words: Vec<u16> = value.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    let [count, weight, sign, scale, digits @ ..] = words.as_slice() else { return String::new() };
    match *sign {
        NAN => return "NaN".into(),
        INFINITY => return "Infinity".into(),
        MINUS_INFINITY => return "-Infinity".into(),
        _ => {}
    }
    let (weight, scale) = (i32::from(*weight as i16), usize::from(*scale));
    let digit = |position: i32| usize::try_from(weight - position).ok().and_then(|i| digits.get(i)).copied().unwrap_or(0);
    let mut text: String = (0..=weight.max(0)).rev().map(|position| format!("{:04}", digit(position))).collect();
    text = match text.trim_start_matches('0') {
        "" => "0".to_owned(),
        whole => whole.to_owned(),
    };
    if scale > 0 {
        let fraction: String = (1..=scale.div_ceil(4) as i32).map(|place| format!("{:04}", digit(-place))).collect();
        text = format!("{text}.{}", &fraction[..scale]);
    }
    if *sign == 0x4000 && *count > 0 { format!("-{text}") } else { text }
}

/// Hundredths as an amount.
pub fn print_money(hundredths: i64) -> String {
    let mut field = Vec::new();
    put_decimal(&mut field, i128::from(hundredths), 2);
    print(&field[4..])
}
