//! The guide, followed from its first line to its last on the server of the tests.
//!
//! What its blocks are is said by their languages and first lines: `sh` is run; `text` behind it is what that printed; `sql` and `yaml` with
//! a file's name in a comment on top are files, written whole, put at the end of what is there, or held against it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::common::{clean, projects, target_folder, test_server};
use super::pages::{Block, Page};
use super::shown::missing;

/// Databases that the guide makes.
const DATABASES: [&str; 2] = ["helpdesk", "perflab_helpdesk"];

#[test]
fn the_guide_does_what_it_says() {
    test_server();
    let folder = target_folder().join("docs/guide");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    drop_databases(&folder);
    let page = Page::read("docs/GUIDE.md");
    let (mut printed, mut ran) = (None, 0);
    for block in page.blocks() {
        let place = format!("{}:{}", page.name, block.line);
        match block.language.as_str() {
            "sh" => {
                printed = Some(run(&folder, &block.text, &place));
                ran += 1;
            }
            "text" => {
                let Some(printed) = &printed else { continue };
                let lacks = missing(&block.text, printed);
                assert!(lacks.is_none(), "{place}: not printed:\n{}\n--- but this was:\n{printed}", lacks.unwrap());
            }
            "sql" | "yaml" => file(&folder, &block, &place),
            other => panic!("{place}: a block of {other:?}"),
        }
    }
    assert!(ran >= 8, "{ran} blocks");
    drop_databases(&folder);
}

/// Everything that the script printed. How its last command ended stands in the script when it is not with 0: `# exits with 1`.
fn run(folder: &Path, script: &str, place: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_perflab")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::iter::once(program.to_path_buf()).chain(std::env::split_paths(&path));
    let mut shell = clean(Command::new("sh"));
    shell
        .current_dir(folder)
        .env("PATH", std::env::join_paths(places).unwrap())
        .env("PERFLAB_PROJECT", projects().join("shared"));
    // The folder is the reader's own, not one of this repository.
    shell.env("GIT_CEILING_DIRECTORIES", target_folder());
    shell.args(["-c", &format!("exec 2>&1\n{script}")]).stdin(Stdio::null());
    let output = shell.output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let expected =
        script.split("# exits with ").nth(1).map_or(0, |rest| rest.split_whitespace().next().unwrap().parse().unwrap());
    assert_eq!(output.status.code(), Some(expected), "{place}:\n{script}\n{printed}");
    printed
}

/// A file as its first line says: `-- service.sql`, `# helpdesk.yaml, at its end`, `# helpdesk.yaml, as it was written`.
fn file(folder: &Path, block: &Block, place: &str) {
    let (first, text) = block.text.split_once('\n').unwrap();
    let said = first.trim_start_matches(['#', '-', ' ']);
    let (name, how) = said.split_once(", ").unwrap_or((said, ""));
    let path = folder.join(name);
    let there = fs::read_to_string(&path).unwrap_or_default();
    match how {
        "" => fs::write(path, text).unwrap(),
        "at its end" => fs::write(path, format!("{there}\n{text}")).unwrap(),
        "as it was written" => {
            let lacks = missing(text, &there);
            assert!(lacks.is_none(), "{place}: not in {name}:\n{}\n--- but this is:\n{there}", lacks.unwrap());
        }
        other => panic!("{place}: {other:?}"),
    }
}

fn drop_databases(folder: &Path) {
    for database in DATABASES {
        let sql = format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)");
        run(folder, &format!("perflab db psql -- -qc '{sql}'"), "between tests");
    }
}
