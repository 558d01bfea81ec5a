//! A browser to test with: the one that is installed, or one that is fetched once and kept with the build.
//!
//! `CHROME` names one. Else Chromium or Chrome is looked for on the PATH, then npm is asked for a package that holds a Chromium for Linux on
//! x86-64 (`@sparticuz/chromium`, made for machines without anything), then apt.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use base64::Engine;
use sha2::{Digest, Sha512};

use crate::common::target_folder;

/// A browser, and what must be in its environment.
#[derive(Debug, Clone)]
pub struct Found {
    pub program: PathBuf,
    pub environment: Vec<(String, String)>,
}

const NAMES: [&str; 6] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "chrome-headless-shell"];

const PACKAGE: &str = "@sparticuz/chromium";
const VERSION: &str = "147.0.0";
/// What `npm view @sparticuz/chromium@147.0.0 dist.integrity` prints.
const INTEGRITY: &str = "sha512-4ZKeAQQa8up2mt675qSitztLdbQrlf8BKdC5naeap+5Mv1OV1OlJdPoU+EJC/p5sQUJUQmN4r+q5+EhaaOUHpQ==";

/// The browser of this machine; the first test that asks waits until there is one.
pub fn browser() -> &'static Found {
    static BROWSER: OnceLock<Found> = OnceLock::new();
    BROWSER.get_or_init(|| {
        if let Some(named) = std::env::var_os("CHROME").filter(|named| !named.is_empty()) {
            return Found { program: named.into(), environment: Vec::new() };
        }
        let program = || NAMES.iter().filter_map(|name| on_path(name)).find(|program| starts(program));
        let installed = || program().map(|program| Found { program, environment: Vec::new() });
        if let Some(found) = installed() {
            return found;
        }
        let fetched = fetched().or_else(|npm| {
            with_apt()
                .map_err(|apt| format!("npm: {npm}\napt: {apt}"))
                .and_then(|()| installed().ok_or_else(|| "apt installed chromium, and it is not on the PATH".to_owned()))
        });
        fetched.unwrap_or_else(|tried| panic!("no browser to test with; install chromium, or name one in CHROME\n{tried}"))
    })
}

fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// Some systems have a script by that name which only says how to install the browser.
fn starts(program: &Path) -> bool {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output();
    output.is_ok_and(|output| output.status.success() && String::from_utf8_lossy(&output.stdout).contains("Chrom"))
}

/// The browser out of the package, unpacked in the folder of the build.
fn fetched() -> Result<Found, String> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err(format!("{PACKAGE} is for Linux on x86-64"));
    }
    let folder = target_folder().join("browser").join(VERSION);
    let program = folder.join("chromium");
    if !program.is_file() {
        unpacked(&folder)?;
    }
    let text = |path: PathBuf| path.display().to_string();
    let environment = vec![
        ("LD_LIBRARY_PATH".to_owned(), text(folder.join("lib"))),
        ("FONTCONFIG_FILE".to_owned(), text(folder.join("fonts.conf"))),
    ];
    Ok(Found { program, environment })
}

/// Downloads and unpacks; the program gets its name last, so that what is there is whole.
fn unpacked(folder: &Path) -> Result<(), String> {
    let (npm, node) = (on_path("npm").ok_or("there is no npm")?, on_path("node").ok_or("there is no node")?);
    let said = |error: std::io::Error| error.to_string();
    fs::create_dir_all(folder).map_err(said)?;
    eprintln!("fetching a browser: {PACKAGE}@{VERSION} (68 MB)");
    let spec = format!("{PACKAGE}@{VERSION}");
    run(Command::new(npm)
        .args(["pack", &spec, "--ignore-scripts", "--loglevel=error", "--fetch-retries=1"])
        .current_dir(folder))?;
    let archive = folder.join(format!("sparticuz-chromium-{VERSION}.tgz"));
    let bytes = fs::read(&archive).map_err(said)?;
    let hash = format!("sha512-{}", base64::engine::general_purpose::STANDARD.encode(Sha512::digest(&bytes)));
    if hash != INTEGRITY {
        return Err(format!("{spec} is not the package that was expected: {hash}"));
    }
    tar::Archive::new(flate2::read::GzDecoder::new(bytes.as_slice())).unpack(folder).map_err(said)?;
    let packed = folder.join("package/bin");
    for (name, to) in [("al2023.tar.br", "libraries.tar"), ("fonts.tar.br", "fonts.tar"), ("chromium.br", "chromium.part")] {
        let script = "const fs = require('fs'); fs.createReadStream(process.argv[1]).pipe(require('zlib').createBrotliDecompress())\
                      .pipe(fs.createWriteStream(process.argv[2]));";
        run(Command::new(&node).args(["-e", script]).arg(packed.join(name)).arg(folder.join(to)))?;
    }
    for archive in ["libraries.tar", "fonts.tar"] {
        let file = fs::File::open(folder.join(archive)).map_err(said)?;
        tar::Archive::new(file).unpack(folder).map_err(said)?;
        fs::remove_file(folder.join(archive)).map_err(said)?;
    }
    let fonts = format!(
        "<?xml version=\"1.0\"?><fontconfig><dir>{}</dir><dir>/usr/share/fonts</dir><cachedir>{}</cachedir></fontconfig>\n",
        folder.join("fonts").display(),
        folder.join("fonts-cache").display()
    );
    fs::write(folder.join("fonts.conf"), fonts).map_err(said)?;
    fs::remove_file(&archive).and_then(|()| fs::remove_dir_all(folder.join("package"))).map_err(said)?;
    let part = folder.join("chromium.part");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&part, executable).and_then(|()| fs::rename(&part, folder.join("chromium"))).map_err(said)
}

/// Only the system's administrator can.
fn with_apt() -> Result<(), String> {
    let apt = on_path("apt-get").ok_or("there is no apt-get")?;
    run(Command::new(&apt).args(["update", "-qq"]))?;
    let install = ["install", "-y", "-qq", "--no-install-recommends", "chromium"];
    run(Command::new(&apt).args(install).env("DEBIAN_FRONTEND", "noninteractive"))
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{command:?}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if output.status.success() { Ok(()) } else { Err(format!("{command:?}: {}: {said}", output.status)) }
}
