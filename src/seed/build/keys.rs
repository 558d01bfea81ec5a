//! What primary keys, UNIQUE constraints and unique indexes ask of columns, so that no row has to be tried twice.
//!
//! A key holds when some of its columns, taken together, differ in every row. Which ones do is searched for all keys of a table at
//! once, because keys overlap: a column alone, the other columns under one with a fan-out, or several as the digits of a number.

use crate::db::catalog::{Column, Index};
use crate::scenario::model::{Assign, ColumnSource, Pick, ValueSpec};
use crate::seed::infer::infer;
use crate::seed::problem::{Problem, SeedProblem};
use crate::seed::types::PgType;
use crate::seed::values::{Growth, Site, ValueProblem, compile};
use crate::sql::quote_ident;

use super::reference::MOST_WEIGHED;
use super::role::{Role, is_fanout};
use super::ties::Tie;
use super::{Builder, ColumnId};

/// What a unique key asks of one of its columns.
#[derive(Debug, Clone, PartialEq)]
pub enum KeyRole {
    /// No two rows share the column's value.
    Alone,
    /// No two rows that share that column's value share this one.
    UniquePer(usize),
    /// Number the rows that share that column's value.
    Place(usize),
    /// Together with the other columns of these, one digit each of a number that no two rows share.
    Digit(Vec<usize>),
    /// Together with the columns of this foreign key (by its place in the catalog), which agrees with that of this one.
    Paired(usize),
}

/// A unique key of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct UniqueKey {
    /// For messages.
    pub name: String,
    pub columns: Vec<usize>,
    pub nulls_not_distinct: bool,
}

/// A column as something that can be made to differ.
#[derive(Debug, Clone, PartialEq)]
enum Axis {
    /// Differs in every row already.
    Distinct,
    /// NULL in every row.
    Null,
    /// A fan-out: its rows can be told apart under each parent.
    Fanout,
    /// Values of its own; `None`: as many as there are rows.
    Values(Option<u64>),
    /// Described, and of so many values that each row can have one that no other has.
    Described,
    /// Any of so many rows of a parent.
    Parents(u64),
    /// Rows of a parent by their weights: they can be drawn without replacement under a fan-out, and not be told apart otherwise.
    Weighted,
    /// A row of a parent that agrees with another reference (the column that leads it).
    Agreeing { key: usize, with: usize },
    /// Filled in a way that cannot be changed.
    Fixed,
}

/// A way to make a key hold: the roles it takes, and the columns that then differ together.
type Way = (Vec<(usize, KeyRole)>, Vec<usize>);

/// Beyond this the scenario's word stands, as if the parent were too large.
const MOST_WEIGHINGS: u64 = 500_000_000;

/// Steps of the search; keys are few, so that this is never reached by a schema that people wrote.
const MOST_STEPS: u32 = 20_000;

