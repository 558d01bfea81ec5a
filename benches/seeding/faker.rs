//! The shoe store by perflab, beside the script that a person would write.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::bail;

use crate::project::Project;
use crate::verdict;

/// How many times as fast perflab must be.
const BAR: f64 = 40.0;

/// What the script needs beside Python itself.
const PACKAGES: [&str; 2] = ["faker", "psycopg2-binary"];

pub fn compare(project: &Project) -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scenario = root.join("scenarios/shoes.yaml");
    project.seed(&scenario, &[])?;
    let run = project.seed(&scenario, &[])?;
    println!("shoe store: {} rows", run.rows);
    println!("  perflab seed                       {:.2} s", run.seconds);
    let python = match python(project) {
        Ok(python) => python,
        Err(missing) => {
            println!("  the script was not run: {missing:#}\n");
            return Ok(());
        }
    };
    project.psql("postgres", "CREATE DATABASE by_script")?;
    let counts: Vec<String> = run.tables.iter().map(|table| format!("{}={}", table.name, table.rows)).collect();
    let start = Instant::now();
    let status = Command::new(python)
        .arg(root.join("benches/seeding/shoes_faker.py"))
        .arg(project.url("by_script")?)
        .arg(root.join("scenarios/shoes.sql"))
        .args(counts)
        .status()?;
    let seconds = start.elapsed().as_secs_f64();
    if !status.success() {
        bail!("shoes_faker.py failed");
    }
    let (rows, ratio) = (project.psql("by_script", ROWS)?, seconds / run.seconds);
    println!("  Python, Faker, multi-row INSERT    {seconds:.2} s for {} rows", rows.trim());
    println!("  perflab is {ratio:.0} times as fast, {}\n", verdict(ratio >= BAR, "40 times"));
    Ok(())
}

const ROWS: &str = "SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM catalog) + (SELECT count(*) FROM catalog_ledger) \
    + (SELECT count(*) FROM carts) + (SELECT count(*) FROM cart_items)";

/// A Python that has the packages: the one at hand, else one in a temporary environment.
fn python(project: &Project) -> anyhow::Result<PathBuf> {
    let has = |python: &Path| {
        Command::new(python).args(["-c", "import faker, psycopg2"]).output().is_ok_and(|output| output.status.success())
    };
    let installed = PathBuf::from("python3");
    if has(&installed) {
        return Ok(installed);
    }
    let folder = project.folder.join("venv");
    let run = |program: &Path, arguments: &[&str]| match Command::new(program).args(arguments).output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => bail!("{}", String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("no reason given")),
        Err(error) => bail!("{} cannot be run: {error}", program.display()),
    };
    run(&installed, &["-m", "venv", &folder.to_string_lossy()])?;
    let python = folder.join("bin/python");
    run(&python, &[&["-m", "pip", "install", "--quiet", "--disable-pip-version-check"][..], &PACKAGES].concat())
        .map_err(|error| error.context(format!("pip cannot install {}", PACKAGES.join(" and "))))?;
    Ok(python)
}
