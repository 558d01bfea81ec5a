//! `perflab check`

use crate::cli::Outcome;
use crate::cli::args::{Format, ScenarioArgs};
use crate::cli::ui::Console;
use crate::scenario::error::ScenarioError;
use crate::scenario::load;
use crate::units::counted;

/// Every mistake of the scenario at once; exit code 1 when there is one.
pub fn run(args: &ScenarioArgs, console: &Console) -> anyhow::Result<Outcome> {
    match load(&args.scenario) {
        Ok(scenario) => {
            let tables = scenario.data.as_ref().map_or(0, |data| data.tables.len());
            let statements = scenario.endpoints.iter().map(|endpoint| endpoint.steps.len()).sum::<usize>();
            console.result(&format!(
                "{}: {}, {} with {}, no mistake found",
                args.scenario.display(),
                counted(tables as u64, "table", "tables"),
                counted(scenario.endpoints.len() as u64, "endpoint", "endpoints"),
                counted(statements as u64, "statement", "statements"),
            ))?;
            console.json(&serde_json::json!({"scenario": scenario.name, "problems": []}))?;
            Ok(Outcome::Fine)
        }
        Err(ScenarioError::Invalid(mistakes)) if console.format == Format::Json => {
            let problems: Vec<_> = mistakes
                .problems
                .iter()
                .map(|problem| {
                    serde_json::json!({
                        "line": problem.at.line,
                        "column": problem.at.column,
                        "message": problem.message,
                        "help": problem.help,
                    })
                })
                .collect();
            console.json(&serde_json::json!({"file": args.scenario, "problems": problems}))?;
            Ok(Outcome::Finding)
        }
        Err(ScenarioError::Invalid(mistakes)) => {
            console.error(&ScenarioError::Invalid(mistakes).into());
            Ok(Outcome::Finding)
        }
        Err(error) => Err(error.into()),
    }
}
