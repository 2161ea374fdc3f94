//! `piperoll man [COMMAND]`: the manual, one page a command.

use std::io::Write;

use clap::{Args, Command};
use clap_mangen::Man;

use super::{DONE, Failure};

/// Prints a page of the manual in the form that `man` reads.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mkdir -p ~/.local/share/man/man1
  piperoll man > ~/.local/share/man/man1/piperoll.1
  piperoll man report > ~/.local/share/man/man1/piperoll-report.1
  piperoll man policy decide | man -l -")]
pub(super) struct ManArgs {
    /// The command, e.g. `report` or `policy decide`; without one the page of piperoll itself
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

/// Runs the command: 0 done, 2 there is no such command.
pub(super) fn run(
    args: &ManArgs,
    mut command: Command,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    command.build();
    let mut page = &command;
    for word in &args.command {
        page = page.find_subcommand(word).ok_or_else(|| {
            let known: Vec<&str> = page.get_subcommands().map(Command::get_name).collect();
            let help = match known.is_empty() {
                true => "it has no commands of its own".to_owned(),
                false => format!("the commands are {}", known.join(", ")),
            };
            let what = format!("`{}` has no command `{word}`", page.get_name());
            Failure::usage(what, &help)
        })?;
    }
    let mut text = Vec::new();
    let program = concat!("piperoll ", env!("CARGO_PKG_VERSION"));
    Man::new(page.clone()).source(program).render(&mut text)?;
    out.write_all(&text)?;
    Ok(DONE)
}
