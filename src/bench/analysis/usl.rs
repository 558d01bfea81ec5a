//! The Universal Scalability Law, fitted to a sweep over clients.

use crate::report::model::Usl;

/// Fewest numbers of clients that three unknowns can be fitted to with something left to judge the fit by.
pub const FEWEST_POINTS: usize = 4;
/// Below this share of the variance explained, and …
const LEAST_R2: f64 = 0.8;
/// … with more than this mean error, the law does not describe the system.
const MOST_ERROR: f64 = 0.05;

/// Throughput of `clients` by the law.
pub fn throughput(usl: &Usl, clients: f64) -> f64 {
    usl.lambda * shape(clients, usl.contention, usl.coherence)
}

fn shape(clients: f64, contention: f64, coherence: f64) -> f64 {
    clients / (1.0 + contention * (clients - 1.0) + coherence * clients * (clients - 1.0))
}

/// Fits (clients, throughput) with relative errors, so that the small numbers of clients weigh as much as the large ones; contention
/// within 0 to 1, coherence from 0. `None` with fewer than [`FEWEST_POINTS`] different numbers, or when the law does not fit.
///
/// n / X(n) = 1/λ + σ/λ · (n − 1) + κ/λ · n(n − 1) is linear in three unknowns, so weighted least squares have an exact answer; where
/// it would be negative, the best of the answers with that unknown left out is taken.
pub fn fit(points: &[(f64, f64)]) -> Option<Usl> {
    let points: Vec<(f64, f64)> = points.iter().copied().filter(|(n, x)| *n >= 1.0 && *x > 0.0 && x.is_finite()).collect();
    let mut different: Vec<f64> = points.iter().map(|point| point.0).collect();
    different.sort_by(f64::total_cmp);
    different.dedup();
    if different.len() < FEWEST_POINTS {
        return None;
    }
    let best = candidates(&points).into_iter().min_by(|a, b| error(&points, *a).total_cmp(&error(&points, *b)))?;
    let (lambda, contention, coherence) = best;
    let r2 = r_squared(&points, lambda, contention, coherence);
    let mean_error = (error(&points, best) / points.len() as f64).sqrt();
    if r2 < LEAST_R2 && mean_error > MOST_ERROR {
        return None;
    }
    let mut usl = Usl { lambda, contention, coherence, r2, peak_clients: None, peak_per_s: None };
    // Beyond ten thousand clients the fall is a matter of faith.
    let peak = ((1.0 - contention).max(0.0) / coherence).sqrt().max(1.0);
    if coherence > 0.0 && peak < 10_000.0 {
        usl.peak_clients = Some(peak);
        usl.peak_per_s = Some(throughput(&usl, peak));
    }
    Some(usl)
}

type Parameters = (f64, f64, f64);

/// The answers with each set of unknowns, as far as they make sense.
fn candidates(points: &[(f64, f64)]) -> Vec<Parameters> {
    let (one, contending, agreeing): (Term, Term, Term) = (|_| 1.0, |n| n - 1.0, |n| n * (n - 1.0));
    // Contention of 1: nothing at all runs side by side, and the first two terms are one.
    let serial: Term = |n| n;
    let mut found = Vec::new();
    let mut keep = |terms: &[Term], read: fn(&[f64]) -> (f64, f64, f64)| {
        let Some(solved) = least_squares(points, terms) else { return };
        let (inverse, contention, coherence) = read(&solved);
        let parameters = (1.0 / inverse, contention / inverse, coherence / inverse);
        let sound = inverse > 0.0 && (0.0..=1.0).contains(&parameters.1) && parameters.2 >= 0.0;
        if sound && parameters.0.is_finite() && parameters.2.is_finite() {
            found.push(parameters);
        }
    };
    keep(&[one, contending, agreeing], |c| (c[0], c[1], c[2]));
    keep(&[one, contending], |c| (c[0], c[1], 0.0));
    keep(&[one, agreeing], |c| (c[0], 0.0, c[1]));
    keep(&[one], |c| (c[0], 0.0, 0.0));
    keep(&[serial, agreeing], |c| (c[0], c[0], c[1]));
    keep(&[serial], |c| (c[0], c[0], 0.0));
    found
}

type Term = fn(f64) -> f64;

