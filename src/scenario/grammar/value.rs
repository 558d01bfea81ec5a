//! Values of columns and of parameters.

use super::form::Form;
use super::quantity::Quantity;
use super::{COLUMN, EXPONENTIAL, FILE_VALUES, LOGNORMAL, Mapping, NORMAL, PARETO, PRICE, PROSE, Rule, Within, ZIPF, key};
use crate::scenario::model::{FakeKind, Locale};

/// Keys that say what kind of value it is; exactly one stands in the mapping of a value.
pub const KINDS: [&str; 21] = [
    "from",
    "value",
    "values",
    "range",
    "array",
    "normal",
    "lognormal",
    "exponential",
    "zipf",
    "pareto",
    "price",
    "text",
    "words",
    "fake",
    "template",
    "pattern",
    "time",
    "password",
    "by",
    "copy",
    "expression",
];

pub fn locales() -> Vec<&'static str> {
    Locale::ALL.iter().map(|(name, _)| *name).collect()
}

fn fakes() -> Vec<&'static str> {
    FakeKind::ALL.iter().map(|(name, _)| *name).collect()
}

fn days() -> Vec<&'static str> {
    DAYS.to_vec()
}

/// Days of the week, from Monday on.
pub const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

static ANY: Form = Form::Either(&[Form::Scalar, Form::Mapping(&VALUE)]);

pub static VALUE: Mapping = Mapping {
    id: "value",
    what: "a value",
    path: "….COLUMN or params.values.PARAMETER",
    about: "A value of one kind. A plain value instead of the mapping is the same in every row; `sequence` counts the \
             rows from 1, `default` (of a column) is the server's.",
    keys: &[
        key("from", Form::Either(&[Form::Text, Form::Mapping(&FILE_VALUES)]), "names.csv", "Values that stand in a file."),
        key("value", Form::Scalar, "open", "The same in every row: the long form of a plain value."),
        key(
            "values",
            Form::Either(&[Form::List(&Form::Scalar, 1), Form::Named("a value", &Form::Quantity(Quantity::Weight))]),
            "{free: 80%, paid: 20%}",
            "One of these, or one of these by its weight. A table with exactly as many rows as unweighted values gets \
             each once, in order.",
        ),
        key(
            "range",
            Form::Either(&[Form::Quantity(Quantity::Range), Form::Pair(&Form::Scalar)]),
            "[0.5, 99.99]",
            "Any number, moment or interval between two, bounds included.",
        ),
        key("array", Form::Mapping(&ARRAY), "{of: {fake: word}, length: 0-5}", "Several values."),
        key("normal", Form::Mapping(&NORMAL), "{mean: 30, deviation: 8, min: 18, max: 99}", "Numbers around a mean."),
        key("lognormal", Form::Mapping(&LOGNORMAL), "{median: 40, sigma: 0.9, max: 5000}", "Skewed numbers."),
        key("exponential", Form::Mapping(&EXPONENTIAL), "{mean: 30, min: 0, max: 500}", "Most values just over the smallest."),
        key("zipf", Form::Mapping(&ZIPF), "{exponent: 1.1, max: 1000}", "Whole numbers from 1, the smaller the more frequent."),
        key("pareto", Form::Mapping(&PARETO), "{min: 1, shape: 1.5, max: 10000}", "Numbers with a heavy tail."),
        key(
            "price",
            Form::Mapping(&PRICE),
            "{median: 40, sigma: 0.9, min: 1, max: 500}",
            "Log-normal, ending in .99, .95, .50 or .00. Whole-number columns count hundredths.",
        ),
        key("text", Form::Mapping(&PROSE), "{median: 240, sigma: 0.8, min: 20, max: 4000}", "Sentences, by their length."),
        key("words", Form::Quantity(Quantity::WholeRange), "1-4", "So many words from a list, title case; 1 to 1000."),
        key("fake", Form::Known(fakes), "email", "Realistic text of a kind."),
        key(
            "template",
            Form::Text,
            "\"track/{hex:22}\"",
            "Text with generated pieces: `{row}`, `{hex:25}`, `{digits:9}`, `{letters:8}`, `{alnum:22}`, `{uuid}`, \
             `{int:1-500}`, `{column:title}`, and every kind of `fake`, e.g. `{name}`. `{{` and `}}` are braces.",
        ),
        key("pattern", Form::Text, "\"[A-Z]{3}-[0-9]{4,6}\"", "What a regular expression matches."),
        key("time", Form::Mapping(&TIME), "{last: 365d, growth: 3%/week, peak: 18h-23h}", "Moments."),
        key("password", Form::Mapping(&PASSWORD), "{common: 95%, random: 8-20}", "What a hash of a password looks like."),
        key(
            "by",
            Form::Name("a column"),
            "region_id",
            "The value of this column (or of a row that it leads to: `order_id.user_id.country`) decides which of the \
             `cases` it is.",
        )
        .beside("cases: {1: low, else: high}"),
        key(
            "copy",
            Form::Name("a column"),
            "user_id.country",
            "The value of another column, here of the row that `user_id` references.",
        ),
        key(
            "expression",
            Form::Text,
            "\"round(region_id * 1.5, 2)\"",
            "A formula over the row and the rows that its references lead to.",
        ),
        key(
            "cases",
            Form::Named("a value of the column of `by`, or `else`", &ANY),
            "{1: low, else: {words: 1-3}}",
            "What stands for each value of the column of `by`.",
        )
        .beside("by: region_id"),
        key("locale", Form::Known(locales), "de", "Language and country of a `fake`. Unless said, that of `data`.")
            .beside("fake: name"),
    ],
    and: None,
    rules: &[
        Rule::OneOf(&[&KINDS]),
        Rule::Needs("cases", &["by"]),
        Rule::Needs("by", &["cases"]),
        Rule::Needs("locale", &["fake"]),
    ],
    within: Within::In(&COLUMN, "@"),
};

