//! A temporary project folder with perflab's own server.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use perflab::report::model::SeedRun;

/// Stopped and removed when dropped.
pub struct Project {
    pub folder: PathBuf,
}

impl Project {
    pub fn start(folder: Option<&Path>) -> anyhow::Result<Project> {
        let base = folder.map_or_else(std::env::temp_dir, Path::to_path_buf);
        let folder = base.join(format!("seeding-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        readable_by_all(&folder)?;
        let project = Project { folder };
        project.perflab(&["db", "start"])?;
        Ok(project)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_perflab"));
        command.arg("--project").arg(&self.folder).args(arguments).env_remove("DATABASE_URL");
        command
    }

    /// Runs perflab with the project's server; what it printed.
    pub fn perflab(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.command(arguments).output().context("perflab cannot be run")?;
        if !output.status.success() {
            bail!("perflab {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// The URL of a database of the project's server.
    pub fn url(&self, database: &str) -> anyhow::Result<String> {
        Ok(self.perflab(&["db", "url", database])?.trim().to_owned())
    }

    pub fn psql(&self, database: &str, sql: &str) -> anyhow::Result<String> {
        self.perflab(&["db", "psql", database, "--", "-v", "ON_ERROR_STOP=1", "-Atqc", sql])
    }

    /// Makes a scenario's rows anew.
    pub fn seed(&self, scenario: &Path, more: &[&str]) -> anyhow::Result<SeedRun> {
        self.seed_watched(scenario, more).map(|(run, _)| run)
    }

    /// The same, with the most memory that the process ever held: VmHWM of Linux, in bytes; `None` elsewhere.
    pub fn seed_watched(&self, scenario: &Path, more: &[&str]) -> anyhow::Result<(SeedRun, Option<u64>)> {
        let path = scenario.to_string_lossy();
        let arguments = [&["seed", &path, "--force", "--quiet", "--format", "json"], more].concat();
        let child = self.command(&arguments).stdout(Stdio::piped()).spawn().context("perflab cannot be run")?;
        let status = format!("/proc/{}/status", child.id());
        let waiting = std::thread::spawn(move || child.wait_with_output());
        let mut peak = None;
        while !waiting.is_finished() {
            peak = high_water(&status).or(peak);
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let output = waiting.join().map_err(|_| anyhow::anyhow!("perflab cannot be waited for"))??;
        if !output.status.success() {
            bail!("perflab {} failed", arguments.join(" "));
        }
        Ok((serde_json::from_slice(&output.stdout).context("perflab seed printed no JSON")?, peak))
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        // What cannot be stopped or removed is named, so that a person can.
        if let Err(error) = self.perflab(&["db", "stop"]) {
            eprintln!("{error:#}");
        }
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("{} cannot be removed: {error}", self.folder.display());
        }
    }
}

fn high_water(status: &str) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// The server may run as another user and reads files from here.
pub fn readable_by_all(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = if path.is_dir() { 0o755 } else { 0o644 };
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).with_context(|| format!("{}", path.display()))
}
