//! The hash of the rows: equal on any machine and for any number of threads, different when a byte differs.
//!
//! Rows are hashed in chunks whose borders depend on the plan alone, each to 128 bits by whoever makes it; SHA-256 over the
//! table names, row counts and chunk hashes in order gives the hash that is printed. The fast hash guards against accidents, not
//! against adversaries: four lanes of multiply-and-fold over 8-byte words, several times as fast as making the bytes.

use sha2::{Digest, Sha256};

use super::rng::mix;

/// Odd constants without structure: the fractional digits of the square roots of 2, 3, 5 and 7.
const LANES: [u64; 4] = [0x6a09_e667_f3bc_c909, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1];

/// 128 bits of a chunk's bytes.
pub fn chunk_digest(bytes: &[u8]) -> [u8; 16] {
    let mut lanes = LANES;
    let mut blocks = bytes.chunks_exact(32);
    for block in &mut blocks {
        for (lane, word) in lanes.iter_mut().zip(block.chunks_exact(8)) {
            *lane = fold(*lane ^ word_of(word), LANES[3]);
        }
    }
    for (place, byte) in blocks.remainder().iter().enumerate() {
        lanes[place % 4] = fold(lanes[place % 4] ^ (u64::from(*byte) + 1), LANES[2]);
    }
    let length = bytes.len() as u64;
    let first = mix(lanes[0] ^ mix(lanes[1] ^ length));
    let second = mix(lanes[2] ^ mix(lanes[3] ^ first));
    let mut digest = [0; 16];
    digest[..8].copy_from_slice(&first.to_be_bytes());
    digest[8..].copy_from_slice(&second.to_be_bytes());
    digest
}

#[inline]
fn word_of(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Both halves of the product: a multiplication alone would never let high bits reach low ones. Adding the word back keeps a zero
/// from swallowing what came before.
#[inline]
fn fold(word: u64, by: u64) -> u64 {
    let product = u128::from(word) * u128::from(by | 1);
    (product as u64) ^ ((product >> 64) as u64) ^ word.rotate_left(23)
}

/// The hash of one table's rows.
#[derive(Clone)]
pub struct TableDigest(Sha256);

impl TableDigest {
    pub fn new(table: &str, columns: &[String], rows: u64) -> TableDigest {
        let mut sha = Sha256::new();
        for text in std::iter::once(table).chain(columns.iter().map(String::as_str)) {
            sha.update((text.len() as u64).to_be_bytes());
            sha.update(text);
        }
        sha.update(rows.to_be_bytes());
        TableDigest(sha)
    }

    /// Chunks in their order.
    pub fn add(&mut self, chunk: &[u8; 16]) {
        self.0.update(chunk);
    }

    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// Of a table: the hash of the rows of each step that has some, with the step's number.
pub type StepHashes = Vec<(usize, [u8; 32])>;

/// The hashes of one table's rows, step by step.
pub struct StepDigests {
    /// Number of the step, and how many chunks of it are still to come.
    steps: Vec<(usize, TableDigest, u64)>,
}

impl StepDigests {
    /// From the number of each step that has rows, and how many chunks those are made in.
    pub fn new(steps: Vec<(usize, TableDigest, u64)>) -> StepDigests {
        StepDigests { steps }
    }

    /// Chunks in their order.
    pub fn add(&mut self, chunk: &[u8; 16]) {
        if let Some((_, digest, left)) = self.steps.iter_mut().find(|(_, _, left)| *left > 0) {
            digest.add(chunk);
            *left -= 1;
        }
    }

    /// The hash of each step that has rows, with the step's number.
    pub fn finish(self) -> StepHashes {
        self.steps.into_iter().map(|(step, digest, _)| (step, digest.finish())).collect()
    }
}

/// The hash of all tables, in the order given: 64 hexadecimal digits. Rows that grew in steps have the hash of each step chained to that
/// of the rows `before`, so that growing gives the same hash as making the same steps at once.
pub fn data_hash(tables: &[StepHashes], before: Option<&str>) -> String {
    let mut steps: Vec<usize> = tables.iter().flatten().map(|(step, _)| *step).collect();
    steps.sort_unstable();
    steps.dedup();
    let of_step = |step: usize| {
        let mut sha = Sha256::new();
        tables.iter().flatten().filter(|(of, _)| *of == step).for_each(|(_, table)| sha.update(table));
        hexadecimal(sha)
    };
    let chained = steps.into_iter().map(of_step).fold(before.map(str::to_owned), |before, step| {
        Some(match before {
            Some(before) => hexadecimal(Sha256::new().chain_update(before).chain_update(step)),
            None => step,
        })
    });
    chained.unwrap_or_else(|| hexadecimal(Sha256::new()))
}

fn hexadecimal(sha: Sha256) -> String {
    sha.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_changed_byte_changes_the_digest(mut bytes in prop::collection::vec(any::<u8>(), 1..200), at: prop::sample::Index, by in 1_u8..) {
            let before = chunk_digest(&bytes);
            let at = at.index(bytes.len());
            bytes[at] ^= by;
            prop_assert_ne!(before, chunk_digest(&bytes));
            bytes[at] ^= by;
            bytes.push(0);
            prop_assert_ne!(before, chunk_digest(&bytes));
        }
    }
}
