//! A scenario's endpoints, bound to the types and columns that a server really has.
//!
//! Every statement is prepared once on the seeded database; whatever does not fit is collected with its place in the file, and
//! nothing is timed until all of it fits.

use crate::db::{Connection, DbError};
use crate::report::model::Effect;
use crate::scenario::error::Problem;
use crate::scenario::model::{CallOptions, Endpoint, Location, Scenario, Slo, Variant};
use crate::scenario::statement::written_position;
use crate::seed::ParamSetting;

use super::binder::Binder;
use super::condition::BoundCondition;
use super::draw::{Drawing, Draws, LOAD_ROWS, SAMPLE_ROWS};
use super::effect::severest;
use super::error::BenchError;

/// All endpoints of a scenario, in its order.
pub struct Workload {
    pub endpoints: Vec<BoundEndpoint>,
    /// How calls are made.
    pub calls: CallOptions,
}

/// One endpoint, ready to be called.
#[derive(Clone)]
pub struct BoundEndpoint {
    pub label: String,
    pub route: String,
    pub case: Option<String>,
    pub weight: f64,
    pub effect: Effect,
    pub steps: Vec<BoundStep>,
    pub slo: Vec<Slo>,
    /// False for a single statement, which is a transaction by itself.
    pub in_transaction: bool,
    pub draws: Draws,
}

/// One statement with the source of each of its parameters.
#[derive(Clone)]
pub struct BoundStep {
    /// As the scenario has it.
    pub written: String,
    /// With `$1` …
    pub sql: String,
    /// OIDs of the parameters.
    pub types: Vec<u32>,
    pub binds: Vec<Bind>,
    pub when: Option<BoundCondition>,
    /// The earlier step whose rows it runs for.
    pub for_each: Option<usize>,
    /// Whether a later step reads its rows.
    pub kept: bool,
    /// Whether it returns columns.
    pub returns: bool,
    pub effect: Effect,
    pub at: Location,
}

impl BoundStep {
    /// A failure with the place in the statement as its scenario has it, not in the one that was sent.
    pub(super) fn placed(&self, error: DbError) -> DbError {
        error.placed(|position| Some(written_position(&self.written, &self.sql, position)))
    }
}

/// Where a parameter's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bind {
    /// A slot of the call's draw.
    Drawn { slot: usize },
    /// A column of the first row of an earlier step.
    Result { step: usize, column: String },
    /// A column of the row at hand of the step that `for_each` names.
    Item { column: String },
}

impl Bind {
    /// What a person calls the parameter; `slots` are the endpoint's slot names.
    pub fn name(&self, slots: &[String]) -> String {
        match self {
            Bind::Drawn { slot } => slots.get(*slot).cloned().unwrap_or_default(),
            Bind::Result { column, .. } | Bind::Item { column } => column.clone(),
        }
    }
}

impl Workload {
    /// Binds every endpoint against the database of `connection`, and draws the parameters that its seeded rows give.
    ///
    /// # Errors
    /// [`BenchError::Problems`] with everything that does not fit; [`BenchError::Db`] when the connection fails.
    pub async fn bind(scenario: &Scenario, connection: &mut Connection) -> Result<Workload, BenchError> {
        Workload::bind_sampling(scenario, SAMPLE_ROWS, connection).await
    }

    /// [`Workload::bind`] with up to [`LOAD_ROWS`] rows sampled per endpoint.
    ///
    /// # Errors
    /// As [`Workload::bind`].
    pub async fn bind_for_load(scenario: &Scenario, connection: &mut Connection) -> Result<Workload, BenchError> {
        Workload::bind_sampling(scenario, LOAD_ROWS, connection).await
    }

    /// [`Workload::bind`] of one endpoint that belongs to no scenario.
    ///
    /// # Errors
    /// As [`Workload::bind`].
    pub async fn bind_alone(endpoint: &Endpoint, connection: &mut Connection) -> Result<Workload, BenchError> {
        let drawing = Drawing { setting: ParamSetting::of(None), rows: SAMPLE_ROWS };
        match bind_endpoint(endpoint, drawing, connection).await? {
            Ok(bound) => Ok(Workload { endpoints: vec![bound], calls: CallOptions::default() }),
            Err(problems) => Err(BenchError::Problems(problems)),
        }
    }

    async fn bind_sampling(scenario: &Scenario, rows: usize, connection: &mut Connection) -> Result<Workload, BenchError> {
        let (workload, left_out) = bind_each(scenario, rows, connection).await?;
        let problems: Vec<Problem> = left_out.into_iter().flat_map(|left_out| left_out.problems).collect();
        if problems.is_empty() { Ok(workload) } else { Err(BenchError::Problems(problems)) }
    }

