//! Which columns reference which tables, and how the children of each lie on their parents.

use crate::db::catalog::{Catalog, ForeignKey, Table};
use crate::seed::types::PgType;

use super::facts::ColumnFacts;
use super::fit::fanout::{self, Fit, Observed, Shape};
use super::known::Known;
use super::round::{percent, significant};
use super::yaml::Yaml;

/// A column that references a row of another table.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    pub column: usize,
    /// The table's place among those known.
    pub parent: usize,
    /// By a foreign key of the schema; else by its name.
    pub declared: bool,
    /// The first column of a foreign key of several, which is inferred as a whole but may say how many rows there are.
    pub wide: bool,
    /// A deleted parent takes these rows along.
    pub cascades: bool,
}

/// Values of a column whose correlation with the order on disk is at least this lie side by side.
const GROUPED: f64 = 0.9;

impl Reference {
    /// Rows of one parent stand side by side.
    pub fn grouped(&self, facts: Option<&ColumnFacts>) -> bool {
        facts.is_some_and(|facts| facts.correlation >= GROUPED)
    }
}

/// References of a table: by single columns, and the first columns of wider foreign keys.
pub fn references(catalog: &Catalog, all: &[Known], of: usize) -> Vec<Reference> {
    let known = &all[of];
    let mut found: Vec<Reference> = Vec::new();
    let keys = || catalog.foreign_keys.iter().filter(|key| key.table == known.table.name);
    for (column, described) in known.table.columns.iter().enumerate() {
        let in_wide = |key: &&ForeignKey| key.columns.len() > 1 && key.columns.contains(&described.name);
        let first_of_wide = keys().find(|key| in_wide(key) && key.columns.first() == Some(&described.name));
        if first_of_wide.is_none() && keys().any(|key| in_wide(&key)) {
            continue;
        }
        let wide = first_of_wide.is_some();
        let declared = first_of_wide.or_else(|| keys().find(|key| key.columns == [described.name.as_str()]));
        let parent = match declared {
            Some(key) => all.iter().position(|parent| parent.table.name == key.referenced),
            None => implied(all, of, column),
        };
        let cascades = declared.is_some_and(|key| key.on_delete == crate::db::catalog::Action::Cascade);
        found.extend(parent.map(|parent| Reference { column, parent, declared: declared.is_some(), wide, cascades }));
    }
    found
}

/// The table that a column is named after (`user_id` and `users`), when its type and its values fit that table's key.
fn implied(all: &[Known], of: usize, column: usize) -> Option<usize> {
    let known = &all[of];
    let described = &known.table.columns[column];
    let stem = described.name.to_lowercase();
    let stem = stem.strip_suffix("_id").filter(|stem| !stem.is_empty())?;
    if known.is_unique(column) && known.table.primary_key.as_deref() == Some(std::slice::from_ref(&described.name)) {
        return None;
    }
    let plural = |name: &str| {
        name == stem
            || name.strip_suffix('s') == Some(stem)
            || name.strip_suffix("es") == Some(stem)
            || name.strip_suffix("ies").is_some_and(|start| stem.strip_suffix('y') == Some(start))
    };
    let facts = known.facts[column].as_ref()?;
    let fits = |(place, parent): &(usize, &Known)| {
        let key = single_key(parent.table).and_then(|key| parent.table.column(key));
        *place != of
            && parent.table.name.schema == known.table.name.schema
            && plural(&parent.table.name.name.to_lowercase())
            && key.is_some_and(|key| key.base_name == described.base_name)
            && facts.distinct.is_some_and(|distinct| distinct <= parent.count() as f64 * 1.05 + 1.0)
            && within_keys(facts, parent)
    };
    all.iter().enumerate().find(fits).map(|(place, _)| place)
}

fn single_key(table: &Table) -> Option<&str> {
    match table.primary_key.as_deref() {
        Some([key]) => Some(key),
        _ => None,
    }
}

/// No number among the values lies outside of the parent's keys, where both are numbers.
fn within_keys(facts: &ColumnFacts, parent: &Known) -> bool {
    let ends = |facts: &ColumnFacts| {
        let numbers = facts.sample().filter_map(|value| value.parse::<f64>().ok());
        numbers.fold(None, |ends: Option<(f64, f64)>, n| Some(ends.map_or((n, n), |(low, high)| (low.min(n), high.max(n)))))
    };
    let keys = single_key(parent.table).and_then(|key| parent.facts[parent.place(key)?].as_ref());
    match (ends(facts), keys.and_then(ends)) {
        (Some((low, high)), Some((least, most))) => low >= least && high <= most,
        _ => true,
    }
}

