//! Arrays of any values.

use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::scenario::model::ValueSpec;
use crate::seed::types::{Kind, PgType};

use super::super::{Above, Cell, Elements, Peer, Source, ValueProblem};
use super::{Growth, Site, compile, mismatch};

/// Purpose of a column's key: the elements of its arrays.
const ELEMENTS: u64 = 11;

pub(super) fn array(
    spec: &ValueSpec,
    length: &RangeInclusive<u64>,
    of: &PgType,
    site: &mut Site,
) -> Result<Source, ValueProblem> {
    let Some(element) = of.element.clone().filter(|_| matches!(of.kind, Kind::Array(_))) else {
        return Err(mismatch("`array`", of, "; it makes arrays"));
    };
    let (mut spec, mut inner, mut block) = (spec, Vec::new(), 1_u64);
    while let ValueSpec::Array { of, length } = spec {
        if length.start() != length.end() {
            return Err(ValueProblem::Peer(
                "the arrays inside an array are all of one length; give one number as `length`".into(),
            ));
        }
        inner.push(u32::try_from(*length.end()).unwrap_or(u32::MAX));
        block = block.saturating_mul(*length.end());
        spec = of;
    }
    if inner.len() > 5 {
        return Err(ValueProblem::Peer("an array has at most 6 dimensions; nest fewer".into()));
    }
    if site.unique && *length.start() == 0 {
        return Err(ValueProblem::MayRepeat {
            what: "`array`",
            next: "let `length` start at 1, so that no two arrays are empty",
        });
    }
    let slots = block.saturating_mul(*length.end()).max(1);
    let cell = elements(spec, &element, slots, site)?;
    Ok(Source::Elements(Elements { key: site.key, cell: Box::new(cell), element, length: length.clone(), inner }))
}

/// The cell of an element, whose row is `slots` times its array's and some.
fn elements(spec: &ValueSpec, of: &PgType, slots: u64, site: &mut Site) -> Result<Cell, ValueProblem> {
    let mut above = |name: &str| {
        Ok(match (site.peer)(name)? {
            Peer::Cell(inner, kind) => Peer::Cell(Arc::new(Cell::new(Source::Above(Above { inner, slots }))), kind),
            parameter => parameter,
        })
    };
    let mut inside = Site {
        key: site.key.part(ELEMENTS),
        rows: site.rows.saturating_mul(slots),
        unique: site.unique,
        rising: false,
        until_us: site.until_us,
        growth: &Growth::default(),
        locale: site.locale,
        peer: &mut above,
    };
    let sized = inside.growth;
    let cell = compile(spec, of, &mut inside)?;
    if sized.sized.get() {
        site.growth.must_not_grow("the elements of arrays")?;
    }
    Ok(cell)
}
