//! Which line belongs to which node.

use super::heading::{self, Split};
use super::number::Mistake;
use super::property;
use super::sets::KeyLine;
use super::statement::{self, Part};
use super::{settle, target, worker};
use crate::plan::read::error::ReadError;
use crate::plan::read::lines::Line;
use crate::plan::{Jit, MAX_DEPTH, Plan, PlanNode, TargetTable, Worker};

/// The plan so far.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) plan: Plan,
    pub(super) nodes: Vec<Draft>,
    /// From the root inwards, what the lines further in belong to.
    open: Vec<Open>,
    /// Indentation of the root; `None` before there is one.
    base: Option<i64>,
    /// Some trigger's line named its table.
    pub(super) relations_named: bool,
}

/// A node whose children are not yet put in.
pub(super) struct Draft {
    pub(super) node: Box<PlanNode>,
    pub(super) parent: Option<usize>,
    pub(super) keys: Vec<KeyLine>,
    pub(super) line: usize,
    /// Its rows have decimals, as PostgreSQL 18 prints them.
    pub(super) fractional: bool,
}

struct Open {
    indent: i64,
    /// Nodes up to here.
    depth: usize,
    owner: Owner,
}

/// What lines further in belong to; the first number is a node's, the second a place in one of its lists.
#[derive(Debug, Clone, PartialEq)]
enum Owner {
    Node(usize),
    Worker(usize, usize),
    WorkerJit(usize, usize),
    Table(usize, usize),
    SortedSets(usize),
    /// `InitPlan 1 (returns $0)`: the next node's name.
    Named(usize, String),
    Statement(Part),
}

pub(super) enum Outcome {
    Taken,
    /// The line is no part of the plan, which ends before it.
    Over,
}

pub(super) enum Wrong {
    TooDeep,
    Mistake(Mistake),
}

impl From<Mistake> for Wrong {
    fn from(mistake: Mistake) -> Self {
        Wrong::Mistake(mistake)
    }
}

/// Whether a line has the form of a plan's: a node, a subplan's name, a line with a known label.
pub(super) fn is_plan_line(text: &str) -> bool {
    if text.starts_with("->") || subplan_name(text) || statement::part(text).is_some() || heading::split(text).is_certain() {
        return true;
    }
    text.split_once(':').is_some_and(|(label, _)| property::is_known(label))
}

/// `InitPlan 1 (returns $0)`, `SubPlan 2`, `CTE recent`
fn subplan_name(text: &str) -> bool {
    ["InitPlan ", "SubPlan ", "CTE "].iter().any(|word| text.starts_with(word)) && !text.starts_with("CTE Scan")
}

impl Tree {
    pub(super) fn has_root(&self) -> bool {
        !self.nodes.is_empty()
    }

    pub(super) fn base(&self) -> Option<i64> {
        self.base
    }

    /// Whether a line after a gap goes on with the plan.
    pub(super) fn continues_with(&self, line: &Line) -> bool {
        let Some(base) = self.base else { return true };
        statement::part(&line.text).is_some() || line.indent > base && is_plan_line(&line.text)
    }

    /// Takes a line; `text` is its text with what was broken off it.
    pub(super) fn take(&mut self, line: &Line, text: &str) -> Result<Outcome, Wrong> {
        let split = heading::split(text);
        let Some(base) = self.base else {
            self.base = Some(line.indent);
            return self.node(line, text, split);
        };
        let part = statement::part(text);
        if split.arrow || split.is_certain() && line.indent > base {
            return if line.indent > base { self.node(line, text, split) } else { self.stray(line, text) };
        }
        self.close(line.indent);
        let owner = self.open.last().map(|open| open.owner.clone());
        // A clipboard may have lost the root's indentation but not the others'.
        if let (Some(part), None | Some(Owner::Node(0))) = (part, &owner) {
            return self.statement(line, text, part);
        }
        let Some(owner) = owner else { return Ok(Outcome::Over) };
        if subplan_name(text) && !text.contains(": ") {
            let Owner::Node(node) = owner else { return Err(expected(text)) };
            self.open(line.indent, Owner::Named(node, text.to_owned()));
            return Ok(Outcome::Taken);
        }
        if let Some(outcome) = self.table(line, &owner, text) {
            return Ok(outcome);
        }
        let Some((label, value)) = text.split_once(':') else { return self.bare(owner, text) };
        self.property(line, owner, (label.trim_end(), value.trim()), text)?;
        Ok(Outcome::Taken)
    }

    /// Leaves what stands as far in as a line at this indentation, or further.
    fn close(&mut self, indent: i64) {
        while self.open.last().is_some_and(|open| open.indent >= indent) {
            self.open.pop();
        }
    }

    fn open(&mut self, indent: i64, owner: Owner) {
        let depth = self.open.last().map_or(0, |open| open.depth) + usize::from(matches!(owner, Owner::Node(_)));
        self.open.push(Open { indent, depth, owner });
    }

    fn node(&mut self, line: &Line, text: &str, split: Split) -> Result<Outcome, Wrong> {
        self.close(line.indent);
        let (parent, name) = match self.open.last() {
            None if self.nodes.is_empty() => (None, None),
            Some(Open { depth, .. }) if *depth >= MAX_DEPTH => return Err(Wrong::TooDeep),
            Some(Open { owner: Owner::Node(node), .. }) => (Some(*node), None),
            Some(Open { owner: Owner::Named(node, name), .. }) => (Some(*node), Some(name.clone())),
            _ => return self.stray(line, text),
        };
        let mut node = heading::read(text, split)?;
        node.subplan_name = name;
        self.open(line.indent, Owner::Node(self.nodes.len()));
        self.nodes.push(Draft { node, parent, keys: Vec::new(), line: line.number, fractional: split.has_fractional_rows() });
        Ok(Outcome::Taken)
    }

