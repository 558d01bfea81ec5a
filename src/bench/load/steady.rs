//! Whether a load has settled: caches are warm, statements planned for good.

/// Calls of each quarter of a second since the load began.
#[derive(Debug, Default)]
pub struct Steady {
    calls: Vec<u64>,
}

/// Quarters of a second that have to agree.
const QUARTERS: usize = 4;
/// … within this share of their mean. Ten per cent is what a busy machine's throughput moves by itself.
const SHARE: f64 = 0.10;

impl Steady {
    pub fn add(&mut self, calls: u64) {
        self.calls.push(calls);
    }

    /// True once a second of it is level and not still rising; the very first quarter, in which everything starts, never counts.
    pub fn reached(&self) -> bool {
        self.calls.len() > QUARTERS && self.is_level()
    }

    /// Whether the last second is level.
    pub fn is_level(&self) -> bool {
        let Some(from) = self.calls.len().checked_sub(QUARTERS) else { return false };
        let last = &self.calls[from..];
        let mean = last.iter().sum::<u64>() as f64 / QUARTERS as f64;
        // Of few calls chance alone moves the count by its root.
        let room = (SHARE * mean).max(2.0 * mean.sqrt());
        mean > 0.0 && last.iter().all(|calls| (*calls as f64 - mean).abs() <= room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(calls: &[u64]) -> bool {
        let mut steady = Steady::default();
        calls.iter().for_each(|calls| steady.add(*calls));
        steady.reached()
    }

    #[test]
    fn a_level_second_is_steady_and_a_rising_or_silent_one_is_not() {
        assert!(after(&[100, 980, 1000, 1010, 1005]));
        assert!(!after(&[980, 1000, 1010, 1005]), "the first quarter does not count");
        assert!(!after(&[100, 400, 600, 800, 1000]));
        assert!(!after(&[0, 0, 0, 0, 0]));
    }
}
