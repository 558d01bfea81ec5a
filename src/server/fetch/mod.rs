//! Gets a server where none is installed, through the package client that the machine has.
//!
//! Only packages named in [`pins`] with version and checksum; what arrives is compared with the checksum before anything of it
//! is unpacked, and no script of a package is run. A fetched server is kept in the user's cache for all projects; it appears
//! there by a rename when it is complete and has answered `postgres --version`.

mod npm;
mod pins;
mod pip;

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pins::{PACKAGES, Package};

use super::home::make_folder;
use super::locate::{self, Binaries};
use super::user::ServerUser;
use super::{Event, ServerError, ServerOptions, lock};

/// A program that fetches packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// `npm`, with packages for Linux and macOS and for several majors.
    Npm,
    /// `python3 -m pip`, with one major and without contrib.
    Pip,
}

impl Client {
    fn name(self) -> &'static str {
        match self {
            Client::Npm => "npm",
            Client::Pip => "pip",
        }
    }

    /// The client's program in the folders of a PATH, if it is there and usable.
    fn find(self, path: &OsStr) -> Option<Tool> {
        let name = match self {
            Client::Npm => "npm",
            Client::Pip => "python3",
        };
        let program = std::env::split_paths(path).map(|folder| folder.join(name)).find(|program| program.is_file())?;
        let tool = Tool { client: self, program };
        (self != Client::Pip || pip::has_pip(&tool.program)).then_some(tool)
    }
}

/// A client that is on this machine.
struct Tool {
    client: Client,
    program: PathBuf,
}

