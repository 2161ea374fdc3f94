//! `piperoll init`: a configuration proposed from what is there, or what has changed since.

mod proposal;
mod text;

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::load::say_unreadable;
use super::progress::Progress;
use super::settings::{self, Loaded, OwnRules, links};
use super::{DONE, Failure, INPUT};
use crate::estate::{Estate, Request};
use crate::report::visible;
use proposal::Proposal;

/// Proposes a configuration from what logs and exports hold: mounts, owners, networks, people. What
/// it proposes is confirmed by taking it out of `[proposed]`.
#[derive(Args, Debug)]
pub(super) struct InitArgs {
    /// Files, directories (recursive), globs, or `-` for standard input
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<String>,
    /// Where the configuration is written; one that is there is kept, and what has changed is said
    #[arg(short, long, value_name = "FILE", default_value = "piperoll.toml")]
    output: PathBuf,
    /// Print the proposal and write nothing
    #[arg(long)]
    stdout: bool,
    /// Refuse files that only a link out of the inputs leads to
    #[arg(long)]
    no_follow: bool,
}

/// Runs the command: 0 done, 2 a fault of the configuration that is there, 3 nothing was read.
pub(super) fn run(
    args: &InitArgs,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    let there = args.output.exists() && !args.stdout;
    let loaded = if there {
        settings::load(Some(&args.output), OwnRules::default(), err)?
    } else {
        settings::bare(OwnRules::default(), err)?
    };
    let estate = read(args, &loaded, err)?;
    let proposal = Proposal::of(&estate, &loaded.settings)?;
    if proposal.is_empty() {
        let what = "nothing in the inputs tells how the estate is set up";
        let help = "name Vault's audit log and the jobs of GitLab: `piperoll inputs` says how they are exported";
        writeln!(err, "error: {what}\n  help: {help}")?;
        return Ok(INPUT);
    }
    let name = args.output.display().to_string();
    let name = visible(&name);
    if there {
        let changes = proposal.changes(&loaded.settings);
        match changes.is_empty() {
            true => writeln!(out, "{name}: nothing has changed")?,
            false => writeln!(out, "{name} is kept; since it was written:")?,
        }
        for change in changes {
            writeln!(out, "  {}", visible(&change))?;
        }
    } else if args.stdout {
        out.write_all(text::write(&proposal).as_bytes())?;
    } else {
        let mut file = fs::OpenOptions::new();
        let file = file.write(true).create_new(true).open(&args.output);
        let written = file.and_then(|mut file| file.write_all(text::write(&proposal).as_bytes()));
        written.map_err(|error| {
            let help = "name a file in a directory that is there with -o";
            Failure::unwritten(&args.output, &error, help)
        })?;
        writeln!(out, "wrote {name}; {}", proposal.summary())?;
        writeln!(
            out,
            "  look it through and take what is right out of [proposed]: until then nothing that rests on it passes"
        )?;
    }
    Ok(DONE)
}

fn read(args: &InitArgs, loaded: &Loaded, err: &mut dyn Write) -> Result<Estate, Failure> {
    let mut nobody = ();
    let mut progress = Progress::new(&mut nobody);
    let estate = Estate::read(
        &Request {
            inputs: &args.inputs,
            except: std::slice::from_ref(&args.output),
            links: links(args.no_follow),
            settings: &loaded.settings,
            config_file: "",
            from: None,
            to: None,
            as_of: None,
        },
        &mut progress,
    );
    progress.finish(err);
    let estate = estate?;
    say_unreadable(&estate, err)?;
    Ok(estate)
}
