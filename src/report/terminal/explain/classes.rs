//! A statement for parameters of several classes, and under the two kinds of plan that a prepared statement can have.

use super::super::super::model::{CacheOutcome, CachedClass, ExplainedStatement, PlanCache, PlanClass, PlanKind, PlanTime};
use super::super::super::wording::{full_stop, shortened, values};
use super::super::Screen;
use super::super::grid::{Grid, Paint, number, spare_text, word};
use super::super::sheet::Sheet;
use crate::units::{self, amount, count, figure};

/// Characters of the parameters that a table shows.
const PARAMETERS_SHOWN: usize = 60;

/// Both sections, those that there are.
pub(super) fn classes(sheet: &mut Sheet, statement: &ExplainedStatement, screen: Screen) {
    if !statement.classes.is_empty() {
        sheet.gap();
        sheet.heading(&title(&statement.classes));
        sheet.set_in(|sheet| by_class(sheet, &statement.classes, screen));
    }
    if let Some(cache) = &statement.plan_cache {
        sheet.gap();
        sheet.heading(&format!("Prepared: generic against custom plan (plan_cache_mode is {} here)", cache.mode));
        sheet.set_in(|sheet| prepared(sheet, cache, screen));
    }
}

/// Says at once whether the plan flips.
fn title(classes: &[PlanClass]) -> String {
    let all: Vec<String> = classes.iter().map(|class| class.class.clone()).collect();
    let others: Vec<String> = classes.iter().filter(|class| !class.changes.is_empty()).map(|class| class.class.clone()).collect();
    match (classes, others.as_slice()) {
        ([_], _) => format!("Planned for {} rows", units::listed(&all)),
        (_, []) => format!("Planned for {} rows: one plan for all", units::listed(&all)),
        (_, others) => format!("Planned for {} rows: another plan for {}", units::listed(&all), units::listed(others)),
    }
}

fn by_class(sheet: &mut Sheet, classes: &[PlanClass], screen: Screen) {
    let mut grid = Grid::new(vec![
        word("rows", 0),
        number("ms", 0),
        number("rows read", 1),
        number("returned", 3),
        number("blocks", 4),
        word("plan", 2),
        spare_text("parameters", 5),
    ]);
    for (place, class) in classes.iter().enumerate() {
        let stopped = class.stopped_after_ms.is_some();
        let counted = |text: String| if stopped { String::new() } else { text };
        let plan = match (place, class.changes.is_empty()) {
            (0, _) => "",
            (_, true) => "same",
            (_, false) => "flips",
        };
        grid.painted(vec![
            (class.class.clone(), Paint::Plain),
            (time(class), if stopped { Paint::Bad } else { Paint::Plain }),
            (counted(amount(class.rows_read)), Paint::Plain),
            (counted(amount(class.rows_returned)), Paint::Plain),
            (counted(count(class.blocks)), Paint::Plain),
            (plan.to_owned(), if plan == "flips" { Paint::Bad } else { Paint::Plain }),
            (shortened(&values(&class.parameters), PARAMETERS_SHOWN), Paint::Plain),
        ]);
    }
    sheet.laid_out(&grid.render(screen));
    for class in classes {
        if let Some(consequence) = &class.consequence {
            sheet.item(consequence);
        }
    }
    for class in classes {
        if let Some(plan) = &class.plan {
            sheet.gap();
            sheet.heading(&format!("The plan for the {} rows", class.class));
            sheet.set_in(|sheet| sheet.plan(&plan.text));
        }
    }
}

/// `30.2`, or `> 10,000` of what was stopped.
fn time(class: &PlanClass) -> String {
    match (class.execution_ms, class.stopped_after_ms) {
        (_, Some(after)) => format!("> {}", units::limit(after)),
        (Some(ms), None) => figure(ms),
        (None, None) => String::new(),
    }
}

fn prepared(sheet: &mut Sheet, cache: &PlanCache, screen: Screen) {
    if cache.differs() {
        sheet.laid_out(&cached_table(cache, screen));
    }
    for sentence in &cache.says {
        sheet.item(sentence);
    }
    if let Some(remedy) = &cache.remedy {
        sheet.text(&format!("Next: {remedy}{}", full_stop(remedy)));
    }
    if let (Some(plan), Some(_)) = (&cache.generic, &cache.remedy) {
        sheet.gap();
        sheet.heading("The generic plan");
        sheet.set_in(|sheet| sheet.plan(&plan.text));
    }
}

