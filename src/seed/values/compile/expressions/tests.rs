//! What formulas come to, and which ones are refused.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::seed::text::{append_text, encode_text};
use crate::seed::values::{Cell, Context};

const UNTIL_US: i64 = 1_767_225_600_000_000;

fn of(base: &str) -> PgType {
    PgType::named(base, -1, base, &[]).unwrap()
}

/// `price` 19.99, `quantity` 3, `name` Zoë, `paid` true, `placed` 2025-12-30 06:30, `nothing` NULL (a number), `spot` a point.
fn peer(name: &str) -> Result<Peer, ValueProblem> {
    let (base, value) = match name {
        "price" => ("numeric", Some("19.99")),
        "quantity" => ("int4", Some("3")),
        "name" => ("text", Some("Zoë")),
        "paid" => ("bool", Some("true")),
        "placed" => ("timestamptz", Some("2025-12-30T06:30:00Z")),
        "opens" => ("time", Some("08:30:00")),
        "nothing" => ("float8", None),
        "spot" => ("point", Some("(1,2)")),
        _ => return Err(ValueProblem::Peer(format!("there is no `{name}`"))),
    };
    let of = of(base);
    let cell = match value {
        Some(text) => {
            let mut field = Vec::new();
            crate::seed::encode::put_bytes(&mut field, &encode_text(text, &of).unwrap());
            Cell::new(Source::Fixed(field.into()))
        }
        None => Cell::null(),
    };
    Ok(Peer::Cell(Arc::new(cell), Arc::new(of)))
}

fn made(text: &str, base: &str, row: u64) -> Result<String, String> {
    let start = Location { line: 7, column: 20 };
    let formula = Expression::parse(text, start).map_err(|(at, fault)| format!("{}:{} {}", at.line, at.column, fault.message))?;
    let of = of(base);
    let mut find = peer;
    let mut site = Site {
        key: Key::new(42, &["t", "c"]),
        rows: 10,
        unique: false,
        rising: false,
        until_us: UNTIL_US,
        growth: &crate::seed::values::Growth::default(),
        locale: Default::default(),
        peer: &mut find,
    };
    let source = expression(&formula, &of, &mut site).map_err(|problem| {
        let at = problem.at().unwrap_or_default();
        format!("{}:{} {problem}", at.line, at.column)
    })?;
    let mut context = Context::rows();
    context.turn_to(row);
    let mut field = Vec::new();
    Cell::new(source).write(&mut context, &mut field);
    if let Some(failure) = context.take_failure() {
        return Err(failure.to_string());
    }
    if field[0] == 0xff {
        return Ok("NULL".into());
    }
    assert_eq!(field.len() - 4, u32::from_be_bytes(field[..4].try_into().unwrap()) as usize, "{text}");
    let mut shown = Vec::new();
    append_text(of.kind, &field[4..], &mut shown);
    Ok(String::from_utf8(shown).unwrap())
}

