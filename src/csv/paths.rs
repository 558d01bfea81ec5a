//! Patterns of file names.

use std::io;
use std::path::{Component, Path, PathBuf};

/// Why a pattern names no files.
#[derive(Debug, thiserror::Error)]
pub enum NoFiles {
    #[error("there is no file `{}`", .0.display())]
    Missing(PathBuf),
    #[error("no file is named like `{}`", .0.display())]
    NoMatch(PathBuf),
    #[error("`{}` is a folder", .0.display())]
    Folder(PathBuf),
    #[error("`{}` could not be read: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
}

/// The files a pattern means, sorted by name. `*` stands for any letters of a name, `?` for one; neither for a `/`. A file whose own
/// name has such letters is taken as it is.
///
/// # Errors
/// When there is none.
pub fn expand(pattern: &Path) -> Result<Vec<PathBuf>, NoFiles> {
    if pattern.is_dir() {
        return Err(NoFiles::Folder(pattern.to_owned()));
    }
    let patterned = pattern.to_string_lossy().contains(['*', '?']);
    if pattern.is_file() || !patterned {
        return if pattern.exists() { Ok(vec![pattern.to_owned()]) } else { Err(NoFiles::Missing(pattern.to_owned())) };
    }
    let mut found = vec![PathBuf::new()];
    for part in pattern.components() {
        found = match part {
            Component::Normal(name) if name.to_string_lossy().contains(['*', '?']) => {
                let mut deeper = Vec::new();
                for folder in &found {
                    matching(folder, &name.to_string_lossy(), &mut deeper)
                        .map_err(|source| NoFiles::Read { path: folder.clone(), source })?;
                }
                deeper
            }
            other => found.into_iter().map(|path| path.join(other)).collect(),
        };
    }
    found.retain(|path| path.is_file());
    found.sort();
    if found.is_empty() { Err(NoFiles::NoMatch(pattern.to_owned())) } else { Ok(found) }
}

fn matching(folder: &Path, pattern: &str, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = match std::fs::read_dir(listed) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let name = entry?.file_name();
        let pattern: Vec<char> = pattern.chars().collect();
        let letters: Vec<char> = name.to_string_lossy().chars().collect();
        if fits(&pattern, &letters) {
            found.push(folder.join(name));
        }
    }
    Ok(())
}

/// Walks both from the left and comes back to the last `*` when they part.
fn fits(pattern: &[char], name: &[char]) -> bool {
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match &mut star {
                Some((at, from)) => {
                    *from += 1;
                    (p, n) = (*at + 1, *from);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_stand_for_letters() {
        let fits = |pattern: &str, name: &str| fits(&pattern.chars().collect::<Vec<_>>(), &name.chars().collect::<Vec<_>>());
        assert!(fits("reviews*.csv.gz", "reviews_2.csv.gz") && fits("*", "") && fits("a*b*c", "aXbYbZc"));
        assert!(fits("part-??.csv", "part-01.csv") && !fits("part-??.csv", "part-1.csv"));
        assert!(!fits("a*b", "ac") && !fits("", "a"));
    }

    #[test]
    fn what_is_missing_is_said() {
        let text = |pattern: &str| expand(Path::new(pattern)).unwrap_err().to_string();
        assert_eq!(text("src/none.csv"), "there is no file `src/none.csv`");
        assert_eq!(text("src/none*.csv"), "no file is named like `src/none*.csv`");
        assert_eq!(text("src"), "`src` is a folder");
        assert!(expand(Path::new("src/csv/*.rs")).unwrap().len() > 3);
    }
}
