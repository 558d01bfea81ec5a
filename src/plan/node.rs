//! The plan as PostgreSQL sent it: raw fields, nothing derived.

use serde_json::{Map, Value};

use super::detail::{
    Buffers, CacheUse, Conflict, GroupingSet, HashUse, IoTimes, Jit, MergeCounts, Sampling, Serialization, SortGroups, SortUse,
    Storage, TargetTable, Wal, Worker,
};

/// One statement's plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    pub root: PlanNode,
    /// How many nodes the tree has; their ids are 0 .. count.
    pub node_count: usize,
    /// Planning took this long. Only with SUMMARY.
    pub planning_ms: Option<f64>,
    /// The statement took this long, triggers included. Only with ANALYZE and SUMMARY.
    pub execution_ms: Option<f64>,
    pub planning: Option<Planning>,
    /// In firing order by relation, those never called left out. `None` without ANALYZE.
    pub triggers: Option<Vec<Trigger>>,
    /// Planner settings that differ from their defaults, in the server's order. `None` without SETTINGS.
    pub settings: Option<Vec<(String, String)>>,
    pub jit: Option<Jit>,
    pub serialization: Option<Serialization>,
    /// Only with VERBOSE and `compute_query_id`; kept as text, since it may be negative or huge.
    pub query_id: Option<String>,
    /// From `auto_explain`.
    pub query_text: Option<String>,
    /// Everything else beside the plan.
    pub other: Map<String, Value>,
    /// Of a plan that was read from text; `None` when it was read from JSON.
    pub form: Option<TextForm>,
}

/// What a plan's text tells and its JSON does not.
///
/// Besides, a count of removed rows that is zero was printed: there were some, but fewer than half a row per loop.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TextForm {
    /// The triggers' lines name their tables: the statement opened more than one for writing or for triggers.
    pub relations_named: bool,
}

/// What planning itself cost.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Planning {
    pub buffers: Option<Buffers>,
    pub io: Option<IoTimes>,
    /// With MEMORY, from PostgreSQL 17.
    pub memory_used_kb: Option<f64>,
    pub memory_allocated_kb: Option<f64>,
}

/// Names of foreign keys' triggers of which the text tells the constraint alone.
pub(crate) const UNNAMED_ACTION: &str = "RI_ConstraintTrigger_a_";
pub(crate) const UNNAMED_CHECK: &str = "RI_ConstraintTrigger_c_";

/// A trigger that fired: the only trace that foreign keys leave in a plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trigger {
    /// `RI_ConstraintTrigger_a_…` acts on the referenced table, `RI_ConstraintTrigger_c_…` checks the referencing one. Without
    /// its number when it was read from a text made without VERBOSE, which does not tell the name.
    pub name: String,
    /// The constraint it stands for.
    pub constraint: Option<String>,
    /// The table whose rows fired it.
    pub relation: String,
    /// All calls together. Absent without timing.
    pub time_ms: Option<f64>,
    pub calls: f64,
}

/// One step of a plan. Absent fields are those that PostgreSQL did not send.
///
/// `actual_*` figures are averages per loop; `buffers` and `wal` are totals over all loops. Both include the children.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlanNode {
    /// Position in a walk from the root, parents before children.
    pub id: usize,
    pub node_type: String,
    /// `Outer`, `Inner`, `Member`, `Subquery`, `InitPlan`, `SubPlan`; absent at the root.
    pub parent_relationship: Option<String>,
    /// `Plain`, `Sorted`, `Hashed`, `Mixed`
    pub strategy: Option<String>,
    /// `Simple`, `Partial`, `Finalize`
    pub partial_mode: Option<String>,
    /// `Insert`, `Update`, `Delete`, `Merge`, `Select`
    pub operation: Option<String>,
    /// `SubPlan 1`, `InitPlan 1 (returns $0)`, `CTE recent`
    pub subplan_name: Option<String>,
    pub custom_provider: Option<String>,
    pub parallel_aware: bool,
    pub async_capable: bool,
    /// From PostgreSQL 18, which always sends it.
    pub disabled: Option<bool>,

    pub relation: Option<String>,
    /// Only with VERBOSE.
    pub schema: Option<String>,
    pub alias: Option<String>,
    pub index: Option<String>,
    /// `Forward`, `Backward`
    pub scan_direction: Option<String>,
    pub function: Option<String>,
    pub table_function: Option<String>,
    pub cte: Option<String>,
    pub tuplestore: Option<String>,
    /// `Inner`, `Left`, `Full`, `Right`, `Semi`, `Anti`, `Right Semi`, `Right Anti`
    pub join_type: Option<String>,
    pub inner_unique: Option<bool>,
    /// Of a SetOp: `Intersect`, `Except All` …
    pub command: Option<String>,

    pub startup_cost: Option<f64>,
    pub total_cost: Option<f64>,
    /// Estimate, per loop.
    pub plan_rows: Option<f64>,
    /// Bytes.
    pub plan_width: Option<f64>,
    pub actual_startup_ms: Option<f64>,
    pub actual_total_ms: Option<f64>,
    /// Per loop; whole numbers before PostgreSQL 18.
    pub actual_rows: Option<f64>,
    /// 0 when the node never ran; the loops of all parallel processes added up.
    pub actual_loops: Option<f64>,

    /// Only with VERBOSE.
    pub output: Vec<String>,
    pub filter: Option<String>,
    pub index_cond: Option<String>,
    pub recheck_cond: Option<String>,
    pub hash_cond: Option<String>,
    pub merge_cond: Option<String>,
    pub join_filter: Option<String>,
    pub one_time_filter: Option<String>,
    pub tid_cond: Option<String>,
    pub run_condition: Option<String>,
    /// `Order By` of an index scan by distance.
    pub order_by: Option<String>,
    pub function_call: Option<String>,
    pub table_function_call: Option<String>,
    /// Of a WindowAgg, from PostgreSQL 18.
    pub window: Option<String>,
    /// Per loop, rounded by PostgreSQL.
    pub removed_by_filter: Option<f64>,
    pub removed_by_index_recheck: Option<f64>,
    pub removed_by_join_filter: Option<f64>,

    pub sort_key: Vec<String>,
    pub presorted_key: Vec<String>,
    pub group_key: Vec<String>,
    pub grouping_sets: Vec<GroupingSet>,
    pub sort: Option<SortUse>,
    pub full_sort_groups: Option<SortGroups>,
    pub presorted_groups: Option<SortGroups>,
    pub hash: Option<HashUse>,
    pub planned_partitions: Option<f64>,
    pub hashagg_batches: Option<f64>,
    /// Of a Hash, HashAggregate or Memoize.
    pub peak_memory_kb: Option<f64>,
    /// Of a HashAggregate.
    pub disk_kb: Option<f64>,
    pub cache_key: Option<String>,
    pub cache_mode: Option<String>,
    pub cache: Option<CacheUse>,
    pub storage: Option<Storage>,

    pub exact_heap_blocks: Option<f64>,
    pub lossy_heap_blocks: Option<f64>,
    /// Over all loops.
    pub heap_fetches: Option<f64>,
    /// Over all loops, from PostgreSQL 18.
    pub index_searches: Option<f64>,
    pub sampling: Option<Sampling>,

    pub workers_planned: Option<f64>,
    pub workers_launched: Option<f64>,
    /// Of a Gather, up to PostgreSQL 16: the parameters it hands to the workers, `$0`.
    pub params_evaluated: Vec<String>,
    pub single_copy: Option<bool>,
    pub workers: Vec<Worker>,
    pub subplans_removed: Option<f64>,

    pub conflict: Option<Conflict>,
    pub merge: Option<MergeCounts>,
    pub target_tables: Vec<TargetTable>,

    pub buffers: Option<Buffers>,
    pub io: Option<IoTimes>,
    pub wal: Option<Wal>,

    /// Fields that this version of perflab does not know, as they came.
    pub other: Map<String, Value>,
    pub children: Vec<PlanNode>,
}

