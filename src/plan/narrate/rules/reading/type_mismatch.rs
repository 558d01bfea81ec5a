//! `type-mismatch`: a column is converted to the type of what it is compared with, which no index on the column can follow.
//!
//! **Sees** a scan that compares at least 1,000 rows, throws away over 90%, and whose filter casts a plain column to another type.
//! **Evidence**: the cast in the filter, the column's type from the catalog. Without the type only casts to numeric or double precision
//! count, since `(name)::text` is how every varchar is compared.
//! **Bad**: `Filter: ((id)::numeric = 7.0)` on a bigint, as a driver makes of a decimal parameter.
//! **Good**: `Index Cond: (id = 7)`.
//! **Wrong** when the values really have fractions that the column does not, so that only a conversion compares them rightly.

use crate::plan::PlanNode;
use crate::plan::Rewrite;
use crate::plan::condition::{Access, Target};
use crate::plan::metrics::rows_read;
use crate::plan::narrate::context::{Conditions, Context, tip};
use crate::plan::narrate::{Remedy, Tip, words};

const NAME: &str = "type-mismatch";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    context.executed().map(|visit| visit.node).filter_map(|node| say(context, node)).collect()
}

fn say(context: &Context, node: &PlanNode) -> Option<Tip> {
    let (read, removed) = (rows_read(node), node.rows_removed());
    if !node.reads_relation() || read < 1_000.0 || removed <= 0.9 * read {
        return None;
    }
    let conditions = Conditions::of(node, false);
    let predicates = conditions.predicates();
    let (column, cast) = predicates.iter().find_map(|branches| match branches.as_slice() {
        [one] if matches!(one.access, Access::Equality(_) | Access::Range(_) | Access::Any(_)) => match &one.target {
            Target::Column { column, cast: Some(cast) } => Some((column.name.as_str(), *cast)),
            _ => None,
        },
        _ => None,
    })?;
    let own_type = context.table(node).and_then(|table| table.column(column)).map(|column| column.type_name.as_str());
    if !matters(own_type, cast) {
        return None;
    }
    let own = context.node(node).exclusive_ms;
    let sentence = format!(
        "{column}{} is converted to {cast} to be compared, which no index on {column} can follow: it reads {} to find {}{}.",
        own_type.map(|own| format!(", a {own},")).unwrap_or_default(),
        context.rows_of(node, read),
        words::some(node.rows()),
        context.taking(own)
    );
    let day = cast == "date" && own_type.is_none_or(|own| own.starts_with("timestamp"));
    let to = own_type.unwrap_or("the column's own type");
    let next = if day {
        format!("Ask for the range of the day: {column} >= day AND {column} < day + 1.")
    } else {
        format!("Pass the value as {to}, or cast the value instead of the column.")
    };
    let remedy = match own_type {
        _ if day => Some(Rewrite::DayRange { column: column.to_owned() }),
        Some(own) => Some(Rewrite::CastParameter { column: column.to_owned(), to: own.to_owned() }),
        None => None,
    };
    Some(tip(NAME, node, sentence, own * removed / read, own).next(next).remedy(remedy.map(Remedy::Rewrite)))
}

/// Whether the cast takes the index away: a varchar is compared as text by the same operators.
fn matters(own: Option<&str>, cast: &str) -> bool {
    let bare = |name: &str| name.split('(').next().unwrap_or_default().trim().to_owned();
    let cast = bare(cast);
    match own.map(bare) {
        Some(own) => own != cast && !(own == "character varying" && cast == "text") && !(own == "cidr" && cast == "inet"),
        None => matches!(cast.as_str(), "numeric" | "double precision"),
    }
}

#[cfg(test)]
mod tests {
    use super::matters;
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_with_the_columns_type() {
        insta::assert_snapshot!(shop_said(super::check, "type-mismatch"), @"
        id, a bigint, is converted to numeric to be compared, which no index on id can follow: it reads all 60,000 rows of shop.purchases to find 1, which takes 10.2 of 10.2 ms.
        Pass the value as bigint, or cast the value instead of the column.
        ");
    }

    #[test]
    fn quiet_when_a_varchar_is_compared_as_text() {
        assert_eq!(shop_said(super::check, "or-columns"), "");
        assert_eq!(shop_said(super::check, "filter-weak"), "");
        assert!(!matters(Some("character varying(60)"), "text") && !matters(None, "text"));
        assert!(matters(Some("integer"), "text") && matters(None, "numeric"));
    }
}
