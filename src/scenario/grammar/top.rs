//! The sections of a scenario.

use super::form::Form;
use super::quantity::Quantity;
use super::{DATA, ENDPOINT, Mapping, PHASE, PUBLISHED, Rule, VARY, Within, key};

pub static SCENARIO: Mapping = Mapping {
    id: "scenario",
    what: "a scenario",
    path: "",
    about: "The file. It describes the rows of a database (`data`), what a service asks of it (`endpoints`), or both.",
    keys: &[
        key(
            "name",
            Form::Shaped("[a-z][a-z0-9_]{0,39}", "a name"),
            "music",
            "Names the database (`perflab_music`) and the report's folder: lower-case letters, digits and `_`, a \
             letter first, at most 40.",
        )
        .required()
        .beside(DO),
        key("title", Form::Text, "Music playlists", "The headline of the report.").beside(DO),
        key(
            "about",
            Form::Text,
            "Users keep playlists and play their songs.",
            "What the service does, for readers of the report.",
        )
        .beside(DO),
        key("schema", Form::Text, "schema.sql", "The SQL that makes the tables: a path relative to the scenario's own folder.")
            .beside(DO),
        key(
            "server",
            Form::Named("a setting", &Form::Scalar),
            "{plan_cache_mode: force_custom_plan}",
            "PostgreSQL settings that every connection of the scenario uses.",
        )
        .beside(DO),
        key("data", Form::Mapping(&DATA), "{tables: {users: {rows: 1000}}}", "The rows to make."),
        key(
            "endpoints",
            Form::List(&Form::Mapping(&ENDPOINT), 0),
            "[{route: GET /users, sql: SELECT count(*) FROM users}]",
            "The routes of the service and the statements that each of them runs.",
        ),
        key("bench", Form::Mapping(&BENCH), "{statement_timeout: 5s}", "How calls are made.").beside(DO),
        key(
            "load",
            Form::Either(&[Form::Mapping(&PHASE), Form::List(&Form::Mapping(&PHASE), 1)]),
            "{closed: 4}",
            "How the service is driven once every endpoint was timed with one client: a list of phases, or a single one.",
        )
        .beside(DO),
        key("vary", Form::Mapping(&VARY), "{connections: [kept, per_call]}", "What is changed between runs of the load.")
            .beside(DO_LOAD),
        key("advise", Form::Mapping(&ADVISE), "{keep_if: 10%}", "What indexes may cost, and how much they have to bring.")
            .beside(DO),
        key(
            "published",
            Form::Mapping(&PUBLISHED),
            "{source: a write-up, figures: [{endpoint: GET /users, before: 516.8ms}]}",
            "Figures that somebody wrote about the system, for the report to set beside its own.",
        )
        .beside(DO),
    ],
    and: None,
    rules: &[Rule::Some(&["data", "endpoints"])],
    within: Within::Root,
};

/// A scenario has to have something to do.
const DO: &str = "endpoints: [{route: GET /users, sql: SELECT count(*) FROM users}]";
const DO_LOAD: &str = "endpoints: [{route: GET /users, sql: SELECT count(*) FROM users}], load: {closed: 4}";

pub static BENCH: Mapping = Mapping {
    id: "bench",
    what: "`bench`",
    path: "bench",
    about: "How calls are made, by `perflab bench` and by all that measures.",
    keys: &[
        key(
            "retries",
            Form::Quantity(Quantity::Whole),
            "3",
            "How often a call that fails for serialization or a deadlock is made again, at most 1000.",
        )
        .unless_said("0"),
        key(
            "statement_timeout",
            Form::Quantity(Quantity::Duration),
            "5s",
            "No statement may take longer; at least 1ms. Unless said, none is stopped.",
        ),
    ],
    and: None,
    rules: &[],
    within: Within::In(&SCENARIO, "{name: shop, endpoints: [{route: GET /users, sql: SELECT 1}], bench: @}"),
};

pub static ADVISE: Mapping = Mapping {
    id: "advise",
    what: "`advise`",
    path: "advise",
    about: "What the advice has to keep to.",
    keys: &[
        key("budget", Form::Mapping(&BUDGET), "{size: 500MB}", "What all kept indexes together may cost."),
        key("keep_if", Form::Quantity(Quantity::Share), "10%", "How much time an index has to take from an endpoint to be kept.")
            .unless_said("10%"),
    ],
    and: None,
    rules: &[],
    within: Within::In(&SCENARIO, "{name: shop, endpoints: [{route: GET /users, sql: SELECT 1}], advise: @}"),
};

pub static BUDGET: Mapping = Mapping {
    id: "budget",
    what: "`budget`",
    path: "advise.budget",
    about: "What all kept indexes together may cost. Unless said, they may cost what they bring.",
    keys: &[
        key("size", Form::Quantity(Quantity::Size), "500MB", "On disk."),
        key("write_slowdown", Form::Quantity(Quantity::Share), "5%", "How much slower the endpoints that write may become."),
    ],
    and: None,
    rules: &[],
    within: Within::In(&ADVISE, "{budget: @}"),
};
