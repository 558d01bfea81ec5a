//! PostgreSQL's binary form of values: the fields of a binary COPY, and (without their length) parameters of a statement.
//!
//! Layouts are those of the types' `recv` functions in PostgreSQL 15; they have not changed since version 8.

use super::types::Kind;

/// What a binary COPY starts with: signature, flags, length of the header extension
/// (<https://www.postgresql.org/docs/15/sql-copy.html>, "Binary Format").
pub const COPY_HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// What ends one: a tuple with -1 fields.
pub const COPY_TRAILER: &[u8] = &[0xff, 0xff];

/// Microseconds from 1970-01-01, where Unix starts counting, to 2000-01-01, where PostgreSQL does.
pub const EPOCH_US: i64 = 946_684_800_000_000;

const DAY_US: i64 = 86_400_000_000;

/// A field that is NULL.
#[inline]
pub fn put_null(out: &mut Vec<u8>) {
    out.extend_from_slice(&(-1_i32).to_be_bytes());
}

/// A field with these bytes.
#[inline]
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as i32).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// Opens a field whose length is not known yet; [`end_field`] closes it.
#[inline]
pub fn begin_field(out: &mut Vec<u8>) -> usize {
    out.extend_from_slice(&[0; 4]);
    out.len()
}

/// Writes the length of the field that began at `start`.
#[inline]
pub fn end_field(out: &mut [u8], start: usize) {
    let length = (out.len() - start) as i32;
    out[start - 4..start].copy_from_slice(&length.to_be_bytes());
}

/// A whole number as a field of a number type; the caller has checked the bounds.
#[inline]
pub fn put_integer(out: &mut Vec<u8>, kind: Kind, value: i64) {
    match kind {
        Kind::Int2 => put_fixed(out, (value as i16).to_be_bytes()),
        Kind::Int4 => put_fixed(out, (value as i32).to_be_bytes()),
        Kind::Float4 => put_fixed(out, (value as f32).to_be_bytes()),
        Kind::Float8 => put_fixed(out, (value as f64).to_be_bytes()),
        Kind::Numeric => put_decimal(out, i128::from(value), 0),
        Kind::Bool => put_fixed(out, [u8::from(value != 0)]),
        Kind::Oid => put_fixed(out, (value as u32).to_be_bytes()),
        Kind::Money => put_fixed(out, value.saturating_mul(100).to_be_bytes()),
        _ => put_fixed(out, value.to_be_bytes()),
    }
}

/// Length and bytes of a type whose width is fixed, in one write.
#[inline]
pub fn put_fixed<const N: usize>(out: &mut Vec<u8>, bytes: [u8; N]) {
    out.extend_from_slice(&(N as i32).to_be_bytes());
    out.extend_from_slice(&bytes);
}

/// `unscaled / 10^scale` as a field of a number type; a negative scale counts the zeros that follow.
#[inline]
pub fn put_scaled(out: &mut Vec<u8>, kind: Kind, unscaled: i128, scale: i32) {
    let power = |exponent: i32| 10_i128.pow(exponent.clamp(0, 28) as u32);
    match kind {
        Kind::Money => {
            let hundredths = if scale > 2 { unscaled / power(scale - 2) } else { unscaled.saturating_mul(power(2 - scale)) };
            put_fixed(out, (hundredths as i64).to_be_bytes());
        }
        Kind::Numeric if scale < 0 => put_decimal(out, unscaled.saturating_mul(power(-scale)), 0),
        Kind::Numeric => put_decimal(out, unscaled, scale.unsigned_abs()),
        kind => put_integer(out, kind, unscaled as i64),
    }
}

/// `unscaled / 10^scale` as a `numeric` field: digits to the base of 10,000, the first one's weight, sign, digits shown after the
/// point. `scale` is at most 28.
pub fn put_decimal(out: &mut Vec<u8>, unscaled: i128, scale: u32) {
    let padding = (4 - scale % 4) % 4;
    let mut rest = unscaled.unsigned_abs().saturating_mul(10_u128.pow(padding));
    let mut digits = [0_u16; 12];
    let mut count = 0;
    while rest > 0 && count < digits.len() {
        digits[count] = (rest % 10_000) as u16;
        rest /= 10_000;
        count += 1;
    }
    let weight = count as i32 - 1 - ((scale + padding) / 4) as i32;
    let trailing = digits[..count].iter().take_while(|digit| **digit == 0).count();
    let start = begin_field(out);
    out.extend_from_slice(&((count - trailing) as i16).to_be_bytes());
    out.extend_from_slice(&(if count == 0 { 0 } else { weight as i16 }).to_be_bytes());
    out.extend_from_slice(&(if unscaled < 0 { 0x4000_u16 } else { 0 }).to_be_bytes());
    out.extend_from_slice(&(scale as u16).to_be_bytes());
    for digit in digits[trailing..count].iter().rev() {
        out.extend_from_slice(&digit.to_be_bytes());
    }
    end_field(out, start);
}

