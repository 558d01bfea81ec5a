//! Do both sides return the same for the same parameters?

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::bench::draw::Draw;
use crate::bench::live::Stop;
use crate::bench::paired::Sides;
use crate::bench::solo::count_error;
use crate::bench::workload::BoundEndpoint;
use crate::db::{DbError, Reply, Value};
use crate::report::model::{Equality, ErrorCount};
use crate::scenario::model::{Compare, Pick};

use super::rows::{Cell, Sameness, compare as compare_rows};

/// Calls compared at least, where there are parameters for as many …
const LEAST: u64 = 20;
/// … and at most, …
const MOST: u64 = 200;
/// … unless the time is over before. A call that has been compared is not compared again.
const TIME: Duration = Duration::from_secs(2);

/// What the calls of both sides showed.
pub struct Compared {
    pub equality: Equality,
    /// Per call, of each side.
    pub statements: [f64; 2],
    pub failures: Vec<ErrorCount>,
    pub notes: Vec<String>,
}

/// Calls both sides with the same parameters, in transactions that are rolled back, and compares what they return.
///
/// # Errors
/// When a connection is lost.
pub async fn compare(sides: &mut Sides<'_>, how: Compare, stop: &Stop) -> Result<Compared, DbError> {
    sides.sessions.iter_mut().for_each(|session| session.keep_returned(true));
    let mut equality = Equality { compared: 0, equal: 0, in_order: 0, both_empty: 0, first_difference: None };
    let (mut failures, mut statements, mut number) = (Vec::new(), [0_u64; 2], 0);
    let started = Instant::now();
    let draws = sides.workloads[0].endpoints[0].draws.with_pick(&Pick::Uniform);
    let mut seen = HashSet::new();
    for draw in (0..MOST).map_while(|number| draws.draw(number)) {
        if stop.asked() || (number >= LEAST && started.elapsed() > TIME) {
            break;
        }
        if !seen.insert(draw.clone()) {
            continue;
        }
        number += 1;
        let Some(results) = results(sides, how, &draw, (&mut failures, &mut statements)).await? else { continue };
        equality.compared += 1;
        equality.both_empty += u64::from(results.iter().all(Vec::is_empty));
        let same = compare_rows(&results[0], &results[1]);
        equality.equal += u64::from(!matches!(same, Sameness::Different { .. }));
        equality.in_order += u64::from(same == Sameness::InOrder);
        if let (Sameness::Different { own, variant }, None) = (same, &equality.first_difference) {
            let parameters = parameters(sides, &draw).await?;
            let counts = results.each_ref().map(Vec::len);
            equality.first_difference =
                Some(difference(&parameters, [own, variant], counts, how, &sides.workloads[0].endpoints[0]));
        }
    }
    sides.sessions.iter_mut().for_each(|session| session.keep_returned(false));
    let per_call = |count: u64| if number == 0 { 0.0 } else { count as f64 / number as f64 };
    Ok(Compared { notes: notes(&equality, how), equality, statements: statements.map(per_call), failures })
}

/// The result of each side; `None` when one failed, which is counted.
async fn results(
    sides: &mut Sides<'_>,
    how: Compare,
    draw: &Draw,
    (failures, statements): (&mut Vec<ErrorCount>, &mut [u64; 2]),
) -> Result<Option<[Vec<Vec<Cell>>; 2]>, DbError> {
    let mut found = [Vec::new(), Vec::new()];
    let mut failed = false;
    for side in 0..2 {
        let session = &mut sides.sessions[side];
        session.connection().batch("BEGIN").await?;
        let call = session.call_inside(sides.workloads[side], 0, draw).await?;
        statements[side] += u64::from(call.statements);
        found[side] = result(session.returned(), &sides.workloads[side].endpoints[0], how);
        if let Some(failure) = &call.failed {
            failed = true;
            count_error(failures, failure);
        }
        session.connection().batch("ROLLBACK").await?;
    }
    Ok((!failed).then_some(found))
}

