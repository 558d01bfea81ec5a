//! Which columns of a scan the plan really uses.

use crate::plan::PlanNode;
use crate::plan::condition::{SortKey, parse};
use crate::plan::narrate::context::Context;

/// The columns of the scan that the node above it uses, with those of the scan's own filter; `None` when the plan does not tell
/// (without VERBOSE, or with text that cannot be read).
///
/// A scan hands up all columns when that costs nothing, so its own output tells only what is used when nothing stands above it
/// but a node that hands on what it gets.
pub(super) fn columns(context: &Context, scan: &PlanNode) -> Option<Vec<String>> {
    let own = names(&scan.output, scan)?;
    let above = context.parent(scan).filter(|above| chooses(above));
    let used = match above {
        None => own,
        Some(above) => {
            let keys = above.sort_key.iter().chain(&above.group_key).cloned();
            let conditions = above.conditions().map(|(_, text)| text.to_owned());
            let texts: Vec<String> = above.output.iter().cloned().chain(keys).chain(conditions).collect();
            let used = names(&texts, scan)?;
            own.into_iter().filter(|column| used.contains(column)).collect()
        }
    };
    let mut all = used;
    for column in names(&scan.filter.iter().cloned().collect::<Vec<_>>(), scan)? {
        if !all.contains(&column) {
            all.push(column);
        }
    }
    Some(all)
}

/// Nodes that make their own rows, whose output therefore names what they use.
fn chooses(node: &PlanNode) -> bool {
    matches!(
        node.node_type.as_str(),
        "Aggregate" | "Group" | "WindowAgg" | "Nested Loop" | "Hash Join" | "Merge Join" | "Subquery Scan"
    )
}

/// The columns of the scan's relation in some texts, each once.
fn names(texts: &[String], scan: &PlanNode) -> Option<Vec<String>> {
    if scan.output.is_empty() {
        return None;
    }
    let alias = scan.called()?;
    let mut found: Vec<String> = Vec::new();
    for text in texts {
        let expr = SortKey::parse(text).expr;
        let expr = if expr.has_unknown() { parse(text) } else { expr };
        if expr.has_unknown() {
            return None;
        }
        for column in expr.columns().into_iter().filter(|column| column.is_of(alias)) {
            if !found.contains(&column.name) {
                found.push(column.name.clone());
            }
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;
    use crate::plan::walk::scans;

    fn needed(name: &str) -> Vec<Option<Vec<String>>> {
        let plan = fixtures::reading_plan(name);
        let facts = Facts::default();
        let context = Context::new(&plan, &facts);
        scans(&plan).map(|scan| super::columns(&context, scan)).collect()
    }

    #[test]
    fn what_an_aggregate_does_not_name_is_not_needed() {
        assert_eq!(needed("index-only-possible"), [Some(vec!["customer_id".to_owned(), "total".to_owned()])]);
        assert_eq!(needed("type-mismatch"), [Some(vec!["note".to_owned(), "id".to_owned()])]);
    }
}