impl Trigger {
    /// Whether the plan told its name.
    pub(crate) fn is_named(&self) -> bool {
        !matches!(self.name.as_str(), "" | UNNAMED_ACTION | UNNAMED_CHECK)
    }
}

impl Plan {
    /// Whether the statement was executed (ANALYZE).
    pub fn analyzed(&self) -> bool {
        self.root.actual_loops.is_some()
    }

    /// Whether each node was timed (ANALYZE without TIMING OFF).
    pub fn timed(&self) -> bool {
        self.root.actual_total_ms.is_some()
    }

    /// The triggers, none if there were none or nobody looked.
    pub fn triggers(&self) -> &[Trigger] {
        self.triggers.as_deref().unwrap_or_default()
    }
}

impl PlanNode {
    /// Whether the node ran at all; true for plans that were not executed, where nobody can know.
    pub fn executed(&self) -> bool {
        self.actual_loops != Some(0.0)
    }

    /// `Actual Loops`, 0 when never executed or not analyzed.
    pub fn loops(&self) -> f64 {
        self.actual_loops.unwrap_or(0.0)
    }

    /// Rows that the node handed up over all loops; 0 when not analyzed.
    pub fn rows(&self) -> f64 {
        self.actual_rows.unwrap_or(0.0) * self.loops()
    }

    /// Rows thrown away by `Filter` and `Recheck` over all loops, as far as PostgreSQL's rounding tells.
    pub fn rows_removed(&self) -> f64 {
        (self.removed_by_filter.unwrap_or(0.0) + self.removed_by_index_recheck.unwrap_or(0.0)) * self.loops()
    }

    /// `InitPlan` children, among them every CTE: they run when somebody asks for their rows, not as part of their parent.
    pub fn is_init_plan(&self) -> bool {
        self.parent_relationship.as_deref() == Some("InitPlan")
    }

    /// A subquery that runs whenever its parent evaluates the expression it stands in.
    pub fn is_sub_plan(&self) -> bool {
        self.parent_relationship.as_deref() == Some("SubPlan")
    }

    /// A scan that reads rows of a stored relation (a bitmap index scan reads none, its heap scan does).
    pub fn reads_relation(&self) -> bool {
        self.relation.is_some() && self.node_type != "ModifyTable"
    }

    /// The alias when the node has one, else the relation: what conditions call it.
    pub fn called(&self) -> Option<&str> {
        self.alias.as_deref().or(self.relation.as_deref())
    }

    /// Every condition the node evaluates, with PostgreSQL's label.
    pub fn conditions(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("Index Cond", &self.index_cond),
            ("Recheck Cond", &self.recheck_cond),
            ("TID Cond", &self.tid_cond),
            ("Hash Cond", &self.hash_cond),
            ("Merge Cond", &self.merge_cond),
            ("Join Filter", &self.join_filter),
            ("One-Time Filter", &self.one_time_filter),
            ("Filter", &self.filter),
            ("Run Condition", &self.run_condition),
            ("Order By", &self.order_by),
            ("Cache Key", &self.cache_key),
            ("Function Call", &self.function_call),
            ("Table Function Call", &self.table_function_call),
        ]
        .into_iter()
        .filter_map(|(label, text)| text.as_deref().map(|text| (label, text)))
    }
}
