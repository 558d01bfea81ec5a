//! `perflab schema`

use anyhow::bail;
use schemars::{Schema, schema_for};

use crate::cli::Outcome;
use crate::cli::args::{Described, SchemaArgs};
use crate::report::model::{BenchReport, Comparison, Run};
use crate::scenario::grammar;

/// A JSON Schema or the reference page, to stdout.
pub fn run(args: &SchemaArgs) -> anyhow::Result<Outcome> {
    let text = match (args.what, args.page) {
        (Described::Scenario, true) => grammar::page(),
        (Described::Scenario, false) => pretty(&grammar::json_schema())?,
        (_, true) => bail!("only the scenario has a page; leave `--page` out for the schema of this"),
        (Described::Run, false) => pretty(&titled(schema_for!(Run), "perflab run"))?,
        (Described::Bench, false) => pretty(&titled(schema_for!(BenchReport), "perflab bench"))?,
        (Described::Compare, false) => pretty(&titled(schema_for!(Comparison), "perflab compare"))?,
    };
    std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes())?;
    Ok(Outcome::Fine)
}

fn titled(mut schema: Schema, title: &str) -> serde_json::Value {
    schema.insert("title".to_owned(), title.into());
    schema.to_value()
}

fn pretty(schema: &serde_json::Value) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(schema)? + "\n")
}