impl Builder<'_> {
    /// Gives roles to the columns of all unique keys of the tables that get rows.
    pub fn assign_key_roles(&mut self) {
        for table in 0..self.catalog.tables.len() {
            if self.rows(table) > 0 {
                self.assign_roles_of(table);
            }
        }
    }

    fn assign_roles_of(&mut self, table: usize) {
        let mut keys = self.unique_keys(table);
        // A key that another one is part of holds when that one does.
        keys.sort_by_key(|key| key.columns.len());
        let rows = self.rows(table);
        let (mut open, mut roles) = (Vec::new(), Vec::new());
        for key in keys {
            self.note_partly_held(table, &key);
            let mut axes: Vec<(usize, Axis)> = key.columns.iter().map(|column| self.axis(table, *column)).collect();
            axes.dedup();
            let null = axes.iter().any(|(_, axis)| *axis == Axis::Null);
            if axes.iter().any(|(_, axis)| *axis == Axis::Distinct) || (null && !key.nulls_not_distinct) {
                continue;
            }
            if let [column] = key.columns.as_slice()
                && !null
            {
                roles.push((*column, KeyRole::Alone));
                continue;
            }
            if !self.is_kept_by_scenario(table, &key.columns) && rows > 1 {
                open.push((key, axes));
            }
        }
        let alone: Vec<Vec<usize>> = roles.iter().map(|(column, _)| vec![self.axis(table, *column).0]).collect();
        roles.iter_mut().for_each(|(column, _)| *column = self.axis(table, *column).0);
        let mut search = Search { rows, roles, differing: alone, steps: 0 };
        match search.solve(&open) {
            true => {}
            false => {
                let told = self.why_not(table, &open);
                self.problems.extend(told);
            }
        }
        for (column, role) in search.roles {
            let whole = PgType::of(self.column((table, column))).is_some_and(|of| of.kind.is_integer());
            // Only whole numbers count rows; other values are unique by themselves.
            let role = if matches!(role, KeyRole::Place(_)) && !whole { KeyRole::Alone } else { role };
            self.key_roles.insert((table, column), role);
        }
        let needless: Vec<usize> = self
            .told_apart_by
            .keys()
            .copied()
            .filter(|key| {
                self.catalog.foreign_keys[*key].table == self.table(table).name
                    && self.leader(*key).is_none_or(|leader| !self.key_roles.contains_key(&leader))
            })
            .collect();
        needless.iter().for_each(|key| {
            self.told_apart_by.remove(key);
        });
    }

    /// Remembers foreign keys of which the unique key has some columns only, in which rows of the parent may be equal.
    fn note_partly_held(&mut self, table: usize, unique: &UniqueKey) {
        for foreign in 0..self.catalog.foreign_keys.len() {
            if self.catalog.foreign_keys[foreign].table != self.table(table).name || self.ties.of_key[foreign] != Some(Tie::Free)
            {
                continue;
            }
            let (columns, referenced) = (self.columns_of(foreign), self.referenced_by(foreign));
            let held: Vec<usize> = (0..columns.len()).filter(|at| unique.columns.contains(&columns[*at])).collect();
            let Some(parent) = self.target_table((table, columns[0])).filter(|_| !held.is_empty() && held.len() < columns.len())
            else {
                continue;
            };
            let differ = |key: &UniqueKey| key.columns.iter().all(|column| held.iter().any(|at| referenced[*at] == *column));
            if !self.unique_keys(parent).iter().any(differ) {
                self.told_apart_by.insert(foreign, held);
            }
        }
    }

    /// True when the column is part of a primary key or another unique key.
    pub fn is_in_unique_key(&self, id: ColumnId) -> bool {
        self.unique_keys(id.0).iter().any(|key| key.columns.contains(&id.1))
    }

    /// Primary key, UNIQUE constraints and unique indexes; one over part of the rows counts as one over all.
    pub fn unique_keys(&self, table: usize) -> Vec<UniqueKey> {
        let found = self.table(table);
        let places = |names: &[String]| names.iter().filter_map(|name| self.column_named(table, name)).collect::<Vec<_>>();
        let mut keys: Vec<UniqueKey> = Vec::new();
        let mut add = |name: &str, mut columns: Vec<usize>, nulls_not_distinct: bool| {
            let given = columns.clone();
            columns.sort_unstable();
            let same = |key: &&mut UniqueKey| {
                let mut others = key.columns.clone();
                others.sort_unstable();
                others == columns
            };
            match keys.iter_mut().find(same) {
                Some(key) => key.nulls_not_distinct |= nulls_not_distinct,
                None if given.is_empty() => {}
                None => keys.push(UniqueKey { name: name.to_owned(), columns: given, nulls_not_distinct }),
            }
        };
        for columns in found.primary_key.iter().chain(&found.uniques) {
            add(&columns.join(", "), places(columns), false);
        }
        for index in self.catalog.indexes_of(&found.name).filter(|index| index.unique) {
            let plain: Vec<String> = index.columns.iter().flatten().cloned().collect();
            let mut columns = places(&plain);
            if plain.len() < index.columns.len() {
                columns.extend(self.column_of_expression(table, index));
            }
            add(&index.name, columns, index.nulls_not_distinct);
        }
        keys
    }

    /// The column that makes a unique index over an expression unique: `email` of `lower(email)`. Texts that perflab makes different
    /// stay different in lower case.
    fn column_of_expression(&self, table: usize, index: &Index) -> Option<usize> {
        let plain = |name: &String| index.columns.iter().flatten().any(|column| column == name);
        let mentioned = |column: &&Column| !plain(&column.name) && mentions(&index.definition, &column.name);
        let mut own = self.table(table).columns.iter().filter(mentioned);
        own.find_map(|column| self.column_named(table, &column.name))
    }

    fn is_kept_by_scenario(&self, table: usize, key: &[usize]) -> bool {
        key.iter().any(|column| {
            let source = self.column_spec((table, *column)).map(|spec| &spec.source);
            matches!(source, Some(ColumnSource::Reference(reference)) if reference.unique_per.is_some())
        })
    }

    /// What can be done with a column, and the column that stands for it: the one that leads its foreign key.
    fn axis(&self, table: usize, column: usize) -> (usize, Axis) {
        let id = (table, column);
        let axis = match self.role(id) {
            Role::RowNumber => Axis::Distinct,
            Role::Inferred => Axis::Values(self.space_of(id)),
            Role::Value(spec, value) if spec.nulls == 0.0 && self.space_of_values(id, value) == Some(None) => Axis::Described,
            Role::Reference(spec, _) if is_fanout(spec) => Axis::Fanout,
            Role::Reference(spec, reference) => {
                let free = spec.nulls == 0.0 && reference.unique_per.is_none();
                match (&reference.assign, self.target_table(id).map(|parent| self.rows(parent))) {
                    (Assign::Pick(Pick::Uniform), Some(parents)) if free => Axis::Parents(parents),
                    (Assign::Pick(_), Some(parents)) if free && self.may_weigh(table, parents) => Axis::Weighted,
                    _ => Axis::Fixed,
                }
            }
            Role::ForeignKey(key) => return self.axis_of_key(id, key),
            _ => Axis::Fixed,
        };
        (column, axis)
    }

    /// Drawing without replacement looks at every row of the parent for every child, which must stay a matter of seconds.
    fn may_weigh(&self, table: usize, parents: u64) -> bool {
        parents <= MOST_WEIGHED && parents.saturating_mul(self.rows(table)) <= MOST_WEIGHINGS
    }

    fn axis_of_key(&self, id: ColumnId, key: usize) -> (usize, Axis) {
        let leader = self.leader(key).unwrap_or(id);
        if self.ties.of_key[key] == Some(Tie::Nothing) {
            return (id.1, Axis::Null);
        }
        if self.column_spec(leader).is_some() {
            return self.axis(leader.0, leader.1);
        }
        let parents = self.target_table(id).map_or(0, |parent| self.rows(parent));
        match &self.ties.of_key[key] {
            Some(Tie::Agreeing(given)) => {
                let owner = self.foreign_key_of((id.0, self.columns_of(key)[given[0]]));
                let with = owner.and_then(|owner| self.leader(owner)).map_or(leader.1, |leader| leader.1);
                (leader.1, Axis::Agreeing { key, with })
            }
            _ => (leader.1, Axis::Parents(parents)),
        }
    }

    /// How many different values an undescribed column can have; `None`: at least as many as its table has rows.
    pub fn space_of(&self, id: ColumnId) -> Option<u64> {
        let of = self.type_of(id).ok()?;
        let spec = infer(&self.column(id).name, &self.table(id.0).name.name, &of, &self.facts(id), true, self.rows(id.0));
        self.space_of_values(id, &spec).flatten()
    }

    /// The same of values that are described; `None`: they cannot be made to differ, or nobody knows yet.
    fn space_of_values(&self, id: ColumnId, spec: &ValueSpec) -> Option<Option<u64>> {
        let of = self.type_of(id).ok()?;
        let (rows, key, until_us, locale) = (self.rows(id.0), self.key(id), self.data.until_us, self.data.locale);
        let mut peer = |_: &str| Err(ValueProblem::Peer(String::new()));
        let growth = &Growth::default();
        let mut site = Site { key, rows, unique: true, rising: false, until_us, locale, growth, peer: &mut peer };
        match compile(spec, &of, &mut site) {
            Ok(_) => Some(None),
            Err(ValueProblem::TooFew { possible, .. }) => Some(Some(possible)),
            Err(_) => None,
        }
    }

    /// Says of keys that cannot all hold which one is too narrow, or that they stand in each other's way.
    fn why_not(&self, table: usize, open: &[(UniqueKey, Vec<(usize, Axis)>)]) -> Vec<SeedProblem> {
        let rows = self.rows(table);
        let space = |axes: &[(usize, Axis)]| {
            axes.iter().try_fold(1_u64, |space, (_, axis)| match axis {
                Axis::Values(Some(values)) | Axis::Parents(values) => Some(space.saturating_mul(*values)),
                Axis::Null => Some(space),
                _ => None,
            })
        };
        let narrow: Vec<(String, u64)> =
            open.iter().filter_map(|(key, axes)| Some((key.name.clone(), space(axes).filter(|space| *space < rows)?))).collect();
        let at = self.spec(table).map(|spec| spec.name.at).unwrap_or_default();
        let problem = |why: String| SeedProblem::new(at, Problem::Key { table: self.table(table).name.to_string(), why });
        if narrow.is_empty() {
            let names: Vec<String> = open.iter().map(|(key, _)| format!("`{}`", key.name)).collect();
            let why = format!(
                "perflab finds no way to fill {rows} rows so that the unique keys {} hold at once; describe one of their columns",
                names.join(", ")
            );
            return vec![problem(why)];
        }
        let why = |(name, space): (String, u64)| {
            format!("the unique key `{name}` has only {space} combinations for {rows} rows; make fewer rows")
        };
        narrow.into_iter().map(why).map(problem).collect()
    }
}

