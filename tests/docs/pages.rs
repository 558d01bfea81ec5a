//! The pages, and what stands in them: fenced blocks, code spans, headings, links.

use std::fs;
use std::path::{Path, PathBuf};

/// Folder of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A Markdown file of the repository.
pub struct Page {
    /// As it is called from the root: `docs/GUIDE.md`.
    pub name: String,
    pub text: String,
}

/// A fenced block.
#[derive(Debug, Clone)]
pub struct Block {
    /// What follows the fence; empty when nothing does.
    pub language: String,
    pub text: String,
    /// Of the fence, from 1.
    pub line: usize,
}

impl Page {
    pub fn read(name: &str) -> Page {
        let text = fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        Page { name: name.to_owned(), text }
    }

    /// Every page that is written by hand: README, CHANGELOG and all below docs/.
    pub fn all() -> Vec<Page> {
        let mut names = vec!["README.md".to_owned(), "CHANGELOG.md".to_owned()];
        let mut folders = vec![PathBuf::from("docs")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(root().join(&folder)).unwrap().map(|entry| entry.unwrap()) {
                let path = folder.join(entry.file_name());
                match entry.file_type().unwrap().is_dir() {
                    true => folders.push(path),
                    false if path.extension().is_some_and(|ending| ending == "md") => {
                        names.push(path.to_str().unwrap().to_owned())
                    }
                    false => {}
                }
            }
        }
        names.sort();
        names.iter().map(|name| Page::read(name)).collect()
    }

    /// The fenced blocks, in order.
    pub fn blocks(&self) -> Vec<Block> {
        let mut found: Vec<Block> = Vec::new();
        let mut open = false;
        for (number, line) in self.text.lines().enumerate() {
            match line.trim_start().strip_prefix("```") {
                Some(language) if !open => {
                    found.push(Block { language: language.trim().to_owned(), text: String::new(), line: number + 1 });
                    open = true;
                }
                Some(_) => open = false,
                None if open => {
                    let block = found.last_mut().unwrap();
                    block.text.push_str(line);
                    block.text.push('\n');
                }
                None => {}
            }
        }
        assert!(!open, "{}: a block that is not closed", self.name);
        found
    }

    /// The lines outside of fenced blocks, with their numbers from 1.
    pub fn prose(&self) -> Vec<(usize, &str)> {
        let mut open = false;
        let outside = self.text.lines().enumerate().filter(|(_, line)| {
            let fence = line.trim_start().starts_with("```");
            open ^= fence;
            !open && !fence
        });
        outside.map(|(number, line)| (number + 1, line)).collect()
    }

    /// What stands between backticks outside of blocks, with its line.
    pub fn code_spans(&self) -> Vec<(usize, &str)> {
        let spans = |(number, line)| str::split(line, '`').skip(1).step_by(2).map(move |code| (number, code));
        self.prose().into_iter().flat_map(spans).collect()
    }

    /// The anchors of its headings, as GitHub makes them.
    pub fn anchors(&self) -> Vec<String> {
        let headings = self.prose().into_iter().filter(|(_, line)| line.starts_with('#'));
        let mut found: Vec<String> = Vec::new();
        for (_, line) in headings {
            let anchor = anchor(line.trim_start_matches('#').trim());
            let before = found.iter().filter(|other| **other == anchor).count();
            found.push(if before == 0 { anchor } else { format!("{anchor}-{before}") });
        }
        found
    }

    /// Targets of its links and pictures, with their lines.
    pub fn links(&self) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        for (number, line) in self.prose() {
            // A bracket within code is no link.
            let outside: String = line.split('`').enumerate().map(|(i, part)| if i % 2 == 0 { part } else { "code" }).collect();
            let targets = outside.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
            found.extend(targets.map(|target| (number, target.to_owned())));
        }
        found
    }
}

/// Lower case, no punctuation, spaces as hyphens.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
}

#[test]
fn blocks_spans_links_and_anchors_are_found() {
    let text = "# A page: `one`, two\n\n```sh\nls `x`\n```\nSee [a page](b.md#c) and `code [x](y)`.\n## Same\n## Same\n";
    let page = Page { name: "a.md".into(), text: text.into() };
    let blocks = page.blocks();
    assert_eq!((blocks.len(), blocks[0].language.as_str(), blocks[0].text.as_str(), blocks[0].line), (1, "sh", "ls `x`\n", 3));
    assert_eq!(page.code_spans(), [(1, "one"), (6, "code [x](y)")]);
    assert_eq!(page.links(), [(6, "b.md#c".to_owned())]);
    assert_eq!(page.anchors(), ["a-page-one-two", "same", "same-1"]);
}
