//! `index-condition-weak`: an index is searched by a column that does not lead it, so much of it is read from end to end.
//!
//! **Sees** an index scan (of a bitmap, too) whose condition skips a column of the index, or has an equality behind a range, and
//! that read over 50 blocks of the index and ten times those that a direct search takes.
//! **Evidence**: the columns of the index (from the catalog), `Index Cond`, the blocks of the node without those of the table.
//! **Bad**: `Index Only Scan using purchases_city_total_idx … Index Cond: (total = 400)`: 233 blocks for 60 rows.
//! **Good**: the same with a condition on city.
//! **Wrong** when the condition is rare and the index small: then reading it whole is still better than the table, and one index
//! less is one less to keep.
//!
//! A search takes three blocks from the root of a B-tree of ordinary size to its leaf, and a leaf has over 50 entries of 100
//! bytes and less.

use crate::plan::PlanNode;
use crate::plan::condition::{Access, Target};
use crate::plan::metrics::rows_read;
use crate::plan::narrate::advice::{advise_index, index_to_try};
use crate::plan::narrate::context::{Conditions, Context, relation, tip};
use crate::plan::narrate::{Tip, words};

const NAME: &str = "index-condition-weak";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let scans = context.executed().map(|visit| visit.node);
    scans.filter(|node| node.index.is_some() && node.index_cond.is_some()).filter_map(|node| say(context, node)).collect()
}

fn say<'a>(context: &Context<'a>, node: &'a PlanNode) -> Option<Tip> {
    let heap = context.heap_scan(node);
    let index = context.table(heap)?.index(node.index.as_deref()?)?;
    // A bitmap's own node has no alias.
    let asked = Asked::of(node.index_cond.as_deref()?, heap.called().unwrap_or_default());
    let weakness = asked.weakness(&index.columns)?;
    let (found, blocks) = (node.rows(), index_blocks(context, node)?);
    let direct = 3.0 * node.loops() + found / 50.0;
    if blocks <= 50.0 || blocks < 10.0 * direct {
        return None;
    }
    let own = context.node(node).exclusive_ms;
    let keys: Vec<&str> = index.columns.iter().map(|column| column.as_deref().unwrap_or("an expression")).collect();
    let sentence = format!(
        "The index {} ({}) is searched {weakness}: {} of it are read to find {} of {}{}.",
        index.name,
        keys.join(", "),
        words::plural(blocks, "block", "blocks"),
        words::rows(found),
        relation(heap),
        context.taking(own)
    );
    let columns = Conditions::of_expression(&asked.condition, heap.called().unwrap_or_default()).btree_columns();
    let tip = tip(NAME, node, sentence, own * (1.0 - direct / blocks), own);
    Some(tip.next(advise_index(context, heap, &columns)).remedy(index_to_try(context, heap, &columns)))
}

/// What the condition asks of the index.
struct Asked {
    condition: crate::plan::condition::Expr,
    fixed: Vec<String>,
    ranges: Vec<String>,
}

impl Asked {
    fn of(condition: &str, alias: &str) -> Asked {
        let condition = crate::plan::condition::parse(condition);
        let (mut fixed, mut ranges) = (Vec::new(), Vec::new());
        for predicate in Conditions::of_expression(&condition, alias).predicates().into_iter().flatten() {
            if let Target::Column { column, .. } = predicate.target {
                match predicate.access {
                    Access::Range(_) | Access::Match { .. } => ranges.push(column.name.clone()),
                    _ => fixed.push(column.name.clone()),
                }
            }
        }
        Asked { condition, fixed, ranges }
    }

    /// Why the condition does not lead through the index, in words.
    fn weakness(&self, keys: &[Option<String>]) -> Option<String> {
        let mut skipped: Option<&str> = None;
        let mut range: Option<&str> = None;
        for key in keys {
            let Some(key) = key else { return None };
            let (fixed, ranged) = (self.fixed.contains(key), self.ranges.contains(key));
            match (skipped, range) {
                (Some(skipped), _) if fixed || ranged => {
                    return Some(format!("for {key} alone, behind {skipped}, which the condition leaves open"));
                }
                (_, Some(range)) if fixed => {
                    return Some(format!("for a range of {range} first, and for one {key} in all of it"));
                }
                _ => {}
            }
            if !fixed && !ranged && range.is_none() {
                skipped = skipped.or(Some(key));
            }
            if ranged && !fixed {
                range = range.or(Some(key));
            }
        }
        None
    }
}

/// Blocks of the index alone; a row of an index scan costs a block of the table at most.
fn index_blocks(context: &Context, node: &PlanNode) -> Option<f64> {
    node.buffers?;
    let all = context.node(node).blocks as f64;
    Some(match node.node_type.as_str() {
        "Bitmap Index Scan" => all,
        "Index Only Scan" => all - node.heap_fetches.unwrap_or(0.0),
        _ => all - rows_read(node),
    })
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_the_second_column() {
        insta::assert_snapshot!(shop_said(super::check, "index-condition-weak"), @"
        The index purchases_city_total_idx (city, total) is searched for total alone, behind city, which the condition leaves open: 233 blocks of it are read to find 60 rows of shop.purchases, which takes 1.9 of 1.9 ms.
        An index on shop.purchases (total) finds them directly.
        ");
        let tips = shop_tips(super::check, "index-condition-weak");
        assert_eq!(tips[0].remedy.as_ref().unwrap().to_string(), "CREATE INDEX ON shop.purchases (total)");
    }

    #[test]
    fn quiet_when_the_first_column_is_given() {
        assert_eq!(shop_said(super::check, "correlated-columns"), "");
        assert_eq!(shop_said(super::check, "scattered-heap"), "");
    }

    #[test]
    fn says_what_keeps_the_search_from_narrowing() {
        let weakness =
            |condition: &str| super::Asked::of(condition, "t").weakness(&["a", "b", "c"].map(|key| Some(key.to_owned())));
        assert_eq!(weakness("((a = 1) AND (b = 2))"), None);
        assert_eq!(weakness("((a = 1) AND (b > 2))"), None);
        assert_eq!(weakness("((a > 1) AND (b = 2))").unwrap(), "for a range of a first, and for one b in all of it");
        assert_eq!(weakness("((a = 1) AND (c = 2))").unwrap(), "for c alone, behind b, which the condition leaves open");
    }
}
