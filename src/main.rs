//! The command line. What the words do is in `commands`.

use clap::Parser as _;
use meterbook::commands::{self, Command};

fn main() -> std::process::ExitCode {
    commands::main(Command::parse())
}
