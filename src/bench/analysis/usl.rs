//! The Universal Scalability Law, fitted to a sweep over numbers of clients.
//!
//! With a = 1/λ, b = σ/λ and c = κ/λ the law is n/X(n) = a + b(n − 1) + c·n(n − 1), a straight line in its three unknowns
//! (Gunther, Guerrilla Capacity Planning, 2007, chapter 5). That line gives the start; Levenberg and Marquardt's method (Marquardt,
//! SIAM Journal 11(2), 1963) then lowers the squared relative errors of the throughput itself, so that a step of 200 calls per
//! second counts as much as one of 20,000. The bounds 0 ≤ σ ≤ 1 and κ ≥ 0 are kept by fitting every face of them and taking
//! the best that lies inside: there are six.

use crate::report::model::Usl;

/// Fewest different numbers of clients: three unknowns need a fourth point to be wrong about.
pub const FEWEST_POINTS: usize = 4;
/// A law that explains less of the throughput's variance than this is no description of it.
pub const SMALLEST_R2: f64 = 0.9;
/// A flat sweep has no variance to explain: there a fit counts when it misses by no more than this on average (root mean
/// square of the relative errors).
pub const LARGEST_MISS: f64 = 0.05;

const ROUNDS: usize = 100;
/// A peak beyond as many clients is nobody's measurement.
const FARTHEST_PEAK: f64 = 10_000.0;

/// Which unknowns are free, as the columns of the line: what each contributes to n/X(n).
const FACES: [&[Column]; 6] = [
    &[Column::Serial, Column::Contention, Column::Coherence],
    &[Column::Serial, Column::Contention],
    &[Column::Serial, Column::Coherence],
    &[Column::Serial],
    &[Column::AllContended, Column::Coherence],
    &[Column::AllContended],
];

#[derive(Clone, Copy, PartialEq)]
enum Column {
    /// a
    Serial,
    /// b
    Contention,
    /// c
    Coherence,
    /// a and b together where σ is 1.
    AllContended,
}

impl Column {
    fn at(self, n: f64) -> f64 {
        match self {
            Column::Serial => 1.0,
            Column::Contention => n - 1.0,
            Column::Coherence => n * (n - 1.0),
            Column::AllContended => n,
        }
    }
}

/// The law behind pairs of clients and throughput (calls per second). Pairs that are no measurement (no clients, no
/// throughput, not a number) are left out. `None` with fewer than [`FEWEST_POINTS`] different numbers of clients, or when
/// the law does not describe them ([`SMALLEST_R2`], [`LARGEST_MISS`]).
pub fn fit(points: &[(f64, f64)]) -> Option<Usl> {
    let usable = |&(n, x): &(f64, f64)| n >= 1.0 && n.is_finite() && x > 0.0 && x.is_finite();
    let points: Vec<(f64, f64)> = points.iter().copied().filter(usable).collect();
    if different(&points) < FEWEST_POINTS {
        return None;
    }
    let best = FACES.iter().filter_map(|face| fit_face(face, &points)).min_by(|a, b| a.1.total_cmp(&b.1))?;
    let ([a, b, c], squares) = best;
    let (lambda, contention, coherence) = (1.0 / a, b / a, c / a);
    let mut law = Usl { lambda, contention, coherence, r2: 0.0, peak_clients: None, peak_per_s: None };
    law.r2 = explained(&law, &points);
    let miss = (squares / points.len() as f64).sqrt();
    if !lambda.is_finite() || (law.r2 < SMALLEST_R2 && miss > LARGEST_MISS) {
        return None;
    }
    // X'(n) = 0 at n² = (1 − σ)/κ; a law that falls from the start is highest at one client.
    let peak = ((1.0 - contention).max(0.0) / coherence).sqrt().max(1.0);
    law.peak_clients = (coherence > 0.0 && peak < FARTHEST_PEAK).then_some(peak);
    law.peak_per_s = law.peak_clients.map(|n| law.throughput_at(n));
    Some(law)
}

fn different(points: &[(f64, f64)]) -> usize {
    let mut clients: Vec<f64> = points.iter().map(|(n, _)| *n).collect();
    clients.sort_by(f64::total_cmp);
    clients.dedup();
    clients.len()
}

/// R², not below 0: the share of the throughput's variance that the law explains.
fn explained(law: &Usl, points: &[(f64, f64)]) -> f64 {
    let mean = points.iter().map(|(_, x)| x).sum::<f64>() / points.len() as f64;
    let all: f64 = points.iter().map(|(_, x)| (x - mean).powi(2)).sum();
    let left: f64 = points.iter().map(|&(n, x)| (x - law.throughput_at(n)).powi(2)).sum();
    if left <= 0.0 || left <= all * f64::EPSILON {
        return 1.0;
    }
    if all <= 0.0 { 0.0 } else { (1.0 - left / all).max(0.0) }
}

