//! Candidates for one scan of a plan.

use super::asked::Asked;
use super::{lookup, partial, pattern, physical, search};
use crate::advise::candidate::Candidate;

/// Candidates of one scan, the plainest first; what comes behind is cut.
const MOST_PER_SCAN: usize = 8;

/// Everything that might serve what the scan is asked for.
pub fn candidates(asked: &Asked<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    search::candidates(asked, &mut found);
    pattern::candidates(asked, &mut found);
    let plain = lookup::plain(asked);
    found.extend(plain.iter().cloned());
    partial::candidates(asked, &mut found);
    found.extend(lookup::carrying(asked, &plain));
    physical::candidates(asked, &mut found);
    let mut distinct: Vec<Candidate> = Vec::new();
    for candidate in found {
        match distinct.iter_mut().find(|known| known.same_as(&candidate)) {
            Some(known) => known.unite(candidate),
            None => distinct.push(candidate),
        }
    }
    distinct.truncate(MOST_PER_SCAN);
    distinct
}

#[cfg(test)]
mod tests;
