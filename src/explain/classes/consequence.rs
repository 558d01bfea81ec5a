//! What follows from a class's plan, from the plans' own figures.

use crate::plan::Shape;
use crate::units::{self, amount, figure, ms, seconds};

use super::skew::skew;
use super::{Observed, Seen};

/// A class is spoken of when it takes so many times as long as the first …
const HEAVIER: f64 = 5.0;
/// … and at least this long, ms: nobody minds 0.05 instead of 0.01.
const WORTH_MS: f64 = 1.0;
/// A way is quicker when it takes less than this share of the other's time; one execution each is no better clock than this.
const QUICKER: f64 = 0.8;

/// `None` when the class does as the first one and is not much heavier.
pub(super) fn consequence(one: &Observed, first: &Observed) -> Option<String> {
    let changes = Shape::of(&one.custom.plan).changes_from(&Shape::of(&first.custom.plan));
    let rows = format!("For the {} rows", one.class);
    let mut said = match (one.custom.stopped_after, changes.is_empty()) {
        (Some(after), _) => vec![stopped(one, first, &changes, after.as_secs_f64())],
        (None, false) => {
            vec![format!("{rows} PostgreSQL takes another plan: it {}. {}.", units::listed(&changes), work(one, first))]
        }
        (None, true) if heavier(&one.custom, &first.custom) => {
            vec![format!(
                "{rows} the same statement reads {} by the same plan{}: {}.",
                read(&one.custom),
                by(one),
                times(one, first)
            )]
        }
        (None, true) => return None,
    };
    said.extend(turned_down(one, first));
    if one.custom.stopped_after.is_none() {
        said.extend(skew(&one.custom.plan, &first.custom.plan, &first.class).map(|skew| format!("{skew}.")));
    }
    Some(said.join(" "))
}

fn heavier(now: &Seen, first: &Seen) -> bool {
    now.works_more_than(first)
        && now.explained.execution_ms >= WORTH_MS
        && now.explained.execution_ms >= HEAVIER * first.explained.execution_ms
}

fn stopped(one: &Observed, first: &Observed, changes: &[String], after: f64) -> String {
    let expected = amount(expected_rows(one));
    let plan = match changes {
        [] => format!("its plan is the {} rows' own", first.class),
        changes => format!("it {}", units::listed(changes)),
    };
    let usual = match first.custom.stopped_after {
        Some(_) => String::new(),
        None => format!("; {} rows take {}", first.class, ms(first.custom.explained.execution_ms)),
    };
    format!(
        "For the {} rows the statement did not end within {} and was not waited for again{usual}. By the planner’s estimate {plan} and \
         returns {expected} rows.",
        one.class,
        seconds(after)
    )
}

fn expected_rows(one: &Observed) -> f64 {
    one.custom.plan.root.plan_rows.unwrap_or(0.0)
}

/// `210,000 rows`
fn read(seen: &Seen) -> String {
    let rows = amount(seen.explained.rows_read);
    format!("{rows} {}", if rows == "1" { "row" } else { "rows" })
}

/// ` (an index scan using sale_kind)`, of the one table that the statement reads.
fn by(one: &Observed) -> String {
    match Shape::of(&one.custom.plan).ways().as_slice() {
        [(_, way)] => format!(" ({way})"),
        _ => String::new(),
    }
}

/// `85 ms instead of 0.50`
fn times(one: &Observed, first: &Observed) -> String {
    format!("{} instead of {}", ms(one.custom.explained.execution_ms), figure(first.custom.explained.execution_ms))
}

/// `85 ms and 210,000 rows read instead of 0.50 ms and 12`
fn work(one: &Observed, first: &Observed) -> String {
    if first.custom.stopped_after.is_some() {
        return format!("It reads {} in {}", read(&one.custom), ms(one.custom.explained.execution_ms));
    }
    format!(
        "It takes {} and reads {} instead of {} and {}",
        ms(one.custom.explained.execution_ms),
        read(&one.custom),
        ms(first.custom.explained.execution_ms),
        amount(first.custom.explained.rows_read)
    )
}

/// What the plan of the first class would have taken, where the generic plan is that one, or what the planner's second choice took.
fn turned_down(one: &Observed, first: &Observed) -> Option<String> {
    let own = one.custom.explained.execution_ms;
    if let Some(other) = &one.other_way {
        let changes = units::listed(&other.changes);
        return Some(if other.stopped {
            format!("The other way was tried, in which it {changes}: that did not end within {}.", ms(other.ms))
        } else if other.ms < QUICKER * own {
            format!("The planner’s choice is not the best for it: when it {changes}, it takes {}.", ms(other.ms))
        } else {
            format!("The plan is right for it: when it {changes}, it takes {}.", ms(other.ms))
        });
    }
    let generic = one.cached.as_ref().filter(|_| one.custom.stopped_after.is_none())?;
    let (own_shape, usual) = (Shape::of(&one.custom.plan), Shape::of(&first.custom.plan));
    if own_shape.same_as(&usual) || !Shape::of(&generic.plan.plan).same_as(&usual) {
        return None;
    }
    let by_usual = format!("By the plan of the {} rows", first.class);
    Some(match generic.plan.stopped_after {
        Some(after) => format!("{by_usual} it did not end within {}.", seconds(after.as_secs_f64())),
        None => format!("{by_usual} it takes {}.", ms(generic.plan.explained.execution_ms)),
    })
}
