//! `fanout:` and `pick:`

use super::form::Form;
use super::quantity::Quantity;
use super::{COLUMN, Key, Mapping, Rule, Within, key};

const POSITIVE: Form = Form::Quantity(Quantity::Positive);
const MEAN: Key = key("mean", POSITIVE, "3", "Children per parent on average, over 0; where the table has `rows`, they say it.");
const MIN: Key = key("min", Form::Quantity(Quantity::Whole), "1", "No parent has fewer.");
const MAX: Key = key("max", Form::Quantity(Quantity::Whole), "250", "No parent has more.");

pub static FANOUT: Mapping = Mapping {
    id: "fanout",
    what: "`fanout`",
    path: "….fanout",
    about: "One shape of how many children parents have. Large parents are scattered over the table.",
    keys: &[
        key("lognormal", Form::Mapping(&FANOUT_LOGNORMAL), "{sigma: 0.8, min: 5, max: 250}", "Skewed: the logarithm is normal."),
        key(
            "pareto",
            Form::Either(&[POSITIVE, Form::Mapping(&FANOUT_PARETO)]),
            "1.5",
            "A heavy tail: a share of (min / x)^shape has more than x children.",
        ),
        key(
            "zipf",
            Form::Either(&[POSITIVE, Form::Mapping(&FANOUT_ZIPF)]),
            "1.1",
            "The parent of rank r gets a share proportional to 1 / r^s.",
        ),
        key(
            "poisson",
            Form::Either(&[POSITIVE, Form::Mapping(&FANOUT_POISSON)]),
            "3",
            "Around a mean, as independent arrivals are.",
        ),
        key(
            "classes",
            Form::Classes(&Form::Quantity(Quantity::WholeRange)),
            "{1%: 20-30, rest: 1-5}",
            "Shares of the parents and how many children each of them has. The word `classes` may be left out.",
        ),
    ],
    and: None,
    rules: &[Rule::OneOf(&[&["lognormal", "pareto", "zipf", "poisson", "classes"]])],
    within: Within::In(&COLUMN, "{ref: users, fanout: @}"),
};

pub static FANOUT_LOGNORMAL: Mapping = Mapping {
    id: "fanout-lognormal",
    what: "`lognormal`",
    path: "….fanout.lognormal",
    about: "Children per parent, log-normal.",
    keys: &[
        key("sigma", POSITIVE, "0.8", "How skewed: over 0, at most 10. 0.8 is a usual spread.").required(),
        MEAN,
        key("median", POSITIVE, "4", "Half of the parents have fewer, before the bounds cut them."),
        MIN.unless_said("0"),
        MAX,
    ],
    and: None,
    rules: &[Rule::Apart("median", &["mean"])],
    within: Within::In(&FANOUT, "{lognormal: @}"),
};

pub static FANOUT_PARETO: Mapping = Mapping {
    id: "fanout-pareto",
    what: "`pareto`",
    path: "….fanout.pareto",
    about: "Children per parent, after Pareto.",
    keys: &[key("shape", POSITIVE, "1.5", "The larger, the more even: over 0, at most 10.").required(), MEAN, MIN, MAX],
    and: None,
    rules: &[],
    within: Within::In(&FANOUT, "{pareto: @}"),
};

pub static FANOUT_ZIPF: Mapping = Mapping {
    id: "fanout-zipf",
    what: "`zipf`",
    path: "….fanout.zipf",
    about: "Children per parent, after Zipf.",
    keys: &[
        key("exponent", POSITIVE, "1.1", "Over 0, at most 10; 1.1 is a usual popularity.").required(),
        MEAN,
        MIN.unless_said("0"),
        MAX,
    ],
    and: None,
    rules: &[],
    within: Within::In(&FANOUT, "{zipf: @}"),
};

pub static FANOUT_POISSON: Mapping = Mapping {
    id: "fanout-poisson",
    what: "`poisson`",
    path: "….fanout.poisson",
    about: "Children per parent, after Poisson.",
    keys: &[MEAN.required()],
    and: None,
    rules: &[],
    within: Within::In(&FANOUT, "{poisson: @}"),
};

pub static PICK: Mapping = Mapping {
    id: "pick",
    what: "`pick`",
    path: "….pick",
    about: "One way to choose rows. Popular rows are scattered over the table.",
    keys: &[
        key(
            "zipf",
            Form::Either(&[POSITIVE, Form::Mapping(&PICK_ZIPF)]),
            "1.05",
            "The row of rank r is chosen with a probability proportional to 1 / r^s.",
        ),
        key(
            "lognormal",
            Form::Either(&[POSITIVE, Form::Mapping(&PICK_LOGNORMAL)]),
            "0.8",
            "Popularity is log-normal, with this sigma.",
        ),
        key(
            "pareto",
            Form::Either(&[POSITIVE, Form::Mapping(&PICK_PARETO)]),
            "1.5",
            "Popularity has a heavy tail, with this shape.",
        ),
        key(
            "classes",
            Form::Classes(&Form::Quantity(Quantity::Share)),
            "{1%: 50%, rest: 50%}",
            "Shares of the rows, and of the choices that fall on them. The word `classes` may be left out.",
        ),
        key(
            "weights",
            Form::List(&Form::Quantity(Quantity::Weight), 1),
            "[8, 1, 1, 1, 1, 1, 1, 1, 1, 1]",
            "One weight for each row, in the order of their numbers.",
        ),
        key("repeat", Form::Quantity(Quantity::Whole), "11", "Only so many different rows, each as often; at least 1."),
    ],
    and: None,
    rules: &[Rule::OneOf(&[&["zipf", "lognormal", "pareto", "classes", "weights", "repeat"]])],
    within: Within::In(&COLUMN, "{ref: users, pick: @}"),
};

pub static PICK_ZIPF: Mapping = Mapping {
    id: "pick-zipf",
    what: "zipf",
    path: "….pick.zipf",
    about: "The long form of `zipf: 1.05`.",
    keys: &[key("exponent", POSITIVE, "1.05", "Over 0, at most 10; 1.1 is a usual popularity.").required()],
    and: None,
    rules: &[],
    within: Within::In(&PICK, "{zipf: @}"),
};

pub static PICK_LOGNORMAL: Mapping = Mapping {
    id: "pick-lognormal",
    what: "lognormal",
    path: "….pick.lognormal",
    about: "The long form of `lognormal: 0.8`.",
    keys: &[key("sigma", POSITIVE, "0.8", "Over 0, at most 10.").required()],
    and: None,
    rules: &[],
    within: Within::In(&PICK, "{lognormal: @}"),
};

pub static PICK_PARETO: Mapping = Mapping {
    id: "pick-pareto",
    what: "pareto",
    path: "….pick.pareto",
    about: "The long form of `pareto: 1.5`.",
    keys: &[key("shape", POSITIVE, "1.5", "Over 1, at most 10; 1.16 gives a fifth of the rows four fifths of the choices.")
        .required()],
    and: None,
    rules: &[],
    within: Within::In(&PICK, "{pareto: @}"),
};
