//! The keys of an aggregate, put together once all of its lines are there.

use super::list;
use crate::plan::{GroupingSet, KeySet, PlanNode};

/// A key line of an aggregate, in the order of the text.
#[derive(Debug, Clone)]
pub(super) enum KeyLine {
    Group(String),
    Hash(String),
    /// `Sort Key:` of a set that needs its own sort, with the group keys further in.
    Sorted(String, Vec<String>),
}

/// One key that nothing is sorted for is `GROUP BY`; all else is grouping sets. Sets that need no sort of their own are one group
/// (a rollup), and each hashed set is a group of its own, as the planner makes them.
pub(super) fn settle(node: &mut PlanNode, lines: Vec<KeyLine>) {
    if let [KeyLine::Group(key)] = lines.as_slice()
        && key != "()"
    {
        node.group_key = list::expressions(key);
        return;
    }
    for line in lines {
        match line {
            KeyLine::Hash(key) => {
                node.grouping_sets.push(GroupingSet { sort_key: Vec::new(), keys: KeySet::Hash(vec![keys(&key)]) });
            }
            KeyLine::Group(key) => match node.grouping_sets.last_mut() {
                Some(GroupingSet { sort_key, keys: KeySet::Group(sets) }) if sort_key.is_empty() => sets.push(keys(&key)),
                _ => node.grouping_sets.push(GroupingSet { sort_key: Vec::new(), keys: KeySet::Group(vec![keys(&key)]) }),
            },
            KeyLine::Sorted(sort_key, groups) => node.grouping_sets.push(GroupingSet {
                sort_key: list::expressions(&sort_key),
                keys: KeySet::Group(groups.iter().map(|key| keys(key)).collect()),
            }),
        }
    }
}

/// `()` is the grand total, which has no keys.
fn keys(key: &str) -> Vec<String> {
    if key == "()" { Vec::new() } else { list::expressions(key) }
}
