//! `memoize-misses`: a Memoize node keeps results that are hardly asked for again.
//!
//! **Sees** a Memoize that missed more often than it hit, over 1,000 times; or that had to evict.
//! **Evidence**: `Cache Hits`, `Cache Misses`, `Cache Evictions`.
//! **Bad**: `Hits: 2  Misses: 85513  Evictions: 80000`.
//! **Good**: `Hits: 2089  Misses: 911  Evictions: 0`.
//! **Wrong** when the misses come from a first pass that later passes profit of.

use crate::plan::narrate::advice::off;
use crate::plan::narrate::context::{Context, tip};
use crate::plan::narrate::{Tip, words};

const NAME: &str = "memoize-misses";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for node in context.executed().map(|visit| visit.node) {
        let Some(cache) = node.cache.filter(|cache| cache.misses > cache.hits && cache.misses > 1_000.0) else { continue };
        let figures = context.node(node);
        let sentence = format!(
            "The cache of the nested loop was hit {} and missed {}{}.",
            if cache.hits == 0.0 { "never".to_owned() } else { words::times(cache.hits) },
            words::times(cache.misses),
            if cache.evictions > 0.0 {
                format!(", having thrown away {}", words::plural(cache.evictions, "entry", "entries"))
            } else {
                String::new()
            }
        );
        let next = if cache.evictions > 0.0 {
            "More work_mem keeps the entries; without it, enable_memoize = off.".to_owned()
        } else {
            "Its keys hardly repeat: the planner's n_distinct of the key is too low; raise its statistics target and ANALYZE."
                .to_owned()
        };
        tips.push(tip(NAME, node, sentence, figures.exclusive_ms, figures.elapsed_ms).next(next).remedy(off("enable_memoize")));
    }
    tips
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_when_keys_do_not_repeat() {
        insta::assert_snapshot!(shop_said(super::check, "memoize-misses"), @"
        The cache of the nested loop was hit never and missed 20,000 times.
        Its keys hardly repeat: the planner's n_distinct of the key is too low; raise its statistics target and ANALYZE.
        ");
    }

    #[test]
    fn quiet_when_it_pays() {
        assert_eq!(shop_said(super::check, "join-order"), "");
        assert_eq!(said_of(super::check, &fixtures::plan("41-memoize")), "");
    }
}