/// A server fetched before, else one fetched now.
///
/// # Errors
/// Fetching is not allowed, there is no client or no package for this machine, all clients fail, or what they bring is not
/// what was pinned.
pub fn fetched_or_fetch(
    options: &ServerOptions,
    user: &ServerUser,
    events: &mut dyn FnMut(Event),
) -> Result<Binaries, ServerError> {
    let platform = platform();
    let wanted = |package: &&Package| package.platform == platform && options.major.is_none_or(|major| package.major == major);
    let packages: Vec<&Package> = PACKAGES.iter().filter(wanted).collect();
    let cache = cache_folder(options.cache.as_deref(), user)?;
    if let Some(binaries) = fetched(&packages, &cache, user) {
        return Ok(binaries);
    }
    if !options.allow_fetch {
        return Err(ServerError::NotInstalled { major: options.major });
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let tools: Vec<Tool> = options.clients.iter().filter_map(|client| client.find(&path)).collect();
    if tools.is_empty() {
        return Err(ServerError::NoClient { major: options.major });
    }
    let _lock = lock::acquire(&cache.join("lock"), events)?;
    if let Some(binaries) = fetched(&packages, &cache, user) {
        return Ok(binaries); // by the perflab that we waited for
    }
    fetch_with_any(&tools, &packages, &cache, user, events)?.ok_or_else(|| no_package(options, &platform))
}

/// Tries each client with the newest package that it has; `None` when none has any.
fn fetch_with_any(
    tools: &[Tool],
    packages: &[&Package],
    cache: &Path,
    user: &ServerUser,
    events: &mut dyn FnMut(Event),
) -> Result<Option<Binaries>, ServerError> {
    let mut attempts = String::new();
    for tool in tools {
        let Some(package) = packages.iter().find(|package| package.client == tool.client) else { continue };
        events(Event::Fetching { client: tool.client.name(), package: package.spec(), into: package.folder(cache) });
        match fetch(tool, package, cache, user) {
            Ok(binaries) => return Ok(Some(binaries)),
            // The network or the client is to blame; another client may do better. Wrong bytes are no such case.
            Err(error @ (ServerError::Program { .. } | ServerError::Spawn { .. })) => {
                let reason = error.to_string();
                attempts.push_str(&reason);
                events(Event::FetchFailed { client: tool.client.name(), reason });
            }
            Err(error) => return Err(error),
        }
    }
    if attempts.is_empty() { Ok(None) } else { Err(ServerError::Fetch { attempts: attempts.trim_end().to_owned() }) }
}

/// Downloads, verifies, unpacks, tries, and puts in place.
fn fetch(tool: &Tool, package: &Package, cache: &Path, user: &ServerUser) -> Result<Binaries, ServerError> {
    let work = cache.join(".unfinished"); // under the lock there is only one, and a killed one's is cleared here
    let _ = fs::remove_dir_all(&work);
    let (download, tree) = (work.join("download"), work.join("tree"));
    for folder in [&download, &tree] {
        fs::create_dir_all(folder).map_err(ServerError::file("make the folder", folder))?;
    }
    let done = (|| {
        match tool.client {
            Client::Npm => npm::download(&tool.program, package, &download)?,
            Client::Pip => pip::download(&tool.program, package, &download)?,
        }
        let archive = only_file(&download, package)?;
        package.verify(&archive)?;
        match tool.client {
            Client::Npm => npm::unpack(&archive, &tree, package)?,
            Client::Pip => pip::unpack(&tool.program, &archive, &tree, package)?,
        }
        open_to_all(&work).map_err(ServerError::file("set the modes in", &work))?;
        locate::at(&tree.join(package.bin()), Some(package.major), user)?;
        let folder = package.folder(cache);
        let _ = fs::remove_dir_all(&folder); // there, but did not answer
        fs::rename(&tree, &folder).map_err(ServerError::file("put in place", &folder))?;
        locate::at(&folder.join(package.bin()), Some(package.major), user)
    })();
    let _ = fs::remove_dir_all(&work);
    done
}

/// The first of the packages that is in the cache and works.
fn fetched(packages: &[&Package], cache: &Path, user: &ServerUser) -> Option<Binaries> {
    packages.iter().find_map(|package| {
        let folder = package.folder(cache);
        if folder.is_dir() { locate::at(&folder.join(package.bin()), None, user).ok() } else { None }
    })
}

fn no_package(options: &ServerOptions, platform: &str) -> ServerError {
    let majors: Vec<String> =
        PACKAGES.iter().filter(|package| package.platform == platform).map(|package| package.major.to_string()).collect();
    let available =
        if majors.is_empty() { "no package at all".to_owned() } else { format!("there is one with {}", majors.join(", ")) };
    ServerError::NoPackage { major: options.major, platform: platform.to_owned(), available }
}

/// The name that the packages have for this system, e.g. `linux-x64`.
fn platform() -> String {
    let os = if cfg!(target_os = "macos") { "darwin" } else { std::env::consts::OS };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{os}-{arch}")
}

/// The folder for fetched servers: the one asked for, the user's cache, a system cache, the folder for temporary files; the
/// first that can be made and that the server's user can enter, which root's own cache is not.
fn cache_folder(asked: Option<&Path>, user: &ServerUser) -> Result<PathBuf, ServerError> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let own = variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
    let mut places: Vec<PathBuf> = asked.map(Path::to_owned).into_iter().collect();
    places.extend(own.map(|cache| cache.join("perflab/postgresql")));
    places.push("/var/cache/perflab/postgresql".into());
    places.push(std::env::temp_dir().join(format!("perflab-cache-{}", nix::unistd::geteuid())));
    let usable = |place: &&PathBuf| make_folder(place, user).is_ok() && user.may("-x", place);
    places.iter().find(usable).cloned().ok_or_else(|| ServerError::NoPlace {
        user: user.other().unwrap_or("running perflab").to_owned(),
        tried: places.iter().map(|place| place.display().to_string()).collect::<Vec<_>>().join(", "),
    })
}

fn only_file(folder: &Path, package: &Package) -> Result<PathBuf, ServerError> {
    let mut files = fs::read_dir(folder).map_err(ServerError::file("read", folder))?.flatten().map(|entry| entry.path());
    match (files.next(), files.next()) {
        (Some(file), None) => Ok(file),
        _ => Err(ServerError::Package { package: package.spec(), what: "not the one file that was asked for".to_owned() }),
    }
}

