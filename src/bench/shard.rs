//! `--shard k/n`: one load, driven by several machines that do not talk to each other.
//!
//! Every shard knows the whole load and takes its part by number alone: call numbers, clients and arrivals are dealt out like
//! cards. The parts are disjoint, together they are the whole, and each is the same wherever and whenever it runs.

use std::str::FromStr;

use crate::report::model::Shard;

/// The only shard of a load that nobody shares.
pub const WHOLE: Shard = Shard { number: 1, of: 1 };

/// Clients of a closed loop that are the shard's: as many on each as on any other, or one more on the first ones.
pub fn clients(total: u32, shard: Shard) -> u32 {
    total / shard.of + u32::from(total % shard.of >= shard.number)
}

/// The number, in the whole load, of the shard's own call number `local` (from 0): it says which parameters the call has.
pub fn call_number(local: u64, shard: Shard) -> u64 {
    local.saturating_mul(u64::from(shard.of)).saturating_add(u64::from(shard.number - 1))
}

/// Whether arrival number `arrival` (from 0) of the whole schedule is the shard's. Every shard makes the same schedule and drops
/// what is not its own.
pub fn owns(arrival: u64, shard: Shard) -> bool {
    arrival % u64::from(shard.of) == u64::from(shard.number - 1)
}

/// Why a text is no shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShardError {
    #[error("`{0}` is no part of a load; write the number of this part and how many there are, e.g. 2/5")]
    Malformed(String),
    #[error("there is no part {number} of {of}: parts are numbered from 1 to {of}")]
    OutOfRange { number: u32, of: u32 },
}

impl FromStr for Shard {
    type Err = ShardError;

    /// `2/5`: the second of five.
    fn from_str(text: &str) -> Result<Shard, ShardError> {
        let parts = text.split_once('/').and_then(|(number, of)| Some((number.trim().parse().ok()?, of.trim().parse().ok()?)));
        match parts {
            Some((_, 0)) | None => Err(ShardError::Malformed(text.to_owned())),
            Some((number, of)) if number == 0 || number > of => Err(ShardError::OutOfRange { number, of }),
            Some((number, of)) => Ok(Shard { number, of }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shards(of: u32) -> impl Iterator<Item = Shard> {
        (1..=of).map(move |number| Shard { number, of })
    }

    #[test]
    fn a_shard_is_written_as_a_fraction() {
        assert_eq!("2/5".parse(), Ok(Shard { number: 2, of: 5 }));
        assert_eq!("1/1".parse(), Ok(WHOLE));
        let message = |text: &str| text.parse::<Shard>().unwrap_err().to_string();
        assert_eq!(message("6/5"), "there is no part 6 of 5: parts are numbered from 1 to 5");
        assert_eq!(message("0/5"), "there is no part 0 of 5: parts are numbered from 1 to 5");
        for text in ["", "5", "1/0", "0/0", "-1/2", "1/2/3", "a/b", "1.5/2"] {
            assert!(message(text).contains("e.g. 2/5"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn clients_add_up_and_no_shard_has_two_more_than_another(total in 0_u32..5000, of in 1_u32..60) {
            let parts: Vec<u32> = shards(of).map(|shard| clients(total, shard)).collect();
            prop_assert_eq!(parts.iter().sum::<u32>(), total);
            prop_assert!(parts.iter().max().unwrap() - parts.iter().min().unwrap() <= 1);
        }

        #[test]
        fn every_call_is_made_by_one_shard(of in 1_u32..60, calls in 1_u64..500) {
            let mut numbers: Vec<u64> =
                shards(of).flat_map(|shard| (0..calls).map(move |local| call_number(local, shard))).collect();
            numbers.sort_unstable();
            prop_assert!(numbers.into_iter().eq(0..calls * u64::from(of)));
        }

        #[test]
        fn every_arrival_belongs_to_one_shard(of in 1_u32..60, arrival in any::<u64>()) {
            prop_assert_eq!(shards(of).filter(|shard| owns(arrival, *shard)).count(), 1);
        }

        #[test]
        fn the_arrivals_of_a_shard_have_its_call_numbers(of in 1_u32..60, number in 0_u32..60, local in 0_u64..1 << 40) {
            let shard = Shard { number: number % of + 1, of };
            prop_assert!(owns(call_number(local, shard), shard));
        }
    }
}
