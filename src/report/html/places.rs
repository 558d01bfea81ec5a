//! Where in run.json stands what the page shows, as JSON pointers (RFC 6901), for who wants to check a figure.

use std::collections::HashMap;

use serde_json::Value;

use crate::plan::Plan;
use crate::report::model::Run;
use crate::report::plan_tree::PlanTree;
use crate::report::wording::one_line;

/// A plan of the run.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) pointer: String,
    pub(super) tree: PlanTree,
}

/// What the page is about.
pub(super) struct Places<'a> {
    pub(super) run: &'a Run,
    /// By the plan's text as a block of the page shows it.
    plans: HashMap<String, Place>,
}

impl<'a> Places<'a> {
    pub(super) fn of(run: &'a Run) -> Places<'a> {
        let mut plans = HashMap::new();
        // A run that JSON cannot say has no pointers; its page is as good as the Markdown.
        if let Ok(value) = serde_json::to_value(run) {
            collect(&value, &mut String::new(), &mut plans);
        }
        Places { run, plans }
    }

    /// The plan that a block of code shows in PostgreSQL's own layout.
    pub(super) fn plan(&self, block: &str) -> Option<&Place> {
        self.plans.get(block.trim_matches('\n').trim_end())
    }

    /// The explained endpoint that a heading is about: its place and its pointer.
    pub(super) fn explained(&self, heading: &str) -> Option<(usize, String)> {
        let (number, title) = heading.split_once(". ").unwrap_or(("1", heading));
        let place = number.parse::<usize>().ok()?.checked_sub(1)?;
        let explained = self.run.explained.get(place)?;
        title.starts_with(&one_line(&explained.label)).then(|| (place, format!("/explained/{place}")))
    }

    /// The statement of an explained endpoint that a block of SQL shows, its lines broken here or there, with its parameters below it.
    pub(super) fn statement(&self, explained: usize, block: &str) -> Option<String> {
        let shown = words(block);
        let statements = &self.run.explained.get(explained)?.statements;
        let place = statements.iter().position(|one| !one.sql.trim().is_empty() && shown.starts_with(&words(&one.sql)))?;
        Some(format!("/explained/{explained}/statements/{place}"))
    }

    /// Whether a text is the name of an endpoint.
    pub(super) fn is_endpoint(&self, text: &str) -> bool {
        let bench = self.run.before.iter().flat_map(|bench| &bench.endpoints).map(|one| &one.label);
        let advised = self.run.advice.iter().flat_map(|advice| &advice.endpoints).map(|one| &one.label);
        bench.chain(advised).any(|label| one_line(label) == text)
    }

    /// An endpoint's figures: in a section about what came of it those of the pairs, else those of the bench.
    pub(super) fn endpoint(&self, label: &str, section: Option<&str>) -> Option<String> {
        let bench = self.run.before.as_ref();
        let paired = self.run.advice.as_ref().filter(|advice| !advice.endpoints.is_empty());
        let in_pairs = || {
            let place = paired?.endpoints.iter().position(|one| one_line(&one.label) == label)?;
            Some(format!("/advice/endpoints/{place}"))
        };
        let in_bench = || {
            let place = bench?.endpoints.iter().position(|one| one_line(&one.label) == label)?;
            Some(format!("/before/endpoints/{place}"))
        };
        match section {
            None => in_pairs().or_else(in_bench),
            Some("Endpoints after") => in_pairs(),
            Some("Endpoints before") => in_bench(),
            Some(_) => None,
        }
    }
}

fn words(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every object with a plan's text and its JSON, by its text.
fn collect(value: &Value, pointer: &mut String, plans: &mut HashMap<String, Place>) {
    let length = pointer.len();
    match value {
        Value::Object(object) => {
            if let (Some(Value::String(text)), Some(json)) = (object.get("text"), object.get("json"))
                && let Ok(plan) = Plan::from_json(json)
            {
                let place = Place { pointer: pointer.clone(), tree: PlanTree::of_plan(&plan, &[]) };
                plans.entry(shown(text)).or_insert(place);
            }
            for (key, value) in object.iter().filter(|(key, _)| *key != "json") {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                collect(value, pointer, plans);
                pointer.truncate(length);
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                pointer.push_str(&format!("/{place}"));
                collect(item, pointer, plans);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// The text of a plan as a block of code on the page shows it, control characters replaced.
fn shown(text: &str) -> String {
    let clean = text.replace("\r\n", "\n");
    let clean: String = clean.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect();
    clean.trim_matches('\n').trim_end().to_owned()
}
