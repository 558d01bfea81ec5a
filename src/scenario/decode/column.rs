//! `data.tables.<name>.columns.<name>:`, where the values of a column come from.

use super::fanout::fanout;
use super::fields::{Fields, items, located, read};
use super::pick::pick;
use super::{value, words};
use crate::scenario::error::{Fault, Problems};
use crate::scenario::grammar;
use crate::scenario::model::{Assign, ColumnSource, ColumnSpec, Hop, Literal, Located, Pick, Reference, Through, ValueSpec};
use crate::scenario::quantity;
use crate::scenario::yaml::{Node, Scalar, Value};

/// A column; when its source could not be understood, one that stands in for it so that its name is known.
pub fn column(key: &Located<Scalar>, node: &Node, problems: &mut Problems) -> ColumnSpec {
    let name = Located::new(key.value.text.clone(), key.at);
    let (source, nulls) = match &node.value {
        Value::Mapping(_) => mapping(node, problems).unwrap_or_default(),
        _ => (value::value(node, problems).map(ColumnSource::Value), 0.0),
    };
    ColumnSpec {
        name,
        source: source.unwrap_or(ColumnSource::Value(ValueSpec::Constant(Literal::Null))),
        nulls,
        words: words::of_column(node),
    }
}

fn mapping(node: &Node, problems: &mut Problems) -> Option<(Option<ColumnSource>, f64)> {
    let fields = Fields::described(node, &grammar::COLUMN, problems)?;
    let nulls = fields.get("nulls").and_then(|node| read(node, "`nulls`", quantity::share, problems)).unwrap_or(0.0);
    let kind = match (fields.get("ref"), fields.get("through")) {
        (Some(_), Some(_)) => {
            let fault = Fault::with_help("`through` beside `ref`", "`through` alone says which table is referenced");
            problems.report(fields.key_at("through").unwrap_or(node.at), fault);
            return Some((None, nulls));
        }
        (Some(_), None) => "ref",
        (None, Some(_)) => "through",
        (None, None) => "a value",
    };
    misplaced(&fields, kind, problems);
    let source = match kind {
        "ref" => reference(&fields, problems).map(ColumnSource::Reference),
        "through" => through(&fields, problems).map(ColumnSource::Through),
        _ => value::of_fields(&fields, problems).map(ColumnSource::Value),
    };
    Some((source, nulls))
}

/// Notes keys that belong to another kind of column.
fn misplaced(fields: &Fields<'_>, kind: &str, problems: &mut Problems) {
    for (key, needs) in
        [("fanout", "ref"), ("pick", "ref"), ("depth", "ref"), ("roots", "ref"), ("unique_per", "ref"), ("rounds", "through")]
    {
        if let Some(at) = fields.key_at(key).filter(|_| kind != needs) {
            problems.report(
                at,
                Fault::with_help(format!("`{key}` without `{needs}`"), format!("`{key}` belongs to a column with `{needs}:`")),
            );
        }
    }
    if kind == "a value" {
        return;
    }
    for (key, at) in fields.present(&grammar::KINDS).into_iter().chain(fields.present(&["cases", "locale"])) {
        problems.report(at, Fault::new(format!("`{key}` beside `{kind}`: a column has one source")));
    }
}

fn reference(fields: &Fields<'_>, problems: &mut Problems) -> Option<Reference> {
    let table = located(fields.get("ref")?, "`ref`", problems);
    let tree = tree(fields, problems);
    let assign = match (fields.get("fanout"), fields.get("pick")) {
        _ if tree.is_some() => tree,
        (Some(_), Some(_)) => {
            let help = "`fanout` deals children to parents; `pick` lets each child choose";
            problems.report(fields.key_at("pick").unwrap_or_default(), Fault::with_help("`pick` beside `fanout`", help));
            None
        }
        (Some(node), None) => fanout(node, problems).map(Assign::Fanout),
        (None, Some(node)) => pick(node, problems).map(Assign::Pick),
        (None, None) => Some(Assign::Pick(Pick::Uniform)),
    };
    let unique_per = match fields.get("unique_per") {
        Some(node) => located(node, "`unique_per`", problems).map(Some),
        None => Some(None),
    };
    // The table's name is kept even when the way rows are assigned is broken: validation still has something to say about it.
    Some(Reference { table: table?, assign: assign.unwrap_or(Assign::Pick(Pick::Uniform)), unique_per: unique_per.flatten() })
}

/// `depth: 4, roots: 12`
fn tree(fields: &Fields<'_>, problems: &mut Problems) -> Option<Assign> {
    let roots = fields.get("roots").and_then(|node| read(node, "`roots`", quantity::whole, problems));
    let Some(node) = fields.get("depth") else {
        if let Some(at) = fields.key_at("roots") {
            problems.report(at, Fault::with_help("`roots` without `depth`", "write `{ref: categories, depth: 4, roots: 12}`"));
        }
        return None;
    };
    for (key, at) in fields.present(&["fanout", "pick", "unique_per"]) {
        problems.report(at, Fault::with_help(format!("`{key}` beside `depth`"), "a tree deals its rows to parents by itself"));
    }
    let depth = read(node, "`depth`", quantity::whole, problems)?;
    if depth == 0 {
        problems.report(node.at, Fault::new("a tree has at least one level"));
        return None;
    }
    Some(Assign::Tree { depth, roots })
}

fn through(fields: &Fields<'_>, problems: &mut Problems) -> Option<Through> {
    let node = fields.get("through")?;
    let listed = items(node, "`through`", problems)?;
    if !(1..=2).contains(&listed.len()) {
        let help = "write `[users_playlist_position.playlist_id, playlist_songs.song_id]`";
        problems.report(node.at, Fault::with_help("`through` takes one or two hops", help));
    }
    let hops = listed.iter().filter_map(|item| hop(item, problems)).collect();
    let rounds = match fields.get("rounds") {
        Some(node) => read(node, "`rounds`", quantity::whole_range, problems).map(Some),
        None => Some(None),
    };
    Some(Through { hops, rounds: rounds.flatten() })
}

fn hop(node: &Node, problems: &mut Problems) -> Option<Located<Hop>> {
    let text = super::fields::text(node, "a hop", problems)?;
    // The last dot: a table may carry its schema.
    match text.rsplit_once('.') {
        Some((table, column)) if !table.is_empty() && !column.is_empty() => {
            Some(Located::new(Hop { table: table.to_owned(), column: column.to_owned() }, node.at))
        }
        _ => {
            problems.report(node.at, Fault::with_help(format!("`{text}` is not a hop"), "a hop is `table.column`"));
            None
        }
    }
}
