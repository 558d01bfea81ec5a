//! `data.expect:` and `data.check:`, what the seeded data must show.

use super::fields::{Fields, entries, items, located, read, text};
use crate::scenario::error::{Fault, Problems};
use crate::scenario::grammar;
use crate::scenario::model::{Claim, Expect, Expected, Located};
use crate::scenario::quantity;
use crate::scenario::yaml::Node;

pub fn expect(node: &Node, problems: &mut Problems) -> Option<Expect> {
    let fields = Fields::described(node, &grammar::EXPECT, problems)?;
    let without = fields.get("without").and_then(|node| items(node, "`without`", problems)).unwrap_or_default();
    let without: Vec<_> = without.iter().filter_map(|item| located(item, "a table", problems)).collect();
    let total_rows = fields
        .get("total_rows")
        .and_then(|node| Some(Located::new(read(node, "`total_rows`", quantity::whole, problems)?, node.at)));
    if let Some(at) = fields.key_at("without").filter(|_| fields.get("total_rows").is_none()) {
        problems.report(at, Fault::with_help("`without` without `total_rows`", "it names tables that `total_rows` leaves out"));
    }
    let tables = fields.get("tables").and_then(|node| entries(node, "`tables`", problems)).unwrap_or_default();
    let tables = tables.iter().filter_map(|(name, node)| {
        let rows = read(node, "the rows of a table", quantity::whole, problems)?;
        Some((Located::new(name.value.text.clone(), name.at), Located::new(rows, node.at)))
    });
    Some(Expect { total_rows, without, tables: tables.collect() })
}

pub fn claims(node: &Node, problems: &mut Problems) -> Vec<Claim> {
    let claims = items(node, "`check`", problems).unwrap_or_default();
    claims.iter().filter_map(|node| claim(node, problems)).collect()
}

fn claim(node: &Node, problems: &mut Problems) -> Option<Claim> {
    let fields = Fields::described(node, &grammar::CHECK, problems)?;
    let claim = fields.require("claim", problems).and_then(|node| text(node, "`claim`", problems));
    let sql = fields.require("sql", problems).and_then(|node| located(node, "`sql`", problems));
    let expect = fields.require("expect", problems).and_then(|node| read(node, "`expect`", expected, problems));
    let within = fields.get("within").and_then(|node| read(node, "`within`", quantity::share, problems)).unwrap_or(0.0);
    let sql = sql?;
    let sql = Located::new(sql.value.trim().trim_end_matches(';').to_owned(), sql.at);
    Some(Claim { claim: claim?.trim().to_owned(), sql, expect: expect?, within })
}

/// `9`, `80%`, `20-30`, `5%-10%`.
pub(super) fn expected(text: &str) -> Result<Expected, Fault> {
    let share = text.trim_end().ends_with('%');
    let of = |low: f64, high: f64| Expected { text: text.trim().to_owned(), low, high, share };
    if let Ok(value) = quantity::percentage(text) {
        return Ok(of(value, value));
    }
    if share {
        // Both ends may carry the sign, or the last alone.
        let (low, high) = quantity::range(&text.replace('%', "")).map_err(|_| unreadable(text))?;
        return Ok(of(low / 100.0, high / 100.0));
    }
    quantity::range(text).map(|(low, high)| of(low, high)).map_err(|_| unreadable(text))
}

fn unreadable(text: &str) -> Fault {
    Fault::with_help(format!("`{}` is nothing a number could be held against", text.trim()), "write e.g. `9`, `80%` or `20-30`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_shares_and_ranges_can_be_expected() {
        let bounds = |text: &str| expected(text).map(|expected| (expected.low, expected.high, expected.share));
        assert_eq!(bounds("9"), Ok((9.0, 9.0, false)));
        assert_eq!(bounds("1,292,269"), Ok((1_292_269.0, 1_292_269.0, false)));
        assert_eq!(bounds("80%"), Ok((0.8, 0.8, true)));
        assert_eq!(bounds("20-30"), Ok((20.0, 30.0, false)));
        assert_eq!(bounds("5-10%"), Ok((0.05, 0.1, true)));
        assert_eq!(bounds("5%-10%"), Ok((0.05, 0.1, true)));
        assert_eq!(expected(" 80% ").unwrap().text, "80%");
        assert!(expected("many").is_err() && expected("30-20").is_err());
    }
}