/// Finds roles under which all keys of a table hold.
struct Search {
    rows: u64,
    roles: Vec<(usize, KeyRole)>,
    /// Columns that differ together in every row.
    differing: Vec<Vec<usize>>,
    steps: u32,
}

impl Search {
    fn solve(&mut self, keys: &[(UniqueKey, Vec<(usize, Axis)>)]) -> bool {
        let Some(((_, axes), others)) = keys.split_first() else { return true };
        let holds = |columns: &Vec<usize>| columns.iter().all(|column| axes.iter().any(|(own, _)| own == column));
        if self.differing.iter().any(holds) {
            return self.solve(others);
        }
        for (roles, columns) in self.ways(axes) {
            self.steps += 1;
            if self.steps > MOST_STEPS {
                return false;
            }
            let (before, differed) = (self.roles.len(), self.differing.len());
            self.roles.extend(roles);
            self.differing.push(columns);
            if self.solve(others) {
                return true;
            }
            self.roles.truncate(before);
            self.differing.truncate(differed);
        }
        // Described otherwise: the scenario's word stands, and the server checks it.
        axes.iter().any(|(_, axis)| matches!(axis, Axis::Fixed | Axis::Described | Axis::Weighted | Axis::Fanout))
            && self.solve(others)
    }

    /// The ways to make a key hold with columns that have no role yet, the most natural first.
    fn ways(&self, axes: &[(usize, Axis)]) -> Vec<Way> {
        let open = |column: usize| !self.roles.iter().any(|(other, _)| *other == column);
        let free: Vec<(usize, &Axis)> =
            axes.iter().filter(|(column, _)| open(*column)).map(|(column, axis)| (*column, axis)).collect();
        let mut ways: Vec<Way> = Vec::new();
        let alone = |column: usize| (vec![(column, KeyRole::Alone)], vec![column]);
        // Several columns may be those of one foreign key.
        let mut room: Vec<(usize, u64)> = Vec::new();
        for (column, axis) in &free {
            let values = match axis {
                Axis::Values(values) => values.unwrap_or(self.rows),
                Axis::Parents(parents) => *parents,
                _ => continue,
            };
            if !room.iter().any(|(other, _)| other == column) {
                room.push((*column, values));
            }
        }
        for (fanout, _) in axes.iter().filter(|(_, axis)| *axis == Axis::Fanout) {
            for (column, axis) in &free {
                let role = match axis {
                    Axis::Parents(_) | Axis::Weighted | Axis::Agreeing { .. } | Axis::Values(Some(_)) => {
                        KeyRole::UniquePer(*fanout)
                    }
                    Axis::Values(None) => KeyRole::Place(*fanout),
                    _ => continue,
                };
                ways.push((vec![(*column, role)], vec![*fanout, *column]));
            }
        }
        let enough = |values: u64| values >= self.rows;
        for kind in [Axis::Values(None), Axis::Described] {
            ways.extend(free.iter().filter(|(_, axis)| **axis == kind).map(|(column, _)| alone(*column)));
        }
        for some in subsets(&room) {
            let space = some.iter().fold(1_u64, |space, (_, values)| space.saturating_mul(*values));
            let columns: Vec<usize> = some.iter().map(|(column, _)| *column).collect();
            if enough(space) && columns.len() > 1 {
                let roles = columns.iter().map(|column| (*column, KeyRole::Digit(columns.clone()))).collect();
                ways.push((roles, columns));
            }
        }
        ways.extend(room.iter().filter(|(_, values)| enough(*values)).map(|(column, _)| alone(*column)));
        for (column, axis) in &free {
            if let Axis::Agreeing { key, with } = axis
                && free.iter().any(|(other, axis)| other == with && matches!(axis, Axis::Parents(_)))
            {
                let roles = vec![(*with, KeyRole::Paired(*key)), (*column, KeyRole::Paired(*key))];
                ways.push((roles, vec![*with, *column]));
            }
        }
        ways
    }
}

