//! Candidates for one scan of a plan.

use crate::advise::candidate::{Candidate, Key, Method};
use crate::db::catalog::Table;
use crate::plan::condition::{Access, Expr, Pattern, Predicate, SortKey, Target, classify, parse};
use crate::plan::{PlanNode, Visit};

use super::keys::{is_text, key_of};

/// What a plan asks of one relation.
#[derive(Default)]
struct Wishes {
    /// Columns compared with constants or parameters.
    equal: Vec<Key>,
    /// Columns compared with another relation's.
    joined: Vec<Key>,
    range: Vec<Key>,
    /// Groups of columns searched for a pattern: the branches of one OR are one group.
    patterns: Vec<PatternGroup>,
    /// Order that a sort above asks for, all of it from this relation.
    order: Vec<Key>,
}

struct PatternGroup {
    keys: Vec<Key>,
    /// All patterns are fixed at their beginning and case matters.
    prefix: bool,
}

/// B-tree and trigram candidates for the scan at `visit` of `table`.
pub fn candidates(visit: &Visit<'_>, table: &Table) -> Vec<Candidate> {
    let wishes = wishes(visit, table);
    let mut found = Vec::new();
    let mut add = |keys: Vec<Key>, because: String| {
        if !keys.is_empty() {
            found.push(Candidate::new(table.name.clone(), Method::Btree, keys, because));
        }
    };
    let name = &table.name;
    if !wishes.equal.is_empty() || !wishes.range.is_empty() {
        let keys = distinct(wishes.equal.iter().chain(wishes.range.iter().take(1)));
        add(keys.clone(), format!("looks up rows of {name} by {}", listed(&keys)));
    }
    if !wishes.order.is_empty() {
        let keys = distinct(wishes.equal.iter().chain(&wishes.order));
        add(keys, format!("reads {name} in the order of {}", listed(&wishes.order)));
    }
    if !wishes.joined.is_empty() {
        let keys = distinct(wishes.equal.iter().chain(&wishes.joined).chain(wishes.range.iter().take(1)));
        add(keys, format!("joins {name} by {}", listed(&wishes.joined)));
    }
    found.extend(wishes.patterns.iter().flat_map(|group| pattern_candidates(group, table)));
    found
}

fn pattern_candidates(group: &PatternGroup, table: &Table) -> Vec<Candidate> {
    let name = &table.name;
    let because = format!("searches {name} by a pattern in {}", listed(&group.keys));
    let mut found = Vec::new();
    if group.prefix {
        for key in &group.keys {
            found.push(Candidate::new(
                name.clone(),
                Method::Btree,
                vec![key.clone().with_class("text_pattern_ops")],
                because.clone(),
            ));
        }
    }
    let trigrams = group.keys.iter().map(|key| key.clone().with_class("gin_trgm_ops")).collect();
    found.push(Candidate::new(name.clone(), Method::Gin, trigrams, because));
    found
}

fn wishes(visit: &Visit<'_>, table: &Table) -> Wishes {
    let mut wishes = Wishes::default();
    let Some(alias) = visit.node.called() else { return wishes };
    // A bitmap heap scan repeats its index condition as the condition to recheck.
    for text in [&visit.node.filter, &visit.node.index_cond, &visit.node.recheck_cond].into_iter().flatten() {
        let condition = parse(text);
        condition.conjuncts().for_each(|conjunct| wishes.filtered(conjunct, alias, table));
    }
    for ancestor in &visit.ancestors {
        for text in [&ancestor.hash_cond, &ancestor.merge_cond, &ancestor.join_filter].into_iter().flatten() {
            let condition = parse(text);
            condition.conjuncts().for_each(|conjunct| wishes.joined_by(conjunct, alias, table));
        }
    }
    wishes.order = wanted_order(&visit.ancestors, alias, table);
    wishes
}

