//! `data:`

use super::form::Form;
use super::quantity::Quantity;
use super::value::locales;
use super::{COLUMN, FILE_ROWS, Mapping, Rule, SCENARIO, Within, key};

const TABLES: &str = "tables: {users: {rows: 10}, orders: {rows: 2 per users}}";

pub static DATA: Mapping = Mapping {
    id: "data",
    what: "`data`",
    path: "data",
    about: "How many rows there are, who belongs to whom, and what stands in the columns. What nobody describes is \
             inferred from the schema.",
    keys: &[
        key("seed", Form::Quantity(Quantity::Whole), "42", "Other seeds give other rows of the same shape.")
            .unless_said("42")
            .beside(TABLES),
        key("until", Form::Quantity(Quantity::Moment), "2026-01-01", "No generated moment is later.")
            .unless_said("2026-01-01")
            .beside(TABLES),
        key("locale", Form::Known(locales), "de", "Language and country of generated names, addresses and words.")
            .unless_said("en")
            .beside(TABLES),
        key("because", Form::Text, "As many as in March.", "Why the data looks so, for readers of the report.").beside(TABLES),
        key("rows", Form::Quantity(Quantity::Many), "1m", "As many rows in all tables together, as nearly as a scale can.")
            .beside(TABLES),
        key(
            "tables",
            Form::Named("a table", &Form::Mapping(&TABLE)),
            "{users: {rows: 1000}, orders: {rows: 3.5 per users}}",
            "The tables, in any order.",
        )
        .required(),
        key("expect", Form::Mapping(&EXPECT), "{total_rows: 30}", "Counts that must come out.").beside(TABLES),
        key(
            "check",
            Form::List(&Form::Mapping(&CHECK), 0),
            "[{claim: users, sql: SELECT count(*) FROM users, expect: 10}]",
            "Claims about the rows that must hold.",
        )
        .beside(TABLES),
    ],
    and: None,
    rules: &[],
    within: Within::In(&SCENARIO, "{name: shop, data: @}"),
};

pub static TABLE: Mapping = Mapping {
    id: "table",
    what: "a table",
    path: "data.tables.TABLE",
    about: "A table takes its count from `rows`, from a file (`from`), from a statement (`sql`), or, with none of \
             them, from the fan-out of one of its columns.",
    keys: &[
        key(
            "rows",
            Form::Quantity(Quantity::Rows),
            "3.5 per users",
            "How many, at scale 1. Leave it out where the fan-out of one column says it.",
        ),
        key(
            "from",
            Form::Either(&[Form::Text, Form::List(&Form::Text, 1), Form::Mapping(&FILE_ROWS)]),
            "products.csv",
            "Files whose records are the rows: a name or a pattern (`reviews_*.csv.gz`) relative to the scenario's \
             folder, a list of them, or the long form.",
        ),
        key(
            "sql",
            Form::Sql,
            "\"SELECT user_id, count(*) AS orders FROM orders GROUP BY user_id\"",
            "A statement whose result is the rows; it runs when all tables that it reads are filled.",
        ),
        key("fixed", Form::Flag, "true", "The count does not change with the scale.").unless_said("false").beside("rows: 10"),
        key("because", Form::Text, "As many as in March.", "Why this many, for readers of the report.").beside("rows: 10"),
        key(
            "order",
            Form::Words(&["grouped", "shuffled"]),
            "shuffled",
            "How rows stand on disk: those of one parent side by side, or interleaved as rows arrive in life.",
        )
        .unless_said("grouped")
        .beside("rows: 10"),
        key(
            "columns",
            Form::Named("a column", &Form::Either(&[Form::Scalar, Form::Mapping(&COLUMN)])),
            "{email: {fake: email}, active: true, id: sequence}",
            "Where values come from. A plain value is the same in every row; `sequence` counts the rows from 1, \
             `default` leaves the column to the server.",
        )
        .beside("rows: 10"),
    ],
    and: None,
    rules: &[
        Rule::Apart("from", &["rows", "sql", "fixed", "order"]),
        Rule::Apart("sql", &["rows", "fixed", "order", "columns"]),
        Rule::Needs("fixed", &["rows"]),
    ],
    within: Within::In(
        &DATA,
        "{tables: {users: {rows: 10, columns: {since: {time: {last: 90d}}, country: {fake: country}}}, orders: \
             {rows: 3 per users, columns: {user_id: {ref: users}}}, t: @}}",
    ),
};

pub static EXPECT: Mapping = Mapping {
    id: "expect",
    what: "`expect`",
    path: "data.expect",
    about: "Counts that must come out at scale 1; one that does not ends with exit code 1.",
    keys: &[
        key("total_rows", Form::Quantity(Quantity::Whole), "30", "Rows of all tables together."),
        key("without", Form::List(&Form::Name("a table"), 0), "[orders]", "Tables that `total_rows` leaves out.")
            .beside("total_rows: 10"),
        key(
            "tables",
            Form::Named("a table", &Form::Quantity(Quantity::Whole)),
            "{users: 10, orders: 20}",
            "Rows of single tables.",
        ),
    ],
    and: None,
    rules: &[Rule::Needs("without", &["total_rows"])],
    within: Within::In(&DATA, "{tables: {users: {rows: 10}, orders: {rows: 2 per users}}, expect: @}"),
};

pub static CHECK: Mapping = Mapping {
    id: "check",
    what: "a check",
    path: "data.check[]",
    about: "A claim about the seeded rows, and the statement that proves it; one that does not hold ends with exit code 1.",
    keys: &[
        key("claim", Form::Text, "users without an order", "What is claimed, in words.").required(),
        key("sql", Form::Text, "SELECT count(*) FROM users", "A query that gives one number.").required(),
        key("expect", Form::Quantity(Quantity::Expected), "20-30", "The number, a share, or a range that it must lie in.")
            .required(),
        key("within", Form::Quantity(Quantity::Share), "5%", "How far off it may be.").unless_said("0"),
    ],
    and: None,
    rules: &[],
    within: Within::In(&DATA, "{tables: {users: {rows: 10}}, check: [@]}"),
};
