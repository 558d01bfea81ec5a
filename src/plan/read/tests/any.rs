//! Whatever is thrown at the reader: never a panic, and what is read can be printed, measured and narrated.

use proptest::prelude::*;
use proptest::sample::Index;

use crate::plan::{Facts, Plan, PlanMetrics, TextOptions, fixtures, narrate, read_plans, summary, to_json, to_text};

/// Reads a text and does with its plans what perflab does.
fn use_all(text: &str) {
    let Ok(found) = read_plans(text) else { return };
    for plan in found.plans.iter().map(|found| &found.plan) {
        to_text(plan, TextOptions::everything());
        PlanMetrics::of(plan);
        summary(plan, &Facts::default());
        narrate(plan, &Facts::default());
        // A part that a damaged line began and did not fill is nothing to write down.
        let json = to_json(plan);
        assert_eq!(to_json(&Plan::from_json(&json).unwrap()), json, "{text}");
    }
}

/// A captured plan, as text or as JSON.
fn captured() -> impl Strategy<Value = String> {
    let texts = fixtures::texts();
    (any::<Index>(), any::<bool>()).prop_map(move |(index, json)| {
        let (name, text) = index.get(&texts);
        let file = format!("{name}.json");
        if json && fixtures::exists(&file) { fixtures::file(&file) } else { text.clone() }
    })
}

fn boundary(text: &str, index: &Index) -> usize {
    let mut at = index.index(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn cut_anywhere(text in captured(), from: Index, to: Index) {
        let (from, to) = (boundary(&text, &from), boundary(&text, &to));
        use_all(&text[from.min(to)..from.max(to)]);
    }

    #[test]
    fn joined_and_overwritten(one in captured(), other in captured(), at: Index, to: Index, what in "\\PC{0,20}|[ \t\n'\"(){}\\[\\]|+>-]{1,8}") {
        let mut text = one + &other;
        let (at, to) = (boundary(&text, &at), boundary(&text, &to));
        text.replace_range(at.min(to)..at.max(to), &what);
        use_all(&text);
    }

    #[test]
    fn lines_in_any_order(text in captured(), order in prop::collection::vec(any::<Index>(), 1..60)) {
        let lines: Vec<&str> = text.lines().collect();
        let text: String = order.iter().map(|index| format!("{}\n", index.get(&lines))).collect();
        use_all(&text);
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        use_all(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_lines(lines in prop::collection::vec("( {0,9})(->  )?(Sort|Limit|Seq Scan on a|Hash Join|Append|CTE x|InitPlan 1|Worker 0:|JIT:|Planning:|\
        Sort Key: a|Group Key: \\(\\)|Filter: \\('|Buffers: shared hit=1|Insert on a|QUERY PLAN|\\(1 row\\)|)(  \\(cost=0.00..1.00 rows=1 width=4\\))?( \\(never \
        executed\\))?", 0..40)) {
        use_all(&lines.join("\n"));
    }
}