/// All choices of one or more, the largest first.
fn subsets(of: &[(usize, u64)]) -> Vec<Vec<(usize, u64)>> {
    let of = &of[..of.len().min(8)];
    let mut all: Vec<Vec<(usize, u64)>> =
        (1..1_u32 << of.len()).map(|bits| (0..of.len()).filter(|at| bits >> at & 1 == 1).map(|at| of[at]).collect()).collect();
    all.sort_by_key(|some| std::cmp::Reverse(some.len()));
    all
}

/// The name stands in the definition as a word, or in quotes where it needs them.
fn mentions(definition: &str, name: &str) -> bool {
    let quoted = quote_ident(name);
    if quoted != name {
        return definition.contains(&quoted);
    }
    definition.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::catalog::{Catalog, TableName};
    use crate::scenario::model::{Fanout, Located, Rows, TableSpec};
    use crate::seed::fixture::{catalog, data, reference, table, with};
    use crate::seed::layout::layout;

    fn roles(catalog: &Catalog, spec: TableSpec) -> Vec<(String, KeyRole)> {
        let tables = vec![table("a", Rows::Exactly(10)), table("b", Rows::Exactly(10)), spec];
        let data = data(tables);
        let layout = layout(&data, catalog, &[1.0]).unwrap();
        let builder = Builder::new(&data, catalog, &layout, crate::seed::Files::none());
        let t = catalog.tables.len() - 1;
        let columns = catalog.tables[t].columns.iter().enumerate();
        columns.filter_map(|(c, column)| Some((column.name.clone(), builder.key_roles.get(&(t, c))?.clone()))).collect()
    }

    fn joined(columns: &str) -> Catalog {
        catalog(&format!("a(id int8 pk); b(id int8 pk); t({columns})"))
    }

    #[test]
    fn a_key_over_two_undescribed_references_takes_pairs() {
        let catalog = joined("a_id int8 pk -> a.id, b_id int8 pk -> b.id");
        let found = roles(&catalog, table("t", Rows::Exactly(50)));
        let digit = KeyRole::Digit(vec![0, 1]);
        assert_eq!(found, [("a_id".to_owned(), digit.clone()), ("b_id".to_owned(), digit)]);
    }

    #[test]
    fn beside_a_fanout_the_other_reference_or_number_is_unique_within_it() {
        let spec = || with(table("t", Rows::Exactly(50)), vec![reference("a_id", "a", Assign::Fanout(Fanout::Even))]);
        let found = roles(&joined("a_id int8 pk -> a.id, b_id int8 pk -> b.id"), spec());
        assert_eq!(found, [("b_id".to_owned(), KeyRole::UniquePer(0))]);
        let found = roles(&joined("a_id int8 pk -> a.id, place int4 pk"), spec());
        assert_eq!(found, [("place".to_owned(), KeyRole::Place(0))]);
        let found = roles(&joined("a_id int8 pk -> a.id, label text pk"), spec());
        assert_eq!(found, [("label".to_owned(), KeyRole::Alone)]);
    }

    #[test]
    fn a_described_value_differs_before_a_reference_has_to() {
        let code = crate::seed::fixture::value("code", ValueSpec::Pattern("[A-Z]{2}[0-9]{4}".into()));
        let spec = with(table("t", Rows::Exactly(50)), vec![code]);
        let found = roles(&joined("a_id int8 pk -> a.id, code text pk"), spec);
        assert_eq!(found, [("code".to_owned(), KeyRole::Alone)], "ten rows of `a` are too few to differ in fifty");
        let mood = crate::seed::fixture::value("mood", ValueSpec::OneOf(vec![(crate::scenario::model::Literal::Int(1), 1.0)]));
        let spec = with(table("t", Rows::Exactly(5)), vec![mood]);
        assert_eq!(roles(&joined("a_id int8 pk -> a.id, mood int8 pk"), spec), [("a_id".to_owned(), KeyRole::Alone)]);
    }

    #[test]
    fn a_weighted_reference_beside_a_fanout_is_drawn_without_replacement() {
        let zipf = || reference("b_id", "b", Assign::Pick(Pick::Zipf { exponent: 1.05 }));
        let pairs = joined("a_id int8 pk -> a.id, b_id int8 pk -> b.id");
        let fanout = reference("a_id", "a", Assign::Fanout(Fanout::Even));
        let found = roles(&pairs, with(table("t", Rows::Exactly(50)), vec![fanout, zipf()]));
        assert_eq!(found, [("b_id".to_owned(), KeyRole::UniquePer(0))]);
        // Without a fan-out the scenario's word stands.
        assert_eq!(roles(&pairs, with(table("t", Rows::Exactly(50)), vec![zipf()])), []);
    }

    #[test]
    fn an_index_over_an_expression_makes_its_column_unique() {
        let mut catalog = joined("id int8 pk, a_id int8 -> a.id, email text");
        catalog.indexes.push(Index {
            name: "i".into(),
            table: TableName::new("public", "t"),
            method: "btree".into(),
            definition: "CREATE UNIQUE INDEX i ON public.t USING btree (a_id, lower(email))".into(),
            columns: vec![Some("a_id".into()), None],
            keys: Vec::new(),
            included: Vec::new(),
            unique: true,
            nulls_not_distinct: false,
            primary: false,
            constraint: false,
            predicate: None,
            valid: true,
            bytes: 0,
        });
        let spec = TableSpec { name: Located::new("t".into(), Default::default()), ..table("t", Rows::Exactly(5)) };
        let found = roles(&catalog, spec);
        assert_eq!(found, [("email".to_owned(), KeyRole::Alone)], "the id is its row's number");
    }
}
