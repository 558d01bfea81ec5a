//! Keys of rows that were read: sets to look them up in, and lists to refer to them by.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use crate::seed::digest::chunk_digest;
use crate::seed::encode::{put_integer, put_null};
use crate::seed::rng::mix;
use crate::seed::text::integer;
use crate::seed::types::Kind;

/// The key of a row in a set: a whole number as it is, anything else as 128 bits of hash.
pub type KeyValue = u128;

/// The value of a key over some fields, each with its length in front; `None` when one is NULL.
pub fn key_value<'f>(fields: impl Iterator<Item = (&'f [u8], Kind)> + Clone) -> Option<KeyValue> {
    let mut several = fields.clone();
    if let (Some((field, kind)), None) = (several.next(), several.next())
        && kind.is_integer()
    {
        return (field[0] != 0xff).then(|| u128::from(integer(&field[4..]) as u64));
    }
    let mut bytes = Vec::new();
    for (field, kind) in fields {
        // A NULL's length is negative.
        if field[0] == 0xff {
            return None;
        }
        match kind {
            // Equal whole numbers of different widths are equal keys.
            kind if kind.is_integer() => bytes.extend_from_slice(&integer(&field[4..]).to_be_bytes()),
            // 1.0 and 1.00 differ in the digits they show alone.
            Kind::Numeric => bytes.extend([&field[..10], &[0, 0], &field[12..]].concat()),
            _ => bytes.extend_from_slice(field),
        }
    }
    Some(u128::from_be_bytes(chunk_digest(&bytes)))
}

/// A set of keys.
#[derive(Debug)]
pub enum KeySet {
    Numbers(Numbers),
    Hashes(HashSet<KeyValue, BuildHasherDefault<Mixed>>),
}

impl KeySet {
    pub fn new(of_numbers: bool) -> KeySet {
        if of_numbers { KeySet::Numbers(Numbers::default()) } else { KeySet::Hashes(HashSet::default()) }
    }

    pub fn insert(&mut self, key: KeyValue) {
        match self {
            KeySet::Numbers(numbers) => numbers.insert(key as u64),
            KeySet::Hashes(hashes) => {
                hashes.insert(key);
            }
        }
    }

    pub fn contains(&self, key: KeyValue) -> bool {
        match self {
            KeySet::Numbers(numbers) => numbers.contains(key as u64),
            KeySet::Hashes(hashes) => hashes.contains(&key),
        }
    }
}

/// Whole numbers, by their upper 48 bits: pages of 65,536, as a sorted list while few of them are there and as a bit each when many
/// are. Keys of a table are mostly dense, and take a bit to two bytes each.
#[derive(Debug, Default)]
pub struct Numbers {
    pages: HashMap<u64, Page, BuildHasherDefault<Mixed>>,
}

#[derive(Debug)]
enum Page {
    Few(Vec<u16>),
    Many(Box<[u64; 1024]>),
}

/// As many numbers in a list take as much room as a bit for each of the page's.
const FEW: usize = 4096;

impl Numbers {
    fn insert(&mut self, number: u64) {
        let low = number as u16;
        let page = self.pages.entry(number >> 16).or_insert_with(|| Page::Few(Vec::new()));
        if let Page::Few(list) = page {
            // Mostly they come in order.
            if list.last().is_none_or(|last| *last < low) {
                list.push(low);
            } else if let Err(at) = list.binary_search(&low) {
                list.insert(at, low);
            }
            if list.len() > FEW {
                let mut bits = Box::new([0; 1024]);
                list.iter().for_each(|low| bits[usize::from(low / 64)] |= 1 << (low % 64));
                *page = Page::Many(bits);
            }
        } else if let Page::Many(bits) = page {
            bits[usize::from(low / 64)] |= 1 << (low % 64);
        }
    }

    fn contains(&self, number: u64) -> bool {
        let low = number as u16;
        match self.pages.get(&(number >> 16)) {
            Some(Page::Few(list)) => list.binary_search(&low).is_ok(),
            Some(Page::Many(bits)) => bits[usize::from(low / 64)] & 1 << (low % 64) != 0,
            None => false,
        }
    }
}

