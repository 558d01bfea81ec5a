//! `--draw FILE`: the kind of drawing is the file's extension, as with Graphviz and matplotlib.

use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Where drawings of plans go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawFile {
    pub path: PathBuf,
    pub kind: Drawing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawing {
    Svg,
    Mermaid,
}

impl FromStr for DrawFile {
    type Err = String;

    fn from_str(text: &str) -> Result<DrawFile, String> {
        let path = PathBuf::from(text);
        let kind = match path.extension().and_then(|extension| extension.to_str()) {
            Some("svg") => Drawing::Svg,
            Some("mmd" | "mermaid") => Drawing::Mermaid,
            _ => return Err("name a file that ends in .svg (a picture) or in .mmd (a Mermaid flowchart)".to_owned()),
        };
        Ok(DrawFile { path, kind })
    }
}

impl DrawFile {
    /// The file of one of several plans: `plan.svg` with `2-after` is `plan-2-after.svg`.
    pub fn numbered(&self, suffix: &str) -> PathBuf {
        let part = |part: Option<&std::ffi::OsStr>| part.map(|part| part.to_string_lossy().into_owned()).unwrap_or_default();
        let (stem, extension) = (part(self.path.file_stem()), part(self.path.extension()));
        self.path.with_file_name(format!("{stem}-{suffix}.{extension}"))
    }

    /// The folder that must be there.
    pub fn folder(&self) -> &Path {
        self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_is_the_kind() {
        let kind = |text: &str| text.parse::<DrawFile>().map(|file| file.kind);
        assert_eq!((kind("a/plan.svg"), kind("plan.mmd")), (Ok(Drawing::Svg), Ok(Drawing::Mermaid)));
        assert!(kind("plan.png").is_err() && kind("svg").is_err());
        let file: DrawFile = "a/my.plan.svg".parse().unwrap();
        assert_eq!(file.numbered("2-after"), PathBuf::from("a/my.plan-2-after.svg"));
        assert_eq!("plan.svg".parse::<DrawFile>().unwrap().folder(), Path::new("."));
    }
}
