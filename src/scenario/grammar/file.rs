//! `from:` of a table and of a column.

use super::form::Form;
use super::quantity::Quantity;
use super::{Key, Mapping, Rule, TABLE, VALUE, Within, key};
use crate::scenario::model::EpochUnit;

fn epochs() -> Vec<&'static str> {
    EpochUnit::ALL.iter().map(|(name, _)| *name).collect()
}

const DELIMITER: Key =
    key("delimiter", Form::Shaped(r"tab|\\t|.", "one letter"), "\";\"", "Between fields: one letter, or `tab`.")
        .unless_said("\",\"");
const QUOTE: Key =
    key("quote", Form::Shaped(r"none|tab|\\t|.", "one letter or `none`"), "\"'\"", "Around fields: one letter, or `none`.")
        .unless_said("'\"'");
const HEADER: Key =
    key("header", Form::Flag, "false", "Whether the first line of each file names its columns; else they are numbered from 1.")
        .unless_said("true");
const NULL: Key = key(
    "null",
    Form::Either(&[Form::Scalar, Form::List(&Form::Scalar, 0)]),
    "[\"\", \"n/a\"]",
    "Fields that are NULL; `\"\"` is an empty one without quotes.",
)
.unless_said("\"\"");
const TIME: Key = key(
    "time",
    Form::Known(epochs),
    "epoch_ms",
    "What a number stands for in a column of moments, and what a moment becomes in a column of whole numbers.",
);
const NAMES: Form = Form::Either(&[Form::Text, Form::List(&Form::Text, 1)]);

pub static FILE_ROWS: Mapping = Mapping {
    id: "from",
    what: "`from`",
    path: "data.tables.TABLE.from",
    about: "Rows that stand in CSV files, compressed with gzip or not. They are read twice and never held in memory.",
    keys: &[
        key(
            "file",
            NAMES,
            "reviews_*.csv.gz",
            "A name or a pattern relative to the scenario's folder, or a list of them. All files together are the table.",
        )
        .required(),
        DELIMITER,
        QUOTE,
        HEADER.beside("columns: [id, name]"),
        key(
            "columns",
            Form::Either(&[
                Form::Named("a column of the file", &Form::Either(&[Form::Name("a column"), Form::Mapping(&FILE_COLUMN)])),
                Form::List(&Form::Either(&[Form::Scalar, Form::Mapping(&FILE_COLUMN)]), 0),
            ]),
            "{productId: product_id}",
            "Columns of the file that are called otherwise in the table, or are written otherwise than the rest. \
             Without a header, a list of the table's columns in order, `~` for one to leave out.",
        ),
        key(
            "ignore",
            Form::Either(&[
                Form::Words(&["rest"]),
                Form::Name("a column of the file"),
                Form::List(&Form::Name("a column of the file"), 0),
            ]),
            "[etag, synced_at]",
            "Columns of the file that go nowhere; `rest`: all that the table lacks.",
        ),
        NULL,
        key("trim", Form::Flag, "true", "Spaces around a field do not count.").unless_said("false"),
        TIME,
        key(
            "orphans",
            Form::Words(&["reject", "keep", "fail"]),
            "keep",
            "What becomes of a record whose parent is not there: it goes to the rejects, it stays (and the foreign key \
             is put back for new rows alone), or the seeding fails.",
        )
        .unless_said("reject"),
        key("limit", Form::Quantity(Quantity::Records), "100k", "Only this many records are read."),
        key(
            "rejects",
            Form::Quantity(Quantity::Share),
            "2%",
            "The share of records that may be rejected before the seeding fails.",
        )
        .unless_said("1%"),
    ],
    and: None,
    rules: &[],
    within: Within::In(&TABLE, "{from: @}"),
};

pub static FILE_COLUMN: Mapping = Mapping {
    id: "from-column",
    what: "a column of a file",
    path: "data.tables.TABLE.from.columns.COLUMN",
    about: "A column of a file that is written otherwise than the rest.",
    keys: &[key("column", Form::Name("a column"), "product_id", "Its name in the table. Unless said, the same."), NULL, TIME],
    and: None,
    rules: &[],
    within: Within::In(&FILE_ROWS, "{file: products.csv, columns: {productId: @}}"),
};

pub static FILE_VALUES: Mapping = Mapping {
    id: "from-values",
    what: "`from`",
    path: "….COLUMN.from",
    about: "Values of one column of a CSV file.",
    keys: &[
        key("file", Form::Text, "names.csv", "A name relative to the scenario's folder.").required(),
        key(
            "column",
            Form::Name("a column of the file"),
            "name",
            "By its name, or its number from 1; a file of one column needs none.",
        ),
        key(
            "draw",
            Form::Words(&["cycle", "in_order", "uniform"]),
            "uniform",
            "One after the other and then from the start again, one after the other (too few are a mistake), or any.",
        )
        .unless_said("cycle"),
        key("weight", Form::Name("a column of the file"), "population", "Drawn in proportion to that column."),
        DELIMITER,
        QUOTE,
        HEADER,
        NULL,
    ],
    and: None,
    rules: &[Rule::Apart("draw", &["weight"])],
    within: Within::In(&VALUE, "{from: @}"),
};
