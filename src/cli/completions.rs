//! `piperoll completions SHELL`: what a shell needs to complete commands and options.

use std::io::Write;

use clap::{Args, Command};
use clap_complete::{Shell, generate};

use super::{DONE, Failure};

/// Prints the completions of a shell.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mkdir -p ~/.local/share/bash-completion/completions
  piperoll completions bash > ~/.local/share/bash-completion/completions/piperoll
  piperoll completions zsh > \"${fpath[1]}/_piperoll\"
  piperoll completions fish > ~/.config/fish/completions/piperoll.fish
  source <(piperoll completions bash)               # in this shell alone")]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs the command.
pub(super) fn run(
    args: &CompletionsArgs,
    mut command: Command,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    // Written to memory first: the generator takes a full disk for a fault of the program.
    let mut text = Vec::new();
    generate(args.shell, &mut command, "piperoll", &mut text);
    out.write_all(&text)?;
    Ok(DONE)
}
