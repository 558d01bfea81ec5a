//! The lines around the tree: settings, planning, triggers, JIT, times.

use super::figures;
use super::number::{Mistake, count, kilobytes, milliseconds, number};
use super::property::flag;
use crate::plan::{Jit, Plan, Planning, Serialization, Trigger};

/// What a line of the statement is about; those with lines further in are named.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Part {
    Line,
    Planning,
    Serialization,
    Jit,
}

/// Which part of the statement a line begins, if it does.
pub(super) fn part(text: &str) -> Option<Part> {
    let (label, value) = text.split_once(':')?;
    match label {
        "Planning" if value.is_empty() => Some(Part::Planning),
        "JIT" if value.is_empty() => Some(Part::Jit),
        "Serialization" => Some(Part::Serialization),
        "Planning Time" | "Planning time" | "Execution Time" | "Execution time" | "Total runtime" => {
            value.trim_end().ends_with("ms").then_some(Part::Line)
        }
        "Settings" | "Query Identifier" | "Query Parameters" => Some(Part::Line),
        _ => (label.starts_with("Trigger ") && text.contains("calls=")).then_some(Part::Line),
    }
}

/// Whether a line is the beginning of one of the statement's.
pub(super) fn is_cut(text: &str) -> bool {
    const STARTS: [&str; 7] = [
        "Planning Time:",
        "Execution Time:",
        "Trigger for constraint ",
        "Settings:",
        "Query Identifier:",
        "Serialization:",
        "JIT:",
    ];
    !text.is_empty() && STARTS.iter().any(|start| start.starts_with(text) || text.starts_with(start))
}

/// Takes the line that begins a part.
pub(super) fn take(plan: &mut Plan, text: &str) -> Result<(), Mistake> {
    if text.starts_with("Trigger ") {
        let trigger = trigger(text)?;
        plan.triggers.get_or_insert_default().push(trigger);
        return Ok(());
    }
    let (label, value) = text.split_once(':').unwrap_or((text, ""));
    let value = value.trim();
    match label {
        "Planning Time" | "Planning time" => plan.planning_ms = Some(milliseconds(text, value)?),
        "Execution Time" | "Execution time" | "Total runtime" => plan.execution_ms = Some(milliseconds(text, value)?),
        "Settings" => plan.settings = Some(settings(text, value)?),
        "Query Identifier" => plan.query_id = Some(value.to_owned()),
        "Planning" => plan.planning = Some(Planning::default()),
        "Serialization" => plan.serialization = Some(serialization(text, value)?),
        "JIT" => plan.jit = Some(Jit::default()),
        _ => {
            plan.other.insert(label.to_owned(), value.into());
        }
    }
    Ok(())
}

/// Takes a line within a part; says whether it belongs there.
pub(super) fn take_within(plan: &mut Plan, part: Part, label: &str, value: &str, text: &str) -> Result<bool, Mistake> {
    match part {
        Part::Line => Ok(false),
        Part::Jit => jit(plan.jit.get_or_insert_default(), label, value, text),
        Part::Serialization => {
            let serialization = plan.serialization.get_or_insert_default();
            figures::usage(&mut serialization.buffers, &mut serialization.io, label, value, text)
        }
        Part::Planning => {
            let planning = plan.planning.get_or_insert_default();
            if label == "Memory" {
                let list = value.split_whitespace().filter_map(|field| field.split_once('='));
                for (key, value) in list {
                    match key {
                        "used" => planning.memory_used_kb = Some(kilobytes(text, value)?),
                        "allocated" => planning.memory_allocated_kb = Some(kilobytes(text, value)?),
                        _ => return Err(Mistake::at(text, key, "used= or allocated=")),
                    }
                }
                return Ok(true);
            }
            figures::usage(&mut planning.buffers, &mut planning.io, label, value, text)
        }
    }
}

/// `work_mem = '8MB', random_page_cost = '1.1'`; quotes in a value are not doubled.
fn settings(text: &str, list: &str) -> Result<Vec<(String, String)>, Mistake> {
    let mut settings = Vec::new();
    let mut rest = list;
    while !rest.is_empty() {
        let Some((name, after)) = rest.split_once(" = '") else {
            return Err(Mistake::at(text, rest, "a setting like jit = 'off'"));
        };
        // The value ends before the next `', name = '`, or with the line.
        let next = after.match_indices("', ").map(|(at, _)| at).find(|at| {
            let following = &after[at + 3..];
            let end = following.find(|c: char| !(c.is_alphanumeric() || "_.".contains(c))).unwrap_or(following.len());
            end > 0 && following[end..].starts_with(" = '")
        });
        let value = match next {
            Some(at) => &after[..at],
            None => after.strip_suffix('\'').ok_or_else(|| Mistake::at(text, &after[after.len()..], "`'`"))?,
        };
        settings.push((name.to_owned(), value.to_owned()));
        rest = next.map_or("", |at| &after[at + 3..]);
    }
    Ok(settings)
}