/// What of the replies counts as the result.
fn result(returned: &[(usize, Reply)], endpoint: &BoundEndpoint, how: Compare) -> Vec<Vec<Cell>> {
    let values = |reply: &Reply, row: usize| -> Vec<Value> {
        (0..reply.fields().len()).map(|column| reply.value_at(row, column).unwrap_or(Value::null(0))).collect()
    };
    match how {
        Compare::Rows => {
            let last = endpoint.steps.iter().rposition(|step| step.returns);
            let replies = returned.iter().filter(|(step, _)| Some(*step) == last);
            replies.flat_map(|(_, reply)| (0..reply.len()).map(|row| values(reply, row).iter().map(Cell::of).collect())).collect()
        }
        Compare::Values => {
            let mut cells = Vec::new();
            for (_, reply) in returned {
                (0..reply.len()).for_each(|row| values(reply, row).iter().for_each(|value| Cell::leaves(value, &mut cells)));
            }
            cells.into_iter().map(|cell| vec![cell]).collect()
        }
    }
}

/// The parameters as people write them: `id = 7, name = 'x'`.
async fn parameters(sides: &mut Sides<'_>, draw: &Draw) -> Result<String, DbError> {
    let texts = sides.sessions[0].connection().texts(&draw.values).await?;
    let names = sides.workloads[0].endpoints[0].draws.names();
    Ok(names.iter().zip(texts).map(|(name, text)| format!("{name} = {text}")).collect::<Vec<_>>().join(", "))
}

fn difference(
    parameters: &str,
    [own, variant]: [Option<Vec<Cell>>; 2],
    [own_count, variant_count]: [usize; 2],
    how: Compare,
    endpoint: &BoundEndpoint,
) -> String {
    let unit = if how == Compare::Rows { "rows" } else { "values" };
    let row = |cells: &[Cell]| match (how, cells) {
        (Compare::Values, [cell]) => cell.to_string(),
        _ => format!("({})", cells.iter().map(Cell::to_string).collect::<Vec<_>>().join(", ")),
    };
    let with = if parameters.is_empty() { String::new() } else { format!("with {parameters} ") };
    let only = match (own, variant) {
        (Some(own), Some(variant)) => format!("only the endpoint returns {}, only the variant {}", row(&own), row(&variant)),
        (Some(own), None) => format!("only the endpoint returns {}", row(&own)),
        (None, Some(variant)) => format!("only the variant returns {}", row(&variant)),
        (None, None) => "they differ".to_owned(),
    };
    let limited = endpoint.steps.iter().any(|step| step.sql.to_uppercase().contains("LIMIT"));
    let ties = if limited && own_count == variant_count {
        "; where ORDER BY leaves ties, LIMIT may cut them either way: make the order total to compare"
    } else {
        ""
    };
    format!("{with}the endpoint returns {own_count} {unit} and the variant {variant_count}; {only}{ties}")
}

fn notes(equality: &Equality, how: Compare) -> Vec<String> {
    let mut notes = Vec::new();
    if equality.compared > 0 && equality.both_empty == equality.compared {
        notes.push(
            "Neither side returned anything for any of the parameters: that proves nothing about their results.".to_owned(),
        );
    }
    if how == Compare::Rows && equality.proven() && equality.in_order < equality.equal {
        let other = equality.equal - equality.in_order;
        notes.push(format!("The same rows, in another order for {other} of {} calls.", equality.compared));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equality(compared: u64, equal: u64, in_order: u64, both_empty: u64) -> Equality {
        Equality { compared, equal, in_order, both_empty, first_difference: None }
    }

    #[test]
    fn what_proves_little_is_said() {
        assert!(notes(&equality(20, 20, 20, 20), Compare::Rows)[0].contains("proves nothing"));
        assert_eq!(notes(&equality(20, 20, 17, 3), Compare::Rows), ["The same rows, in another order for 3 of 20 calls."]);
        assert!(notes(&equality(20, 20, 17, 3), Compare::Values).is_empty());
        assert!(notes(&equality(20, 18, 18, 0), Compare::Rows).is_empty());
        assert!(!equality(0, 0, 0, 0).proven() && !equality(20, 19, 19, 0).proven());
    }
}
