//! `cascade-without-index`: a foreign key looks for rows of another table, and nothing helps it find them.
//!
//! **Sees** a foreign key's trigger on the table pointed at (`RI_ConstraintTrigger_a_…`) that takes over 1 ms per call, unless
//! the facts say that an index leads with the referencing columns.
//! **Evidence**: `Triggers[]` of the plan; with facts, the child table, its columns and their indexes. The plan itself, its cost
//! and its BUFFERS say nothing of what the trigger does.
//! **Bad**: `Trigger for constraint song_history_song_id_fkey on songs: time=33.54 calls=1`.
//! **Good**: the same at `time=0.05`.
//! **Wrong** when the time is the deleting itself, of many rows; the implied statement's own plan tells.

use super::super::context::{Context, tip};
use super::super::{ForeignKeyFacts, Remedy, Tip, words};
use crate::plan::quote::quote_identifier;
use crate::plan::{PlanNode, Trigger};
use crate::units;

const NAME: &str = "cascade-without-index";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let acts = context.plan.triggers().iter().filter(|trigger| trigger.name.starts_with("RI_ConstraintTrigger_a_"));
    acts.filter_map(|trigger| say(context, trigger)).collect()
}

fn say(context: &Context, trigger: &Trigger) -> Option<Tip> {
    let (constraint, time) = (trigger.constraint.as_deref()?, trigger.time_ms?);
    let key = context.facts.foreign_key(constraint, &trigger.relation);
    if time / trigger.calls.max(1.0) <= 1.0 {
        return None;
    }
    let child =
        key.map_or_else(|| "the rows that point at it".to_owned(), |key| format!("the rows of {} that point at it", key.table));
    let took = format!("for {} that took {}", words::plural(trigger.calls, "row", "rows"), context.of_total(time));
    let index = key.filter(|key| !key.columns.is_empty()).map(index_on);
    let indexed = key.and_then(|key| key.indexed);
    let why = match (indexed, key) {
        (Some(false), Some(key)) => format!(" No index of {} leads with {}.", key.table, units::listed(&key.columns)),
        (Some(true), Some(key)) => {
            format!(" {} has an index on {}: the time is in the rows themselves.", key.table, units::listed(&key.columns))
        }
        _ => String::new(),
    };
    let sentence = format!(
        "{} {} makes the foreign key {constraint} look for {child}: {took}.{why}",
        verb(context, &trigger.relation),
        trigger.relation
    );
    let wanted = index.filter(|_| indexed != Some(true)).map(|index| format!("CREATE INDEX ON {index}"));
    let next = match (indexed, &wanted) {
        (Some(true), _) => None,
        (_, Some(index)) => Some(format!("{index}.")),
        (_, None) => Some(format!("See that an index leads with the columns of {constraint}.")),
    };
    let saves = if indexed == Some(true) { 0.0 } else { time };
    Some(tip(NAME, &context.plan.root, sentence, saves, time).next(next).remedy(wanted.map(Remedy::Index)))
}

fn index_on(key: &ForeignKeyFacts) -> String {
    let columns: Vec<_> = key.columns.iter().map(|column| quote_identifier(column)).collect();
    format!("{} ({})", key.table, columns.join(", "))
}

/// What happened to the rows of the table that fired the trigger: the statement's own verb, or that a cascade reached them.
fn verb(context: &Context, relation: &str) -> &'static str {
    let writes = |node: &PlanNode| node.relation.as_deref() == Some(relation) && node.node_type == "ModifyTable";
    let written = context.visits.iter().find(|visit| writes(visit.node)).and_then(|visit| visit.node.operation.as_deref());
    match written {
        Some("Delete") => "Deleting from",
        Some("Update") => "Updating",
        Some(_) => "Writing to",
        None => "Reaching, by a cascade, the rows of",
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_for_each_key_with_facts() {
        insta::assert_snapshot!(said(super::check, "delete-song"), @"
        Deleting from songs makes the foreign key playlist_songs_song_id_fkey look for the rows of playlist_songs that point at it: for 1 row that took 15.2 of 93.3 ms. No index of playlist_songs leads with song_id.
        CREATE INDEX ON playlist_songs (song_id).
        Deleting from songs makes the foreign key song_history_song_id_fkey look for the rows of song_history that point at it: for 1 row that took 70.8 of 93.3 ms. No index of song_history leads with song_id.
        CREATE INDEX ON song_history (song_id).
        Deleting from songs makes the foreign key links_song_id_fkey look for the rows of links that point at it: for 1 row that took 6.5 of 93.3 ms. No index of links leads with song_id.
        CREATE INDEX ON links (song_id).
        ");
    }

    #[test]
    fn fires_without_facts_but_names_no_column() {
        let tips = tips_with(super::check, "delete-song", &Facts::default());
        assert_eq!(tips.len(), 3);
        assert_eq!(
            tips[0].next_step.as_deref(),
            Some("See that an index leads with the columns of playlist_songs_song_id_fkey.")
        );
    }

    #[test]
    fn an_indexed_key_saves_nothing() {
        let mut facts = fixtures::facts();
        facts.foreign_keys.iter_mut().for_each(|key| key.indexed = Some(true));
        let tips = tips_with(super::check, "delete-song", &facts);
        assert!(tips.iter().all(|tip| tip.saves_ms == 0.0 && tip.next_step.is_none()));
    }

    #[test]
    fn quiet_when_the_look_up_is_fast_or_only_checks() {
        let plan = |name: &str, time: f64| {
            fixtures::json(serde_json::json!({"Plan": {"Node Type": "ModifyTable", "Operation": "Delete",
            "Relation Name": "songs", "Actual Rows": 0, "Actual Loops": 1, "Actual Startup Time": 0.1, "Actual Total Time": 0.1},
            "Triggers": [{"Trigger Name": name, "Constraint Name": "k", "Relation": "songs", "Time": time, "Calls": 1}],
            "Execution Time": 0.2}))
        };
        assert_eq!(said_of(super::check, &plan("RI_ConstraintTrigger_a_1", 0.05)), "");
        assert_eq!(said_of(super::check, &plan("RI_ConstraintTrigger_c_1", 5.0)), "");
        assert_ne!(said_of(super::check, &plan("RI_ConstraintTrigger_a_1", 5.0)), "");
    }
}
