//! Which node of the plan after does the work of which node of the plan before.

use std::collections::HashMap;
use std::fmt::Write;

use super::work::{Work, works};
use crate::plan::Plan;

/// A matching: no node has two partners, and some have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alignment {
    /// By id in the plan before.
    after: Vec<Option<usize>>,
    /// By id in the plan after.
    before: Vec<Option<usize>>,
}

impl Alignment {
    /// The node after that does the work of node `id` of the plan before.
    pub fn after_of(&self, id: usize) -> Option<usize> {
        self.after.get(id).copied().flatten()
    }

    /// The node before whose work node `id` of the plan after does.
    pub fn before_of(&self, id: usize) -> Option<usize> {
        self.before.get(id).copied().flatten()
    }
}

/// How alike two nodes must be, the most alike first: what a stricter look has matched is out of the reach of the next. `None` leaves
/// a node out of that look.
type Look = fn(&Work) -> Option<String>;

const LOOKS: [Look; 8] = [
    // The same subtree.
    |work| Some(format!("{}\u{1e}{}", work.subtree, work.scope)),
    // The same planned node over the same relations.
    |work| Some(format!("{}\u{1e}{}\u{1e}{}", work.own, work.aliases, work.scope)),
    // The same kind of work on the same object, over the same relations.
    |work| Some(text(work, &[&work.object, &work.aliases, &work.scope])),
    |work| Some(text(work, &[&work.aliases, &work.scope])).filter(|_| work.role != "bitmap of an index"),
    // A subquery that became a join has left its scope, and CTEs are renumbered.
    |work| Some(text(work, &[&work.object, &work.aliases])),
    |work| named(work).then(|| text(work, &[&work.object])),
    // Other aliases for the same relations.
    |work| (!work.relations.is_empty() && work.role != "bitmap of an index").then(|| text(work, &[&work.relations])),
    // A Limit or an Aggregate whose input reads something else.
    |work| (!named(work) && work.role != "join").then(|| text(work, &[&work.scope])),
];

/// Work on something that has a name, which says enough.
fn named(work: &Work) -> bool {
    !work.object.ends_with('\u{1f}')
}

fn text(work: &Work, parts: &[&str]) -> String {
    parts.iter().fold(work.role.to_owned(), |mut text, part| {
        let _ = write!(text, "\u{1e}{part}");
        text
    })
}

/// Matches the nodes of two plans. A plan is matched with itself node by node.
pub fn align(before: &Plan, after: &Plan) -> Alignment {
    let works = [works(before), works(after)];
    let mut found = Alignment { after: vec![None; works[0].len()], before: vec![None; works[1].len()] };
    for look in LOOKS {
        let mut waiting: HashMap<String, Vec<usize>> = HashMap::new();
        for (id, work) in works[0].iter().enumerate().rev().filter(|(id, _)| found.after[*id].is_none()) {
            if let Some(key) = look(work) {
                waiting.entry(key).or_default().push(id);
            }
        }
        for (now, work) in works[1].iter().enumerate() {
            if found.before[now].is_some() {
                continue;
            }
            // The first of those that are alike goes with the first.
            let Some(then) = look(work).and_then(|key| waiting.get_mut(&key)?.pop()) else { continue };
            found.after[then] = Some(now);
            found.before[now] = Some(then);
        }
    }
    found
}
