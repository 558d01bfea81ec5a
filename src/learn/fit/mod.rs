//! Shapes fitted to statistics: figures in, figures out. Nothing here knows a database or a scenario's text.

pub mod fanout;
pub mod moments;
pub mod number;
pub mod quantiles;

pub use quantiles::Quantiles;

/// The quantile function of the normal distribution: Acklam's rational approximation, relative error below 1.2e-9
/// (P. J. Acklam, "An algorithm for computing the inverse normal cumulative distribution function", 2003).
pub fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969683028665376e1,
        2.209460984245205e2,
        -2.759285104469687e2,
        1.38357751867269e2,
        -3.066479806614716e1,
        2.506628277459239,
    ];
    const B: [f64; 5] =
        [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1];
    const C: [f64; 6] = [
        -7.784894002430293e-3,
        -3.223964580411365e-1,
        -2.400758277161838,
        -2.549732539343734,
        4.374664141464968,
        2.938163982698783,
    ];
    const D: [f64; 4] = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416];
    let tail = |q: f64| {
        let top = ((((C[0] * q + C[1]) * q + C[2]) * q + C[3]) * q + C[4]) * q + C[5];
        top / ((((D[0] * q + D[1]) * q + D[2]) * q + D[3]) * q + 1.0)
    };
    let p = p.clamp(1e-300, 1.0 - 1e-16);
    if p < 0.02425 {
        tail((-2.0 * libm::log(p)).sqrt())
    } else if p > 1.0 - 0.02425 {
        -tail((-2.0 * libm::log1p(-p)).sqrt())
    } else {
        let q = p - 0.5;
        let r = q * q;
        let top = ((((A[0] * r + A[1]) * r + A[2]) * r + A[3]) * r + A[4]) * r + A[5];
        top * q / (((((B[0] * r + B[1]) * r + B[2]) * r + B[3]) * r + B[4]) * r + 1.0)
    }
}

/// The share of the normal distribution below `z`.
pub fn normal_share(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

/// The line through points by least squares: intercept and slope. `None` for fewer than two different x.
pub fn line(points: impl Iterator<Item = (f64, f64)> + Clone) -> Option<(f64, f64)> {
    let n = points.clone().count() as f64;
    let (mx, my) = points.clone().fold((0.0, 0.0), |(sx, sy), (x, y)| (sx + x / n, sy + y / n));
    let (sxx, sxy) = points.fold((0.0, 0.0), |(xx, xy), (x, y)| (xx + (x - mx) * (x - mx), xy + (x - mx) * (y - my)));
    let slope = sxy / sxx;
    (sxx > 0.0 && slope.is_finite()).then_some((my - slope * mx, slope))
}

/// Where a function of one variable is least between two ends: a grid, then a golden section around its best point.
pub fn least(low: f64, high: f64, of: impl Fn(f64) -> f64) -> (f64, f64) {
    const STEPS: u32 = 40;
    let at = |step: u32| low + (high - low) * f64::from(step) / f64::from(STEPS);
    let costs: Vec<f64> = (0..=STEPS).map(|step| of(at(step))).collect();
    let best = (0..=STEPS).min_by(|a, b| costs[*a as usize].total_cmp(&costs[*b as usize])).unwrap_or(0);
    let (mut left, mut right) = (at(best.saturating_sub(1)), at((best + 1).min(STEPS)));
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    for _ in 0..40 {
        let (a, b) = (right - golden * (right - left), left + golden * (right - left));
        if of(a) <= of(b) { right = b } else { left = a }
    }
    let middle = (left + right) / 2.0;
    let cost = of(middle);
    if cost <= costs[best as usize] { (middle, cost) } else { (at(best), costs[best as usize]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_and_shares_of_the_normal_are_each_others_inverse() {
        for p in [1e-6, 0.01, 0.3, 0.5, 0.8, 0.99, 1.0 - 1e-6] {
            assert!((normal_share(normal_quantile(p)) - p).abs() < 1e-8, "{p}");
        }
        assert!((normal_quantile(0.975) - 1.959_964).abs() < 1e-5);
    }

    #[test]
    fn a_line_is_found_and_a_point_is_none() {
        let points = [(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)];
        assert_eq!(line(points.into_iter()), Some((1.0, 2.0)));
        assert_eq!(line([(1.0, 1.0), (1.0, 2.0)].into_iter()), None);
        assert_eq!(line(std::iter::empty()), None);
    }

    #[test]
    fn the_least_of_a_function_is_found() {
        let (x, _) = least(0.0, 10.0, |x| (x - 3.7) * (x - 3.7));
        assert!((x - 3.7).abs() < 1e-5, "{x}");
    }
}
