//! The service under load: each phase on a copy of the seeded database, once as written and once for each value of `vary`.

use std::sync::Arc;

use crate::bench::BenchError;
use crate::bench::draw::Draws;
use crate::bench::live::{LiveTick, Stop};
use crate::bench::load::{phase, room};
use crate::bench::workload::{BoundEndpoint, Workload};
use crate::cli::args::LoadArgs;
use crate::cli::host;
use crate::cli::laboratory::Laboratory;
use crate::cli::live::LiveView;
use crate::cli::stages;
use crate::cli::ui::Console;
use crate::db::Connection;
use crate::report::model::{Effect, KeptIndex, LoadRun, Shard, WITH_INDEXES};
use crate::scenario::model::{Connections, LoadPhase, Pick, Scenario, Vary};

/// Which load to run.
pub struct Asked<'a> {
    pub phases: Vec<LoadPhase>,
    /// Only these endpoints, by label or route; empty: those of each phase.
    pub endpoints: &'a [String],
    /// Whether each phase runs as it is written.
    pub as_written: bool,
    /// With what it runs again.
    pub vary: Vary,
    /// Built on the copy first.
    pub indexes: &'a [KeptIndex],
}

impl<'a> Asked<'a> {
    /// What flags or scenario ask for.
    pub fn by_flags(args: &'a LoadArgs, scenario: &Scenario) -> Asked<'a> {
        let phases = args.adjusted(&scenario.load);
        Asked { phases, endpoints: &args.endpoints, as_written: true, vary: scenario.vary.clone(), indexes: &[] }
    }

    /// The scenario's own load without its variations.
    pub fn plain(scenario: &Scenario) -> Asked<'a> {
        Asked { phases: scenario.load.clone(), endpoints: &[], as_written: true, vary: Vary::default(), indexes: &[] }
    }