/// Hashes of keys that need no defence: nobody chooses keys to hurt a seeding.
#[derive(Debug, Default)]
pub struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = mix(self.0 ^ u64::from(*byte)));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = mix(self.0 ^ number);
    }

    fn write_u128(&mut self, number: u128) {
        self.0 = mix(self.0 ^ number as u64 ^ (number >> 64) as u64);
    }
}

/// A column of the rows that were read, by row number.
#[derive(Debug)]
pub enum Stored {
    /// `start`, `start + 1`, …, as most keys are.
    Run {
        start: i64,
        count: u64,
    },
    Numbers(Vec<i64>),
    /// Fields with their lengths in front.
    Fields {
        bytes: Vec<u8>,
        ends: Vec<u64>,
    },
}

impl Default for Stored {
    fn default() -> Self {
        Stored::Run { start: 0, count: 0 }
    }
}

impl Stored {
    /// Adds the next row's field, its length in front.
    pub fn push(&mut self, field: &[u8], kind: Kind) {
        let number = (kind.is_integer() && field[0] != 0xff).then(|| integer(&field[4..]));
        match (&mut *self, number) {
            (Stored::Run { start, count }, Some(number)) if *count == 0 => (*start, *count) = (number, 1),
            (Stored::Run { start, count }, Some(number)) if start.checked_add_unsigned(*count) == Some(number) => *count += 1,
            (Stored::Run { start, count }, Some(number)) => {
                let run = (*start..).take(*count as usize).chain([number]);
                *self = Stored::Numbers(run.collect());
            }
            (Stored::Numbers(numbers), Some(number)) => numbers.push(number),
            (Stored::Fields { bytes, ends }, _) => {
                bytes.extend_from_slice(field);
                ends.push(bytes.len() as u64);
            }
            (_, None) => {
                let (mut bytes, mut ends) = (Vec::new(), Vec::new());
                for row in 0..self.len() {
                    self.write(row, kind, &mut bytes);
                    ends.push(bytes.len() as u64);
                }
                *self = Stored::Fields { bytes, ends };
                self.push(field, kind);
            }
        }
    }

    fn len(&self) -> u64 {
        match self {
            Stored::Run { count, .. } => *count,
            Stored::Numbers(numbers) => numbers.len() as u64,
            Stored::Fields { ends, .. } => ends.len() as u64,
        }
    }

    /// Appends a row's field.
    #[inline]
    pub fn write(&self, row: u64, kind: Kind, out: &mut Vec<u8>) {
        match self {
            Stored::Run { start, count } if row < *count => put_integer(out, kind, start.wrapping_add_unsigned(row)),
            Stored::Numbers(numbers) if row < numbers.len() as u64 => put_integer(out, kind, numbers[row as usize]),
            Stored::Fields { bytes, ends } if row < ends.len() as u64 => {
                let start = if row == 0 { 0 } else { ends[row as usize - 1] };
                out.extend_from_slice(&bytes[start as usize..ends[row as usize] as usize]);
            }
            _ => put_null(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_set_of_numbers_holds_what_went_in(
            dense in prop::collection::vec(0_u64..20_000, 0..6000),
            sparse in prop::collection::vec(any::<u64>(), 0..50),
        ) {
            let all: HashSet<u64> = dense.iter().chain(&sparse).copied().collect();
            let mut set = KeySet::new(true);
            dense.iter().chain(&sparse).for_each(|number| set.insert(u128::from(*number)));
            for number in (0..20_100).chain(sparse.iter().flat_map(|number| [*number, number ^ 1])) {
                prop_assert_eq!(set.contains(u128::from(number)), all.contains(&number));
            }
        }

        #[test]
        fn stored_fields_come_back(numbers in prop::collection::vec(prop::option::weighted(0.9, -5_i64..5), 0..40), run in 0_i64..20) {
            let mut stored = Stored::default();
            let mut expected = Vec::new();
            for number in (0..run).map(Some).chain(numbers) {
                let start = expected.len();
                match number {
                    Some(number) => put_integer(&mut expected, Kind::Int8, number),
                    None => put_null(&mut expected),
                }
                let field = expected[start..].to_vec();
                stored.push(&field, Kind::Int8);
            }
            let mut back = Vec::new();
            (0..stored.len()).for_each(|row| stored.write(row, Kind::Int8, &mut back));
            prop_assert_eq!(back, expected);
        }
    }
}