    /// [`Workload::bind`] of the endpoints that fit, and those that do not.
    ///
    /// # Errors
    /// [`BenchError::Db`] when the connection fails.
    pub async fn bind_what_fits(
        scenario: &Scenario,
        connection: &mut Connection,
    ) -> Result<(Workload, Vec<LeftOut>), BenchError> {
        bind_each(scenario, SAMPLE_ROWS, connection).await
    }

    /// The endpoint of that label, or the only one of that route.
    pub fn find(&self, wanted: &str) -> Option<usize> {
        let by_label = self.endpoints.iter().position(|endpoint| endpoint.label == wanted);
        let mut by_route = self.endpoints.iter().enumerate().filter(|(_, endpoint)| endpoint.route == wanted);
        by_label.or_else(|| match (by_route.next(), by_route.next()) {
            (Some((place, _)), None) => Some(place),
            _ => None,
        })
    }
}

/// An endpoint that does not fit the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its place in the scenario.
    pub place: usize,
    pub label: String,
    pub problems: Vec<Problem>,
}

async fn bind_each(
    scenario: &Scenario,
    rows: usize,
    connection: &mut Connection,
) -> Result<(Workload, Vec<LeftOut>), BenchError> {
    let drawing = Drawing { setting: ParamSetting::of(scenario.data.as_ref()), rows };
    let mut workload = Workload { endpoints: Vec::new(), calls: scenario.calls };
    let mut left_out = Vec::new();
    for (place, endpoint) in scenario.endpoints.iter().enumerate() {
        match bind_endpoint(endpoint, drawing, connection).await? {
            Ok(bound) => workload.endpoints.push(bound),
            Err(problems) => left_out.push(LeftOut { place, label: endpoint.label(), problems }),
        }
    }
    Ok((workload, left_out))
}

type Found<T> = Result<T, Vec<Problem>>;

async fn bind_endpoint(
    endpoint: &Endpoint,
    drawing: Drawing,
    connection: &mut Connection,
) -> Result<Found<BoundEndpoint>, BenchError> {
    let mut binder = Binder::default();
    let (steps, mut problems) = binder.steps(&endpoint.steps, connection).await?;
    match Draws::prepare(endpoint, &binder.slots, severest(&steps), drawing, connection).await? {
        Ok(draws) if problems.is_empty() => Ok(Ok(BoundEndpoint::new(endpoint, steps, draws))),
        Ok(_) => Ok(Err(problems)),
        Err(found) => {
            problems.extend(found);
            Ok(Err(problems))
        }
    }
}

/// An endpoint and a variant of it, which take the same parameters: call number n of one has those of call number n of the other.
///
/// # Errors
/// [`BenchError::Problems`] with what does not fit in the variant; the endpoint itself has been bound before.
pub async fn bind_variant(
    endpoint: &Endpoint,
    variant: &Variant,
    setting: ParamSetting,
    connection: &mut Connection,
) -> Result<[BoundEndpoint; 2], BenchError> {
    let mut binder = Binder::default();
    let (own, mut problems) = binder.steps(&endpoint.steps, connection).await?;
    binder.forget_steps();
    let (other, found) = binder.steps(&variant.steps, connection).await?;
    problems.extend(found);
    let effect = severest(own.iter().chain(&other));
    let drawing = Drawing { setting, rows: SAMPLE_ROWS };
    match Draws::prepare(endpoint, &binder.slots, effect, drawing, connection).await? {
        Ok(draws) if problems.is_empty() => {
            Ok([BoundEndpoint::new(endpoint, own, draws.clone()), BoundEndpoint::new(endpoint, other, draws)])
        }
        Ok(_) => Err(BenchError::Problems(problems)),
        Err(found) => {
            problems.extend(found);
            Err(BenchError::Problems(problems))
        }
    }
}

impl BoundEndpoint {
    fn new(endpoint: &Endpoint, steps: Vec<BoundStep>, draws: Draws) -> BoundEndpoint {
        BoundEndpoint {
            label: endpoint.label(),
            route: endpoint.route.value.clone(),
            case: endpoint.case.clone(),
            weight: endpoint.weight,
            effect: severest(&steps),
            in_transaction: steps.len() > 1 || steps.iter().any(|step| step.for_each.is_some()),
            steps,
            slo: endpoint.slo.clone(),
            draws,
        }
    }
}
