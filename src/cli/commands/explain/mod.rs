//! `perflab explain`

mod draw;
mod file;

use anyhow::{Context, bail};

use crate::bench::workload::Workload;
use crate::cli::args::{Cli, ExplainCommand};
use crate::cli::laboratory::Laboratory;
use crate::cli::stages::{self, Bound, PlanClasses};
use crate::cli::ui::Console;
use crate::cli::{Outcome, seeding};
use crate::db::{Connection, Target, read_catalog};
use crate::explain::before_after::{build_as_written, note_uses, typical_call};
use crate::explain::endpoint::{StatementPlan, parameters_of, study_call};
use crate::explain::endpoint_tips::{self, Call};
use crate::explain::study::Study;
use crate::explain::tried::Trying;
use crate::report::model::{ExplainedEndpoint, ExplainedStatement, Explanation, FORMAT_VERSION, TriedIndex};
use crate::report::terminal;
use crate::scenario::statement::Statement;

/// Endpoints explained when none is named, as in the write-ups.
const SLOWEST: usize = 3;

/// Explains endpoints, a statement, or a plan somebody else made.
pub async fn run(cli: &Cli, args: &ExplainCommand, console: &Console) -> anyhow::Result<Outcome> {
    draw::prepare(args.draw.as_ref())?;
    if let Some(file) = &args.plan {
        return file::explain(file, args, console);
    }
    let Some(scenario) = &args.scenario else { bail!("name a scenario, or a plan with --plan FILE") };
    if let Some(other) = args.index.iter().find(|statement| !is_create_index(statement)) {
        bail!("`{other}` is not one CREATE INDEX statement, which --index takes");
    }
    let mut laboratory = Laboratory::open(cli, scenario, console).await?;
    if args.sql.is_none() {
        laboratory.must_have_endpoints()?;
    }
    seeding::ensure_seeded(&mut laboratory, &args.seed, console).await?;
    let bound = match &args.sql {
        Some(sql) => stages::bind_statement(&mut laboratory, sql).await?,
        None => stages::bind(&laboratory).await?,
    };
    let wanted = match &args.endpoint {
        Some(name) => Some(bound.workload.find(name).ok_or_else(|| unknown_endpoint(name, &bound.workload))?),
        None => None,
    };
    let clone = laboratory.lab.clone_seeded("explain").await?;
    let target = laboratory.lab.clone_target(&clone);
    let trying = if args.no_try { Trying::Nothing } else { Trying::Everything };
    let classes = PlanClasses::new(&laboratory.scenario, args.classes.wanted(!args.index.is_empty()));
    let found = explained(&target, &bound, wanted, (&args.index, trying, &classes), console).await;
    laboratory.lab.drop_clone(&clone).await?;
    let found = found?;
    console.result(&terminal::explanation(&found, console.screen(), args.view()))?;
    console.json(&found)?;
    draw::write_all(&found, args.draw.as_ref(), console)?;
    if args.keep {
        keep(&laboratory.lab.target(), &args.index, console).await?;
    }
    laboratory.lab.close().await;
    Ok(Outcome::Fine)
}

