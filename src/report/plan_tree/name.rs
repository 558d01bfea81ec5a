//! What a node is called: its kind, the index it goes by, what it works on.

use crate::plan::quote_identifier;
use crate::plan::text::type_name;
use crate::plan::{PlanNode, Trigger};

/// The parts of a node's name, so that a narrow drawing can put the index elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Name {
    /// `CTE recent`, `InitPlan 1 (returns $0)`, `SubPlan 2`: what it is for, where it is not a plain input of its parent.
    pub role: Option<String>,
    /// `Parallel Seq Scan`
    pub kind: String,
    /// `using songs_pkey`
    pub by: Option<String>,
    /// `on songs s`
    pub on: Option<String>,
}

impl Name {
    /// The name of a node.
    pub fn of(node: &PlanNode) -> Name {
        let parallel = if node.parallel_aware { "Parallel " } else { "" };
        let asynchronous = if node.async_capable { "Async " } else { "" };
        let backward = if node.scan_direction.as_deref() == Some("Backward") { " Backward" } else { "" };
        let kind = format!("{parallel}{asynchronous}{}{backward}", type_name(node));
        let role = node.subplan_name.clone();
        match &node.index {
            Some(index) if node.node_type == "Bitmap Index Scan" => {
                Name { role, kind, by: None, on: Some(format!("on {}", quote_identifier(index))) }
            }
            index => {
                let by = index.as_ref().map(|index| format!("using {}", quote_identifier(index)));
                Name { role, kind, by, on: target(node) }
            }
        }
    }

    /// The name of a trigger; that of a foreign key's is its constraint's.
    pub fn of_trigger(trigger: &Trigger) -> Name {
        let of = trigger.constraint.as_ref().unwrap_or(&trigger.name);
        let on = (!trigger.relation.is_empty()).then(|| format!("on {}", quote_identifier(&trigger.relation)));
        Name { role: None, kind: format!("Trigger {of}"), by: None, on }
    }

    /// On one line: `CTE recent: Index Scan using songs_pkey on songs s`.
    pub fn whole(&self) -> String {
        self.joined(self.by.as_deref())
    }

    /// Without the index.
    pub fn without_index(&self) -> String {
        self.joined(None)
    }

    fn joined(&self, by: Option<&str>) -> String {
        let role = self.role.as_ref().map(|role| format!("{role}: ")).unwrap_or_default();
        let parts = [Some(self.kind.as_str()), by, self.on.as_deref()];
        format!("{role}{}", parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
    }
}

/// `on songs s`: the relation, function, CTE …, with its alias when that differs.
fn target(node: &PlanNode) -> Option<String> {
    let object = [&node.relation, &node.function, &node.table_function, &node.cte, &node.tuplestore].into_iter().flatten().next();
    let alias = node.alias.as_ref().filter(|alias| Some(*alias) != object);
    let words: Vec<String> = object.into_iter().chain(alias).map(|name| quote_identifier(name).into_owned()).collect();
    (!words.is_empty()).then(|| format!("on {}", words.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixtures;
    use crate::plan::walk::nodes;

    /// Every name is the one of PostgreSQL's own layout.
    #[test]
    fn names_are_postgresqls() {
        for (name, plan) in fixtures::all() {
            let text = crate::plan::to_text(&plan, crate::plan::TextOptions { verbose: false, ..Default::default() });
            for node in nodes(&plan.root) {
                let ours = Name { role: None, ..Name::of(node) }.whole();
                assert!(text.contains(&ours), "{name}: {ours} is not in\n{text}");
            }
        }
    }
}
