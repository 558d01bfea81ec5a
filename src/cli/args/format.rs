//! Which command prints in which format.

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, ValueEnum};

use super::{Cli, Command};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
    // A comment of clap's on one of these would make every short help a long one.
    Html,
}

impl Cli {
    /// What was typed.
    ///
    /// # Errors
    /// What clap refuses, and a page asked of a command that makes no report.
    pub fn read() -> Result<Cli, clap::Error> {
        Cli::try_parse()?.with_a_page_to_write()
    }

    fn with_a_page_to_write(self) -> Result<Cli, clap::Error> {
        let refused = match &self.command {
            _ if self.output.format != Format::Html => None,
            Command::Run(_) | Command::Report(_) => None,
            Command::Bench(args) if args.report.is_some() => None,
            Command::Bench(_) => Some("--format html writes a report: say where with --report DIR"),
            _ => Some("--format html is for the commands that write a report: run, report, and bench with --report DIR"),
        };
        match refused {
            Some(said) => Err(Cli::command().error(ErrorKind::ArgumentConflict, said)),
            None => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split(' ')).unwrap().with_a_page_to_write()
    }

    #[test]
    fn a_page_is_of_a_report() {
        for good in
            ["report a.yaml --format html", "run a.yaml --format=html", "bench a.yaml --report x --format html", "check a.yaml"]
        {
            assert!(read(&format!("perflab {good}")).is_ok(), "{good}");
        }
        for bad in
            ["bench a.yaml --format html", "check a.yaml --format html", "--format html db start", "seed a.yaml --format html"]
        {
            let said = read(&format!("perflab {bad}")).unwrap_err().to_string();
            assert!(said.contains("--report DIR"), "{bad}: {said}");
        }
    }
}
