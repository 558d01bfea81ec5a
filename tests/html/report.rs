//! A page written by the program itself.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::common::{perflab, target_folder};

/// The stored run of the music service, which the repository holds.
pub fn music() -> Value {
    let stored = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/music/run.json");
    serde_json::from_str(&fs::read_to_string(stored).unwrap()).unwrap()
}

/// The page of a run, made anew in a folder of this name.
pub fn page(name: &str, run: &Value) -> PathBuf {
    let folder = target_folder().join("html").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("run.json"), run.to_string()).unwrap();
    let output =
        perflab().args(["report", "scenarios/music.yaml", "--format", "html", "--output"]).arg(&folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = folder.join("report.html");
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim_end(), page.display().to_string());
    assert!(folder.join("report.md").is_file(), "the page stands beside the Markdown");
    page
}
