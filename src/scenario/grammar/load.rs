//! `load:` and `vary:`

use super::column::PICK_FORM;
use super::endpoint::SLO_FORM;
use super::form::Form;
use super::quantity::Quantity;
use super::{Key, Mapping, Rule, SCENARIO, Within, key};

const RATE: Form = Form::Quantity(Quantity::Rate);
const ARRIVALS: Key =
    key("arrivals", Form::Words(&["poisson", "constant"]), "constant", "`poisson` as from independent users, or evenly spaced.")
        .unless_said("poisson");
static CLIENTS: Form = Form::Either(&[Form::Quantity(Quantity::WholeRange), Form::List(&Form::Quantity(Quantity::Whole), 1)]);
/// Of one phase; a bare number is a pool of that many.
static CONNECTIONS_FORM: Form =
    Form::Either(&[Form::Words(&["kept", "per_call"]), Form::Quantity(Quantity::Whole), Form::Mapping(&CONNECTIONS)]);

pub static PHASE: Mapping = Mapping {
    id: "phase",
    what: "a phase of `load`",
    path: "load or load[]",
    about: "One way to drive the service: clients that wait for their replies (`closed`), calls on a schedule \
             (`open`), or a search for the highest rate at which promises are kept (`search`).",
    keys: &[
        key(
            "closed",
            Form::Either(&[Form::Same(&CLIENTS), Form::Mapping(&CLOSED)]),
            "{clients: [1, 2, 4, 8]}",
            "Clients that each wait for the reply before they call again.",
        ),
        key(
            "open",
            Form::Either(&[RATE, Form::Mapping(&OPEN)]),
            "{rate: 1000/s}",
            "Calls that arrive on a schedule, whatever became of those before.",
        ),
        key(
            "search",
            Form::Mapping(&SEARCH),
            "{slo: p95 < 50ms, up_to: 60000/s}",
            "The highest rate at which the promises are kept.",
        ),
        key("name", Form::Text, "a working day", "Its name in reports.").beside("closed: 4"),
        key("for", Form::Quantity(Quantity::Duration), "30s", "The measured time of each step. Stages bring their own times.")
            .unless_said("10s")
            .beside("closed: 4"),
        key("warm_up", Form::Quantity(Quantity::Pause), "2s", "What comes before it.").unless_said("2s").beside("closed: 4"),
        key(
            "endpoints",
            Form::Either(&[Form::Text, Form::List(&Form::Text, 1)]),
            "GET /users",
            "Routes or labels of those that are called. Unless said, all of them, by their weights.",
        )
        .beside("closed: 4"),
        key(
            "connections",
            Form::Same(&CONNECTIONS_FORM),
            "{pool: 20}",
            "Whose connection a call uses: `kept`, every client its own; `per_call`, a new one each time; `{pool: \
             20}`, or `20`, the first free one of so many.",
        )
        .unless_said("kept")
        .beside("closed: 4"),
    ],
    and: None,
    rules: &[Rule::OneOf(&[&["closed", "open", "search"]])],
    within: Within::In(&SCENARIO, "{name: shop, endpoints: [{route: GET /users, sql: SELECT 1}], load: @}"),
};

pub static CLOSED: Mapping = Mapping {
    id: "closed",
    what: "`closed`",
    path: "load.closed",
    about: "A closed loop: each client waits for the reply before it calls again.",
    keys: &[
        key(
            "clients",
            Form::Same(&CLIENTS),
            "[1, 2, 4, 8]",
            "A number, a list, or `1-32` for the powers of two; 1 to 10,000. Each number is a step of its own.",
        )
        .required(),
        key(
            "think",
            Form::Either(&[Form::Quantity(Quantity::Pause), Form::Mapping(&THINK)]),
            "1s",
            "The time between a reply and the next call.",
        )
        .unless_said("0"),
    ],
    and: None,
    rules: &[],
    within: Within::In(&PHASE, "{closed: @}"),
};

pub static THINK: Mapping = Mapping {
    id: "think",
    what: "`think`",
    path: "load.closed.think",
    about: "Times that differ, exponentially distributed.",
    keys: &[key("mean", Form::Quantity(Quantity::Duration), "1s", "Their average.").required()],
    and: None,
    rules: &[],
    within: Within::In(&CLOSED, "{clients: 4, think: @}"),
};

