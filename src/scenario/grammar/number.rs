//! Numbers of a distribution, and texts whose lengths follow one.

use super::form::Form;
use super::quantity::Quantity;
use super::{Key, Mapping, VALUE, Within, key};

const NUMBER: Form = Form::Quantity(Quantity::Number);
const POSITIVE: Form = Form::Quantity(Quantity::Positive);
const MIN: Key = key("min", NUMBER, "1", "What would be smaller is drawn again.");
const MAX: Key = key("max", NUMBER, "5000", "What would be larger is drawn again.");
const MEDIAN: Key = key("median", POSITIVE, "240", "Half of the values are smaller; over 0.").required();
const SIGMA: Key = key("sigma", POSITIVE, "0.9", "How skewed: over 0, at most 10.").required();

pub static NORMAL: Mapping = Mapping {
    id: "normal",
    what: "`normal`",
    path: "….normal",
    about: "Numbers around a mean.",
    keys: &[
        key("mean", NUMBER, "30", "The middle.").required(),
        key("deviation", POSITIVE, "8", "Two thirds of the values are no further from the mean; over 0.").required(),
        MIN,
        MAX,
    ],
    and: None,
    rules: &[],
    within: Within::In(&VALUE, "{normal: @}"),
};

pub static LOGNORMAL: Mapping = Mapping {
    id: "lognormal",
    what: "`lognormal`",
    path: "….lognormal",
    about: "Numbers whose logarithm is normal: many small ones, few large ones.",
    keys: &[MEDIAN, SIGMA, MIN, MAX],
    and: None,
    rules: &[],
    within: Within::In(&VALUE, "{lognormal: @}"),
};

pub static EXPONENTIAL: Mapping = Mapping {
    id: "exponential",
    what: "`exponential`",
    path: "….exponential",
    about: "Most values just over the smallest.",
    keys: &[key("mean", NUMBER, "30", "The average, over `min`.").required(), MIN.unless_said("0"), MAX],
    and: None,
    rules: &[],
    within: Within::In(&VALUE, "{exponential: @}"),
};

pub static ZIPF: Mapping = Mapping {
    id: "zipf",
    what: "`zipf`",
    path: "….zipf",
    about: "Whole numbers from 1 to `max`, k with a probability proportional to 1 / k^s.",
    keys: &[
        key("exponent", POSITIVE, "1.1", "Over 0, at most 10; 1.1 is a usual popularity.").required(),
        key("max", Form::Quantity(Quantity::Whole), "1000", "The largest; over 0.").required(),
    ],
    and: None,
    rules: &[],
    within: Within::In(&VALUE, "{zipf: @}"),
};

pub static PARETO: Mapping = Mapping {
    id: "pareto",
    what: "`pareto`",
    path: "….pareto",
    about: "Numbers with a heavy tail: the share of values over x is (min / x)^shape.",
    keys: &[
        key("min", POSITIVE, "1", "The smallest; over 0.").required(),
        key("shape", POSITIVE, "1.5", "From 0.1 to 100; 1.16 gives the top fifth four fifths of the sum.").required(),
        MAX,
    ],
    and: None,
    rules: &[],
    within: Within::In(&VALUE, "{pareto: @}"),
};

pub static PRICE: Mapping = Mapping {
    id: "price",
    what: "`price`",
    path: "….price",
    about: "Prices: log-normal, ending in .99, .95, .50 or .00.",
    keys: &[MEDIAN, SIGMA, MIN, MAX],
    and: None,
    rules: &[],
    within: Within::In(&VALUE, "{price: @}"),
};

pub static PROSE: Mapping = Mapping {
    id: "text",
    what: "`text`",
    path: "….text",
    about: "Sentences; lengths in characters, log-normal, from 1 to 1,000,000.",
    keys: &[MEDIAN, SIGMA, MIN.unless_said("1"), MAX],
    and: None,
    rules: &[],
    within: Within::In(&VALUE, "{text: @}"),
};
