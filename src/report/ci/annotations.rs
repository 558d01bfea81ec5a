//! Workflow commands of GitHub: what failed, on the lines of the scenario.
//!
//! Format and escapes: <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>, and `command.ts` of its toolkit.

use crate::report::model::ci::{CheckOutcome, CiRun, GateCheck};

use super::words::sentence;

/// GitHub shows ten of each kind for a step and drops the rest.
const MOST: usize = 10;

/// A line for each: failures as errors, what cannot be told as warnings, notices as such. Empty when all passed.
pub fn annotations(run: &CiRun) -> String {
    let kinds = [("error", CheckOutcome::Failed), ("warning", CheckOutcome::Inconclusive), ("notice", CheckOutcome::Notice)];
    let mut lines = Vec::new();
    for (kind, outcome) in kinds {
        let checks: Vec<&GateCheck> = run.checks.iter().filter(|check| check.outcome == outcome).collect();
        let shown = if checks.len() > MOST { MOST - 1 } else { MOST };
        lines.extend(checks.iter().take(shown).map(|check| line(kind, check)));
        if checks.len() > shown {
            lines.push(format!("::{kind} title=perflab::and {} more; the log has them all", checks.len() - shown));
        }
    }
    lines.join("\n")
}

fn line(kind: &str, check: &GateCheck) -> String {
    let mut properties = Vec::new();
    if let Some(place) = &check.place {
        properties.push(format!("file={}", property(&place.file)));
        properties.push(format!("line={},col={}", place.line, place.column));
    }
    properties.push(format!("title={}", property(&format!("{} ({})", check.label, check.gate.name()))));
    let next = check.next_step.as_ref().map(|next| format!("\n{next}")).unwrap_or_default();
    format!("::{kind} {}::{}", properties.join(","), data(&format!("{}{next}", sentence(check))))
}

/// The message ends with the line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// … and a property with a comma or a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing;
    use super::*;

    #[test]
    fn failures_come_first_on_their_lines() {
        insta::assert_snapshot!(annotations(&testing::run()));
    }

    #[test]
    fn no_more_than_are_shown() {
        let mut run = testing::run();
        let failed = run.checks[2].clone();
        run.checks = vec![failed; 25];
        let lines = annotations(&run);
        assert_eq!(lines.lines().count(), 10);
        assert!(lines.ends_with("::error title=perflab::and 16 more; the log has them all"), "{lines}");
    }

    proptest! {
        #[test]
        fn whatever_it_says_it_is_one_line_whose_parts_can_be_told(text in any::<String>()) {
            let escaped = property(&text);
            prop_assert!(!escaped.contains(['\r', '\n', ':', ',']));
            let back = escaped.replace("%2C", ",").replace("%3A", ":").replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%");
            prop_assert_eq!(back, text);
        }
    }
}