    /// What remains to be run once it is known which indexes are kept: the load and its variations with them. What is varied shows little
    /// while every call reads whole tables; without any index to keep, it is varied on the schema as it is.
    pub fn with_indexes(scenario: &Scenario, indexes: &'a [KeptIndex]) -> Asked<'a> {
        Asked { as_written: !indexes.is_empty(), vary: scenario.vary.clone(), indexes, ..Asked::plain(scenario) }
    }

    fn is_nothing(&self) -> bool {
        self.phases.is_empty() || (!self.as_written && self.vary.pick.is_empty() && self.vary.connections.is_empty())
    }
}

/// Runs the load that is asked for; nothing when there is none.
///
/// # Errors
/// Mistakes in the load, all of them before anything is measured; a server that fails.
pub async fn run(
    laboratory: &mut Laboratory,
    asked: &Asked<'_>,
    shard: Shard,
    stop: &Stop,
    console: &Console,
) -> anyhow::Result<Vec<LoadRun>> {
    if asked.is_nothing() {
        return Ok(Vec::new());
    }
    let stage = console.stage("parameters for the load");
    let mut connection = Connection::open(&laboratory.lab.target()).await?;
    let workload = Workload::bind_for_load(&laboratory.scenario, &mut connection).await;
    let free = room::free(&mut connection).await?;
    connection.close().await;
    let workload = match workload {
        Ok(workload) => Arc::new(workload),
        Err(BenchError::Problems(problems)) => return Err(laboratory.mistakes(problems)),
        Err(error) => return Err(error.into()),
    };
    drop(stage);
    let runs = planned(asked, &workload, free)?;
    let seed = laboratory.scenario.data.as_ref().map_or(0, |data| data.seed);
    let mut bench = LoadBench {
        workload,
        indexes: asked.indexes,
        shard,
        seed,
        free,
        stop,
        view: LiveView::new(console, "load"),
        clone: None,
    };
    let mut found = Vec::new();
    let total = runs.len();
    for (number, run) in runs.into_iter().enumerate() {
        if stop.asked() {
            break;
        }
        let share = |number: usize| number as f64 / total as f64;
        found.push(bench.one(laboratory, run, (share(number), share(number + 1))).await?);
    }
    bench.drop_clone(laboratory).await?;
    Ok(found)
}

/// A phase with one thing changed, or nothing.
struct PlannedRun {
    phase: LoadPhase,
    places: Vec<usize>,
    pick: Option<Pick>,
    varied: Vec<String>,
}

fn planned(asked: &Asked<'_>, workload: &Workload, free: u32) -> anyhow::Result<Vec<PlannedRun>> {
    let mut runs = Vec::new();
    let mut mistakes = Vec::new();
    for phase in &asked.phases {
        let named: Vec<&str> = match asked.endpoints.is_empty() {
            true => phase.endpoints.iter().map(|name| name.value.as_str()).collect(),
            false => asked.endpoints.iter().map(String::as_str).collect(),
        };
        let places = match places(workload, &named) {
            Ok(places) => places,
            Err(mistake) => {
                mistakes.push(mistake);
                continue;
            }
        };
        for run in variations(phase, asked, &places) {
            mistakes.extend(room::lacks(&run.phase, free));
            runs.push(run);
        }
    }
    mistakes.dedup();
    anyhow::ensure!(mistakes.is_empty(), "{}", mistakes.join("\n"));
    Ok(runs)
}

fn places(workload: &Workload, named: &[&str]) -> Result<Vec<usize>, String> {
    if named.is_empty() {
        return Ok((0..workload.endpoints.len()).collect());
    }
    let mut found = Vec::new();
    for name in named {
        let mut places = of_name(workload, name);
        if places.is_empty() {
            return Err(unknown(workload, name));
        }
        found.append(&mut places);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// The endpoint of that label, or all cases of that route.
fn of_name(workload: &Workload, name: &str) -> Vec<usize> {
    let places = |fits: fn(&BoundEndpoint) -> &str| {
        let named = workload.endpoints.iter().enumerate().filter(|(_, endpoint)| fits(endpoint) == name);
        named.map(|(place, _)| place).collect::<Vec<_>>()
    };
    let by_label = places(|endpoint| &endpoint.label);
    if by_label.is_empty() { places(|endpoint| &endpoint.route) } else { by_label }
}

fn unknown(workload: &Workload, name: &str) -> String {
    let labels = workload.endpoints.iter().map(|endpoint| endpoint.label.as_str());
    let help = crate::scenario::error::did_you_mean(name, labels).unwrap_or_else(|| {
        format!("the scenario has {}", workload.endpoints.iter().map(|e| e.label.clone()).collect::<Vec<_>>().join(", "))
    });
    format!("no endpoint `{name}` to load; {help}")
}

/// The phase as it is written, then with each value of each dimension.
fn variations(phase: &LoadPhase, asked: &Asked<'_>, places: &[usize]) -> Vec<PlannedRun> {
    let plain = |phase: &LoadPhase| PlannedRun { phase: phase.clone(), places: places.to_vec(), pick: None, varied: Vec::new() };
    let vary = &asked.vary;
    let mut runs: Vec<PlannedRun> = asked.as_written.then(|| plain(phase)).into_iter().collect();
    for pick in &vary.pick {
        runs.push(PlannedRun { pick: Some(pick.clone()), varied: vec![format!("pick: {}", pick_text(pick))], ..plain(phase) });
    }
    for connections in vary.connections.iter().filter(|connections| **connections != phase.connections) {
        let mut run = plain(phase);
        run.phase.connections = *connections;
        run.varied = vec![format!("connections: {}", connections_text(*connections))];
        runs.push(run);
    }
    runs
}

fn pick_text(pick: &Pick) -> String {
    match pick {
        Pick::Uniform => "uniform".to_owned(),
        Pick::Zipf { exponent } => format!("zipf {exponent}"),
        Pick::Lognormal { sigma } => format!("lognormal {sigma}"),
        Pick::Pareto { shape } => format!("pareto {shape}"),
        Pick::Classes(_) => "classes".to_owned(),
        Pick::Weights(_) => "weights".to_owned(),
        Pick::Repeat(rows) => format!("repeat {rows}"),
    }
}

fn connections_text(connections: Connections) -> String {
    match connections {
        Connections::Kept => "kept".to_owned(),
        Connections::Pool(connections) => format!("pool of {connections}"),
        Connections::PerCall => "per call".to_owned(),
    }
}

struct LoadBench<'a> {
    workload: Arc<Workload>,
    indexes: &'a [KeptIndex],
    shard: Shard,
    seed: u64,
    free: u32,
    stop: &'a Stop,
    view: LiveView<'a>,
    /// Kept from run to run while nothing writes to it.
    clone: Option<String>,
}

impl LoadBench<'_> {
    async fn one(&mut self, laboratory: &mut Laboratory, run: PlannedRun, share: (f64, f64)) -> anyhow::Result<LoadRun> {
        let clone = match self.clone.take() {
            Some(clone) => clone,
            None => self.fresh_clone(laboratory).await?,
        };
        let draws: Vec<Draws> = self.workload.endpoints.iter().map(|endpoint| self.draws(endpoint, run.pick.as_ref())).collect();
        let ground = phase::Ground {
            workload: Arc::clone(&self.workload),
            draws: Arc::new(draws),
            target: laboratory.lab.clone_target(&clone),
            threads: host::cores() as usize,
            shard: self.shard,
            seed: self.seed,
            most_kept: room::most_kept(self.free),
            stop: self.stop.clone(),
        };
        let view = &mut self.view;
        let mut live = |tick: &LiveTick| {
            view.show(&LiveTick { share: share.0 + (share.1 - share.0) * tick.share, ..tick.clone() });
        };
        let found = phase::run(&ground, &run.phase, &run.places, &mut live).await;
        let writes = run.places.iter().any(|place| self.workload.endpoints[*place].effect != Effect::Reads);
        self.clone = Some(clone);
        if writes || found.is_err() {
            self.drop_clone(laboratory).await?;
        }
        let mut found = found?;
        found.varied = run.varied;
        if !self.indexes.is_empty() {
            found.varied.push(WITH_INDEXES.to_owned());
        }
        Ok(found)
    }

    async fn fresh_clone(&self, laboratory: &mut Laboratory) -> anyhow::Result<String> {
        let clone = laboratory.lab.clone_seeded("load").await?;
        if let Err(error) = stages::build_indexes(&laboratory.lab.clone_target(&clone), self.indexes).await {
            laboratory.lab.drop_clone(&clone).await?;
            return Err(error);
        }
        Ok(clone)
    }

    fn draws(&self, endpoint: &BoundEndpoint, pick: Option<&Pick>) -> Draws {
        pick.map_or_else(|| endpoint.draws.clone(), |pick| endpoint.draws.with_pick(pick))
    }

    async fn drop_clone(&mut self, laboratory: &mut Laboratory) -> anyhow::Result<()> {
        if let Some(clone) = self.clone.take() {
            laboratory.lab.drop_clone(&clone).await?;
        }
        Ok(())
    }
}
