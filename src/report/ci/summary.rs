//! A job's summary in Markdown: the verdict, what failed and why, then what changed; what passed is a number.

use crate::report::model::ci::{CheckOutcome, CiRun, Gate, GateCheck};
use crate::units::{capitalized, counted};

use super::words::{self, headline, labels, of, sentence, subject, verdict};

/// The summary, with a newline at its end.
pub fn summary(run: &CiRun) -> String {
    let mut parts = vec![
        format!("## perflab: {} {}", run.scenario.name, verdict(run).to_lowercase()),
        format!("{}.", capitalized(&escaped(&headline(run)))),
    ];
    parts.push(gates(run));
    for label in labels(run, |check| check.failed()) {
        parts.push(failure(label, &of(run, label, CheckOutcome::Failed)));
    }
    parts.extend(list("Cannot be told", run, CheckOutcome::Inconclusive));
    parts.extend(list("Changed, and fails nothing", run, CheckOutcome::Notice));
    if !run.notes.is_empty() {
        parts.push(run.notes.iter().map(|note| format!("- {}", escaped(note))).collect::<Vec<_>>().join("\n"));
    }
    let rows = run.data.as_ref().map(|data| format!(" {} rows,", crate::units::count(data.rows))).unwrap_or_default();
    let server = run.environment.server_version.split_whitespace().next().unwrap_or_default();
    parts.push(format!("<sub>perflab {},{rows} PostgreSQL {server}, {}</sub>", run.perflab, crate::units::seconds(run.seconds)));
    parts.join("\n\n") + "\n"
}

/// How many endpoints each gate let pass.
fn gates(run: &CiRun) -> String {
    let mut rows =
        vec!["| gate | passed | failed | cannot be told | not compared |".to_owned(), "|---|--:|--:|--:|--:|".to_owned()];
    for gate in Gate::ALL {
        let of = |outcomes: &[CheckOutcome]| labels(run, |check| check.gate == gate && outcomes.contains(&check.outcome));
        let failed = of(&[CheckOutcome::Failed]);
        let unknown = of(&[CheckOutcome::Inconclusive]);
        let passed = of(&[CheckOutcome::Passed, CheckOutcome::Notice]);
        let passed = passed.iter().filter(|label| !failed.contains(label) && !unknown.contains(label)).count();
        let skipped = of(&[CheckOutcome::Skipped]).len();
        if failed.len() + unknown.len() + passed + skipped > 0 {
            rows.push(format!("| {} | {passed} | {} | {} | {skipped} |", subject(gate), failed.len(), unknown.len()));
        }
    }
    rows.join("\n")
}

fn failure(label: &str, checks: &[&GateCheck]) -> String {
    let mut lines = vec![format!("### {}", code(label))];
    if let Some(place) = words::first_place(checks) {
        lines.push(format!("{}\n", code(&place)));
    }
    for check in checks {
        lines.push(format!("- **{}**: {}", check.gate.name(), escaped(&sentence(check))));
    }
    let mut steps: Vec<&str> = Vec::new();
    for next in checks.iter().filter_map(|check| check.next_step.as_deref()) {
        if !steps.contains(&next) {
            steps.push(next);
        }
    }
    lines.extend(steps.first().map(|next| format!("\n{}", escaped(next))));
    if let Some(plan) = checks.iter().find_map(|check| check.plan.as_ref()) {
        let drawn = |sign: char, plan: &[String]| plan.iter().map(|line| format!("{sign} {line}")).collect::<Vec<_>>().join("\n");
        lines.push(format!("\n```diff\n{}\n{}\n```", drawn('-', &plan.before), drawn('+', &plan.after)));
    }
    lines.join("\n")
}

/// A folded list, or nothing.
fn list(title: &str, run: &CiRun, outcome: CheckOutcome) -> Option<String> {
    let checks: Vec<&GateCheck> = run.checks.iter().filter(|check| check.outcome == outcome).collect();
    if checks.is_empty() {
        return None;
    }
    let items: Vec<String> = checks
        .iter()
        .map(|check| format!("- {} ({}): {}", code(&check.label), check.gate.name(), escaped(&sentence(check))))
        .collect();
    let number = counted(checks.len() as u64, "check", "checks");
    Some(format!("<details><summary>{title}: {number}</summary>\n\n{}\n\n</details>", items.join("\n")))
}

/// Code in a line; a backtick inside needs two around.
fn code(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.contains('`') { format!("`` {line} ``") } else { format!("`{line}`") }
}

/// Text that is no Markdown and no HTML, in one line.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '*' | '_' | '`' | '[' | ']' | '|' | '\\' | '#' | '~' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[test]
    fn the_verdict_first_then_what_failed() {
        insta::assert_snapshot!(summary(&testing::run()));
    }

    #[test]
    fn when_all_is_well_it_is_short() {
        let mut run = testing::run();
        run.checks.retain(|check| check.outcome == CheckOutcome::Passed);
        run.verdict = crate::report::model::ci::verdict(&run.checks);
        run.notes.clear();
        let text = summary(&run);
        assert!(text.starts_with("## perflab: music passed\n\n2 endpoints, against origin/main (3f2a91c)."), "{text}");
        assert!(!text.contains("###") && !text.contains("<details>"), "{text}");
    }
}