impl Wishes {
    fn filtered(&mut self, conjunct: &Expr, alias: &str, table: &Table) {
        let predicates = classify(conjunct, alias);
        if predicates.iter().any(|predicate| matches!(predicate.access, Access::Match { .. })) {
            self.patterns.extend(pattern_group(&predicates, table));
            return;
        }
        let [predicate] = predicates.as_slice() else { return };
        let Some(key) = key_of(&predicate.target, table) else { return };
        match &predicate.access {
            Access::Equality(other) if other.columns().is_empty() => self.equal.push(key),
            Access::Equality(_) => self.joined.push(key),
            Access::Any(_) | Access::Null { negated: false } | Access::Truth { .. } => self.equal.push(key),
            Access::Range(_) => self.range.push(key),
            Access::Match { .. } | Access::Null { negated: true } | Access::Operator { .. } => {}
        }
    }

    fn joined_by(&mut self, conjunct: &Expr, alias: &str, table: &Table) {
        let qualified = conjunct.columns().iter().all(|column| column.qualifier.is_some());
        let predicates = classify(conjunct, alias);
        let ([predicate], true) = (predicates.as_slice(), qualified) else { return };
        if let (Access::Equality(_), Some(key)) = (&predicate.access, key_of(&predicate.target, table)) {
            self.joined.push(key);
        }
    }
}

/// The columns of a pattern search, when all of them are text.
fn pattern_group(predicates: &[Predicate<'_>], table: &Table) -> Option<PatternGroup> {
    let mut group = PatternGroup { keys: Vec::new(), prefix: true };
    for predicate in predicates {
        let Access::Match { pattern, case_insensitive } = &predicate.access else { return None };
        let Target::Column { column, .. } = &predicate.target else { return None };
        is_text(&table.column(&column.name)?.base_name).then_some(())?;
        let key = key_of(&predicate.target, table)?;
        if !group.keys.contains(&key) {
            group.keys.push(key);
        }
        group.prefix &= matches!(pattern, Pattern::Prefix(_)) && !case_insensitive;
    }
    Some(group)
}

/// The order of the nearest sort above that sorts by this relation alone.
fn wanted_order(ancestors: &[&PlanNode], alias: &str, table: &Table) -> Vec<Key> {
    let sort = ancestors.iter().rev().find(|node| !node.sort_key.is_empty());
    let Some(sort) = sort else { return Vec::new() };
    let keys: Vec<SortKey> = sort.sort_key.iter().map(|text| SortKey::parse(text)).collect();
    let own = |key: &SortKey| {
        let columns = key.expr.columns();
        !columns.is_empty() && columns.iter().all(|column| column.is_of(alias) && table.column(&column.name).is_some())
    };
    if !keys.iter().all(own) {
        return Vec::new();
    }
    // A B-tree is read in both directions; only mixed directions must be in the index.
    let mixed = keys.iter().any(|key| key.descending) && keys.iter().any(|key| !key.descending);
    keys.iter()
        .map(|key| {
            let plain = match &key.expr {
                Expr::Column(column) => Key::column(&column.name),
                other => Key::expression(&other.unqualified().to_string()),
            };
            plain.descending(mixed && key.descending)
        })
        .collect()
}

fn distinct<'a>(keys: impl Iterator<Item = &'a Key>) -> Vec<Key> {
    let mut found: Vec<Key> = Vec::new();
    for key in keys {
        if !found.iter().any(|known| known.expression == key.expression) {
            found.push(key.clone());
        }
    }
    found
}