pub static ARRAY: Mapping = Mapping {
    id: "array",
    what: "`array`",
    path: "….array",
    about: "Several values of one kind.",
    keys: &[
        key("of", Form::Same(&ANY), "{fake: word}", "Each element.").required(),
        key("length", Form::Quantity(Quantity::WholeRange), "0-5", "How many; at most 10000.").unless_said("0-5"),
    ],
    and: None,
    rules: &[],
    within: Within::In(&VALUE, "{array: @}"),
};

pub static PASSWORD: Mapping = Mapping {
    id: "password",
    what: "`password`",
    path: "….password",
    about: "What argon2 hashes of passwords look like; their salts differ, so no two are the same.",
    keys: &[
        key("common", Form::Quantity(Quantity::Share), "95%", "The share of passwords that many have.").required(),
        key("random", Form::Quantity(Quantity::WholeRange), "8-20", "Letters of the others, 1 to 128.").required(),
    ],
    and: None,
    rules: &[],
    within: Within::In(&VALUE, "{password: @}"),
};

pub static TIME: Mapping = Mapping {
    id: "time",
    what: "`time`",
    path: "….time",
    about: "Moments spread over a span that ends with `data.until` (`last` and what goes with it), or a moment that \
             follows another or goes before it (`after`, `before`). They fill dates, timestamps, text and whole \
             numbers.",
    keys: &[
        key("last", Form::Quantity(Quantity::Duration), "365d", "The span."),
        key("growth", Form::Quantity(Quantity::Growth), "3%/week", "How much denser each period is than the one before.")
            .beside("last: 365d"),
        key(
            "peak",
            Form::Quantity(Quantity::Hours),
            "18h-23h",
            "Hours of the day (UTC) that see three times the rows of the others.",
        )
        .beside("last: 365d"),
        key(
            "weekend",
            Form::Quantity(Quantity::Weight),
            "1.5",
            "How busy Saturday and Sunday are beside a day of 1; at most 1000.",
        )
        .beside("last: 365d"),
        key(
            "weekdays",
            Form::Each(days, &Form::Quantity(Quantity::Weight)),
            "{mon: 2, fri: 0.5}",
            "How busy single days are beside a day of 1; at most 1000.",
        )
        .beside("last: 365d"),
        key("recency", Form::Quantity(Quantity::Duration), "30d", "Rows become half as many with every such span into the past.")
            .beside("last: 365d"),
        key(
            "order",
            Form::Words(&["rising", "random"]),
            "rising",
            "`rising`: later rows are later, whatever the layout; `random`: the row number says nothing. Unless said, \
             later rows are later within what a fan-out lays side by side.",
        )
        .beside("last: 365d"),
        key(
            "after",
            Form::Name("a column"),
            "user_id.since",
            "The moment that it follows: a column, or one of a row that it leads to.",
        ),
        key("before", Form::Name("a column"), "user_id.since", "The moment that it goes before.").beside("within: 3d"),
        key(
            "within",
            Form::Quantity(Quantity::Gap),
            "1h-3d",
            "The shortest and the longest gap; short ones are the most frequent. Unless said, any moment until \
             `data.until`.",
        )
        .beside("after: user_id.since"),
    ],
    and: None,
    rules: &[
        Rule::OneOf(&[&["last", "after", "before"]]),
        Rule::Needs("growth", &["last"]),
        Rule::Needs("peak", &["last"]),
        Rule::Needs("weekend", &["last"]),
        Rule::Needs("weekdays", &["last"]),
        Rule::Needs("recency", &["last"]),
        Rule::Needs("order", &["last"]),
        Rule::Needs("within", &["after", "before"]),
        Rule::Needs("before", &["within"]),
    ],
    within: Within::In(&VALUE, "{time: @}"),
};