/// A moment, in microseconds since 1970, as a field of a type with a moment in it: the day of a `date`, the hour of a `time`.
#[inline]
pub fn put_moment(out: &mut Vec<u8>, kind: Kind, unix_us: i64) {
    let since_2000 = unix_us.saturating_sub(EPOCH_US);
    match kind {
        Kind::Date => put_fixed(out, (since_2000.div_euclid(DAY_US) as i32).to_be_bytes()),
        Kind::Time => put_fixed(out, since_2000.rem_euclid(DAY_US).to_be_bytes()),
        // In Greenwich.
        Kind::Timetz => {
            out.extend_from_slice(&12_i32.to_be_bytes());
            out.extend_from_slice(&since_2000.rem_euclid(DAY_US).to_be_bytes());
            out.extend_from_slice(&0_i32.to_be_bytes());
        }
        _ => put_fixed(out, since_2000.to_be_bytes()),
    }
}

/// Writes OIDs into the arrays among the fields of whole rows: behind an array's number of dimensions and its flags stands the type of
/// its elements.
pub fn put_element_oids(rows: &mut [u8], oids: &[Option<u32>]) {
    let mut at = 0;
    while at < rows.len() {
        // How many fields a row has.
        at += 2;
        for oid in oids {
            let Some(length) = rows.get(at..at + 4) else { return };
            let length = i32::from_be_bytes([length[0], length[1], length[2], length[3]]);
            at += 4;
            let Ok(length) = usize::try_from(length) else { continue };
            if let (Some(oid), Some(place)) = (oid, rows.get_mut(at + 8..at + 12)) {
                place.copy_from_slice(&oid.to_be_bytes());
            }
            at += length;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(unscaled: i128, scale: u32) -> Vec<i16> {
        let mut out = Vec::new();
        put_decimal(&mut out, unscaled, scale);
        assert_eq!(out[..4], ((out.len() - 4) as i32).to_be_bytes());
        out[4..].chunks(2).map(|pair| i16::from_be_bytes([pair[0], pair[1]])).collect()
    }

    /// `numeric_send` of PostgreSQL 15 for the same numbers.
    #[test]
    fn decimals_have_the_servers_own_layout() {
        assert_eq!(decimal(0, 2), [0, 0, 0, 2]);
        assert_eq!(decimal(12_345, 0), [2, 1, 0, 0, 1, 2345]);
        assert_eq!(decimal(1_999, 2), [2, 0, 0, 2, 19, 9900]);
        assert_eq!(decimal(-5, 1), [1, -1, 0x4000, 1, 5000]);
        assert_eq!(decimal(100_000_000, 0), [1, 2, 0, 0, 1]);
        assert_eq!(decimal(1, 8), [1, -2, 0, 8, 1]);
    }

    #[test]
    fn only_arrays_that_are_there_get_the_oid_of_their_elements() {
        let mut rows = Vec::new();
        for array in [Some([7_u8; 12]), None] {
            rows.extend_from_slice(&2_u16.to_be_bytes());
            put_fixed(&mut rows, [9; 14]);
            match array {
                Some(bytes) => put_fixed(&mut rows, bytes),
                None => put_null(&mut rows),
            }
        }
        let mut named = rows.clone();
        put_element_oids(&mut named, &[None, Some(0x0102_0304)]);
        let changed: Vec<usize> = (0..rows.len()).filter(|place| rows[*place] != named[*place]).collect();
        assert_eq!(changed, [32, 33, 34, 35]);
        assert_eq!(named[32..36], [1, 2, 3, 4]);
    }

    #[test]
    fn moments_count_from_2000() {
        let mut out = Vec::new();
        put_moment(&mut out, Kind::Date, EPOCH_US - 1);
        put_moment(&mut out, Kind::Timestamptz, EPOCH_US + 5);
        put_moment(&mut out, Kind::Time, EPOCH_US - 1);
        let mut expected = vec![0, 0, 0, 4, 255, 255, 255, 255, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 8];
        expected.extend((DAY_US - 1).to_be_bytes());
        assert_eq!(out, expected);
    }
}