#[test]
fn formulas_come_to_what_sql_says() {
    for (text, base, expected) in [
        ("round(price * quantity, 2)", "numeric", "59.97"),
        ("price * quantity", "float8", "59.97"),
        ("7 / 2", "float8", "3.5"),
        ("-7 % 3", "int4", "-1"),
        ("round(2.5) + floor(-1.2) + ceil(0.1) + abs(-3)", "int4", "5"),
        ("price / 0", "numeric", "NULL"),
        ("sqrt(-1)", "float8", "NULL"),
        ("power(2, 10) + ln(exp(1)) + sign(-4)", "int8", "1024"),
        ("round(1234, -2)", "int4", "1200"),
        ("quantity + nothing", "int4", "NULL"),
        ("coalesce(nothing, quantity, 9)", "int4", "3"),
        ("greatest(1, nothing, 5) + least(2, quantity)", "int4", "7"),
        ("nullif(quantity, 3)", "int4", "NULL"),
        ("quantity > 2 and nothing > 2", "bool", "NULL"),
        ("quantity > 5 and nothing > 2", "bool", "false"),
        ("quantity > 2 or nothing > 2", "bool", "true"),
        ("not paid or price between 10 and 20", "bool", "true"),
        ("nothing is null and price is not null", "bool", "true"),
        ("name in ('Max', 'Zoë') and name not in ('Al')", "bool", "true"),
        ("if(paid, 'yes', 'no')", "text", "yes"),
        ("case quantity when 1 then 'one' when 3 then 'three' else 'many' end", "text", "three"),
        ("case when nothing > 1 then 1 end", "int4", "NULL"),
        ("name || '-' || quantity || '-' || price || '-' || paid", "text", "Zoë-3-19.99-true"),
        ("name || nothing", "text", "NULL"),
        ("upper(name) || lower('ÀB') || length(name)", "text", "ZOËàb3"),
        ("substring('perflab', 2, 3) || left(name, 2) || right(name, 1) || substring('ab', 2)", "text", "erfZoëb"),
        ("number('4' || '2') + 1", "int4", "43"),
        ("text(quantity)", "text", "3"),
        ("placed + 1.5d", "timestamptz", "2025-12-31T18:30:00Z"),
        ("placed - 12h", "date", "2025-12-29"),
        ("date(placed) + opens", "timestamptz", "2025-12-30T08:30:00Z"),
        ("placed > date '2025-12-30' and placed < '2025-12-31'", "bool", "true"),
        ("days(now() - placed)", "float8", "1.7291666666666667"),
        ("floor(age_days(placed))", "int4", "1"),
        ("hours(2 * 1d / 3) + minutes(1h) + seconds(1min)", "int4", "136"),
        ("year(placed) * 10000 + month(placed) * 100 + day(placed)", "int4", "20251230"),
        ("hour(placed) * 100 + minute(placed) + weekday(placed) / 10", "float8", "630.2"),
        ("placed", "int8", "1767076200000"),
        ("greatest(placed, now())", "text", "2026-01-01T00:00:00Z"),
        ("if(age_days(placed) < 5, 'open', 'closed')", "text", "open"),
        ("opens + 30min", "time", "09:00:00"),
        ("row()", "int4", "5"),
        ("null", "int4", "NULL"),
        ("case when paid then null else 4 end", "int4", "NULL"),
    ] {
        assert_eq!(made(text, base, 4).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn chance_is_the_rows_own_and_each_call_draws_anew() {
    assert_eq!(made("random()", "float8", 3), made("random()", "float8", 3));
    assert_ne!(made("random()", "float8", 3), made("random()", "float8", 4));
    assert_eq!(made("random() = random()", "bool", 3).as_deref(), Ok("false"));
    let dice: std::collections::BTreeSet<String> = (0..200).map(|row| made("random(1, 6)", "int4", row).unwrap()).collect();
    assert_eq!(dice.into_iter().collect::<Vec<_>>(), ["1", "2", "3", "4", "5", "6"]);
}

#[test]
fn what_does_not_fit_is_refused_with_its_place() {
    for (text, base, message) in [
        ("price * name", "numeric", "7:26 `*` does not go between a number and a text"),
        ("price + placed", "numeric", "7:26 `+` does not go between a number and a moment"),
        ("placed + 3", "timestamptz", "7:27 `+` does not go between a moment and a number"),
        ("prise * 2", "numeric", "7:20 there is no `prise`"),
        ("2 * spot", "numeric", "7:24 `spot` is of type point, of which an expression makes nothing"),
        ("rond(price)", "numeric", "7:20 unknown function `rond`; did you mean `round`?"),
        ("round(1, 2, 3)", "numeric", "7:20 `round` takes 1 to 2 values, not 3"),
        ("random(1)", "numeric", "7:20 `random` takes no or 2 values, not 1"),
        ("if(price, 1, 2)", "numeric", "7:23 a condition takes true or false, not a number"),
        ("case when paid then 1 else 'x' end", "numeric", "7:47 `case` has a text beside a number"),
        ("name = 3", "bool", "7:27 `=` has a number beside a text"),
        ("placed > 'soon'", "bool", "7:29 `soon` is not a date"),
        ("greatest(name, 'x')", "text", "7:20 `greatest` takes numbers, moments or intervals, not a text"),
        (
            "now() - placed",
            "int4",
            "7:26 the expression gives an interval, which is no value of type int4; `days(…)`, `hours(…)` and `seconds(…)` make numbers of intervals",
        ),
        ("paid", "int4", "7:20 the expression gives true or false, which is no value of type int4"),
        ("price *", "int4", "7:27 the expression ends where a value was expected"),
        ("100000", "int2", "`100000` is not a value of type int2"),
        ("'x' || price", "date", "`x19.99` is not a value of type date"),
    ] {
        assert_eq!(made(text, base, 0).unwrap_err(), message, "{text}");
    }
}

proptest! {
    /// Whatever is put together from these pieces is refused or gives a value of its type.
    #[test]
    fn any_formula_gives_a_value_or_a_mistake(
        text in "((price|quantity|name|paid|placed|nothing|1|0|-7|0.5|'x'|3d|now\\(\\)|random\\(\\)|null)( (\\+|-|\\*|/|%|=|<|>=|and|or|\\|\\|) )?(round\\(|abs\\(|length\\(|days\\(|not |\\(|year\\()?){1,6}\\)?\\)?",
        base in "(int2|int4|numeric|float4|text|bool|timestamptz|date|time|interval)",
        row in 0..1000_u64,
    ) {
        let _ = made(&text, &base, row);
    }
}
