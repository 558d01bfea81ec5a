//! Moments that follow others: an order is paid after it was placed, a review written after its reader joined.

use crate::seed::rng::Key;

use super::context::{Context, Peer};

/// A moment later or earlier than another of the row, or of a row it leads to.
#[derive(Debug)]
pub struct Gap {
    pub key: Key,
    pub from: Peer,
    /// Earlier rather than later.
    pub before: bool,
    /// The shortest and the longest gap in microseconds; `None`: any moment until `until_us`, each as likely.
    pub within: Option<(i64, i64)>,
    /// No moment is later than this.
    pub until_us: i64,
    /// The shortest gap that is one at all.
    pub least_us: i64,
}

/// Mean gaps in the longest one: short waits are the rule, and few come close to the limit (5% of an exponential distribution lie
/// beyond three means; here they are spread over the rest).
const MEANS: f64 = 3.0;

impl Gap {
    /// The moment in microseconds since 1970. `None`: the other moment is NULL.
    pub fn at(&self, context: &mut Context) -> Option<i64> {
        let row = context.row;
        let from = self.from.moment_us(context)?;
        let share = self.key.unit(row);
        let skewed = || -libm::log1p(-share * -libm::expm1(-MEANS)) / MEANS;
        if self.before {
            let (low, high) = self.within.unwrap_or((0, 0));
            return Some(from.saturating_sub(self.between(low, high, skewed())));
        }
        let room = self.until_us.saturating_sub(from);
        if room <= 0 {
            // Nothing comes after the last moment there is.
            return Some(from);
        }
        let gap = match self.within {
            Some((low, high)) => self.between(low.min(room), high.min(room), skewed()),
            None => self.between(0, room, share),
        };
        Some(from.saturating_add(gap.min(room)))
    }

    fn between(&self, low: i64, high: i64, share: f64) -> i64 {
        let low = low.max(self.least_us);
        low + (share * high.saturating_sub(low).max(0) as f64) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    fn gaps(within: Option<(i64, i64)>, from: &str) -> Vec<i64> {
        let gap = Gap {
            key: Key::new(1, &["t", "c"]),
            from: Peer::Parameter("from".into()),
            before: false,
            within,
            until_us: 100 * HOUR,
            least_us: 1,
        };
        let others = |_: &str| Some(from.to_owned());
        let mut context = Context::with(&others);
        (0..10_000)
            .map(|row| {
                context.turn_to(row);
                gap.at(&mut context).unwrap()
            })
            .collect()
    }

    #[test]
    fn gaps_are_mostly_short_and_end_with_the_data() {
        let made = gaps(Some((0, 30 * HOUR)), "1970-01-01T10:00:00Z");
        assert!(made.iter().all(|moment| (10 * HOUR + 1..=40 * HOUR).contains(moment)));
        let mean = made.iter().map(|moment| (moment - 10 * HOUR) as f64).sum::<f64>() / 10_000.0 / HOUR as f64;
        // An exponential distribution of mean 10 h, cut off at 30 h: 10 - 30 e^-3 / (1 - e^-3) hours.
        assert!((mean - 8.43).abs() < 0.3, "{mean}");
        let late = gaps(Some((HOUR, 30 * HOUR)), "1970-01-05T02:00:00Z");
        assert!(late.iter().all(|moment| (99 * HOUR..=100 * HOUR).contains(moment)));
        let any = gaps(None, "1970-01-01T00:00:00Z");
        let mean = any.iter().sum::<i64>() as f64 / 10_000.0 / HOUR as f64;
        assert!((mean - 50.0).abs() < 1.5, "{mean}");
        assert_eq!(gaps(None, "1970-02-01T00:00:00Z")[0], 31 * 24 * HOUR, "there is nothing later");
    }
}
