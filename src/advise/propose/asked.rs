//! What a plan asks of one relation: read once from a scan and what stands above it, for all kinds of indexes.

use super::fixed::{Fixed, FixedTexts};
use super::keys::{key_of, literal};
use super::names::Names;
use super::needed;
use super::order::{self, Order};
use super::pattern::{Group, group};
use super::relation::Relation;
use super::worth::Worth;
use crate::advise::candidate::Key;
use crate::db::catalog::Catalog;
use crate::plan::condition::{Access, Expr, Predicate, Target, classify};
use crate::plan::{PlanMetrics, Visit};

/// A key that is compared with given values.
pub struct Compared {
    pub key: Key,
    pub how: How,
    /// The value, where it is one.
    pub value: Option<String>,
    /// The condition stands with its values in the statement, so that a partial index may have it.
    pub fixed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    Equal,
    /// `= ANY (…)`: rows come in no order behind it.
    Any,
    /// `IS NULL`
    Null,
    /// A boolean column by itself, or its negation.
    Truth,
}

/// A condition that only a special method serves: `@>`, `@@`, `&&` …
pub struct Searched {
    pub key: Key,
    pub op: String,
}

/// What one scan is asked for.
pub struct Asked<'a> {
    pub relation: Relation<'a>,
    /// Compared with given values, the one with most different values first.
    pub equal: Vec<Compared>,
    /// Compared by `<` and the like; a comparison of rows has several keys.
    pub ranges: Vec<Vec<Key>>,
    /// Compared with other relations' columns, join by join.
    pub joins: Vec<Vec<Key>>,
    /// The branches of an OR, each of which an index of its own would serve.
    pub either: Vec<Vec<Key>>,
    pub patterns: Vec<Group>,
    pub searched: Vec<Searched>,
    pub fixed: Vec<Fixed>,
    pub orders: Vec<Order>,
    /// Sorted by distance to a value (`<->`), with a limit.
    pub nearest: Option<Key>,
    /// What the rows are grouped by.
    pub groups: Vec<Key>,
    /// The columns that an index-only scan would need.
    pub needed: Option<Vec<String>>,
    pub worth: Worth,
}

/// Reads what the scan at `visit` is asked for.
pub fn asked<'a>(
    visit: &Visit<'_>,
    relation: Relation<'a>,
    metrics: &PlanMetrics,
    fixed: &FixedTexts,
    catalog: &Catalog,
) -> Option<Asked<'a>> {
    let names = Names::of(visit)?;
    let mut asked = Asked {
        relation,
        equal: Vec::new(),
        ranges: Vec::new(),
        joins: Vec::new(),
        either: Vec::new(),
        patterns: Vec::new(),
        searched: Vec::new(),
        fixed: Vec::new(),
        orders: order::orders(visit, &names, &relation, catalog),
        nearest: order::nearest(visit, &names, &relation),
        groups: order::groups(visit, &names, &relation),
        needed: needed::columns(visit, &names, &relation),
        worth: Worth::of(visit, &relation, metrics),
    };
    // A bitmap heap scan repeats its index condition as the condition to recheck.
    let texts = [&visit.node.filter, &visit.node.index_cond, &visit.node.recheck_cond];
    let conditions: Vec<Expr> = texts.into_iter().flatten().map(|text| names.condition(text)).collect();
    for conjunct in conditions.iter().flat_map(Expr::conjuncts) {
        asked.filtered(conjunct, &names, fixed);
    }
    for ancestor in &visit.ancestors {
        let texts = [&ancestor.hash_cond, &ancestor.merge_cond, &ancestor.join_filter];
        let conditions: Vec<Expr> = texts.into_iter().flatten().map(|text| names.condition(text)).collect();
        let keys = conditions.iter().flat_map(Expr::conjuncts).filter_map(|conjunct| asked.joined_by(conjunct, &names));
        let keys: Vec<Key> = keys.collect();
        asked.add_join(keys);
    }
    asked.equal.retain(|compared| !is_of_most(compared, &relation));
    // Most different values first; the plan's own order depends on the indexes it uses, the table's does not.
    asked.equal.sort_by_key(|compared| (compared.how != How::Equal, relation.rank(&compared.key)));
    Some(asked)
}

