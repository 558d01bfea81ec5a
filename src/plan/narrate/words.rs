//! Numbers and lists as sentences say them: [`units`] over the plan's figures, which are all floating point.

use crate::units;

/// `919,039`; rounded to whole.
pub(super) fn count(n: f64) -> String {
    units::count(whole(n))
}

/// `none`, `9`
pub(super) fn some(n: f64) -> String {
    if whole(n) == 0 { "none".to_owned() } else { count(n) }
}

/// `1 row`, `202,899 rows`
pub(super) fn rows(n: f64) -> String {
    plural(n, "row", "rows")
}

/// `1 call`, `3 calls`
pub(super) fn plural(n: f64, one: &str, many: &str) -> String {
    units::counted(whole(n), one, many)
}

/// `once`, `twice`, `199 times`
pub(super) fn times(n: f64) -> String {
    match whole(n) {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        n => format!("{} times", units::count(n)),
    }
}

/// `88 kB`, `5.1 MB`, from kB of 1,024 bytes.
pub(super) fn kb(kb: f64) -> String {
    units::bytes(whole(kb * 1024.0))
}

/// PostgreSQL's counts are never negative; what is not a number counts as nothing.
fn whole(n: f64) -> u64 {
    n.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        assert_eq!([count(919_039.4), rows(0.6), some(0.0), some(9.0)], ["919,039", "1 row", "none", "9"]);
        assert_eq!([times(1.0), times(2.0), times(1999.0), times(0.0)], ["once", "twice", "1,999 times", "0 times"]);
        assert_eq!([kb(88.0), kb(5176.0)], ["88 kB", "5.1 MB"]);
        assert_eq!([count(f64::NAN), count(-3.0)], ["0", "0"]);
    }
}