pub static OPEN: Mapping = Mapping {
    id: "open",
    what: "`open`",
    path: "load.open",
    about: "An open loop: calls arrive on a schedule, whatever became of those before.",
    keys: &[
        key("rate", RATE, "1000/s", "One rate for the time of the phase."),
        ARRIVALS.beside("rate: 100/s"),
        key(
            "stages",
            Form::List(&Form::Mapping(&STAGE), 1),
            "[{to: 500/s, over: 10s}, {rate: 500/s, for: 30s}]",
            "Ramps and levels, one after the other.",
        ),
        key("from", RATE, "50/s", "Where the first stage starts.").unless_said("0/s").beside("stages: [{to: 500/s, over: 10s}]"),
    ],
    and: None,
    rules: &[Rule::OneOf(&[&["rate", "stages"]]), Rule::Needs("from", &["stages"])],
    within: Within::In(&PHASE, "{open: @}"),
};

pub static STAGE: Mapping = Mapping {
    id: "stage",
    what: "a stage",
    path: "load.open.stages[]",
    about: "A ramp (`to`, `over`) or a level (`rate`, `for`).",
    keys: &[
        key("to", RATE, "500/s", "Where a ramp ends.").beside("over: 10s"),
        key("over", Form::Quantity(Quantity::Duration), "10s", "How long the ramp takes.").beside("to: 500/s"),
        key("rate", RATE, "500/s", "The rate of a level.").beside("for: 30s"),
        key("for", Form::Quantity(Quantity::Duration), "30s", "How long the level lasts.").beside("rate: 500/s"),
    ],
    and: None,
    rules: &[
        Rule::OneOf(&[&["to", "rate"]]),
        Rule::Needs("to", &["over"]),
        Rule::Needs("over", &["to"]),
        Rule::Needs("rate", &["for"]),
        Rule::Needs("for", &["rate"]),
    ],
    within: Within::In(&OPEN, "{stages: [@]}"),
};

pub static SEARCH: Mapping = Mapping {
    id: "search",
    what: "`search`",
    path: "load.search",
    about: "The rate doubles until a promise breaks, then the gap is halved until the highest at which all are kept \
             is known.",
    keys: &[
        key(
            "slo",
            Form::Same(&SLO_FORM),
            "p95 < 50ms",
            "Promises of times, `error_rate` or `rps`, written as those of an endpoint.",
        )
        .required(),
        key("from", RATE, "100/s", "The first rate; over 0."),
        key("up_to", RATE, "60000/s", "No higher rate is tried; over 0.").required(),
        ARRIVALS,
    ],
    and: None,
    rules: &[],
    within: Within::In(&PHASE, "{search: @}"),
};

pub static CONNECTIONS: Mapping = Mapping {
    id: "connections",
    what: "`connections`",
    path: "load.connections",
    about: "Connections that clients share.",
    keys: &[key("pool", Form::Quantity(Quantity::Whole), "20", "How many; 1 to 10,000. Clients wait for a free one.").required()],
    and: None,
    rules: &[],
    within: Within::In(&PHASE, "{closed: 4, connections: @}"),
};

pub static VARY: Mapping = Mapping {
    id: "vary",
    what: "`vary`",
    path: "vary",
    about: "Every phase of the load runs once more for each value.",
    keys: &[
        key(
            "pick",
            Form::Either(&[Form::Same(&PICK_FORM), Form::List(&PICK_FORM, 1)]),
            "[uniform, {repeat: 11}]",
            "How sampled rows are chosen for calls.",
        ),
        key(
            "connections",
            Form::Either(&[Form::Same(&CONNECTIONS_FORM), Form::List(&CONNECTIONS_FORM, 1)]),
            "[per_call, kept, {pool: 10}]",
            "Whose connection a call uses.",
        ),
    ],
    and: None,
    rules: &[],
    within: Within::In(
        &SCENARIO,
        "{name: shop, endpoints: [{route: \"GET /users/{id}\", params: {sample: SELECT id FROM users}, sql: \"SELECT \
             :id\"}], load: {closed: 4}, vary: @}",
    ),
};
