//! psql's own commands in a migration: what changes nothing is passed over, what needs psql is refused.

use crate::scenario::error::Fault;

/// What becomes of a line that begins with a backslash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meta {
    /// It says or shows something.
    PassedOver,
    /// `\g`: the statement ends here.
    EndsStatement,
    /// `\q`: the file ends here.
    EndsFile,
}

/// Variables of psql that say how it behaves, and nothing that is run: perflab stops at the first error whatever they say.
const OWN_VARIABLES: [&str; 9] =
    ["ON_ERROR_STOP", "QUIET", "ECHO", "ECHO_HIDDEN", "VERBOSITY", "SHOW_CONTEXT", "PROMPT1", "PROMPT2", "SHOW_ALL_RESULTS"];

/// Reads a command, from its backslash to the end of the line.
///
/// # Errors
/// Why it cannot be followed.
pub fn meta(line: &str) -> Result<Meta, Fault> {
    let mut words = line[1..].split_whitespace();
    let (command, argument) = (words.next().unwrap_or_default(), words.next());
    match command {
        "echo" | "qecho" | "warn" | "timing" | "pset" | "x" | "t" | "a" | "H" | "encoding" => Ok(Meta::PassedOver),
        "set" | "unset" => match argument {
            None => Ok(Meta::PassedOver),
            Some(name) if OWN_VARIABLES.contains(&name) => Ok(Meta::PassedOver),
            Some(name) => Err(Fault::with_help(
                format!("`\\{command} {name}` is a variable of psql's, which perflab does not fill in"),
                "write its value where it is used",
            )),
        },
        "g" if argument.is_none() => Ok(Meta::EndsStatement),
        "q" => Ok(Meta::EndsFile),
        "i" | "ir" | "include" | "include_relative" => Err(Fault::with_help(
            format!("`\\{command}` reads another file"),
            "name that file as one more FILE, in the order they are to be run",
        )),
        "c" | "connect" => Err(Fault::with_help(
            format!("`\\{command}` leads to another database, where perflab may not write"),
            "leave it out: the migration is tried on a copy of the scenario's database",
        )),
        other => Err(Fault::with_help(
            format!("`\\{other}` needs psql"),
            "write what it does as SQL; \\echo, \\timing, \\pset, \\set ON_ERROR_STOP, \\g and \\q are understood",
        )),
    }
}

#[cfg(test)]
mod tests {
    use crate::migrate::script::{Kind, Script};
    use crate::report::migration::migration;
    use crate::report::model::{AdviceRun, KeptIndex};

    #[test]
    fn what_advise_writes_is_read() {
        let index = KeptIndex {
            name: "t_a_idx".into(),
            definition: "CREATE INDEX t_a_idx ON public.t (a)".into(),
            ..KeptIndex::default()
        };
        let up = migration(&AdviceRun { keep: vec![index], ..AdviceRun::default() }).up;
        let script = Script::read(vec![("m.sql".into(), up)], false).unwrap();
        let alone: Vec<&str> =
            script.statements.iter().filter(|one| one.kind == Kind::Alone).map(|one| one.text.as_str()).collect();
        assert_eq!(alone, ["CREATE INDEX CONCURRENTLY IF NOT EXISTS t_a_idx ON public.t (a)"]);
        assert!(script.statements.iter().any(|one| one.text.starts_with("DO $check0$")), "{script:?}");
    }
}
