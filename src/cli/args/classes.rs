//! `--classes`

use clap::Args;

use crate::bench::classes::Class;

/// Other choices of the endpoints' parameters.
#[derive(Debug, Clone, Args)]
pub struct ClassArgs {
    /// Time each endpoint under other choices of its parameters too, each for as long as --time says, and say what a cache could
    /// give: all of own, uniform, zipf, repeat, typical, heaviest and missing, or those in the list
    #[arg(long, value_name = "LIST", num_args = 0..=1, require_equals = true, default_missing_value = "all", value_parser = classes)]
    pub classes: Option<ClassList>,
}

/// The classes whose plans are shown.
#[derive(Debug, Clone, Args)]
pub struct PlanClassArgs {
    /// Plan each statement for parameters of these classes too, and say what a prepared statement's generic plan would take: all of
    /// own, uniform, zipf, repeat, typical, heaviest and missing, those in the list, or none [default: typical,heaviest,missing;
    /// with a change none]
    #[arg(long, value_name = "LIST", require_equals = true, conflicts_with = "plan", value_parser = classes_or_none)]
    pub classes: Option<ClassList>,
}

impl PlanClassArgs {
    /// The classes that were asked for, or the usual ones.
    pub fn wanted(&self, with_index: bool) -> &[Class] {
        match &self.classes {
            Some(list) => &list.0,
            None if with_index => &[],
            None => &Class::WITH_ROWS,
        }
    }
}

fn classes_or_none(list: &str) -> Result<ClassList, String> {
    if list == "none" { Ok(ClassList(Vec::new())) } else { classes(list) }
}

/// The classes that `--classes` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassList(pub Vec<Class>);

fn classes(list: &str) -> Result<ClassList, String> {
    if list == "all" {
        return Ok(ClassList(Class::ALL.map(|(_, class)| class).to_vec()));
    }
    let named = |word: &str| Class::ALL.iter().find(|(known, _)| *known == word).map(|(_, class)| *class);
    let classes: Result<Vec<Class>, String> = list
        .split(',')
        .map(|word| {
            let known = Class::ALL.map(|(known, _)| known).join(", ");
            named(word.trim()).ok_or_else(|| format!("`{word}` is no class of parameters; there are {known}"))
        })
        .collect();
    Ok(ClassList(classes?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_all_or_a_list() {
        assert_eq!(classes("all").map(|list| list.0.len()), Ok(7));
        assert_eq!(classes("uniform,heaviest"), Ok(ClassList(vec![Class::Uniform, Class::Heaviest])));
        assert_eq!(classes_or_none("none"), Ok(ClassList(Vec::new())));
        assert_eq!(classes_or_none("missing"), Ok(ClassList(vec![Class::Missing])));
        assert!(classes("none").is_err(), "a bench without classes has no --classes");
        assert!(classes("uniform,heavy").unwrap_err().contains("`heavy` is no class of parameters; there are own, uniform"));
    }
}
