//! What a phase asks of each thread.

use std::time::Duration;

use crate::bench::shard;
use crate::report::model::Shard;
use crate::scenario::model::{Arrivals, Connections, RateStage, Think};
use crate::seed::rng::Key;

use super::mix::{Mix, Used};
use super::schedule::Schedule;
use super::step::StepPlan;
use super::worker::{Drive, Part};

/// What every step of a load has in common.
#[derive(Debug, Clone)]
pub struct Common {
    pub mix: Mix,
    /// By the steps before.
    pub used: Used,
    pub labels: Vec<String>,
    /// Event loops to use at most: the processors perflab may run on.
    pub threads: usize,
    pub shard: Shard,
    pub seed: u64,
    pub connections: Connections,
    /// Connections that an open loop may come to have, unless a pool is asked for.
    pub most_kept: u32,
    pub warm_up: Duration,
}

impl Common {
    /// So many clients, each waiting for its reply.
    pub fn closed(&self, clients: u32, think: Think, lasts: Duration) -> StepPlan {
        let mine = shard::clients(clients, self.shard) as usize;
        let before: usize =
            (1..self.shard.number).map(|number| shard::clients(clients, Shard { number, of: self.shard.of }) as usize).sum();
        let pool = match self.connections {
            Connections::Pool(connections) => Some((connections as usize).min(mine.max(1))),
            Connections::Kept | Connections::PerCall => None,
        };
        let threads = self.threads.min(pool.unwrap_or(mine)).max(1);
        let mut first = before;
        let parts = (0..threads).map(|thread| {
            let clients_here = dealt(mine, threads, thread);
            let drive = Drive::Closed {
                clients: clients_here,
                first,
                of: clients as usize,
                think,
                pool: pool.map(|pool| dealt(pool, threads, thread)),
            };
            first += clients_here;
            self.part(thread, threads, 1, drive)
        });
        let parts = parts.collect();
        StepPlan { parts, windows: vec![lasts], warm_up: self.warm_up, what: clients_text(clients), labels: self.labels.clone() }
    }

    /// Calls that arrive at these rates; one window for each stage.
    pub fn open(&self, stages: &[RateStage], arrivals: Arrivals) -> StepPlan {
        let highest = stages.iter().fold(0.0_f64, |most, stage| most.max(stage.from).max(stage.to));
        let most = match self.connections {
            Connections::Pool(connections) => connections as usize,
            Connections::Kept | Connections::PerCall => self.most_kept as usize,
        };
        let most = most.div_ceil(self.shard.of as usize).max(1);
        let threads = self.threads.min(most).max(1);
        let first = stages.first().map_or(0.0, |stage| stage.from);
        let warm_up = Schedule::constant(first, self.warm_up, arrivals, Key::new(self.seed, &["load", "warm-up"]).bits(0));
        let schedule = Schedule::new(stages, arrivals, Key::new(self.seed, &["load", "arrivals"]).bits(0));
        let parts = (0..threads).map(|thread| {
            let most = dealt(most, threads, thread);
            let begin = match self.connections {
                Connections::Pool(_) => most,
                // Further ones are made when calls pile up.
                Connections::Kept | Connections::PerCall => most.min(2),
            };
            let drive = Drive::Open { warm_up: warm_up.clone(), schedule: schedule.clone(), connections: begin, most };
            self.part(thread, threads, stages.len(), drive)
        });
        StepPlan {
            parts: parts.collect(),
            windows: stages.iter().map(|stage| stage.lasts).collect(),
            warm_up: self.warm_up,
            what: format!("{}/s", crate::units::count(highest.round() as u64)),
            labels: self.labels.clone(),
        }
    }

    fn part(&self, thread: usize, threads: usize, windows: usize, drive: Drive) -> Part {
        Part {
            thread,
            threads,
            shard: self.shard,
            seed: self.seed,
            mix: self.mix.clone(),
            endpoints: self.labels.len(),
            start: self.used.start(),
            windows,
            drive,
        }
    }
}

/// The share of thread number `thread` in `all`.
fn dealt(all: usize, threads: usize, thread: usize) -> usize {
    all / threads + usize::from(all % threads > thread)
}

fn clients_text(clients: u32) -> String {
    if clients == 1 { "1 client".to_owned() } else { format!("{} clients", crate::units::count(u64::from(clients))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::shard::WHOLE;

    fn common(connections: Connections, shard: Shard) -> Common {
        let mix = Mix::even(1);
        let labels = vec!["GET /".to_owned()];
        Common {
            mix,
            used: Used::none(1),
            labels,
            threads: 2,
            shard,
            seed: 1,
            connections,
            most_kept: 64,
            warm_up: Duration::ZERO,
        }
    }

    /// Clients and first number by thread, and the connections they share.
    fn dealt_clients(plan: &StepPlan) -> Vec<(usize, usize, Option<usize>)> {
        let parts = plan.parts.iter().map(|part| match part.drive {
            Drive::Closed { clients, first, pool, .. } => (clients, first, pool),
            Drive::Open { connections, most, .. } => (connections, most, None),
        });
        parts.collect()
    }

    #[test]
    fn clients_and_connections_are_dealt_to_threads_and_machines() {
        let closed = |connections, shard, clients| {
            dealt_clients(&common(connections, shard).closed(clients, Think::None, Duration::from_secs(1)))
        };
        assert_eq!(closed(Connections::Kept, WHOLE, 1), [(1, 0, None)]);
        assert_eq!(closed(Connections::Kept, WHOLE, 5), [(3, 0, None), (2, 3, None)]);
        assert_eq!(closed(Connections::Pool(3), WHOLE, 9), [(5, 0, Some(2)), (4, 5, Some(1))]);
        assert_eq!(closed(Connections::Pool(1), WHOLE, 9), [(9, 0, Some(1))], "one connection needs one thread");
        assert_eq!(closed(Connections::Pool(20), WHOLE, 2), [(1, 0, Some(1)), (1, 1, Some(1))]);
        assert_eq!(closed(Connections::Kept, Shard { number: 2, of: 2 }, 5), [(1, 3, None), (1, 4, None)]);
    }

    #[test]
    fn an_open_loop_begins_with_few_connections_unless_a_pool_is_asked_for() {
        let stage = RateStage { from: 100.0, to: 100.0, lasts: Duration::from_secs(1) };
        let open = |connections| dealt_clients(&common(connections, WHOLE).open(&[stage], Arrivals::Poisson));
        assert_eq!(open(Connections::Pool(5)), [(3, 3, None), (2, 2, None)]);
        assert_eq!(open(Connections::Kept), [(2, 32, None), (2, 32, None)]);
    }
}
