//! `--rows 1m`: the scale at which all tables together have as nearly as possible so many rows.

use crate::scenario::model::{Data, Located};
use crate::units;

use super::count::Counter;
use super::problem::{Problem, SeedProblem};

/// A scale and what it comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Solved {
    pub scale: f64,
    /// Rows of all tables at that scale.
    pub rows: u64,
}

/// Why no scale comes near a total.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NoScale {
    #[error("the tables are all fixed and have {} rows together, whatever the scale; leave --rows out", units::count(*.0))]
    Fixed(u64),
    #[error("{} rows are fewer than the {} of the smallest scale, where every table that is not fixed keeps a row", units::count(*wanted), units::count(*smallest))]
    TooFew { wanted: u64, smallest: u64 },
    #[error("{} rows are more than the {} of the largest scale that perflab can number", units::count(*wanted), units::count(*largest))]
    TooMany { wanted: u64, largest: u64 },
    /// A scenario that cannot be counted at any scale.
    #[error("{0}")]
    Uncountable(SeedProblem),
}

/// The smallest scale that is tried: one row of ten billion.
const SMALLEST: f64 = 1e-10;

/// Solves for the scale. Of two totals that are equally near the smaller is taken, of all scales that give it the one with the fewest
/// digits.
///
/// # Errors
/// [`NoScale`] when the total is out of reach; it says what is within.
pub fn solve(data: &Data, wanted: u64) -> Result<Solved, NoScale> {
    let smallest = total(data, SMALLEST).map_err(NoScale::Uncountable)?;
    let mut high = 1.0;
    // Beyond the largest scale that can be counted, everything is too much.
    let at_least = |scale: f64| total(data, scale).map_or(true, |rows| rows >= wanted);
    while !at_least(high) {
        high *= 2.0;
        if high > 1e15 {
            return Err(NoScale::Fixed(smallest));
        }
    }
    if wanted < smallest {
        return Err(if total(data, 1e6).is_ok_and(|rows| rows == smallest) {
            NoScale::Fixed(smallest)
        } else {
            NoScale::TooFew { wanted, smallest }
        });
    }
    // `below` has fewer rows than wanted (or is the smallest scale), `high` at least as many; both to the last bit.
    let mut below = SMALLEST;
    for _ in 0..200 {
        let middle = (below + high) / 2.0;
        if middle <= below || middle >= high {
            break;
        }
        if at_least(middle) { high = middle } else { below = middle }
    }
    let under = total(data, below).map_err(NoScale::Uncountable)?;
    let rows = match total(data, high) {
        Ok(over) if over.abs_diff(wanted) < under.abs_diff(wanted) => over,
        Ok(_) => under,
        Err(_) if under < wanted => return Err(NoScale::TooMany { wanted, largest: under }),
        Err(_) => under,
    };
    let near = if rows == under { below } else { high };
    Ok(Solved { scale: plainest(data, near, rows), rows })
}

/// Rows of all tables at a scale.
///
/// # Errors
/// The first table that cannot be counted.
pub fn total(data: &Data, scale: f64) -> Result<u64, SeedProblem> {
    let find = |name: &Located<String>| {
        let unknown = || SeedProblem::new(name.at, Problem::UnknownTable { name: name.value.clone(), suggestion: String::new() });
        data.place_of(&name.value).ok_or_else(unknown)
    };
    let mut counter = Counter::new(data, &find);
    (0..data.tables.len()).try_fold(0_u64, |sum, table| Ok(sum + counter.rows(table, scale)?))
}

/// Of the scales that give the same total as this one, one with few digits.
fn plainest(data: &Data, scale: f64, rows: u64) -> f64 {
    let same = |scale: &f64| *scale > 0.0 && total(data, *scale).is_ok_and(|total| total == rows);
    let digits = (0..17).map(|digits| 10_f64.powi(digits));
    let mut rounded = digits.flat_map(|unit| [(scale * unit).floor() / unit, (scale * unit).ceil() / unit]);
    rounded.find(same).unwrap_or(scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::{Rows, TableSpec};
    use crate::seed::fixture::{data, located, table};
    use proptest::prelude::*;

    fn music() -> Data {
        let per = |ratio, of: &str| Rows::Per { ratio, table: located(of) };
        data(vec![
            TableSpec { fixed: true, ..table("platforms", Rows::Exactly(2)) },
            table("playlists", Rows::Exactly(3000)),
            table("songs", per(25.934333, "playlists")),
            table("playlist_songs", per(67.633, "public.playlists")),
            table("song_history", per(4.5295393, "playlist_songs")),
        ])
    }

    #[test]
    fn the_total_is_met_as_nearly_as_the_counts_allow() {
        let solved = solve(&music(), 1_000_000).unwrap();
        assert_eq!(solved, Solved { scale: 0.8314, rows: 999_882 });
        assert_eq!(total(&music(), solved.scale), Ok(999_882));
        let neighbours = [2493.0, 2495.0].map(|playlists| total(&music(), playlists / 3000.0).unwrap());
        assert!(neighbours.iter().all(|rows| rows.abs_diff(1_000_000) > 118), "{neighbours:?}");
    }

    #[test]
    fn what_is_out_of_reach_says_what_is_within() {
        let too_few = solve(&music(), 100).unwrap_err();
        assert_eq!(too_few, NoScale::TooFew { wanted: 100, smallest: 405 });
        assert!(too_few.to_string().starts_with("100 rows are fewer than the 405"), "{too_few}");
        let too_many = solve(&music(), 9_000_000_000_000_000).unwrap_err();
        assert!(matches!(too_many, NoScale::TooMany { largest, .. } if largest > 1_000_000_000_000), "{too_many}");
        let mut fixed = music();
        fixed.tables.iter_mut().for_each(|table| table.fixed = true);
        let rows = total(&fixed, 1.0).unwrap();
        for wanted in [1, 5_000_000_000] {
            assert_eq!(solve(&fixed, wanted), Err(NoScale::Fixed(rows)));
        }
        assert_eq!(solve(&fixed, rows).map(|solved| solved.rows), Ok(rows));
    }

    proptest! {
        #[test]
        fn no_other_scale_comes_nearer(root in 1_u64..500, ratio in 0.0..40.0_f64, constant in 0_u64..1000, wanted in 1_u64..2_000_000, other in 0.0..4000.0_f64) {
            let data = data(vec![
                TableSpec { fixed: true, ..table("f", Rows::Exactly(constant)) },
                table("a", Rows::Exactly(root)),
                table("b", Rows::Per { ratio, table: located("a") }),
            ]);
            if let Ok(solved) = solve(&data, wanted) {
                prop_assert_eq!(total(&data, solved.scale).unwrap(), solved.rows);
                let at_other = total(&data, other.max(SMALLEST)).unwrap();
                prop_assert!(at_other.abs_diff(wanted) >= solved.rows.abs_diff(wanted), "{:?} beside {} at {}", solved, at_other, other);
            }
        }
    }
}
