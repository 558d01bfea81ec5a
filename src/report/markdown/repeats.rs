//! Statements that an endpoint before has told already: two cases of one route run most of the same.

use super::super::model::{ExplainedEndpoint, ExplainedStatement};
use super::super::standing::Standing;
use super::super::wording::one_line;
use super::slow::weighed;
use super::{Page, plan};
use crate::units;

/// Where a statement was told.
pub(super) struct Told<'a> {
    endpoint: &'a ExplainedEndpoint,
    statement: &'a ExplainedStatement,
}

/// The same text with a plan of the same shape among what the endpoints before this one tell in full.
pub(super) fn told_before<'a>(page: &'a Page, standing: &Standing, statement: &ExplainedStatement) -> Option<Told<'a>> {
    let before = page.run.explained.get(..standing.explained?)?;
    let told =
        before.iter().flat_map(|endpoint| weighed(endpoint).0.into_iter().map(move |statement| Told { endpoint, statement }));
    let text = one_line(&statement.sql);
    let mut same =
        told.filter(|told| one_line(&told.statement.sql) == text && plan::same_shape(&told.statement.before, &statement.before));
    same.next()
}

impl Told<'_> {
    /// `Statement 4, 35% of the time, is statement 4 of GET /play (with ad) and has the same plan: 4.3 ms here, 4.9 ms there.`
    pub(super) fn sentence(&self, page: &Page, statement: &ExplainedStatement, several: bool) -> String {
        let there = page.standings.iter().find(|standing| standing.label == self.endpoint.label);
        let name = there.map_or_else(String::new, |standing| page.linked(standing));
        let share = if several { format!(", {} of the time,", units::percent(statement.share)) } else { String::new() };
        format!(
            "**Statement {}**{share} is statement {} of {name} and has the same plan: under EXPLAIN {} here, {} there.",
            statement.step,
            self.statement.step,
            units::ms(statement.before.execution_ms),
            units::ms(self.statement.before.execution_ms)
        )
    }
}
