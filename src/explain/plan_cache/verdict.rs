//! What a prepared statement's generic plan means for each class of parameters, and what to do about it.

use crate::explain::classes::{AS_ABOVE, Observed};
use crate::plan::condition::{Expr, parse};
use crate::plan::walk::nodes;
use crate::plan::{Plan, Shape};
use crate::report::model::{CacheOutcome, CachedClass, PlanCache, PlanKind};
use crate::units::{listed, ms, seconds};

use super::timing::outcome;

const FORCE_GENERIC: &str = "force_generic_plan";
const FORCE_CUSTOM: &str = "force_custom_plan";

/// The comparison of a statement under `mode`, the scenario's `plan_cache_mode`. `None` for a statement without parameters.
pub fn verdict(observed: &[Observed], mode: &str) -> Option<PlanCache> {
    let classes: Vec<CachedClass> = observed.iter().filter_map(cached_class).collect();
    if classes.is_empty() {
        return None;
    }
    let loses = classes.iter().any(|class| class.outcome == CacheOutcome::Loses);
    let other = observed.iter().filter_map(|one| one.cached.as_ref()).zip(&classes).find(|(_, class)| !class.changes.is_empty());
    let generic = other.map(|(compared, _)| Box::new(compared.plan.explained.clone()));
    let optional = observed.iter().filter_map(|one| one.cached.as_ref()).any(|compared| has_optional(&compared.plan.plan));
    let remedy = (loses && happens(&classes, mode)).then(|| remedy(optional, mode));
    Some(PlanCache { says: says(&classes, mode), remedy, mode: mode.to_owned(), classes, generic })
}

fn cached_class(one: &Observed) -> Option<CachedClass> {
    let cached = one.cached.as_ref()?;
    let changes = Shape::of(&cached.plan.plan).changes_from(&Shape::of(&one.custom.plan));
    Some(CachedClass {
        class: one.class.clone(),
        custom: cached.custom,
        generic: cached.generic,
        auto: cached.auto,
        outcome: outcome(&cached.custom, &cached.generic, changes.is_empty()),
        changes,
    })
}

/// Whether a session that prepares the statement can come to the generic plan.
fn happens(classes: &[CachedClass], mode: &str) -> bool {
    match mode {
        FORCE_GENERIC => true,
        // Such a scenario takes the remedy already; others that run its statements may not.
        _ => classes.iter().any(|class| class.auto != Some(PlanKind::Custom)),
    }
}

/// Whether some filter lets a parameter that is NULL through: `(a = $1) OR ($1 IS NULL)`.
fn has_optional(generic: &Plan) -> bool {
    let optional = |condition: &str| {
        let parsed = parse(condition);
        let mut found = false;
        parsed.each(&mut |part| {
            if let Expr::Or(branches) = part {
                found |= branches.iter().any(|branch| {
                    matches!(branch, Expr::IsNull { operand, negated: false } if matches!(operand.uncast(), Expr::Param(_)))
                });
            }
        });
        found
    };
    nodes(&generic.root).flat_map(|node| node.conditions()).any(|(_, condition)| optional(condition))
}

fn says(classes: &[CachedClass], mode: &str) -> Vec<String> {
    let losing: Vec<&CachedClass> = classes.iter().filter(|class| class.outcome == CacheOutcome::Loses).collect();
    let gaining: Vec<&CachedClass> = classes.iter().filter(|class| class.outcome == CacheOutcome::Gains).collect();
    let mut said: Vec<String> = losing.iter().map(|class| loss(class)).collect();
    let unknown: Vec<&CachedClass> = classes.iter().filter(|class| class.outcome == CacheOutcome::Unknown).collect();
    said.extend(
        unknown.iter().map(|class| format!("The generic plan was not tried for {}: the custom one did not end.", rows(class))),
    );
    if losing.is_empty() && gaining.is_empty() && unknown.is_empty() {
        let same = classes.iter().all(|class| class.changes.is_empty());
        let why = if same { "the generic plan is the same as the custom one" } else { "both plans take the same time" };
        said.push(format!("To prepare the statement does not matter: {why} for {}.", every(classes)));
        return said;
    }
    said.extend(gaining.iter().map(|class| gain(class)));
    said.extend(choice(classes, mode, !losing.is_empty()));
    said
}

/// `For the heaviest rows the generic plan takes 85 ms instead of 12: it reads sale by …`
fn loss(class: &CachedClass) -> String {
    let took = match class.generic.stopped_after_ms {
        Some(after) => format!("does not end within {}", seconds(after / 1e3)),
        None => format!("takes {}", ms(class.generic.total_ms())),
    };
    let how = match class.changes.as_slice() {
        [] => String::new(),
        changes => format!(": it {}", listed(changes)),
    };
    format!("For {} the generic plan {took} where one of its own takes {}{how}.", rows(class), ms(class.custom.total_ms()))
}

fn gain(class: &CachedClass) -> String {
    let planning = class.custom.planning_ms - class.generic.planning_ms;
    let (saved, whose) = match class.custom.total_ms() - class.generic.total_ms() {
        _ if class.changes.is_empty() => (planning, ", the planning"),
        saved if planning > 0.5 * saved => (saved, ", mostly planning"),
        saved => (saved, ""),
    };
    format!("For {} the generic plan saves {} of {}{whose}.", rows(class), ms(saved), ms(class.custom.total_ms()))
}

