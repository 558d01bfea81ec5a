//! Tips that say the same thing twice: which one stays.
//!
//! A mistake shows in several places of a plan, and each place has its rule. The tip that names the cause, or the one whose next
//! step makes the other's needless, stays; the other is not said at all.

use super::Tip;
use super::context::Context;

/// `stays` says it all; `goes` is left out when its node lies there.
struct Fold {
    stays: &'static str,
    goes: &'static [&'static str],
    place: Place,
}

/// Where the node of the tip that goes lies, seen from the one that stays.
enum Place {
    /// It is the same node.
    Same,
    /// It is the same node or somewhere below.
    Within,
    /// It is the same node or directly above.
    SameOrParent,
    /// It is somewhere above.
    Above,
    Anywhere,
}

use Place::{Above, Anywhere, Same, SameOrParent, Within};

/// The most telling first. A tip that is gone takes none with it.
const FOLDS: &[Fold] = &[
    // The form of the condition keeps every index away, so what an index could do is no news.
    Fold { stays: "type-mismatch", goes: &["seq-scan-discards", "index-scan-filters", "no-btree-serves-it"], place: Same },
    Fold { stays: "optional-parameter", goes: &["seq-scan-discards", "index-scan-filters"], place: Same },
    Fold { stays: "or-across-columns", goes: &["seq-scan-discards", "join-filter"], place: Same },
    Fold { stays: "partitions-not-pruned", goes: &["seq-scan-discards", "no-btree-serves-it"], place: Within },
    // One index for the condition and the order is better than one for the condition alone.
    Fold { stays: "limit-fooled", goes: &["index-scan-filters"], place: Same },
    Fold { stays: "sort-avoidable", goes: &["seq-scan-discards", "index-scan-filters", "scattered-heap"], place: Within },
    Fold { stays: "index-scan-filters", goes: &["scattered-heap", "index-only-possible", "bitmap-lossy"], place: Same },
    Fold { stays: "bitmap-and", goes: &["scattered-heap", "index-only-possible"], place: Same },
    Fold { stays: "index-only-possible", goes: &["scattered-heap"], place: Same },
    Fold { stays: "group-count-wrong", goes: &["hash-aggregate-spills"], place: Same },
    // A subquery for each row is cured by what makes the subquery quick.
    Fold { stays: "not-in", goes: &["subplan-per-row", "inner-seq-scan", "temporary-files"], place: Within },
    Fold { stays: "not-in", goes: &["seq-scan-discards"], place: Same },
    Fold { stays: "inner-seq-scan", goes: &["subplan-per-row", "nested-loop-many"], place: Anywhere },
    // Pairs made in vain, whatever makes them.
    Fold { stays: "join-filter", goes: &["nested-loop-many", "inner-seq-scan"], place: Same },
    Fold { stays: "cartesian-join", goes: &["nested-loop-many", "inner-seq-scan"], place: Within },
    Fold { stays: "memoize-misses", goes: &["nested-loop-many"], place: SameOrParent },
    // What is kept needlessly need not be kept faster.
    Fold { stays: "cte-little-used", goes: &["wide-rows", "temporary-files", "seq-scan-keeps"], place: Anywhere },
    Fold { stays: "wide-rows", goes: &["temporary-files"], place: Anywhere },
    Fold { stays: "whole-table-window", goes: &["sort-on-disk", "temporary-files"], place: Within },
    Fold { stays: "merge-join-sorts", goes: &["sort-on-disk"], place: Within },
    Fold { stays: "numbered-for-few", goes: &["sort-on-disk"], place: Within },
    Fold { stays: "seq-scan-discards", goes: &["initplan-expensive"], place: Above },
    // Where an index ends a scan, or a rewrite its CTE, nobody need share it.
    Fold { stays: "seq-scan-discards", goes: PARALLEL, place: Same },
    Fold { stays: "no-btree-serves-it", goes: PARALLEL, place: Same },
    Fold { stays: "type-mismatch", goes: PARALLEL, place: Same },
    Fold { stays: "or-across-columns", goes: PARALLEL, place: Same },
    Fold { stays: "optional-parameter", goes: PARALLEL, place: Same },
    Fold { stays: "inner-seq-scan", goes: PARALLEL, place: Same },
    Fold { stays: "cte-little-used", goes: PARALLEL, place: Anywhere },
    Fold { stays: "recursion-without-index", goes: &["parallel-blocked", "inner-seq-scan"], place: Within },
    // The sum of all scans is no news beside the scan that makes it.
    Fold { stays: "seq-scan-discards", goes: &["reads-to-return"], place: Anywhere },
    Fold { stays: "no-btree-serves-it", goes: &["reads-to-return"], place: Anywhere },
    Fold { stays: "offset-paging", goes: &["reads-to-return"], place: Anywhere },
    Fold { stays: "index-scan-filters", goes: &["reads-to-return"], place: Anywhere },
    Fold { stays: "limit-fooled", goes: &["reads-to-return"], place: Anywhere },
    Fold { stays: "type-mismatch", goes: &["reads-to-return"], place: Anywhere },
    Fold { stays: "or-across-columns", goes: &["reads-to-return"], place: Anywhere },
    Fold { stays: "optional-parameter", goes: &["reads-to-return"], place: Anywhere },
    Fold { stays: "partitions-not-pruned", goes: &["reads-to-return"], place: Anywhere },
    Fold { stays: "inner-seq-scan", goes: &["reads-to-return"], place: Anywhere },
    Fold { stays: "sort-avoidable", goes: &["reads-to-return"], place: Anywhere },
];

