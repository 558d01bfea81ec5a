//! Candidates judged without HypoPG: what the scans that they would replace cost, and what looking the rows up would.

use std::collections::BTreeMap;

use crate::db::catalog::Table;
use crate::db::{Connection, DbError};
use crate::plan::{PlanNode, scans};
use crate::report::model::{KeptIndex, RejectedIndex};
use crate::units::{counted, figure};

use super::super::AdviseError;
use super::super::candidate::{Candidate, Method};
use super::planned::Planned;
use super::{Estimating, Judged, Proposed, because, endpoint_cost, name_of};

/// Of a page, bytes (BLCKSZ as it is compiled nearly everywhere).
const PAGE: f64 = 8192.0;
/// The descent costs the planner CPU work and one page, whatever the height.
const DESCENT_PAGES: f64 = 1.0;

/// The planner's prices (PostgreSQL's documentation, "Planner Cost Constants").
struct Prices {
    seq_page: f64,
    random_page: f64,
    cpu_tuple: f64,
    cpu_index_tuple: f64,
}

impl Prices {
    async fn read(connection: &mut Connection) -> Result<Prices, DbError> {
        let setting = |name: &str| format!("current_setting('{name}')::float8");
        let names = ["seq_page_cost", "random_page_cost", "cpu_tuple_cost", "cpu_index_tuple_cost"];
        let sql = format!("SELECT {}", names.map(setting).join(", "));
        let (seq_page, random_page, cpu_tuple, cpu_index_tuple) = connection.row::<(f64, f64, f64, f64)>(&sql).await?;
        Ok(Prices { seq_page, random_page, cpu_tuple, cpu_index_tuple })
    }

    /// Looking up that many rows of a table, as the planner reckons a bitmap heap scan (`cost_bitmap_heap_scan` in costsize.c): the pages
    /// that the rows fall on (Mackert and Lohman), the more of them the nearer to the price of a page in sequence.
    fn lookup(&self, rows: f64, table: &Table) -> f64 {
        let all = (table.bytes as f64 / PAGE).max(1.0);
        let pages = (2.0 * all * rows / (2.0 * all + rows)).min(all);
        let page = if pages < 2.0 {
            self.random_page
        } else {
            self.random_page - (self.random_page - self.seq_page) * (pages / all).sqrt()
        };
        DESCENT_PAGES * self.random_page + pages * page + rows * (self.cpu_tuple + self.cpu_index_tuple)
    }
}

/// What one candidate would save, by planned statement.
struct Saving {
    candidate: Candidate,
    saved: BTreeMap<usize, f64>,
    /// Why there is none.
    why_not: String,
}

/// Keeps, for each table that a statement scans as a whole, the candidate that would spare it the scan.
pub async fn judge(
    connection: &mut Connection,
    asked: &Estimating<'_>,
    planned: &[Planned],
    proposed: Vec<Proposed>,
) -> Result<Judged, AdviseError> {
    let prices = Prices::read(connection).await?;
    let mut savings: Vec<Saving> = proposed.iter().map(|one| saving(&prices, asked, planned, one)).collect();
    // Of several for one scan the widest B-tree serves the others' lookups, too; after that the order of proposal decides.
    savings.sort_by_key(|saving| (saving.candidate.method != Method::Btree, std::cmp::Reverse(saving.candidate.keys.len())));
    let before: Vec<f64> = planned.iter().map(|statement| statement.cost).collect();
    let mut after = before.clone();
    let mut served: BTreeMap<(usize, String), String> = BTreeMap::new();
    let (mut keep, mut rejected) = (Vec::<KeptIndex>::new(), Vec::new());
    for Saving { candidate, mut saved, mut why_not } in savings {
        let table = candidate.table.sql();
        if let Some(other) = saved.keys().find_map(|number| served.get(&(*number, table.clone()))) {
            why_not = format!("{other} is expected to serve the same scan");
        }
        saved.retain(|number, _| !served.contains_key(&(*number, table.clone())));
        let with: Vec<f64> = after.iter().enumerate().map(|(number, cost)| cost - saved.get(&number).unwrap_or(&0.0)).collect();
        match gain(asked, planned, &after, &with) {
            Some(reason) => {
                served.extend(saved.keys().map(|number| ((*number, table.clone()), candidate.target())));
                after = with;
                let name = name_of(&candidate, asked.catalog, &keep);
                keep.push(kept(candidate, name, reason));
            }
            None => rejected.push(RejectedIndex {
                definition: candidate.definition(&name_of(&candidate, asked.catalog, &keep)),
                because: because(&candidate),
                reason: format!("estimated: {why_not}"),
            }),
        }
    }
    Ok(Judged {
        keep,
        rejected,
        after,
        note: "Estimated from the costs of the plans alone: where the extension hypopg is installed, the planner itself is asked. No cost \
               says how long anything takes; measure on a copy with --copy or --copy-here."
            .to_owned(),
    })
}

