//! Wheels of pip: downloaded by pip, unpacked by Python.
//!
//! Nothing is installed: `pip download` stores the wheel, which is a zip file. It is asked for by the tags of one particular wheel
//! and not by those of the Python at hand, so that any Python can fetch it and there is one checksum per platform.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::pins::Package;
use super::{ServerError, run_client};

/// The platform tags of the wheels, by our names of the platforms.
const TAGS: &[(&str, &str)] =
    &[("linux-x64", "manylinux2014_x86_64"), ("darwin-arm64", "macosx_11_0_arm64"), ("darwin-x64", "macosx_10_9_x86_64")];

/// Whether this Python has pip, which Debian's may not.
pub fn has_pip(python: &Path) -> bool {
    let mut command = Command::new(python);
    command.args(["-m", "pip", "--version"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Has pip store the wheel in `folder`.
pub fn download(python: &Path, package: &Package, folder: &Path) -> Result<(), ServerError> {
    let tag = TAGS.iter().find(|(platform, _)| *platform == package.platform).map_or("any", |(_, tag)| tag);
    let mut command = Command::new(python);
    command.args(["-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check", "--retries", "1"]);
    command.args(["--no-deps", "--only-binary", ":all:", "--implementation", "cp", "--python-version", "3.12", "--abi", "cp312"]);
    command.args(["--platform", tag, "--dest"]).arg(folder).arg(package.spec());
    run_client(python, command.current_dir(folder))
}

/// Unpacks the wheel into `tree`; zipfile forgets which files can be run.
pub fn unpack(python: &Path, archive: &Path, tree: &Path, package: &Package) -> Result<(), ServerError> {
    let mut command = Command::new(python);
    command.args(["-m", "zipfile", "-e"]).arg(archive).arg(tree);
    run_client(python, &mut command)?;
    let bin = tree.join(package.bin());
    for entry in fs::read_dir(&bin).map_err(ServerError::file("read", &bin))?.flatten() {
        let program = entry.path();
        fs::set_permissions(&program, Permissions::from_mode(0o755)).map_err(ServerError::file("set the mode of", &program))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::Client;
    use super::super::pins::PACKAGES;
    use super::*;

    #[test]
    fn every_pinned_wheel_has_its_tag() {
        for package in PACKAGES.iter().filter(|package| package.client == Client::Pip) {
            assert!(TAGS.iter().any(|(platform, _)| *platform == package.platform), "{}", package.platform);
        }
    }
}