/// Whoever runs the server must be able to read it, whatever the mask of the one who fetched it.
fn open_to_all(path: &Path) -> std::io::Result<()> {
    let found = fs::symlink_metadata(path)?;
    if found.is_symlink() {
        return Ok(());
    }
    let mode = found.permissions().mode();
    let open = if found.is_dir() || mode & 0o100 != 0 { 0o755 } else { 0o644 };
    fs::set_permissions(path, Permissions::from_mode(open))?;
    if found.is_dir() {
        for entry in fs::read_dir(path)? {
            open_to_all(&entry?.path())?;
        }
    }
    Ok(())
}

/// Runs a client; nothing is asked of the user, and its last words are kept for the error.
fn run_client(program: &Path, command: &mut Command) -> Result<(), ServerError> {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    super::cluster::run(program, command)
}

#[cfg(test)]
mod tests {
    use super::super::scratch::Scratch;
    use super::*;

    /// An npm that does what the script says, in the folder it is called in.
    fn npm(scratch: &Scratch, script: &str) -> Tool {
        let program = scratch.path().join("npm");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
        Tool { client: Client::Npm, program }
    }

    fn package() -> &'static Package {
        PACKAGES.iter().find(|package| package.client == Client::Npm).unwrap()
    }

    fn attempt(scratch: &Scratch, tool: Tool, events: &mut Vec<Event>) -> ServerError {
        let cache = scratch.path().join("cache");
        fs::create_dir_all(&cache).unwrap();
        let user = ServerUser::choose().unwrap();
        let result = fetch_with_any(&[tool], &[package()], &cache, &user, &mut |event| events.push(event));
        assert_eq!(fs::read_dir(&cache).unwrap().count(), 0, "something was left in the cache");
        result.unwrap_err()
    }

    #[test]
    fn other_bytes_than_the_pinned_ones_are_refused() {
        let scratch = Scratch::new("checksum");
        let error = attempt(&scratch, npm(&scratch, "echo something else > package.tgz"), &mut Vec::new());
        let ServerError::Checksum { expected, found, .. } = &error else { panic!("{error}") };
        assert_eq!(expected, package().checksum);
        assert!(found.starts_with("sha512-") && found != expected, "{found}");
    }

    #[test]
    fn the_last_words_of_a_failing_client_are_in_the_error() {
        let scratch = Scratch::new("failing");
        let mut events = Vec::new();
        let error = attempt(&scratch, npm(&scratch, "echo 'npm error network down' >&2; exit 1"), &mut events).to_string();
        assert!(error.contains("npm error network down") && error.contains("sudo dnf install"), "{error}");
        assert!(matches!(&events[..], [Event::Fetching { .. }, Event::FetchFailed { client: "npm", .. }]), "{events:?}");
    }

    #[test]
    fn a_client_that_brings_nothing_is_no_success() {
        let scratch = Scratch::new("nothing");
        let error = attempt(&scratch, npm(&scratch, "exit 0"), &mut Vec::new());
        assert!(matches!(error, ServerError::Package { .. }), "{error}");
    }

    #[test]
    fn clients_are_found_on_the_path_only() {
        let scratch = Scratch::new("path");
        assert!(Client::Npm.find(scratch.path().as_os_str()).is_none());
        let tool = npm(&scratch, "");
        assert_eq!(Client::Npm.find(scratch.path().as_os_str()).unwrap().program, tool.program);
        assert!(Client::Pip.find(scratch.path().as_os_str()).is_none());
    }

    #[test]
    fn unpacked_files_can_be_read_by_all_and_keep_their_x() {
        let scratch = Scratch::new("modes");
        let (dir, program, text) = (scratch.path().join("d"), scratch.path().join("d/program"), scratch.path().join("d/text"));
        fs::create_dir(&dir).unwrap();
        for (file, mode) in [(&program, 0o700), (&text, 0o600)] {
            fs::write(file, "").unwrap();
            fs::set_permissions(file, Permissions::from_mode(mode)).unwrap();
        }
        fs::set_permissions(&dir, Permissions::from_mode(0o700)).unwrap();
        open_to_all(&dir).unwrap();
        let modes = [&dir, &program, &text].map(|path| fs::metadata(path).unwrap().permissions().mode() & 0o777);
        assert_eq!(modes, [0o755, 0o755, 0o644]);
    }
}
