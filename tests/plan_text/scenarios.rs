//! Every statement of the shipped scenarios, with the parameters of its endpoint's first call, on a hundredth of the rows.

use std::path::Path;

use perflab::bench::Workload;
use perflab::bench::condition::{Scope, holds};
use perflab::bench::steps::step_parameters;
use perflab::bench::workload::BoundEndpoint;
use perflab::db::{Connection, Lab, Reply, Target};

use crate::both::{ALL, compare};
use crate::common::{perflab, projects, test_server};
use crate::{Tally, collection};

/// Calls tried for each endpoint until every step has run: a condition may keep a step from running. The last does not ask.
const CALLS: u64 = 20;

#[test]
fn every_statement_of_the_scenarios() {
    let _alone = crate::ALONE.lock();
    let server = test_server();
    let mut tally = Tally::default();
    let mut files: Vec<_> = std::fs::read_dir("scenarios").unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    assert_eq!(files.len(), 5);
    for file in files {
        let seeded =
            perflab().arg("--project").arg(projects().join("shared")).arg("seed").arg(&file).args(["--scale", "0.01"]).output();
        let seeded = seeded.expect("run perflab");
        assert!(seeded.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&seeded.stderr));
        let name = file.file_stem().unwrap().to_str().unwrap();
        let target = Target::parse(&server.url(&Lab::database_name(name))).unwrap();
        collection::runtime().block_on(scenario(&file, &target, &mut tally));
    }
    tally.check("scenarios");
}

async fn scenario(file: &Path, target: &Target, tally: &mut Tally) {
    let scenario = perflab::scenario::load(file).unwrap_or_else(|error| panic!("{error}"));
    let mut connection = Connection::open(target).await.unwrap();
    // Workers come when they can; parallel plans are in the collection.
    connection.batch("SET max_parallel_workers_per_gather = 0").await.unwrap();
    let workload = Workload::bind(&scenario, &mut connection).await.unwrap();
    for endpoint in &workload.endpoints {
        let mut seen = vec![false; endpoint.steps.len()];
        for call in 0..CALLS {
            if seen.iter().all(|seen| *seen) {
                break;
            }
            connection.batch("BEGIN").await.unwrap();
            self::call(&mut connection, endpoint, call, &mut seen, tally).await;
            connection.batch("ROLLBACK").await.unwrap();
        }
        let unseen = seen.iter().enumerate().filter(|(_, seen)| !**seen).map(|(step, _)| step + 1);
        tally.refused.extend(unseen.map(|step| format!("{}: {}, statement {step} never ran", file.display(), endpoint.label)));
    }
    connection.close().await;
}

/// One call, statement by statement, those compared that were not before.
async fn call(connection: &mut Connection, endpoint: &BoundEndpoint, call: u64, seen: &mut [bool], tally: &mut Tally) {
    let Some(draw) = endpoint.draws.draw(call) else { return };
    let mut kept: Vec<Option<Reply>> = endpoint.steps.iter().map(|_| None).collect();
    for (number, step) in endpoint.steps.iter().enumerate() {
        let asked = |condition| call + 1 == CALLS || holds(condition, Scope { kept: &kept, draw: &draw, item: 0 });
        let runs = step.when.as_ref().is_none_or(asked);
        let items = step.for_each.map_or(1, |source| kept[source].as_ref().map_or(0, |reply| reply.len()));
        if !runs || items == 0 {
            continue;
        }
        let parameters = step_parameters(step, &draw, &kept, 0).unwrap();
        if !std::mem::replace(&mut seen[number], true) {
            compare(connection, &endpoint.label, &step.sql, &parameters, ALL, tally).await.unwrap();
        }
        kept[number] = Some(connection.query(&step.sql, &parameters).await.unwrap());
    }
}
