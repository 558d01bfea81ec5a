//! The phases of a load, each as the steps it is made of.

use std::sync::Arc;
use std::time::Duration;

use crate::bench::analysis::{knee, search::Search, usl};
use crate::bench::draw::Draws;
use crate::bench::live::{Live, Stop};
use crate::bench::workload::Workload;
use crate::db::{DbError, Target};
use crate::report::model::{LoadRun, LoadStep, Shard};
use crate::scenario::model::{Arrivals, Connections, LoadModel, LoadPhase, RateStage, Think};

use super::execute::Service;
use super::judge::keeps;
use super::mix::{Mix, Used};
use super::plan::Common;
use super::result::{Asked, steps};
use super::step::{self, StepPlan};

/// What all phases are run on and with.
pub struct Ground {
    pub workload: Arc<Workload>,
    /// By endpoint.
    pub draws: Arc<Vec<Draws>>,
    pub target: Target,
    pub threads: usize,
    pub shard: Shard,
    pub seed: u64,
    /// Connections that an open loop may come to have.
    pub most_kept: u32,
    pub stop: Stop,
}

/// Runs a phase over the endpoints at `places`.
///
/// # Errors
/// When a connection cannot be opened.
pub async fn run(ground: &Ground, phase: &LoadPhase, places: &[usize], live: Live<'_>) -> Result<LoadRun, DbError> {
    let mut stage = Stage { ground, common: common(ground, phase, places), live };
    let mut found = LoadRun {
        name: phase.name.clone().unwrap_or_else(|| name(phase)),
        model: model(&phase.model).to_owned(),
        varied: Vec::new(),
        steps: Vec::new(),
        usl: None,
        knee: None,
        search: None,
        notes: Vec::new(),
    };
    match &phase.model {
        LoadModel::Closed { clients, think } => {
            found.steps = stage.sweep(clients, *think, phase.lasts).await?;
            let points: Vec<(f64, f64)> = valid_points(&found.steps);
            found.usl = usl::fit(&points);
            found.knee = knee::knee(&found.steps, found.usl.as_ref());
        }
        LoadModel::Open { stages, arrivals } => {
            found.steps = stage.open(stages, *arrivals, (0.0, 1.0)).await?;
        }
        LoadModel::Search { promises, from, up_to, arrivals } => {
            let mut search = Search::new(*from, *up_to);
            while let Some(rate) = search.next_rate() {
                if stage.ground.stop.asked() {
                    break;
                }
                let held = [RateStage { from: rate, to: rate, lasts: phase.lasts }];
                let tried = stage.open(&held, *arrivals, (0.0, 1.0)).await?;
                for step in tried {
                    search.record(rate, keeps(&step, promises), !step.invalid.is_empty());
                    found.steps.push(step);
                }
            }
            found.search = Some(search.outcome(promises.iter().map(ToString::to_string).collect(), &found.steps));
        }
    }
    Ok(found)
}

/// Steps whose figures are the server's.
fn valid_points(steps: &[LoadStep]) -> Vec<(f64, f64)> {
    let valid = steps.iter().filter(|step| step.invalid.is_empty());
    valid.filter_map(|step| Some((f64::from(step.clients?), step.throughput_per_s))).collect()
}

struct Stage<'a, 'l> {
    ground: &'a Ground,
    common: Common,
    live: Live<'l>,
}

impl Stage<'_, '_> {
    async fn sweep(&mut self, clients: &[u32], think: Think, lasts: Duration) -> Result<Vec<LoadStep>, DbError> {
        let mut all = Vec::new();
        for (number, clients_now) in clients.iter().enumerate() {
            if self.ground.stop.asked() {
                break;
            }
            let share = |number: usize| number as f64 / clients.len() as f64;
            let plan = self.common.closed(*clients_now, think, lasts);
            let asked = [Asked::Closed { clients: *clients_now, think }];
            all.extend(self.step(plan, &asked, (share(number), share(number + 1))).await?);
        }
        Ok(all)
    }

    async fn open(&mut self, stages: &[RateStage], arrivals: Arrivals, share: (f64, f64)) -> Result<Vec<LoadStep>, DbError> {
        let asked: Vec<Asked> = stages.iter().map(|stage| Asked::Open { rate: (stage.from + stage.to) / 2.0 }).collect();
        let plan = self.common.open(stages, arrivals);
        self.step(plan, &asked, share).await
    }

    async fn step(&mut self, plan: StepPlan, asked: &[Asked], share: (f64, f64)) -> Result<Vec<LoadStep>, DbError> {
        let threads = plan.parts.len();
        let service = Service {
            workload: Arc::clone(&self.ground.workload),
            draws: Arc::clone(&self.ground.draws),
            target: self.ground.target.clone(),
            places: self.common.mix.places(),
            per_call: self.common.connections == Connections::PerCall,
        };
        let counts = step::run(plan, service, &self.ground.stop, share, self.live).await?;
        Ok(steps(&self.ground.workload, &self.common, asked, counts, threads))
    }
}

fn common(ground: &Ground, phase: &LoadPhase, places: &[usize]) -> Common {
    Common {
        mix: Mix::new(&ground.workload, places),
        used: Used::none(ground.workload.endpoints.len()),
        labels: ground.workload.endpoints.iter().map(|endpoint| endpoint.label.clone()).collect(),
        threads: ground.threads,
        shard: ground.shard,
        seed: ground.seed,
        connections: phase.connections,
        most_kept: ground.most_kept,
        warm_up: phase.warm_up,
    }
}

fn model(model: &LoadModel) -> &'static str {
    match model {
        LoadModel::Closed { .. } => "closed",
        LoadModel::Open { .. } => "open",
        LoadModel::Search { .. } => "search",
    }
}

/// `closed loop, 1 to 32 clients`, `open loop, 1,000/s`, `search up to 60,000/s`
fn name(phase: &LoadPhase) -> String {
    let count = |number: f64| crate::units::count(number.round() as u64);
    match &phase.model {
        LoadModel::Closed { clients, .. } => match (clients.first(), clients.last()) {
            (Some(first), Some(last)) if first != last => format!("closed loop, {first} to {last} clients"),
            (Some(1), _) => "closed loop, 1 client".to_owned(),
            (Some(only), _) => format!("closed loop, {} clients", count(f64::from(*only))),
            _ => "closed loop".to_owned(),
        },
        LoadModel::Open { stages, .. } => match stages.as_slice() {
            [held] if held.from == held.to => format!("open loop, {}/s", count(held.to)),
            several => {
                let most = several.iter().fold(0.0_f64, |most, stage| most.max(stage.from).max(stage.to));
                format!("open loop, {} stages up to {}/s", several.len(), count(most))
            }
        },
        LoadModel::Search { up_to, .. } => format!("search up to {}/s", count(*up_to)),
    }
}