const PARALLEL: &[&str] = &["parallel-blocked"];

/// The tips without those that others make needless.
pub(super) fn fold(context: &Context, mut tips: Vec<Tip>) -> Vec<Tip> {
    for fold in FOLDS {
        let stays: Vec<Option<usize>> = tips.iter().filter(|tip| tip.rule == fold.stays).map(|tip| tip.node).collect();
        tips.retain(|tip| {
            !(fold.goes.contains(&tip.rule) && stays.iter().any(|stays| is_there(context, &fold.place, *stays, tip.node)))
        });
    }
    tips
}

fn is_there(context: &Context, place: &Place, stays: Option<usize>, goes: Option<usize>) -> bool {
    let (Some(stays), Some(goes)) = (stays, goes) else { return matches!(place, Place::Anywhere) };
    let above =
        |below: usize, above: usize| context.visits.get(below).is_some_and(|visit| visit.ancestors.iter().any(|n| n.id == above));
    let parent = |id: usize| context.visits.get(id)?.parent().map(|parent| parent.id);
    match place {
        Place::Same => stays == goes,
        Place::Within => stays == goes || above(goes, stays),
        Place::Above => above(stays, goes),
        Place::SameOrParent => stays == goes || parent(stays) == Some(goes),
        Place::Anywhere => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules;
    use super::*;
    use crate::plan::{Facts, fixtures};

    fn rules_of(tips: &[Tip]) -> Vec<&'static str> {
        tips.iter().map(|tip| tip.rule).collect()
    }

    #[test]
    fn the_tip_with_the_cause_stays() {
        let (plan, facts) = (fixtures::reading_plan("type-mismatch"), fixtures::shop_facts());
        let context = Context::new(&plan, &facts);
        let all: Vec<Tip> = rules::all().flat_map(|rule| rule(&context)).collect();
        assert!(rules_of(&all).contains(&"seq-scan-discards") && rules_of(&all).contains(&"type-mismatch"), "{all:?}");
        let left = fold(&context, all);
        assert!(!rules_of(&left).contains(&"seq-scan-discards") && rules_of(&left).contains(&"type-mismatch"));
    }

    #[test]
    fn tips_of_other_places_stay() {
        let (plan, facts) = (fixtures::timed_plan("history-last-five"), Facts::default());
        let context = Context::new(&plan, &facts);
        let all: Vec<Tip> = rules::all().flat_map(|rule| rule(&context)).collect();
        let scan = all.iter().find(|tip| tip.rule == "seq-scan-discards").unwrap();
        let elsewhere = Tip { rule: "sort-avoidable", node: Some(plan.node_count), ..scan.clone() };
        assert_eq!(fold(&context, vec![elsewhere, scan.clone()]).len(), 2);
    }

    /// A misspelt name would fold nothing.
    #[test]
    fn every_name_is_a_rule() {
        let names = FOLDS.iter().flat_map(|fold| fold.goes.iter().chain([&fold.stays]));
        let files = ["", "reading/", "estimates/", "joins/"];
        for name in names {
            let file = format!("{}.rs", name.replace('-', "_"));
            let rules = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/plan/narrate/rules");
            assert!(files.iter().any(|folder| rules.join(folder).join(&file).exists()), "{name}");
        }
    }
}
