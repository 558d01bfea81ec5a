//! A statement on a database that is not perflab's: read only, unless told otherwise.
//!
//! No lab is made there. The session is read-only from its first statement on; a statement that could do more than read is planned and
//! not executed. With `--execute-writes` it is executed in a transaction that is rolled back.

use std::time::Duration;

use anyhow::{Context, bail};

use crate::bench::steps::step_parameters;
use crate::bench::workload::BoundEndpoint;
use crate::bench::{BenchError, Workload};
use crate::cli::Outcome;
use crate::cli::args::{Cli, ExplainCommand};
use crate::cli::stages::{endpoint_of, of_argument};
use crate::cli::ui::Console;
use crate::db::explain::{Explain, explain as explain_statement};
use crate::db::{Connection, DbError, Target, Value, read_catalog};
use crate::explain::change::{Call, Manners, Modification, set_all, statement_change, try_change};
use crate::explain::effects::effects;
use crate::explain::endpoint::{StatementPlan, explain_steps};
use crate::explain::facts::facts;
use crate::explain::narrated::narrated;
use crate::explain::study::Study;
use crate::report::model::{ExplainedEndpoint, Explanation, FORMAT_VERSION, ForeignDatabase};
use crate::report::terminal;
use crate::scenario::model::{CallOptions, Endpoint};
use crate::seed::ParamSetting;

use super::before;
use super::change::{Asked, checked};
use super::variant::{BoundRewrite, bind_to};

/// Nobody shall wait in a queue behind perflab for longer than this.
const LOCK_TIMEOUT: &str = "2s";

/// What rolling back does not undo.
const NOT_UNDONE: &str = "Everything is rolled back, except that sequences stay advanced, that triggers and functions may have acted outside of \
                          the database, and that dead rows wait for VACUUM. Locks were held until the rollback.";

/// Explains `--sql` on the database of `--database-url`.
pub(super) async fn explain(cli: &Cli, args: &ExplainCommand, asked: &Asked, console: &Console) -> anyhow::Result<Outcome> {
    let Some(url) = cli.server.url() else {
        bail!("name a scenario on whose database --sql is explained, or another database with --database-url");
    };
    let target = Target::parse(url)?;
    let told = args.foreign.execute_writes;
    if asked.changes_schema() && !told {
        bail!("{}", refused(&target));
    }
    let endpoint = endpoint_of(args.sql.as_deref().unwrap_or_default(), &args.param)?;
    console.note(format!(
        "using the database at {}, {}",
        target.described(),
        if told { "writes are rolled back" } else { "read-only" }
    ));
    let mut session = Foreign::open(target, told, args.foreign.timeout).await?;
    let found = session.explained(&endpoint, asked, console).await.map_err(|error| timed_out(error, args.foreign.timeout));
    session.connection.close().await;
    let found = found?;
    console.result(&terminal::explanation(&found, console.screen(), args.view()))?;
    console.json(&found)?;
    Ok(Outcome::Fine)
}

fn refused(target: &Target) -> String {
    format!(
        "{} is not perflab's: --index locks a table against writes for as long as it builds, and --drop-index against everybody until \
         the end. Try it on a lab: `perflab learn` writes a scenario of the same shape from this database, and `perflab explain SCENARIO \
         --sql … --index …` tries it there. Or say --execute-writes to do it here, in a transaction that is rolled back",
        target.described()
    )
}

/// A function that calls itself STABLE and writes all the same is stopped by the read-only transaction.
fn wrote(error: &anyhow::Error) -> Option<String> {
    let refused = error.chain().find_map(|cause| cause.downcast_ref::<DbError>())?.server_message()?;
    // read_only_sql_transaction
    (refused.sqlstate == "25006").then(|| format!("the read-only transaction stopped it: {}", refused.message))
}

fn timed_out(error: anyhow::Error, timeout: Duration) -> anyhow::Error {
    let sqlstate = error.chain().find_map(|cause| cause.downcast_ref::<DbError>()).map(|error| error.sqlstate().to_owned());
    match sqlstate.as_deref() {
        Some("57014") => error.context(format!("it took longer than {timeout:?}; allow more with --timeout")),
        Some("55P03") => error.context(format!("somebody else held a lock for longer than {LOCK_TIMEOUT}")),
        _ => error,
    }
}

