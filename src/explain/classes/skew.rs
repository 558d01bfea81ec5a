//! Estimates that are right for the parameters of one class and wrong for those of another.

use crate::plan::condition::{Access, Expr, Target, classify, parse};
use crate::plan::{Plan, PlanMetrics, PlanNode, scans};
use crate::units::amount;

/// An estimate is off by so many times …
const OFF: f64 = 10.0;
/// … of this many rows, planned or found: below, nobody would plan otherwise.
const ROWS: f64 = 100.0;

/// The scan whose rows are misjudged for these parameters and not for those of the first class, with what helps. Only scans that look
/// for given values: what a join looks for, no statistics of one column can tell.
pub(super) fn skew(now: &Plan, first: &Plan, first_class: &str) -> Option<String> {
    let (metrics, usual) = (PlanMetrics::of(now), PlanMetrics::of(first));
    scans(now).find_map(|scan| {
        let estimate = metrics.node(scan).estimate.filter(|estimate| estimate.factor >= OFF)?;
        let column = looked_for(scan)?;
        let table = scan.relation.as_deref()?;
        let same = |other: &&PlanNode| other.called() == scan.called();
        let before = scans(first).find(same).and_then(|other| usual.node(other).estimate)?;
        if estimate.planned.max(estimate.actual) < ROWS || before.factor >= OFF {
            return None;
        }
        Some(format!(
            "PostgreSQL expected {} rows of {table} and found {}, while its guess for {first_class} rows is good; a larger statistics \
             target lets it know more of the values by themselves (ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 1000; \
             ANALYZE {table})",
            amount(estimate.planned),
            amount(estimate.actual)
        ))
    })
}

/// The first column that the scan compares with a given value.
fn looked_for(scan: &PlanNode) -> Option<String> {
    let alias = scan.called()?;
    scan.conditions().find_map(|(_, condition)| {
        let parsed = parse(condition);
        parsed.conjuncts().flat_map(|part| classify(part, alias)).find_map(|predicate| {
            match (predicate.target, predicate.access) {
                (Target::Column { column, .. }, Access::Equality(value)) if matches!(value.uncast(), Expr::Constant(_)) => {
                    Some(crate::sql::quote_ident(&column.name))
                }
                _ => None,
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scan(planned: f64, actual: f64, condition: &str) -> Plan {
        let node = json!({"Node Type": "Seq Scan", "Relation Name": "sale", "Alias": "s", "Filter": condition, "Plan Rows": planned,
            "Actual Rows": actual, "Actual Loops": 1, "Actual Total Time": 1.0, "Actual Startup Time": 0.0});
        Plan::from_json(&json!([{"Plan": node, "Execution Time": 1.0}])).unwrap()
    }

    #[test]
    fn a_guess_that_is_wrong_for_one_class_alone_names_the_column() {
        let value = "(s.kind = 'a'::text)";
        let said = skew(&scan(12.0, 210_000.0, value), &scan(12.0, 9.0, value), "typical").unwrap();
        assert!(said.starts_with("PostgreSQL expected 12 rows of sale and found 210,000, while its guess for typical"), "{said}");
        assert!(said.contains("ALTER COLUMN kind SET STATISTICS 1000"), "{said}");
    }

    #[test]
    fn guesses_that_are_wrong_for_all_or_for_few_rows_or_for_joins_are_no_skew() {
        let value = "(s.kind = 'a'::text)";
        assert_eq!(skew(&scan(12.0, 210_000.0, value), &scan(12.0, 500.0, value), "typical"), None);
        assert_eq!(skew(&scan(1.0, 50.0, value), &scan(1.0, 1.0, value), "typical"), None);
        let join = "(s.kind = k.id)";
        assert_eq!(skew(&scan(12.0, 210_000.0, join), &scan(12.0, 9.0, join), "typical"), None);
    }
}
