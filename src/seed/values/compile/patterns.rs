//! Texts of regular expressions.

use std::sync::Arc;

use crate::seed::permutation::Permutation;
use crate::seed::types::{Kind, PgType};

use super::super::text::Body;
use super::super::{Pattern, Source, Text, ValueProblem};
use super::Site;

pub(super) fn pattern(text: &str, of: &PgType, site: &Site) -> Result<Source, ValueProblem> {
    let pattern = Pattern::new(text, of.max_chars)?;
    let body = if site.unique { distinct(&pattern, of, site)? } else { Body::Pattern(Arc::new(pattern)) };
    let text = Text { key: site.key, body, code: None, max_chars: of.max_chars };
    Ok(match of.kind {
        Kind::Text | Kind::Bytea | Kind::Json => Source::Text(text, of.kind),
        _ => Source::Parsed(text, Arc::new(of.clone())),
    })
}

/// Each text once. Of numbers and moments different texts may be the same value (`7` and `07`).
fn distinct(pattern: &Pattern, of: &PgType, site: &Site) -> Result<Body, ValueProblem> {
    let next = "fill it from a `range`";
    if !matches!(of.kind, Kind::Text | Kind::Bytea | Kind::Uuid | Kind::Enum) {
        return Err(ValueProblem::MayRepeat { what: "the pattern", next });
    }
    let next = "use a template, or fewer repetitions";
    let language = pattern.language().ok_or(ValueProblem::MayRepeat { what: "so large a pattern", next })?;
    let possible = language.size();
    if possible < site.rows {
        let next = "lengthen it, or make fewer rows";
        return Err(ValueProblem::TooFew { what: "the pattern", possible, rows: site.rows, next });
    }
    Ok(Body::Language(Arc::new(language), Permutation::new(site.key, possible)))
}