fn cached_table(cache: &PlanCache, screen: Screen) -> String {
    let mut grid = Grid::new(vec![
        word("rows", 0),
        number("custom ms", 0),
        number("of it\nplanning", 3),
        number("generic ms", 0),
        word("plans", 1),
        word("chosen after\nfive of these", 2),
    ]);
    for class in &cache.classes {
        let paint = match class.outcome {
            CacheOutcome::Loses => Paint::Bad,
            CacheOutcome::Gains => Paint::Good,
            CacheOutcome::NoMatter => Paint::Plain,
            CacheOutcome::Unknown => Paint::Faint,
        };
        grid.painted(vec![
            (class.class.clone(), Paint::Plain),
            (total(&class.custom), Paint::Plain),
            (planning(&class.custom), Paint::Plain),
            (total(&class.generic), paint),
            (if class.changes.is_empty() { "same" } else { "differ" }.to_owned(), Paint::Plain),
            (chosen(class).to_owned(), Paint::Plain),
        ]);
    }
    grid.render(screen)
}

fn total(time: &PlanTime) -> String {
    match (time.stopped_after_ms, time.runs) {
        (Some(after), _) => format!("> {}", units::limit(after)),
        (None, 0) => "not tried".to_owned(),
        (None, _) => figure(time.total_ms()),
    }
}

fn planning(time: &PlanTime) -> String {
    if time.runs == 0 { String::new() } else { figure(time.planning_ms) }
}

fn chosen(class: &CachedClass) -> &'static str {
    match class.auto {
        Some(PlanKind::Generic) => "generic",
        Some(PlanKind::Custom) => "custom",
        None => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{ExplainedPlan, Parameter};

    fn class(name: &str, value: &str, ms: f64, rows: f64) -> PlanClass {
        let parameters = vec![Parameter { number: 1, name: "kind".into(), value: value.into() }];
        PlanClass {
            class: name.into(),
            parameters,
            execution_ms: Some(ms),
            rows_read: rows,
            rows_returned: rows,
            ..PlanClass::default()
        }
    }

    fn shown(statement: &ExplainedStatement, width: usize) -> String {
        let screen = Screen { width, color: false, ascii: false };
        let mut sheet = Sheet::new(screen);
        classes(&mut sheet, statement, screen);
        sheet.finish()
    }

    fn flipping() -> ExplainedStatement {
        let text = "Seq Scan on sale  (cost=0.00..9.00 rows=9 width=4) (actual rows=210000 loops=1)".to_owned();
        let heaviest = PlanClass {
            changes: vec!["reads sale by a sequential scan instead of an index scan using sale_kind".into()],
            consequence: Some("For the heaviest rows PostgreSQL takes another plan.".into()),
            plan: Some(Box::new(ExplainedPlan { text, ..ExplainedPlan::default() })),
            ..class("heaviest", "a", 30.2, 210_000.0)
        };
        let missing = PlanClass { execution_ms: None, stopped_after_ms: Some(10_000.0), ..class("missing", "none", 0.0, 0.0) };
        let time = |ms| PlanTime { planning_ms: 0.1, execution_ms: ms, runs: 5, ..PlanTime::default() };
        let cached = |name: &str, generic, outcome, auto| CachedClass {
            class: name.into(),
            custom: time(0.4),
            generic,
            changes: if outcome == CacheOutcome::Loses { vec!["reads sale by a bitmap scan".into()] } else { Vec::new() },
            auto: Some(auto),
            outcome,
        };
        ExplainedStatement {
            classes: vec![class("typical", "b", 0.05, 12.0), heaviest, missing],
            plan_cache: Some(PlanCache {
                mode: "auto".into(),
                classes: vec![
                    cached("typical", time(0.4), CacheOutcome::NoMatter, PlanKind::Custom),
                    cached("heaviest", time(85.0), CacheOutcome::Loses, PlanKind::Generic),
                    cached("missing", PlanTime::default(), CacheOutcome::Unknown, PlanKind::Custom),
                ],
                says: vec!["For the heaviest rows the generic plan takes 85.1 ms.".into()],
                remedy: Some("set plan_cache_mode = force_custom_plan".into()),
                generic: Some(Box::new(ExplainedPlan { text: "Bitmap Heap Scan on sale".into(), ..ExplainedPlan::default() })),
            }),
            ..ExplainedStatement::default()
        }
    }

    #[test]
    fn both_sections_fit_the_screen() {
        insta::assert_snapshot!(shown(&flipping(), 100));
        let narrow = shown(&flipping(), 60);
        assert!(narrow.lines().all(|line| line.chars().count() <= 60 || line.contains("(cost=")), "{narrow}");
    }

    #[test]
    fn a_statement_that_nobody_looked_into_shows_nothing() {
        assert_eq!(shown(&ExplainedStatement::default(), 80), "");
    }
}
