//! Strings of bytes and bits.

use crate::seed::types::{Kind, PgType};

/// `\x00ff`, or the text's own bytes.
pub fn bytes(text: &str) -> Option<Vec<u8>> {
    match text.strip_prefix("\\x") {
        Some(hex) => pairs(&hex.chars().filter(|c| !c.is_whitespace()).collect::<String>()),
        None => Some(text.as_bytes().to_vec()),
    }
}

/// Two hexadecimal digits for each byte.
pub fn pairs(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = hex.chars().map(|c| c.to_digit(16).map(|digit| digit as u8)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// 32 hexadecimal digits, hyphens and braces anywhere.
pub fn uuid(text: &str) -> Option<Vec<u8>> {
    let hex: String = text.chars().filter(|c| !matches!(c, '-' | '{' | '}')).collect();
    pairs(&hex).filter(|bytes| bytes.len() == 16)
}

/// `0101`, `B0101` or `X5`: how many bits, then the bits, padded with zeros to whole bytes.
pub fn bits(text: &str, of: &PgType) -> Option<Vec<u8>> {
    let bits: Option<Vec<u8>> =
        match text.strip_prefix(['x', 'X']) {
            Some(hex) => hex.chars().map(|c| c.to_digit(16)).collect::<Option<Vec<u32>>>().map(|digits| {
                digits.iter().flat_map(|digit| (0..4).rev().map(move |place| (digit >> place & 1) as u8)).collect()
            }),
            None => text.strip_prefix(['b', 'B']).unwrap_or(text).chars().map(|c| c.to_digit(2).map(|bit| bit as u8)).collect(),
        };
    let bits = bits?;
    let fits = match (of.kind, of.max_chars) {
        (Kind::Bit, Some(exact)) => bits.len() == exact,
        (_, Some(most)) => bits.len() <= most,
        _ => true,
    };
    let packed = bits.chunks(8).map(|byte| byte.iter().enumerate().fold(0, |sum, (place, bit)| sum | bit << (7 - place)));
    fits.then(|| (bits.len() as u32).to_be_bytes().into_iter().chain(packed).collect())
}

/// `16/B374D848`: a place in the write-ahead log.
pub fn lsn(text: &str) -> Option<Vec<u8>> {
    let (file, offset) = text.split_once('/')?;
    let half = |hex: &str| u32::from_str_radix(hex, 16).ok().map(u32::to_be_bytes);
    Some([half(file)?, half(offset)?].concat())
}