/// `Trigger RI_ConstraintTrigger_a_17 for constraint links_song_id_fkey on songs: time=6.414 calls=1`
fn trigger(text: &str) -> Result<Trigger, Mistake> {
    let wrong = |part| Mistake::at(text, part, "`: time=… calls=…` of a trigger");
    let (said, figures) = text["Trigger ".len()..].rsplit_once(": ").ok_or_else(|| wrong(text))?;
    let mut trigger = Trigger::default();
    super::number::fields(text, figures, |key, value| {
        match key {
            "time" => trigger.time_ms = Some(number(text, value)?),
            "calls" => trigger.calls = number(text, value)?,
            _ => return Err(wrong(key)),
        }
        Ok(())
    })?;
    let (name, rest) = match said.strip_prefix("for constraint ") {
        Some(rest) => ("", Some(rest)),
        None => said.split_once(" for constraint ").map_or((said, None), |(name, rest)| (name, Some(rest))),
    };
    let on =
        |named: &str| named.rsplit_once(" on ").map_or((named.to_owned(), String::new()), |(n, r)| (n.to_owned(), r.to_owned()));
    match rest {
        Some(constraint) => {
            let (constraint, relation) = on(constraint);
            (trigger.name, trigger.constraint, trigger.relation) = (name.to_owned(), Some(constraint), relation);
        }
        None => (trigger.name, trigger.relation) = on(name),
    }
    Ok(trigger)
}

/// `time=0.500 ms  output=2kB  format=text`
fn serialization(text: &str, value: &str) -> Result<Serialization, Mistake> {
    let mut serialization = Serialization::default();
    for field in value.split_whitespace().filter(|word| *word != "ms") {
        match field.split_once('=') {
            Some(("time", value)) => serialization.time_ms = Some(number(text, value)?),
            Some(("output", value)) => serialization.output_kb = kilobytes(text, value)?,
            Some(("format", value)) => serialization.format = value.to_owned(),
            _ => return Err(Mistake::at(text, field, "time=, output= or format=")),
        }
    }
    Ok(serialization)
}

/// Takes a line below `JIT:`, of the statement or of a worker; says whether it belongs there.
pub(super) fn jit(jit: &mut Jit, label: &str, value: &str, text: &str) -> Result<bool, Mistake> {
    match label {
        "Functions" => jit.functions = count(text, value)? as f64,
        "Options" => {
            for option in value.split(',').map(str::trim) {
                let Some((name, on)) = option.split_once(' ') else { return Err(Mistake::at(text, option, "`Inlining true`")) };
                let field = match name {
                    "Inlining" => &mut jit.inlining,
                    "Optimization" => &mut jit.optimization,
                    "Expressions" => &mut jit.expressions,
                    "Deforming" => &mut jit.deforming,
                    _ => return Err(Mistake::at(text, name, "an option of JIT")),
                };
                *field = flag(text, on.trim())?;
            }
        }
        "Timing" => timing(jit, value, text)?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// `Generation 0.5 ms (Deform 0.1 ms), Inlining 0.0 ms, Optimization 0.2 ms, Emission 1.0 ms, Total 1.7 ms`
fn timing(jit: &mut Jit, value: &str, text: &str) -> Result<(), Mistake> {
    for part in value.split([',', '(', ')']).map(str::trim).filter(|part| !part.is_empty()) {
        let Some((name, ms)) = part.split_once(' ') else { return Err(Mistake::at(text, part, "`Generation 0.5 ms`")) };
        let ms = milliseconds(text, ms)?;
        match name {
            "Generation" => jit.generation_ms = ms,
            "Deform" => jit.deform_ms = Some(ms),
            "Inlining" => jit.inlining_ms = ms,
            "Optimization" => jit.optimization_ms = ms,
            "Emission" => jit.emission_ms = ms,
            "Total" => jit.total_ms = Some(ms),
            _ => return Err(Mistake::at(text, name, "a step of JIT")),
        }
    }
    Ok(())
}
