//! What `perflab migrate-check` says: the verdict and what it rests on, then the statements with their locks, the calls beside them, and
//! every endpoint before and after.

use super::super::checked;
use super::super::model::{CheckVerdict, MigrationCheck, Verdict};
use super::super::standing::{change, interval};
use super::Screen;
use super::grid::{Grid, Paint, number, spare_text, text, word};
use super::sheet::{GREEN, RED, Sheet, YELLOW};
use crate::units::{capitalized, count, figure, printable};

/// The whole check.
pub fn migration_text(check: &MigrationCheck, screen: Screen) -> String {
    let parts = [
        verdict(check, screen),
        titled("Statements", statements(check, screen), Some(checked::seen(check)), screen),
        titled("Calls beside it", calls(check, screen), checked::calls(check), screen),
        titled("Every endpoint before and after", endpoints(check, screen), None, screen),
        rest(check, screen),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

fn titled(title: &str, table: String, below: Option<String>, screen: Screen) -> String {
    if table.is_empty() {
        return String::new();
    }
    let mut sheet = Sheet::new(screen);
    sheet.heading(title);
    sheet.laid_out(&table);
    if let Some(below) = below {
        sheet.text(&below);
    }
    sheet.finish()
}

fn verdict(check: &MigrationCheck, screen: Screen) -> String {
    let colour = match check.verdict {
        CheckVerdict::Fine => GREEN,
        CheckVerdict::Finding => RED,
        CheckVerdict::Inconclusive => YELLOW,
    };
    let mut sheet = Sheet::new(screen);
    let (word, rest) = checked::headline(check);
    sheet.led(colour, word, &format!(": {rest}"));
    for (place, finding) in check.findings.iter().enumerate() {
        sheet.numbered(place + 1, &capitalized(&finding.sentence));
    }
    if !check.advice.is_empty() {
        sheet.gap();
        sheet.heading("What to do instead");
        for advice in &check.advice {
            let about = advice.statement.map_or(String::new(), |number| format!("Statement {number}: "));
            sheet.item(&format!("{about}{}", advice.sentence));
            sheet.set_in(|sheet| advice.sql.iter().for_each(|sql| sheet.code(&format!("{sql};"))));
        }
    }
    sheet.finish()
}

fn statements(check: &MigrationCheck, screen: Screen) -> String {
    let mut grid = Grid::new(vec![
        number("#", 0),
        word("line", 3),
        text("statement"),
        number("alone\nms", 0),
        number("beside\ncalls ms", 1),
        spare_text("its strongest lock", 0),
        number("held\nms", 0),
        spare_text("keeps waiting", 0),
        spare_text("writes", 4),
    ]);
    for statement in &check.statements {
        let alone = checked::of(&check.alone, statement.number);
        let Some(run) = checked::of(checked::main_run(check), statement.number) else {
            let cells = [statement.number.to_string(), checked::line(check, statement), checked::short(statement)];
            grid.painted(cells.into_iter().map(|cell| (cell, Paint::Faint)).chain([("not run".into(), Paint::Faint)]).collect());
            continue;
        };
        let locks = checked::strongest(run);
        let mut first = vec![
            (statement.number.to_string(), Paint::Plain),
            (checked::line(check, statement), Paint::Plain),
            (checked::short(statement), Paint::Plain),
            (alone.map_or_else(String::new, |alone| figure(alone.ms)), Paint::Plain),
            (check.in_use.as_ref().map_or_else(String::new, |_| figure(run.ms)), Paint::Plain),
        ];
        let wrote = alone.map_or_else(String::new, checked::wrote);
        if locks.is_empty() {
            first.extend([String::new(), String::new(), String::new(), wrote].map(|cell| (cell, Paint::Plain)));
            grid.painted(first);
            continue;
        }
        for (place, lock) in locks.iter().enumerate() {
            let mut cells = if place == 0 { first.clone() } else { vec![(String::new(), Paint::Plain); first.len()] };
            let paint = match () {
                () if lock.endpoints.is_empty() => Paint::Faint,
                () if lock.held_ms > check.limits.max_wait_ms => Paint::Bad,
                () => Paint::Plain,
            };
            cells.push((format!("{} on {}", lock.mode, lock.relation), Paint::Plain));
            cells.push((checked::held(lock), paint));
            cells.push((checked::keeps_waiting(check, lock), paint));
            cells.push((if place == 0 { wrote.clone() } else { String::new() }, Paint::Plain));
            grid.painted(cells);
        }
    }
    grid.render(screen)
}

fn calls(check: &MigrationCheck, screen: Screen) -> String {
    let Some(in_use) = &check.in_use else { return String::new() };
    let mut grid = Grid::new(vec![
        text("endpoint"),
        number("before\np50 ms", 1),
        number("calls\nduring", 0),
        number("longest\nms", 0),
        number("calls\nwaited", 1),
        number("longest\nwait ms", 0),
        number("after\np50 ms", 2),
        spare_text("remarks", 3),
    ]);
    for endpoint in in_use.endpoints.iter().filter(checked::called) {
        let told = |n: u64, ms: f64| if n == 0 { String::new() } else { figure(ms) };
        let waited = endpoint.calls_waited > 0;
        let paint = if endpoint.longest_wait_ms > check.limits.max_wait_ms { Paint::Bad } else { Paint::Plain };
        grid.painted(vec![
            (printable(&endpoint.label), Paint::Plain),
            (told(endpoint.before.n, endpoint.before.p50_ms), Paint::Plain),
            (count(endpoint.during.n), Paint::Plain),
            (told(endpoint.during.n, endpoint.during.max_ms), Paint::Plain),
            (if waited { count(endpoint.calls_waited) } else { String::new() }, Paint::Plain),
            (if waited { figure(endpoint.longest_wait_ms) } else { String::new() }, paint),
            (told(endpoint.after.n, endpoint.after.p50_ms), Paint::Plain),
            (checked::remarks(endpoint), if endpoint.errors.is_empty() { Paint::Faint } else { Paint::Bad }),
        ]);
    }
    grid.render(screen)
}

fn endpoints(check: &MigrationCheck, screen: Screen) -> String {
    if check.endpoints.is_empty() {
        return String::new();
    }
    let mut grid = Grid::new(vec![
        text("endpoint"),
        number("pairs", 3),
        number("before ms", 0),
        number("after ms", 0),
        word("verdict", 0),
        word("95% interval", 2),
        spare_text("one call", 4),
    ]);
    for endpoint in &check.endpoints {
        let times = &endpoint.times;
        let paint = match times.verdict {
            Verdict::Improved => Paint::Good,
            Verdict::Regressed => Paint::Bad,
            Verdict::WithinNoise | Verdict::NotEnoughData => Paint::Faint,
        };
        grid.painted(vec![
            (printable(&times.label), Paint::Plain),
            (count(times.before.n.min(times.after.n)), Paint::Plain),
            (if times.before.n > 0 { figure(times.before_ms) } else { String::new() }, Paint::Plain),
            (if times.after.n > 0 { figure(times.after_ms) } else { String::new() }, Paint::Plain),
            (change(times), paint),
            (interval(times).unwrap_or_else(|| "too few pairs".to_owned()), Paint::Faint),
            (checked::work(endpoint), Paint::Plain),
        ]);
    }
    grid.render(screen)
}

fn rest(check: &MigrationCheck, screen: Screen) -> String {
    let mut sheet = Sheet::new(screen);
    if let Some(said) = checked::rollback(check) {
        sheet.heading("Rollback");
        sheet.text(&said);
        check.rollback.iter().flat_map(|rollback| &rollback.differences).for_each(|one| sheet.item(one));
        sheet.gap();
    }
    check.notes.iter().for_each(|note| sheet.text(note));
    sheet.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::StatementError;

    fn at(width: usize, check: &MigrationCheck) -> String {
        let text = migration_text(check, Screen { width, color: false, ascii: false });
        let fits = |line: &&str| line.chars().count() <= width || line.trim_start().starts_with("CREATE INDEX");
        assert!(text.lines().all(|line| fits(&line)), "{text}");
        text
    }

    #[test]
    fn the_verdict_comes_first_and_every_table_fits() {
        let check = checked::fixture::check();
        insta::assert_snapshot!("migration_100", at(100, &check));
        insta::assert_snapshot!("migration_160", at(160, &check));
        at(80, &check);
    }

    #[test]
    fn one_that_failed_shows_what_it_never_came_to() {
        let mut check = checked::fixture::check();
        check.in_use = None;
        check.endpoints.clear();
        check.alone.statements.truncate(2);
        check.alone.failed = Some(StatementError {
            statement: 2,
            file: "m.sql".into(),
            line: 3,
            column: 1,
            sqlstate: "42701".into(),
            message: "column \"note\" already exists".into(),
            detail: None,
            hint: None,
            undone_from: 2,
        });
        let text = at(100, &check);
        assert!(text.contains("not run") && !text.contains("Calls beside it"), "{text}");
    }
}
