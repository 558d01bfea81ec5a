//! The lines that join a node to its parent.

/// Where a row stands in the tree: for each level below the root whether more siblings follow on it, and whether it has children
/// itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Guides {
    /// One per level, the row's own last; empty at the root.
    pub follows: Vec<bool>,
    pub has_children: bool,
}

/// How the lines are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Strokes {
    pub ascii: bool,
    /// Two characters for a level instead of three.
    pub tight: bool,
    /// Characters that all levels together may take.
    pub most: usize,
}

/// The letters of the lines, each as wide as a level.
struct Letters {
    passing: &'static str,
    empty: &'static str,
    branch: &'static str,
    last: &'static str,
    /// Stands for the levels that are not shown.
    cut: &'static str,
    step: usize,
}

const WIDE: Letters = Letters { passing: "│  ", empty: "   ", branch: "├─ ", last: "└─ ", cut: "»  ", step: 3 };
const TIGHT: Letters = Letters { passing: "│ ", empty: "  ", branch: "├ ", last: "└ ", cut: "» ", step: 2 };
const WIDE_ASCII: Letters = Letters { passing: "|  ", empty: "   ", branch: "+- ", last: "`- ", cut: ">  ", step: 3 };
const TIGHT_ASCII: Letters = Letters { passing: "| ", empty: "  ", branch: "+ ", last: "` ", cut: "> ", step: 2 };

impl Strokes {
    fn letters(self) -> &'static Letters {
        match (self.ascii, self.tight) {
            (false, false) => &WIDE,
            (false, true) => &TIGHT,
            (true, false) => &WIDE_ASCII,
            (true, true) => &TIGHT_ASCII,
        }
    }

    /// The end of the prefix, whole levels only, when there is no room for all of it.
    fn fitted(self, prefix: String) -> String {
        let Letters { cut, step, .. } = *self.letters();
        let (length, most) = (prefix.chars().count(), self.most / step * step);
        if length <= most {
            return prefix;
        }
        let kept: String = prefix.chars().skip(length - most.saturating_sub(step)).collect();
        format!("{cut}{kept}")
    }
}

impl Guides {
    /// Steps below the root.
    pub fn depth(&self) -> usize {
        self.follows.len()
    }

    /// What stands before the node's name; of a deep tree the last levels.
    pub fn before_name(&self, strokes: Strokes) -> String {
        let Some((own, above)) = self.follows.split_last() else { return String::new() };
        let letters = strokes.letters();
        let own = if *own { letters.branch } else { letters.last };
        strokes.fitted(passing(above, letters) + own)
    }

    /// What stands before the lines below the name.
    pub fn before_details(&self, strokes: Strokes) -> String {
        let letters = strokes.letters();
        let below = if self.has_children { letters.passing } else { letters.empty };
        strokes.fitted(passing(&self.follows, letters)) + below
    }
}

fn passing(levels: &[bool], letters: &Letters) -> String {
    levels.iter().map(|follows| if *follows { letters.passing } else { letters.empty }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STROKES: Strokes = Strokes { ascii: false, tight: false, most: 60 };

    fn at(follows: &[bool], has_children: bool) -> Guides {
        Guides { follows: follows.to_vec(), has_children }
    }

    #[test]
    fn lines_join_siblings() {
        assert_eq!(at(&[], true).before_name(STROKES), "");
        assert_eq!(at(&[], true).before_details(STROKES), "│  ");
        assert_eq!(at(&[true, false], true).before_name(STROKES), "│  └─ ");
        assert_eq!(at(&[true, false], true).before_details(STROKES), "│     │  ");
        assert_eq!(at(&[false, true], false).before_name(Strokes { ascii: true, tight: true, ..STROKES }), "  + ");
    }

    #[test]
    fn a_deep_tree_keeps_its_last_levels() {
        let (deep, narrow) = (at(&[true; 30], false), Strokes { most: 13, ..STROKES });
        assert_eq!(deep.before_name(narrow), "»  │  │  ├─ ");
        assert_eq!(deep.before_details(narrow), "»  │  │  │     ");
    }
}
