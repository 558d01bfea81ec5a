//! Moments of a service's life: more of them lately if it grows, more in the evening if that is when people use it.

use std::ops::Range;

use crate::scenario::model::TimeSpec;
use crate::seed::rng::Key;

const DAY_US: i64 = 86_400_000_000;
const HOUR_US: f64 = 3_600_000_000.0;
const WEEK_US: f64 = 7.0 * DAY_US as f64;
/// How many times busier an hour of the peak is than another; what [`TimeSpec::peak_hours`] says.
const PEAK: f64 = 3.0;

/// Moments in microseconds since 1970, by row.
#[derive(Debug, Clone)]
pub struct Moments {
    key: Key,
    start_us: i64,
    span_us: i64,
    /// Logarithm of the growth over the whole span.
    growth: f64,
    /// First and last hour of the peak.
    peak: Option<(f64, f64)>,
    /// How busy each day of the week is, from Monday on.
    weekdays: Option<[f64; 7]>,
    /// The rows, when later ones of them have later moments.
    rising: Option<Range<u64>>,
    /// Evenly spaced.
    even: bool,
}

impl Moments {
    /// Moments in `spec.span` before `until_us`; with `rising`, these rows come in the order of their moments.
    pub fn new(spec: &TimeSpec, until_us: i64, key: Key, rising: Option<Range<u64>>) -> Moments {
        let span_us = i64::try_from(spec.span.as_micros()).unwrap_or(i64::MAX / 4).clamp(1, i64::MAX / 4);
        let weeks = span_us as f64 / WEEK_US;
        let recency = spec.half_life.map_or(0.0, |half| std::f64::consts::LN_2 * span_us as f64 / half.as_micros().max(1) as f64);
        let growth = libm::log1p(spec.growth_per_week.max(-0.99)) * weeks + recency;
        let peak = spec.peak_hours.as_ref().map(|hours| (f64::from(*hours.start()), f64::from(*hours.end()).min(24.0)));
        Moments {
            key,
            start_us: until_us.saturating_sub(span_us),
            span_us,
            growth: growth.clamp(-600.0, 600.0),
            peak: peak.filter(|(from, to)| from < to),
            weekdays: spec.weekdays,
            rising,
            even: false,
        }
    }

    /// Evenly spaced, so that as many rows as the span has microseconds differ. `None`: there are more rows.
    pub fn distinct(spec: &TimeSpec, until_us: i64, key: Key, rows: u64) -> Option<Moments> {
        let moments = Moments { even: true, ..Moments::new(spec, until_us, key, Some(0..rows)) };
        (i64::try_from(rows).ok()? <= moments.span_us).then_some(moments)
    }

    /// The moment of a row: the quantile function of the density, so that rising quantiles are rising moments.
    pub fn at(&self, row: u64) -> i64 {
        if self.even {
            let offset =
                i128::from(row) * i128::from(self.span_us) / i128::from(self.rising.as_ref().map_or(1, |rows| rows.end).max(1));
            return self.start_us + offset as i64;
        }
        let quantile = match &self.rising {
            Some(rows) => {
                let place = row.saturating_sub(rows.start) as f64 + self.key.unit(row);
                place / rows.end.saturating_sub(rows.start).max(1) as f64
            }
            None => self.key.unit(row),
        };
        let fraction =
            if self.growth.abs() < 1e-9 { quantile } else { libm::log1p(quantile * libm::expm1(self.growth)) / self.growth };
        let offset = (fraction.clamp(0.0, 1.0) * self.span_us as f64) as i64;
        self.in_peak(self.on_weekday(self.start_us + offset.min(self.span_us - 1)))
    }

    /// Moves a moment within the part of its week that lies in the span, so that each day gets its share.
    fn on_weekday(&self, moment: i64) -> i64 {
        let Some(factors) = &self.weekdays else { return moment };
        // 1970-01-05 was a Monday.
        let week = (moment - 4 * DAY_US).div_euclid(7 * DAY_US) * 7 * DAY_US + 4 * DAY_US;
        let end = (week + 7 * DAY_US).min(self.start_us + self.span_us);
        let start = week.max(self.start_us);
        let days = factors.iter().zip(0_i64..).map(|(factor, day)| {
            let (from, to) = ((week + day * DAY_US).max(start), (week + (day + 1) * DAY_US).min(end));
            (from, (to - from).max(0) as f64, *factor)
        });
        let all: f64 = days.clone().map(|(_, length, factor)| length * factor).sum();
        let mut left = (moment - start) as f64 / (end - start) as f64 * all;
        for (from, length, factor) in days {
            if left < length * factor {
                return from + ((left / factor) as i64).min(length as i64 - 1);
            }
            left -= length * factor;
        }
        moment
    }