/// A session on the database.
struct Foreign {
    target: Target,
    connection: Connection,
    /// Run at the beginning of every session.
    prelude: String,
    told: bool,
}

impl Foreign {
    async fn open(target: Target, told: bool, timeout: Duration) -> anyhow::Result<Foreign> {
        let read_only = if told { "off" } else { "on" };
        let prelude = format!(
            "SET default_transaction_read_only = {read_only}; SET statement_timeout = {}; SET lock_timeout = '{LOCK_TIMEOUT}'",
            timeout.as_millis().clamp(1, i32::MAX as u128)
        );
        let mut connection = Connection::open(&target).await?;
        connection.batch(&prelude).await?;
        Ok(Foreign { target, connection, prelude, told })
    }

    /// Opens a transaction that may do what was told.
    fn begin(&self) -> &'static str {
        if self.told { "BEGIN READ WRITE" } else { "BEGIN READ ONLY" }
    }

    async fn explained(&mut self, endpoint: &Endpoint, asked: &Asked, console: &Console) -> anyhow::Result<Explanation> {
        let begin = self.begin();
        let (modification, mut changed) = checked(&mut self.connection, asked, begin).await?;
        // The time is for running it: a busy server that takes long to prepare it has not been asked anything yet.
        self.connection.batch("SET statement_timeout = 0").await?;
        let workload = match Workload::bind_alone(endpoint, &mut self.connection).await {
            Err(BenchError::Problems(problems)) => return Err(of_argument("--sql", problems)),
            bound => bound?,
        };
        self.connection.batch(&self.prelude).await?;
        let rewrite = match &asked.rewrite {
            Some(rewrite) => {
                let setting = ParamSetting::of(None);
                Some(bind_to(endpoint, rewrite, setting, CallOptions::default(), &mut self.connection).await?)
            }
            None => None,
        };
        let mut why = self.why_not(&workload.endpoints[0], "it").await?;
        if let (None, Some(rewrite)) = (&why, &rewrite) {
            why = self.why_not(&rewrite.bound.variant.endpoints[0], "the variant").await?;
        }
        let mut found = Explanation { format: FORMAT_VERSION, ..Explanation::default() };
        if let (None, Some(rewrite)) = (&why, &rewrite) {
            changed.variant = Some(rewrite.compared(&self.target, &self.prelude).await?);
        }
        found.changed = changed;
        let described = self.target.described();
        let only_planned = match why {
            Some(why) => {
                self.planned(&workload, rewrite.as_ref(), &modification, asked.is_any(), &mut found).await?;
                Some(why)
            }
            None => {
                let stage = console.stage("explain");
                stage.at(0.2, "executing");
                let executed = self.executed(&workload, rewrite.as_ref(), &modification, asked, &mut found).await;
                let why = executed.or_else(|error| wrote(&error).map(Some).ok_or(error))?;
                if why.is_some() {
                    self.planned(&workload, rewrite.as_ref(), &modification, asked.is_any(), &mut found).await?;
                }
                why
            }
        };
        if self.told && only_planned.is_none() {
            found.notes.push(NOT_UNDONE.to_owned());
        }
        found.database = Some(ForeignDatabase { described, only_planned });
        number_parameters(&mut found);
        Ok(found)
    }

    /// Why the statement must not be executed; `None` when it only reads or it was told to be.
    async fn why_not(&mut self, endpoint: &BoundEndpoint, what: &str) -> anyhow::Result<Option<String>> {
        let (sql, parameters) = statement(endpoint)?;
        let returns = endpoint.steps.iter().any(|step| step.returns);
        self.connection.batch("BEGIN READ ONLY").await?;
        let effects = effects(&mut self.connection, sql, &parameters, returns).await;
        self.connection.batch("ROLLBACK").await?;
        let effects = effects.map_err(|error| match error.sqlstate() {
            "42601" => error.during("EXPLAIN takes SELECT, INSERT, UPDATE, DELETE, MERGE and VALUES, and not this statement"),
            _ => error,
        })?;
        if effects.is_empty() || self.told {
            return Ok(None);
        }
        let said = effects.join("; ");
        Ok(Some(if what == "it" { said } else { format!("{what}: {said}") }))
    }

    /// Plans the statement, before and after what can be changed without executing anything.
    async fn planned(
        &mut self,
        workload: &Workload,
        rewrite: Option<&BoundRewrite>,
        modification: &Modification,
        changes: bool,
        found: &mut Explanation,
    ) -> anyhow::Result<()> {
        let endpoint = &workload.endpoints[0];
        let catalog = read_catalog(&mut self.connection).await?;
        let (_, parameters) = statement(endpoint)?;
        self.connection.batch("BEGIN READ ONLY").await?;
        let plan = estimate(&mut self.connection, endpoint).await?;
        let (plan, explained) = narrated(plan, &facts(&catalog))?;
        let plans = vec![StatementPlan { step: 0, parameters, plan, explained }];
        let mut shown = before(&mut self.connection, workload, 0, plans).await?;
        if let Some(statement) = shown.statements.first_mut().filter(|_| changes) {
            set_all(&mut self.connection, &modification.settings).await?;
            let after = rewrite.map_or(endpoint, |rewrite| &rewrite.bound.variant.endpoints[0]);
            let (_, explained) = narrated(estimate(&mut self.connection, after).await?, &facts(&catalog))?;
            statement.change = statement_change(&statement.before, &explained);
            statement.after = Some(explained);
        }
        self.connection.batch("ROLLBACK").await?;
        found.endpoints.push(shown);
        Ok(())
    }

    /// Executes the statement, before and after the change.
    async fn executed(
        &mut self,
        workload: &Workload,
        rewrite: Option<&BoundRewrite>,
        modification: &Modification,
        asked: &Asked,
        found: &mut Explanation,
    ) -> anyhow::Result<Option<String>> {
        let endpoint = &workload.endpoints[0];
        let draw = endpoint.draws.draw(0).context("the parameters are used up")?;
        let catalog = read_catalog(&mut self.connection).await?;
        let begin = self.begin();
        self.connection.batch(begin).await?;
        let plans = explain_steps(&mut self.connection, &catalog, endpoint, &draw, Study::PLANS).await;
        let why = match &plans {
            Ok(plans) if plans.is_empty() => self.refusal(endpoint).await,
            _ => Ok(()),
        };
        self.connection.batch("ROLLBACK").await?;
        why?;
        found.endpoints.push(before(&mut self.connection, workload, 0, plans?).await?);
        if asked.is_any() {
            let after = rewrite.map_or(endpoint, |rewrite| &rewrite.bound.variant.endpoints[0]);
            let calls = [Call { before: endpoint, after, draw }];
            let manners = Manners { begin: begin.to_owned(), in_turn: !asked.changes_schema() };
            try_change(&mut self.connection, &calls, modification, &manners, found).await?;
        }
        Ok(None)
    }

    /// The server's words for a statement that it did not explain.
    async fn refusal(&mut self, endpoint: &BoundEndpoint) -> anyhow::Result<()> {
        let (sql, parameters) = statement(endpoint)?;
        self.connection.batch("SAVEPOINT perflab_refused").await?;
        let refused = explain_statement(&mut self.connection, sql, &parameters, Explain::Analyze).await;
        self.connection.batch("ROLLBACK TO perflab_refused").await?;
        refused.map(drop).context("--sql cannot be executed")
    }
}

/// The only statement of an endpoint and its parameters.
fn statement(endpoint: &BoundEndpoint) -> anyhow::Result<(&str, Vec<Value>)> {
    let draw = endpoint.draws.draw(0).context("the parameters are used up")?;
    let step = endpoint.steps.first().context("there is no statement")?;
    Ok((&step.sql, step_parameters(step, &draw, &[], 0)?))
}

async fn estimate(connection: &mut Connection, endpoint: &BoundEndpoint) -> anyhow::Result<serde_json::Value> {
    let (sql, parameters) = statement(endpoint)?;
    Ok(explain_statement(connection, sql, &parameters, Explain::Estimate).await?)
}

/// A parameter that was written `$1` has no other name.
fn number_parameters(found: &mut Explanation) {
    let statements = found.endpoints.iter_mut().flat_map(|ExplainedEndpoint { statements, .. }| statements);
    for parameter in statements.flat_map(|statement| &mut statement.parameters) {
        if parameter.name.bytes().all(|byte| byte.is_ascii_digit()) {
            parameter.name.clear();
        }
    }
}
