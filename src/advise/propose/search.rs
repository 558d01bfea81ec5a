//! What only GIN and GiST find: contained in, overlaps, matches, is near.

use super::asked::{Asked, Searched};
use super::relation::Relation;
use crate::advise::candidate::{Candidate, Key, Method};
use crate::plan::condition::{Expr, parse};

/// GIN or GiST for each operator that one of them has, and GiST for the nearest.
pub fn candidates(asked: &Asked<'_>, found: &mut Vec<Candidate>) {
    let name = &asked.relation.table.name;
    for Searched { key, op } in &asked.searched {
        let kind = kind_of(key, &asked.relation);
        let because = format!("searches {name} by {} {op} …", key.expression);
        for (method, class) in served_by(op, &kind) {
            let key = Key { operator_class: *class, ..key.clone() };
            let candidate = Candidate::new(name.clone(), *method, vec![key], because.clone());
            found.push(Candidate { potential_ms: asked.worth.of_lookup(), ..candidate });
        }
    }
    if let Some(key) = &asked.nearest {
        let class = match kind_of(key, &asked.relation).as_str() {
            "text" | "varchar" => Some("gist_trgm_ops"),
            "point" | "box" | "circle" | "polygon" | "geometry" | "geography" | "cube" => None,
            _ => return,
        };
        let because = format!("takes the nearest rows of {name} by {}", key.expression);
        let key = Key { operator_class: class, ..key.clone() };
        let candidate = Candidate::new(name.clone(), Method::Gist, vec![key], because);
        found.push(Candidate { potential_ms: asked.worth.of_all(), ..candidate });
    }
}

/// The type of a column; of an expression what its outermost operator or function tells.
fn kind_of(key: &Key, relation: &Relation<'_>) -> String {
    if let Some(column) = &key.column {
        let range = relation.table.column(column).and_then(|column| column.element.as_ref());
        let of = range.map(|element| element.of);
        return match of {
            Some(crate::db::catalog::Container::Array) => "array".to_owned(),
            Some(_) => "range".to_owned(),
            None => relation.type_of(column).unwrap_or_default().to_owned(),
        };
    }
    match parse(&key.expression) {
        Expr::Compare { op, .. } if op == "->" || op == "#>" => "jsonb".to_owned(),
        Expr::Compare { op, .. } if op == "->>" || op == "#>>" => "text".to_owned(),
        Expr::Cast { type_name, .. } if type_name.ends_with("[]") => "array".to_owned(),
        Expr::Cast { type_name, .. } => type_name,
        Expr::Function { name, .. } => match name.rsplit('.').next().unwrap_or(&name) {
            "to_tsvector" | "setweight" => "tsvector".to_owned(),
            "lower" | "upper" | "unaccent" | "concat" => "text".to_owned(),
            "int4range" | "int8range" | "numrange" | "tsrange" | "tstzrange" | "daterange" => "range".to_owned(),
            "point" => "point".to_owned(),
            "string_to_array" | "regexp_split_to_array" => "array".to_owned(),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

type Way = (Method, Option<&'static str>);

/// The methods, and operator classes where the type's own will not do, that have the operator (PostgreSQL documentation, tables 67.1
/// and 68.1, and those of pg_trgm, hstore and ltree).
fn served_by(op: &str, kind: &str) -> &'static [Way] {
    match (kind, op) {
        ("jsonb", "@>" | "@?" | "@@") => &[(Method::Gin, Some("jsonb_path_ops"))],
        ("jsonb", "?" | "?|" | "?&") => &[(Method::Gin, None)],
        ("array", "@>" | "&&" | "<@") => &[(Method::Gin, None)],
        ("tsvector", "@@") => &[(Method::Gin, None)],
        ("range", "@>" | "&&" | "<@" | "<<" | ">>" | "-|-" | "&<" | "&>") => &[(Method::Gist, None)],
        ("inet" | "cidr", "<<" | "<<=") => &[(Method::Gist, Some("inet_ops")), (Method::Btree, None)],
        ("inet" | "cidr", ">>" | ">>=" | "&&") => &[(Method::Gist, Some("inet_ops"))],
        ("text" | "varchar", "%" | "%>" | "<%" | "%>>" | "<<%") => &[(Method::Gin, Some("gin_trgm_ops"))],
        ("point" | "box" | "circle" | "polygon" | "geometry" | "geography" | "cube", "<@" | "@>" | "&&" | "~=" | "@" | "~") => {
            &[(Method::Gist, None)]
        }
        ("hstore", "@>" | "?" | "?|" | "?&") => &[(Method::Gin, None)],
        ("ltree", "@>" | "<@" | "~" | "?" | "@") => &[(Method::Gist, None)],
        _ => &[],
    }
}
