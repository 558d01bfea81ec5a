//! The commands that write the page, and those that do not.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::common::{clean, projects, target_folder, test_server};
use crate::report::{music, page};

fn perflab(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = clean(Command::new(env!("CARGO_BIN_EXE_perflab")));
    command
        .current_dir(folder)
        .arg("--project")
        .arg(projects().join("shared"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[test]
fn a_bench_writes_its_page() {
    test_server();
    let name = format!("html_{}", std::process::id());
    let folder = target_folder().join("html").join(&name);
    fs::create_dir_all(&folder).unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/shop");
    fs::copy(source.join("schema.sql"), folder.join("schema.sql")).unwrap();
    let text = fs::read_to_string(source.join("shop.yaml")).unwrap();
    fs::write(folder.join("shop.yaml"), text.replace("name: shop\n", &format!("name: {name}\n"))).unwrap();

    let bench = ["bench", "shop.yaml", "--time", "0.2", "--no-server-side", "--report", "out", "--format", "html"];
    let output = perflab(&folder, &bench);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("report: out/report.html"), "{said}");
    let page = fs::read_to_string(folder.join("out/report.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("Content-Security-Policy") && page.contains("class=\"er\""));
    assert!(folder.join("out/report.md").is_file() && folder.join("out/run.json").is_file());

    perflab(&folder, &["db", "psql", "postgres", "--", "-qc", &format!("DROP DATABASE IF EXISTS perflab_{name} WITH (FORCE)")]);
}

#[test]
fn what_makes_no_report_makes_no_page() {
    let folder = target_folder().join("html/refused");
    fs::create_dir_all(&folder).unwrap();
    for arguments in [&["seed", "none.yaml"][..], &["check", "none.yaml"], &["bench", "none.yaml", "--output", "x.json"]] {
        let output = perflab(&folder, &[arguments, &["--format", "html"]].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && said.contains("--report DIR"), "{arguments:?}: {said}");
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn the_same_run_gives_the_same_page_and_a_folder_tells_of_one_run() {
    let [first, second] = ["first", "second"].map(|name| page(name, &music()));
    let bytes = fs::read(&first).unwrap();
    assert!(bytes == fs::read(&second).unwrap());

    fs::write(&second, "of an earlier run").unwrap();
    let folder = second.parent().unwrap();
    let output = perflab(folder, &["report", "music.yaml", "--output", "."]);
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stdout).trim_end()), (Some(0), "./report.md"));
    assert!(bytes == fs::read(&second).unwrap());
}
