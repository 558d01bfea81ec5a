//! The `perflab` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    perflab::cli::main()
}