    /// Moves a moment within its day so that hours of the peak get their share. A day cut off by the span's ends is left alone.
    fn in_peak(&self, moment: i64) -> i64 {
        let Some((from, to)) = self.peak else { return moment };
        let day = moment.div_euclid(DAY_US) * DAY_US;
        if day < self.start_us || day + DAY_US > self.start_us + self.span_us {
            return moment;
        }
        // Hours before, in and after the peak, weighed; then the place in the day where that much weight has passed.
        let weight = 24.0 + (PEAK - 1.0) * (to - from);
        let passed = (moment - day) as f64 / DAY_US as f64 * weight;
        let hour = if passed < from {
            passed
        } else if passed < from + PEAK * (to - from) {
            from + (passed - from) / PEAK
        } else {
            passed - (PEAK - 1.0) * (to - from)
        };
        day + ((hour * HOUR_US) as i64).min(DAY_US - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// 2026-01-01
    const UNTIL: i64 = 1_767_225_600_000_000;

    fn spec(growth_per_week: f64, peak_hours: Option<std::ops::RangeInclusive<u8>>) -> TimeSpec {
        TimeSpec { growth_per_week, peak_hours, ..TimeSpec::last(Duration::from_secs(70 * 86_400)) }
    }

    fn moments(spec: &TimeSpec, rising: Option<Range<u64>>) -> Vec<i64> {
        let moments = Moments::new(spec, UNTIL, Key::new(1, &["t", "c"]), rising);
        (0..50_000).map(|row| moments.at(row)).collect()
    }

    #[test]
    fn moments_stay_in_their_span_and_fill_it() {
        for spec in [spec(0.0, None), spec(0.2, Some(18..=23)), spec(-0.2, Some(0..=6))] {
            let start = UNTIL - 70 * DAY_US;
            let made = moments(&spec, None);
            assert!(made.iter().all(|moment| (start..UNTIL).contains(moment)));
            assert!(
                made.iter().any(|moment| *moment < start + 3 * DAY_US) && made.iter().any(|moment| *moment > UNTIL - 3 * DAY_US)
            );
        }
    }

    #[test]
    fn each_week_is_denser_by_the_growth() {
        let mut weeks = [0_u32; 10];
        for moment in moments(&spec(0.1, None), None) {
            weeks[((moment - (UNTIL - 70 * DAY_US)) / (7 * DAY_US)) as usize] += 1;
        }
        let growth = (f64::from(weeks[9]) / f64::from(weeks[0])).powf(1.0 / 9.0);
        assert!((growth - 1.1).abs() < 0.02, "{growth} {weeks:?}");
    }

    #[test]
    fn peak_hours_are_three_times_as_busy() {
        let mut hours = [0_u32; 24];
        for moment in moments(&spec(0.0, Some(18..=23)), None) {
            hours[(moment.rem_euclid(DAY_US) / 3_600_000_000) as usize] += 1;
        }
        let inside = hours[18..23].iter().sum::<u32>() as f64 / 5.0;
        let outside = (hours[..18].iter().sum::<u32>() + hours[23]) as f64 / 19.0;
        assert!((inside / outside - 3.0).abs() < 0.15, "{hours:?}");
    }

    #[test]
    fn weekdays_get_their_share_and_the_past_fades() {
        let factors = [1.0, 1.0, 1.0, 1.0, 0.0, 2.0, 2.0];
        let made = moments(&TimeSpec { weekdays: Some(factors), ..spec(0.0, Some(18..=23)) }, Some(0..50_000));
        let mut days = [0_u32; 7];
        made.iter().for_each(|moment| days[(moment.div_euclid(DAY_US) + 3).rem_euclid(7) as usize] += 1);
        assert_eq!(days[4], 0, "{days:?}");
        assert!((f64::from(days[5] + days[6]) / f64::from(days[0] + days[1]) - 2.0).abs() < 0.05, "{days:?}");
        assert!(made.is_sorted());
        let recent = TimeSpec { half_life: Some(Duration::from_secs(7 * 86_400)), ..spec(0.0, None) };
        let weeks_ago = |from: i64| move |moment: &&i64| (UNTIL - **moment) / (7 * DAY_US) == from;
        let made = moments(&recent, None);
        let ratio = made.iter().filter(weeks_ago(0)).count() as f64 / made.iter().filter(weeks_ago(2)).count() as f64;
        assert!((ratio - 4.0).abs() < 0.25, "{ratio}");
    }

    #[test]
    fn rising_moments_rise_and_distinct_ones_differ() {
        assert!(moments(&spec(0.1, Some(18..=23)), Some(0..50_000)).is_sorted());
        let distinct = Moments::distinct(&spec(0.1, None), UNTIL, Key::new(1, &["t"]), 1000).unwrap();
        let made: Vec<i64> = (0..1000).map(|row| distinct.at(row)).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        let short = TimeSpec::last(Duration::from_micros(5));
        assert!(Moments::distinct(&short, UNTIL, Key::new(1, &["t"]), 6).is_none());
    }
}
