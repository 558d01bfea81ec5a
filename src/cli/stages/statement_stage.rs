//! A statement of the command line in place of the scenario's endpoints.

use crate::cli::laboratory::Laboratory;
use crate::scenario::error::{Problem, ScenarioError, did_you_mean};
use crate::scenario::model::{Endpoint, Located, Location, Params, Step};
use crate::scenario::statement::Statement;
use crate::sql::{quote_ident, quote_literal};

use super::{Bound, bind};

/// Binds a single statement with the values of its parameters, by name, in place of the scenario's endpoints.
pub async fn bind_statement(laboratory: &mut Laboratory, sql: &str, given: &[(String, String)]) -> anyhow::Result<Bound> {
    laboratory.scenario.endpoints = vec![endpoint_of(sql, given)?];
    // The scenario is not at fault, so its lines are not shown.
    bind(laboratory).await.map_err(|error| match error.downcast::<ScenarioError>() {
        Ok(ScenarioError::Invalid(mistakes)) => of_argument("--sql", mistakes.problems),
        Ok(other) => other.into(),
        Err(error) => error,
    })
}

/// An endpoint of one statement, whose parameters have these values.
///
/// # Errors
/// No statement or more than one, a parameter without a value, a value without a parameter.
pub fn endpoint_of(sql: &str, given: &[(String, String)]) -> anyhow::Result<Endpoint> {
    let at = Location { line: 1, column: 1 };
    let statement = Statement::parse_numbered(sql).map_err(|fault| anyhow::anyhow!("--sql: {}", fault.message))?;
    let names: Vec<&str> = statement.params.iter().map(|param| param.name.as_str()).collect();
    if let Some(param) = statement.params.iter().find(|param| given.iter().all(|(name, _)| *name != param.name)) {
        let written = if is_number(&param.name) { format!("${}", param.name) } else { format!("{param}") };
        anyhow::bail!("--sql has the parameter `{written}`; give it a value: --param {}=…", param.name);
    }
    for (place, (name, _)) in given.iter().enumerate() {
        if given[..place].iter().any(|(known, _)| known == name) {
            anyhow::bail!("--param {name} is given twice");
        }
        if !names.contains(&name.as_str()) {
            let near = did_you_mean(name, names.iter().copied()).unwrap_or_else(|| "it has none".to_owned());
            anyhow::bail!("--param {name}: the statement has no such parameter; {near}");
        }
    }
    let params = Params { sample: sample(given).map(|sample| Located::new(sample, at)), ..Params::default() };
    Ok(Endpoint {
        route: Located::new(statement.written.clone(), at),
        case: None,
        weight: 1.0,
        params,
        steps: vec![Step { statement: Located::new(statement, at), name: None, when: None, for_each: None }],
        variants: Vec::new(),
        slo: Vec::new(),
    })
}

fn is_number(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_digit())
}

/// The values as the one row that the endpoint is called with; the statement's types are put on them where they are drawn.
fn sample(given: &[(String, String)]) -> Option<String> {
    let column = |(name, value): &(String, String)| {
        let value = if value == "NULL" { value.clone() } else { quote_literal(value) };
        format!("CAST({value} AS text) AS {}", quote_ident(name))
    };
    (!given.is_empty()).then(|| format!("SELECT {}", given.iter().map(column).collect::<Vec<_>>().join(", ")))
}

/// Mistakes in what stands behind a flag, where no line of a file can be shown.
pub fn of_argument(flag: &str, problems: Vec<Problem>) -> anyhow::Error {
    let said = problems.iter().map(|problem| {
        let message = problem.message.replace("the server refuses the sample query: ", "a value of --param does not fit: ");
        match &problem.help {
            Some(help) => format!("{message}; hint: {help}"),
            None => message,
        }
    });
    anyhow::anyhow!("{flag}: {}", said.collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn every_parameter_has_one_value_and_every_value_its_parameter() {
        let error = |sql: &str, pairs: &[(&str, &str)]| endpoint_of(sql, &given(pairs)).unwrap_err().to_string();
        assert_eq!(error("SELECT :id", &[]), "--sql has the parameter `:id`; give it a value: --param id=…");
        assert_eq!(error("SELECT $1", &[]), "--sql has the parameter `$1`; give it a value: --param 1=…");
        assert!(error("SELECT :id", &[("id", "1"), ("ids", "2")]).contains("did you mean `id`?"));
        assert!(error("SELECT :id", &[("id", "1"), ("id", "2")]).contains("twice"));
        assert!(error("SELECT 1", &[("id", "1")]).contains("it has none"));
        assert!(endpoint_of("SELECT :id", &given(&[("id", "1")])).is_ok());
    }

    #[test]
    fn values_are_quoted_and_null_is_null() {
        let sample = sample(&given(&[("1", "it's"), ("Name", "NULL")])).unwrap();
        assert_eq!(sample, "SELECT CAST('it''s' AS text) AS \"1\", CAST(NULL AS text) AS \"Name\"");
    }
}
