//! A statement for parameters of several classes, and what becomes of it when it is prepared.

use super::super::model::{ExplainedStatement, PlanCache, PlanClass, PlanKind, PlanTime};
use super::super::wording::values;
use super::table::{Lean, Table};
use super::text::{block, fold, plain, prose, sentences};
use crate::units::{self, amount, figure};

/// The table of the classes with what follows, and the words on prepared statements where they are more than one.
pub(super) fn blocks(statement: &ExplainedStatement) -> Vec<String> {
    let several = statement.classes.len() > 1;
    let cache = statement.plan_cache.as_ref();
    let rows = if several { other_rows(statement) } else { Vec::new() };
    let flipped = statement.classes.iter().any(|class| !class.changes.is_empty() || class.consequence.is_some());
    match cache {
        _ if several && flipped => [rows, cache.map(prepared).unwrap_or_default()].concat(),
        Some(cache) if several && cache.differs() => [prepared(cache), vec![fold(SAME, &super::joined(&rows))]].concat(),
        _ if several => vec![fold(SAME, &super::joined(&[rows, cache.map(prepared).unwrap_or_default()].concat()))],
        Some(cache) if cache.differs() => prepared(cache),
        Some(cache) => vec![fold("Prepared: the same plan", &super::joined(&prepared(cache)))],
        None => Vec::new(),
    }
}

/// Said where opening it shows nothing new.
const SAME: &str = "For other rows: the same plan";

fn other_rows(statement: &ExplainedStatement) -> Vec<String> {
    let mut blocks = vec!["**For other rows.** The same statement, planned for each choice of its parameters:".to_owned()];
    blocks.push(by_class(&statement.classes));
    let said: Vec<&str> = statement.classes.iter().filter_map(|class| class.consequence.as_deref()).collect();
    blocks.push(sentences(said));
    let flipped = statement.classes.iter().filter_map(|class| Some((class, class.plan.as_ref()?)));
    blocks.extend(
        flipped.map(|(class, plan)| fold(&format!("The plan for the {} rows", plain(&class.class)), &block("", &plan.text))),
    );
    blocks
}

fn by_class(classes: &[PlanClass]) -> String {
    let mut table = Table::new([
        ("rows", Lean::Left),
        ("parameters", Lean::Left),
        ("rows read", Lean::Right),
        ("ms", Lean::Right),
        ("plan", Lean::Left),
    ]);
    for (place, class) in classes.iter().enumerate() {
        let plan = match (place, class.changes.is_empty()) {
            (0, _) => "",
            (_, true) => "same",
            (_, false) => "**flipped**",
        };
        table.row([
            plain(&class.class),
            plain(&values(&class.parameters)),
            if class.stopped_after_ms.is_some() { String::new() } else { amount(class.rows_read) },
            match (class.execution_ms, class.stopped_after_ms) {
                (_, Some(after)) => format!("over {}", units::limit(after)),
                (ms, None) => ms.map_or_else(String::new, figure),
            },
            plan.to_owned(),
        ]);
    }
    table.render()
}

/// The sentences; the figures and the plan are folded.
fn prepared(cache: &PlanCache) -> Vec<String> {
    let remedy = cache.remedy.as_ref().map(|remedy| format!(" What to do: {}", prose(remedy))).unwrap_or_default();
    let said = sentences(cache.says.iter().map(String::as_str));
    if !cache.differs() {
        return vec![format!("**Prepared.** {said}{remedy}")];
    }
    let mut inside = vec![table(cache)];
    if let (Some(generic), Some(_)) = (&cache.generic, &cache.remedy) {
        inside.push(block("", &generic.text));
    }
    vec![format!("**Prepared.** {said}{remedy}"), fold("Generic against custom plan", &super::joined(&inside))]
}

fn table(cache: &PlanCache) -> String {
    let mut table = Table::new([
        ("rows", Lean::Left),
        ("custom, ms", Lean::Right),
        ("of it planning", Lean::Right),
        ("generic, ms", Lean::Right),
        ("plans", Lean::Left),
        ("chosen after five of these", Lean::Left),
    ]);
    for class in &cache.classes {
        table.row([
            plain(&class.class),
            total(&class.custom),
            if class.custom.runs == 0 { String::new() } else { figure(class.custom.planning_ms) },
            total(&class.generic),
            if class.changes.is_empty() { "same" } else { "differ" }.to_owned(),
            match class.auto {
                Some(PlanKind::Generic) => "generic".to_owned(),
                Some(PlanKind::Custom) => "custom".to_owned(),
                None => "unknown".to_owned(),
            },
        ]);
    }
    table.render()
}

fn total(time: &PlanTime) -> String {
    match (time.stopped_after_ms, time.runs) {
        (Some(after), _) => format!("over {}", units::limit(after)),
        (None, 0) => "not tried".to_owned(),
        (None, _) => figure(time.total_ms()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{CacheOutcome, CachedClass, ExplainedPlan, Parameter};

    fn class(name: &str, value: &str, ms: f64, rows_read: f64) -> PlanClass {
        let parameters = vec![Parameter { number: 1, name: "kind".into(), value: value.into() }];
        PlanClass { class: name.into(), parameters, execution_ms: Some(ms), rows_read, ..PlanClass::default() }
    }

    #[test]
    fn a_flip_is_a_row_a_sentence_and_a_folded_plan() {
        let plan = ExplainedPlan { text: "Seq Scan on sale".into(), ..ExplainedPlan::default() };
        let heaviest = PlanClass {
            changes: vec!["reads sale by a sequential scan".into()],
            consequence: Some("For the heaviest rows PostgreSQL takes another plan.".into()),
            plan: Some(Box::new(plan)),
            ..class("heaviest", "a|b", 30.2, 210_000.0)
        };
        let stopped = PlanClass { execution_ms: None, stopped_after_ms: Some(10_000.0), ..class("missing", "c", 0.0, 0.0) };
        let time = |ms| PlanTime { execution_ms: ms, runs: 5, ..PlanTime::default() };
        let cached = |changes: &[&str]| CachedClass {
            class: "heaviest".into(),
            custom: time(12.0),
            generic: time(85.0),
            changes: changes.iter().map(|change| (*change).to_owned()).collect(),
            outcome: CacheOutcome::Loses,
            auto: Some(PlanKind::Generic),
        };
        let cache = |changes: &[&str]| PlanCache {
            says: vec!["It loses".into()],
            classes: vec![cached(changes)],
            ..PlanCache::default()
        };
        let mut statement = ExplainedStatement {
            classes: vec![class("typical", "b", 0.05, 12.0), heaviest, stopped],
            plan_cache: Some(cache(&["reads sale by an index scan"])),
            ..ExplainedStatement::default()
        };
        insta::assert_snapshot!(blocks(&statement).join("\n\n"));
        statement.plan_cache = Some(cache(&[]));
        assert_eq!(blocks(&statement).last().map(String::as_str), Some("**Prepared.** It loses."), "one sentence needs no table");
        statement.classes.truncate(1);
        assert_eq!(
            blocks(&statement),
            [fold("Prepared: the same plan", "**Prepared.** It loses.")],
            "one class is the statement above"
        );
    }
}