impl Asked<'_> {
    fn filtered(&mut self, conjunct: &Expr, names: &Names, fixed: &FixedTexts) {
        let condition = fixed.fixed(conjunct, &names.alias, &self.relation);
        let is_fixed = condition.is_some();
        if let Some(condition) = condition
            && !self.fixed.iter().any(|known| known.predicate == condition.predicate)
        {
            self.fixed.push(condition);
        }
        if let Some(keys) = row_comparison(conjunct, names, &self.relation) {
            return add(&mut self.ranges, keys);
        }
        let predicates = classify(conjunct, &names.alias);
        if predicates.iter().any(|predicate| matches!(predicate.access, Access::Match { .. })) {
            self.patterns.extend(group(&predicates, &self.relation));
            return;
        }
        let [predicate] = predicates.as_slice() else { return self.any_of(&predicates) };
        let Some(key) = key_of(&predicate.target, &self.relation) else { return };
        match &predicate.access {
            Access::Equality(other) if has_subplan(other) => {}
            Access::Equality(other) if !other.columns().is_empty() => self.add_join(vec![key]),
            Access::Range(other) if !other.columns().is_empty() || has_subplan(other) => {}
            Access::Range(_) => add(&mut self.ranges, vec![key]),
            Access::Operator { op, .. } => self.searched.push(Searched { key, op: (*op).to_owned() }),
            Access::Match { .. } | Access::Null { negated: true } => {}
            Access::Equality(_) | Access::Any(_) | Access::Null { negated: false } | Access::Truth { .. } => {
                self.compared(key, predicate, is_fixed);
            }
        }
    }

    fn compared(&mut self, key: Key, predicate: &Predicate<'_>, fixed: bool) {
        if self.equal.iter().any(|known| known.key.same_value(&key)) {
            return;
        }
        let how = match predicate.access {
            Access::Any(_) => How::Any,
            Access::Null { .. } => How::Null,
            Access::Truth { .. } => How::Truth,
            _ => How::Equal,
        };
        let value = match &predicate.access {
            Access::Equality(other) => literal(other),
            Access::Truth { negated } => Some(if *negated { "f" } else { "t" }.to_owned()),
            _ => None,
        };
        self.equal.push(Compared { key, how, value, fixed });
    }

    /// An OR whose branches an index each could find.
    fn any_of(&mut self, predicates: &[Predicate<'_>]) {
        let served = |predicate: &Predicate<'_>| match &predicate.access {
            Access::Equality(other) | Access::Any(other) | Access::Range(other) => {
                other.columns().is_empty() && !has_subplan(other)
            }
            Access::Null { negated } => !negated,
            _ => false,
        };
        let keys: Option<Vec<Key>> =
            predicates.iter().map(|predicate| key_of(&predicate.target, &self.relation).filter(|_| served(predicate))).collect();
        if let Some(keys) = keys.filter(|keys| keys.len() > 1) {
            keys.into_iter().for_each(|key| add(&mut self.either, vec![key]));
        }
    }

    fn joined_by(&self, conjunct: &Expr, names: &Names) -> Option<Key> {
        let qualified = conjunct.columns().iter().all(|column| column.qualifier.is_some());
        let predicates = classify(conjunct, &names.alias);
        let ([predicate], true) = (predicates.as_slice(), qualified) else { return None };
        match &predicate.access {
            Access::Equality(other) if !other.columns().is_empty() => key_of(&predicate.target, &self.relation),
            _ => None,
        }
    }

    fn add_join(&mut self, keys: Vec<Key>) {
        if !keys.is_empty() {
            add(&mut self.joins, keys);
        }
    }
}

/// A condition that so many rows pass finds nothing; it is checked on the rows that others find.
const MOST: f64 = 0.8;

fn is_of_most(compared: &Compared, relation: &Relation<'_>) -> bool {
    let Some(known) = compared.key.column.as_deref().and_then(|column| relation.column(column)) else { return false };
    match compared.how {
        How::Null => known.null_frac.is_some_and(|share| share > MOST),
        _ => known.most_common.iter().any(|(value, share)| Some(value) == compared.value.as_ref() && *share > MOST),
    }
}

fn add(lists: &mut Vec<Vec<Key>>, keys: Vec<Key>) {
    if !lists.contains(&keys) {
        lists.push(keys);
    }
}

fn has_subplan(expr: &Expr) -> bool {
    let mut found = false;
    expr.each(&mut |part| found |= matches!(part, Expr::SubPlan(_)));
    found
}

/// `ROW(a, b) > ROW(3, 4)`, as pages by key ask: a range of both.
fn row_comparison(conjunct: &Expr, names: &Names, relation: &Relation<'_>) -> Option<Vec<Key>> {
    let Expr::Compare { left, op, right } = conjunct else { return None };
    let (Expr::Function { name, arguments }, Expr::Function { name: other, arguments: values }) = (&**left, &**right) else {
        return None;
    };
    let ordered = matches!(op.as_str(), "<" | "<=" | ">" | ">=");
    if name != "ROW" || other != "ROW" || !ordered || values.iter().any(|value| !value.columns().is_empty()) {
        return None;
    }
    let key = |expr: &Expr| match expr {
        Expr::Column(column) if column.is_of(&names.alias) => key_of(&Target::Column { column, cast: None }, relation),
        _ => None,
    };
    arguments.iter().map(key).collect()
}