/// What PostgreSQL chooses by itself, and under what the scenario runs.
fn choice(classes: &[CachedClass], mode: &str, loses: bool) -> Vec<String> {
    let generic: Vec<String> =
        classes.iter().filter(|class| class.auto == Some(PlanKind::Generic)).map(|class| class.class.clone()).collect();
    let mut said = Vec::new();
    if classes.iter().any(|class| class.auto.is_some()) {
        said.push(match generic.len() {
            0 => format!(
                "PostgreSQL’s own choice (plan_cache_mode = auto) stays with custom plans after five executions{}.",
                if loses { ", so that nothing is lost by it" } else { "" }
            ),
            n if n == classes.len() => {
                "PostgreSQL’s own choice (plan_cache_mode = auto) is the generic plan from the sixth execution on, for every value."
                    .to_owned()
            }
            _ => format!(
                "PostgreSQL’s own choice (plan_cache_mode = auto) depends on the first five executions of a session: after five with {} \
                 rows it takes the generic plan, for every value from then on.",
                listed(&generic)
            ),
        });
    }
    match mode {
        FORCE_CUSTOM if loses => said.push("The scenario runs under force_custom_plan, where none of this happens.".to_owned()),
        FORCE_CUSTOM => said.push("The scenario runs under force_custom_plan, which plans each execution anew.".to_owned()),
        FORCE_GENERIC => said.push(
            "The scenario runs under force_generic_plan, which takes the generic plan from the first execution on.".to_owned(),
        ),
        _ => {}
    }
    said
}

fn remedy(optional: bool, mode: &str) -> String {
    let split = if optional {
        "split the query: a statement of its own for each case, without the condition whose parameter is absent; or "
    } else {
        ""
    };
    let set =
        if mode == FORCE_CUSTOM { "keep plan_cache_mode = force_custom_plan" } else { "set plan_cache_mode = force_custom_plan" };
    format!(
        "{split}{set} for the role that runs it (ALTER ROLE … SET) or for its transaction (SET LOCAL); or use the driver without \
         statements prepared on the server (prepareThreshold=0 in JDBC, prepare_threshold=None in psycopg, statement_cache_size=0 in asyncpg)"
    )
}

fn rows(class: &CachedClass) -> String {
    if class.class == AS_ABOVE { "the parameters above".to_owned() } else { format!("the {} rows", class.class) }
}

fn every(classes: &[CachedClass]) -> String {
    match classes {
        [only] => rows(only),
        all => format!("{} rows", listed(&all.iter().map(|class| class.class.clone()).collect::<Vec<_>>())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::model::PlanTime;

    fn class(name: &str, custom: f64, generic: f64, outcome: CacheOutcome, auto: PlanKind) -> CachedClass {
        let time = |ms| PlanTime { execution_ms: ms, runs: 5, ..PlanTime::default() };
        let changes = vec!["reads sale by a sequential scan instead of an index scan using sale_kind".to_owned()];
        CachedClass { class: name.into(), custom: time(custom), generic: time(generic), changes, auto: Some(auto), outcome }
    }

    #[test]
    fn a_loss_is_said_with_both_times_and_with_what_brings_it_about() {
        let classes = [
            class("typical", 0.1, 0.1, CacheOutcome::NoMatter, PlanKind::Custom),
            class("heaviest", 12.0, 85.0, CacheOutcome::Loses, PlanKind::Generic),
        ];
        let said = says(&classes, "auto").join(" ");
        assert!(
            said.starts_with("For the heaviest rows the generic plan takes 85.0 ms where one of its own takes 12.0 ms: it reads"),
            "{said}"
        );
        assert!(said.contains("after five with heaviest rows it takes the generic plan"), "{said}");
        assert!(happens(&classes, "auto"));
        assert!(says(&classes, FORCE_CUSTOM).join(" ").ends_with("where none of this happens."));
    }

    #[test]
    fn a_loss_that_auto_never_comes_to_needs_no_remedy() {
        let classes = [class("heaviest", 12.0, 85.0, CacheOutcome::Loses, PlanKind::Custom)];
        assert!(!happens(&classes, "auto") && happens(&classes, FORCE_GENERIC));
        assert!(
            says(&classes, "auto").join(" ").contains("stays with custom plans after five executions, so that nothing is lost")
        );
    }

    #[test]
    fn no_difference_is_one_sentence_and_a_gain_names_the_planning() {
        let same = [class("typical", 1.0, 1.0, CacheOutcome::NoMatter, PlanKind::Generic)];
        assert_eq!(
            says(&same, "auto"),
            ["To prepare the statement does not matter: both plans take the same time for the typical rows."]
        );
        let mut gains = class("typical", 1.0, 1.0, CacheOutcome::Gains, PlanKind::Generic);
        gains.custom.planning_ms = 2.0;
        let said = says(&[gains], "auto").join(" ");
        assert!(said.starts_with("For the typical rows the generic plan saves 2.0 ms of 3.0 ms, mostly planning."), "{said}");
    }

    #[test]
    fn optional_parameters_are_seen_in_the_generic_plan() {
        let plan = |filter: &str| {
            Plan::from_json(&json!([{"Plan": {"Node Type": "Seq Scan", "Relation Name": "a", "Filter": filter}}])).unwrap()
        };
        assert!(has_optional(&plan("((a = $1) OR ($1 IS NULL))")));
        assert!(has_optional(&plan("((b > 1) AND ((($2)::text IS NULL) OR (a = ($2)::text)))")));
        assert!(!has_optional(&plan("((a = $1) OR (b IS NULL))")));
        assert!(remedy(true, "auto").starts_with("split the query") && !remedy(false, "auto").contains("split"));
    }
}
