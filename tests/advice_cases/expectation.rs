//! What a case expects, and how far advice is from it.

use perflab::report::model::OtherKind;

use crate::outcome::Outcome;

#[derive(Default)]
pub struct Expectation {
    /// Any of these sets; none given accepts every one.
    pub sets: Vec<&'static [&'static str]>,
    pub never: Vec<&'static str>,
    pub says: Vec<&'static str>,
    /// Any of these sets of names; none given means that nothing may be dropped.
    pub drops: Vec<&'static [&'static str]>,
    /// What must be offered beside indexes, with a part of the statement or the commands.
    pub offers: Vec<(OtherKind, &'static str)>,
}

impl Expectation {
    /// What is wrong with the advice, a line each.
    pub fn faults(&self, outcome: &Outcome) -> Vec<String> {
        let mut faults = Vec::new();
        let targets: Vec<&str> = outcome.keep.iter().map(|kept| kept.target.as_str()).collect();
        if !self.sets.is_empty() && !self.sets.iter().any(|set| is_set(set, &targets)) {
            faults.push(format!("expected to keep {}", either(&self.sets)));
        }
        for pattern in &self.never {
            faults.extend(targets.iter().filter(|target| matches(pattern, target)).map(|target| format!("never keep {target}")));
        }
        let dropped: Vec<&str> = outcome.drop.iter().map(|dropped| dropped.name.as_str()).collect();
        let allowed: &[&[&str]] = if self.drops.is_empty() { &[&[]] } else { &self.drops };
        if !allowed.iter().any(|set| is_set(set, &dropped)) {
            faults.push(format!("expected to drop {}", either(allowed)));
        }
        let said = outcome.sentences();
        for part in &self.says {
            if !said.iter().any(|sentence| sentence.contains(part)) {
                faults.push(format!("nothing says `{part}`"));
            }
        }
        for (kind, part) in &self.offers {
            if !outcome.offers.iter().any(|offer| offer.kind == *kind && offer.sql.contains(part)) {
                faults.push(format!("offers no {kind:?} with `{part}`"));
            }
        }
        faults.extend(outcome.broken_rules());
        faults
    }
}

fn either(sets: &[&[&str]]) -> String {
    sets.iter().map(|set| format!("{set:?}")).collect::<Vec<_>>().join(" or ")
}

/// Whether each pattern has a text of its own, and no text is left.
fn is_set(patterns: &[&str], texts: &[&str]) -> bool {
    let Some((first, rest)) = patterns.split_first() else { return texts.is_empty() };
    texts.len() == patterns.len()
        && (0..texts.len()).filter(|place| matches(first, texts[*place])).any(|place| {
            let others: Vec<&str> = [&texts[..place], &texts[place + 1..]].concat();
            is_set(rest, &others)
        })
}

/// Whether the text is the pattern, in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len()).filter(|start| rest.is_char_boundary(*start)).any(|start| matches(after, &rest[start..]))
        }),
    }
}

#[test]
fn patterns_match_whole_texts_and_sets_have_no_rest() {
    assert!(matches("orders (customer_id*)", "orders (customer_id, id)"));
    assert!(matches("* USING gin (*)", "note USING gin (body gin_trgm_ops)"));
    assert!(!matches("orders (customer_id)", "orders (customer_id, id)"));
    assert!(!matches("orders (*) WHERE open", "orders (id)"));
    assert!(is_set(&["t (*", "t (a)"], &["t (a)", "t (b)"]));
    assert!(!is_set(&["t (a)"], &["t (a)", "t (b)"]));
    assert!(!is_set(&["t (a)", "t (b)"], &["t (a)"]));
}
