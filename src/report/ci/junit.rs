//! JUnit XML, as Jenkins, GitLab and the reporters of GitHub read it: a suite for each gate, a case for each endpoint.
//!
//! There is no standard; this keeps to what `junit-10.xsd` of the Jenkins xUnit plugin allows. What is inconclusive is skipped, with its
//! reason: the format knows nothing between.

use std::fmt::Write;

use crate::report::model::ci::{CheckOutcome, CiRun, Gate, GateCheck};

use super::words::{place, sentence};

/// The result as an XML document.
pub fn junit(run: &CiRun) -> String {
    let suites: Vec<(Gate, Vec<Case>)> =
        Gate::ALL.iter().map(|gate| (*gate, cases(run, *gate))).filter(|(_, cases)| !cases.is_empty()).collect();
    let all = || suites.iter().flat_map(|(_, cases)| cases);
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string cannot fail.
    let _ = writeln!(
        xml,
        "<testsuites name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" time=\"{:.3}\">",
        attribute(&format!("perflab ci {}", run.scenario.name)),
        all().count(),
        all().filter(|case| case.is(CheckOutcome::Failed)).count(),
        run.seconds
    );
    suites.iter().for_each(|(gate, cases)| suite(run, *gate, cases, &mut xml));
    xml.push_str("</testsuites>\n");
    xml
}

/// The checks of one gate at one endpoint.
struct Case<'r> {
    label: &'r str,
    checks: Vec<&'r GateCheck>,
}

impl Case<'_> {
    fn has(&self, outcome: CheckOutcome) -> bool {
        self.checks.iter().any(|check| check.outcome == outcome)
    }

    /// What the case comes to.
    fn is(&self, outcome: CheckOutcome) -> bool {
        let order =
            [CheckOutcome::Failed, CheckOutcome::Inconclusive, CheckOutcome::Notice, CheckOutcome::Passed, CheckOutcome::Skipped];
        order.into_iter().find(|outcome| self.has(*outcome)) == Some(outcome)
    }

    fn text(&self, outcomes: &[CheckOutcome]) -> String {
        let told = self.checks.iter().filter(|check| outcomes.contains(&check.outcome));
        told.map(|check| told_of(check)).collect::<Vec<_>>().join("\n\n")
    }
}

fn cases(run: &CiRun, gate: Gate) -> Vec<Case<'_>> {
    let mut found: Vec<Case<'_>> = Vec::new();
    for check in run.checks.iter().filter(|check| check.gate == gate) {
        match found.iter_mut().find(|case| case.label == check.label) {
            Some(case) => case.checks.push(check),
            None => found.push(Case { label: &check.label, checks: vec![check] }),
        }
    }
    found
}

fn suite(run: &CiRun, gate: Gate, cases: &[Case<'_>], xml: &mut String) {
    let of = |outcome| cases.iter().filter(|case| case.is(outcome)).count();
    let skipped = of(CheckOutcome::Inconclusive) + of(CheckOutcome::Skipped);
    let _ = writeln!(
        xml,
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{skipped}\" timestamp=\"{}\" time=\"0\">",
        gate.name(),
        cases.len(),
        of(CheckOutcome::Failed),
        attribute(run.environment.started_at.trim_end_matches('Z'))
    );
    for case in cases {
        let class = format!("{}.{}", run.scenario.name, gate.name());
        let _ = write!(xml, "    <testcase name=\"{}\" classname=\"{}\" time=\"0\"", attribute(case.label), attribute(&class));
        match body(case) {
            Some(body) => {
                let _ = writeln!(xml, ">\n{body}    </testcase>");
            }
            None => xml.push_str("/>\n"),
        }
    }
    xml.push_str("  </testsuite>\n");
}

fn body(case: &Case<'_>) -> Option<String> {
    let first = |outcome| {
        case.checks.iter().find(|check| check.outcome == outcome).map(|check| attribute(&sentence(check))).unwrap_or_default()
    };
    if case.is(CheckOutcome::Failed) {
        let text = content(&case.text(&[CheckOutcome::Failed, CheckOutcome::Inconclusive]));
        let (message, kind) = (first(CheckOutcome::Failed), case.checks[0].gate.name());
        return Some(format!("      <failure message=\"{message}\" type=\"{kind}\">{text}</failure>\n"));
    }
    if case.is(CheckOutcome::Inconclusive) {
        return Some(format!("      <skipped message=\"inconclusive: {}\"/>\n", first(CheckOutcome::Inconclusive)));
    }
    if case.is(CheckOutcome::Skipped) {
        return Some(format!("      <skipped message=\"{}\"/>\n", first(CheckOutcome::Skipped)));
    }
    let said = case.text(&[CheckOutcome::Notice]);
    (!said.is_empty()).then(|| format!("      <system-out>{}</system-out>\n", content(&said)))
}

/// Where, what, the plans, and what to do.
fn told_of(check: &GateCheck) -> String {
    let mut lines: Vec<String> = check.place.as_ref().map(place).into_iter().collect();
    lines.push(sentence(check));
    if let Some(plan) = &check.plan {
        lines.push("before:".into());
        lines.extend(plan.before.iter().map(|line| format!("  {line}")));
        lines.push("now:".into());
        lines.extend(plan.after.iter().map(|line| format!("  {line}")));
    }
    lines.extend(check.next_step.clone());
    lines.join("\n")
}

/// Text between tags. What XML 1.0 has no way to write (section 2.2) is left as a question mark.
fn content(text: &str) -> String {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    let known: String = text.chars().map(|c| if allowed(c) { c } else { '?' }).collect();
    known.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#13;")
}

/// Text in double quotes, where a reader makes blanks of line breaks.
fn attribute(text: &str) -> String {
    content(text).replace('"', "&quot;").replace('\n', "&#10;").replace('\t', "&#9;")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing;
    use super::*;

    #[test]
    fn a_suite_for_each_gate_and_a_case_for_each_endpoint() {
        insta::assert_snapshot!(junit(&testing::run()));
    }

    proptest! {
        #[test]
        fn no_text_breaks_out(text in any::<String>()) {
            let escaped = attribute(&text);
            let forbidden = ['"', '<', '>', '\n', '\r', '\0'];
            prop_assert!(!escaped.contains(forbidden));
            let rest = escaped.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "").replace("&quot;", "");
            prop_assert!(!rest.replace("&#10;", "").replace("&#9;", "").replace("&#13;", "").contains('&'));
        }
    }
}
