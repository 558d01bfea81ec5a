//! `published:`

use super::form::Form;
use super::quantity::Quantity;
use super::{Mapping, Rule, SCENARIO, Within, key};

const DURATION: Form = Form::Quantity(Quantity::Duration);
const WHOLE: Form = Form::Quantity(Quantity::Whole);
/// A duration, or where the author left its place blank.
const GIVEN: Form = Form::Either(&[Form::Quantity(Quantity::Duration), Form::Words(&["not given"])]);
const ENDPOINT: &str = "endpoint: GET /users, before: 516.8ms";
const LOAD: &str = "load: evening, rate: 2520/s";

pub static PUBLISHED: Mapping = Mapping {
    id: "published",
    what: "`published`",
    path: "published",
    about: "Figures that somebody wrote about the system. The report sets each beside its own, before and after.",
    keys: &[
        key("source", Form::Text, "the service's own write-up", "Where the figures are from.").required(),
        key("note", Form::Text, "It gives no times after the tuning", "What goes for all of them."),
        key(
            "figures",
            Form::List(&Form::Mapping(&PUBLISHED_FIGURE), 0),
            "[{endpoint: GET /users, before: 516.8ms}]",
            "The figures, one by one.",
        )
        .required(),
    ],
    and: None,
    rules: &[],
    within: Within::In(
        &SCENARIO,
        "{name: shop, data: {tables: {users: {rows: 10}}}, endpoints: [{route: GET /users, sql: SELECT 1}], \
         load: {name: evening, closed: 8}, published: @}",
    ),
};

pub static PUBLISHED_FIGURE: Mapping = Mapping {
    id: "published-figure",
    what: "a published figure",
    path: "published.figures[]",
    about: "A time of an endpoint (`endpoint`, `before`), a number of rows (`rows`), or what a load test showed (`rate`, `latency`).",
    keys: &[
        key("what", Form::Text, "deployed on two machines", "What it is, in the words of the one who published it.")
            .beside("latency: 2809ms"),
        key("note", Form::Text, "index on orders (user_id)", "What else is to say.").beside(ENDPOINT),
        key("endpoint", Form::Name("an endpoint"), "GET /users", "Its label, or its route.").beside("before: 516.8ms"),
        key(
            "clock",
            Form::Words(&["client", "explain", "planning"]),
            "explain",
            "Whose clock it is: the caller's, the execution time of EXPLAIN ANALYZE, or its planning time.",
        )
        .unless_said("client")
        .beside(ENDPOINT),
        key("statement", WHOLE, "1", "The statement that it is of alone, from 1.").beside(ENDPOINT),
        key("constraint", Form::Name("a foreign key"), "orders_user_id_fkey", "The foreign key whose trigger it is of alone.")
            .beside("endpoint: GET /users, before: 65ms, clock: explain"),
        key("before", GIVEN, "516.8ms", "The time; `not given` where its place was left blank.").beside("endpoint: GET /users"),
        key("after", GIVEN, "1.2ms", "The time after whatever the author did.").beside(ENDPOINT),
        key("table", Form::Name("a table"), "users", "The table that `rows` are of. Unless said, all.").beside("rows: 10"),
        key("rows", WHOLE, "1292269", "How many there are."),
        key("load", Form::Name("a phase of `load`"), "evening", "The phase of the scenario that does the same.")
            .beside("rate: 2520/s"),
        key("clients", WHOLE, "1500", "Clients, or virtual users.").beside(LOAD),
        key("think", Form::Quantity(Quantity::Pause), "1s", "The time between a reply and the client's next call.").beside(LOAD),
        key("rate", Form::Quantity(Quantity::Rate), "2520.1/s", "Calls per second.").beside("load: evening"),
        key("latency", DURATION, "10.64ms", "The mean time from call to reply.").beside("load: evening"),
        key("errors", Form::Quantity(Quantity::Share), "0.003%", "The share of calls that failed.").beside(LOAD),
        key("requests", WHOLE, "75603", "Calls in all.").beside(LOAD),
        key("lasts", DURATION, "30s", "How long it took.").beside(LOAD),
    ],
    and: None,
    rules: &[
        Rule::Some(&["endpoint", "rows", "rate", "latency"]),
        Rule::Needs("endpoint", &["before"]),
        Rule::Needs("before", &["endpoint"]),
        Rule::Needs("after", &["endpoint"]),
        Rule::Needs("clock", &["endpoint"]),
        Rule::Needs("statement", &["endpoint"]),
        Rule::Needs("constraint", &["endpoint"]),
        Rule::Needs("table", &["rows"]),
        Rule::Needs("load", &["rate", "latency"]),
        Rule::Needs("rate", &["load", "what"]),
        Rule::Needs("latency", &["load", "what"]),
        Rule::Apart("endpoint", &["table", "rows", "load", "rate", "latency", "clients", "think", "errors", "requests", "lasts"]),
        Rule::Apart("rows", &["load", "rate", "latency", "clients", "think", "errors", "requests", "lasts"]),
    ],
    within: Within::In(&PUBLISHED, "{source: a write-up, figures: [@]}"),
};
