//! What stands around the tree: settings, planning, triggers, JIT, times.

use std::collections::BTreeSet;

use super::writer::Writer;
use super::{heading, usage};
use crate::plan::walk::nodes;
use crate::plan::{Jit, Plan, Serialization, Trigger};

pub(super) fn write(w: &mut Writer) {
    let (plan, options) = (w.plan, w.options);
    if let Some(query) = &plan.query_text {
        w.property("Query Text", query);
    }
    heading::node(w, &plan.root);
    settings(w);
    if let Some(id) = plan.query_id.as_ref().filter(|_| options.verbose) {
        w.property("Query Identifier", id);
    }
    planning(w);
    if let Some(ms) = plan.planning_ms.filter(|_| options.summary) {
        w.line(format_args!("Planning Time: {ms:.3} ms"));
    }
    let show_relation = names_relations(plan);
    for trigger in plan.triggers() {
        self::trigger(w, trigger, show_relation);
    }
    if let Some(jit) = plan.jit.as_ref().filter(|_| options.costs) {
        self::jit(w, jit);
    }
    if let Some(serialization) = &plan.serialization {
        self::serialization(w, serialization);
    }
    if let Some(ms) = plan.execution_ms.filter(|_| options.summary) {
        w.line(format_args!("Execution Time: {ms:.3} ms"));
    }
}

fn settings(w: &mut Writer) {
    let settings = w.plan.settings.as_deref().unwrap_or_default();
    if w.options.settings && !settings.is_empty() {
        let list: Vec<String> = settings.iter().map(|(name, value)| format!("{name} = '{value}'")).collect();
        w.list("Settings", &list);
    }
}

fn planning(w: &mut Writer) {
    let Some(planning) = &w.plan.planning else { return };
    let buffers = w.options.buffers && usage::any(planning.buffers.as_ref(), planning.io.as_ref());
    let memory = planning.memory_used_kb.zip(planning.memory_allocated_kb);
    if !buffers && memory.is_none() {
        return;
    }
    w.line(format_args!("Planning:"));
    w.indented(|w| {
        usage::buffers(w, planning.buffers.as_ref(), planning.io.as_ref());
        if let Some((used, allocated)) = memory {
            w.line(format_args!("Memory: used={used:.0}kB  allocated={allocated:.0}kB"));
        }
    });
}

/// PostgreSQL names the table of each trigger when more than one relation was opened for writing or for triggers. The JSON always
/// has the name; that there were several shows in the tables written to and in triggers of others.
fn names_relations(plan: &Plan) -> bool {
    if let Some(form) = plan.form {
        return form.relations_named;
    }
    let mut written: BTreeSet<&str> = BTreeSet::new();
    let mut targets = 0;
    for node in nodes(&plan.root).filter(|node| node.node_type == "ModifyTable") {
        if node.target_tables.is_empty() {
            targets += 1;
            written.extend(node.relation.as_deref());
        } else {
            targets += node.target_tables.len();
            written.extend(node.target_tables.iter().map(|table| table.relation.as_str()));
        }
    }
    targets > 1 || plan.triggers().iter().any(|trigger| !written.contains(trigger.relation.as_str()))
}

fn trigger(w: &mut Writer, trigger: &Trigger, show_relation: bool) {
    w.margin();
    w.add(format_args!("Trigger"));
    if (w.verbose || trigger.constraint.is_none()) && trigger.is_named() {
        w.add(format_args!(" {}", trigger.name));
    }
    if let Some(constraint) = &trigger.constraint {
        w.add(format_args!(" for constraint {constraint}"));
    }
    if show_relation {
        w.add(format_args!(" on {}", trigger.relation));
    }
    w.add(format_args!(":"));
    if let Some(ms) = trigger.time_ms.filter(|_| w.options.timing) {
        w.add(format_args!(" time={ms:.3}"));
    }
    w.add(format_args!(" calls={:.0}\n", trigger.calls));
}

/// Also a worker's, below its node.
pub(super) fn jit(w: &mut Writer, jit: &Jit) {
    w.line(format_args!("JIT:"));
    w.indented(|w| {
        w.count("Functions", jit.functions);
        w.line(format_args!(
            "Options: Inlining {}, Optimization {}, Expressions {}, Deforming {}",
            jit.inlining, jit.optimization, jit.expressions, jit.deforming
        ));
        let Some(total) = jit.total_ms.filter(|_| w.options.timing) else { return };
        let deform = jit.deform_ms.map(|ms| format!(" (Deform {ms:.3} ms)")).unwrap_or_default();
        w.line(format_args!(
            "Timing: Generation {:.3} ms{deform}, Inlining {:.3} ms, Optimization {:.3} ms, Emission {:.3} ms, Total {total:.3} ms",
            jit.generation_ms, jit.inlining_ms, jit.optimization_ms, jit.emission_ms
        ));
    });
}

fn serialization(w: &mut Writer, serialization: &Serialization) {
    let time = serialization.time_ms.filter(|_| w.options.timing).map(|ms| format!("time={ms:.3} ms  ")).unwrap_or_default();
    w.line(format_args!("Serialization: {time}output={:.0}kB  format={}", serialization.output_kb, serialization.format));
    w.indented(|w| usage::buffers(w, serialization.buffers.as_ref(), serialization.io.as_ref()));
}