/// a, b and c of one face with the sum of squared relative errors; `None` when it lies outside the bounds.
fn fit_face(face: &[Column], points: &[(f64, f64)]) -> Option<([f64; 3], f64)> {
    let start = straight_line(face, points)?;
    let (unknowns, squares) = refine(face, points, start)?;
    let [mut a, mut b, mut c] = [0.0; 3];
    for (column, value) in face.iter().zip(unknowns) {
        match column {
            Column::Serial => a = value,
            Column::Contention => b = value,
            Column::Coherence => c = value,
            Column::AllContended => (a, b) = (value, value),
        }
    }
    (a > 0.0 && (0.0..=a).contains(&b) && c >= 0.0 && squares.is_finite()).then_some(([a, b, c], squares))
}

/// Least squares of the line itself, relative to n/X(n).
fn straight_line(face: &[Column], points: &[(f64, f64)]) -> Option<Vec<f64>> {
    let rows = points.iter().map(|&(n, x)| (face.iter().map(|column| column.at(n) * x / n).collect(), 1.0));
    least_squares(face.len(), rows, 0.0)
}

/// Levenberg and Marquardt: Gauss's steps, damped until they lead downhill.
fn refine(face: &[Column], points: &[(f64, f64)], start: Vec<f64>) -> Option<(Vec<f64>, f64)> {
    let mut at = start;
    let mut squares = sum_of_squares(face, points, &at)?;
    let mut damping = 1e-3;
    for _ in 0..ROUNDS {
        let rows = points.iter().map(|&(n, x)| {
            let g = line(face, &at, n);
            // The error n/(g·x) − 1 moves by −n·column/(g²·x) per unit of the unknown.
            (face.iter().map(|column| n * column.at(n) / (g * g * x)).collect(), n / (g * x) - 1.0)
        });
        let Some(step) = least_squares(face.len(), rows, damping) else { break };
        let next: Vec<f64> = at.iter().zip(&step).map(|(value, step)| value + step).collect();
        match sum_of_squares(face, points, &next) {
            Some(lower) if lower < squares => {
                let settled = squares - lower <= squares * 1e-12;
                (at, squares, damping) = (next, lower, (damping * 0.1).max(1e-12));
                if settled {
                    break;
                }
            }
            _ if damping > 1e9 => break,
            _ => damping *= 10.0,
        }
    }
    Some((at, squares))
}

fn line(face: &[Column], unknowns: &[f64], n: f64) -> f64 {
    face.iter().zip(unknowns).map(|(column, value)| column.at(n) * value).sum()
}

/// Of the relative errors; `None` where the line is not above zero at every point.
fn sum_of_squares(face: &[Column], points: &[(f64, f64)], unknowns: &[f64]) -> Option<f64> {
    let mut sum = 0.0;
    for &(n, x) in points {
        let g = line(face, unknowns, n);
        if g.is_nan() || g <= 0.0 {
            return None;
        }
        sum += (n / (g * x) - 1.0).powi(2);
    }
    sum.is_finite().then_some(sum)
}

/// Solves the normal equations of up to three unknowns, each column scaled to length one, the diagonal raised by `damping`.
fn least_squares(width: usize, rows: impl Iterator<Item = (Vec<f64>, f64)>, damping: f64) -> Option<Vec<f64>> {
    let rows: Vec<(Vec<f64>, f64)> = rows.collect();
    let lengths: Vec<f64> = (0..width).map(|j| rows.iter().map(|(row, _)| row[j] * row[j]).sum::<f64>().sqrt()).collect();
    if lengths.iter().any(|length| !length.is_finite() || *length <= 0.0) {
        return None;
    }
    let scaled = |row: &[f64], j: usize| row[j] / lengths[j];
    let mut system: Vec<Vec<f64>> = (0..width)
        .map(|i| {
            let mut equation: Vec<f64> =
                (0..width).map(|j| rows.iter().map(|(row, _)| scaled(row, i) * scaled(row, j)).sum()).collect();
            equation[i] *= 1.0 + damping;
            equation.push(rows.iter().map(|(row, right)| scaled(row, i) * right).sum());
            equation
        })
        .collect();
    let solution = eliminate(&mut system)?;
    Some(solution.iter().zip(&lengths).map(|(value, length)| value / length).collect())
}

