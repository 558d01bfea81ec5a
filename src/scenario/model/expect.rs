//! What the seeded data must show: sums, counts, and claims that a statement can be asked about.

use super::Located;

/// `data.expect:`, counts that the seeded data must meet, unscaled.
#[derive(Debug, Clone, Default)]
pub struct Expect {
    pub total_rows: Option<Located<u64>>,
    /// Tables that `total_rows` leaves out.
    pub without: Vec<Located<String>>,
    /// `tables: {users: 911}`: rows of single tables.
    pub tables: Vec<(Located<String>, Located<u64>)>,
}

/// `data.check:`, a claim with the statement that proves it:
/// `{claim: "users with 20 or more lists", sql: "SELECT …", expect: 9, within: 5%}`
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    pub claim: String,
    /// Returns one number.
    pub sql: Located<String>,
    pub expect: Expected,
    /// `within:`, how far the number may be off, as a share of what is expected; 0 when absent.
    pub within: f64,
}

/// What a claim's statement must return.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// As written: `9`, `80%`, `20-30`.
    pub text: String,
    /// `low == high` unless a range was written.
    pub low: f64,
    pub high: f64,
    /// Shares (`80%`, returned as 0.8) hold at any scale, numbers only unscaled.
    pub share: bool,
}

impl Claim {
    /// True when the number is what was expected, or near enough.
    pub fn holds(&self, got: f64) -> bool {
        let room = |bound: f64| self.within * bound.abs();
        // Sums of fractions differ in their last digits.
        let digits = f64::EPSILON * 8.0 * self.expect.high.abs().max(got.abs());
        got >= self.expect.low - room(self.expect.low) - digits && got <= self.expect.high + room(self.expect.high) + digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::Location;

    fn claim(low: f64, high: f64, within: f64) -> Claim {
        let sql = Located::new("SELECT 1".to_owned(), Location::default());
        Claim { claim: "c".into(), sql, expect: Expected { text: "x".into(), low, high, share: false }, within }
    }

    #[test]
    fn a_claim_holds_up_to_its_tolerance() {
        let exact = claim(9.0, 9.0, 0.0);
        assert!(exact.holds(9.0) && !exact.holds(10.0) && !exact.holds(8.999) && !exact.holds(f64::NAN));
        assert!(claim(0.1 + 0.2, 0.1 + 0.2, 0.0).holds(0.3));
        let near = claim(100.0, 100.0, 0.05);
        assert!(near.holds(95.0) && near.holds(105.0) && !near.holds(94.9) && !near.holds(105.1));
        let range = claim(-10.0, 30.0, 0.1);
        assert!(range.holds(-11.0) && range.holds(33.0) && !range.holds(-11.1) && !range.holds(33.1));
    }
}