/// The fan-out of a reference, fitted.
pub fn fitted(facts: &ColumnFacts, parents: u64) -> Fit {
    let top = facts.common.iter().map(|(_, share)| share * facts.rows).collect();
    fanout::fit(&Observed {
        parents: parents as f64,
        children: facts.filled(),
        distinct: facts.distinct,
        top,
        complete: facts.complete(),
    })
}

/// `pick:` of the same shape: of rows that may have no parent, each that has one chooses by itself. `None`: none is preferred.
pub fn pick_yaml(shape: &Shape, facts: &ColumnFacts) -> Option<Yaml> {
    match shape {
        Shape::Zipf { exponent, .. } => Some(Yaml::map([("zipf", Yaml::word(significant(*exponent, 3)))])),
        Shape::Lognormal { sigma, .. } => Some(Yaml::map([("lognormal", Yaml::word(significant(*sigma, 3)))])),
        Shape::TwoClasses { share, large, .. } => {
            let members = (share * facts.distinct.unwrap_or(1.0)).round().max(1.0);
            let of_large = members * (large.0 + large.1) as f64 / 2.0 / facts.filled().max(1.0);
            let classes =
                vec![(percent(*share), percent(of_large.min(0.99))), ("rest".into(), percent((1.0 - of_large).max(0.01)))];
            Some(Yaml::Map(classes.into_iter().map(|(of, to)| (Yaml::word(of), Yaml::word(to))).collect()))
        }
        Shape::Even | Shape::Range { .. } | Shape::Poisson => None,
    }
}

/// `fanout:` as a scenario has it.
pub fn fanout_yaml(shape: &Shape) -> Yaml {
    let range = |(low, high): (u64, u64)| Yaml::word(if low == high { low.to_string() } else { format!("{low}-{high}") });
    let number = |n: u64| Yaml::word(n.to_string());
    match shape {
        Shape::Even => Yaml::word("even"),
        Shape::Poisson => Yaml::word("poisson"),
        Shape::Range { low, high } => range((*low, *high)),
        Shape::Zipf { exponent, max: None } => Yaml::map([("zipf", Yaml::word(significant(*exponent, 3)))]),
        Shape::Zipf { exponent, max: Some(max) } => {
            let figures = [("exponent", Yaml::word(significant(*exponent, 3))), ("max", number(*max))];
            Yaml::map([("zipf", Yaml::map(figures))])
        }
        Shape::Lognormal { sigma, min, max } => {
            let mut inner = Yaml::map([("sigma", Yaml::word(significant(*sigma, 3)))]);
            if *min > 0 {
                inner = inner.with("min", number(*min));
            }
            if let Some(max) = max {
                inner = inner.with("max", number(*max));
            }
            Yaml::map([("lognormal", inner)])
        }
        Shape::TwoClasses { share, large, rest } => {
            Yaml::Map(vec![(Yaml::word(percent(*share)), range(*large)), (Yaml::word("rest"), range(*rest))])
        }
    }
}

/// Parents up to which each has a weight of its own.
const FEW_PARENTS: u64 = 20;

/// The share of each of a few parents, in the order of their numeric keys, which is that of their rows; `None` when some parent has no row, or
/// keys are no numbers.
pub fn weights(facts: &ColumnFacts, parent: &Known) -> Option<Yaml> {
    let keys: Option<Vec<(f64, f64)>> = facts.common.iter().map(|(key, share)| Some((key.parse().ok()?, *share))).collect();
    let mut keys = keys.filter(|keys| facts.complete() && keys.len() as u64 == parent.count())?;
    if !(2..=FEW_PARENTS).contains(&parent.count()) {
        return None;
    }
    keys.sort_by(|a, b| a.0.total_cmp(&b.0));
    let filled: f64 = keys.iter().map(|(_, share)| share).sum();
    Some(Yaml::List(keys.iter().map(|(_, share)| Yaml::word(significant(share / filled * 100.0, 3))).collect()))
}

/// A type whose values perflab can make.
pub fn makeable(known: &Known, column: usize) -> Option<PgType> {
    PgType::of(&known.table.columns[column])
}
