//! What primary keys, UNIQUE constraints and unique indexes ask of columns, so that no row has to be tried twice.

use crate::db::catalog::{Column, Index};
use crate::scenario::model::{Assign, ColumnSource, Pick};
use crate::seed::layout::place_of;

use super::role::{Role, is_fanout};
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
}

impl Builder<'_> {
    /// Gives roles to the columns of all unique keys of the tables that get rows.
    pub fn assign_key_roles(&mut self) {
        for table in 0..self.catalog.tables.len() {
            if self.rows(table) == 0 {
                continue;
            }
            let keys = self.unique_keys(table);
            for key in keys.iter().filter(|key| key.len() == 1) {
                self.key_roles.insert((table, key[0]), KeyRole::Alone);
            }
            for key in keys.iter().filter(|key| key.len() > 1) {
                self.assign_composite(table, key);
            }
        }
    }

    /// True when the column is part of a primary key or another unique key.
    pub fn is_in_unique_key(&self, id: ColumnId) -> bool {
        self.unique_keys(id.0).iter().any(|key| key.contains(&id.1))
    }

    fn unique_keys(&self, table: usize) -> Vec<Vec<usize>> {
        let found = self.table(table);
        let declared = found.primary_key.iter().chain(&found.uniques).cloned();
        let mut keys: Vec<Vec<String>> = declared.collect();
        for index in self.catalog.indexes_of(&found.name).filter(|index| index.unique) {
            match index.columns.iter().cloned().collect::<Option<Vec<String>>>() {
                Some(columns) => keys.push(columns),
                None => keys.extend(self.column_of_expression(table, index).map(|column| vec![column])),
            }
        }
        keys.iter().map(|key| key.iter().filter_map(|name| self.column_named(table, name)).collect()).collect()
    }

    /// The column that makes a unique index over an expression unique: `email` of `lower(email)`. Texts that perflab makes different
    /// stay different in lower case.
    fn column_of_expression(&self, table: usize, index: &Index) -> Option<String> {
        let plain = |name: &String| index.columns.iter().flatten().any(|column| column == name);
        let own = |column: &&Column| self.target_table((table, self.column_named(table, &column.name)?)).is_none().then_some(());
        let mut columns = self.table(table).columns.iter();
        let found =
            columns.find(|column| !plain(&column.name) && mentions(&index.definition, &column.name) && own(column).is_some());
        found.map(|column| column.name.clone())
    }

    fn assign_composite(&mut self, table: usize, key: &[usize]) {
        let has_role = |column: &usize| self.key_roles.contains_key(&(table, *column));
        let described = |column: usize| self.column_spec((table, column));
        let kept_by_scenario = |column: &usize| matches!(described(*column).map(|spec| &spec.source), Some(ColumnSource::Reference(r)) if r.unique_per.is_some());
        if key.iter().any(|column| has_role(column) || kept_by_scenario(column)) {
            return;
        }
        let fanout = key.iter().copied().find(|column| described(*column).is_some_and(is_fanout));
        let free = key.iter().copied().find(|column| self.is_free((table, *column)));
        let uniform: Vec<usize> = key.iter().copied().filter(|column| self.is_uniform_reference((table, *column))).collect();
        match (fanout, free, uniform.as_slice()) {
            (Some(fanout), _, [first, ..]) => {
                self.key_roles.insert((table, *first), KeyRole::UniquePer(fanout));
            }
            (Some(fanout), Some(free), []) => {
                let whole = crate::seed::types::PgType::of(self.column((table, free))).is_some_and(|of| of.kind.is_integer());
                self.key_roles.insert((table, free), if whole { KeyRole::Place(fanout) } else { KeyRole::Alone });
            }
            (None, Some(free), _) => {
                self.key_roles.insert((table, free), KeyRole::Alone);
            }
            (None, None, all) if all.len() == key.len() => {
                for column in all {
                    self.key_roles.insert((table, *column), KeyRole::Digit(uniform.clone()));
                }
            }
            // Described otherwise: the scenario's word stands, and the server checks it.
            _ => {}
        }
    }

    /// Nobody described the column, and it references nothing.
    fn is_free(&self, id: ColumnId) -> bool {
        matches!(self.role(id), Role::Inferred)
    }

    /// Each row picks any row of another table by itself.
    fn is_uniform_reference(&self, id: ColumnId) -> bool {
        match self.role(id) {
            Role::Reference(spec, reference) => {
                spec.nulls == 0.0 && reference.unique_per.is_none() && reference.assign == Assign::Pick(Pick::Uniform)
            }
            Role::ForeignKey(key) => {
                let key = &self.catalog.foreign_keys[key];
                key.columns.len() == 1 && place_of(self.catalog, &key.referenced) != Some(id.0)
            }
            _ => false,
        }
    }
}

/// The name stands in the definition as a word.
fn mentions(definition: &str, name: &str) -> bool {
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
        let layout = layout(&data, catalog, 1.0).unwrap();
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
    fn an_index_over_an_expression_makes_its_column_unique() {
        let mut catalog = joined("id int8 pk, a_id int8 -> a.id, email text");
        catalog.indexes.push(Index {
            name: "i".into(),
            table: TableName::new("public", "t"),
            method: "btree".into(),
            definition: "CREATE UNIQUE INDEX i ON public.t USING btree (a_id, lower(email))".into(),
            columns: vec![Some("a_id".into()), None],
            unique: true,
            primary: false,
            constraint: false,
            predicate: None,
            valid: true,
            bytes: 0,
        });
        let spec = TableSpec { name: Located::new("t".into(), Default::default()), ..table("t", Rows::Exactly(5)) };
        let found = roles(&catalog, spec);
        assert_eq!(found, [("id".to_owned(), KeyRole::Alone), ("email".to_owned(), KeyRole::Alone)]);
    }
}