    /// A node that stands in no other.
    fn stray(&self, _line: &Line, text: &str) -> Result<Outcome, Wrong> {
        let expected = "a line further in than the plan's first (the indentation tells which node belongs to which)";
        Err(Mistake::at(text, text, expected).into())
    }

    fn statement(&mut self, line: &Line, text: &str, part: Part) -> Result<Outcome, Wrong> {
        statement::take(&mut self.plan, text)?;
        if let Some(trigger) = self.plan.triggers().last() {
            self.relations_named |= !trigger.relation.is_empty();
        }
        self.open.clear();
        self.open(line.indent, Owner::Statement(part));
        Ok(Outcome::Taken)
    }

    /// `Update on events_2024 events_1` below the `Update` of several tables.
    fn table(&mut self, line: &Line, owner: &Owner, text: &str) -> Option<Outcome> {
        let Owner::Node(node) = *owner else { return None };
        let draft = &mut self.nodes[node].node;
        let rest = text.strip_prefix(draft.operation.as_deref()?)?;
        let mut read = PlanNode::default();
        if draft.node_type != "ModifyTable" || !rest.starts_with(' ') || target::take(&mut read, rest.trim_start()).is_err() {
            return None;
        }
        let (relation, alias) = (read.relation?, read.alias?);
        draft.target_tables.push(TargetTable { relation, schema: read.schema, alias, ..TargetTable::default() });
        let table = draft.target_tables.len() - 1;
        self.open(line.indent, Owner::Table(node, table));
        Some(Outcome::Taken)
    }

    /// A line without a label.
    fn bare(&mut self, owner: Owner, text: &str) -> Result<Outcome, Wrong> {
        if let Owner::Worker(node, worker) = owner
            && worker::actual(&mut self.nodes[node].node.workers[worker], text, text)?
        {
            return Ok(Outcome::Taken);
        }
        if let Owner::Statement(_) = owner {
            return Ok(Outcome::Over);
        }
        Err(expected(text))
    }

    fn property(&mut self, line: &Line, owner: Owner, (label, value): (&str, &str), text: &str) -> Result<(), Wrong> {
        match owner {
            Owner::Node(node) => self.of_node(line, node, (label, value), text)?,
            Owner::Worker(node, worker) => {
                if label == "JIT" {
                    self.nodes[node].node.workers[worker].jit = Some(Jit::default());
                    self.open(line.indent, Owner::WorkerJit(node, worker));
                } else {
                    worker::take(&mut self.nodes[node].node.workers[worker], label, value, text)?;
                }
            }
            Owner::WorkerJit(node, worker) => {
                let jit = self.nodes[node].node.workers[worker].jit.get_or_insert_default();
                if !statement::jit(jit, label, value, text)? {
                    return Err(expected(text));
                }
            }
            Owner::Table(node, table) => {
                self.nodes[node].node.target_tables[table].other.insert(label.to_owned(), value.into());
            }
            Owner::SortedSets(node) => match self.nodes[node].keys.last_mut() {
                Some(KeyLine::Sorted(_, groups)) if label == "Group Key" => groups.push(value.to_owned()),
                _ => return Err(expected(text)),
            },
            Owner::Statement(part) => {
                if !statement::take_within(&mut self.plan, part, label, value, text)? {
                    return Err(expected(text));
                }
            }
            Owner::Named(..) => return Err(expected(text)),
        }
        Ok(())
    }

    fn of_node(&mut self, line: &Line, node: usize, (label, value): (&str, &str), text: &str) -> Result<(), Wrong> {
        let draft = &mut self.nodes[node];
        if let Some(number) = worker::number_of(label) {
            return self.worker(line, node, number, (label, value), text);
        }
        match (label, draft.node.node_type.as_str()) {
            ("Group Key", _) => draft.keys.push(KeyLine::Group(value.to_owned())),
            ("Hash Key", _) => draft.keys.push(KeyLine::Hash(value.to_owned())),
            ("Sort Key", "Aggregate") => {
                draft.keys.push(KeyLine::Sorted(value.to_owned(), Vec::new()));
                self.open(line.indent, Owner::SortedSets(node));
            }
            _ => property::take(&mut draft.node, label, value, text)?,
        }
        Ok(())
    }

    fn worker(&mut self, line: &Line, node: usize, number: f64, (label, value): (&str, &str), text: &str) -> Result<(), Wrong> {
        let workers = &mut self.nodes[node].node.workers;
        let known = workers.last().is_some_and(|worker| worker.number == number);
        if !known {
            workers.push(Worker { number, ..Worker::default() });
        }
        let index = workers.len() - 1;
        let worker = &mut workers[index];
        if label.starts_with("JIT") {
            // PostgreSQL 12 names the worker in the line itself.
            worker.jit = Some(Jit::default());
            self.open(line.indent, Owner::WorkerJit(node, index));
            return Ok(());
        }
        if !value.is_empty() && !worker::actual(worker, value, text)? {
            let (label, value) = value.split_once(':').ok_or_else(|| expected(text))?;
            worker::take(worker, label.trim_end(), value.trim(), text)?;
        }
        self.open(line.indent, Owner::Worker(node, index));
        Ok(())
    }

    /// The plan, if its tree is whole.
    pub(super) fn finish(self, first: usize, last: usize) -> Result<Plan, ReadError> {
        settle::settle(self, first, last)
    }
}

fn expected(text: &str) -> Wrong {
    Mistake::at(text, text, "a line of a plan: a node after `->`, or a label with a colon").into()
}
