//! Columns of numbers: a few values, a running number, or a distribution.

use crate::learn::fit::number::{Shape, fit};
use crate::learn::fit::{Quantiles, number::Fit};
use crate::learn::round::{outward, percent, significant};
use crate::learn::yaml::Yaml;
use crate::scenario::model::ValueSpec;
use crate::seed::types::Kind;

use super::{Described, Site, choice, inferred, moment};

/// A shape that lies at most this share of the rows off says more than a list of values does.
const GOOD: f64 = 0.02;
/// Fewer different numbers than this are told one by one, however they lie.
const FEW: usize = 5;

pub fn described(site: &Site) -> Option<Described> {
    let whole = site.of.kind.is_integer() || site.of.digits.is_some_and(|(_, scale)| scale <= 0);
    if whole && site.facts.all_different() && site.facts.correlation > 0.99 && site.facts.null_share == 0.0 {
        return Some(Described::new(Yaml::word("sequence"), "a running number"));
    }
    if site.of.kind == Kind::Int8 && matches!(inferred(site, false), ValueSpec::Time(_)) {
        return moment::epoch(site).or_else(|| shaped(site, whole));
    }
    if site.facts.complete() && site.facts.common.len() < FEW {
        return choice::free(site);
    }
    let fitted = quantiles(site, whole).map(|quantiles| fit(&quantiles, site.facts.filled()));
    if fitted.is_none_or(|fitted| fitted.distance > GOOD)
        && let Some(found) = choice::free(site)
    {
        return Some(found);
    }
    shaped(site, whole)
}

fn quantiles(site: &Site, whole: bool) -> Option<Quantiles> {
    let number = |text: &String| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let common: Vec<(f64, f64)> = site.facts.common.iter().filter_map(|(value, share)| Some((number(value)?, *share))).collect();
    let numbers = |bounds: &Vec<String>| bounds.iter().filter_map(number).collect();
    let histograms: Vec<(f64, Vec<f64>)> =
        site.facts.histograms.iter().map(|(share, bounds)| (*share, numbers(bounds))).collect();
    Quantiles::new(&common, &histograms, if whole { 1.0 } else { 0.0 })
}

fn shaped(site: &Site, whole: bool) -> Option<Described> {
    let fitted = fit(&quantiles(site, whole)?, site.facts.filled());
    let (low, high) = bounds(site, &fitted, whole);
    let number = |x: f64| Yaml::word(significant(x, 15));
    let figure = |x: f64| Yaml::word(significant(x, 3));
    let value = match fitted.shape {
        Shape::Uniform if whole && low >= 0.0 => {
            Yaml::map([("range", Yaml::word(format!("{}-{}", significant(low, 15), significant(high, 15))))])
        }
        Shape::Uniform => Yaml::map([("range", Yaml::List(vec![number(low), number(high)]))]),
        Shape::Normal { mean, deviation } => {
            let figures = [("mean", figure(mean)), ("deviation", figure(deviation)), ("min", number(low)), ("max", number(high))];
            Yaml::map([("normal", Yaml::map(figures))])
        }
        Shape::Lognormal { median, sigma } => {
            let figures = [("median", figure(median)), ("sigma", figure(sigma)), ("min", number(low)), ("max", number(high))];
            Yaml::map([("lognormal", Yaml::map(figures))])
        }
        Shape::Exponential { mean } => {
            // Most values lie just over the smallest, which the mean of a scenario includes.
            let mean = fitted.min + mean;
            let figures = [
                ("mean", if mean > low { figure(mean) } else { number(low + 1.0) }),
                ("min", number(low)),
                ("max", number(high)),
            ];
            Yaml::map([("exponential", Yaml::map(figures))])
        }
    };
    Some(Described::new(value, why(site, &fitted)))
}

/// The smallest and the largest value: as they are when values may be copied, else rounded outward to a coarse grid; never beyond what the
/// schema allows.
fn bounds(site: &Site, fitted: &Fit, whole: bool) -> (f64, f64) {
    let half = if whole { 0.5 } else { 0.0 };
    let (low, high) = (fitted.min + half, fitted.max - half);
    let (low, high) = if site.setting.values { (low, high) } else { outward(low, high, whole) };
    let step = match site.of.digits {
        Some((_, scale)) => 10_f64.powi(-scale.min(15)),
        None if whole => 1.0,
        None => 1e-6,
    };
    let least = site.constraints.low.map(|(bound, allowed)| if allowed { bound } else { bound + step });
    let most = site.constraints.high.map(|(bound, allowed)| if allowed { bound } else { bound - step });
    let type_least = site.of.kind.integer_bounds().map(|(least, _)| least as f64);
    let type_most = match (site.of.kind.integer_bounds(), site.of.digits) {
        (Some((_, most)), _) => Some(most as f64),
        (None, Some((precision, scale))) => Some(10_f64.powi((precision as i32 - scale).min(300)) - step),
        _ => None,
    };
    let low = [least, type_least].into_iter().flatten().fold(low, f64::max);
    let high = [most, type_most].into_iter().flatten().fold(high, f64::min);
    (low, high.max(low))
}

fn why(site: &Site, fitted: &Fit) -> String {
    let different = match site.facts.distinct {
        Some(distinct) if !site.facts.all_different() => format!(", {} different", crate::units::count(distinct.round() as u64)),
        _ => String::new(),
    };
    // Tenths of a percent of the rows.
    let round = |distance: f64| (distance * 1000.0).ceil() / 1000.0;
    match fitted.distance {
        distance if distance <= 0.1 => format!("fits within {}{different}", percent(round(distance))),
        distance => format!("roughly: off by up to {} of the rows{different}", percent(round(distance))),
    }
}
