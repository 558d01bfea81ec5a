//! Values that stand in a file.

use std::collections::HashSet;

use crate::csv::{Blocks, Fields, expand, header, record_end};
use crate::scenario::model::{Draw, FileValues};
use crate::seed::encode::{put_bytes, put_null};
use crate::seed::pick::Weights;
use crate::seed::text::encode_text;
use crate::seed::types::PgType;

use super::super::{OneOf, Source, ValueProblem};
use super::Site;

/// Values of a file are kept in memory; more of them are a table.
const MOST_VALUES: usize = 10_000_000;

/// `{from: {file: …, column: …}}`
pub fn from_file(from: &FileValues, of: &PgType, site: &Site) -> Result<Source, ValueProblem> {
    let Listed { fields, weights } = read(from, of)?;
    let (count, shown) = (fields.len() as u64, from.file.value.display());
    if count == 0 {
        return Err(ValueProblem::File(format!("`{shown}` has no values")));
    }
    if site.unique {
        let distinct: HashSet<&[u8]> = fields.iter().map(AsRef::as_ref).collect();
        if distinct.len() < fields.len() {
            return Err(ValueProblem::File(format!("it is unique, but values in `{shown}` repeat; take another file")));
        }
    }
    if site.rows > count && (site.unique || from.draw == Draw::InOrder) {
        let next = "give more values, or fewer rows";
        return Err(ValueProblem::TooFew { what: "the file", possible: count, rows: site.rows, next });
    }
    let weights = match &from.draw {
        _ if site.unique => None,
        Draw::Cycle | Draw::InOrder => None,
        Draw::Uniform => Weights::new(fields.iter().map(|_| 1.0)),
        Draw::Weighted(weight) => Some(Weights::new(weights.into_iter()).ok_or_else(|| {
            ValueProblem::File(format!("no weight of `{}` in `{shown}` is above 0, or one is below", weight.value))
        })?),
    };
    Ok(Source::OneOf(OneOf { key: site.key, weights, fields }))
}

#[derive(Default)]
struct Listed {
    /// With their lengths in front.
    fields: Vec<Box<[u8]>>,
    weights: Vec<f64>,
}

fn read(from: &FileValues, of: &PgType) -> Result<Listed, ValueProblem> {
    let wrong = |why: String| ValueProblem::File(why);
    let mut listed = Listed::default();
    for file in expand(&from.file.value).map_err(|missing| wrong(missing.to_string()))? {
        let unreadable = |error: std::io::Error| wrong(format!("`{}` could not be read: {error}", file.display()));
        let names = header(&file, from.dialect).map_err(unreadable)?.unwrap_or_default();
        let place = |field: &str| {
            let number = if from.header {
                names.iter().position(|name| name == field)
            } else {
                field.parse::<usize>().ok().and_then(|number| number.checked_sub(1))
            };
            number.ok_or_else(|| wrong(format!("`{}` has no column `{field}`", file.display())))
        };
        let value = from.column.as_ref().map_or(Ok(0), |column| place(&column.value))?;
        let weight = match &from.draw {
            Draw::Weighted(weight) => Some(place(&weight.value)?),
            _ => None,
        };
        let mut blocks = Blocks::open(&file, from.dialect).map_err(unreadable)?;
        let (mut line, mut fields) = (0, Fields::default());
        while let Some(block) = blocks.read_block().map_err(unreadable)? {
            let mut at = 0;
            while at < block.bytes.len() {
                let record = &block.bytes[at..];
                let record = &record[..record_end(record, from.dialect).unwrap_or(record.len())];
                let named = block.first && at == 0 && from.header;
                line += 1;
                at += record.len();
                if named || record.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                let bad = |why: &str| wrong(format!("record {line} of `{}` {why}", file.display()));
                if block.broken || !fields.read(record, from.dialect) {
                    return Err(bad("has a quote that is not closed"));
                }
                let Some((text, quoted)) = fields.get(record, value) else { return Err(bad("has too few fields")) };
                let text = std::str::from_utf8(text).map_err(|_| bad("is not UTF-8"))?;
                let null = (from.nulls.empty && !quoted && text.is_empty()) || from.nulls.words.iter().any(|word| word == text);
                let mut field = Vec::with_capacity(text.len() + 4);
                match null {
                    true => put_null(&mut field),
                    false => put_bytes(&mut field, &encode_text(text, of)?),
                }
                listed.fields.push(field.into());
                if let Some(weight) = weight {
                    let text = fields.get(record, weight).and_then(|(text, _)| std::str::from_utf8(text).ok());
                    let weight = text.and_then(|text| text.trim().parse::<f64>().ok());
                    listed.weights.push(weight.ok_or_else(|| bad("has a weight that is no number"))?);
                }
                if listed.fields.len() > MOST_VALUES {
                    return Err(bad("is one too many to be kept in memory; make a table of the file and refer to it"));
                }
            }
        }
    }
    Ok(listed)
}
