//! Words, names, passwords and templates.

use std::sync::Arc;

use crate::scenario::model::{FakeKind, Locale, Template, TemplatePart};
use crate::seed::types::{Kind, PgType};

use super::super::lists::lists;
use super::super::text::{Body, Code, Piece};
use super::super::{Source, Text, ValueProblem};
use super::{Site, mismatch};

pub(super) fn prose(what: &'static str, body: Body, of: &PgType, site: &Site) -> Result<Source, ValueProblem> {
    if !matches!(of.kind, Kind::Text | Kind::Bytea) {
        return Err(mismatch(what, of, "; it makes text"));
    }
    let code = if site.unique { Some(code(what, &body, of, site)?) } else { None };
    Ok(Source::Text(Text { key: site.key, body, code, max_chars: of.max_chars }, of.kind))
}

/// `{fake: …}`; degrees fill numbers, and addresses of the network the types for them.
pub(super) fn fake(kind: FakeKind, locale: Locale, of: &PgType, site: &Site) -> Result<Source, ValueProblem> {
    let body = Body::Fake(kind, lists(locale));
    let degrees = matches!(kind, FakeKind::Latitude | FakeKind::Longitude) && of.kind.is_number();
    let address = kind == FakeKind::Ip && matches!(of.kind, Kind::Inet | Kind::Cidr);
    if (degrees || address) && !site.unique {
        let text = Text { key: site.key, body, code: None, max_chars: None };
        return Ok(Source::Parsed(text, Arc::new(of.clone())));
    }
    prose("`fake`", body, of, site)
}

/// `{text: …}`
pub(super) fn sentences(
    median: f64,
    sigma: f64,
    (min, max): (u64, Option<u64>),
    of: &PgType,
    site: &Site,
) -> Result<Source, ValueProblem> {
    let room = of.max_chars.map_or(u64::MAX, |room| room as u64);
    if min > room {
        let why = format!("`text` has {min} characters at least, but the column holds {room}; lower `min`");
        return Err(ValueProblem::Peer(why));
    }
    let max = max.unwrap_or(LONGEST_TEXT).min(room);
    prose("`text`", Body::Prose { median, sigma, min, max, lists: lists(site.locale) }, of, site)
}

/// Where lengths end when neither the scenario nor the column says so.
const LONGEST_TEXT: u64 = 100_000;

/// Digits that make the text of every row different.
fn code(what: &'static str, body: &Body, of: &PgType, site: &Site) -> Result<Code, ValueProblem> {
    let room = of.max_chars.unwrap_or(usize::MAX);
    let fitting = |rows: u64| Code::fitting(site.key.part(CODE), rows, room);
    let code = fitting(site.rows).ok_or_else(|| ValueProblem::TooFew {
        what,
        possible: 36_u64.saturating_pow(u32::try_from(room).unwrap_or(u32::MAX)),
        rows: site.rows,
        next: "its type is too short; make fewer rows",
    })?;
    let sizes = |code: &Code| (code.width(), code.base());
    if site.growth.earlier.iter().filter_map(|rows| fitting(*rows)).any(|before| sizes(&before) != sizes(&code)) {
        site.growth.sized.set(true);
        // Of two texts that end in different numbers of digits one has a digit where the other has none, if nothing but the code
        // makes digits.
        if code.base() != 10 || body.may_end_in_a_digit() {
            site.growth.must_not_grow("codes of another length")?;
        }
    }
    Ok(code)
}

/// Purposes of a column's key beside its values.
const CODE: u64 = 9;

pub(super) fn templated(template: &Template, of: &PgType, site: &mut Site) -> Result<Source, ValueProblem> {
    match template.parts.as_slice() {
        [TemplatePart::Uuid] if of.kind == Kind::Uuid => return Ok(Source::Uuid(site.key)),
        [TemplatePart::Fake(kind)] => return fake(*kind, site.locale, of, site),
        _ => {}
    }
    let mut pieces = template.parts.iter().map(|part| piece(part, site)).collect::<Result<Vec<_>, _>>()?;
    if site.unique {
        make_unique(&mut pieces, site)?;
    }
    let text = Text { key: site.key, body: Body::Template(pieces), code: None, max_chars: of.max_chars };
    Ok(match of.kind {
        Kind::Text | Kind::Bytea | Kind::Json | Kind::Jsonb => Source::Text(text, of.kind),
        _ => Source::Parsed(text, Arc::new(of.clone())),
    })
}

fn piece(part: &TemplatePart, site: &mut Site) -> Result<Piece, ValueProblem> {
    Ok(match part {
        TemplatePart::Text(text) => Piece::Text(text.as_bytes().into()),
        TemplatePart::Row => Piece::Row,
        TemplatePart::Hex(count) => Piece::Hex(*count),
        TemplatePart::Digits(count) => Piece::Digits(*count),
        TemplatePart::Letters(count) => Piece::Letters(*count),
        TemplatePart::Alnum(count) => Piece::Alnum(*count),
        TemplatePart::Uuid => Piece::Uuid,
        TemplatePart::Int(range) => Piece::Int(range.clone()),
        TemplatePart::Fake(kind) => Piece::Fake(*kind, lists(site.locale)),
        TemplatePart::Column(name) => Piece::Peer((site.peer)(name)?),
    })
}

/// A row number or a UUID makes every text different; else a random piece that is long enough is replaced by a code.
fn make_unique(pieces: &mut [Piece], site: &Site) -> Result<(), ValueProblem> {
    if pieces.iter().any(|piece| matches!(piece, Piece::Row | Piece::Uuid)) {
        return Ok(());
    }
    for piece in pieces {
        let (base, width) = match piece {
            Piece::Hex(width) => (16, *width),
            Piece::Digits(width) => (10, *width),
            Piece::Alnum(width) => (36, *width),
            _ => continue,
        };
        // Random values of so large a space do not meet: the chance that any two of them do is about rows^2 / 2 / space.
        let random = |rows: u64| libm::pow(base as f64, f64::from(width)) > (rows as f64).powi(2) * 1e9;
        if site.growth.earlier.iter().any(|rows| random(*rows)) && !random(site.rows) {
            site.growth.sized.set(true);
        }
        if random(site.rows) {
            return Ok(());
        }
        if let Some(code) = Code::exact(site.key.part(CODE), site.rows, base, width) {
            *piece = Piece::Code(code);
            return Ok(());
        }
    }
    Err(ValueProblem::MayRepeat { what: "the template", next: "add {row}, or a longer {hex:…}, {digits:…} or {alnum:…}" })
}
