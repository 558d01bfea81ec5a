//! `perflab explain`

mod change;
mod draw;
mod file;
mod foreign;
mod variant;

use anyhow::{Context, bail};

use crate::bench::workload::Workload;
use crate::cli::args::{Cli, ExplainCommand};
use crate::cli::laboratory::Laboratory;
use crate::cli::stages::{self, Bound, PlanClasses};
use crate::cli::ui::Console;
use crate::cli::{Outcome, seeding};
use crate::db::{Connection, Target, read_catalog};
use crate::explain::before_after::typical_call;
use crate::explain::change::{Call as ChangedCall, Manners, try_change};
use crate::explain::endpoint::{StatementPlan, parameters_of, study_call};
use crate::explain::endpoint_tips::{self, Call};
use crate::explain::study::Study;
use crate::explain::tried::Trying;
use crate::report::model::{ExplainedEndpoint, ExplainedStatement, Explanation, FORMAT_VERSION};
use crate::report::terminal;

use change::Asked;
use variant::BoundRewrite;

/// Endpoints explained when none is named, as in the write-ups.
const SLOWEST: usize = 3;

/// Explains endpoints, a statement, or a plan somebody else made.
pub async fn run(cli: &Cli, args: &ExplainCommand, console: &Console) -> anyhow::Result<Outcome> {
    draw::prepare(args.draw.as_ref())?;
    if let Some(file) = &args.plan {
        return file::explain(file, args, console);
    }
    let asked = Asked::read(&args.change)?;
    let Some(scenario) = &args.scenario else { return foreign::explain(cli, args, &asked, console).await };
    let mut laboratory = Laboratory::open(cli, scenario, console).await?;
    if args.sql.is_none() {
        laboratory.must_have_endpoints()?;
    }
    seeding::ensure_seeded(&mut laboratory, &args.seed, console).await?;
    let bound = match &args.sql {
        Some(sql) => stages::bind_statement(&mut laboratory, sql, &args.param).await?,
        None => stages::bind(&laboratory).await?,
    };
    let wanted = match &args.endpoint {
        Some(name) => Some(bound.workload.find(name).ok_or_else(|| unknown_endpoint(name, &bound.workload))?),
        None => None,
    };
    let rewrite = match &asked.rewrite {
        Some(rewrite) => Some(variant::bind(&laboratory, rewrite, wanted).await?),
        None => None,
    };
    let clone = laboratory.lab.clone_seeded("explain").await?;
    let target = laboratory.lab.clone_target(&clone);
    let trying = if args.no_try { Trying::Nothing } else { Trying::Everything };
    let classes = PlanClasses::new(&laboratory.scenario, args.classes.wanted(asked.is_any()));
    let found = explained(&target, &bound, wanted, (&asked, rewrite, trying, &classes), console).await;
    laboratory.lab.drop_clone(&clone).await?;
    let mut found = found?;
    if args.change.keep {
        change::keep(&laboratory.lab.target(), &asked, &mut found, console).await?;
    }
    console.result(&terminal::explanation(&found, console.screen(), args.view()))?;
    console.json(&found)?;
    draw::write_all(&found, args.draw.as_ref(), console)?;
    laboratory.lab.close().await;
    Ok(Outcome::Fine)
}

/// The endpoints on a clone: before, and after the change if one is asked for.
async fn explained(
    target: &Target,
    bound: &Bound,
    wanted: Option<usize>,
    (asked, rewrite, trying, classes): (&Asked, Option<BoundRewrite>, Trying, &PlanClasses<'_>),
    console: &Console,
) -> anyhow::Result<Explanation> {
    let mut connection = Connection::open(target).await?;
    let (modification, mut changed) = change::checked(&mut connection, asked, "BEGIN").await?;
    let mut workload = &bound.workload;
    if let Some(rewrite) = &rewrite {
        changed.variant = Some(rewrite.compared(target, "").await?);
        workload = &rewrite.bound.own;
    }
    let wanted = if rewrite.is_some() { Some(0) } else { wanted };
    let calls = calls_to_explain(target, workload, wanted, console).await?;
    let mut endpoints = Vec::new();
    for (place, call) in &calls {
        let study = Study { tried: trying, proof: trying != Trying::Nothing && !asked.is_any(), ..Study::EXPLAIN };
        let plans = plans_of(&mut connection, workload, *place, *call, study).await?;
        endpoints.push(before(&mut connection, workload, *place, plans).await?);
    }
    if rewrite.is_none() {
        for ((place, call), endpoint) in calls.iter().zip(&mut endpoints) {
            classes.explain(target, bound, (*place, *call), endpoint, console).await?;
        }
    }
    let mut found = Explanation { format: FORMAT_VERSION, endpoints, changed, ..Explanation::default() };
    if asked.is_any() {
        let stage = console.stage("change");
        stage.at(0.5, "before and after in turn");
        let after = rewrite.as_ref().map_or(workload, |rewrite| &rewrite.bound.variant);
        let call = |(place, call): &(usize, u64)| {
            let (before, after) = (&workload.endpoints[*place], &after.endpoints[*place]);
            Some(ChangedCall { before, after, draw: before.draws.draw(*call)? })
        };
        let calls: Vec<ChangedCall<'_>> = calls.iter().filter_map(call).collect();
        let manners = Manners { begin: "BEGIN".into(), in_turn: true };
        try_change(&mut connection, &calls, &modification, &manners, &mut found).await?;
    }
    connection.close().await;
    Ok(found)
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

fn unknown_endpoint(name: &str, workload: &Workload) -> anyhow::Error {
    let labels: Vec<&str> = workload.endpoints.iter().map(|endpoint| endpoint.label.as_str()).collect();
    anyhow::anyhow!("no endpoint `{name}`; the scenario has:\n  {}", labels.join("\n  "))
}