/// Gauss's elimination with the largest pivot of the column.
fn eliminate(system: &mut [Vec<f64>]) -> Option<Vec<f64>> {
    let size = system.len();
    for column in 0..size {
        let pivot = (column..size).max_by(|&i, &j| system[i][column].abs().total_cmp(&system[j][column].abs()))?;
        system.swap(column, pivot);
        if system[column][column].abs() < 1e-14 {
            return None;
        }
        let pivot_row = system[column].clone();
        for row in &mut system[column + 1..] {
            let factor = row[column] / pivot_row[column];
            row.iter_mut().zip(&pivot_row).for_each(|(value, pivot)| *value -= factor * pivot);
        }
    }
    let mut solution = vec![0.0; size];
    for i in (0..size).rev() {
        let known: f64 = (i + 1..size).map(|j| system[i][j] * solution[j]).sum();
        solution[i] = (system[i][size] - known) / system[i][i];
    }
    solution.iter().all(|value| value.is_finite()).then_some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SWEEP: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];

    fn law(lambda: f64, contention: f64, coherence: f64) -> Usl {
        Usl { lambda, contention, coherence, r2: 1.0, peak_clients: None, peak_per_s: None }
    }

    fn curve(law: &Usl) -> Vec<(f64, f64)> {
        SWEEP.iter().map(|&n| (n, law.throughput_at(n))).collect()
    }

    #[test]
    fn a_line_has_neither_contention_nor_peak() {
        let found = fit(&curve(&law(5_000.0, 0.0, 0.0))).unwrap();
        assert!((found.lambda - 5_000.0).abs() < 1e-3 && found.contention < 1e-9 && found.coherence < 1e-9, "{found:?}");
        assert_eq!(found.peak_clients, None);
    }

    #[test]
    fn a_curve_that_saturates_has_contention_only() {
        let found = fit(&curve(&law(1_000.0, 0.08, 0.0))).unwrap();
        assert!((found.contention - 0.08).abs() < 1e-6 && found.coherence < 1e-9 && found.r2 > 0.999, "{found:?}");
    }

    #[test]
    fn a_curve_that_falls_again_has_its_peak_found() {
        let found = fit(&curve(&law(9_000.0, 0.05, 0.0018))).unwrap();
        let peak = (0.95_f64 / 0.0018).sqrt();
        assert!((found.peak_clients.unwrap() - peak).abs() < 0.01, "{found:?}");
        assert!(found.peak_per_s.unwrap() >= found.throughput_at(16.0) && found.peak_per_s.unwrap() >= found.throughput_at(32.0));
    }

    #[test]
    fn a_server_that_one_client_fills_is_all_contention() {
        let flat: Vec<(f64, f64)> = SWEEP.iter().enumerate().map(|(i, &n)| (n, 1_000.0 + 10.0 * (i % 2) as f64)).collect();
        let found = fit(&flat).unwrap();
        assert!((found.contention - 1.0).abs() < 0.02, "{found:?}");
    }

    #[test]
    fn more_than_a_line_allows_is_still_no_negative_contention() {
        let superlinear: Vec<(f64, f64)> = SWEEP[..5].iter().map(|&n| (n, 100.0 * n.powf(1.05))).collect();
        let found = fit(&superlinear).unwrap();
        assert!(found.contention >= 0.0 && found.coherence >= 0.0, "{found:?}");
    }

    #[test]
    fn points_that_follow_no_law_get_none() {
        assert_eq!(fit(&[(1.0, 900.0), (2.0, 100.0), (4.0, 1_000.0), (8.0, 50.0), (16.0, 2_000.0), (32.0, 10.0)]), None);
    }

    #[test]
    fn four_different_numbers_of_clients_are_needed() {
        let points = curve(&law(100.0, 0.1, 0.001));
        assert_eq!(fit(&points[..3]), None);
        assert_eq!(fit(&[points[0], points[0], points[1], points[2]]), None);
        assert!(fit(&points[..4]).is_some());
    }

    proptest! {
        #[test]
        fn what_made_a_curve_comes_back_through_noise(
            lambda in 10.0..1e5_f64, contention in 0.0..0.4_f64, coherence in 1e-4..0.02_f64,
            noise in prop::collection::vec(-0.01..0.01_f64, 8),
        ) {
            let made = law(lambda, contention, coherence);
            let points: Vec<_> = curve(&made).into_iter().zip(noise).map(|((n, x), off)| (n, x * (1.0 + off))).collect();
            let found = fit(&points).unwrap();
            for (n, _) in &points {
                prop_assert!((found.throughput_at(*n) / made.throughput_at(*n) - 1.0).abs() < 0.03, "{found:?}");
            }
            let (peak, made_peak) = (found.peak_clients.unwrap(), ((1.0 - contention) / coherence).sqrt());
            // Around a flat peak a percent of noise moves it far, which costs nothing.
            let reached = made.throughput_at(peak) / made.throughput_at(made_peak);
            prop_assert!(reached > 0.95, "{peak} for {made_peak}: {found:?}");
        }

        #[test]
        fn any_points_give_figures_or_none(points in prop::collection::vec((prop::num::f64::ANY, prop::num::f64::ANY), 0..12)) {
            sane(fit(&points))?;
        }

        #[test]
        fn measured_points_give_figures_or_none(points in prop::collection::vec((1_u32..5_000, 1e-3..1e7_f64), 0..12)) {
            sane(fit(&points.iter().map(|&(n, x)| (f64::from(n), x)).collect::<Vec<_>>()))?;
        }
    }

    fn sane(found: Option<Usl>) -> Result<(), TestCaseError> {
        let Some(law) = found else { return Ok(()) };
        prop_assert!(law.lambda > 0.0 && law.lambda.is_finite(), "{law:?}");
        prop_assert!(
            (0.0..=1.0 + 1e-9).contains(&law.contention) && law.coherence >= 0.0 && law.coherence.is_finite(),
            "{law:?}"
        );
        prop_assert!((0.0..=1.0).contains(&law.r2), "{law:?}");
        prop_assert!(law.peak_clients.is_none_or(|n| n >= 1.0) && law.peak_per_s.is_none_or(|x| x > 0.0), "{law:?}");
        Ok(())
    }
}
