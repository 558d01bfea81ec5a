//! A result made up for the tests of its forms.

use crate::report::model::ci::{
    Against, CI_FORMAT_VERSION, CheckOutcome, CiRun, FilePlace, Gate, GateCheck, Measure, PlanChange, verdict,
};
use crate::report::model::{Environment, ScenarioInfo};

pub fn place(line: u32) -> Option<FilePlace> {
    Some(FilePlace { file: "scenarios/music.yaml".into(), line, column: 9 })
}

/// Something of each outcome, with characters that every form must escape.
pub fn run() -> CiRun {
    let check = |gate, label, outcome| GateCheck { place: place(10), ..GateCheck::new(gate, label, outcome) };
    let remove = "POST /song/{song_id}/remove";
    let plan = PlanChange {
        before: vec!["Index Scan on links using btree (song_id); Index Cond: (song_id = ?)".into()],
        after: vec!["Seq Scan on links".into()],
    };
    let checks = vec![
        check(Gate::Statements, remove, CheckOutcome::Passed),
        check(Gate::Statements, "GET /a<b>&c", CheckOutcome::Passed),
        GateCheck { step: Some(2), place: place(12), plan: Some(plan), ..check(Gate::Plans, remove, CheckOutcome::Failed) }
            .saying("Seq Scan on links in place of Index Scan on links using btree (song_id): 3 → 130,000 rows read. The schema has no index on links (song_id) any more.")
            .advising("Put the index back, or accept it with --accept."),
        GateCheck {
            measures: vec![Measure { metric: "rows_read".into(), before: Some(3.0), after: 130_000.0 }],
            ..check(Gate::Work, remove, CheckOutcome::Failed)
        }
        .saying("3 → 130,000 rows read per call."),
        check(Gate::Work, "GET /a<b>&c", CheckOutcome::Notice).saying("Less than before: 100% of it, \"all\":\r\ngone."),
        check(Gate::Slo, remove, CheckOutcome::Passed).saying("p95 < 20 ms, got 3.1 ms."),
        check(Gate::Times, remove, CheckOutcome::Inconclusive).saying("It cannot be told: 4 pairs of calls; a verdict needs 10.").advising("Measure longer: --time 20s."),
        check(Gate::Times, "GET /a<b>&c", CheckOutcome::Skipped).saying("Its sample has too few rows."),
    ];
    CiRun {
        format: CI_FORMAT_VERSION,
        perflab: "0.1.0".into(),
        verdict: verdict(&checks),
        scenario: ScenarioInfo { name: "music".into(), title: "Music".into(), about: None, file: "scenarios/music.yaml".into() },
        environment: Environment::made_up(),
        data: None,
        against: Some(Against { name: "origin/main".into(), commit: Some("3f2a91c8d7e6".into()) }),
        checks,
        notes: vec!["GET /new is new: there is nothing to hold it against.".into()],
        stages: Vec::new(),
        seconds: 12.5,
    }
}
