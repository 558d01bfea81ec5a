//! What published figures and ours say together, in sentences.

use super::super::model::{PublishedClock, Run};
use super::super::standing::{serving, short_target};
use super::{LoadBeside, RowsBeside, TimeBeside, loads, parts, rows};
use crate::units;

/// Gains that differ by less say the same.
const ANOTHER_GAIN: f64 = 1.5;

/// One sentence or two each: rows, times, loads.
pub fn remarks(run: &Run, times: &[TimeBeside], rows: &[RowsBeside], loads: &[LoadBeside]) -> Vec<String> {
    let mut said = rows::remarks(rows);
    said.extend(times.iter().filter_map(|time| gains(run, time)));
    said.extend(times.iter().filter_map(|time| parts::left(times, time)));
    said.extend(times.iter().filter_map(|time| parts::outside(times, time)));
    said.extend(blanks(times));
    said.extend(loads.iter().flat_map(loads::remarks));
    said
}

/// An endpoint that gained far more or far less here than as published, with what served it here.
fn gains(run: &Run, time: &TimeBeside) -> Option<String> {
    let (theirs, ours) = (time.published_gain()?, time.gain()?);
    let apart = (ours / theirs).max(theirs / ours);
    if !time.is_whole() || time.published.clock == PublishedClock::Planning || apart < ANOTHER_GAIN {
        return None;
    }
    let keep = run.advice.as_ref().map_or(&[][..], |advice| &advice.keep);
    let by: Vec<String> = serving(keep, &time.published.label).iter().map(|index| short_target(&index.definition)).collect();
    let by = if by.is_empty() { String::new() } else { format!(", by {}", units::listed(&by)) };
    Some(format!("{}: {} faster as published, {} here{by}.", time.published.label, units::times(theirs), units::times(ours)))
}

/// Which places were left blank, in one sentence.
fn blanks(times: &[TimeBeside]) -> Option<String> {
    let blank: Vec<&TimeBeside> = times.iter().filter(|time| time.published.before_ms.is_none()).collect();
    let labels: Vec<String> = blank.iter().map(|time| time.published.label.clone()).collect();
    let measured = blank.iter().all(|time| time.before_ms.is_some());
    let here = if measured { "; here they are measured" } else { "" };
    (!labels.is_empty()).then(|| match labels.as_slice() {
        [only] => format!("No figure is given for {only}{}.", here.replace("they are", "it is")),
        several => format!("No figures are given for {}{here}.", units::listed(several)),
    })
}