/// The endpoints on a clone: before, and after the indexes if there are any.
async fn explained(
    target: &Target,
    bound: &Bound,
    wanted: Option<usize>,
    (indexes, trying, classes): (&[String], Trying, &PlanClasses<'_>),
    console: &Console,
) -> anyhow::Result<Explanation> {
    let calls = calls_to_explain(target, &bound.workload, wanted, console).await?;
    let mut connection = Connection::open(target).await?;
    let mut endpoints = Vec::new();
    for (place, call) in &calls {
        let plans = plans_of(
            &mut connection,
            &bound.workload,
            *place,
            *call,
            Study { tried: trying, proof: trying != Trying::Nothing && indexes.is_empty(), ..Study::EXPLAIN },
        )
        .await?;
        endpoints.push(before(&mut connection, &bound.workload, *place, plans).await?);
    }
    for ((place, call), endpoint) in calls.iter().zip(&mut endpoints) {
        classes.explain(target, bound, (*place, *call), endpoint, console).await?;
    }
    let mut tried = Vec::new();
    for statement in indexes {
        tried.push(build_as_written(&mut connection, statement).await?);
    }
    if !tried.is_empty() {
        for ((place, call), endpoint) in calls.iter().zip(&mut endpoints) {
            let plans = plans_of(
                &mut connection,
                &bound.workload,
                *place,
                *call,
                Study { tried: Trying::Nothing, proof: false, ..Study::EXPLAIN },
            )
            .await?;
            add_after(endpoint, plans, &mut tried);
        }
    }
    connection.close().await;
    Ok(Explanation { format: FORMAT_VERSION, endpoints, indexes: tried })
}

async fn calls_to_explain(
    target: &Target,
    workload: &Workload,
    wanted: Option<usize>,
    console: &Console,
) -> anyhow::Result<Vec<(usize, u64)>> {
    let stage = console.stage("explain");
    let places: Vec<usize> = wanted.map_or_else(|| (0..workload.endpoints.len()).collect(), |place| vec![place]);
    let mut timed = Vec::new();
    for place in &places {
        stage.at(timed.len() as f64 / places.len() as f64, &workload.endpoints[*place].label);
        if let Some((call, elapsed)) = typical_call(target, workload, *place).await? {
            timed.push((*place, call, elapsed));
        }
    }
    if timed.is_empty() {
        bail!("no call succeeded; `perflab bench` shows what the server says");
    }
    timed.sort_by(|a, b| b.2.total_cmp(&a.2));
    timed.truncate(if wanted.is_some() { 1 } else { SLOWEST });
    Ok(timed.into_iter().map(|(place, call, _)| (place, call)).collect())
}

async fn plans_of(
    connection: &mut Connection,
    workload: &Workload,
    place: usize,
    call: u64,
    study: Study,
) -> anyhow::Result<Vec<StatementPlan>> {
    let catalog = read_catalog(connection).await?;
    let endpoint = &workload.endpoints[place];
    let draw = endpoint.draws.draw(call).context("the parameters are used up")?;
    Ok(study_call(connection, &catalog, endpoint, &draw, study).await?)
}

async fn before(
    connection: &mut Connection,
    workload: &Workload,
    place: usize,
    plans: Vec<StatementPlan>,
) -> anyhow::Result<ExplainedEndpoint> {
    let endpoint = &workload.endpoints[place];
    let total: f64 = plans.iter().map(|plan| plan.explained.execution_ms).sum();
    let mut statements = Vec::new();
    for plan in plans {
        statements.push(ExplainedStatement {
            step: plan.step + 1,
            sql: endpoint.steps[plan.step].sql.clone(),
            parameters: parameters_of(connection, endpoint, plan.step, &plan.parameters).await?,
            share: if total > 0.0 { plan.explained.execution_ms / total } else { 0.0 },
            before: plan.explained,
            ..ExplainedStatement::default()
        });
    }
    let findings = endpoint_tips::check(&Call::new(&endpoint.steps, &statements, None));
    Ok(ExplainedEndpoint { label: endpoint.label.clone(), statements, findings, ..ExplainedEndpoint::default() })
}

fn add_after(endpoint: &mut ExplainedEndpoint, plans: Vec<StatementPlan>, tried: &mut [TriedIndex]) {
    for plan in plans {
        let Some(statement) = endpoint.statements.iter_mut().find(|statement| statement.step == plan.step + 1) else { continue };
        note_uses(tried, &statement.sql, &plan.plan, &plan.explained);
        statement.after = Some(plan.explained);
    }
}

/// `--keep`: the indexes in the seeded database itself.
async fn keep(target: &Target, indexes: &[String], console: &Console) -> anyhow::Result<()> {
    let mut connection = Connection::open(target).await?;
    for statement in indexes {
        let built = build_as_written(&mut connection, statement).await?;
        console.note(format!("kept {} in {}", built.name, target.database()));
    }
    connection.close().await;
    Ok(())
}

fn unknown_endpoint(name: &str, workload: &Workload) -> anyhow::Error {
    let labels: Vec<&str> = workload.endpoints.iter().map(|endpoint| endpoint.label.as_str()).collect();
    anyhow::anyhow!("no endpoint `{name}`; the scenario has:\n  {}", labels.join("\n  "))
}

/// Asked before the server sees it: a copy of the lab protects the rows, not the other databases of the server.
fn is_create_index(statement: &str) -> bool {
    let words: Vec<String> = statement.split_whitespace().take(3).map(str::to_ascii_lowercase).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(words.as_slice(), ["create", "index", ..] | ["create", "unique", "index"]) && Statement::parse(statement).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_one_create_index_reaches_the_server() {
        for fine in ["create unique\nindex i on t (a)", "CREATE INDEX ON t (a) WHERE b = ';';"] {
            assert!(is_create_index(fine), "{fine}");
        }
        for other in ["DROP DATABASE app", "CREATE TABLE index (a int)", "CREATE INDEX ON t (a); DROP TABLE t", ""] {
            assert!(!is_create_index(other), "{other}");
        }
    }
}
