//! The server's side of an endpoint: counts are those of all calls, times are each server's own.

use crate::report::model::{EndpointResult, ServerSide, Touched};

use super::agreed::agreed;
use super::endpoints::weighted;

/// Counts per call over all calls that were counted, when every shard counted; nothing of times, which are of different servers.
pub fn joined(parts: &[&EndpointResult]) -> Option<ServerSide> {
    if let Some(same) = agreed(parts.iter().map(|part| &part.server_side)) {
        return same;
    }
    let sides: Vec<&ServerSide> = parts.iter().map(|part| part.server_side.as_ref()).collect::<Option<_>>()?;
    let per_call = |of: fn(&Touched) -> f64| weighted(sides.iter().map(|side| (of(&side.touched), side.calls)));
    let known = |of: fn(&Touched) -> Option<f64>| {
        let all: Option<Vec<(f64, u64)>> = sides.iter().map(|side| Some((of(&side.touched)?, side.calls))).collect();
        Some(weighted(all?.into_iter()))
    };
    Some(ServerSide {
        calls: sides.iter().map(|side| side.calls).sum(),
        touched: Touched {
            blocks_hit: per_call(|touched| touched.blocks_hit),
            blocks_read: per_call(|touched| touched.blocks_read),
            temp_bytes: known(|touched| touched.temp_bytes),
            wal_bytes: per_call(|touched| touched.wal_bytes),
            wal_full_pages: known(|touched| touched.wal_full_pages),
            rows_read: per_call(|touched| touched.rows_read),
            rows_returned: per_call(|touched| touched.rows_returned),
            rows_updated: per_call(|touched| touched.rows_updated),
            rows_updated_hot: per_call(|touched| touched.rows_updated_hot),
        },
        notes: vec!["Counts of all shards; times and waits are in their own runs.".into()],
        ..ServerSide::default()
    })
}
