//! `endpoints:`

use super::column::PICK_FORM;
use super::form::Form;
use super::quantity::Quantity;
use super::{Mapping, Rule, SCENARIO, VALUE, Within, key};
use crate::scenario::model::Metric;

static STEPS: Form = Form::List(&Form::Either(&[Form::Sql, Form::Mapping(&STEP)]), 1);
const SQL_ABOUT: &str = "The only statement. `:name` is a parameter.";

fn metrics() -> Vec<&'static str> {
    Metric::ALL.iter().map(|(name, _)| *name).collect()
}

/// Promises: a mapping, a list of sentences, or one sentence.
pub static SLO_FORM: Form = Form::Either(&[
    Form::Text,
    Form::Each(metrics, &Form::Scalar),
    Form::List(&Form::Either(&[Form::Text, Form::Each(metrics, &Form::Scalar)]), 1),
]);

pub static ENDPOINT: Mapping = Mapping {
    id: "endpoint",
    what: "an endpoint",
    path: "endpoints[]",
    about: "One route of the service, and the statements that a call of it runs, in one transaction.",
    keys: &[
        key(
            "route",
            Form::Shaped(r"[A-Z]+ .*\S.*", "METHOD /path"),
            "GET /users",
            "Method and path; work that no request starts has a method of its own choosing, e.g. `JOB moods`.",
        )
        .required()
        .beside("sql: SELECT 1"),
        key("case", Form::Text, "first page", "Tells endpoints of one route apart.").beside("sql: SELECT 1"),
        key(
            "weight",
            Form::Quantity(Quantity::Weight),
            "40",
            "How frequent it is in the service's traffic, relative to the others; 0 keeps it out of mixed traffic.",
        )
        .unless_said("1")
        .beside("sql: SELECT 1"),
        key("params", Form::Mapping(&PARAMS), "{sample: SELECT id FROM users}", "Where the parameters of a call come from.")
            .beside("sql: \"SELECT * FROM users WHERE id = :id\""),
        key("sql", Form::Sql, "SELECT count(*) FROM users", SQL_ABOUT),
        key("steps", Form::Same(&STEPS), "[SELECT 1, {sql: SELECT 2, as: two}]", "Several statements, one after the other."),
        key(
            "variants",
            Form::Named("a variant", &Form::Either(&[Form::Same(&STEPS), Form::Mapping(&VARIANT)])),
            "{summed: {sql: SELECT sum(1) FROM users}}",
            "Other ways to get the same result, each under a name of its own.",
        )
        .beside("sql: SELECT count(*) FROM users"),
        key(
            "slo",
            Form::Same(&SLO_FORM),
            "{p95: 20ms, queries: 3}",
            "What a call promises: a mapping of figures to bounds (`p95: 20ms`), one sentence (`p95 < 50ms and \
             error_rate < 0.1%`), or a list of sentences.",
        )
        .beside("sql: SELECT 1"),
    ],
    and: None,
    rules: &[Rule::OneOf(&[&["sql", "steps"]])],
    within: Within::In(&SCENARIO, "{name: shop, endpoints: [@]}"),
};

pub static PARAMS: Mapping = Mapping {
    id: "params",
    what: "`params`",
    path: "endpoints[].params",
    about: "Where the parameters of a call come from: columns of sampled rows, and values made up for each call.",
    keys: &[
        key("sample", Form::Sql, "SELECT id FROM users", "A query that runs once, before any call; its columns are parameters."),
        key("pick", Form::Same(&PICK_FORM), "{zipf: 1.1}", "Which of the sampled rows a call uses.")
            .unless_said("uniform")
            .beside("sample: SELECT id FROM users"),
        key(
            "values",
            Form::Named("a parameter", &Form::Either(&[Form::Scalar, Form::Mapping(&VALUE)])),
            "{id: {range: 1-10}}",
            "Parameters made up for each call.",
        ),
    ],
    and: None,
    rules: &[Rule::Needs("pick", &["sample"])],
    within: Within::In(&ENDPOINT, "{route: GET /users, params: @, sql: \"SELECT :id\"}"),
};

pub static STEP: Mapping = Mapping {
    id: "step",
    what: "a step",
    path: "endpoints[].steps[]",
    about: "One statement of a call. A step that is nothing but its statement needs no mapping.",
    keys: &[
        key(
            "sql",
            Form::Sql,
            "SELECT id FROM users",
            "The statement. `:name` is a parameter, `:step.column` what an earlier step returned.",
        )
        .required(),
        key(
            "as",
            Form::Shaped("[A-Za-z_][A-Za-z0-9_]*", "a name"),
            "user",
            "Names the step, so that later ones can read `:user.id` from its first row.",
        ),
        key(
            "when",
            Form::Text,
            "users is empty",
            "Only then does it run: `STEP is empty`, `STEP.COLUMN is null`, comparisons, `and`, `or`, `not`.",
        ),
        key(
            "for_each",
            Form::Name("a step"),
            "users",
            "Once for each row of that earlier step; `:users.id` is of the row at hand. Steps that follow each other \
             for the same rows are one loop.",
        ),
    ],
    and: None,
    rules: &[],
    within: Within::In(&ENDPOINT, "{route: GET /users, steps: [{sql: SELECT id FROM users, as: users}, @]}"),
};

pub static VARIANT: Mapping = Mapping {
    id: "variant",
    what: "a variant",
    path: "endpoints[].variants.VARIANT",
    about: "Another way to get the endpoint's result. One that is nothing but its steps may be a list. Both sides are \
             called with the same parameters; what does not return the same is shown and not timed.",
    keys: &[
        key(
            "setup",
            Form::Either(&[Form::Sql, Form::List(&Form::Sql, 0)]),
            "CREATE MATERIALIZED VIEW ids AS SELECT id FROM users",
            "What has to be made before it, once, on a copy of the rows of its own.",
        )
        .beside("sql: SELECT id FROM users"),
        key("refresh", Form::Sql, "REFRESH MATERIALIZED VIEW ids", "What keeps it up to date; it is run and priced.")
            .beside("sql: SELECT id FROM users"),
        key(
            "compare",
            Form::Words(&["rows", "values"]),
            "values",
            "What has to be the same: `rows`, those of the last statement that returns any, in whatever order; \
             `values`, all values of all statements in whatever form, leaves of JSON included.",
        )
        .unless_said("rows")
        .beside("sql: SELECT id FROM users"),
        key("sql", Form::Sql, "SELECT id FROM users ORDER BY id", SQL_ABOUT),
        key("steps", Form::Same(&STEPS), "[SELECT 1, SELECT 2]", "Several statements, one after the other."),
    ],
    and: None,
    rules: &[Rule::OneOf(&[&["sql", "steps"]])],
    within: Within::In(&ENDPOINT, "{route: GET /users, sql: SELECT id FROM users, variants: {other: @}}"),
};
