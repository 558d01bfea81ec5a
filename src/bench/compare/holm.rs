//! Many questions at once (Holm, Scandinavian Journal of Statistics 6(2), 1979).

/// Probability of one false alarm or more among all endpoints of a comparison.
pub const ALPHA: f64 = 0.05;

/// A p-value among others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adjusted {
    /// To be held against [`ALPHA`] itself.
    pub p: f64,
    /// What its plain p-value was in effect held against: [`ALPHA`] over the number of questions not yet answered. An interval
    /// of this level says the same as the p-value.
    pub level: f64,
}

/// Holm's step-down adjustment, in the order of the p-values given.
pub fn adjust(p_values: &[f64]) -> Vec<Adjusted> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut adjusted = vec![Adjusted { p: 1.0, level: ALPHA }; p_values.len()];
    let mut highest = 0.0_f64;
    // Where the first question goes unanswered, those after it are not asked: they keep its level.
    let mut level = None;
    for (rank, place) in order.into_iter().enumerate() {
        let left = (p_values.len() - rank) as f64;
        highest = highest.max((p_values[place] * left).min(1.0));
        let own = level.unwrap_or(ALPHA / left);
        if highest >= ALPHA {
            level = Some(own);
        }
        adjusted[place] = Adjusted { p: highest, level: own };
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_smallest_pays_for_all_and_the_rest_for_what_is_left() {
        let found: Vec<f64> = adjust(&[0.01, 0.04, 0.03, 0.005]).iter().map(|one| one.p).collect();
        let expected = [0.03, 0.06, 0.06, 0.02];
        assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-12), "{found:?}");
        assert_eq!(adjust(&[0.03]), [Adjusted { p: 0.03, level: 0.05 }]);
        assert_eq!(adjust(&[]), []);
    }

    proptest! {
        #[test]
        fn it_keeps_the_order_and_never_lowers(p_values in prop::collection::vec(0.0_f64..=1.0, 1..40)) {
            let adjusted = adjust(&p_values);
            for (p, found) in p_values.iter().zip(&adjusted) {
                prop_assert!(found.p >= *p && found.p <= 1.0);
                prop_assert!(found.level <= ALPHA && found.level >= ALPHA / p_values.len() as f64 - 1e-15);
                prop_assert_eq!(found.p < ALPHA, *p < found.level || found.p < ALPHA, "{} {:?}", p, found);
                for (other_p, other) in p_values.iter().zip(&adjusted) {
                    prop_assert!(p > other_p || found.p <= other.p);
                }
            }
        }
    }
}
