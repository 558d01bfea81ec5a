//! What is inside arrays and ranges, read from the server.

use std::collections::HashMap;

use super::catalog::{Container, ElementType};
use super::connect::Connection;
use super::error::DbError;

type TypeRow = (i64, String, String, i64, i64, String, i32, Vec<String>, Vec<String>);

/// Deeper than anybody nests; an end for catalogs that are broken.
const DEEPEST: usize = 16;

/// Types of the user tables' columns and those inside them.
pub struct Types {
    by_oid: HashMap<i64, Type>,
}

struct Type {
    name: String,
    base_name: String,
    /// Of a domain: what is under it.
    base: i64,
    element: i64,
    container: Container,
    typmod: i32,
    labels: Vec<String>,
    checks: Vec<String>,
}

impl Types {
    pub async fn read(connection: &mut Connection) -> Result<Types, DbError> {
        let mut by_oid = HashMap::new();
        for row in connection.rows::<TypeRow>(include_str!("queries/types.sql")).await? {
            let (oid, name, base_name, base, element, container, typmod, labels, checks) = row;
            let container = match container.as_str() {
                "array" => Container::Array,
                "range" => Container::Range,
                _ => Container::Multirange,
            };
            by_oid.insert(oid, Type { name, base_name, base, element, container, typmod, labels, checks });
        }
        Ok(Types { by_oid })
    }

    /// What is inside the type, whose modifier an array's elements share.
    pub fn inside(&self, oid: i64, typmod: i32) -> Option<Box<ElementType>> {
        self.inside_within(oid, typmod, DEEPEST)
    }

    fn inside_within(&self, oid: i64, typmod: i32, left: usize) -> Option<Box<ElementType>> {
        let left = left.checked_sub(1)?;
        let outer = self.by_oid.get(&oid)?;
        let declared = outer.element;
        let mut typmod = if outer.container == Container::Array { typmod } else { -1 };
        let (mut base, mut checks) = (declared, Vec::new());
        let mut found = self.by_oid.get(&base)?;
        for _ in 0..DEEPEST {
            checks.extend(found.checks.iter().cloned());
            if typmod == -1 {
                typmod = found.typmod;
            }
            if found.base == 0 {
                break;
            }
            base = found.base;
            found = self.by_oid.get(&base)?;
        }
        Some(Box::new(ElementType {
            of: outer.container,
            oid: u32::try_from(declared).unwrap_or(0),
            type_name: self.by_oid.get(&declared)?.name.clone(),
            base_oid: u32::try_from(base).unwrap_or(0),
            base_name: found.base_name.clone(),
            typmod,
            enum_labels: found.labels.clone(),
            domain_checks: checks,
            element: self.inside_within(base, typmod, left),
        }))
    }
}
