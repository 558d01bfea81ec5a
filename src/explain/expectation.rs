//! What a plan says must remain once its cause is gone, held against the plan that came of it.

use crate::report::model::{Expectation, ExplainedPlan, ExplainedStatement, KeptIndex};
use crate::units::ms;

use super::endpoint::StatementPlan;

/// What an index leaves is not nothing: descending it and touching the rows it finds. A tenth of what is saved covers an index
/// that must still fetch its rows one by one.
const LEFT_OF_THE_SAVING: f64 = 0.1;

/// Rules of the narrator whose saving an index can bring; a window over a whole table, say, loses nothing by one.
const BY_INDEX: [&str; 9] = [
    "seq-scan-discards",
    "index-scan-filters",
    "inner-seq-scan",
    "sort-avoidable",
    "no-btree-serves-it",
    "limit-fooled",
    "or-across-columns",
    "bitmap-and",
    "index-condition-weak",
];

/// Adds the plans after to statements that the kept indexes serve, with what was expected of them.
pub fn add_after(statements: &mut [ExplainedStatement], after: Vec<StatementPlan>, label: &str, kept: &[KeptIndex]) {
    let served: Vec<&KeptIndex> = kept.iter().filter(|index| index.serves.iter().any(|share| share.label == label)).collect();
    if served.is_empty() {
        return;
    }
    for later in after {
        let Some(statement) = statements.iter_mut().find(|statement| statement.step == later.step + 1) else { continue };
        statement.expectation = expected(&statement.before, &later.explained);
        statement.after = Some(later.explained);
    }
}

/// `None` when the plan before names nothing that an index could save.
fn expected(before: &ExplainedPlan, after: &ExplainedPlan) -> Option<Expectation> {
    // What waits for COMMIT is no part of the statement's time.
    let lacking = before.implied.iter().filter(|implied| implied.missing_index.is_some() && !implied.deferred);
    let triggers: f64 = lacking.map(|implied| implied.trigger_ms).sum();
    let by_index = before.findings.iter().filter(|finding| BY_INDEX.contains(&finding.rule.as_str()));
    let scans: f64 = by_index.map(|finding| finding.saves_ms).sum();
    let saving = triggers.max(scans).min(before.execution_ms);
    if saving <= 0.0 || before.execution_ms <= 0.0 {
        return None;
    }
    let at_most_ms = before.execution_ms - saving * (1.0 - LEFT_OF_THE_SAVING);
    let sentence = if triggers >= scans {
        format!(
            "{} of the {} are foreign keys looking for rows without an index; with one for each, a tenth of that may remain.",
            ms(triggers),
            ms(before.execution_ms)
        )
    } else {
        format!(
            "The plan spends {} of its {} on rows that an index would not read; if one is used, a tenth of that may remain.",
            ms(saving),
            ms(before.execution_ms)
        )
    };
    Some(Expectation { at_most_ms, sentence, held: Some(after.execution_ms <= at_most_ms) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{Finding, ImpliedStatement};

    fn plan(execution_ms: f64, findings: &[(&str, f64)], trigger_ms: f64) -> ExplainedPlan {
        let finding = |(rule, saves_ms): &(&str, f64)| Finding {
            rule: (*rule).to_owned(),
            sentence: String::new(),
            next_step: None,
            saves_ms: *saves_ms,
            ..Finding::default()
        };
        let trigger = ImpliedStatement {
            constraint: "fk".into(),
            table: "child".into(),
            missing_index: Some("CREATE INDEX ON child (parent_id)".into()),
            sql: String::new(),
            trigger_ms,
            trigger_calls: 1,
            ..ImpliedStatement::default()
        };
        ExplainedPlan {
            text: String::new(),
            execution_ms,
            planning_ms: 0.0,
            rows_read: 0.0,
            rows_returned: 0.0,
            blocks: 0,
            findings: findings.iter().map(finding).collect(),
            implied: vec![trigger],
            json: serde_json::Value::Null,
            ..ExplainedPlan::default()
        }
    }

    #[test]
    fn a_tenth_of_what_an_index_saves_may_remain() {
        let before = plan(100.0, &[("seq-scan-discards", 80.0)], 0.0);
        let expectation = expected(&before, &plan(28.0, &[], 0.0)).unwrap();
        assert!((expectation.at_most_ms - 28.0).abs() < 1e-9, "{expectation:?}");
        assert_eq!(expectation.held, Some(true));
        assert_eq!(expected(&before, &plan(28.1, &[], 0.0)).unwrap().held, Some(false));
    }

    #[test]
    fn triggers_count_when_they_cost_more_and_a_saving_is_never_more_than_there_is() {
        let expectation = expected(&plan(50.0, &[("seq-scan-discards", 1.0)], 60.0), &plan(5.0, &[], 0.0)).unwrap();
        assert!((expectation.at_most_ms - 5.0).abs() < 1e-9, "{expectation:?}");
        assert!(expectation.sentence.contains("foreign keys"), "{}", expectation.sentence);
    }

    #[test]
    fn what_no_index_saves_is_not_expected_of_one() {
        assert!(expected(&plan(100.0, &[("whole-table-window", 80.0)], 0.0), &plan(1.0, &[], 0.0)).is_none());
    }
}
