//! Lab databases on a real server: marks, clones, and who may touch them.

mod common;

use common::test_server;
use perflab::db::lab::State;
use perflab::db::{Connection, Lab, Target};

fn maintenance() -> Target {
    Target::parse(&test_server().url("postgres")).unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

async fn on_server(sql: &str) {
    let mut connection = Connection::open(&maintenance()).await.unwrap();
    connection.batch(sql).await.unwrap();
    connection.close().await;
}

async fn exists(database: &str) -> bool {
    let mut connection = Connection::open(&maintenance()).await.unwrap();
    let (found,): (bool,) =
        connection.row(&format!("SELECT EXISTS (SELECT FROM pg_database WHERE datname = '{database}')")).await.unwrap();
    connection.close().await;
    found
}

#[test]
fn a_clone_left_behind_goes_and_a_second_holder_waits_outside() {
    runtime().block_on(async {
        let mut lab = Lab::open(&maintenance(), "lab_holder").await.unwrap();
        lab.recreate().await.unwrap();
        assert_eq!(lab.mark().await.unwrap().unwrap().state, State::Incomplete);
        lab.complete("print", serde_json::json!({"rows": 1})).await.unwrap();
        let clone = lab.clone_seeded("bench").await.unwrap();
        let Err(error) = Lab::open(&maintenance(), "lab_holder").await else { panic!("two hold one lab") };
        assert!(error.to_string().contains("another perflab is working on perflab_lab_holder"), "{error}");
        assert!(exists(&clone).await, "who does not hold the lab drops nothing");
        lab.close().await;

        let mut again = Lab::open(&maintenance(), "lab_holder").await.unwrap();
        assert!(!exists(&clone).await, "the clone was left behind");
        let mark = again.mark().await.unwrap().unwrap();
        assert_eq!((mark.state, mark.fingerprint.as_str()), (State::Complete, "print"));
        again.close().await;
        on_server("DROP DATABASE perflab_lab_holder").await;
    });
}

#[test]
fn a_database_of_somebody_else_is_not_touched() {
    runtime().block_on(async {
        on_server("DROP DATABASE IF EXISTS perflab_lab_theirs").await;
        on_server("CREATE DATABASE perflab_lab_theirs").await;
        let mut lab = Lab::open(&maintenance(), "lab_theirs").await.unwrap();
        let error = lab.recreate().await.unwrap_err().to_string();
        assert!(error.contains("was not made by perflab"), "{error}");
        lab.close().await;
        assert!(exists("perflab_lab_theirs").await);
        on_server("DROP DATABASE perflab_lab_theirs").await;
    });
}

#[test]
fn a_scenario_named_like_a_clone_keeps_its_rows() {
    runtime().block_on(async {
        let mut other = Lab::open(&maintenance(), "lab_twin__bench").await.unwrap();
        other.recreate().await.unwrap();
        other.close().await;
        let mut lab = Lab::open(&maintenance(), "lab_twin").await.unwrap();
        lab.recreate().await.unwrap();
        let error = lab.clone_seeded("bench").await.unwrap_err().to_string();
        assert!(error.contains("holds the rows of the scenario `lab_twin__bench`"), "{error}");
        assert!(exists("perflab_lab_twin__bench").await);
        lab.close().await;
        on_server("DROP DATABASE perflab_lab_twin__bench").await;
        on_server("DROP DATABASE perflab_lab_twin").await;
    });
}