fn kept(candidate: Candidate, name: String, reason: String) -> KeptIndex {
    KeptIndex {
        table: candidate.table.to_string(),
        definition: candidate.definition(&name),
        extension: candidate.extension().map(str::to_owned),
        because: because(&candidate),
        name,
        reason,
        ..KeptIndex::default()
    }
}

/// What the candidate saves each statement that it was proposed for.
fn saving(prices: &Prices, asked: &Estimating<'_>, planned: &[Planned], proposed: &Proposed) -> Saving {
    let candidate = proposed.candidate.clone();
    let mut saved = BTreeMap::new();
    let mut why_not =
        "no plan scans the whole table; whether this is better than the index in use, only measuring tells".to_owned();
    let Some(table) = asked.catalog.table(&candidate.table) else { return Saving { candidate, saved, why_not } };
    for number in &proposed.by {
        for scan in scans(&planned[*number].plan).filter(|node| reads_all_of(node, table)) {
            let rows = scan.plan_rows.unwrap_or(0.0);
            let spared = scan.total_cost.unwrap_or(0.0) - prices.lookup(rows, table);
            match spared > 0.0 {
                true => *saved.entry(*number).or_insert(0.0) += spared * scan.loops().max(1.0),
                false => {
                    why_not = format!(
                        "looking up {} costs as much as reading the table (about {})",
                        counted(rows.round() as u64, "row", "rows"),
                        figure(scan.total_cost.unwrap_or(0.0))
                    );
                }
            }
        }
    }
    if !saved.is_empty() {
        "it spares too little of the cost".clone_into(&mut why_not);
    }
    // A statement costs nothing less than nothing, however often the planner expects a scan to be repeated.
    saved.iter_mut().for_each(|(number, spared)| *spared = spared.min(planned[*number].cost));
    Saving { candidate, saved, why_not }
}

fn reads_all_of(node: &PlanNode, table: &Table) -> bool {
    let same = |schema: &Option<String>| schema.as_ref().is_none_or(|schema| *schema == table.name.schema);
    node.node_type == "Seq Scan" && node.relation.as_ref() == Some(&table.name.name) && same(&node.schema)
}

/// The endpoint that gains most; `None` when none gains enough.
fn gain(asked: &Estimating<'_>, planned: &[Planned], before: &[f64], after: &[f64]) -> Option<String> {
    let endpoints = asked.workload.endpoints.iter().enumerate();
    let costs = endpoints.map(|(place, endpoint)| {
        let [before, after] = [before, after].map(|costs| endpoint_cost(planned, costs, place));
        (endpoint.label.as_str(), before, after)
    });
    let gaining = costs.filter(|(_, before, after)| before - after > asked.options.keep_if * before);
    let best = gaining.max_by(|a, b| (a.1 - a.2).total_cmp(&(b.1 - b.2)));
    best.map(|(label, before, after)| {
        format!("{label} is estimated to cost about {} with it instead of {}", figure(after), figure(before))
    })
}
