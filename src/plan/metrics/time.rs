//! Elapsed and exclusive times, see the module above for what they mean.

use std::collections::HashMap;

use crate::plan::walk::nodes;
use crate::plan::{Plan, PlanNode};

/// By node id.
pub(super) struct Times {
    pub(super) elapsed_ms: Vec<f64>,
    pub(super) exclusive_ms: Vec<f64>,
    pub(super) processes: Vec<f64>,
    /// The root's, and what data-modifying CTEs took after it.
    pub(super) total_ms: f64,
}

pub(super) fn times(plan: &Plan) -> Times {
    let mut times = Times {
        elapsed_ms: vec![0.0; plan.node_count],
        exclusive_ms: vec![0.0; plan.node_count],
        processes: vec![1.0; plan.node_count],
        total_ms: 0.0,
    };
    claims(&plan.root, &mut times);
    let mut charging = Charging { askers: askers(plan), deferred: Vec::new(), granted: HashMap::new(), times };
    charging.spend(&plan.root, charging.times.elapsed_ms[plan.root.id]);
    charging.total_of_root(plan);
    charging.settle_deferred();
    charging.times
}

/// What each node claims for itself: average × loops ÷ processes.
fn claims(root: &PlanNode, times: &mut Times) {
    let mut pending = vec![(root, 1.0)];
    while let Some((node, processes)) = pending.pop() {
        times.processes[node.id] = processes;
        times.elapsed_ms[node.id] = node.actual_total_ms.unwrap_or(0.0).max(0.0) * node.loops() / processes;
        for child in &node.children {
            let gathers =
                matches!(node.node_type.as_str(), "Gather" | "Gather Merge") && !child.is_init_plan() && node.loops() > 0.0;
            let factor = if gathers { (child.loops() / node.loops()).max(1.0) } else { 1.0 };
            // InitPlans are run by the leader alone, before the workers start or on demand.
            pending.push((child, if child.is_init_plan() { 1.0 } else { processes * factor }));
        }
    }
}

/// Who runs the InitPlans: node id of the asker → the subplans it may start.
fn askers(plan: &Plan) -> HashMap<usize, Vec<&PlanNode>> {
    let mut askers: HashMap<usize, Vec<&PlanNode>> = HashMap::new();
    for owner in nodes(&plan.root) {
        for init in owner.children.iter().filter(|child| child.is_init_plan()) {
            let Some(name) = &init.subplan_name else { continue };
            let asked = Reference::of(name);
            for node in nodes(&plan.root).filter(|node| asked.is_in(node)) {
                askers.entry(node.id).or_default().push(init);
            }
        }
    }
    askers
}

/// How the rest of the plan speaks of an InitPlan.
enum Reference<'a> {
    Cte(&'a str),
    /// `$0` up to PostgreSQL 16, `(InitPlan 1)` from 17.
    Text(Vec<String>),
}

impl<'a> Reference<'a> {
    fn of(name: &'a str) -> Self {
        if let Some(cte) = name.strip_prefix("CTE ") {
            return Reference::Cte(cte);
        }
        match name.split_once(" (returns ") {
            Some((_, list)) => Reference::Text(list.trim_end_matches(')').split(',').map(str::to_owned).collect()),
            None => Reference::Text(vec![name.to_owned()]),
        }
    }

    fn is_in(&self, node: &PlanNode) -> bool {
        match self {
            Reference::Cte(cte) => node.node_type == "CTE Scan" && node.cte.as_deref() == Some(cte),
            Reference::Text(names) => {
                let mentions = |text: &str| names.iter().any(|name| mentions(text, name));
                node.conditions().any(|(_, text)| mentions(text)) || node.output.iter().any(|text| mentions(text))
            }
        }
    }
}

/// `$1` is in `(a = $1)` but not in `(a = $10)`.
fn mentions(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| !text[at + name.len()..].starts_with(|c: char| c.is_ascii_digit()))
}

/// Hands each node its time and charges the children to it.
struct Charging<'a> {
    askers: HashMap<usize, Vec<&'a PlanNode>>,
    /// InitPlans met on the way that somebody asks for.
    deferred: Vec<&'a PlanNode>,
    /// What askers have paid for an InitPlan so far.
    granted: HashMap<usize, f64>,
    times: Times,
}

impl<'a> Charging<'a> {
    /// `node` has `budget` ms: its children take theirs, scaled down if they claim more, and the rest is its own.
    fn spend(&mut self, node: &'a PlanNode, budget: f64) {
        let mut pending = vec![(node, budget)];
        while let Some((node, budget)) = pending.pop() {
            self.times.elapsed_ms[node.id] = budget;
            let mut direct = Vec::new();
            for child in &node.children {
                if child.is_init_plan() && self.is_asked_for(child) {
                    self.deferred.push(child);
                } else if !(child.is_init_plan() && is_write(child)) {
                    direct.push(child);
                } else {
                    self.deferred.push(child);
                }
            }
            let claimed: f64 = direct.iter().map(|child| self.times.elapsed_ms[child.id]).sum();
            let scale = if claimed > budget && claimed > 0.0 { budget / claimed } else { 1.0 };
            let mut own = budget - claimed * scale;
            own -= self.pay_for_asked(node, own.max(0.0));
            self.times.exclusive_ms[node.id] = own.max(0.0);
            for child in direct {
                let share = self.times.elapsed_ms[child.id] * scale;
                pending.push((child, share));
            }
        }
    }

    fn is_asked_for(&self, init: &PlanNode) -> bool {
        self.askers.values().flatten().any(|asked| asked.id == init.id)
    }

    /// What `node` gives of its own time to the InitPlans it asks for, the first asker paying first.
    fn pay_for_asked(&mut self, node: &PlanNode, own: f64) -> f64 {
        let mut paid = 0.0;
        for init in self.askers.get(&node.id).cloned().unwrap_or_default() {
            let granted = self.granted.entry(init.id).or_default();
            let claim = (self.times.elapsed_ms[init.id] - *granted).clamp(0.0, (own - paid).max(0.0));
            *granted += claim;
            paid += claim;
        }
        paid
    }

    fn total_of_root(&mut self, plan: &Plan) {
        self.times.total_ms = self.times.elapsed_ms[plan.root.id];
    }

    /// InitPlans spend what their askers paid. Later CTEs may ask for earlier ones, so the last come first. A CTE that writes
    /// runs to its end after the root is done: what nobody paid for comes on top.
    fn settle_deferred(&mut self) {
        while let Some(at) = self.next_deferred() {
            let init = self.deferred.swap_remove(at);
            let paid = self.granted.get(&init.id).copied().unwrap_or(0.0);
            let unpaid = (self.times.elapsed_ms[init.id] - paid).max(0.0);
            let extra = if nodes(init).any(is_write) { unpaid } else { 0.0 };
            self.times.total_ms += extra;
            self.spend(init, paid + extra);
        }
    }

    fn next_deferred(&self) -> Option<usize> {
        (0..self.deferred.len()).max_by_key(|at| self.deferred[*at].id)
    }
}

fn is_write(node: &PlanNode) -> bool {
    node.node_type == "ModifyTable"
}
