//! Claims about the data, asked of the server: first whether they can be asked at all, after the load whether they hold.

use crate::db::{Connection, DbError};
use crate::report::model::{CheckSeen, SeededTable};
use crate::scenario::model::Claim;

use super::plan::SeedPlan;
use super::problem::{Problem, SeedProblem};

/// Claims whose statements the server does not understand, before a row is made. The tables must exist.
///
/// # Errors
/// A lost connection; what is wrong with a statement is a problem, not an error.
pub async fn unprovable(claims: &[Claim], connection: &mut Connection) -> Result<Vec<SeedProblem>, DbError> {
    let mut problems = Vec::new();
    for claim in claims {
        match connection.prepare(&one_number(claim)).await {
            Ok(_) => {}
            Err(DbError::Server(message)) => {
                let problem = Problem::Claim { claim: claim.claim.clone(), reason: message.message.clone() };
                problems.push(SeedProblem::new(claim.sql.at, problem));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(problems)
}

/// The claim's statement as one number; the line break keeps a comment at its end from taking the bracket along.
fn one_number(claim: &Claim) -> String {
    format!("SELECT (\n{}\n)::float8", claim.sql.value)
}

/// Holds counts and claims against the loaded tables, in the order of the scenario.
///
/// # Errors
/// A lost connection. A statement that fails is a claim that does not hold, with the reason.
pub async fn prove(plan: &SeedPlan, tables: &[SeededTable], connection: &mut Connection) -> Result<Vec<CheckSeen>, DbError> {
    let unscaled = plan.scale == 1.0;
    let mut seen: Vec<CheckSeen> =
        plan.expected_tables.iter().map(|(name, rows)| counted(name, *rows, tables, unscaled)).collect();
    for claim in &plan.checks {
        let (got, error) = match ask(claim, connection).await {
            Ok(got) => (got, None),
            Err(DbError::Server(message)) => (None, Some(message.message.clone())),
            Err(error) => return Err(error),
        };
        let comparable = unscaled || claim.expect.share;
        seen.push(CheckSeen {
            claim: claim.claim.clone(),
            sql: claim.sql.value.clone(),
            expect: claim.expect.text.clone(),
            within: (claim.within > 0.0).then_some(claim.within),
            got,
            held: comparable.then(|| got.is_some_and(|got| claim.holds(got))),
            error,
        });
    }
    Ok(seen)
}

async fn ask(claim: &Claim, connection: &mut Connection) -> Result<Option<f64>, DbError> {
    connection.batch("BEGIN READ ONLY").await?;
    let answer = connection.row::<(Option<f64>,)>(&one_number(claim)).await;
    connection.batch("ROLLBACK").await?;
    answer.map(|(number,)| number)
}

fn counted(name: &str, rows: u64, tables: &[SeededTable], unscaled: bool) -> CheckSeen {
    let bare = name.strip_prefix("public.").unwrap_or(name);
    let got = tables.iter().find(|table| table.name == bare).map(|table| table.rows);
    CheckSeen {
        claim: format!("rows of {bare}"),
        sql: format!("SELECT count(*) FROM {name}"),
        expect: crate::units::count(rows),
        within: None,
        got: got.map(|rows| rows as f64),
        held: unscaled.then_some(got == Some(rows)),
        error: None,
    }
}