fn listed(keys: &[Key]) -> String {
    keys.iter().map(|key| key.expression.clone()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::catalog::{Column, Identity, TableName};
    use crate::plan::Plan;
    use crate::plan::walk;
    use serde_json::json;

    fn table(columns: &[(&str, &str)]) -> Table {
        let columns = columns.iter().map(|(name, base_name)| Column {
            name: (*name).to_owned(),
            type_oid: 0,
            type_name: (*base_name).to_owned(),
            base_oid: 0,
            base_name: (*base_name).to_owned(),
            typmod: -1,
            not_null: false,
            default: None,
            identity: Identity::No,
            generated: false,
            sequence: None,
            enum_labels: Vec::new(),
            domain_checks: Vec::new(),
            element: None,
            dimensions: 0,
        });
        Table {
            name: TableName::new("public", "t"),
            columns: columns.collect(),
            primary_key: None,
            uniques: Vec::new(),
            checks: Vec::new(),
            exclusions: Vec::new(),
            partitions: Vec::new(),
            estimated_rows: 1e6,
            bytes: 0,
        }
    }

    fn proposed(table: &Table, plan: serde_json::Value) -> Vec<String> {
        let plan = Plan::from_json(&json!([{ "Plan": plan }])).unwrap();
        let found: Vec<Candidate> =
            walk(&plan).filter(|visit| visit.node.relation.is_some()).flat_map(|visit| candidates(&visit, table)).collect();
        found.iter().map(Candidate::target).collect()
    }

    fn scan(filter: &str) -> serde_json::Value {
        json!({"Node Type": "Seq Scan", "Relation Name": "t", "Alias": "t", "Filter": filter})
    }

    #[test]
    fn equalities_come_before_a_range() {
        let t = table(&[("a", "int8"), ("b", "timestamptz"), ("c", "text")]);
        let filter = "((t.b > '2025-01-01'::date) AND (t.a = 7) AND (lower(t.c) = 'x'::text))";
        assert_eq!(proposed(&t, scan(filter)), ["t (a, (lower(c)), b)"]);
    }

    #[test]
    fn what_is_different_or_of_another_relation_gives_nothing_by_itself() {
        let t = table(&[("a", "int8")]);
        assert_eq!(proposed(&t, scan("(t.a <> 7)")), Vec::<String>::new());
        assert_eq!(proposed(&t, scan("(t.ctid = '(0,1)'::tid)")), Vec::<String>::new());
    }

    #[test]
    fn patterns_ask_for_trigrams_and_prefixes_for_a_btree_too() {
        let t = table(&[("a", "varchar"), ("b", "text"), ("n", "int8")]);
        let infix = "(((t.a)::text ~~* '%x%'::text) OR (t.b ~~* '%x%'::text))";
        assert_eq!(proposed(&t, scan(infix)), ["t USING gin (a gin_trgm_ops, b gin_trgm_ops)"]);
        let prefix = "(t.b ~~ 'x%'::text)";
        assert_eq!(proposed(&t, scan(prefix)), ["t (b text_pattern_ops)", "t USING gin (b gin_trgm_ops)"]);
        assert_eq!(proposed(&t, scan("((t.n)::text ~~ 'x%'::text)")), Vec::<String>::new());
    }

    #[test]
    fn a_sort_above_asks_for_its_order_after_the_equalities() {
        let t = table(&[("a", "int8"), ("b", "timestamptz"), ("c", "int8")]);
        let plan = |keys: &[&str]| json!({"Node Type": "Sort", "Sort Key": keys, "Plans": [scan("(t.a = 7)")]});
        assert_eq!(proposed(&t, plan(&["t.b DESC"])), ["t (a)", "t (a, b)"]);
        assert_eq!(proposed(&t, plan(&["t.b DESC", "t.c"])), ["t (a)", "t (a, b DESC, c)"]);
        assert_eq!(proposed(&t, plan(&["other.b"])), ["t (a)"]);
    }

    #[test]
    fn a_join_asks_for_its_column() {
        let t = table(&[("a", "int8"), ("id", "int8")]);
        let other = json!({"Node Type": "Seq Scan", "Relation Name": "u", "Alias": "u"});
        let plan = json!({"Node Type": "Hash Join", "Hash Cond": "(t.id = u.t_id)", "Plans": [scan("(t.a = 7)"), other]});
        assert_eq!(proposed(&t, plan)[..2], ["t (a)", "t (a, id)"]);
    }
}
