//! `--statement-variant`: another way to write a statement, which must return the same rows.

use std::path::Path;

use anyhow::{Context, bail};

use crate::bench::BenchError;
use crate::bench::variants::{BoundVariant, agreement};
use crate::cli::laboratory::Laboratory;
use crate::cli::stages::of_argument;
use crate::db::{Connection, Target};
use crate::report::model::TriedStatement;
use crate::scenario::model::{CallOptions, Compare, Endpoint, Located, Location, Variant};
use crate::scenario::statement::Statement;
use crate::seed::ParamSetting;

/// The statement as it was given.
pub(super) struct Rewrite {
    statement: Statement,
    /// The statement that it replaces, from 1.
    step: Option<usize>,
}

impl Rewrite {
    /// From the statement, or from `@FILE` with it.
    ///
    /// # Errors
    /// A file that cannot be read; what is not one statement.
    pub fn read(text: &str, step: Option<usize>) -> anyhow::Result<Rewrite> {
        let from_file = text.strip_prefix('@').map(|file| {
            std::fs::read_to_string(Path::new(file)).with_context(|| format!("--statement-variant: cannot read {file}"))
        });
        let text = from_file.transpose()?.unwrap_or_else(|| text.to_owned());
        let statement =
            Statement::parse_numbered(&text).map_err(|fault| anyhow::anyhow!("--statement-variant: {}", fault.message))?;
        Ok(Rewrite { statement, step })
    }

    /// The statement of the endpoint that is replaced, from 0.
    fn place_in(&self, endpoint: &Endpoint) -> anyhow::Result<usize> {
        let count = endpoint.steps.len();
        match self.step {
            Some(step) if (1..=count).contains(&step) => Ok(step - 1),
            Some(step) => bail!("--step {step}: {} has {count} statement{}", endpoint.label(), if count == 1 { "" } else { "s" }),
            None if count == 1 => Ok(0),
            None => bail!("{} has {count} statements; say with --step which one --statement-variant replaces", endpoint.label()),
        }
    }
}

/// The endpoint with its own statements and with the variant, which take the same parameters.
pub(super) struct BoundRewrite {
    pub bound: BoundVariant,
    /// The statement that is replaced, from 0.
    place: usize,
}

/// Binds the variant to the endpoint at `wanted`, or to the only one that there is.
pub(super) async fn bind(laboratory: &Laboratory, rewrite: &Rewrite, wanted: Option<usize>) -> anyhow::Result<BoundRewrite> {
    let endpoints = &laboratory.scenario.endpoints;
    let endpoint = match (wanted, endpoints.as_slice()) {
        (Some(place), _) => &endpoints[place],
        (None, [only]) => only,
        _ => bail!("name the endpoint whose statement --statement-variant replaces, or give the statement with --sql"),
    };
    let mut connection = Connection::open(&laboratory.lab.target()).await?;
    let setting = ParamSetting::of(laboratory.scenario.data.as_ref());
    let bound = bind_to(endpoint, rewrite, setting, laboratory.scenario.calls, &mut connection).await;
    connection.close().await;
    bound
}

/// Binds the variant to an endpoint of any database.
pub(super) async fn bind_to(
    endpoint: &Endpoint,
    rewrite: &Rewrite,
    setting: ParamSetting,
    calls: CallOptions,
    connection: &mut Connection,
) -> anyhow::Result<BoundRewrite> {
    let place = rewrite.place_in(endpoint)?;
    let at = Location { line: 1, column: 1 };
    let mut steps = endpoint.steps.clone();
    steps[place].statement = Located::new(rewrite.statement.clone(), at);
    let name = Located::new("--statement-variant".to_owned(), at);
    let variant = Variant { name, steps, setup: Vec::new(), compare: Compare::Rows, refresh: None };
    match BoundVariant::bind(endpoint, &variant, setting, calls, connection).await {
        Ok(bound) => Ok(BoundRewrite { bound, place }),
        Err(BenchError::Problems(problems)) => Err(of_argument("--statement-variant", problems)),
        Err(error) => Err(error.into()),
    }
}

impl BoundRewrite {
    /// The variant, and whether it returns the same. `prelude` as for [`agreement`].
    pub async fn compared(&self, target: &Target, prelude: &str) -> anyhow::Result<TriedStatement> {
        let mut compared = agreement(&self.bound, target, prelude).await?;
        for failure in &compared.failures {
            compared.notes.push(format!("{} (SQLSTATE {}), {} times.", failure.message, failure.sqlstate, failure.count));
        }
        Ok(TriedStatement {
            step: self.place + 1,
            sql: self.bound.variant.endpoints[0].steps[self.place].sql.clone(),
            equality: compared.equality,
            notes: compared.notes,
        })
    }
}