/// The coefficients of the terms that bring their sum nearest to n / X(n), in relative errors; `None` when they cannot be told apart.
fn least_squares(points: &[(f64, f64)], terms: &[Term]) -> Option<Vec<f64>> {
    let size = terms.len();
    let mut rows = vec![vec![0.0; size + 1]; size];
    for (clients, found) in points {
        let values: Vec<f64> = terms.iter().map(|term| term(*clients) * found / clients).collect();
        for (row, left) in rows.iter_mut().zip(&values) {
            row.iter_mut().zip(&values).for_each(|(cell, right)| *cell += left * right);
            row[size] += left;
        }
    }
    solve(rows)
}

/// Gauss and Jordan with pivoting, on rows with their right-hand sides last.
fn solve(mut rows: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let size = rows.len();
    for column in 0..size {
        let pivot = (column..size).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))?;
        rows.swap(column, pivot);
        let divisor = rows[column][column];
        if divisor.abs() < f64::MIN_POSITIVE {
            return None;
        }
        rows[column].iter_mut().for_each(|cell| *cell /= divisor);
        let own = rows[column].clone();
        for (_, row) in rows.iter_mut().enumerate().filter(|(number, _)| *number != column) {
            let factor = row[column];
            row.iter_mut().zip(&own).for_each(|(cell, own)| *cell -= factor * own);
        }
    }
    Some(rows.into_iter().map(|row| row[size]).collect())
}

/// Sum of squared relative errors.
fn error(points: &[(f64, f64)], (lambda, contention, coherence): Parameters) -> f64 {
    points.iter().map(|(clients, found)| (lambda * shape(*clients, contention, coherence) / found - 1.0).powi(2)).sum()
}

fn r_squared(points: &[(f64, f64)], lambda: f64, contention: f64, coherence: f64) -> f64 {
    let mean = points.iter().map(|point| point.1).sum::<f64>() / points.len() as f64;
    let total: f64 = points.iter().map(|point| (point.1 - mean).powi(2)).sum();
    let left: f64 = points.iter().map(|(n, x)| (x - lambda * shape(*n, contention, coherence)).powi(2)).sum();
    if total > 0.0 { 1.0 - left / total } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CLIENTS: [f64; 7] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

    proptest! {
        #[test]
        fn the_parameters_of_a_curve_come_back(lambda in 10.0..50_000.0_f64, sigma in 0.0..0.5_f64, kappa in 0.0..0.01_f64,
            noise in proptest::collection::vec(-0.01..0.01_f64, 7))
        {
            let points: Vec<(f64, f64)> =
                CLIENTS.iter().zip(&noise).map(|(n, noise)| (*n, lambda * shape(*n, sigma, kappa) * (1.0 + noise))).collect();
            let usl = fit(&points).expect("it is such a curve");
            prop_assert!((usl.lambda / lambda - 1.0).abs() < 0.06, "{usl:?}");
            for (clients, found) in &points {
                prop_assert!((throughput(&usl, *clients) / found - 1.0).abs() < 0.04, "{usl:?}");
            }
            prop_assert!(usl.contention >= 0.0 && usl.coherence >= 0.0);
        }

        #[test]
        fn anything_gives_a_sound_fit_or_none(points in proptest::collection::vec((1.0..500.0_f64, 0.0..1e6_f64), 0..12)) {
            if let Some(usl) = fit(&points) {
                let figures = [usl.lambda, usl.contention, usl.coherence, usl.r2];
                prop_assert!(figures.iter().all(|figure| figure.is_finite()) && usl.lambda > 0.0);
                prop_assert!(usl.contention >= 0.0 && usl.contention <= 1.0 && usl.coherence >= 0.0);
            }
        }
    }

    #[test]
    fn a_falling_curve_has_a_peak_and_a_straight_one_none() {
        let curve = |sigma, kappa| CLIENTS.map(|n| (n, 1000.0 * shape(n, sigma, kappa)));
        let falling = fit(&curve(0.05, 0.002)).unwrap();
        assert!((falling.peak_clients.unwrap() - 21.8).abs() < 0.5, "{falling:?}");
        assert_eq!(fit(&curve(0.0, 0.0)).unwrap().peak_clients, None);
        assert!(fit(&CLIENTS.map(|n| (n, 5000.0))).is_some(), "flat is a law, too");
    }

    #[test]
    fn too_few_points_and_wild_ones_have_no_fit() {
        assert_eq!(fit(&[(1.0, 10.0), (2.0, 20.0), (4.0, 30.0), (4.0, 31.0)]), None);
        assert_eq!(fit(&[(1.0, 10.0), (2.0, 900.0), (4.0, 3.0), (8.0, 700.0), (16.0, 1.0)]), None);
    }
}
