//! Candidates judged by the planner itself, through HypoPG: an index that exists in this session's planner alone.
//!
//! <https://hypopg.readthedocs.io>: nothing is written, so a read-only session may do it; EXPLAIN without ANALYZE sees the index.

use std::collections::BTreeSet;

use crate::db::{Connection, DbError};
use crate::plan::used_indexes;
use crate::report::model::{KeptIndex, RejectedIndex};
use crate::sql::{quote_ident, quote_literal};
use crate::units::figure;

use super::super::AdviseError;
use super::super::candidate::Candidate;
use super::planned::{Planned, cost};
use super::{Estimating, Judged, Proposed, because, endpoint_cost, name_of};

/// Where HypoPG is installed; `None` when it is not.
pub async fn schema(connection: &mut Connection) -> Result<Option<String>, DbError> {
    let sql = "SELECT n.nspname::text FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'hypopg'";
    let found: Vec<(String,)> = connection.rows(sql).await?;
    Ok(found.into_iter().next().map(|(schema,)| quote_ident(&schema)))
}

/// An index of the planner's.
struct Hypothetical {
    candidate: Candidate,
    oid: i64,
    name: String,
}

/// Keeps the candidates that the planner would miss.
pub async fn judge(
    connection: &mut Connection,
    schema: &str,
    asked: &Estimating<'_>,
    planned: &[Planned],
    proposed: Vec<Proposed>,
) -> Result<Judged, AdviseError> {
    let mut judging = Judging { connection, schema, asked, planned, rejected: Vec::new() };
    let mut standing = judging.create_all(proposed).await?;
    let (mut with, used) = judging.plans().await?;
    let (kept, unused): (Vec<_>, Vec<_>) = standing.into_iter().partition(|index| used.contains(&index.name));
    for index in unused {
        judging.reject(&index.candidate, "the planner would not use it".to_owned());
        judging.drop_index(&index).await?;
    }
    standing = kept;
    // The wide and the specialized are asked last: what they make superfluous goes first.
    standing.sort_by_key(|index| (index.candidate.keys.len() + index.candidate.include.len(), index.candidate.target()));
    let mut keep: Vec<(Candidate, u64, String)> = Vec::new();
    for index in standing {
        let bytes = judging.bytes(&index).await?;
        judging.drop_index(&index).await?;
        let (without, _) = judging.plans().await?;
        match judging.missed(&with, &without) {
            Some(reason) => {
                judging.create(index.candidate.clone()).await?;
                keep.push((index.candidate, bytes, reason));
            }
            None => {
                judging.reject(&index.candidate, "the planner's costs hardly change without it".to_owned());
                with = without;
            }
        }
    }
    let (after, _) = judging.plans().await?;
    let rejected = std::mem::take(&mut judging.rejected);
    connection.batch(&format!("SELECT {schema}.hypopg_reset()")).await?;
    Ok(Judged {
        keep: kept_indexes(keep, asked),
        rejected,
        after,
        note:
            "Estimated with HypoPG: the planner chose among indexes that do not exist. It does not know how long anything takes; \
               measure on a copy with --copy or --copy-here."
                .to_owned(),
    })
}

fn kept_indexes(keep: Vec<(Candidate, u64, String)>, asked: &Estimating<'_>) -> Vec<KeptIndex> {
    let mut kept: Vec<KeptIndex> = Vec::new();
    for (candidate, bytes, reason) in keep {
        let name = name_of(&candidate, asked.catalog, &kept);
        kept.push(KeptIndex {
            table: candidate.table.to_string(),
            definition: candidate.definition(&name),
            extension: candidate.extension().map(str::to_owned),
            because: because(&candidate),
            name,
            bytes,
            reason,
            ..KeptIndex::default()
        });
    }
    kept
}

struct Judging<'a> {
    connection: &'a mut Connection,
    schema: &'a str,
    asked: &'a Estimating<'a>,
    planned: &'a [Planned],
    rejected: Vec<RejectedIndex>,
}

impl Judging<'_> {
    async fn create_all(&mut self, proposed: Vec<Proposed>) -> Result<Vec<Hypothetical>, AdviseError> {
        let mut standing = Vec::new();
        for Proposed { candidate, .. } in proposed {
            match self.create(candidate.clone()).await {
                Ok(index) => standing.push(index),
                Err(error) if error.server_message().is_some() => {
                    self.reject(&candidate, format!("HypoPG cannot judge it ({error}); --copy builds and measures it"));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(standing)
    }

    async fn create(&mut self, candidate: Candidate) -> Result<Hypothetical, DbError> {
        let definition = quote_literal(&format!("CREATE INDEX ON {}", candidate.target()));
        let call = format!("SELECT indexrelid::int8, indexname::text FROM {}.hypopg_create_index({definition})", self.schema);
        let (oid, name): (i64, String) = self.connection.row(&call).await?;
        Ok(Hypothetical { candidate, oid, name })
    }

    async fn drop_index(&mut self, index: &Hypothetical) -> Result<(), DbError> {
        self.connection.batch(&format!("SELECT {}.hypopg_drop_index({})", self.schema, index.oid)).await
    }

    async fn bytes(&mut self, index: &Hypothetical) -> Result<u64, DbError> {
        let sql = format!("SELECT {}.hypopg_relation_size({})::int8", self.schema, index.oid);
        let (bytes,): (i64,) = self.connection.row(&sql).await?;
        Ok(u64::try_from(bytes).unwrap_or(0))
    }

    /// The cost of every statement as things are, and the indexes that the plans use.
    async fn plans(&mut self) -> Result<(Vec<f64>, BTreeSet<String>), AdviseError> {
        let (mut costs, mut used) = (Vec::new(), BTreeSet::new());
        for statement in self.planned {
            let plan = statement.again(self.connection).await?;
            costs.push(cost(&plan));
            used.extend(used_indexes(&plan).into_iter().map(|index| index.name));
        }
        Ok((costs, used))
    }

    /// What the endpoint that gains most would cost without the index; `None` when none gains enough.
    fn missed(&self, with: &[f64], without: &[f64]) -> Option<String> {
        let endpoints = self.asked.workload.endpoints.iter().enumerate();
        let shares = endpoints.map(|(place, endpoint)| {
            let [with, without] = [with, without].map(|costs| endpoint_cost(self.planned, costs, place));
            (endpoint.label.as_str(), with, without)
        });
        let gaining = shares.filter(|(_, with, without)| without - with > self.asked.options.keep_if * without);
        let best = gaining.max_by(|a, b| (a.2 - a.1).total_cmp(&(b.2 - b.1)));
        best.map(|(label, with, without)| {
            format!("{label} is estimated to cost {} without it and {} with it", figure(without), figure(with))
        })
    }

    fn reject(&mut self, candidate: &Candidate, reason: String) {
        self.rejected.push(RejectedIndex {
            definition: candidate.definition(&name_of(candidate, self.asked.catalog, &[])),
            because: because(candidate),
            reason: format!("estimated: {reason}"),
        });
    }
}
