//! The endpoints of two sides brought together.

use crate::bench::workload::{BoundEndpoint, Workload};

/// The other side's endpoints at the places of ours.
pub struct Aligned {
    /// Where only our side has an endpoint, a copy of it fills the place; it is not to be called.
    pub before: Workload,
    /// Places of the endpoints that both have.
    pub places: Vec<usize>,
    /// Labels that only our side has, and only the other.
    pub new: Vec<String>,
    pub gone: Vec<String>,
    /// Labels of those that ask for other parameters, so that the calls of both sides are not the same.
    pub other_parameters: Vec<String>,
}

/// Brings the endpoints of both sides together by their labels. Each of the other side gets our parameters, call by call, so that an
/// index that turns the rows of a sample around makes no difference.
pub fn align(before: Workload, after: &Workload) -> Aligned {
    let mut theirs: Vec<Option<BoundEndpoint>> = before.endpoints.into_iter().map(Some).collect();
    let mut aligned = Aligned {
        before: Workload { endpoints: Vec::new(), calls: before.calls },
        places: Vec::new(),
        new: Vec::new(),
        gone: Vec::new(),
        other_parameters: Vec::new(),
    };
    for (place, own) in after.endpoints.iter().enumerate() {
        let found = theirs.iter_mut().find(|one| one.as_ref().is_some_and(|one| one.label == own.label));
        let Some(mut other) = found.and_then(Option::take) else {
            aligned.new.push(own.label.clone());
            aligned.before.endpoints.push(own.clone());
            continue;
        };
        match own.draws.asked_like(&other.draws) {
            Some(draws) => other.draws = draws,
            None => aligned.other_parameters.push(own.label.clone()),
        }
        aligned.places.push(place);
        aligned.before.endpoints.push(other);
    }
    aligned.gone = theirs.into_iter().flatten().map(|endpoint| endpoint.label).collect();
    aligned
}
