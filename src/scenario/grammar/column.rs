//! `data.tables.TABLE.columns.COLUMN:`

use super::form::Form;
use super::quantity::Quantity;
use super::value::KINDS;
use super::{FANOUT, Mapping, PICK, Rule, TABLE, VALUE, Within, key};

pub static COLUMN: Mapping = Mapping {
    id: "column",
    what: "a column",
    path: "data.tables.TABLE.columns.COLUMN",
    about: "Where the values of a column come from: rows of another table (`ref`), rows that others lead to \
             (`through`), or values of their own.",
    keys: &[
        key(
            "ref",
            Form::Name("a table"),
            "users",
            "The table whose key stands here, whether or not the schema declares the foreign key.",
        ),
        key(
            "fanout",
            Form::Either(&[
                Form::Words(&["even", "poisson"]),
                Form::Quantity(Quantity::WholeRange),
                Form::Classes(&Form::Quantity(Quantity::WholeRange)),
                Form::Mapping(&FANOUT),
            ]),
            "{1%: 20-30, rest: 1-5}",
            "How many children each parent has; the sum is the table's row count, exactly.",
        )
        .beside("ref: users"),
        key("pick", Form::Same(&PICK_FORM), "{zipf: 1.05}", "How each row chooses its parent by itself.")
            .unless_said("uniform")
            .beside("ref: users"),
        key("depth", Form::Quantity(Quantity::Whole), "4", "A tree in the table itself with this many levels, at least one.")
            .beside("ref: t"),
        key("roots", Form::Quantity(Quantity::Whole), "3", "How many rows of the tree have no parent.")
            .beside("ref: t, depth: 2"),
        key("unique_per", Form::Name("a column"), "region_id", "Rows that share that column's value never share this one.")
            .beside("ref: users"),
        key(
            "through",
            Form::List(&Form::Shaped(r"\S+\.\S+", "`table.column`"), 1),
            "[orders.id]",
            "A key that a row can reach by following one or two others, each `table.column`.",
        ),
        key(
            "rounds",
            Form::Quantity(Quantity::WholeRange),
            "1-7",
            "Rows walk along all that can be reached this many times and then part of the way. Unless said, each picks \
             one of it.",
        )
        .beside("through: [orders.user_id, orders.id]"),
        key("nulls", Form::Quantity(Quantity::Share), "5%", "The share of rows without a value.")
            .unless_said("0")
            .beside("ref: users"),
    ],
    and: Some(&VALUE),
    rules: &[
        Rule::OneOf(&[&["ref", "through"], &KINDS]),
        Rule::Needs("fanout", &["ref"]),
        Rule::Needs("pick", &["ref"]),
        Rule::Needs("depth", &["ref"]),
        Rule::Needs("unique_per", &["ref"]),
        Rule::Needs("roots", &["depth"]),
        Rule::Needs("rounds", &["through"]),
        Rule::Needs("cases", &["by"]),
        Rule::Needs("by", &["cases"]),
        Rule::Needs("locale", &["fake"]),
        Rule::Apart("fanout", &["pick", "depth"]),
        Rule::Apart("depth", &["pick", "unique_per"]),
    ],
    within: Within::In(
        &TABLE,
        "{rows: 30, columns: {region_id: {range: 1-9}, user_id: {ref: users}, order_id: {ref: orders}, c: @}}",
    ),
};

/// `pick:`, wherever rows are chosen.
pub static PICK_FORM: Form =
    Form::Either(&[Form::Words(&["uniform"]), Form::Classes(&Form::Quantity(Quantity::Share)), Form::Mapping(&PICK)]);
