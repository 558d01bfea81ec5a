//! The foreign keys behind the triggers of a plan.

use std::collections::HashMap;

use crate::db::catalog::{Catalog, ForeignKey, TableName};
use crate::db::key_triggers::KeyTrigger;
use crate::db::missing_index::missing_index;
use crate::plan::{Plan, Trigger, walk};

use super::action::{Derived, Event, derived};

/// A foreign key that acted, with the time of all its triggers in the plan: partitions have one each.
pub(super) struct Fired<'a> {
    pub key: &'a ForeignKey,
    pub event: Event,
    pub derived: Derived,
    /// The table named by the statement whose rows fired it; `None` for what fired a level further down: its row is not one that the
    /// statement touches.
    pub touched: Option<TableName>,
    /// 1 when `touched`.
    pub level: u32,
    /// Its triggers by the table or partition they are on.
    pub triggers: Vec<(TableName, String)>,
    pub time_ms: f64,
    pub calls: u64,
    /// It waits for COMMIT.
    pub deferred: bool,
}

impl Fired<'_> {
    /// The index whose lack this look-up felt. Only a look for referencing rows can: a check goes by the referenced row's key.
    pub fn missing_index(&self, catalog: &Catalog) -> Option<String> {
        self.event.of_parent().then(|| missing_index(catalog, self.key)).flatten()
    }

    /// The table whose rows fire it.
    fn source(&self) -> &TableName {
        if self.event.of_parent() { &self.key.referenced } else { &self.key.table }
    }
}

/// The foreign keys among these triggers, largest time first. `plan` is of the statement that fired them.
pub(super) fn fired<'a>(
    triggers: &[Trigger],
    known: &HashMap<String, KeyTrigger>,
    plan: &Plan,
    catalog: &'a Catalog,
    deferred: bool,
) -> Vec<Fired<'a>> {
    let changed = changed_tables(plan);
    let mut all: Vec<Fired> = Vec::new();
    for trigger in triggers {
        let Some(found) = known.get(&trigger.name) else { continue };
        let named = |key: &&ForeignKey| key.name == found.constraint && key.table == found.table;
        let Some(key) = catalog.foreign_keys.iter().find(named) else { continue };
        let event = event(trigger, found);
        let own = (found.relation.clone(), trigger.name.clone());
        let (time_ms, calls) = (trigger.time_ms.unwrap_or_default(), trigger.calls as u64);
        if let Some(same) = all.iter_mut().find(|fired| fired.key == key && fired.event == event) {
            same.triggers.push(own);
            same.time_ms += time_ms;
            same.calls += calls;
            same.touched = same.touched.take().or_else(|| touched(&changed, key, event, found));
            continue;
        }
        let touched = touched(&changed, key, event, found);
        let derived = derived(key, event);
        all.push(Fired { key, event, derived, touched, level: 0, triggers: vec![own], time_ms, calls, deferred });
    }
    set_levels(&mut all);
    all.sort_by(|a, b| b.time_ms.total_cmp(&a.time_ms));
    all
}

fn event(trigger: &Trigger, found: &KeyTrigger) -> Event {
    match (trigger.name.starts_with("RI_ConstraintTrigger_c_"), found.on_delete) {
        (true, _) => Event::ChildWritten,
        (false, true) => Event::ParentDeleted,
        (false, false) => Event::ParentUpdated,
    }
}

/// Of a partitioned table the statement may name the whole or the partition.
fn touched(changed: &[TableName], key: &ForeignKey, event: Event, found: &KeyTrigger) -> Option<TableName> {
    let source = if event.of_parent() { &key.referenced } else { &key.table };
    [source, &found.relation].into_iter().find(|table| changed.contains(table)).cloned()
}

/// The tables that the statement itself changes, also in its WITH.
pub(super) fn changed_tables(plan: &Plan) -> Vec<TableName> {
    let writes = walk(plan).filter(|visit| visit.node.node_type == "ModifyTable");
    let named = writes.filter_map(|visit| visit.node.schema.as_ref().zip(visit.node.relation.as_ref()));
    named.map(|(schema, relation)| TableName::new(schema, relation)).collect()
}

/// What a key does to the rows of a table is one level above what these fire.
fn set_levels(all: &mut [Fired]) {
    for fired in all.iter_mut().filter(|fired| fired.touched.is_some()) {
        fired.level = 1;
    }
    loop {
        let writers: Vec<(TableName, u32)> = all
            .iter()
            .filter(|fired| fired.level > 0 && fired.event.of_parent())
            .map(|fired| (fired.key.table.clone(), fired.level))
            .collect();
        let mut moved = false;
        for fired in all.iter_mut().filter(|fired| fired.level == 0) {
            let above = writers.iter().filter(|(table, _)| table == fired.source()).map(|(_, level)| *level).min();
            if let Some(level) = above {
                fired.level = level + 1;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    // Written by a trigger of the user's, say: below the statement, nobody knows how far.
    all.iter_mut().filter(|fired| fired.level == 0).for_each(|fired| fired.level = 2);
}
